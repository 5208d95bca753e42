"""The technician's screens: dark, dense, readable at a metre."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Final

from kiosk.checkout.picture.parts import Brush
from kiosk.checkout.states import Tech, TechLogin
from kiosk.domain.faults import Fault, numbered
from kiosk.flow.events import LinkName, PartHealth
from kiosk.screen import Button, Headline, Icon, Keypad, Screen, Tile, Tone

_TONES = {
    PartHealth.OK: Tone.GO,
    PartHealth.DEGRADED: Tone.CARE,
    PartHealth.MUTE: Tone.STOP,
    PartHealth.GONE: Tone.STOP,
    PartHealth.ABSENT: Tone.PLAIN,
}

_TOOK: Final = re.compile(r"(\d+) ms")
_TAGS: Final = re.compile(r"(\d+)/(\d+)")  # read of those found
_WORDS: Final = {health.value: f"tech.{health.value}" for health in PartHealth} | {
    "printed": "tech.printed",
    "notstarted": "tech.notstarted",
    "printunknown": "tech.printunknown",
}

LINKS: Final = tuple(link.value for link in LinkName)


def login(brush: Brush, view: TechLogin) -> Screen:
    locked_s = 0.0 if view.asked else brush.volatile.tech_locked_s(brush.now.mono)
    keypad = Keypad(
        title=brush.say("tech.pin_title"), enter="tech.pin", enter_text=brush.say("card.pin_enter"), digits_max=12
    )
    return brush.screen(
        "tech_login",
        headline=Headline(
            text=brush.say("tech.login"),
            sub=_login_sub(brush, view, locked_s),
        ),
        keypad=keypad if view.card and not locked_s else None,
        secondary=(brush.button("tech.exit", "tech.exit", Icon.BACK),),
        dark=True,
    )


def _login_sub(brush: Brush, view: TechLogin, locked_s: float) -> str:
    if locked_s:
        return brush.say("tech.locked", minutes=math.ceil(locked_s / 60))
    if view.refused:
        return brush.say("tech.refused")
    return "" if view.card else brush.say("tech.card")


def overview(brush: Brush, view: Tech) -> Screen:
    if view.part:
        return _part(brush, view)
    return brush.screen(
        "tech",
        who=view.name,
        headline=Headline(
            text=brush.say("tech.title"), sub=f"{brush.desk.device} · {brush.both(brush.desk.place_name)}"
        ),
        tiles=_tiles(brush, view),
        notes=(_queue(brush),),
        primary=Button(id="tech.test", text=brush.say("tech.test_all"), icon=Icon.WRENCH),
        secondary=(brush.button("tech.exit", "tech.exit", Icon.BACK),),
        dark=True,
    )


def _tiles(brush: Brush, view: Tech) -> tuple[Tile, ...]:
    names = (*brush.volatile.parts, *LINKS)
    return tuple(replace(_tile(brush, view, name), button=f"tech.part:{name}") for name in names)


def _queue(brush: Brush) -> str:
    if not brush.volatile.queue:
        return brush.say("tech.queue_none")
    minutes, seconds = divmod(int(brush.volatile.queue_oldest_s), 60)
    return brush.say("tech.queue", n=brush.volatile.queue, age=f"{minutes}:{seconds:02d}")


def _tile(brush: Brush, view: Tech, name: str) -> Tile:
    fault, tested = _fault(brush, name), view.tests.get(name)
    numbers = " · ".join(filter(None, (fault.code if fault else "", _measured(brush, tested[1]) if tested else "")))
    return Tile(
        id=name,
        name=_name(brush, name),
        word=_word(brush, name),
        number="\n".join(filter(None, (numbers, _since(brush, name)))),
        tone=_tone(brush, name) if tested is None or tested[0] else Tone.STOP,
    )


def _measured(brush: Brush, numbers: str) -> str:
    """What a self-test measured, in the technician's language; the code of a fault stays as the manual has it."""
    return " · ".join(_figure(brush, text) for text in numbers.split(" · "))


def _figure(brush: Brush, text: str) -> str:
    if found := _TOOK.fullmatch(text):
        return brush.say("tech.took", ms=found[1])
    if found := _TAGS.fullmatch(text):
        return brush.say("tech.tags", read=found[1], found=found[2])
    return brush.say(_WORDS[text]) if text in _WORDS else text


def _health(brush: Brush, name: str) -> PartHealth:
    links = brush.volatile.links
    if name in LINKS:
        return PartHealth.OK if (links.gateway if name == LinkName.GATEWAY else links.ils) else PartHealth.GONE
    return brush.volatile.parts.get(name, PartHealth.ABSENT)


def _fault(brush: Brush, name: str) -> Fault | None:
    condition = brush.volatile.conditions.get(name)
    return numbered(condition.fault) if condition else None


def _tone(brush: Brush, name: str) -> Tone:
    health = _health(brush, name)
    return Tone.CARE if health is PartHealth.OK and _fault(brush, name) else _TONES[health]


def _word(brush: Brush, name: str) -> str:
    """What answers well may still need a hand: a printer without paper."""
    health = _health(brush, name)
    return brush.say("tech.warn" if health is PartHealth.OK and _fault(brush, name) else f"tech.{health.value}")


def _since(brush: Brush, name: str) -> str:
    condition = brush.volatile.conditions.get(name)
    if condition is None or condition.health is PartHealth.ABSENT:
        return ""
    at = brush.local_at(condition.since_ms)
    time = at.strftime("%H:%M")
    if at.date() != brush.local().date():
        time = f"{brush.day(at.date().isoformat())} {time}"
    return brush.say("tech.since", time=time)


def _name(brush: Brush, part: str) -> str:
    key = f"tech.part.{part}"
    return brush.say(key) if key in brush.sentences else part


def _part(brush: Brush, view: Tech) -> Screen:
    """One part or link: how it is, since when, what to do about it, and what passed over its wire."""
    name, fault = view.part, _fault(brush, view.part)
    what = f"{fault.code} · {brush.both((fault.zh, fault.en))}" if fault else _word(brush, name)
    link, back = name in LINKS, brush.button("tech.overview", "tech.overview", Icon.BACK)
    test = Button(id=f"tech.test:{name}", text=brush.say("tech.test"), icon=Icon.WRENCH)
    restart = brush.button(f"tech.restart:{name}", "tech.restart_part", Icon.RENEW)
    return brush.screen(
        "tech_part",
        who=view.name,
        headline=Headline(text=_name(brush, name), sub=what),
        tiles=(_tile(brush, view, name),),
        notes=(brush.both((fault.do_zh, fault.do_en)),) if fault else (),
        lines=view.wire,
        hint=brush.say("tech.wire") if view.wire else "",
        primary=back if link else test,
        secondary=(brush.button("tech.exit", "tech.exit", Icon.CROSS),) if link else (restart, back),
        dark=True,
    )
