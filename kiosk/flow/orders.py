"""What a machine asks of its devices. Each outcome comes back as an event of flow.devices with the same `corr`."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.domain import SecurityState


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSecurity:
    """Wanted end state for every tag of one item: read, write if needed, read back (drivers.rfid.contract)."""

    corr: str
    uids: tuple[str, ...]
    wanted: SecurityState


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptLine:
    title: str
    due: str
    word: str
    call_number: str = ""
    item: str = ""  # item number; "" where the title is it already


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the slip says; every text is final."""

    library: str
    title: str
    time: str
    reader: str  # masked, last four; "" for a return without card
    lines: tuple[ReceiptLine, ...]
    count: str
    notes: tuple[str, ...]
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintReceipt:
    receipt: Receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckTechnician:
    """Is this a technician's card and PIN? Checked on the machine, so that it works without a network."""

    card: str
    pin: str

    def __repr__(self) -> str:
        return "CheckTechnician()"


@dataclass(frozen=True, slots=True, kw_only=True)
class TestPart:
    part: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartPart:
    part: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowWire:
    part: str
