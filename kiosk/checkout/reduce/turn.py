"""The state of one turn while it is being decided: read with attributes, changed by returning another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from kiosk.checkout.policy import Desk
from kiosk.checkout.reduce.fold import evolve
from kiosk.checkout.states import Durable, Task, View, Visit, Volatile
from kiosk.flow.step import Draft, Now, Private, Step, WakeAt
from kiosk.screen import Sentences


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """`durable` already contains `records`; nothing of it has happened until the runtime has committed them."""

    desk: Desk
    sentences: Sentences
    now: Now
    durable: Durable
    volatile: Volatile
    records: tuple[Draft, ...] = ()
    commands: tuple[Any, ...] = ()

    def write(self, *drafts: Draft) -> Turn:
        """Adds records and folds them in."""
        durable = self.durable
        for draft in drafts:
            durable = evolve(durable, draft.intent if isinstance(draft, Private) else draft)
        return replace(self, durable=durable, records=self.records + drafts)

    def do(self, *commands: Any) -> Turn:
        return replace(self, commands=self.commands + commands)

    def know(self, **changes: Any) -> Turn:
        """Changes volatile state."""
        return replace(self, volatile=replace(self.volatile, **changes))

    def visit(self, **changes: Any) -> Turn:
        """Changes the running visit."""
        assert self.volatile.visit is not None, "no visit to change"
        return self.know(visit=replace(self.volatile.visit, **changes))

    def view(self, view: View) -> Turn:
        """Shows another view of the running visit; help that lay over the last one goes with it, and so does a passing
        remark about it."""
        return self.visit(view=view, view_since=self.now.mono, helping=False, notice="")

    def task(self, task: Task, **changes: Any) -> Turn:
        """Puts a task, changed, back among the others."""
        return self.know(tasks={**self.volatile.tasks, task.id: replace(task, **changes)})

    def wake(self, name: str, at: float | None) -> Turn:
        return self.do(WakeAt(name=name, at=at))

    def corr(self, what: str) -> tuple[Turn, str]:
        """Mints the correlation of a read; unique within a run."""
        n = self.volatile.asked + 1
        return self.know(asked=n), f"{what}:{n}"

    @property
    def here(self) -> Visit:
        assert self.volatile.visit is not None, "no visit"
        return self.volatile.visit

    def step(self) -> Step[Volatile]:
        return Step(volatile=self.volatile, records=self.records, commands=self.commands)
