"""Who may open the technician's screens: checked on the machine itself, against salted hashes in its file."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Sequence
from typing import Final

from kiosk.machine.settings import TechnicianSection

# scrypt (RFC 7914): about 50 ms here, long enough to spoil guessing, short enough at a keypad
_N, _R, _P = 2**14, 8, 1
SALT_BYTES: Final = 16


def hashed(secret: str, salt: bytes | None = None) -> str:
    """`salt:hash` in hex, for a machine file."""
    salt = salt if salt is not None else os.urandom(SALT_BYTES)
    digest = hashlib.scrypt(secret.encode(), salt=salt, n=_N, r=_R, p=_P, dklen=32)
    return f"{salt.hex()}:{digest.hex()}"


def name_of(technicians: Sequence[TechnicianSection], card: str, pin: str) -> str | None:
    """The technician with this card and PIN. Every entry is checked, so that time tells nothing."""
    found = None
    for technician in technicians:
        if _same(technician.card_hash, card) and _same(technician.pin_hash, pin):
            found = technician.name
    return found


def _same(kept: str, secret: str) -> bool:
    salt, _, _ = kept.partition(":")
    return hmac.compare_digest(hashed(secret, bytes.fromhex(salt)), kept)
