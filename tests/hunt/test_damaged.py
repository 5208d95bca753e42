"""A machine whose journal does not read back begins a new one, keeps the old one, and loses no book over it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from drivers.clock import VirtualHub
from kiosk.domain import ItemBarcode, SecurityProof, SecurityState
from kiosk.domain.faults.journal import JOURNAL_SET_ASIDE
from kiosk.domain.nouns import key_of
from kiosk.flow.devices import ARMING
from kiosk.flow.replay import minted
from kiosk.journal import Journal
from kiosk.journal.aside import Salvage, asides, put_aside
from kiosk.journal.database import error_code, sorted_out
from kiosk.journal.disk import FileDisk
from kiosk.journal.entries import JournalBroken, JournalDamaged
from kiosk.journal.recovery import TAIL_CHECKED
from kiosk.ledger import inbox, tasks
from kiosk.ledger.tasks import Task
from kiosk.machine.assembly import ASIDES_MAX
from kiosk.messages.envelope import Receipt
from kiosk.messages.records import GENESIS, Body, Booted, Final, Intent, Noted, OfflineAccepted, Op, Outcome
from kiosk.site.embedded import EmbeddedSite, Machine, demo_data
from kiosk.uplink.estate import Estate

DEVICE = "kiosk-1"
Damage = Callable[[Path], None]


class Outage:
    """A site whose machine took returns alone; before the gateway heard of them the power failed."""

    def __init__(self, tmp_path: Path, damage: Damage) -> None:
        self.site = EmbeddedSite(tmp_path, Random(1), (DEVICE,))
        self.items = [loan.item_barcode for loan in demo_data().loans][:3]
        assert all(self.site.books.loan(item) for item in self.items)
        self.site.run(15)
        self.machine: Machine = self.site.machines[DEVICE]
        self.path = self.machine.journal
        self.kill()
        journal = self.opened()
        self.epoch = journal.meta.epoch
        journal.receipt(*journal.last, wall_ms=0)  # the gateway has had what was there until here
        for item in self.items[:2]:
            journal.append(taken_in(journal, item, self.site.hub.wall()))
        self.open_item = self.items[2]
        journal.append(taken_in(journal, self.open_item, self.site.hub.wall())[:1])
        journal.close()
        damage(self.path)

    def opened(self) -> Journal:
        return Journal(FileDisk(self.path, synchronous="OFF"), device=DEVICE, clock=self.site.hub, boot="outage")

    def kill(self) -> None:
        self.site.kill(self.machine.process)

    def goes_on(self) -> Journal:
        """Time passes; the machine starts, tells, and stands. Its journal, read by us."""
        self.site.run(60)
        assert self.machine.core is not None
        return self.machine.core._journal

    def tasks(self) -> list[Task]:
        assert self.site.gateway.ledger is not None
        return self.site.gateway.ledger.read(tasks.open_tasks)

    def told(self) -> list[str]:
        return [task.detail for task in self.tasks() if task.kind == "journal_set_aside"]

    def on_loan(self) -> list[ItemBarcode]:
        return [item for item in self.items if self.site.books.loan(item) is not None]


def taken_in(journal: Journal, item: ItemBarcode, wall: float) -> list[Body]:
    at_ms = round(wall * 1000)
    key = key_of(DEVICE, journal.meta.epoch, minted(journal) + 1)
    final = Final(
        key=key,
        op=Op.CHECKIN,
        item=item,
        outcome=Outcome.RETURNED,
        security=SecurityState.ON,
        proof=SecurityProof.PROVEN,
        offline=True,
        at_ms=at_ms,
    )
    intent = Intent(key=key, op=Op.CHECKIN, item=item, security=SecurityState.OFF, at_ms=at_ms)
    return [intent, OfflineAccepted(key=key), final]


def kinds(journal: Journal) -> list[type[Body]]:
    return [type(entry.record.body) for entry in journal.read(1, 10)]


def in_page_of_record(path: Path, seq: int) -> None:
    """One letter of one record's own bytes changes on the disk."""
    _settled(path)
    connection = sqlite3.connect(path)
    [(data,)] = connection.execute("SELECT bytes FROM records WHERE seq = ?", (seq,)).fetchall()
    connection.close()
    whole = path.read_bytes()
    changed = data.replace(b'"wall_ms":1', b'"wall_ms":2', 1)
    assert changed != data
    assert whole.count(data) == 1
    path.write_bytes(whole.replace(data, changed))


