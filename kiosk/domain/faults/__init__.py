"""Every fault by its number: what the reader sees, what the technician does, whether the machine goes on.

1xx wires and devices, 2xx the machine, 3xx between machine and reader, 4xx uplink, 5xx journal, disk and clock. A
number, once given, keeps its meaning for ever: technicians learn them. docs/faults.md is this table on paper.
"""

from typing import Final

from kiosk.domain.faults import desk, devices, journal, machine, uplink
from kiosk.domain.faults.fault import Fault, Goes
from kiosk.domain.faults.lookup import device_fault, port_code

__all__ = [
    "FAULTS",
    "Fault",
    "Goes",
    "desk",
    "device_fault",
    "devices",
    "journal",
    "machine",
    "numbered",
    "port_code",
    "uplink",
]

FAULTS: Final = (
    *devices.PAD,
    *devices.CARD,
    *devices.SCANNER,
    *devices.PRINTER,
    *devices.SCREEN,
    *devices.PACKAGES,
    *machine.MACHINE,
    *desk.DESK,
    *uplink.UPLINK,
    *journal.JOURNAL,
)


def numbered(number: int) -> Fault | None:
    """The fault of this number, None for a number that is not in the catalogue."""
    return next((fault for fault in FAULTS if fault.number == number), None)
