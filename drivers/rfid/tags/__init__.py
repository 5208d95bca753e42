"""What is written on a library tag, and how to write it: bytes in, values out, no wire and no clock.

A pad hands over a tag's user memory, and with it DSFID and AFI as hints. `detect` tries what libraries really have:
ISO 28560-3 by its checksum, also with every block or the nibbles of byte 0 turned round as some vendors wrote them;
ISO 28560-2 (WH/T 44, GB/T 35660.2), whose data sets must all parse and name an item; the 3M tag; layouts the site
describes itself; blank. It never raises: what it cannot place is UNKNOWN, and the desk offers the printed barcode. The
vendor format "DM11" is known only in part and therefore not read at all.

`TagContent` says which item it is, whose, how it may be used and of how many parts, and keeps what it did not
understand; `item_of` turns it into a `TagItem` that can be written back, `converted` into one for another format. The
`encode_*` functions give a whole memory and refuse (`CannotEncode`) rather than drop a field. Circulation never writes
this memory: AFI and EAS are the pad's business.
"""

from drivers.rfid.tags.content import (
    Detail,
    Element,
    Extension,
    Oid,
    Rfid501Fields,
    TagContent,
    TagFormat,
    TagItem,
    TagWarning,
)
from drivers.rfid.tags.describe import describe, to_json
from drivers.rfid.tags.detection import DEFAULT_ORDER, DSFID_FORMATS, LIBRARY_AFIS, detect
from drivers.rfid.tags.errors import CannotEncode, Malformed
from drivers.rfid.tags.fixed import Charset, FixedLayout
from drivers.rfid.tags.iso28560_2 import encode_28560_2, text_element
from drivers.rfid.tags.iso28560_3 import encode_28560_3
from drivers.rfid.tags.rewrite import converted, item_of
from drivers.rfid.tags.rfid501 import encode_rfid501
from drivers.rfid.tags.system_info import SystemInfo, decode_system_info, encode_system_info
from drivers.rfid.tags.usage import MediaFormat, TagUsage

__all__ = [
    "DEFAULT_ORDER",
    "DSFID_FORMATS",
    "LIBRARY_AFIS",
    "CannotEncode",
    "Charset",
    "Detail",
    "Element",
    "Extension",
    "FixedLayout",
    "Malformed",
    "MediaFormat",
    "Oid",
    "Rfid501Fields",
    "SystemInfo",
    "TagContent",
    "TagFormat",
    "TagItem",
    "TagUsage",
    "TagWarning",
    "converted",
    "decode_system_info",
    "describe",
    "detect",
    "encode_28560_2",
    "encode_28560_3",
    "encode_rfid501",
    "encode_system_info",
    "item_of",
    "text_element",
    "to_json",
]
