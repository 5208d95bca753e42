"""Who is this? What a screen may know of a reader, and what a wrong PIN costs."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from kiosk.domain import PatronId, Refusal
from kiosk.gateway.config import Mask, PatronSection, PinAsked
from kiosk.gateway.names import masked
from kiosk.keys import new_reply_key, seal
from kiosk.messages.asks import (
    AskPatron,
    Credential,
    PatronKnown,
    PatronRefused,
    SealedAnswer,
    Unavailable,
    Want,
)
from tests.unit.gateway.rig import READER, READER_CARD, Machine, Site, config, demo_data


def patron_in(state: str) -> PatronId:
    return PatronId(next(row.patron_id for row in demo_data().patrons if row.state.value == state))


@pytest.fixture
def strict(tmp_path: Path) -> tuple[Site, Machine]:
    """A library that asks for a PIN."""
    site = Site(tmp_path, settings=config(tmp_path, patron=PatronSection(pin=PinAsked.ALWAYS, students=("UG",))))
    kiosk = site.machine()
    kiosk.birth()
    return site, kiosk


def right_pin(site: Site, patron: PatronId = READER) -> str:
    found = site.acs.circulation.store.patron(patron)
    assert found is not None
    return found.pin


def test_a_card_becomes_a_reader_with_a_masked_name(kiosk: Machine) -> None:
    answer = kiosk.ask_patron(card=READER_CARD)

    assert isinstance(answer, PatronKnown)
    assert answer.patron == READER
    assert answer.name.endswith("同学")
    assert len(answer.name) == 3
    assert (answer.limit, answer.charged) == (10, 2)
    assert answer.blocks == ()
    assert answer.loans == ()


def test_the_account_lists_loans_with_titles_and_due_dates(kiosk: Machine) -> None:
    answer = kiosk.ask_patron(want=Want.LOANS)

    assert isinstance(answer, PatronKnown)
    assert {line.title for line in answer.loans} == {"红楼梦", "三国演义"}
    assert all(len(line.due) == 10 for line in answer.loans)


def test_an_unknown_card_is_unknown(kiosk: Machine) -> None:
    assert kiosk.ask_patron(card="0411223344AABB") == PatronRefused(reason=Refusal.PATRON_UNKNOWN)


def test_a_phone_that_shows_a_random_number_is_told_apart(kiosk: Machine) -> None:
    assert kiosk.ask_patron(card="08A1B2C3") == PatronRefused(reason=Refusal.PATRON_CARD_RANDOM)


def test_a_lost_card_shows_nothing_of_the_account(kiosk: Machine) -> None:
    card = next(row.card_uid for row in demo_data().patrons if row.state.value == "card_lost")

    assert kiosk.ask_patron(card=card) == PatronRefused(reason=Refusal.PATRON_CARD_LOST)


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("overdue", Refusal.PATRON_OVERDUE),
        ("fees_over_limit", Refusal.PATRON_FEES),
        ("suspended", Refusal.PATRON_SUSPENDED),
        ("no_orientation", Refusal.PATRON_ORIENTATION),
        ("leaving", Refusal.PATRON_LEAVING),
        ("limit_reached", Refusal.PATRON_LIMIT),
        ("expired", Refusal.PATRON_EXPIRED),
    ],
)
def test_a_reader_who_may_not_borrow_is_known_with_the_reason(kiosk: Machine, state: str, reason: Refusal) -> None:
    answer = kiosk.ask_patron(patron_in(state))

    assert isinstance(answer, PatronKnown)
    assert reason in answer.blocks


def test_without_its_pin_a_card_opens_nothing(strict: tuple[Site, Machine]) -> None:
    _, kiosk = strict
    assert kiosk.ask_patron() == PatronRefused(reason=Refusal.PIN_NEEDED)


def test_with_its_pin_it_opens(strict: tuple[Site, Machine]) -> None:
    site, kiosk = strict
    assert isinstance(kiosk.ask_patron(pin=right_pin(site)), PatronKnown)


def test_a_wrong_pin_shows_nothing_and_says_how_many_tries_are_left(strict: tuple[Site, Machine]) -> None:
    _, kiosk = strict
    assert kiosk.ask_patron(pin="0000x") == PatronRefused(reason=Refusal.PIN_WRONG, tries_left=2)


def test_three_wrong_pins_lock_the_card_on_every_machine_for_ten_minutes(strict: tuple[Site, Machine]) -> None:
    site, kiosk = strict
    other = site.machine("kiosk-2")
    other.birth()
    kiosk.ask_patron(pin="wrong")
    other.ask_patron(card=READER_CARD, pin="wrong")
    locked = kiosk.ask_patron(pin="wrong")

    assert locked == PatronRefused(reason=Refusal.PIN_LOCKED, tries_left=0, locked_s=600)
    again = other.ask_patron(pin=right_pin(site))
    assert isinstance(again, PatronRefused)
    assert again.reason is Refusal.PIN_LOCKED
    site.run(600)
    assert isinstance(other.ask_patron(pin=right_pin(site)), PatronKnown)


def test_a_right_pin_forgets_the_wrong_ones(strict: tuple[Site, Machine]) -> None:
    site, kiosk = strict
    for _ in range(3):
        assert kiosk.ask_patron(pin="wrong") == PatronRefused(reason=Refusal.PIN_WRONG, tries_left=2)
        assert isinstance(kiosk.ask_patron(pin=right_pin(site)), PatronKnown)


def test_the_same_question_delivered_twice_counts_one_wrong_pin(strict: tuple[Site, Machine]) -> None:
    site, kiosk = strict
    site.broker.weather = type(site.broker.weather)(double=1.0)
    assert kiosk.ask_patron(pin="wrong") == PatronRefused(reason=Refusal.PIN_WRONG, tries_left=2)


def test_locks_outlive_a_restart_of_the_gateway(strict: tuple[Site, Machine]) -> None:
    site, kiosk = strict
    for _ in range(3):
        kiosk.ask_patron(pin="wrong")
    site.restart()
    site.run(1)

    answer = kiosk.ask_patron(pin=right_pin(site))
    assert isinstance(answer, PatronRefused)
    assert answer.reason is Refusal.PIN_LOCKED


def test_a_library_system_that_is_away_is_no_wrong_pin(strict: tuple[Site, Machine]) -> None:
    site, kiosk = strict
    site.pool.close()
    assert kiosk.ask_patron(pin="1") == Unavailable()


def test_nobody_but_the_asker_can_open_the_answer(kiosk: Machine) -> None:
    kiosk.ask_patron(corr="who")
    sealed = kiosk.answer("who")

    assert isinstance(sealed, SealedAnswer)
    assert READER not in sealed.box


def test_a_question_sealed_for_another_question_is_not_answered(site: Site, kiosk: Machine) -> None:
    credential = Credential(patron=READER, reply_key=new_reply_key())
    sealed = seal(credential, site.day_key(), "another question")
    corr = kiosk.ask(AskPatron(sealed=sealed, want=Want.SUMMARY))

    assert kiosk.answer(corr) is None


@pytest.mark.parametrize("broken", ["", "AAAA", "A", "not base64!"])
def test_a_question_with_a_broken_reply_key_is_not_answered_and_the_next_one_is(
    site: Site, kiosk: Machine, broken: str
) -> None:
    sealed = seal(Credential(patron=READER, reply_key=broken), site.day_key(), "broken")
    kiosk.ask(AskPatron(sealed=sealed, want=Want.SUMMARY), corr="broken")

    assert kiosk.answer("broken") is None
    assert isinstance(kiosk.ask_patron(), PatronKnown)


def test_the_end_of_a_visit_is_told_to_the_library_system_and_not_answered(site: Site, kiosk: Machine) -> None:
    assert kiosk.ask_patron(want=Want.END) is None
    assert site.acs.received["35"] == 1


def test_no_log_line_names_a_reader(strict: tuple[Site, Machine], caplog: pytest.LogCaptureFixture) -> None:
    site, kiosk = strict
    caplog.set_level(logging.DEBUG)
    kiosk.ask_patron(card=READER_CARD, pin="a wrong one")
    kiosk.ask_patron(pin=right_pin(site))
    loan = kiosk.intent()
    kiosk.write(loan)
    kiosk.ask_effect(loan)

    text = caplog.text
    for secret in (READER, READER_CARD, "a wrong one", right_pin(site), "本科生"):
        assert secret not in text


def test_the_ledger_names_no_reader(strict: tuple[Site, Machine]) -> None:
    site, kiosk = strict
    kiosk.ask_patron(card=READER_CARD, pin="wrong")
    loan = kiosk.intent()
    kiosk.write(loan)
    kiosk.ask_effect(loan)
    kiosk.flush()
    site.run(30)
    site.gateway.stop()
    site.ledger.close()

    raw = b"".join(path.read_bytes() for path in site.tmp_path.glob("ledger.db*"))
    for secret in (READER, READER_CARD, "本科生"):
        assert secret.encode() not in raw


@pytest.mark.parametrize(
    ("name", "group", "mask", "shown"),
    [
        ("王小明", "UG", Mask.TITLE, "王同学"),
        ("李华", "FAC", Mask.TITLE, "李老师"),
        ("欧阳修文", "UG", Mask.TITLE, "欧阳同学"),
        ("王小明", "ALUMNI", Mask.TITLE, "王读者"),
        ("王小明", "UG", Mask.STAR, "王*明"),
        ("王明", "UG", Mask.STAR, "王*"),
        ("欧阳修文", "UG", Mask.STAR, "欧阳*文"),
        ("John Smith", "UG", Mask.TITLE, "J***"),
        ("", "UG", Mask.TITLE, ""),
    ],
)
def test_a_name_is_shown_masked(name: str, group: str, mask: Mask, shown: str) -> None:
    assert masked(name, group, PatronSection(mask=mask, teachers=("FAC",), students=("UG",))) == shown
