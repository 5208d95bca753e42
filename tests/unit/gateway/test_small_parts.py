"""Times, claims, cards, day keys, snapshots, tasks: the small parts of the gateway."""

from __future__ import annotations

import base64
import hashlib
import hmac
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.clock import VirtualHub
from kiosk.domain import PatronId, Refusal
from kiosk.gateway.card import CardFile, CardFileError, in_form, is_random
from kiosk.gateway.card.resolver import as_read
from kiosk.gateway.claims import Claims
from kiosk.gateway.config import CardForm
from kiosk.gateway.daykeys import DayKeys
from kiosk.gateway.lease import LENGTH_S, Lease, NotLeading
from kiosk.gateway.spans import epoch_ms, measured, rfc3339, span_of
from kiosk.gateway.tasks import SENTENCES, Kind, shown
from kiosk.keys import SealError, open_sealed, seal
from kiosk.ledger import open_ledger, tasks
from kiosk.ledger.tasks import Task
from kiosk.messages.asks import Bond, Snapshot
from kiosk.messages.records import Head
from tests.unit.gateway.rig import BOOK, READER, READER_CARD, Machine, Site

DAY_S = 86_400


def head(mono_ms: int, boot: str = "b1", wall_ms: int = 0) -> Head:
    return Head(device="kiosk-1", epoch="e1", seq=1, prev="", wall_ms=wall_ms, mono_ms=mono_ms, boot=boot)


# --- times ---


def test_a_record_of_a_boot_that_was_met_has_a_time() -> None:
    offsets = measured({}, "b1", 60_000, epoch_ms("2026-11-22T09:00:00Z") or 0)
    span = span_of(head(60_000 + 1_800_000), offsets, 0, epoch_ms("2026-11-22T12:00:00Z") or 0)

    middle = (span.first_ms + span.last_ms) // 2
    assert rfc3339(middle / 1000) == "2026-11-22T09:30:00.000Z"


def test_a_record_of_a_boot_that_was_never_met_happened_any_time_since_the_one_before() -> None:
    span = span_of(head(5, boot="lost"), {"b1": 0}, 1_000, 9_000)

    assert (span.first_ms, span.last_ms) == (1_000, 9_000)


def test_a_time_that_cannot_be_is_no_witness() -> None:
    span = span_of(head(10**12), {"b1": 0}, 1_000, 9_000)

    assert (span.first_ms, span.last_ms) == (1_000, 9_000)


def test_the_least_delayed_message_tells_best_how_far_a_clock_is_off() -> None:
    offsets = measured({}, "b1", 100_000, 109_000)
    offsets = measured(offsets, "b1", 200_000, 201_000)
    offsets = measured(offsets, "b1", 300_000, 350_000)

    assert offsets == {"b1": 1_000}


@given(st.text())
def test_no_text_breaks_the_reading_of_a_time(text: str) -> None:
    epoch_ms(text)


# --- claims and lease ---


def test_one_item_is_in_one_hand_at_a_time() -> None:
    hub = VirtualHub()
    claims = Claims(hub)
    held: list[str] = []

    def work(name: str, *names: str) -> None:
        with claims.held(names) as ours:
            assert ours
            held.append(f"{name} in")
            hub.wait_until(hub.now() + 1)
            held.append(f"{name} out")

    hub.spawn("a", lambda: work("a", "item:1", "patron:1"))
    hub.spawn("b", lambda: work("b", "patron:1", "item:2"))
    hub.run(10)

    assert held == ["a in", "a out", "b in", "b out"]


def test_who_cannot_wait_any_longer_holds_nothing() -> None:
    hub = VirtualHub()
    claims = Claims(hub)
    got: list[bool] = []

    def impatient() -> None:
        with claims.held(["x", "y"], by=hub.now() + 0.5) as ours:
            got.append(ours)

    def slow() -> None:
        with claims.held(["y"]):
            hub.wait_until(hub.now() + 1)

    hub.spawn("slow", slow)
    hub.spawn("impatient", impatient)
    hub.run(2)
    hub.spawn("later", impatient)
    hub.run(3)
    assert got == [False, True]


def test_no_message_outlasts_the_lease(tmp_path: Path) -> None:
    hub = VirtualHub()
    ledger = open_ledger(f"sqlite:///{tmp_path / 'l.db'}", hub)
    mine, other = Lease(ledger, hub, "a", "run1"), Lease(ledger, hub, "b", "run1")

    assert mine.renew()
    assert not other.renew()
    assert mine.within(hub.now() + 1000) < hub.now() + LENGTH_S
    with pytest.raises(NotLeading):
        other.within(1)
    hub.run(LENGTH_S)
    with pytest.raises(NotLeading):
        mine.within(hub.now() + 1)
    assert other.renew()
    assert not mine.renew()


def test_a_gateway_that_starts_again_does_not_wait_for_its_own_lease(tmp_path: Path) -> None:
    hub = VirtualHub()
    ledger = open_ledger(f"sqlite:///{tmp_path / 'l.db'}", hub)
    Lease(ledger, hub, "a", "run1").renew()

    assert Lease(ledger, hub, "a", "run2").renew()


# --- cards ---


@pytest.mark.parametrize(
    ("form", "written"),
    [
        (CardForm.HEX, "04FA944D"),
        (CardForm.HEX_REVERSED, "4D94FA04"),
        (CardForm.DECIMAL, "0083530829"),
        (CardForm.DECIMAL_REVERSED, "1301608964"),
        (CardForm.AS_IS, "04FA944D"),
    ],
)
def test_a_card_number_has_the_sites_own_form(form: CardForm, written: str) -> None:
    assert in_form("04fa944d", form, 10) == written
    assert as_read(written, form) == "04FA944D"


