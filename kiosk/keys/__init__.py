"""Signing and sealing: who said it, and who alone may read it. The only room that imports `cryptography`.

Ed25519 signs envelopes (RFC 8032). HPKE (RFC 9180: X25519, HKDF-SHA256, AES-128-GCM, base mode) seals what only the
gateway may read, under a key of the day: once the gateway destroys that day's private half, the link between reader
and item is gone and the journal's chain stays whole. Answers to sealed questions come back under AES-256-GCM with a
key that the question carried and that is used once.
"""

from kiosk.keys.sealing import (
    DayKeyPair,
    SealError,
    new_day_key,
    new_reply_key,
    open_reply,
    open_sealed,
    pseudonym,
    seal,
    seal_reply,
    unveil,
    veil,
)
from kiosk.keys.signing import Signer, Verifier, is_key, is_public_key, new_signer, sign_envelope, verify_envelope

__all__ = [
    "DayKeyPair",
    "SealError",
    "Signer",
    "Verifier",
    "is_key",
    "is_public_key",
    "new_day_key",
    "new_reply_key",
    "new_signer",
    "open_reply",
    "open_sealed",
    "pseudonym",
    "seal",
    "seal_reply",
    "sign_envelope",
    "unveil",
    "veil",
    "verify_envelope",
]
