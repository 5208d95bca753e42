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
    """`scrypt$n$r$p$salt$hash`, salt and hash in hex, for a machine file."""
    salt = salt if salt is not None else os.urandom(SALT_BYTES)
    digest = hashlib.scrypt(secret.encode(), salt=salt, n=_N, r=_R, p=_P, dklen=32)
    return f"scrypt${_N}${_R}${_P}${salt.hex()}${digest.hex()}"


def check_form(text: str) -> None:
    """Raises ValueError for a text that `hashed` did not make."""
    parts = text.split("$")
    if len(parts) != 6 or parts[:4] != ["scrypt", str(_N), str(_R), str(_P)]:
        raise ValueError("card_hash and pin_hash are made by: circdesk config technician")
    bytes.fromhex(parts[4])
    bytes.fromhex(parts[5])


def name_of(technicians: Sequence[TechnicianSection], card: str, pin: str) -> str | None:
    """The technician with this card and PIN. Every entry is checked, so that time tells nothing."""
    found = None
    for technician in technicians:
        if _same(technician.card_hash, card) and _same(technician.pin_hash, pin):
            found = technician.name
    return found


def _same(kept: str, secret: str) -> bool:
    return hmac.compare_digest(hashed(secret, bytes.fromhex(kept.split("$")[4])), kept)
