"""The technician's way in and what can be done there. Never reached by chance: a long hidden press, card, then PIN."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from kiosk.checkout.policy import Service
from kiosk.checkout.reduce import session
from kiosk.checkout.reduce.turn import Turn
from kiosk.checkout.states import TECH_LOCK_S, TECH_TRIES_MAX, AtPad, Declined, Help, Tech, TechLogin, WaitCard
from kiosk.domain.faults.desk import TECHNICIAN_LOCKED, TECHNICIAN_REFUSED
from kiosk.flow.devices import CardShown, PartTested, TechnicianKnown, TechnicianRefused, WireLines
from kiosk.flow.events import LinkName, PartChanged
from kiosk.flow.orders import CheckTechnician, RestartPart, ShowWire, TestPart
from kiosk.flow.step import Report
from kiosk.messages.records import Noted
from kiosk.screen import Touch

LINKS: Final = frozenset(link.value for link in LinkName)


def hear(turn: Turn, event: object) -> Turn:
    visit = turn.volatile.visit
    if visit is None:
        return turn
    match visit.view, event:
        case TechLogin(), CardShown() if turn.volatile.tech_locked_s(turn.now.mono):
            return turn
        case TechLogin(), CardShown(card=card) if not turn.volatile.card_stale:
            return session.show(turn, TechLogin(card=card))
        case TechLogin(card=card, asked=True), TechnicianKnown(name=name) if card:
            noted = Noted(what="technician_in", at_ms=turn.now.wall_ms)
            return session.show(turn, Tech(name=name)).know(tech_tries=()).write(noted)
        case TechLogin(asked=True), TechnicianRefused():
            fault = TECHNICIAN_LOCKED if turn.volatile.tech_locked_s(turn.now.mono) else TECHNICIAN_REFUSED
            return session.show(turn, TechLogin(refused=True)).do(Report(what=fault.name, fault=fault.number))
        case Tech() as tech, PartTested(part=part, ok=ok, numbers=numbers):
            turn = turn.visit(view=replace(tech, tests={**tech.tests, part: (ok, numbers)}))
            return turn.do(ShowWire(part=part)) if part == tech.part else turn  # what the test said and heard
        case Tech() as tech, PartChanged(part=part):  # what was tested is not what is there
            return turn.visit(view=replace(tech, tests={name: t for name, t in tech.tests.items() if name != part}))
        case Tech() as tech, WireLines(part=part, lines=lines) if part == tech.part:
            return turn.visit(view=replace(tech, wire=lines))
        case _:
            return turn


def touched(turn: Turn, touch: Touch) -> Turn:
    """Buttons whose id begins with "tech."."""
    visit = turn.volatile.visit
    if touch.button == "tech.enter":
        if visit is None:
            return session.begin(turn, TechLogin(), Service.CHECKOUT)
        nobody = visit.reader is None and isinstance(visit.view, WaitCard | AtPad | Declined | Help)
        return session.show(turn, TechLogin()) if nobody else turn
    if visit is None:
        return turn
    turn = session.stir(turn)
    match visit.view:
        case TechLogin(card=card, asked=False) if touch.button == "tech.pin" and card and touch.text:
            return _try(turn, card, touch.text)
        case TechLogin() | Tech() if touch.button == "tech.exit":
            return session.end(turn)
        case Tech() as tech:
            return _inside(turn, tech, touch.button)
        case _:
            return turn


def _try(turn: Turn, card: str, pin: str) -> Turn:
    """A try counts when it is made: who leaves before the answer has tried all the same."""
    if turn.volatile.tech_locked_s(turn.now.mono):
        return turn
    recent = [at for at in turn.volatile.tech_tries if turn.now.mono - at < TECH_LOCK_S]
    tries = (*recent, turn.now.mono)[-TECH_TRIES_MAX:]
    return turn.know(tech_tries=tries).view(TechLogin(card=card, asked=True)).do(CheckTechnician(card=card, pin=pin))


def _inside(turn: Turn, tech: Tech, button: str) -> Turn:
    action, _, part = button.removeprefix("tech.").partition(":")
    match action:
        case "part" if part in LINKS:
            return turn.visit(view=replace(tech, part=part, wire=()))
        case "part" if part in turn.volatile.parts:
            return turn.visit(view=replace(tech, part=part, wire=())).do(ShowWire(part=part))
        case "overview":
            return turn.visit(view=replace(tech, part="", wire=()))
        case "test" if part in turn.volatile.parts:
            return turn.do(TestPart(part=part))
        case "test":
            return turn.do(*(TestPart(part=name) for name in turn.volatile.parts))
        case "restart" if part in turn.volatile.parts:
            noted = Noted(what="part_restarted", detail=part, at_ms=turn.now.wall_ms)
            return turn.write(noted).do(RestartPart(part=part))
        case _:
            return turn
