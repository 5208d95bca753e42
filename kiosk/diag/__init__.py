"""Looks at a machine with a technician's eyes: each look is one call and gives one Finding with numbers.

Nothing here changes what a reader or the gateway would notice: no tag is written, no card number is kept, no page is
printed unless asked for. Looks at devices need them for themselves, so the core must not run; looks at disk, journal,
certificates and broker work beside it.
"""

from kiosk.diag.broker import look_at_broker, look_at_gateway
from kiosk.diag.devices import look_at_card, look_at_pad, look_at_printer, look_at_scanner, trouble
from kiosk.diag.disk import look_at_disk
from kiosk.diag.findings import Finding, State
from kiosk.diag.journal import core_holds, look_at_journal
from kiosk.diag.papers import look_at_certificate, look_at_keys

__all__ = [
    "Finding",
    "State",
    "core_holds",
    "look_at_broker",
    "look_at_card",
    "look_at_certificate",
    "look_at_disk",
    "look_at_gateway",
    "look_at_journal",
    "look_at_keys",
    "look_at_pad",
    "look_at_printer",
    "look_at_scanner",
    "trouble",
]
