"""The front of the reducer: one event in, one Step out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kiosk.checkout import picture
from kiosk.checkout.policy import Desk
from kiosk.checkout.reduce import condition, items, recover, tasks, tech, visit
from kiosk.checkout.reduce.fold import evolve
from kiosk.checkout.reduce.turn import Turn
from kiosk.checkout.states import Durable, Volatile
from kiosk.flow.step import Now, Step
from kiosk.messages.records import Body
from kiosk.screen import Screen, Sentences

__all__ = ["CheckoutReducer", "evolve"]

# Each room answers the events it knows and gives the turn back unchanged otherwise; all of them see each event.
_ROOMS = (items.hear, tasks.hear, recover.hear, visit.hear, condition.hear, tech.hear)


@dataclass(frozen=True, slots=True)
class CheckoutReducer:
    """One self-checkout machine as a pure function (kiosk.flow.step.Reducer)."""

    desk: Desk
    sentences: Sentences

    def decide(self, durable: Durable, volatile: Volatile, event: Any, now: Now) -> Step[Volatile]:
        turn = Turn(desk=self.desk, sentences=self.sentences, now=now, durable=durable, volatile=volatile)
        for hear in _ROOMS:
            turn = hear(turn, event)
        return tasks.settle(turn).step()

    def evolve(self, durable: Durable, body: Body) -> Durable:
        return evolve(durable, body)

    def picture(self, durable: Durable, volatile: Volatile, now: Now) -> Screen:
        return picture.picture(self.desk, self.sentences, durable, volatile, now)
