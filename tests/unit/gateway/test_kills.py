"""The gateway dies at every single step it takes, and starts again: nothing is lost, nothing happens twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import update

from kiosk.domain import ItemBarcode, PatronId
from kiosk.gateway.audit import Audit, audit
from kiosk.gateway.keeper import Keeper
from kiosk.ledger.schema import effects
from kiosk.messages.asks import EffectGranted
from kiosk.messages.records import Intent, Op, Outcome
from tests.unit.gateway.rig import BOOK, OTHER, READER, SECOND, DemoBooks, Fuse, Machine, Site, told

MINE = ItemBarcode("D1000004")  # on loan to READER
ALSO_MINE = ItemBarcode("D1000015")  # on loan to READER
THIRD = ItemBarcode("D1000003")
STRIDE = 37
"""Every so manieth step in the fast set; all of them in the slow one."""


class Told:
    """A machine that does what machines do: asks, waits, decides, writes, and tells until it has its receipt."""

    def __init__(self, site: Site, machine: Machine) -> None:
        self.site = site
        self.machine = machine

    def revive(self) -> None:
        """The gateway's service manager starts it again within a second."""
        if self.site.fuse.blown:
            self.site.run(1)
            self.site.restart()
            self.site.run(0.5)
            for machine in self.site.machines.values():
                machine.birth()

    def lend(self, item: ItemBarcode, patron: PatronId = READER, *, keep: bool = True) -> None:
        intent = self.machine.intent(item=item, patron=patron)
        self.machine.write(intent)
        answer = self._ask(intent, tries=1)
        taken = keep and isinstance(answer, EffectGranted)
        self.machine.final(intent, Outcome.DELIVERED if taken else Outcome.CANCELLED)
        self.tell()

    def take_back(self, item: ItemBarcode) -> None:
        intent = self.machine.intent(Op.CHECKIN, item)
        self.machine.write(intent)
        answer = self._ask(intent, tries=3)
        self.machine.final(intent, Outcome.RETURNED, offline=answer is None)
        self.tell()

    def renew(self, item: ItemBarcode, due: str) -> None:
        intent = self.machine.intent(Op.RENEW, item, due_before=due)
        self.machine.write(intent)
        granted = isinstance(self._ask(intent, tries=3), EffectGranted)
        self.machine.final(intent, Outcome.DELIVERED if granted else Outcome.CANCELLED)
        self.tell()

    def tell(self) -> None:
        for _ in range(5):
            if self.machine.through < len(self.machine.journal):
                self.machine.flush()
            self.revive()

    def _ask(self, intent: Intent, tries: int) -> object:
        for _ in range(tries):
            answer = self.machine.ask_effect(intent, answer_s=6, run=0)
            for _ in range(12):
                self.site.run(0.5)
                self.revive()
                answer = self.machine.answer(intent.key)
                if answer is not None:
                    return answer
        return None


def story(site: Site) -> list[Machine]:
    """A day in a library: lend, change one's mind, take back, renew, an outage on two machines."""
    kiosk, second = site.machine("kiosk-1"), site.machine("kiosk-2")
    at, there = Told(site, kiosk), Told(site, second)
    kiosk.birth()
    second.birth()
    at.revive()
    at.lend(BOOK)
    at.lend(SECOND, keep=False)
    at.take_back(MINE)
    at.renew(ALSO_MINE, "2026-12-12")
    kiosk.birth(online=False)
    second.birth(online=False)
    at.revive()
    kiosk.offline(Op.CHECKIN, BOOK)
    site.run(120)
    second.offline(Op.CHECKOUT, BOOK, OTHER)
    second.offline(Op.CHECKOUT, THIRD, OTHER)
    site.run(600)
    at.revive()
    second.birth()
    there.tell()
    kiosk.birth()
    at.tell()
    for _ in range(8):
        site.run(15)
        at.revive()
        at.tell()
        there.tell()
    return [kiosk, second]


def audited(site: Site, machines: list[Machine]) -> list[Audit]:
    return [audit([told(machine)], site.ledger, DemoBooks(site.audit)) for machine in machines]


def killed_at(tmp_path: Path, step: int) -> tuple[Site, list[Machine]]:
    site = Site(tmp_path, fuse=Fuse(at=step)) if step else Site(tmp_path)
    return site, story(site)


def check(tmp_path: Path, step: int) -> None:
    site, machines = killed_at(tmp_path, step)
    try:
        judge(site, machines, step)
    finally:
        site.close()


def judge(site: Site, machines: list[Machine], step: int) -> None:
    for found in audited(site, machines):
        assert (found.lost, found.doubled, found.unsettled, found.pending) == ((), (), (), ()), f"killed at step {step}"
    assert site.borrower(BOOK) == OTHER
    assert site.borrower(THIRD) == OTHER
    assert site.borrower(SECOND) is None
    assert site.borrower(MINE) is None
    assert site.done(ALSO_MINE).count("renew") <= 1
    assert [kind for kind in site.kinds() if kind != "renewal_stands"] == []


def test_without_a_kill_the_day_ends_right(tmp_path: Path) -> None:
    check(tmp_path, 0)


def steps(tmp_path: Path) -> tuple[int, int]:
    """The first step after opening, and the last of the day."""
    site = Site(tmp_path)
    first = site.fuse.count + 1
    story(site)
    last = site.fuse.count
    site.close()
    return first, last


def test_a_kill_at_any_step_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    first, last = steps(tmp_path / "count")
    for step in range(first, last, STRIDE):
        check(tmp_path / str(step), step)


@pytest.mark.slow
def test_a_kill_at_every_step_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    first, last = steps(tmp_path / "count")
    for step in range(first, last):
        check(tmp_path / str(step), step)


def test_a_restart_that_forgets_what_was_under_way_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mutant: rows left in the middle of a message are taken as never begun."""

    forget = update(effects).where(effects.c.state == "attempting").values(state="new", attempts=0, done_ms=0)

    def recover(self: Keeper) -> None:
        self._parts.ledger.run(lambda tx: tx.run(forget))

    monkeypatch.setattr(Keeper, "_recover", recover)
    places = Site(tmp_path / "count")
    story(places)
    sent = [n for n, place in enumerate(places.fuse.places, start=1) if place in ("after 11", "after 29")]
    places.close()
    assert any(shown(tmp_path / str(step), step) for step in sent)


def shown(tmp_path: Path, step: int) -> bool:
    site, machines = killed_at(tmp_path, step)
    found = audited(site, machines)
    site.close()
    return any(one.lost or one.doubled for one in found)
