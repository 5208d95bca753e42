"""Ed25519 signatures over envelopes (RFC 8032)."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from kiosk.messages.envelope import Envelope, signed_bytes

KEYS_MAX: Final = 4_096  # machines of one gateway
KEY_BYTES: Final = 32  # RFC 8032, 5.1.5
PRIME: Final = 2**255 - 19  # the field of edwards25519 (RFC 8032, 5.1)
D: Final = -121665 * pow(121666, -1, PRIME) % PRIME  # of the curve -x^2 + y^2 = 1 + d x^2 y^2


@dataclass(frozen=True, slots=True)
class Signer:
    """A sender's private half. `text` is 32 bytes in base64, for a file that only its owner reads."""

    text: str = field(repr=False)

    def _key(self) -> Ed25519PrivateKey:
        return _private(self.text)

    def sign(self, data: bytes) -> str:
        return base64.b64encode(self._key().sign(data)).decode()

    def verifier(self) -> Verifier:
        return Verifier(base64.b64encode(self._key().public_key().public_bytes_raw()).decode())


@dataclass(frozen=True, slots=True)
class Verifier:
    """A sender's public half, 32 bytes in base64."""

    text: str

    def holds(self, data: bytes, signature: str) -> bool:
        """True when `signature` is this sender's over `data`; False for anything else, however broken."""
        try:
            raw = base64.b64decode(signature, validate=True)
            _public(self.text).verify(raw, data)
        except (InvalidSignature, binascii.Error, ValueError):
            return False
        return True


def is_key(text: str) -> bool:
    """Whether `text` has the form of either half: 32 bytes in base64."""
    try:
        return len(base64.b64decode(text, validate=True)) == KEY_BYTES
    except ValueError:
        return False


def is_public_key(text: str) -> bool:
    """Whether `text` is a point (RFC 8032, 5.1.3) of more than eight multiples, as every true public half is.

    Under a point of low order, such as 32 zero bytes, signatures can be made that hold for many texts at once, without
    any private half; what is no point at all verifies nothing.
    """
    if not is_key(text):
        return False
    y = int.from_bytes(base64.b64decode(text), "little") & ((1 << 255) - 1)
    y_2 = y * y % PRIME
    above, below = (y_2 - 1) % PRIME, (D * y_2 + 1) % PRIME  # x^2 is their quotient
    on_curve = y < PRIME and pow(above * below, (PRIME - 1) // 2, PRIME) == 1
    # Of order 1 and 2: y = 1, -1, so x = 0 and no square above; of order 4: y = 0; of order 8: doubling gives y = 0,
    # so x^2 + y^2 = 0, which makes the curve's equation d y^4 + 2 y^2 = 1.
    return on_curve and y != 0 and (D * y_2 * y_2 + 2 * y_2 - 1) % PRIME != 0


# Making a key object of the text costs as much as the signature itself: it takes the public half from the private one.
@lru_cache(maxsize=KEYS_MAX)
def _private(text: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(text))


@lru_cache(maxsize=KEYS_MAX)
def _public(text: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(base64.b64decode(text))


def new_signer() -> Signer:
    return Signer(base64.b64encode(Ed25519PrivateKey.generate().private_bytes_raw()).decode())


def sign_envelope(envelope: Envelope, signer: Signer) -> Envelope:
    """The same envelope with its signature set."""
    envelope.sig = signer.sign(signed_bytes(envelope))
    return envelope


def verify_envelope(envelope: Envelope, verifier: Verifier) -> bool:
    return verifier.holds(signed_bytes(envelope), envelope.sig)
