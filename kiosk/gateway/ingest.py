"""What machines write on their own: journal batches, births and happenings. Any gateway may do this.

Nothing is acted on here. A batch is kept or it is not; the receipt goes out only after the commit and names the
contiguous prefix as the database has it. Two records with one number and different hashes are a fork: the machine's
journal was copied, rolled back or damaged. Then nothing is receipted, new loans are refused and people are called.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kiosk.domain.faults.journal import JOURNAL_SET_ASIDE
from kiosk.gateway import tasks as wording
from kiosk.gateway.arrivals import BrokenBatch, Linked, arrived, linked, weigh
from kiosk.gateway.parts import Parts
from kiosk.gateway.registry import Device
from kiosk.gateway.spans import epoch_ms, measured, read_offsets, write_offsets
from kiosk.gateway.tasks import Kind
from kiosk.gateway.told import Forked, tell
from kiosk.ledger import Tx, effects, inbox, tasks
from kiosk.ledger.effects import Touched
from kiosk.ledger.inbox import Arrived, Chain
from kiosk.messages.envelope import FORKED, Batch, Birth, Envelope, Happening, Receipt, Standing
from kiosk.messages.records import GENESIS, Noted, Record, decode

log = logging.getLogger(__name__)

STANDINGS_MAX: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A batch whose signature and chain were checked. `live`: it came without delay and tells of its clock."""

    device: Device
    batch: Batch
    records: tuple[Linked, ...]
    live: bool = False


