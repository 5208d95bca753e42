"""The radio field that every pad simulator shares: tags that are laid down and lifted, and air that loses things.

It models ISO 15693 tags as seen over the air, not a reader: a simulator turns its maker's frames into these calls.
Silence (the tag did not answer) is None everywhere, because that is all a reader can tell.
"""

from __future__ import annotations

import enum
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from drivers.rfid.contract import TagUid, tag_uid


class Op(enum.StrEnum):
    """What a reader does on the air; faults are planned per operation."""

    INVENTORY = "inventory"
    INFO = "info"
    READ = "read"
    WRITE = "write"
    WRITE_AFI = "write-afi"
    WRITE_EAS = "write-eas"
    READ_EAS = "read-eas"


class AirFault(enum.StrEnum):
    """What goes wrong between antenna and tag."""

    DEAF = "deaf"  # the tag does not hear the command
    LOST_WRITE = "lost-write"  # the tag answers well, its memory stays as it was
    ANSWER_LOST = "answer-lost"  # the tag acts, its answer is not heard
    LIFTED_BEFORE = "lifted-before"  # the book is taken away just before the command
    LIFTED_AFTER = "lifted-after"  # the tag acts and answers, then the book is taken away


class TagError(enum.IntEnum):
    """Error codes a tag answers with (ISO 15693-3, 7.4.2)."""

    NOT_SUPPORTED = 0x01
    NO_BLOCK = 0x10
    LOCKED = 0x12


@dataclass(slots=True, kw_only=True)
class Tag:
    """One tag. `memory` is in natural order, its length a multiple of `block_size` (bytes).

    `reach` is how surely it hears one command where it lies: 1.0 in the middle of the pad, less at its edge.
    """

    uid: TagUid
    memory: bytearray = field(default_factory=lambda: bytearray(28 * 4))
    block_size: int = 4
    afi: int = 0x07
    dsfid: int = 0x00
    eas: bool = False
    ic_ref: int = 0x01
    rssi: int | None = None
    reach: float = 1.0
    afi_locked: bool = False
    locked_blocks: set[int] = field(default_factory=set)
    has_system_info: bool = True
    quiet: bool = False

    @property
    def blocks(self) -> int:
        return len(self.memory) // self.block_size


