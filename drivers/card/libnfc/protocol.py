"""What parent and child say to one another: one ASCII line each way, numbered, so that no answer is taken for another.

    7 poll                           7 cards 0004:08:04A1B2C3 0008:20:04112233445566
    8 block 04A1B2C3 4 60 FFFFFFFFFFFF    8 block 00..00 | 8 refused auth
    9 identify                       9 reader pn532_uart...  |  9 fault open

Pure. Decoding never raises anything but ValueError, whose message holds no part of the line: lines hold uids and keys.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from drivers.card.contract import UID_LENGTHS, CardSeen, KeyKind

LINE_BYTES_MAX = 512
CARDS_MAX = 2


@dataclass(frozen=True, slots=True)
class Identify:
    pass


@dataclass(frozen=True, slots=True)
class Poll:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBlock:
    uid: bytes = field(repr=False)
    block: int
    key: bytes = field(repr=False)
    kind: KeyKind


Request = Identify | Poll | ReadBlock


@dataclass(frozen=True, slots=True)
class Reader:
    name: str


@dataclass(frozen=True, slots=True)
class Cards:
    cards: tuple[CardSeen, ...]


@dataclass(frozen=True, slots=True)
class Block:
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Refusal:
    code: str


@dataclass(frozen=True, slots=True)
class Fault:
    code: str


Answer = Reader | Cards | Block | Refusal | Fault


def encode_request(number: int, request: Request) -> bytes:
    match request:
        case Identify():
            words = "identify"
        case Poll():
            words = "poll"
        case ReadBlock(uid=uid, block=block, key=key, kind=kind):
            words = f"block {_hex(uid)} {block} {int(kind):02X} {_hex(key)}"
    return f"{number} {words}\n".encode("ascii")


def decode_request(line: bytes) -> tuple[int, Request]:
    """Raises ValueError."""
    number, words = _words(line)
    match words:
        case ["identify"]:
            return number, Identify()
        case ["poll"]:
            return number, Poll()
        case ["block", uid, block, kind, key]:
            try:
                return number, ReadBlock(
                    uid=_uid(uid), block=int(block), key=_bytes(key, 6), kind=KeyKind(int(kind, 16))
                )
            except ValueError:
                raise ValueError("not a block request") from None
    raise ValueError("no such request")


def encode_answer(number: int, answer: Answer) -> bytes:
    match answer:
        case Reader(name):
            words = "reader " + "".join(char for char in name if char.isascii() and char.isprintable())[:80]
        case Cards(cards):
            words = " ".join(["cards", *(f"{card.atqa:04X}:{card.sak:02X}:{card.hex}" for card in cards)])
        case Block(data):
            words = f"block {_hex(data)}"
        case Refusal(code):
            words = f"refused {code}"
        case Fault(code):
            words = f"fault {code}"
    return f"{number} {words}\n".encode("ascii")


def decode_answer(line: bytes) -> tuple[int, Answer]:
    """Raises ValueError."""
    number, words = _words(line)
    match words:
        case ["reader", *name]:
            return number, Reader(" ".join(name))
        case ["cards", *cards] if len(cards) <= CARDS_MAX:
            return number, Cards(tuple(_card(card) for card in cards))
        case ["block", data]:
            return number, Block(_bytes(data, 16))
        case ["refused", code]:
            return number, Refusal(code)
        case ["fault", code]:
            return number, Fault(code)
    raise ValueError("no such answer")


class Lines:
    """Cuts a stream into lines, however it arrives. A line that never ends is thrown away in pieces."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> list[bytes]:
        *lines, rest = (self._buffer + data).split(b"\n")
        self._buffer = rest if len(rest) <= LINE_BYTES_MAX else b""
        return lines


def _words(line: bytes) -> tuple[int, list[str]]:
    try:
        number, *words = line.decode("ascii").split()
        return int(number), words
    except ValueError:  # no ASCII, an empty line, or no number in front
        raise ValueError("no number in front") from None


def _card(word: str) -> CardSeen:
    try:
        atqa, sak, uid = word.split(":")
        return CardSeen(uid=_uid(uid), atqa=_bounded(atqa, 0xFFFF), sak=_bounded(sak, 0xFF))
    except ValueError:
        raise ValueError("not a card") from None


def _bounded(word: str, most: int) -> int:
    value = int(word, 16)
    if not 0 <= value <= most:
        raise ValueError
    return value


def _uid(word: str) -> bytes:
    uid = bytes.fromhex(word)
    if len(uid) not in UID_LENGTHS:
        raise ValueError
    return uid


def _bytes(word: str, length: int) -> bytes:
    try:
        data = bytes.fromhex(word)
    except ValueError:
        raise ValueError("not hexadecimal") from None
    if len(data) != length:
        raise ValueError("another length")
    return data


def _hex(data: bytes) -> str:
    return data.hex().upper()
