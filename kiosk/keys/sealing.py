"""Boxes that only the gateway opens, answers that only the asker opens, and names that only count."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, TypeVar

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from kiosk.domain import Pseudonym
from kiosk.messages.asks import DayKey, PatronAnswer, PatronKnown, PatronRefused, SealedAnswer, Unavailable
from kiosk.messages.records import Sealed

T = TypeVar("T")

_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM)
# A reply key encrypts exactly one message, so a fixed nonce never repeats under one key.
_NONCE: Final = b"\0" * 12
PSEUDONYM_CHARS: Final = 24
_ANSWERS: Final[dict[str, type[Any]]] = {kind.__name__: kind for kind in (PatronKnown, PatronRefused, Unavailable)}


class SealError(Exception):
    """A box that does not open: wrong or destroyed key, changed bytes, or content of another kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayKeyPair:
    """The gateway's half of a day key. `private` is 32 bytes in base64; destroying it erases the day's links."""

    key: DayKey
    private: str = field(repr=False)


def new_day_key(day: str) -> DayKeyPair:
    """A fresh pair for an ISO date."""
    private = X25519PrivateKey.generate()
    public = base64.b64encode(private.public_key().public_bytes_raw()).decode()
    kid = f"{day}-{hashlib.sha256(public.encode()).hexdigest()[:8]}"
    secret = base64.b64encode(private.private_bytes_raw()).decode()
    return DayKeyPair(key=DayKey(kid=kid, public=public, day=day), private=secret)


def seal(value: Any, key: DayKey, context: str) -> Sealed:
    """Seals a message value to the gateway. `context` (the key of the intent, the id of the question) binds the box:
    it opens only where the same context is given, so that a box cannot be moved into another record."""
    public = X25519PublicKey.from_public_bytes(base64.b64decode(key.public))
    box = _SUITE.encrypt(msgspec.json.encode(value), public, _info(key.kid, context))
    return Sealed(kid=key.kid, box=base64.b64encode(box).decode())


def open_sealed(sealed: Sealed, pair: DayKeyPair, context: str, kind: type[T]) -> T:
    """Raises SealError when the box is not for this key and context, or holds something else than a `kind`."""
    private = _private(pair.private)
    try:
        plain = _SUITE.decrypt(base64.b64decode(sealed.box), private, _info(sealed.kid, context))
        return msgspec.json.decode(plain, type=kind)
    except (InvalidTag, binascii.Error, ValueError, msgspec.DecodeError) as error:
        raise SealError(f"box of {sealed.kid} does not open") from error


# A third of an opening would go into taking the public half from the private one. No other day's key is held here.
@lru_cache(maxsize=1)
def _private(text: str) -> X25519PrivateKey:
    return X25519PrivateKey.from_private_bytes(base64.b64decode(text))


def new_reply_key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


def seal_reply(answer: PatronAnswer, reply_key: str) -> SealedAnswer:
    """Encrypts the one answer to a sealed question; raises SealError for a reply key of another form."""
    named = {"kind": type(answer).__name__, "value": answer}
    box = AESGCM(_reply(reply_key)).encrypt(_NONCE, msgspec.json.encode(named), None)
    return SealedAnswer(box=base64.b64encode(box).decode())


def open_reply(sealed: SealedAnswer, reply_key: str) -> PatronAnswer:
    """Raises SealError when the answer is not for this question."""
    try:
        plain = AESGCM(_reply(reply_key)).decrypt(_NONCE, base64.b64decode(sealed.box), None)
        named = msgspec.json.decode(plain, type=dict[str, msgspec.Raw])
        kind = _ANSWERS[msgspec.json.decode(named["kind"], type=str)]
        answer: PatronAnswer = msgspec.json.decode(named["value"], type=kind)
    except (InvalidTag, binascii.Error, ValueError, KeyError, msgspec.DecodeError) as error:
        raise SealError("an answer does not open") from error
    return answer


def pseudonym(secret: bytes, number: str) -> Pseudonym:
    """Keyed hash of a reader's number (HMAC-SHA256, RFC 2104); `secret` is the machine's, for one day."""
    return Pseudonym(hmac.new(secret, number.encode(), hashlib.sha256).hexdigest()[:PSEUDONYM_CHARS])


def veil(secret: bytes, number: str, patron: str) -> str:
    """A patron number for whoever knows another number of the same reader: XOR with HMAC-SHA256 over that number, used
    for this one text only. "" when the text is longer than the hash."""
    data = patron.encode()
    pad = hmac.new(secret, b"patron/" + number.encode(), hashlib.sha256).digest()
    return bytes(a ^ b for a, b in zip(data, pad, strict=False)).hex() if len(data) <= len(pad) else ""


def unveil(secret: bytes, number: str, veiled: str) -> str:
    """The patron number again. Raises SealError when it does not come out as text."""
    pad = hmac.new(secret, b"patron/" + number.encode(), hashlib.sha256).digest()
    try:
        return bytes(a ^ b for a, b in zip(bytes.fromhex(veiled), pad, strict=False)).decode()
    except ValueError as error:
        raise SealError("a patron number does not open") from error


def _info(kid: str, context: str) -> bytes:
    return f"circdesk/1/{kid}/{context}".encode()


def _reply(reply_key: str) -> bytes:
    try:
        raw = base64.b64decode(reply_key)
    except ValueError as error:
        raise SealError("a reply key is in base64") from error
    if len(raw) != 32:
        raise SealError("a reply key has 32 bytes")
    return raw