def test_made_up_numbers_are_told_apart_from_cards() -> None:
    assert is_random("08A1B2C3")
    assert not is_random("04A1B2C3")
    assert not is_random("08A1B2C3D4E5F6")


@given(st.text(max_size=30), st.sampled_from(CardForm))
def test_no_card_number_breaks_its_form(text: str, form: CardForm) -> None:
    as_read(in_form(text, form, 10), form)


def test_a_card_file_is_read_again_when_it_changes_and_kept_when_it_breaks(tmp_path: Path) -> None:
    path = tmp_path / "cards.csv"
    path.write_text("card_uid,patron_id,status\n0411,R1,ok\n0422,R2,lost\n")
    cards = CardFile(path)
    assert cards.resolve("0411") == PatronId("R1")
    assert cards.resolve("0422") is Refusal.PATRON_CARD_LOST

    path.write_text("card_uid,patron_id,status\n0411,R3,ok\n0433,R4,ok\n")
    cards.refresh()
    assert cards.resolve("0411") == PatronId("R3")
    path.write_text("card_uid,patron_id\n0411,R9\n")
    with pytest.raises(CardFileError, match="column status"):
        cards.refresh()
    assert cards.resolve("0411") == PatronId("R3")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("card_uid,patron_id,status\n,R1,ok\n", "line 2"),
        ("card_uid,patron_id,status\n0411,R1,stolen\n", "ok or lost"),
        ("card_uid,patron_id,status\n0411,R1,ok\n0411,R2,ok\n", "listed twice"),
    ],
)
def test_a_mistake_in_the_card_file_is_named_with_its_line_and_without_its_reader(
    tmp_path: Path, text: str, words: str
) -> None:
    path = tmp_path / "cards.csv"
    path.write_text(text)
    with pytest.raises(CardFileError, match=words) as caught:
        CardFile(path)
    assert "R1" not in str(caught.value)
    assert "R2" not in str(caught.value)


# --- day keys and snapshots ---


def day_keys(tmp_path: Path, hub: VirtualHub) -> DayKeys:
    ledger = open_ledger(f"sqlite:///{tmp_path / 'l.db'}", hub)
    return DayKeys(ledger, hub, utc_offset_s=8 * 3600, ahead_days=3, sealed_days=10)


def test_after_its_time_nobody_can_open_a_days_boxes_any_more(tmp_path: Path) -> None:
    hub = VirtualHub()
    keys = day_keys(tmp_path, hub)
    keys.tend()
    today = keys.public()[0]
    box = seal(Bond(patron=READER, card="", item=BOOK), today, "key")
    pair = keys.pair(today.kid)
    assert pair is not None
    assert open_sealed(box, pair, "key", Bond).patron == READER

    hub.run(11 * DAY_S)
    keys.tend()
    assert keys.pair(today.kid) is None
    raw = b"".join(path.read_bytes() for path in tmp_path.glob("l.db"))
    assert pair.private.encode() not in raw
    with pytest.raises(SealError):
        open_sealed(box, next(iter(keys._pairs.values())), "key", Bond)


def test_day_keys_are_made_ahead_and_survive_a_restart(tmp_path: Path) -> None:
    hub = VirtualHub()
    keys = day_keys(tmp_path, hub)
    keys.tend()
    again = day_keys(tmp_path, hub)
    again.tend()

    assert [key.day for key in keys.public()] == ["2026-11-22", "2026-11-23", "2026-11-24", "2026-11-25"]
    assert again.public() == keys.public()


def test_a_snapshot_knows_a_reader_by_card_and_by_number_and_names_neither(site: Site, kiosk: Machine) -> None:
    kiosk.ask_patron(card=READER_CARD)
    kiosk.ask_item()
    snapshot = kiosk.ask_snapshot()

    assert isinstance(snapshot, Snapshot)
    key = base64.b64decode(snapshot.hash_key)
    who = {hint.who: hint for hint in snapshot.patrons}
    for number in (READER, READER_CARD):
        assert who[hmac.new(key, number.encode(), hashlib.sha256).hexdigest()].room == 8
    assert READER not in repr(snapshot)
    assert [item.title for item in snapshot.items] == ["红楼梦"]
    assert len(snapshot.day_keys) == 3


def test_a_reader_who_was_never_seen_is_not_in_a_snapshot(kiosk: Machine) -> None:
    assert kiosk.ask_snapshot().patrons == ()


# --- tasks ---


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_task_says_what_happened_and_what_to_do(kind: Kind, language: str) -> None:
    task = Task(id="ABC", kind=kind, item="D1", device="kiosk-1", detail='{"when":"2026-11-22 08:00","amount":"1.50"}')
    words = shown(task, language, place="一楼大厅")

    assert len(words.happened) > 8
    assert len(words.todo) > 8
    assert "{" not in words.happened + words.todo


def test_every_kind_of_task_has_its_sentences() -> None:
    assert set(SENTENCES) == set(Kind)


def test_a_call_for_staff_becomes_a_task_with_its_place(site: Site, kiosk: Machine) -> None:
    answer = kiosk.ask_staff()
    task = site.ledger.read(lambda tx: tasks.get(tx, answer.reference))

    assert task is not None
    assert "一楼大厅" in shown(task, "zh").happened
