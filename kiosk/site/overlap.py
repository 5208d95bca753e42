"""Do two patterns have a text in common? An item's and a reader's code must never be the same text.

Exact for the regular expressions of configuration files (letters, classes, repeats, alternatives) over printable
ASCII: both are followed letter by letter (Brzozowski derivatives, J. ACM 11, 1964, pages 481-494) until both accept.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from re import _constants, _parser  # type: ignore[attr-defined]  # the module's own parser; it has no public name
from typing import Any, Final

ALPHABET: Final = tuple(map(chr, range(0x20, 0x7F)))
STATES_MAX: Final = 20_000


class TooClever(ValueError):
    """The pattern uses what cannot be followed letter by letter: look-around, back-references, flags."""


@dataclass(frozen=True, slots=True)
class _Letters:
    any_of: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Both:
    first: _Node
    then: _Node


@dataclass(frozen=True, slots=True)
class _Either:
    options: frozenset[_Node]


@dataclass(frozen=True, slots=True)
class _Repeat:
    of: _Node
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class _End:
    """The empty text, and nothing else."""


_Node = _Letters | _Both | _Either | _Repeat | _End
_END: Final = _End()
_NEVER: Final = _Either(frozenset())


def common_text(one: str, other: str) -> str | None:
    """A shortest text that both patterns match whole, None when there is none. Raises TooClever and re.error."""
    start = (_node(one), _node(other))
    waiting = deque([(start, "")])
    seen = {start}
    while waiting:
        (left, right), text = waiting.popleft()
        if _accepts(left) and _accepts(right):
            return text
        for letter in ALPHABET:
            after = (_after(left, letter), _after(right, letter))
            if _NEVER not in after and after not in seen:
                if len(seen) >= STATES_MAX:
                    raise TooClever("too many repeats to be compared")
                seen.add(after)
                waiting.append((after, text + letter))
    return None


def _accepts(node: _Node) -> bool:
    """Whether the empty text matches."""
    match node:
        case _End():
            return True
        case _Letters():
            return False
        case _Both(first=first, then=then):
            return _accepts(first) and _accepts(then)
        case _Either(options=options):
            return any(map(_accepts, options))
        case _Repeat(of=of, least=least):
            return least == 0 or _accepts(of)


def _after(node: _Node, letter: str) -> _Node:
    """What must follow once `letter` was read."""
    match node:
        case _End():
            return _NEVER
        case _Letters(any_of=any_of):
            return _END if letter in any_of else _NEVER
        case _Both(first=first, then=then):
            read = _both(_after(first, letter), then)
            return _either(read, _after(then, letter)) if _accepts(first) else read
        case _Either(options=options):
            return _either(*(_after(option, letter) for option in options))
        case _Repeat(of=of, least=least, most=most):
            rest = _repeat(of, max(0, least - 1), None if most is None else most - 1)
            return _both(_after(of, letter), rest)


def _both(first: _Node, then: _Node) -> _Node:
    if _NEVER in (first, then):
        return _NEVER
    if first == _END:
        return then
    return first if then == _END else _Both(first, then)


def _either(*options: _Node) -> _Node:
    flat: set[_Node] = set()
    for option in options:
        flat |= option.options if isinstance(option, _Either) else {option}
    return flat.pop() if len(flat) == 1 else _Either(frozenset(flat))


def _repeat(of: _Node, least: int, most: int | None) -> _Node:
    return _END if most == 0 else _Repeat(of, least, most)


def _node(pattern: str) -> _Node:
    if re.compile(pattern).flags & ~re.UNICODE:
        raise TooClever("flags such as (?i) cannot be compared")
    return _sequence(_parser.parse(pattern))


def _sequence(parsed: Any) -> _Node:  # the parser's own lists have no public types
    node: _Node = _END
    for operation, argument in reversed(list(parsed)):
        node = _both(_single(operation, argument), node)
    return node


def _single(operation: Any, argument: Any) -> _Node:
    match operation:
        case _constants.LITERAL:
            return _Letters(frozenset(chr(argument)))
        case _constants.NOT_LITERAL:
            return _Letters(frozenset(ALPHABET) - {chr(argument)})
        case _constants.ANY:
            return _Letters(frozenset(ALPHABET))
        case _constants.IN:
            return _Letters(_class(argument))
        case _constants.BRANCH:
            return _either(*(_sequence(option) for option in argument[1]))
        case _constants.SUBPATTERN if argument[1:3] == (0, 0):
            return _sequence(argument[3])
        case _constants.MAX_REPEAT | _constants.MIN_REPEAT:
            least, most, of = argument
            return _repeat(_sequence(of), least, None if most == _constants.MAXREPEAT else most)
        case _constants.AT if argument in (_constants.AT_BEGINNING, _constants.AT_END):
            return _END
        case _:
            raise TooClever(f"{str(operation).lower()} cannot be compared")


def _class(items: Any) -> frozenset[str]:
    letters: set[str] = set()
    negated = False
    for operation, argument in items:
        match operation:
            case _constants.NEGATE:
                negated = True
            case _constants.LITERAL:
                letters.add(chr(argument))
            case _constants.RANGE:
                letters |= set(map(chr, range(argument[0], argument[1] + 1)))
            case _constants.CATEGORY:
                letters |= _category(argument)
            case _:
                raise TooClever(f"{str(operation).lower()} cannot be compared")
    return frozenset(ALPHABET) - letters if negated else frozenset(letters)


def _category(category: Any) -> set[str]:
    written = {
        _constants.CATEGORY_DIGIT: r"\d",
        _constants.CATEGORY_NOT_DIGIT: r"\D",
        _constants.CATEGORY_WORD: r"\w",
        _constants.CATEGORY_NOT_WORD: r"\W",
        _constants.CATEGORY_SPACE: r"\s",
        _constants.CATEGORY_NOT_SPACE: r"\S",
    }[category]
    return {letter for letter in ALPHABET if re.fullmatch(written, letter)}
