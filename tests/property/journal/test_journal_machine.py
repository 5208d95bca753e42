"""Any mixture of appends, receipts, quiet moments, ends and crashes: what was acknowledged stays, in order."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from drivers.clock import VirtualHub
from kiosk.journal import Entry, Outbox, verify
from kiosk.messages.records import Body, Booted, Final, Intent, Noted
from tests.unit.journal.books import final, granted, intent, noted, open_journal

BATCH_MAX = 5


class JournalMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.directory = Path(tempfile.mkdtemp(prefix="journal-"))
        self.path = self.directory / "journal.db"
        self.hub = VirtualHub()
        self.journal = open_journal(self.path, clock=self.hub)
        self.outbox = Outbox(self.path)
        self.entries: list[Entry] = []
        self.kept_watermark = 0
        self.minted = 0

    def teardown(self) -> None:
        self.outbox.close()
        self.journal.close()
        report = verify(self.path)
        assert report.good
        assert (report.last_seq, report.head) == self.last
        shutil.rmtree(self.directory)

    @property
    def last(self) -> tuple[int, str]:
        return (self.entries[-1].seq, self.entries[-1].hash) if self.entries else (0, "0" * 64)

    @property
    def open_intents(self) -> tuple[Intent, ...]:
        ended = {body.key for body in self.bodies if isinstance(body, Final)}
        return tuple(body for body in self.bodies if isinstance(body, Intent) and body.key not in ended)

    @property
    def bodies(self) -> list[Body]:
        return [entry.record.body for entry in self.entries]

    @rule(kinds=st.lists(st.sampled_from(["mint", "grant", "end", "note"]), max_size=BATCH_MAX))
    def append(self, kinds: list[str]) -> None:
        batch: list[Body] = []
        still_open = list(self.open_intents)
        for kind in kinds:
            if kind == "mint":
                self.minted += 1
                still_open.append(intent(self.minted, item=f"i{self.minted % 4}", pseudonym=f"p{self.minted % 3}"))
                batch.append(still_open[-1])
            elif kind == "note" or not still_open:
                batch.append(noted(len(batch)))
            else:
                n = int(still_open[0].key.rsplit("-", 1)[1])
                batch.append(granted(n) if kind == "grant" else final(n, item=still_open.pop(0).item))
        self.entries += self.journal.append(batch)
        if batch:
            self.kept_watermark = self.journal.watermark

    @precondition(lambda self: self.entries)
    @rule(part=st.floats(0, 1))
    def receipt(self, part: float) -> None:
        before = self.journal.watermark
        entry = self.entries[int(part * (len(self.entries) - 1))]
        self.journal.receipt(entry.seq, entry.hash, int(self.hub.wall() * 1000))
        assert self.journal.watermark == max(before, entry.seq)

    @rule(seconds=st.floats(0, 100))
    def time_passes(self, seconds: float) -> None:
        self.hub.run(self.hub.now() + seconds)

    @rule(by_s=st.floats(-1e6, 1e6))
    def somebody_sets_the_clock(self, by_s: float) -> None:
        known = self.journal.gateway_ms() or 0
        self.hub.set_wall(self.hub.wall() + by_s)
        if by_s >= 0:
            assert (self.journal.gateway_ms() or 0) >= known

    @rule()
    def quiet_moment(self) -> None:
        self.journal.checkpoint()
        self.kept_watermark = self.journal.watermark

    @rule()
    def restart(self) -> None:
        self.journal.close()
        self.kept_watermark = self.journal.watermark
        self._start(clean=True)

    @rule()
    def crash(self) -> None:
        told = self.journal.watermark
        self.journal._let_go()
        self._start(clean=False)
        assert self.kept_watermark <= self.journal.watermark <= told, "a receipt may be lost, but not invented"

    def _start(self, *, clean: bool) -> None:
        self.outbox.close()
        self.journal = open_journal(self.path, clock=self.hub, boot=f"boot-{self.hub.now()}")
        self.outbox = Outbox(self.path)
        assert self.journal.meta.clean is clean

    @invariant()
    def everything_acknowledged_is_there_in_order(self) -> None:
        assert self.journal.last == self.outbox.last == self.last
        first = max(1, len(self.entries) - 20)
        assert self.outbox.read(first, 100) == tuple(self.entries[first - 1 :])

    @invariant()
    def what_is_open_and_what_is_unreceipted_follow_from_the_records(self) -> None:
        assert self.journal.open_keys() == self.open_intents
        assert self.journal.unreceipted() == tuple(range(self.journal.watermark + 1, len(self.entries) + 1))
        of_key = {body.key: body for body in self.bodies if isinstance(body, Intent)}
        touching = [
            entry.seq
            for entry in self.entries[self.journal.watermark :]
            if not isinstance(entry.record.body, Booted | Noted)
            and (of_key[entry.record.body.key].item == "i1" or of_key[entry.record.body.key].pseudonym == "p2")
        ]
        assert self.journal.unreceipted(intent(0, item="i1").item, intent(0, pseudonym="p2").pseudonym) == tuple(
            touching
        )


TestJournal = JournalMachine.TestCase
TestJournal.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)
