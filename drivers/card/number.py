"""From a uid to the number the campus card centre knows: byte order and digits are a matter of the site. Pure.

The same four bytes are printed and exported in at least six ways; a wrong choice maps every card to nobody, or worse,
to somebody. The site's configuration names the form, and one known card proves it.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import assert_never


class ByteOrder(enum.StrEnum):
    """Which byte of the uid is the most significant one of the number."""

    AS_SENT = "as-sent"  # the first byte over the air (usual in hex exports)
    REVERSED = "reversed"  # the last one (usual behind desktop readers that type a decimal number)


class Digits(enum.StrEnum):
    """How the number is written. Forms of 32 and 24 bits keep the low bits: a longer uid is cut and may collide."""

    HEX = "hex"  # all bytes, upper case
    DECIMAL_10 = "decimal-10"  # 32 bits, ten digits ("8H10D")
    DECIMAL_8 = "decimal-8"  # 24 bits, eight digits ("6H8D")
    WIEGAND_26 = "wiegand-26"  # 8 + 16 bits, three and five digits ("2H4H")
    WIEGAND_34 = "wiegand-34"  # 16 + 16 bits, five and five digits ("4H4H")


@dataclass(frozen=True, slots=True, kw_only=True)
class UidFormat:
    """What the site calls a card number."""

    order: ByteOrder = ByteOrder.AS_SENT
    digits: Digits = Digits.HEX


def card_number(uid: bytes, form: UidFormat) -> str:
    """The number of the card with this uid (bytes in the order they were sent).

    The decimal and Wiegand forms follow what card makers print on EM and M1 cards: 00 D5 07 D0 is 0013961168 in ten
    digits and 213 02000 in Wiegand 26, written here without the space.
    """
    value = int.from_bytes(uid, "big" if form.order is ByteOrder.AS_SENT else "little")
    match form.digits:
        case Digits.HEX:
            return f"{value:0{2 * len(uid)}X}"
        case Digits.DECIMAL_10:
            return f"{value & 0xFFFFFFFF:010d}"
        case Digits.DECIMAL_8:
            return f"{value & 0xFFFFFF:08d}"
        case Digits.WIEGAND_26:
            return f"{value >> 16 & 0xFF:03d}{value & 0xFFFF:05d}"
        case Digits.WIEGAND_34:
            return f"{value >> 16 & 0xFFFF:05d}{value & 0xFFFF:05d}"
        case _:
            assert_never(form.digits)
