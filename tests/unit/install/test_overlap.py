"""No text is both a book and a reader: two patterns are compared exactly."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.site.overlap import TooClever, common_text

LETTERS = "ab0"
TEXTS = ["".join(text) for n in range(5) for text in itertools.product(LETTERS, repeat=n)]


@pytest.mark.parametrize(
    ("item", "patron"),
    [
        (r"[A-Z]\d{7}", r"\d{10}"),
        (r"(?:[A-Z]\d{7}|[A-Z]{2}\d{2}-\d{7})", r"(?:[A-Z]{2}\d{2}-\d{8}|\d{10})"),
        (r"\d{8}", r"\d{10}"),
        (r"T\w+", r"[^T].*"),
        (r"a|b", r"c|"),
    ],
)
def test_codes_that_differ_in_form_are_told_apart(item: str, patron: str) -> None:
    assert common_text(item, patron) is None


@pytest.mark.parametrize(
    ("item", "patron"),
    [
        (r"[A-Z0-9]{4,20}", r"\d{10}"),
        (r"\d{8,12}", r"\d{10}"),
        (r".+", r"x?"),
        (r"^\d+$", r"[0-9]{3}"),
        (r"(?:B|b)\d*", r"b+\d{3}"),
    ],
)
def test_a_text_that_would_be_both_is_shown(item: str, patron: str) -> None:
    text = common_text(item, patron)
    assert text is not None
    assert re.fullmatch(item, text)
    assert re.fullmatch(patron, text)


@pytest.mark.parametrize("pattern", [r"(?=a)a", r"(a)\1", r"(?i)a", r"a\b"])
def test_what_cannot_be_followed_is_said_and_not_guessed(pattern: str) -> None:
    with pytest.raises(TooClever):
        common_text(pattern, "a")


_atoms = st.sampled_from(["a", "b", "0", ".", "[ab]", "[^a]", r"\d", r"\w", "(?:)"])
_patterns = st.recursive(
    _atoms,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda two: f"(?:{two[0]}|{two[1]})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,3}", "{2,}"])).map(
            lambda two: f"(?:{two[0]}){two[1]}"
        ),
    ),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(_patterns, _patterns)
def test_the_answer_is_that_of_trying_every_short_text(one: str, other: str) -> None:
    found = common_text(one, other)
    tried = [text for text in TEXTS if re.fullmatch(one, text) and re.fullmatch(other, text)]
    if found is None:
        assert tried == []
    else:
        assert re.fullmatch(one, found)
        assert re.fullmatch(other, found)
        assert all(len(found) <= len(text) for text in tried)
