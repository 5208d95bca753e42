"""Type of usage and media format: the code lists a kiosk and a sorter must honour (ISO 28560-1, elements 5 and 19)."""

from __future__ import annotations

import enum


class TagUsage(enum.IntEnum):
    """What the item may be used for. The value is the byte written for it: class nibble, sub nibble.

    Source: ISO 28560-1, element 5. Sub codes without a rule of their own fall to their class.
    """

    ACQUISITION = 0x00
    CIRCULATING = 0x10
    NOT_FOR_AUTOMATIC_SORTING = 0x12
    NOT_ISSUE_OFFLINE = 0x13
    NOT_RETURN_OFFLINE = 0x14
    NEITHER_OFFLINE = 0x15
    REFERENCE_ONLY = 0x20
    LOCAL = 0x30  # 3x and 4x; some Chinese libraries write 30 on shelf tags
    UNKNOWN = 0x50  # reserved codes
    NO_INFORMATION = 0x60
    DISCARDED = 0x70
    PATRON_CARD = 0x80
    EQUIPMENT = 0x90

    @classmethod
    def of(cls, code: int | None) -> TagUsage:
        """The usage a tag's byte stands for; `None` (the tag does not say) is NO_INFORMATION."""
        if code is None:
            return cls.NO_INFORMATION
        return _EXACT.get(code) or _BY_CLASS.get(code >> 4, cls.UNKNOWN)


_EXACT = {
    usage.value: usage
    for usage in (
        TagUsage.NOT_FOR_AUTOMATIC_SORTING,
        TagUsage.NOT_ISSUE_OFFLINE,
        TagUsage.NOT_RETURN_OFFLINE,
        TagUsage.NEITHER_OFFLINE,
    )
}

_BY_CLASS = {
    0x0: TagUsage.ACQUISITION,
    0x1: TagUsage.CIRCULATING,
    0x2: TagUsage.REFERENCE_ONLY,
    0x3: TagUsage.LOCAL,
    0x4: TagUsage.LOCAL,
    0x6: TagUsage.NO_INFORMATION,
    0x7: TagUsage.DISCARDED,
    0x8: TagUsage.PATRON_CARD,
    0x9: TagUsage.EQUIPMENT,
}


class MediaFormat(enum.IntEnum):
    """What the item is made of. 5 and 6 belong in the exception bin.

    Source: ISO 28560-1 clarification of 2011-11-04, element 19 "media format (other)".
    """

    UNDEFINED = 0
    BOOK = 1
    CD_DVD = 2
    MAGNETIC_TAPE = 3
    OTHER = 4
    OTHER_CAREFUL = 5
    VERY_SMALL = 6
    RESERVED = 7  # 7 to 127
    LOCAL = 128  # 128 to 255, free use by the library

    @classmethod
    def of(cls, code: int | None) -> MediaFormat:
        """The media format a tag's byte stands for; `None` (the tag does not say) is UNDEFINED."""
        if code is None:
            return cls.UNDEFINED
        if code <= cls.VERY_SMALL:
            return cls(code)
        return cls.LOCAL if code >= cls.LOCAL else cls.RESERVED
