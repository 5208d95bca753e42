"""What a tag says, and what one wants it to say: values only."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from drivers.rfid.tags.errors import CannotEncode
from drivers.rfid.tags.memory import is_graphic
from drivers.rfid.tags.usage import MediaFormat, TagUsage

PARTS_MAX = 255
ITEM_ID_CHARS_MAX = 40
"""Longer than any barcode (27 is the longest DS/INF 163-1 knows), shorter than what a plain text taken for a data set
gives: its second character is the length, and a digit there means 48 bytes or more."""


def is_text(text: str) -> bool:
    """Whether a tag can say it and have it read back: something, no control characters, no space at an end."""
    return bool(text) and text == text.strip(" ") and is_graphic(text)


def is_item_id(text: str) -> bool:
    """Whether it may be an item number."""
    return is_text(text) and len(text) <= ITEM_ID_CHARS_MAX


class TagFormat(enum.StrEnum):
    """Named by content: "part 3" is the fixed-length model in ISO 28560 and a UHF model in GB/T 35660."""

    ISO_28560_2 = "iso28560_2"
    ISO_28560_3 = "iso28560_3"
    RFID_501 = "rfid501"
    FIXED = "fixed"
    BLANK = "blank"
    UNKNOWN = "unknown"


class TagWarning(enum.StrEnum):
    """What was odd about a tag, for the technician; none of them makes the content unusable."""

    AMBIGUOUS = "ambiguous"  # two formats decode, with different item numbers
    AFI_FOREIGN = "afi_foreign"
    DSFID_DIFFERS = "dsfid_differs"
    ITEM_NUMBER_UNEXPECTED = "item_number_unexpected"
    NO_ITEM_ID = "no_item_id"
    BLOCKS_REVERSED = "blocks_reversed"
    CHECKSUM_BAD = "checksum_bad"  # looks like ISO 28560-3, but its CRC is wrong: damaged, offer the barcode
    CRC_UNPADDED = "crc_unpadded"
    NIBBLES_SWAPPED = "nibbles_swapped"
    VERSION_UNEXPECTED = "version_unexpected"
    SET_BYTES_SWAPPED = "set_bytes_swapped"
    SET_INCONSISTENT = "set_inconsistent"
    EXTENSION_DAMAGED = "extension_damaged"
    ELEMENT_UNREADABLE = "element_unreadable"
    ELEMENT_DUPLICATE = "element_duplicate"
    CONTENT_PARAMETER_DIFFERS = "content_parameter_differs"
    DATA_AFTER_END = "data_after_end"


class Oid(enum.IntEnum):
    """Data elements (ISO 28560-1; the same numbers in WH/T 43-2012 and GB/T 35660.1). 27 to 31 are reserved."""

    PRIMARY_ITEM_ID = 1
    CONTENT_PARAMETER = 2
    OWNER_INSTITUTION = 3
    SET_INFORMATION = 4
    TYPE_OF_USAGE = 5
    SHELF_LOCATION = 6
    ONIX_MEDIA_FORMAT = 7
    MARC_MEDIA_FORMAT = 8
    SUPPLIER_ID = 9
    ORDER_NUMBER = 10
    ILL_BORROWING_INSTITUTION = 11
    ILL_TRANSACTION_NUMBER = 12
    GS1_PRODUCT_ID = 13
    ALTERNATIVE_UNIQUE_ITEM_ID = 14
    LOCAL_DATA_A = 15
    LOCAL_DATA_B = 16
    TITLE = 17
    LOCAL_PRODUCT_ID = 18
    MEDIA_FORMAT = 19
    SUPPLY_CHAIN_STAGE = 20
    SUPPLIER_INVOICE_NUMBER = 21
    ALTERNATIVE_ITEM_ID = 22
    ALTERNATIVE_OWNER = 23
    SUBSIDIARY_OF_OWNER = 24
    ALTERNATIVE_ILL_BORROWING_INSTITUTION = 25
    LOCAL_DATA_C = 26


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """One further data element as text. `oid` is an `Oid` where the standard names it."""

    oid: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One data set of ISO 28560-2 as it stands on the tag: `data` is compacted with `code` (0 to 7)."""

    oid: int
    code: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """One extension block of ISO 28560-3: its 16 or 24 bit id and what follows the frame."""

    block_id: int
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Rfid501Fields:
    """The fields of a 3M tag that no other format has. `branch` has 12 bits, `library` 20, `custom` is a signed 32."""

    item_type: int = 0
    branch: int = 0
    library: int = 0
    custom: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TagContent:
    """What `detect` found. `confidence` is 0 to 100; everything below `details` is kept for rewriting.

    `owner_institution` is an ISIL where the library has one. `parts` and `ordinal` are 1 and 1 for a single item.
    The `*_code` fields are the byte on the tag, or None where the tag does not say.
    """

    format: TagFormat
    layout: str | None = None
    confidence: int = 0
    warnings: tuple[TagWarning, ...] = ()
    primary_item_id: str | None = None
    owner_institution: str | None = None
    alternative_owner: str | None = None
    usage_code: int | None = None
    media_code: int | None = None
    parts: int = 1
    ordinal: int = 1
    details: tuple[Detail, ...] = ()
    elements: tuple[Element, ...] = ()
    extensions: tuple[Extension, ...] = ()
    unparsed: bytes = b""
    rfid501: Rfid501Fields | None = None
    blocks_reversed: bool = False

    @property
    def usage(self) -> TagUsage:
        """The rule for lending, returning and sorting."""
        return TagUsage.of(self.usage_code)

    @property
    def media(self) -> MediaFormat:
        """What the item is made of."""
        return MediaFormat.of(self.media_code)


@dataclass(frozen=True, slots=True, kw_only=True)
class TagItem:
    """What to write on a tag. `elements`, `extensions`, `unparsed` and `rfid501` carry what was there before.

    Raises CannotEncode for values no format can hold.
    """

    primary_item_id: str
    owner_institution: str | None = None
    alternative_owner: str | None = None
    usage_code: int | None = None
    media_code: int | None = None
    parts: int = 1
    ordinal: int = 1
    details: tuple[Detail, ...] = ()
    elements: tuple[Element, ...] = ()
    extensions: tuple[Extension, ...] = ()
    unparsed: bytes = b""
    rfid501: Rfid501Fields | None = None
    blocks_reversed: bool = False

    def __post_init__(self) -> None:
        if not is_item_id(self.primary_item_id):
            raise CannotEncode(f"the item number is no text of 1 to {ITEM_ID_CHARS_MAX} characters")
        texts = [self.owner_institution, self.alternative_owner, *(detail.text for detail in self.details)]
        if not all(text is None or is_text(text) for text in texts):
            raise CannotEncode("a text is empty, has a space at an end or has control characters")
        if not 1 <= self.ordinal <= self.parts <= PARTS_MAX:
            raise CannotEncode(f"part {self.ordinal} of {self.parts} does not exist")
        for code in (self.usage_code, self.media_code):
            if code is not None and not 0 <= code <= 0xFF:
                raise CannotEncode("usage and media format are one byte")
