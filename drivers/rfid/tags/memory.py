"""The bytes below every format: block order, blank tags, padded text fields, a whole memory to write."""

from __future__ import annotations

from drivers.rfid.tags.errors import CannotEncode


def reverse_blocks(memory: bytes, block_size: int) -> bytes:
    """Turns every block end to front; doing it twice changes nothing.

    FEIG's host mode hands blocks over most significant byte first, and some vendors' software wrote tags that way
    (libdanrfid; Biblio-RFID).
    """
    if block_size < 1:
        return memory
    return b"".join(memory[at : at + block_size][::-1] for at in range(0, len(memory), block_size))


def is_blank(memory: bytes, block_size: int) -> bool:
    """All 00, all 55, or 55 with a last block of 00 (the 3M factory blank, Biblio-RFID)."""
    if not memory:
        return False
    if not any(memory):
        return True
    last = len(memory) - max(block_size, 1)
    return memory == b"\x55" * len(memory) or (last > 0 and memory[:last] == b"\x55" * last and not any(memory[last:]))


def text_field(raw: bytes) -> str | None:
    """The text of a 00-padded field (a full field has no 00); "" when empty, None when it is no UTF-8 text."""
    try:
        text = raw.partition(b"\x00")[0].decode("utf-8").strip(" ")
    except UnicodeDecodeError:
        return None
    return text if is_graphic(text) else None


def is_graphic(text: str) -> bool:
    """Whether it has no control characters (ISO 28560 clarifications); spaces of every width are characters."""
    return text.replace("\u3000", " ").replace("\u00a0", " ").isprintable()


def padded(text: str, size: int, name: str) -> bytes:
    """`text` as a 00-padded field of `size` bytes; raises CannotEncode, naming the field, when it is longer."""
    raw = text.encode("utf-8")
    if len(raw) > size:
        raise CannotEncode(f"{name} has {len(raw)} bytes, the field {size}")
    return raw.ljust(size, b"\x00")


def whole_memory(data: bytes, memory_bytes: int, block_size: int, *, blocks_reversed: bool = False) -> bytes:
    """`data` and 00 up to the end of the tag, in the block order the tag was found with."""
    if block_size < 1 or memory_bytes % block_size:
        raise CannotEncode(f"a memory of {memory_bytes} bytes has no whole blocks of {block_size}")
    if len(data) > memory_bytes:
        raise CannotEncode(f"{len(data)} bytes do not fit on a tag of {memory_bytes}")
    memory = data.ljust(memory_bytes, b"\x00")
    return reverse_blocks(memory, block_size) if blocks_reversed else memory
