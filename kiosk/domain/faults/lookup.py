"""From a device's own words to a number of the catalogue."""

from __future__ import annotations

import errno
from typing import Final

from kiosk.domain.faults import devices
from kiosk.domain.faults.devices import FAMILIES, FORBIDDEN, GARBLED, GONE, MUTE, REFUSED, TAKEN
from kiosk.domain.faults.fault import Fault

_WELL: Final = ("ok", "absent")
_STARTING: Final = "starting"  # not yet looked at
_OWN: Final = {
    ("pad", "too-many-tags"): devices.PAD_TOO_MANY,
    ("pad", "hardware"): devices.PAD_HARDWARE,
    ("pad", "radio"): devices.PAD_RADIO,
    ("card", "not-pn532"): devices.CARD_OTHER,
    ("card", "syntax"): devices.CARD_OTHER,
    ("card", "hang"): devices.CARD_HUNG,
    ("printer", "paper-low"): devices.PAPER_LOW,
    ("printer", "paper-end"): devices.PAPER_OUT,
    ("printer", "open"): devices.PRINTER_OPEN,
    ("printer", "cutter"): devices.PRINTER_CUTTER,
    ("printer", "passing"): devices.PRINTER_HOT,
    ("printer", "fatal"): devices.PRINTER_BROKEN,
    ("printer", "other"): devices.PRINTER_BROKEN,
}
# A port says by its errno what its message says in many languages.
_ERRNO: Final = {errno.EACCES: "forbidden", errno.EPERM: "forbidden", errno.EBUSY: "busy", errno.EAGAIN: "busy"}
_CODES: Final = {"forbidden": FORBIDDEN, "busy": TAKEN, "grab": TAKEN}
_PACKAGE_CODES: Final = ("no_libusb", "missing")
_PLACES: Final = {"gone": GONE, "mute": MUTE, "garbled": GARBLED, "refused": REFUSED}
# Of a device that answers now and then (`degraded`), the code of its last fault tells more than its health.
_SAYS_NO: Final = ("status-", "iso-", "not-", "not_", "no-", "unreadable", "card-gone", "auth")
_RUBBISH: Final = ("noise", "empty", "content", "line", "targets", "block", "babble", "answer")
_RUBBISH_OF: Final = {("card", "status")}  # the printer says the same word when it is mute


def device_fault(part: str, health: str, code: str = "") -> Fault | None:
    """The fault of a part with this health and code, None when it is well or not a device of the catalogue.

    `health` is a word of drivers.health, or "garbled" or "refused" where the kind of the last fault is known.
    """
    if part not in FAMILIES or code == _STARTING:
        return None
    if (part, code) in _OWN:  # also of one that answers well: a printer without paper
        return _OWN[part, code]
    if health in _WELL:
        return None
    if code in _PACKAGE_CODES:
        return devices.PACKAGE_MISSING
    place = _CODES.get(code) or _PLACES.get(health) or _place_of(part, code)
    return next(fault for fault in _family(part) if fault.number == FAMILIES[part] + place)


def port_code(number: int | None, code: str) -> str:
    """The word for a port that could not be opened: the system's reason (an errno) where it gave one, else `code`."""
    return _ERRNO.get(number, code) if number else code


def _family(part: str) -> tuple[Fault, ...]:
    return {"pad": devices.PAD, "card": devices.CARD, "scanner": devices.SCANNER, "printer": devices.PRINTER}[part]


def _place_of(part: str, code: str) -> int:
    if code.startswith(_SAYS_NO):
        return REFUSED
    return GARBLED if code.startswith(_RUBBISH) or (part, code) in _RUBBISH_OF else MUTE
