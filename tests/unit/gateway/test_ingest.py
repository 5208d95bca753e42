"""Journals on their way in: receipts, repeats, gaps, forks, strangers and liars."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest

from kiosk.domain import ItemBarcode, Key, Refusal
from kiosk.gateway import ingest
from kiosk.gateway.arrivals import Linked
from kiosk.gateway.audit import audit
from kiosk.gateway.ingest import Ingest
from kiosk.gateway.told import tell
from kiosk.ledger import Tx, inbox
from kiosk.ledger.effects import State, Todo, Touched
from kiosk.ledger.inbox import Arrived, Chain
from kiosk.messages.asks import EffectGranted
from kiosk.messages.envelope import FORKED, Batch, Happening, encode_data, type_name
from kiosk.messages.records import GENESIS, Op, Outcome
from tests.unit.gateway.rig import MACHINE_KEYS, Machine, Site, reason, told

READERS_OWN = ItemBarcode("D1000004")


def kept(site: Site, machine: Machine) -> dict[int, str]:
    return site.ledger.read(lambda tx: inbox.hashes(tx, machine.name, machine.epoch, 1, 1_000))


def test_a_receipt_says_which_birth_it_answers(site: Site) -> None:
    """The machine's outbox goes back to what the gateway has only for an answer to its newest birth."""
    kiosk = site.machine()
    kiosk.birth()
    assert kiosk.receipt_for == f"{kiosk.name}-{kiosk.boot}-1"
    kiosk.note("opened")
    kiosk.flush()
    assert kiosk.receipt_for == ""
    kiosk.birth()
    assert kiosk.receipt_for == f"{kiosk.name}-{kiosk.boot}-3"


def test_a_birth_is_answered_with_where_to_go_on(site: Site) -> None:
    machine = site.machine()
    machine.birth()

    assert (machine.receipt.through, machine.receipt.head) == (0, GENESIS)
    assert machine.receipt.ils_up


def test_a_receipt_names_the_prefix_and_its_hash(kiosk: Machine) -> None:
    for _ in range(3):
        kiosk.note("a fact")
    kiosk.flush()

    assert kiosk.receipt.through == 3
    assert kiosk.receipt.head == kiosk.journal[2][1]


def test_a_batch_that_comes_twice_is_kept_once_and_receipted_twice(site: Site, kiosk: Machine) -> None:
    kiosk.note("a fact")
    kiosk.flush(first=1)
    kiosk.flush(first=1)

    assert len(kept(site, kiosk)) == 1
    assert [receipt.through for receipt in kiosk.receipts[1:]] == [1, 1]


def test_a_batch_with_a_gap_before_it_is_not_kept_and_the_receipt_says_from_where(site: Site, kiosk: Machine) -> None:
    for _ in range(3):
        kiosk.note("a fact")
    kiosk.flush(first=3)

    assert kept(site, kiosk) == {}
    assert kiosk.receipt.through == 0


def test_a_batch_that_overlaps_what_is_here_brings_only_the_rest(site: Site, kiosk: Machine) -> None:
    kiosk.note("one")
    kiosk.flush(first=1)
    kiosk.note("two")
    kiosk.flush(first=1)

    assert len(kept(site, kiosk)) == 2
    assert kiosk.receipt.through == 2


def forked(site: Site, kiosk: Machine) -> Machine:
    """A machine whose disk was copied: the same journal goes on in two ways."""
    kiosk.note("before the copy")
    kiosk.flush()
    twin = Machine(site, kiosk.name, kiosk.epoch, client="a copy")
    twin.journal = list(kiosk.journal)
    twin._n = kiosk._n
    kiosk.note("the original goes on")
    kiosk.flush()
    twin.note("the copy goes on, too")
    return twin


def test_a_forked_journal_gets_no_receipt_and_people_are_called(site: Site, kiosk: Machine) -> None:
    twin = forked(site, kiosk)
    before = kept(site, kiosk)
    twin.flush(first=1)

    assert kept(site, kiosk) == before
    assert twin.receipt.quarantined
    assert twin.receipt.through == 0
    assert site.kinds() == ["fork"]


def test_a_machine_that_finds_its_own_journal_forked_is_believed_and_people_are_called_once(
    site: Site, kiosk: Machine
) -> None:
    kiosk.note("told")
    kiosk.flush()
    kiosk.tell(Happening(what=FORKED, detail="another epoch"))
    assert site.kinds() == []
    kiosk.tell(Happening(what=FORKED, detail=kiosk.epoch))
    kiosk.tell(Happening(what=FORKED, detail=kiosk.epoch))
    assert site.kinds() == ["fork"]
    kiosk.flush(first=1)
    assert kiosk.receipt.quarantined


