"""The technician at the machine."""

from __future__ import annotations

from kiosk.checkout.gallery.stage import CARD, Stage, asked
from kiosk.checkout.paper import Moment, card
from kiosk.flow.devices import PartTested, QueueCounted, TechnicianKnown, TechnicianRefused, WireLines
from kiosk.flow.events import LinkChanged, LinkName, PartChanged, PartHealth, Touched
from kiosk.flow.orders import CheckTechnician
from kiosk.screen import Touch


def tech_login(stage: Stage) -> Moment:
    return stage.hear(stage.begin(), Touched(touch=Touch(turn=0, button="tech.enter")))


def tech_pin(stage: Stage) -> Moment:
    return stage.hear(tech_login(stage), card(CARD))


def tech_refused(stage: Stage) -> Moment:
    moment = stage.touch(tech_pin(stage), "tech.pin", text="0")
    return stage.paper.reply(moment, asked(moment, CheckTechnician)[0], TechnicianRefused())


def tech_locked(stage: Stage) -> Moment:
    """Three tries in one sitting."""
    moment = tech_refused(stage)
    for _ in range(2):
        moment = stage.touch(stage.hear(moment, card(CARD)), "tech.pin", text="0")
        moment = stage.paper.reply(moment, asked(moment, CheckTechnician)[0], TechnicianRefused())
    return moment


def tech(stage: Stage) -> Moment:
    moment = stage.touch(tech_pin(stage), "tech.pin", text="0")
    moment = stage.paper.reply(moment, asked(moment, CheckTechnician)[0], TechnicianKnown(name="张*"))
    tests = (
        PartTested(part="pad", ok=True, numbers="5/5 · 23 ms"),
        PartTested(part="card", ok=True, numbers="ok · 4 ms"),
    )
    mute = PartChanged(part="printer", health=PartHealth.MUTE)
    noisy = PartChanged(part="scanner", health=PartHealth.DEGRADED, code="noise")
    return stage.hear(moment, *tests, QueueCounted(waiting=12, oldest_s=754.0), mute, noisy)


def tech_part(stage: Stage) -> Moment:
    lines = tuple(f"{'<>'[n % 2]} {12.04 + n / 50:9.3f}  02 00 08 FF B0 01 00 {n:02X}  ........" for n in range(12))
    return stage.hear(stage.touch(tech(stage), "tech.part:pad"), WireLines(part="pad", lines=lines))


def tech_fault(stage: Stage) -> Moment:
    return stage.touch(tech(stage), "tech.part:printer")


def tech_link(stage: Stage) -> Moment:
    away = LinkChanged(link=LinkName.ILS, up=False)
    return stage.touch(stage.hear(tech(stage), away), "tech.part:ils")
