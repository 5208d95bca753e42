"""The technician's screens: dark, dense, readable at a metre."""

from __future__ import annotations

from kiosk.checkout.picture.parts import Brush
from kiosk.checkout.states import Tech, TechLogin
from kiosk.flow.events import PartHealth
from kiosk.screen import Button, Headline, Icon, Keypad, Screen, Tile, Tone

_TONES = {
    PartHealth.OK: Tone.GO,
    PartHealth.DEGRADED: Tone.CARE,
    PartHealth.MUTE: Tone.STOP,
    PartHealth.GONE: Tone.STOP,
    PartHealth.ABSENT: Tone.PLAIN,
}


def login(brush: Brush, view: TechLogin) -> Screen:
    keypad = Keypad(
        title=brush.say("tech.pin_title"), enter="tech.pin", enter_text=brush.say("card.pin_enter"), digits_max=12
    )
    return brush.screen(
        "tech_login",
        headline=Headline(
            text=brush.say("tech.login"),
            sub=brush.say("tech.refused") if view.refused else brush.say("tech.card") if not view.card else "",
        ),
        keypad=keypad if view.card else None,
        secondary=(brush.button("tech.exit", "tech.exit", Icon.BACK),),
        dark=True,
    )


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
    links = brush.volatile.links
    parts = [_tile(brush, view, part, health) for part, health in brush.volatile.parts.items()]
    return (*parts, _link(brush, "gateway", links.gateway), _link(brush, "ils", links.ils))


def _queue(brush: Brush) -> str:
    minutes, seconds = divmod(int(brush.volatile.queue_oldest_s), 60)
    return brush.say("tech.queue", n=brush.volatile.queue, age=f"{minutes}:{seconds:02d}")


def _tile(brush: Brush, view: Tech, part: str, health: PartHealth) -> Tile:
    tested = view.tests.get(part)
    return Tile(
        id=part,
        name=_name(brush, part),
        word=brush.say(f"tech.{health.value}"),
        number=tested[1] if tested else "",
        tone=_TONES[health] if tested is None or tested[0] else Tone.STOP,
        button=f"tech.part:{part}",
    )


def _link(brush: Brush, name: str, up: bool) -> Tile:
    health = PartHealth.OK if up else PartHealth.GONE
    return Tile(id=name, name=_name(brush, name), word=brush.say(f"tech.{health.value}"), tone=_TONES[health])


def _name(brush: Brush, part: str) -> str:
    key = f"tech.part.{part}"
    return brush.say(key) if key in brush.sentences else part


def _part(brush: Brush, view: Tech) -> Screen:
    health = brush.volatile.parts.get(view.part, PartHealth.ABSENT)
    tested = view.tests.get(view.part)
    return brush.screen(
        "tech_part",
        who=view.name,
        headline=Headline(text=_name(brush, view.part), sub=brush.say(f"tech.{health.value}")),
        tiles=(_tile(brush, view, view.part, health),),
        notes=(tested[1],) if tested else (),
        lines=view.wire,
        hint=brush.say("tech.wire"),
        primary=Button(id=f"tech.test:{view.part}", text=brush.say("tech.test"), icon=Icon.WRENCH),
        secondary=(
            brush.button(f"tech.restart:{view.part}", "tech.restart_part", Icon.RENEW),
            brush.button("tech.overview", "tech.overview", Icon.BACK),
        ),
        dark=True,
    )