def test_a_quarantined_machine_lends_nothing_and_still_takes_books_back(site: Site, kiosk: Machine) -> None:
    twin = forked(site, kiosk)
    twin.flush(first=1)

    loan = twin.intent()
    twin.write(loan)
    assert reason(twin.ask_effect(loan)) is Refusal.QUARANTINED
    back = twin.intent(Op.CHECKIN, READERS_OWN)
    seq = twin.write(back)
    assert isinstance(twin.ask_effect(back, depends=[seq - 1]), EffectGranted)


def test_records_of_a_forked_journal_are_kept_aside_for_people(site: Site, kiosk: Machine) -> None:
    twin = forked(site, kiosk)
    twin.offline(Op.CHECKIN, READERS_OWN)
    twin.flush(first=1)

    with site.ledger.engine.connect() as connection:
        aside = connection.exec_driver_sql("SELECT seq FROM quarantine ORDER BY seq").scalars().all()
    assert list(aside) == [2, 3, 4, 5]


def test_one_key_with_two_bodies_is_a_fork(site: Site, kiosk: Machine) -> None:
    first = kiosk.intent()
    kiosk.write(first)
    kiosk.ask_effect(first)
    twin = Machine(site, kiosk.name, kiosk.epoch, client="a copy")
    second = twin.intent(item=ItemBarcode("D1000002"))
    twin.write(second)

    answer = twin.ask_effect(second)

    assert answer == kiosk.answer(first.key) or answer is None
    assert site.kinds() == ["fork"]
    assert site.done(ItemBarcode("D1000002")) == []


def test_an_old_backup_is_found_out_at_its_first_birth(site: Site, kiosk: Machine) -> None:
    for _ in range(3):
        kiosk.note("a fact")
    kiosk.flush()
    kiosk.birth(last=2)

    assert kiosk.receipt.quarantined
    assert site.kinds() == ["fork"]


def test_a_copy_of_the_same_length_is_found_out_at_its_first_birth(site: Site, kiosk: Machine) -> None:
    kiosk.note("a fact")
    kiosk.flush()
    kiosk.birth(head="0" * 63 + "1")

    assert kiosk.receipt.quarantined


def test_an_emptied_journal_under_its_old_name_is_found_out(site: Site, kiosk: Machine) -> None:
    kiosk.note("a fact")
    kiosk.flush()
    kiosk.birth(last=0)

    assert kiosk.receipt.quarantined


def test_a_new_journal_names_what_was_lost_with_the_old_one(site: Site, kiosk: Machine) -> None:
    for _ in range(4):
        kiosk.note("a fact")
    kiosk.birth()
    kiosk.journal = kiosk.journal[:1]
    kiosk.flush(first=1)
    renewed = site.machine(kiosk.name, epoch="e2")
    renewed.birth()

    task = site.open_tasks()[0]
    assert task.kind == "journal_lost"
    assert '"count":3' in task.detail
    assert renewed.receipt.through == 0


def test_a_batch_whose_chain_is_broken_is_not_kept(site: Site, kiosk: Machine) -> None:
    kiosk.note("one")
    kiosk.note("two")
    (first, hash_), (second, _) = kiosk.journal
    kiosk.journal = [(first.replace(b"one", b"eno"), hash_), (second, kiosk.journal[1][1])]
    kiosk.flush(first=1)

    assert kept(site, kiosk) == {}
    assert site.kinds() == ["journal_broken"]


def test_a_record_of_a_kind_unknown_here_waits_for_newer_software(site: Site, kiosk: Machine) -> None:
    kiosk.note("one")
    data = kiosk.journal[0][0].replace(b'"noted"', b'"nodet"')
    kiosk._send(
        "tx",
        type_name("tx"),
        encode_data(Batch(epoch="e1", first=1, prev=GENESIS, head="x", records=(msgspec.Raw(data),))),
    )
    site.run(0.2)

    assert kept(site, kiosk) == {}
    assert site.kinds() == ["journal_broken"]


def test_a_machine_cannot_write_another_machines_journal(site: Site, kiosk: Machine) -> None:
    other = site.machine("kiosk-2")
    other.note("a fact")
    other.name = "kiosk-1"
    other.flush(first=1)
    other.address = kiosk.address
    other.flush(first=1)

    assert kept(site, kiosk) == {}


def test_a_message_signed_by_somebody_else_is_not_heard(site: Site, kiosk: Machine) -> None:
    kiosk.note("a fact")
    kiosk.signer = MACHINE_KEYS["kiosk-2"]
    kiosk.flush()
    intent = kiosk.intent()
    kiosk.write(intent)

    assert kiosk.ask_effect(intent) is None
    assert kept(site, kiosk) == {}
    assert site.done() == []


