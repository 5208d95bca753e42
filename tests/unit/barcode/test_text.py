from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.barcode import ScanForm, Scanned, ScanUnreadable, WhyUnreadable
from drivers.barcode.text import understand

BOOK = "D0001234"


def _why(text: str, form: ScanForm) -> WhyUnreadable:
    scan = understand(text, form)
    assert isinstance(scan, ScanUnreadable)
    return scan.why


@pytest.mark.parametrize("text", [BOOK, "借书证-学生 校园码", '{"t": 1}', "[)>\x1d01", "]C1D0001234", "图书　馆"])
def test_a_code_passes_as_it_is(text: str) -> None:
    assert understand(text, ScanForm()) == Scanned(text=text)


def test_nothing_between_two_ends_is_no_scan() -> None:
    assert understand("", ScanForm()) is None
    assert understand("", ScanForm(aim=True, prefix="~")) is None


@pytest.mark.parametrize(
    ("sent", "symbology"), [("]C1D0001234", "C1"), ("]Q3D0001234", "Q3"), ("]A0D0001234", "A0"), ("]X0D0001234", "X0")]
)
def test_an_aim_identifier_tells_the_kind_of_code(sent: str, symbology: str) -> None:
    assert understand(sent, ScanForm(aim=True)) == Scanned(text=BOOK, symbology=symbology)


@pytest.mark.parametrize("sent", [BOOK, "C1D0001234", "]", "]C", "]C1", "] 1D0001234"])
def test_a_code_whose_aim_identifier_is_missing_has_lost_its_head(sent: str) -> None:
    assert _why(sent, ScanForm(aim=True)) is WhyUnreadable.CUT


@pytest.mark.parametrize("sent", ["D0001234#", "~D0001234", "D0001234", "~#", "~", "#"])
def test_a_code_without_its_prefix_or_suffix_is_not_whole(sent: str) -> None:
    assert _why(sent, ScanForm(prefix="~", suffix="#")) is WhyUnreadable.CUT


def test_prefix_and_suffix_never_share_a_character() -> None:
    assert _why("aba", ScanForm(prefix="ab", suffix="ba")) is WhyUnreadable.CUT


def test_control_characters_are_garbage_unless_the_scanner_frames_its_codes_with_them() -> None:
    assert _why("D00\x0001234", ScanForm()) is WhyUnreadable.GARBAGE
    assert understand("\x02D0001234\x03", ScanForm(prefix="\x02", suffix="\x03")) == Scanned(text=BOOK)


def test_a_code_of_the_greatest_length_passes_and_one_more_does_not() -> None:
    assert understand("x" * 9, ScanForm(length_max=9)) == Scanned(text="x" * 9)
    assert _why("x" * 10, ScanForm(length_max=9)) is WhyUnreadable.TOO_LONG


@given(st.text(max_size=40), st.sampled_from([ScanForm(), ScanForm(prefix="a", suffix="b"), ScanForm(aim=True)]))
def test_any_text_is_a_part_of_what_was_sent_or_unreadable(text: str, form: ScanForm) -> None:
    scan = understand(text, form)
    if isinstance(scan, Scanned):
        assert scan.text
        assert f"{form.prefix}{']' if form.aim else ''}{scan.symbology}{scan.text}{form.suffix}" == text