def a_tag(number: int, memory: bytes = b"") -> Tag:
    """A secured 28 x 4 byte tag with a uid made from `number`; `memory` is filled up with zeros."""
    tag = Tag(uid=tag_uid(bytes.fromhex("E00401") + number.to_bytes(5, "big")))
    tag.memory[: len(memory)] = memory
    return tag


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One anticollision round. `crowded` is True when tags answered that could not be told apart."""

    tags: tuple[Tag, ...]
    crowded: bool


class Field:
    """The tags within reach of one antenna. Every draw comes from `rng`: the same seed is the same afternoon."""

    def __init__(self, rng: random.Random | None = None, *, capacity: int | None = None) -> None:
        self.capacity = capacity
        self.chance: dict[Op, float] = {}
        self.on_change: Callable[[], None] | None = None
        self._rng = rng or random.Random(0)
        self._tags: dict[TagUid, Tag] = {}
        self._plans: dict[Op, deque[AirFault]] = {}

    @property
    def tags(self) -> tuple[Tag, ...]:
        return tuple(self._tags.values())

    def put(self, *tags: Tag) -> None:
        """Lays books on the pad. A tag without power starts awake."""
        for tag in tags:
            tag.quiet = False
            self._tags[tag.uid] = tag
        self._changed()

    def lift(self, uid: TagUid) -> Tag:
        """Takes a book away; raises KeyError when it is not there."""
        tag = self._tags.pop(uid)
        self._changed()
        return tag

    def move(self, uid: TagUid, to: Field) -> None:
        """Takes a book from this pad to another."""
        to.put(self.lift(uid))

    def plan(self, op: Op, *faults: AirFault) -> None:
        """The next operations of this kind go wrong in this order."""
        self._plans.setdefault(op, deque()).extend(faults)

    def forget_plans(self) -> None:
        """Nothing planned happens any more."""
        self._plans.clear()

    def power_cycle(self) -> None:
        """The field was off: every tag has forgotten that it was silenced."""
        for tag in self.tags:
            tag.quiet = False

    def inventory(self, *, silence: bool) -> Found:
        """Every tag that is awake and heard, and silences those when the reader works that way."""
        heard: list[Tag] = []
        for tag in self.tags:
            if not tag.quiet and self._hears(Op.INVENTORY, tag):
                heard.append(tag)
        crowded = self.capacity is not None and len(heard) > self.capacity
        found = heard[: self.capacity]
        for tag in found:
            tag.quiet = silence
        return Found(tags=tuple(found), crowded=crowded)

    def info(self, uid: TagUid) -> Tag | TagError | None:
        """The tag itself, for its system bytes."""
        tag, fault = self._meet(Op.INFO, uid)
        if tag is None or fault is AirFault.ANSWER_LOST:
            return None
        return tag if tag.has_system_info else TagError.NOT_SUPPORTED

    def read(self, uid: TagUid, first: int, count: int) -> tuple[tuple[bool, bytes], ...] | TagError | None:
        """(locked, bytes) of `count` blocks."""
        tag, fault = self._meet(Op.READ, uid)
        if tag is None or fault is AirFault.ANSWER_LOST:
            return None
        if first + count > tag.blocks:
            return TagError.NO_BLOCK
        size = tag.block_size
        return tuple(
            (block in tag.locked_blocks, bytes(tag.memory[block * size : (block + 1) * size]))
            for block in range(first, first + count)
        )

    def write(self, uid: TagUid, first: int, data: bytes) -> bool | TagError | None:
        """True when the tag says the blocks are written."""

        def act(tag: Tag) -> TagError | None:
            span = range(first, first + len(data) // tag.block_size)
            if span.stop > tag.blocks:
                return TagError.NO_BLOCK
            if tag.locked_blocks.intersection(span):
                return TagError.LOCKED
            tag.memory[first * tag.block_size : first * tag.block_size + len(data)] = data
            return None

        return self._change(Op.WRITE, uid, act)

    def write_afi(self, uid: TagUid, afi: int) -> bool | TagError | None:
        """True when the tag says its AFI is written."""

        def act(tag: Tag) -> TagError | None:
            if tag.afi_locked:
                return TagError.LOCKED
            tag.afi = afi
            return None

        return self._change(Op.WRITE_AFI, uid, act)

    def write_eas(self, uid: TagUid, eas: bool) -> bool | TagError | None:
        """True when the tag says its EAS bit is written."""

        def act(tag: Tag) -> TagError | None:
            tag.eas = eas
            return None

        return self._change(Op.WRITE_EAS, uid, act)

    def eas_alarm(self, uid: TagUid) -> bool | None:
        """True when the tag rings; a tag with EAS off keeps silent, exactly as one that is not there."""
        tag, fault = self._meet(Op.READ_EAS, uid)
        return True if tag is not None and tag.eas and fault is not AirFault.ANSWER_LOST else None

    def _change(self, op: Op, uid: TagUid, act: Callable[[Tag], TagError | None]) -> bool | TagError | None:
        tag, fault = self._meet(op, uid)
        if tag is None:
            return None
        error = None if fault is AirFault.LOST_WRITE else act(tag)
        if fault is AirFault.LIFTED_AFTER:
            self.lift(uid)
        if fault is AirFault.ANSWER_LOST:
            return None
        return True if error is None else error

    def _meet(self, op: Op, uid: TagUid) -> tuple[Tag | None, AirFault | None]:
        plans = self._plans.get(op)
        fault = plans.popleft() if plans else None
        if fault is AirFault.LIFTED_BEFORE:
            self._tags.pop(uid, None)
            self._changed()
        tag = self._tags.get(uid)
        if tag is None or fault is AirFault.DEAF or not self._hears(op, tag):
            return None, fault
        return tag, fault

    def _hears(self, op: Op, tag: Tag) -> bool:
        sure = tag.reach * (1.0 - self.chance.get(op, 0.0))
        return sure >= 1.0 or self._rng.random() < sure

    def _changed(self) -> None:
        if self.on_change is not None:
            self.on_change()
