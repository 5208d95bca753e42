"""Whose signature counts: a key under which anybody can sign is none."""

from __future__ import annotations

import base64

import pytest

from kiosk.keys import Verifier, is_public_key, new_signer

LOW_ORDER = {
    "order 1": "01" + "00" * 31,
    "order 2": "ec" + "ff" * 30 + "7f",
    "order 4": "00" * 32,
    "order 4, other sign": "00" * 31 + "80",
    # The two of order 8 as libsodium lists them (ge25519_has_small_order); each with either sign of x.
    "order 8": "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "order 8, other sign": "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "order 8, other y": "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "0 written as the prime": "ed" + "ff" * 30 + "7f",
    "1 written as the prime and one": "ee" + "ff" * 30 + "7f",
}
# RFC 8032, 7.1, TEST 1 and TEST 2.
TRUE = (
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
)


def text(raw: str) -> str:
    return base64.b64encode(bytes.fromhex(raw)).decode()


@pytest.mark.parametrize("raw", LOW_ORDER.values(), ids=LOW_ORDER)
def test_a_point_of_few_multiples_is_nobodys_key(raw: str) -> None:
    assert not is_public_key(text(raw))


def test_under_the_zero_key_anybody_can_sign() -> None:
    """Why it is refused: one signature, made without any key, holds for a quarter of all texts."""
    forged = base64.b64encode(bytes([1]) + bytes(63)).decode()
    assert any(Verifier(text("00" * 32)).holds(f"{n}".encode(), forged) for n in range(64))


def test_every_true_public_half_is_a_key() -> None:
    assert all(is_public_key(text(raw)) for raw in TRUE)
    assert all(is_public_key(new_signer().verifier().text) for _ in range(50))


@pytest.mark.parametrize("wrong", ["", "no base64!", "AAAA", text("02" + "00" * 31), text("ff" * 32)])
def test_what_is_no_point_is_no_key(wrong: str) -> None:
    assert not is_public_key(wrong)
