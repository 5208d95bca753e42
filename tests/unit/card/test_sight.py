from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from drivers.card import (
    CardGone,
    CardKind,
    CardSeen,
    CardShown,
    CardsMany,
    CardUid,
    CardUnreadable,
    WhyUnreadable,
)
from drivers.card.sight import Sight

A = CardSeen(uid=bytes.fromhex("84A1B2C3"), atqa=4, sak=0x08)
B = CardSeen(uid=bytes.fromhex("04112233445566"), atqa=8, sak=0x20)
SHOWN_A = CardShown(uid=CardUid("84A1B2C3"), kind=CardKind.CLASSIC)
SHOWN_B = CardShown(uid=CardUid("04112233445566"), kind=CardKind.CPU)


def _phone(number: int) -> CardSeen:
    return CardSeen(uid=bytes([8, 0, 0, number]), atqa=4, sak=0x20)


def _told(*looks: tuple[CardSeen, ...]) -> list[object]:
    sight = Sight(seen_after=1, left_after=3)
    return [picture for look in looks for picture in sight.look(look)]


def test_a_card_is_told_once_when_it_comes_and_once_when_it_goes() -> None:
    assert _told((), (A,), (A,), (A,), (), (), (), ()) == [SHOWN_A, CardGone()]


def test_a_look_that_misses_the_card_does_not_end_the_visit() -> None:
    assert _told((A,), (), (A,), (), (), (A,)) == [SHOWN_A]


def test_two_cards_in_one_look_are_many() -> None:
    assert _told((A,), (A, B), (A, B)) == [SHOWN_A, CardsMany()]


def test_the_card_left_of_two_is_told_again() -> None:
    assert _told((A, B), (B,), (B,), (B,)) == [CardsMany(), SHOWN_B]


def test_cards_exchanged_quickly_are_not_called_many() -> None:
    assert _told((A,), (A,), (B,), (B,), (B,), (B,)) == [SHOWN_A, SHOWN_B]


def test_two_cards_that_answer_in_turn_are_many_and_never_one_after_the_other() -> None:
    assert _told(*[(A,), (B,)] * 10) == [SHOWN_A, CardsMany()]


def test_a_phone_is_unreadable_once_though_its_uid_changes_at_every_look() -> None:
    assert _told(*[(_phone(look),) for look in range(9)]) == [CardUnreadable(why=WhyUnreadable.RANDOM_UID)]


def test_a_phone_beside_a_card_is_many() -> None:
    assert _told((A,), (_phone(1), A), (A, _phone(2))) == [SHOWN_A, CardsMany()]


def test_a_lost_reader_shows_nothing_and_tells_the_card_again_when_it_is_back() -> None:
    sight = Sight()
    sight.look((A,))
    assert sight.lost() == (CardGone(),)
    assert sight.lost() == ()
    assert sight.look((A,)) == (SHOWN_A,)


def test_a_picture_that_did_not_arrive_is_told_again() -> None:
    sight = Sight()
    sight.look((A,))
    sight.forget()
    assert sight.look((A,)) == (SHOWN_A,)


looks = st.lists(
    st.lists(st.sampled_from([A, B, _phone(1), _phone(2)]), max_size=2, unique=True).map(tuple), max_size=40
)


@given(looks)
def test_nothing_is_told_twice_and_an_empty_reader_ends_as_gone(seen: list[tuple[CardSeen, ...]]) -> None:
    told = _told(*seen, (), (), ())
    assert all(one != next_one for one, next_one in itertools.pairwise(told))
    assert not told or told[-1] == CardGone()


@given(looks)
def test_a_card_is_only_shown_when_the_look_before_its_telling_saw_it_or_missed_the_other(
    seen: list[tuple[CardSeen, ...]],
) -> None:
    sight = Sight()
    last: dict[str, int] = {}
    for number, look in enumerate(seen):
        last |= {card.hex: number for card in look}
        for picture in sight.look(look):
            if isinstance(picture, CardShown):
                assert number - last[picture.uid] < 3
                assert len(look) < 2
