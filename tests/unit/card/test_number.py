from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.card import ByteOrder, Digits, UidFormat, card_number

PRINTED = bytes.fromhex("00D507D0")  # a card maker's example: 0013961168, and 213 02000 in Wiegand 26


@pytest.mark.parametrize(
    ("uid", "order", "digits", "number"),
    [
        (PRINTED, ByteOrder.AS_SENT, Digits.HEX, "00D507D0"),
        (PRINTED, ByteOrder.REVERSED, Digits.HEX, "D007D500"),
        (PRINTED, ByteOrder.AS_SENT, Digits.DECIMAL_10, "0013961168"),
        (PRINTED, ByteOrder.REVERSED, Digits.DECIMAL_10, "3490174208"),
        (PRINTED, ByteOrder.AS_SENT, Digits.DECIMAL_8, "13961168"),
        (PRINTED, ByteOrder.REVERSED, Digits.DECIMAL_8, "00513280"),
        (PRINTED, ByteOrder.AS_SENT, Digits.WIEGAND_26, "21302000"),
        (PRINTED, ByteOrder.REVERSED, Digits.WIEGAND_26, "00754528"),
        (PRINTED, ByteOrder.AS_SENT, Digits.WIEGAND_34, "0021302000"),
        (bytes(4), ByteOrder.AS_SENT, Digits.HEX, "00000000"),
        (bytes.fromhex("FFFFFFFF"), ByteOrder.AS_SENT, Digits.DECIMAL_10, "4294967295"),
        (bytes.fromhex("FFFFFFFF"), ByteOrder.AS_SENT, Digits.WIEGAND_34, "6553565535"),
        (bytes.fromhex("04112233445566"), ByteOrder.AS_SENT, Digits.HEX, "04112233445566"),
        (bytes.fromhex("04112233445566"), ByteOrder.AS_SENT, Digits.DECIMAL_10, "0860116326"),
        (bytes.fromhex("04112233445566"), ByteOrder.REVERSED, Digits.DECIMAL_10, "0857870596"),
    ],
)
def test_a_card_number_is_written_as_the_card_centre_writes_it(
    uid: bytes, order: ByteOrder, digits: Digits, number: str
) -> None:
    assert card_number(uid, UidFormat(order=order, digits=digits)) == number


@given(st.binary(min_size=4, max_size=4), st.binary(min_size=4, max_size=4))
def test_forms_that_keep_every_bit_never_give_two_cards_one_number(one: bytes, other: bytes) -> None:
    for order in ByteOrder:
        for digits in (Digits.HEX, Digits.DECIMAL_10, Digits.WIEGAND_34):
            form = UidFormat(order=order, digits=digits)
            assert (card_number(one, form) == card_number(other, form)) == (one == other)


@given(st.sampled_from([4, 7, 10]).flatmap(lambda size: st.binary(min_size=size, max_size=size)))
def test_a_card_number_has_the_length_of_its_form(uid: bytes) -> None:
    lengths = {
        Digits.HEX: 2 * len(uid),
        Digits.DECIMAL_10: 10,
        Digits.DECIMAL_8: 8,
        Digits.WIEGAND_26: 8,
        Digits.WIEGAND_34: 10,
    }
    for order in ByteOrder:
        for digits, length in lengths.items():
            assert len(card_number(uid, UidFormat(order=order, digits=digits))) == length
