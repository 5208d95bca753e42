"""The technician at the machine."""

from __future__ import annotations

from kiosk.checkout.gallery.stage import CARD, Stage, asked
from kiosk.checkout.paper import Moment, card
from kiosk.flow.devices import PartTested, QueueCounted, TechnicianKnown, TechnicianRefused, WireLines
from kiosk.flow.events import PartChanged, PartHealth, Touched
from kiosk.flow.orders import CheckTechnician
from kiosk.screen import Touch


def tech_login(stage: Stage) -> Moment:
    return stage.hear(stage.begin(), Touched(touch=Touch(turn=0, button="tech.enter")))


def tech_pin(stage: Stage) -> Moment:
    return stage.hear(tech_login(stage), card(CARD))


def tech_refused(stage: Stage) -> Moment:
    moment = stage.touch(tech_pin(stage), "tech.pin", text="0")
    return stage.paper.reply(moment, asked(moment, CheckTechnician)[0], TechnicianRefused())


def tech(stage: Stage) -> Moment:
    moment = stage.touch(tech_pin(stage), "tech.pin", text="0")
    moment = stage.paper.reply(moment, asked(moment, CheckTechnician)[0], TechnicianKnown(name="张*"))
    tests = (
        PartTested(part="pad", ok=True, numbers="5/5 · 23 ms"),
        PartTested(part="printer", ok=False, numbers="cover open"),
    )
    return stage.hear(
        moment, *tests, QueueCounted(waiting=12, oldest_s=754.0), PartChanged(part="printer", health=PartHealth.MUTE)
    )


def tech_part(stage: Stage) -> Moment:
    lines = tuple(f"10:40:0{n} > 05 00 B0 01 00 {n:02X} AE 3F" for n in range(6))
    return stage.hear(stage.touch(tech(stage), "tech.part:pad"), WireLines(part="pad", lines=lines))
