"""What the samples share."""

from __future__ import annotations

from dataclasses import replace

from kiosk.screen import (
    Button,
    Icon,
    Person,
    Screen,
    Steps,
)

LIBRARY = ("大学图书馆", "University Library")


def t(lang: str, zh: str, en: str) -> str:
    return zh if lang == "zh" else en


def dock(lang: str) -> tuple[Button, ...]:
    return (
        Button(id="dock.language", text=t(lang, "English", "中文"), icon=Icon.LANGUAGE),
        Button(id="dock.large", text=t(lang, "大字", "Text"), icon=Icon.LARGE),
        Button(id="dock.contrast", text=t(lang, "对比", "Contrast"), icon=Icon.CONTRAST),
        Button(id="dock.low", text=t(lang, "低位", "Reach"), icon=Icon.REACH),
        Button(id="dock.help", text=t(lang, "帮助", "Help"), icon=Icon.HELP),
    )


def steps(lang: str, now: int) -> Steps:
    return Steps(names=("刷卡", "放书", "完成") if lang == "zh" else ("Card", "Books", "Done"), now=now)


def call(lang: str) -> Button:
    return Button(id="staff.call", text=t(lang, "呼叫工作人员", "Call staff"), icon=Icon.BELL)


def person(lang: str) -> Person:
    return Person(
        name=t(lang, "王*明", "Wang M**"),
        kind=t(lang, "智盟卡 · 访问读者", "Zhimeng Card · visitor"),
        label=t(lang, "还可借", "You can borrow"),
        value=t(lang, "7 册", "7"),
    )


def screen(lang: str, name: str, **fields: object) -> Screen:
    base = Screen(turn=1, name=name, lang=lang, library=LIBRARY, dock=dock(lang))
    return replace(base, **fields)  # type: ignore[arg-type]  # fields of Screen, named by the caller