class Ingest:
    """One task owns it: batches of one machine must be taken in their order."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def parcel(self, device: Device, batch: Batch, *, live: bool) -> Parcel | None:
        """Checks a batch; None when it contradicts itself (people are called, and no receipt clears it)."""
        try:
            return Parcel(device=device, batch=batch, records=linked(batch, device.name), live=live)
        except BrokenBatch as error:
            log.error("batch_broken device=%s epoch=%s first=%d: %s", device.name, batch.epoch, batch.first, error)
            self._call(wording.about_device(Kind.JOURNAL_BROKEN, device.name, batch.epoch, self._parts.now_ms()))
            return None

    def take(self, parcels: Sequence[Parcel]) -> None:
        """Keeps all parcels in one commit, then receipts each journal once."""
        now_ms = self._parts.now_ms()
        owed = self._parts.ledger.run(lambda tx: [self._keep(tx, parcel, now_ms) for parcel in parcels])
        for device, epoch in dict.fromkeys((parcel.device, parcel.batch.epoch) for parcel in parcels):
            self.receipt(device, epoch)
        if any(owed):
            self._parts.nudge()

    def birth(self, device: Device, envelope: Envelope, birth: Birth, *, live: bool, retained: bool) -> None:
        """A machine is there (or, by its will, is not): the receipt, which names this birth, tells where to go on."""
        now_ms = self._parts.now_ms()

        def work(tx: Tx) -> None:
            old = retained or self._is_old(tx, device, birth, envelope.time)
            self._met(tx, device, birth, now_ms, live=live, old=old)

        self._parts.ledger.run(work)
        if birth.online:
            self.receipt(device, birth.epoch, corr=envelope.id)
            self._parts.nudge()

    def happening(self, device: Device, id_: str, happening: Happening) -> None:
        now_ms = self._parts.now_ms()

        def work(tx: Tx) -> None:
            inbox.add_happening(
                tx,
                f"{device.name}/{id_}",
                device=device.name,
                what=happening.what,
                fault=happening.fault,
                part=happening.part,
                detail=happening.detail,
                at_ms=happening.at_ms,
                received_ms=now_ms,
            )
            chain = inbox.chain_of(tx, device.name, happening.detail) if happening.what == FORKED else None
            if chain is not None and not chain.quarantined:
                self._quarantine(tx, chain, (), now_ms)
                inbox.save_chain(tx, chain)

        self._parts.ledger.run(work)

    def receipt(self, device: Device, epoch: str, corr: str = "", *, settled: bool = False) -> None:
        """What the database has of this journal. A quarantined one gets nothing that could clear an outbox. Whether the
        library system has it all is looked up for a birth (`corr`), and where something was `settled` just before."""

        def work(tx: Tx) -> tuple[Chain | None, list[tasks.Task], bool]:
            return (
                inbox.chain_of(tx, device.name, epoch),
                tasks.open_of(tx, device.name, epoch, STANDINGS_MAX),
                (settled or corr != "") and effects.all_booked(tx, device.name, epoch),
            )

        chain, standing, booked = self._parts.ledger.read(work)
        if chain is None:
            return
        self._parts.post.receipt(
            device,
            Receipt(
                epoch=epoch,
                through=0 if chain.quarantined else chain.through,
                head=GENESIS if chain.quarantined else chain.head,
                exceptions=tuple(Standing(seq=task.seq, code=task.kind, task=task.id) for task in standing),
                wall_ms=self._parts.now_ms(),
                quarantined=bool(chain.quarantined),
                ils_up=self._parts.ils.health().connected > 0,
                booked=booked,
            ),
            corr,
        )

    def _keep(self, tx: Tx, parcel: Parcel, now_ms: int) -> bool:
        batch, device = parcel.batch, parcel.device.name
        chain = inbox.chain(tx, device, batch.epoch, now_ms)
        chain.seen_ms = now_ms
        chain.told_last = max(chain.told_last, batch.first + len(batch.records) - 1)
        if parcel.live:
            chain.online = 1  # whoever tells is there, whatever a will that came late has said
            chain.offsets = write_offsets(measured(read_offsets(chain.offsets), batch.boot, batch.mono_ms, now_ms))
        owed = False
        if chain.quarantined:
            self._set_aside(tx, parcel.records, "quarantined", now_ms)
        else:
            known = inbox.hashes(tx, device, batch.epoch, batch.first, chain.through)
            weighed = weigh(parcel.records, chain.through, chain.head, known)
            owed = self._add(tx, chain, weighed.fresh, now_ms)
            if weighed.forked:
                self._quarantine(tx, chain, weighed.forked, now_ms)
        inbox.save_chain(tx, chain)
        return owed

    def _add(self, tx: Tx, chain: Chain, fresh: Sequence[Linked], now_ms: int) -> bool:
        offsets = read_offsets(chain.offsets)
        rows: list[Arrived] = []
        touched = Touched(tx)
        owed = False
        for number, each in enumerate(fresh):
            row = arrived(each, offsets, chain.floor_ms, now_ms)
            try:
                owed |= tell(touched, row, each, now_ms)
            except Forked:
                self._quarantine(tx, chain, fresh[number:], now_ms)
                break
            rows.append(row)
            chain.floor_ms = row.first_ms
            chain.through, chain.head = row.seq, row.hash
            self._noted(tx, each.record, now_ms)
        inbox.add_all(tx, rows)
        touched.write()
        if chain.online and chain.through >= chain.told_last:
            chain.clear_ms = now_ms
        return owed

    def _noted(self, tx: Tx, record: Record, now_ms: int) -> None:
        """A machine that could not carry on its journal says so in the next one: people look for what was open."""
        head, body = record.head, record.body
        if isinstance(body, Noted) and body.fault == JOURNAL_SET_ASIDE.number:
            about = f"{head.epoch}/{body.detail.partition(';')[0]}"
            task = wording.about_device(Kind.JOURNAL_SET_ASIDE, head.device, about, now_ms, note=body.detail)
            wording.open_task(tx, task)

    def _quarantine(self, tx: Tx, chain: Chain, forked: Sequence[Linked], now_ms: int) -> None:
        log.error("fork device=%s epoch=%s through=%d", chain.device, chain.epoch, chain.through)
        chain.quarantined = 1
        self._set_aside(tx, forked, "fork", now_ms)
        wording.open_task(tx, wording.about_device(Kind.FORK, chain.device, chain.epoch, now_ms))

    def _set_aside(self, tx: Tx, records: Sequence[Linked], reason: str, now_ms: int) -> None:
        for each in records:
            head = each.record.head
            inbox.set_aside(tx, head.device, head.epoch, head.seq, each.hash, each.data, reason, now_ms)

    def _met(self, tx: Tx, device: Device, birth: Birth, now_ms: int, *, live: bool, old: bool) -> None:
        chain = inbox.chain(tx, device.name, birth.epoch, now_ms)
        if not birth.online:
            chain.online = 0 if birth.boot == chain.boot else chain.online
            inbox.save_chain(tx, chain)
            return
        chain.boot, chain.online, chain.seen_ms = birth.boot, 1, now_ms
        chain.told_last = max(chain.told_last, birth.last_seq) if old else birth.last_seq
        if live:
            chain.offsets = write_offsets(measured(read_offsets(chain.offsets), birth.boot, birth.mono_ms, now_ms))
        # What the broker retained, or delivers once more, tells of a time before records that came since.
        if not old and self._rolled_back(tx, chain, birth):
            self._quarantine(tx, chain, (), now_ms)
        elif chain.through >= birth.last_seq:
            chain.clear_ms = now_ms
        inbox.save_chain(tx, chain)
        for older in inbox.chains_of(tx, device.name):
            if older.epoch != chain.epoch and older.first_ms <= chain.first_ms:
                self._succeeded(tx, older, now_ms)

    def _is_old(self, tx: Tx, device: Device, birth: Birth, sent: str) -> bool:
        """Whether it speaks of a beginning of what is here, and was written before the newest record was."""
        chain = inbox.chain_of(tx, device.name, birth.epoch)
        newest = inbox.one(tx, device.name, birth.epoch, chain.through) if chain is not None else None
        told = inbox.one(tx, device.name, birth.epoch, birth.last_seq)
        sent_ms = epoch_ms(sent)
        if newest is None or told is None or told.hash != birth.head or sent_ms is None:
            return False
        return birth.last_seq < newest.seq and sent_ms <= decode(newest.bytes).head.wall_ms

    def _rolled_back(self, tx: Tx, chain: Chain, birth: Birth) -> bool:
        """Whether the machine knows less than it has told, or tells another story: an old backup, or a copy."""
        if birth.last_seq == 0 or birth.last_seq > chain.through:
            return birth.last_seq == 0 and chain.through > 0
        ours = inbox.hashes(tx, chain.device, chain.epoch, birth.last_seq, birth.last_seq)
        return birth.last_seq < chain.through or ours.get(birth.last_seq) != birth.head

    def _succeeded(self, tx: Tx, older: Chain, now_ms: int) -> None:
        """A journal that was replaced tells, at most, what still reads back of it; the rest is lost with it."""
        if older.online:
            older.online = 0
            inbox.save_chain(tx, older)
        missing = older.told_last - older.through
        if missing > 0 and not older.quarantined:
            task = wording.about_device(Kind.JOURNAL_LOST, older.device, older.epoch, now_ms, count=missing)
            wording.open_task(tx, task)
        elif missing <= 0:
            reference = tasks.reference(Kind.JOURNAL_LOST, f"{older.device}/{older.epoch}")
            tasks.close(tx, reference, "gateway", "its records arrived after all", now_ms)

    def _call(self, task: tasks.Task) -> None:
        self._parts.ledger.run(lambda tx: wording.open_task(tx, task))
