"""What a technician sees."""

from __future__ import annotations

from kiosk.screen import (
    Banner,
    Button,
    Diagram,
    Headline,
    Icon,
    Mark,
    Screen,
    Shape,
    Tile,
    Tone,
)
from tests.ui.gallery.parts import screen, t


def technician(lang: str) -> Screen:
    def tile(id: str, zh: str, en: str, word: tuple[str, str], number: tuple[str, str], tone: Tone = Tone.GO) -> Tile:
        return Tile(
            id=id, name=t(lang, zh, en), word=t(lang, *word), number=t(lang, *number), tone=tone, button=f"tech.{id}"
        )

    good = ("正常", "Pass")
    return screen(
        lang,
        "tech.overview",
        dark=True,
        clock="08:42",
        dock=(),
        headline=Headline(
            text=t(lang, "硬件自检", "Hardware self-test"),
            sub=t(lang, "自助借书机 03 · 一层大厅", "Self-checkout 03 · 1F hall"),
        ),
        tiles=(
            tile("pad", "感应区", "Pad", good, ("23 ms · 5 签", "23 ms · 5 tags")),
            tile("card", "读卡器", "Card reader", good, ("PN532 · 12 ms", "PN532 · 12 ms")),
            tile(
                "receipt",
                "凭条机",
                "Receipt printer",
                ("纸将尽", "Paper low"),
                ("约剩 40 张", "About 40 left"),
                Tone.CARE,
            ),
            tile("barcode", "扫码窗", "Barcode window", good, ("今日 96 次", "96 today")),
            tile("ils", "馆务系统", "Library system", ("在线", "Online"), ("往返 86 ms", "86 ms round trip")),
            tile(
                "uplink",
                "消息上联",
                "Uplink",
                ("断开 4 分", "Down 4 min"),
                ("已缓存 17 笔", "17 records held"),
                Tone.STOP,
            ),
            tile("journal", "本地账本", "Journal", good, ("0 笔待定", "0 open")),
            tile("touch", "触屏", "Touchscreen", good, ("延迟 38 ms", "38 ms")),
        ),
        banner=Banner(
            text=t(lang, "消息上联断开：网关不应答", "Uplink down: the gateway does not answer"),
            sub=t(
                lang,
                "借还照常，17 笔存在本机。先看：机柜网线灯亮不亮。",
                "Lending goes on, 17 records are held here. First: is the cabinet's network light on?",
            ),
            tone=Tone.STOP,
            icon=Icon.BANG,
        ),
        primary=Button(id="tech.reconnect", text=t(lang, "灯亮着，重连上联", "Light is on: reconnect")),
        secondary=(
            Button(id="tech.wire", text=t(lang, "看线路", "Wires"), icon=Icon.WRENCH),
            Button(id="tech.exit", text=t(lang, "退出", "Exit"), icon=Icon.BACK),
        ),
        reference="0.4.0",
        speech="",
    )


def wire(lang: str) -> Screen:
    return screen(
        lang,
        "tech.wire",
        dark=True,
        clock="08:42",
        dock=(),
        headline=Headline(text=t(lang, "线路：感应区", "Wire: pad")),
        diagram=Diagram(
            w_mm=300,
            h_mm=110,
            shapes=(
                Shape(id="a1", x_mm=0, y_mm=0, w_mm=146, h_mm=50, label="A1", tone=Tone.GO, fill=0.8),
                Shape(id="a2", x_mm=154, y_mm=0, w_mm=146, h_mm=50, label="A2", tone=Tone.GO, fill=0.7),
                Shape(id="a3", x_mm=0, y_mm=58, w_mm=146, h_mm=50, label="A3", tone=Tone.GO, fill=0.75),
                Shape(
                    id="a4",
                    x_mm=154,
                    y_mm=58,
                    w_mm=146,
                    h_mm=50,
                    label=t(lang, "A4 偏弱", "A4 weak"),
                    tone=Tone.CARE,
                    fill=0.3,
                ),
            ),
            marks=(
                Mark(id="m1", x_mm=60, y_mm=14, mm_per_s=0, label="81A"),
                Mark(id="m2", x_mm=250, y_mm=96, mm_per_s=0, label="2B6", tone=Tone.CARE),
            ),
        ),
        lines=(
            "→ 02 FF 00 07 B0 01 00 00 16 8C",
            "← 02 00 1E B0 83 03 00 01 E0 04 01 53 84 85 D2 56 00 3F 7A",
            "→ 02 FF 00 09 B0 23 00 00 08 41 2E",
            "← 02 00 2C B0 00 08 04 00 11 03 01 4E 4C 01 01 01 41 57 45 00 00 00 61",
            "! 08:41:52.310 no answer in 250 ms, asked again",
            "→ 02 FF 00 07 B0 01 00 00 16 8C",
        ),
        primary=Button(id="tech.test", text=t(lang, "试读一册", "Read one book")),
        secondary=(Button(id="tech.back", text=t(lang, "返回", "Back"), icon=Icon.BACK),),
    )
