"""Which character a key types: US layout, the factory setting of keyboard scanners. Pure.

Source of the codes: Linux, include/uapi/linux/input-event-codes.h.
"""

from __future__ import annotations

from collections.abc import Mapping

KEY_TAB = 15
KEY_ENTER = 28
KEY_KPENTER = 96
KEY_CAPSLOCK = 58
SHIFTS = frozenset({42, 54})
CONTROLS = frozenset({29, 97})
OTHER_MODIFIERS = frozenset({56, 100, 125, 126})  # alt, altgr, meta: a code typed with them is not understood
ENDS = frozenset({KEY_ENTER, KEY_KPENTER, KEY_TAB})
KEY_RIGHTBRACE = 27  # with control: ASCII 1D, the separator of GS1 codes

Layout = Mapping[int, tuple[str, str]]  # key code -> character without and with shift


def _row(first: int, plain: str, shifted: str) -> dict[int, tuple[str, str]]:
    return {first + at: pair for at, pair in enumerate(zip(plain, shifted, strict=True))}


US: Layout = {
    **_row(2, "1234567890-=", "!@#$%^&*()_+"),
    **_row(16, "qwertyuiop[]", "QWERTYUIOP{}"),
    **_row(30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
    **_row(43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    57: (" ", " "),
    # The number pad, as with num lock on: some scanners type digits there.
    **_row(71, "789-456+1230.", "789-456+1230."),
    55: ("*", "*"),
    98: ("/", "/"),
}