def test_garbage_on_any_lane_disturbs_nobody(site: Site, kiosk: Machine) -> None:
    for lane in ("tx", "state", "evt", "req/effect", "req/patron", "req/nonsense"):
        for payload in (b"", b"{", b"[]", b"\xff\xfe", encode_data({"a": 1})):
            kiosk.publish(lane, bytes(payload))
    site.run(1)
    kiosk.note("a fact")
    kiosk.flush()

    assert kiosk.receipt.through == 1


def test_a_signed_message_cannot_be_moved_to_another_lane(site: Site, kiosk: Machine) -> None:
    sent: list[bytes] = []
    publish = kiosk.bus.publish
    kiosk.bus.publish = lambda topic, payload, **rest: (sent.append(payload), publish(topic, payload))  # type: ignore[assignment,func-returns-value]  # listens in
    kiosk.tell(Happening(what="door_open", at_ms=1))
    kiosk.publish("tx", sent[0])
    site.run(0.5)

    assert kept(site, kiosk) == {}


def test_a_happening_is_kept_once(site: Site, kiosk: Machine) -> None:
    kiosk.tell(Happening(what="paper_out", fault=3101, part="receipt", at_ms=5))

    with site.ledger.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT device, what, fault FROM happenings").all()
    assert [tuple(row) for row in rows] == [("kiosk-1", "paper_out", 3101)]


def test_a_will_marks_the_machine_as_away(site: Site, kiosk: Machine) -> None:
    kiosk.birth(online=False)
    chain = site.ledger.read(lambda tx: inbox.chain_of(tx, "kiosk-1", "e1"))

    assert chain is not None
    assert chain.online == 0


def test_standing_tasks_travel_with_the_receipt(site: Site, kiosk: Machine) -> None:
    intent = kiosk.online(Op.CHECKOUT, Outcome.STANDS)
    kiosk.flush()
    kiosk.note("later")
    kiosk.flush()

    assert [(standing.seq, standing.code) for standing in kiosk.receipt.exceptions] == [(2, "mark_unproven")]
    row = site.effect(intent.key)
    assert row is not None
    assert row.state is State.SETTLED


def test_do_nothing_on_conflict_would_lose_records_and_is_caught(
    site: Site, kiosk: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mutant: a record whose number is taken is skipped and receipted."""

    def skip(self: Ingest, tx: Tx, chain: Chain, records: Sequence[Linked], now_ms: int) -> None:
        chain.through, chain.head = records[-1].record.head.seq, records[-1].hash

    monkeypatch.setattr(Ingest, "_quarantine", skip)
    twin = forked(site, kiosk)
    twin.flush(first=1)

    assert twin.receipt.through == 2, "the mutant receipts what it threw away"
    assert audit([told(twin)], site.ledger).lost


def test_an_intent_that_acts_from_the_outbox_lends_to_readers_who_have_left_and_is_caught(
    site: Site, kiosk: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mutant: an Intent in the tx lane is taken for an event of its own."""

    def acts(rows: Touched, row: Arrived, linked: Linked, now_ms: int) -> bool:
        owed = tell(rows, row, linked, now_ms)
        effect = rows.get(Key(row.key)) if row.kind == "intent" else None
        if effect is not None:
            effect.final, effect.todo, effect.final_last_ms = "delivered", Todo.FINAL, now_ms
        return owed or effect is not None

    monkeypatch.setattr(ingest, "tell", acts)
    intent = kiosk.intent()
    kiosk.write(intent)
    kiosk.flush()
    site.run(60)

    assert site.done() == ["checkout"], "the mutant lends without a request and without a Final"


def test_a_thousand_records_arrive_in_batches_of_a_hundred(site: Site, kiosk: Machine) -> None:
    for _ in range(250):
        kiosk.note("a fact")
    while kiosk.through < 250:
        rest = kiosk.journal
        kiosk.journal = rest[: kiosk.through + 100]
        kiosk.flush()
        kiosk.journal = rest

    assert len(kept(site, kiosk)) == 250


def test_a_gateway_that_starts_again_takes_the_retained_birth_for_old_news(site: Site) -> None:
    machine = site.machine()
    machine.birth()
    for _ in range(3):
        machine.note("a fact")
    machine.flush()
    site.gateway.stop()
    site.run(1.0)
    site.open()
    site.run(6.0)
    machine.note("one more")
    machine.flush()

    assert not machine.receipt.quarantined
    assert machine.receipt.through == 4
    assert site.kinds() == []
