"""The file of sentences, as librarians edit it."""

from __future__ import annotations

import pytest

from kiosk.screen.sentences import SentenceError, parse


def test_a_stray_carriage_return_is_named_and_not_a_crash() -> None:
    with pytest.raises(SentenceError, match="not readable as CSV"):
        parse("key,zh,en\na,\rb,c\r d\n")
