"""Breaking lines, Chinese and English mixed."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.ui.text import CLOSERS, OPENERS, Asked, Face, Set, clusters, fit, glyphs, wrap


class EvenRuler:
    """Han characters one em wide, everything else half."""

    memo: dict[str, tuple[str, ...]]
    sets: dict[Asked, Set]

    def __init__(self) -> None:
        self.memo, self.sets = {}, {}

    def width(self, text: str, face: Face, size_px: int) -> int:
        return sum(size_px if ord(c) > 0x2E7F else size_px // 2 for c in text)


RULER = EvenRuler()
SENTENCES = st.text(
    st.sampled_from("把书放在感应区，最多册。请（上）《红楼梦》：12月 3abc Data-\n"), min_size=1, max_size=60
)


def lines(text: str, ems: float) -> list[str]:
    return wrap(text, 10, ems * 10, Face.SANS, RULER)


def test_a_closing_mark_stays_with_the_word_before_it() -> None:
    assert lines("把书放上来，就能借走。", 5) == ["把书放上", "来，就能", "借走。"]


def test_an_opening_mark_goes_with_the_word_after_it() -> None:
    assert lines("请带好《红楼梦》", 4) == ["请带好", "《红", "楼梦》"]


def test_no_single_character_is_left_on_the_last_line() -> None:
    assert lines("办完会自动进入下一步", 9) == ["办完会自动进入下", "一步"]


def test_a_date_and_a_count_are_not_torn_apart() -> None:
    assert lines("保留至 12月22日", 6) == ["保留至", "12月22日"]
    assert lines("还可以借 12 册", 5.5) == ["还可以借", "12 册"]
    assert lines("Due back 22 Dec", 6) == ["Due back", "22 Dec"]


def test_a_phone_number_is_not_torn_apart() -> None:
    assert lines("请拨打 8359 0000", 6) == ["请拨打", "8359 0000"]


def test_a_word_wider_than_its_line_is_broken_rather_than_cut() -> None:
    assert "".join(lines("Magnetoencephalography", 5)) == "Magnetoencephalography"
    assert all(RULER.width(line, Face.SANS, 10) <= 50 for line in lines("Magnetoencephalography", 5))


def test_a_heading_breaks_after_its_comma() -> None:
    found = fit("把书放上来，就能借走。", [10], 75, 2, Face.SANS, RULER, even=True)
    assert found.lines == ("把书放上来，", "就能借走。")


def test_the_largest_size_that_fits_is_taken_and_nothing_is_ever_cut() -> None:
    assert fit("借走 3 册", [48, 32, 28], 160, 1, Face.SANS, RULER).size_px == 32
    small = fit("借走 3 册", [48], 60, 1, Face.SANS, RULER)
    assert small.squeezed
    assert "".join(small.lines).replace(" ", "") == "借走3册"


@given(SENTENCES, st.integers(4, 30))
def test_no_character_is_lost_however_narrow_the_column(text: str, ems: int) -> None:
    kept = "".join(lines(text, ems))
    assert kept.replace(" ", "") == text.replace(" ", "").replace("\n", "")


@given(SENTENCES, st.integers(6, 30))
def test_no_line_starts_with_a_closing_or_ends_with_an_opening_mark(text: str, ems: int) -> None:
    found = [line for paragraph in text.split("\n") for line in lines(paragraph, ems)]
    for before, after in pairwise(found):
        if before and after and f"{before}{after}" in text.replace(" ", ""):
            marks_alone = set(after) <= CLOSERS  # a row of marks wider than the column breaks somewhere
            assert after[0] not in CLOSERS or after[0] in "-,.;:" or marks_alone
            assert before[-1] not in OPENERS


@given(st.text(max_size=40))
def test_pieces_make_the_whole_again(text: str) -> None:
    assert "".join(clusters(text)) == text


@pytest.mark.parametrize(
    ("text", "narrow"),
    [("“Fluent Python”", True), ("“红楼梦”", False), ("Don’t", True), ("通志·卷三", False), ("Card · visitor", True)],
)
def test_quotation_marks_are_narrow_beside_latin_letters_only(text: str, narrow: bool) -> None:
    assert (glyphs(text) != text) is narrow
