"""Bodies to write, and a journal to write them into."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

from drivers.clock import Clock, VirtualHub
from kiosk.domain import ItemBarcode, Key, Pseudonym, SecurityProof, SecurityState
from kiosk.domain.nouns import key_of
from kiosk.journal import Journal
from kiosk.messages.records import Body, Final, Granted, Intent, Noted, Op, Outcome, Sealed

DEVICE = "kiosk-01"
DICE = Random(1)


def open_journal(
    path: Path,
    *,
    clock: Clock | None = None,
    boot: str = "boot-1",
    device: str = DEVICE,
    synchronous: str = "OFF",
    entropy: Callable[[int], bytes] = DICE.randbytes,
) -> Journal:
    return Journal.open(
        path, device=device, clock=clock or VirtualHub(), boot=boot, entropy=entropy, synchronous=synchronous
    )


def key(n: int) -> Key:
    return key_of(DEVICE, "epoch", n)


def intent(n: int, *, item: str = "", pseudonym: str | None = None) -> Intent:
    return Intent(
        key=key(n),
        op=Op.CHECKOUT,
        item=ItemBarcode(item or f"item-{n}"),
        patron=Sealed(kid="2026-11-22-0", box="Ym94" * 20),
        pseudonym=None if pseudonym is None else Pseudonym(pseudonym),
        security=SecurityState.ON,
        at_ms=n,
    )


def granted(n: int) -> Granted:
    return Granted(key=key(n), due="2026-12-22")


def final(n: int, *, item: str = "") -> Final:
    return Final(
        key=key(n),
        op=Op.CHECKOUT,
        item=ItemBarcode(item or f"item-{n}"),
        outcome=Outcome.DELIVERED,
        security=SecurityState.OFF,
        proof=SecurityProof.PROVEN,
        at_ms=n,
    )


def noted(n: int) -> Noted:
    return Noted(what="fault", fault=n, at_ms=n)


def loan(n: int) -> list[Body]:
    return [intent(n), granted(n), final(n)]