def _settled(path: Path) -> None:
    """All of the journal in its one file."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.close()


def receipted_record(path: Path) -> None:
    in_page_of_record(path, 1)


def structure(path: Path) -> None:
    """A page of the index that finds keys is overwritten: the records themselves are whole."""
    _settled(path)
    connection = sqlite3.connect(path)
    [(root,)] = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'intents'").fetchall()
    [(size,)] = connection.execute("PRAGMA page_size").fetchall()
    connection.close()
    with path.open("r+b") as file:
        file.seek((root - 1) * size + 3)
        file.write(b"\xff" * 64)


@pytest.mark.parametrize("damage", [receipted_record, structure])
def test_returns_that_nobody_had_heard_of_are_booked_although_the_journal_is_damaged(
    tmp_path: Path, damage: Damage
) -> None:
    outage = Outage(tmp_path, damage)
    journal = outage.goes_on()
    assert journal.meta.epoch != outage.epoch
    assert kinds(journal)[:2] == [Booted, Noted]
    assert outage.on_loan() == [outage.open_item]
    [note] = outage.told()
    assert f"open: {outage.open_item}" in note
    assert outage.epoch in note


def test_a_long_outage_is_told_whole_although_gateway_and_machine_die_while_it_is_told(tmp_path: Path) -> None:
    def long_and_damaged(path: Path) -> None:
        journal = Journal.open(path, device=DEVICE, clock=VirtualHub(), boot="b", synchronous="OFF")
        for n in range(30):
            journal.append([Noted(what="fact", detail=str(n), at_ms=0)] * 50)
        journal.close()
        structure(path)

    outage = Outage(tmp_path, long_and_damaged)
    last = Salvage(outage.path).last
    outage.site.run(6)
    for process in (outage.site.gateway.process, outage.machine.process, outage.site.gateway.process):
        outage.site.kill(process)
        outage.site.run(4)
    outage.goes_on()
    assert outage.site.gateway.ledger is not None
    old = outage.site.gateway.ledger.read(lambda tx: inbox.chain_of(tx, DEVICE, outage.epoch))
    assert old is not None
    assert (old.through, old.quarantined) == (last, 0)
    assert outage.on_loan() == [outage.open_item]
    assert [task.kind for task in outage.tasks()] == ["journal_set_aside"]
    [aside] = asides(outage.path)
    assert Salvage(aside).told


def test_records_after_a_break_of_the_chain_become_a_task_and_those_before_it_are_booked(tmp_path: Path) -> None:
    broken: list[int] = []

    def second_return(path: Path) -> None:
        broken.append(Salvage(path).last - 2)  # its OfflineAccepted; its Final and another Intent follow
        in_page_of_record(path, broken[0])

    outage = Outage(tmp_path, second_return)
    outage.goes_on()
    assert outage.on_loan() == outage.items[1:]
    [note] = outage.told()
    assert f"record {broken[0]}: does not match its hash" in note
    assert "3 unreadable" in note
    assert f"open: {outage.items[1]}" in note, "its end is among what cannot be read: people look for the book"


@pytest.mark.parametrize("content", [b"", b"#!/bin/sh\necho not a journal\n" * 50], ids=["empty", "foreign"])
def test_a_file_that_is_no_journal_is_kept_as_it_is_and_told(tmp_path: Path, content: bytes) -> None:
    outage = Outage(tmp_path, lambda path: overwritten(path, content))
    journal = outage.goes_on()
    assert journal.meta.epoch != outage.epoch
    [aside] = asides(outage.path)
    assert aside.read_bytes() == content
    [note] = outage.told()
    assert aside.name in note
    assert "no journal" in note


def overwritten(path: Path, content: bytes) -> None:
    _settled(path)
    for beside in ("-wal", "-shm"):
        path.with_name(path.name + beside).unlink(missing_ok=True)
    path.write_bytes(content)


def test_another_machines_journal_is_kept_and_none_of_it_is_told_as_ours(tmp_path: Path) -> None:
    def exchanged(path: Path) -> None:
        overwritten(path, b"")
        path.unlink()
        Journal.open(path, device="kiosk-9", clock=VirtualHub(), boot="b", synchronous="OFF").close()

    outage = Outage(tmp_path, exchanged)
    outage.goes_on()
    assert len(outage.told()) == 1
    outage.kill()
    journal = outage.goes_on()
    assert Noted not in kinds(journal)[2:], "it is said once"
    assert len(outage.told()) == 1


def test_what_was_told_is_told_once(tmp_path: Path) -> None:
    outage = Outage(tmp_path, receipted_record)
    first = outage.goes_on()
    epoch, [aside] = first.meta.epoch, asides(outage.path)
    assert Salvage(aside).told
    for _ in range(2):
        outage.kill()
        assert outage.goes_on().meta.epoch == epoch
    assert len(outage.told()) == 1
    notes = [entry.record.body for entry in outage.goes_on().read(1, 100)]
    assert [body.fault for body in notes if isinstance(body, Noted)] == [JOURNAL_SET_ASIDE.number]


def test_a_power_cut_while_the_old_journal_is_put_aside_leaves_its_log_out_of_the_new_one(tmp_path: Path) -> None:
    def half_aside(path: Path) -> None:
        log = path.with_name(path.name + "-wal")
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("CREATE TABLE late (n)")
        connection.execute("INSERT INTO late VALUES (1)")
        connection.commit()
        kept = log.read_bytes()
        connection.close()
        put_aside(path, 0.0)
        log.write_bytes(kept)

    outage = Outage(tmp_path, half_aside)
    journal = outage.goes_on()
    assert journal.meta.epoch != outage.epoch
    assert outage.on_loan() == [outage.open_item]
    assert list(tmp_path.glob("*-wal.stray"))


def moved(path: Path) -> None:
    put_aside(path, 0.0)


def test_a_power_cut_before_the_new_journal_tells_of_the_old_one_hides_nothing(tmp_path: Path) -> None:
    outage = Outage(tmp_path, moved)
    outage.goes_on()
    assert len(outage.told()) == 1
    assert outage.on_loan() == [outage.open_item]


@pytest.mark.parametrize("trouble", ["SQLITE_IOERR", "SQLITE_NOMEM", "SQLITE_CANTOPEN", "SQLITE_READONLY"])
def test_a_journal_that_only_could_not_be_read_just_now_is_not_put_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    """The disk or the memory failed at the start: the file may be whole, and the next start goes on with it."""
    outage = Outage(tmp_path, lambda path: None)
    failing = sqlite3.OperationalError(trouble)
    failing.sqlite_errorcode = getattr(sqlite3, trouble)
    with monkeypatch.context() as patch:
        patch.setattr("kiosk.journal.recovery.check_structure", lambda database: fail(failing))
        with pytest.raises(JournalBroken):
            outage.site.run(10)
    assert asides(outage.path) == ()
    assert outage.opened().meta.epoch == outage.epoch


def fail(error: sqlite3.Error) -> None:
    raise sorted_out(error, error_code(error)) from error


def test_a_disk_that_breaks_every_journal_is_not_filled_with_them(tmp_path: Path) -> None:
    outage = Outage(tmp_path, receipted_record)
    for _ in range(ASIDES_MAX):
        content = outage.path.read_bytes()
        put_aside(outage.path, 0.0)
        outage.path.write_bytes(content)
    with pytest.raises(JournalDamaged):
        outage.site.run(10)
    assert len(asides(outage.path)) == ASIDES_MAX
    assert outage.path.read_bytes() == content


def test_a_note_of_hours_ago_that_does_not_read_back_does_not_keep_the_machine_from_starting(tmp_path: Path) -> None:
    """The gateway has it, and opening the journal does not look so far back: but a start folds it."""
    outage = Outage(tmp_path, _settled)
    journal = outage.opened()
    at_ms = round(outage.site.hub.wall() * 1000)
    [open_key] = journal.open_keys()  # else opening looks back as far as its intent
    end = taken_in(journal, outage.open_item, outage.site.hub.wall())[-1]
    assert isinstance(end, Final)
    journal.append([replace(end, key=open_key.key)])
    [note] = journal.append([Noted(what=ARMING, detail="off E00401", at_ms=at_ms)])
    journal.append([Noted(what="stirred", at_ms=at_ms)] * 2 * TAIL_CHECKED)
    journal.receipt(*journal.last, wall_ms=0)
    journal.close()
    in_page_of_record(outage.path, note.seq)

    assert outage.goes_on().meta.epoch != outage.epoch
    assert len(outage.told()) == 1


def test_a_gateway_that_has_another_record_in_its_place_has_not_been_told_of_ours(tmp_path: Path) -> None:
    """The same number says nothing: a disk that was copied has two stories in one epoch."""
    outage = Outage(tmp_path, _settled)
    salvage = Salvage(put_aside(outage.path, 0.0))
    assert salvage.last > salvage.through
    estate = Estate(salvage, Random(1))
    estate.receipted(Receipt(epoch=salvage.epoch, through=salvage.last, head=GENESIS), 0.0)
    assert (estate.settled, salvage.told) == (True, False)

    last = Estate(salvage, Random(1))
    head = salvage.hash_of(salvage.last)
    assert head is not None
    last.receipted(Receipt(epoch=salvage.epoch, through=salvage.last, head=head), 0.0)
    assert (last.settled, salvage.told) == (True, True)
