"""Lines that fit the paper."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.receipt import Align, Cut, Feed, Pair, QrCode, ReceiptPage, Rule, Text, page_text
from drivers.receipt.contract import ELEMENTS_MAX, QR_BYTES_MAX, TEXT_CHARS_MAX
from drivers.receipt.layout import NOT_FIRST, Row, clean, lay_out, width, wrap

PAPERS = st.sampled_from((16, 32, 42, 48))
CHARS = st.characters(codec="utf-8") | st.sampled_from("借书凭条还，。《》（）“”—…AaZz09 -\t\n　é")
WORDS = st.text(CHARS, max_size=80)
ELEMENTS = st.one_of(
    st.builds(Text, text=WORDS, align=st.sampled_from(Align), bold=st.booleans(), double=st.booleans()),
    st.builds(Pair, key=WORDS, value=WORDS, bold=st.booleans()),
    st.builds(Rule),
    st.builds(Feed, lines=st.integers(1, 20)),
    st.builds(QrCode, data=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=60)),
)
PAGES = st.builds(lambda elements: ReceiptPage((*elements, Cut())), st.lists(ELEMENTS, max_size=8))


def visible(text: str) -> str:
    return "".join(char for char in clean(text.replace("\n", " ")) if not char.isspace())


@given(PAGES, PAPERS)
def test_no_line_is_longer_than_the_paper(page: ReceiptPage, columns: int) -> None:
    for row in lay_out(page, columns):
        if isinstance(row, Row):
            assert width(row.text) * (2 if row.double else 1) <= columns


@given(WORDS, PAPERS)
def test_wrapping_loses_no_visible_character(text: str, columns: int) -> None:
    assert "".join(visible(line) for line in wrap(clean(text), columns)) == visible(text)


@given(WORDS, WORDS, PAPERS)
def test_key_and_value_lose_no_visible_character(key: str, value: str, columns: int) -> None:
    rows = lay_out(ReceiptPage((Pair(key=key, value=value),)), columns)
    assert "".join(visible(row.text) for row in rows if isinstance(row, Row)) == visible(key) + visible(value)


@given(WORDS)
def test_nothing_that_commands_a_printer_survives_cleaning(text: str) -> None:
    assert all(char == "\t" or unicodedata.category(char)[0] != "C" or ord(char) >= 0x80 for char in clean(text))
    assert "\x10" not in clean("\x10\x14\x01\x00\x05" + text)


def test_chinese_takes_two_cells_and_so_do_its_quotation_marks() -> None:
    assert width("借书 A") == 6
    assert width("“—”") == 6


def test_chinese_breaks_anywhere_and_latin_between_words() -> None:
    assert wrap("深入理解 Computer Systems 第三版", 16) == ["深入理解", "Computer Systems", "第三版"]


def test_a_comma_never_starts_a_line_and_an_opening_mark_never_ends_one() -> None:
    assert wrap("一二三四五六七八，九", 16) == ["一二三四五六七", "八，九"]
    assert wrap("一二三四五六七《九》", 16) == ["一二三四五六七", "《九》"]


@given(st.text(st.sampled_from("一二三四五六七八九，。"), max_size=60))
def test_closing_marks_stay_with_what_they_close_while_it_fits(text: str) -> None:
    lines = wrap(text, 16)
    for above, line in itertools.pairwise(lines):
        assert line[0] not in NOT_FIRST or width(above) == 16


def test_a_word_longer_than_the_paper_is_broken_at_its_edge() -> None:
    assert wrap("https://lib.example/renew/8F3K", 16) == ["https://lib.exam", "ple/renew/8F3K"]


def test_a_short_pair_is_one_line_and_a_long_one_ends_with_its_value() -> None:
    page = ReceiptPage((Pair(key="应还", value="2027-01-31"), Pair(key="三体（全三册）典藏版", value="2027-01-31")))
    assert page_text(page, 32) == ("应还                  2027-01-31\n三体（全三册）典藏版  2027-01-31")
    assert page_text(page, 24) == "应还          2027-01-31\n三体（全三册）典藏版\n              2027-01-31"


def test_a_receipt_reads_as_it_is_printed() -> None:
    page = ReceiptPage(
        (
            Text(text="借书凭条", align=Align.CENTER, bold=True, double=True),
            Rule(),
            Pair(key="三体", value="2027-01-31"),
            Feed(lines=1),
            QrCode(data="https://l.cn/1"),
            Text(text="谢谢", align=Align.RIGHT),
            Cut(),
        )
    )
    assert page_text(page, 32).splitlines() == [
        "            借书凭条",
        "-" * 32,
        "三体                  2027-01-31",
        "",
        "      [QR https://l.cn/1]",
        "                            谢谢",
    ]


@pytest.mark.parametrize(
    "build",
    [
        lambda: Text(text="a" * (TEXT_CHARS_MAX + 1)),
        lambda: Pair(key="a" * TEXT_CHARS_MAX, value="b"),
        lambda: QrCode(data="字" * QR_BYTES_MAX),
        lambda: QrCode(data=""),
        lambda: QrCode(data="\x10\x04\x01"),
        lambda: Feed(lines=0),
        lambda: Feed(lines=21),
        lambda: ReceiptPage((Rule(),) * (ELEMENTS_MAX + 1)),
        lambda: lay_out(ReceiptPage(()), 15),
    ],
)
def test_what_no_receipt_should_hold_is_refused_when_it_is_made(build: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        build()
