"""Every command says what it is for, and what each of its arguments means, in lines a terminal can show."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from typing import Any

import pytest

from kiosk import cli

OTHERS = ("bench", "prove")  # their rooms' own tests look after them
WORDS = [word for word in cli._WORDS if word not in ("test", *OTHERS)]


class Asked(Exception):
    """Raised in place of parsing: carries the parser that a command made."""


def parser_of(word: str, monkeypatch: pytest.MonkeyPatch) -> argparse.ArgumentParser:
    def stop(parser: argparse.ArgumentParser, *_: Any) -> None:
        raise Asked(parser)

    for read in ("parse_args", "parse_intermixed_args"):
        monkeypatch.setattr(argparse.ArgumentParser, read, stop)
    with pytest.raises(Asked) as raised:
        cli.main([word])
    parser = raised.value.args[0]
    assert isinstance(parser, argparse.ArgumentParser)
    return parser


def parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for each in action.choices.values():
                yield from parsers(each)


def arguments(parser: argparse.ArgumentParser) -> Sequence[argparse.Action]:
    return [action for action in parser._actions if not isinstance(action, argparse._SubParsersAction)]


@pytest.mark.parametrize("word", WORDS)
def test_every_command_and_every_argument_explains_itself(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for parser in parsers(parser_of(word, monkeypatch)):
        assert re.match(r"[A-Z].*\.$", parser.description or "", re.DOTALL), parser.prog
        for action in arguments(parser):
            name = "/".join(action.option_strings) or action.dest
            assert action.help, f"{parser.prog}: {name} says nothing"
            assert not action.help.endswith("."), f"{parser.prog}: {name}"
            if action.nargs != 0 and action.choices is None:
                assert action.metavar or action.option_strings, f"{parser.prog}: {name} has no word for its value"


@pytest.mark.parametrize(
    "word", ["journal verify", "tag decode", "audit", "diag", "config check", "screens check", "demo"]
)
def test_what_a_machine_would_read_can_be_had_as_json(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    head, *rest = word.split()
    found = parser_of(head, monkeypatch)
    for name in rest:
        found = next(each for each in parsers(found) if each.prog.endswith(f" {name}"))
    assert "--json" in found.format_help()


def test_the_list_of_commands_is_aligned_and_in_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("  ")]
    assert len(lines) == len(cli._WORDS)
    assert len({len(re.match(r" +\S+ +", line)[0]) for line in lines}) == 1  # type: ignore[index]  # every line has a word
    assert all(re.search(r" [A-Z].*\.$", line) and len(line) <= 100 for line in lines)


@pytest.mark.parametrize("word", ["--version", "-V"])
def test_the_version_is_that_of_the_package(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([word]) == 0
    assert capsys.readouterr().out == f"circdesk {version('circdesk')}\n"
