"""Every sentence a reader may see: both languages, a next step, no jargon, and the word that fits what was asked."""

from __future__ import annotations

import re

import pytest

from kiosk.checkout.picture.words import WORDS, words
from kiosk.domain import Refusal
from kiosk.messages.asks import EffectRefused, LoanLine
from kiosk.messages.records import Op
from tests.unit.checkout.bench import Desktop, desk, reader, sentences

TABLE = sentences()
READER_KEYS = [key for key in TABLE.table if not key.startswith("tech.")]
JARGON = re.compile(r"SIP2|RFID|\bACS\b|\bILS\b|\bAFI\b|\bEAS\b|barcode number|timeout|error|交易|系统错误|罚款", re.I)


def test_english_counts_in_words_not_in_brackets() -> None:
    assert [key for key, row in TABLE.table.items() if "(s)" in row["en"]] == []


@pytest.mark.parametrize("key", [key for key in TABLE.table if key.endswith("#one")])
def test_a_singular_says_the_same_in_chinese(key: str) -> None:
    assert TABLE.table[key]["zh"] == TABLE.table[key.removesuffix("#one")]["zh"]
    assert "{n}" not in TABLE.table[key]["en"]


def test_every_sentence_that_counts_things_has_a_singular() -> None:
    """A plural noun after a count: `{n} books`."""
    plural = re.compile(r"(?<!of )\{n\} (more )?[a-z]+s\b")
    lacking = [key for key, row in TABLE.table.items() if plural.search(row["en"]) and f"{key}#one" not in TABLE.table]
    assert lacking == []


def test_readers_are_spared_jargon() -> None:
    found = [key for key in READER_KEYS if any(JARGON.search(text) for text in TABLE.table[key].values())]
    assert found == []


def test_chinese_sentences_are_chinese_and_english_ones_english() -> None:
    han = re.compile(r"[一-鿿]")
    assert [key for key, row in TABLE.table.items() if han.search(row["en"]) and key != "home.language"] == []
    assert [key for key, row in TABLE.table.items() if not han.search(row["zh"]) and key != "home.language"] in (
        [],
        ["patron.out_of"],
    )


def test_sentences_fit_a_screen() -> None:
    """About 34 characters in Chinese and 95 in English are written for; the layout takes no more than this."""
    long_zh = [key for key in READER_KEYS if len(TABLE.table[key]["zh"]) > 60]
    long_en = [key for key in READER_KEYS if len(TABLE.table[key]["en"]) > 110]
    assert (long_zh, long_en) == ([], [])


@pytest.mark.parametrize("op", [Op.CHECKOUT, Op.CHECKIN, Op.RENEW])
@pytest.mark.parametrize("reason", list(Refusal))
def test_every_refusal_has_a_word_a_reason_and_a_next_step(reason: Refusal, op: Op) -> None:
    said = words(reason, op)
    for key in (said.word, said.reason, said.remedy):
        assert key in TABLE
    assert not TABLE.fields(said.remedy)
    assert not TABLE.fields(said.word)


@pytest.mark.parametrize("reason", list(Refusal))
def test_every_reason_can_be_said_without_its_numbers(reason: Refusal) -> None:
    for op in (Op.CHECKOUT, Op.CHECKIN, Op.RENEW):
        key = words(reason, op).reason
        assert not TABLE.fields(key) or reason is Refusal.OFFLINE_LIMIT or f"{key}#plain" in TABLE or key == "card.pin"


@pytest.mark.parametrize("reason", list(Refusal))
def test_a_refused_return_is_never_explained_by_lending(reason: Refusal) -> None:
    said = words(reason, Op.CHECKIN)
    for key in (said.reason, said.remedy):
        assert "借出" not in TABLE.table[key]["zh"]
        assert "lent" not in TABLE.table[key]["en"]
    assert said.remedy not in ("do.shelf", "do.shelf_all"), "a book that was to be returned does not go on a shelf"


@pytest.mark.parametrize("reason", list(Refusal))
def test_a_refused_renewal_moves_no_book(reason: Refusal) -> None:
    assert words(reason, Op.RENEW).remedy not in ("do.shelf", "do.shelf_all", "do.desk")


def test_only_a_network_matter_waits_for_the_network() -> None:
    waits = {reason for reason, said in WORDS.items() if said.remedy == "do.later"}
    assert waits == {Refusal.OFFLINE_NOT_HERE, Refusal.OFFLINE_UNKNOWN_PATRON}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("reason", list(Refusal))
def test_a_refused_loan_names_the_reason_and_where_the_book_goes(reason: Refusal, lang: str) -> None:
    desktop = Desktop(
        desk=desk(language=lang), effect=lambda intent: EffectRefused(key=intent.key, reason=reason, detail="")
    )
    desktop.put("D1")
    desktop.tap()
    desktop.run(1)
    desktop.touch("borrow")
    desktop.run(1)
    row = desktop.screen.rows[0]
    assert row.value
    assert row.reason
    assert row.remedy
    assert "{" not in row.reason + row.remedy


@pytest.mark.parametrize("reason", list(Refusal))
def test_a_refused_renewal_names_the_reason_and_the_next_step(reason: Refusal) -> None:
    loans = (LoanLine(item="D1", title="书 D1", due="2026-11-30"),)  # type: ignore[arg-type]
    desktop = Desktop(patron=reader(loans=loans), effect=lambda intent: EffectRefused(key=intent.key, reason=reason))
    desktop.touch("start.account")
    desktop.tap()
    desktop.run(1)
    desktop.touch("renew")
    desktop.run(1)
    row = desktop.screen.rows[0]
    assert row.reason
    assert row.remedy
