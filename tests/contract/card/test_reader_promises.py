"""What every card reader promises."""

from __future__ import annotations

import pytest

from drivers.card.contract import CardKind, CardSeen, CardUid, KeyKind
from drivers.card.pn532.sim import Card, cpu_card, m1_card, phone
from drivers.errors import Refused
from tests.contract.card.rigs import Rig

FACTORY_KEY = bytes.fromhex("FFFFFFFFFFFF")
NUMBER_BLOCK = b"0820231234      "


def test_a_reader_says_who_it_is(rig: Rig) -> None:
    def story() -> str:
        reader = rig.open()
        identity = reader.identify(rig.by())
        reader.close()
        return f"{identity.model} {identity.firmware}"

    assert rig.play(story)


def test_an_empty_reader_shows_no_card(rig: Rig) -> None:
    def story() -> list[tuple[CardSeen, ...]]:
        reader = rig.open()
        looks = [reader.poll(rig.by()) for _ in range(3)]
        reader.close()
        return looks

    assert rig.play(story) == [(), (), ()]


@pytest.mark.parametrize(
    ("card", "kind"),
    [(m1_card("84A1B2C3"), CardKind.CLASSIC), (cpu_card("04112233445566"), CardKind.CPU)],
    ids=["M1", "CPU"],
)
def test_a_card_that_stays_is_seen_at_every_look(rig: Rig, card: Card, kind: CardKind) -> None:

    def story() -> list[tuple[CardSeen, ...]]:
        reader = rig.open()
        rig.put(card)
        looks = [reader.poll(rig.by()) for _ in range(8)]
        reader.close()
        return looks

    looks = rig.play(story)

    assert [len(look) for look in looks] == [1] * 8
    assert {look[0].kind for look in looks} == {kind}
    assert len({look[0].hex for look in looks}) == 1
    assert not looks[0][0].random


def test_a_card_that_was_taken_away_is_not_seen(rig: Rig) -> None:
    def story() -> tuple[CardSeen, ...]:
        reader, card = rig.open(), m1_card("84A1B2C3")
        rig.put(card)
        assert reader.poll(rig.by())
        rig.lift(card)
        look = reader.poll(rig.by())
        reader.close()
        return look

    assert rig.play(story) == ()


def test_two_cards_are_both_told(rig: Rig) -> None:
    def story() -> list[set[CardUid]]:
        reader = rig.open()
        rig.put(m1_card("84A1B2C3"))
        rig.put(cpu_card("04112233445566"))
        looks = [{card.hex for card in reader.poll(rig.by())} for _ in range(3)]
        reader.close()
        return looks

    assert [len(look) for look in rig.play(story)] == [2, 2, 2]


def test_a_uid_arrives_byte_for_byte_in_the_order_it_was_sent(sim_rig: Rig) -> None:
    def story() -> list[bytes]:
        reader, uids = sim_rig.open(), []
        for uid in ("84A1B2C3", "0088FF00FF7F81", "00FF00FF00FF00FF00FF"):
            card = m1_card(uid)
            sim_rig.put(card)
            uids += [seen.uid for seen in reader.poll(sim_rig.by())]
            sim_rig.lift(card)
        reader.close()
        return uids

    assert [uid.hex().upper() for uid in sim_rig.play(story)] == ["84A1B2C3", "0088FF00FF7F81", "00FF00FF00FF00FF00FF"]


def test_a_phone_with_an_invented_uid_is_marked(sim_rig: Rig) -> None:
    def story() -> list[tuple[CardSeen, ...]]:
        reader = sim_rig.open()
        sim_rig.put(phone())
        looks = [reader.poll(sim_rig.by()) for _ in range(2)]
        reader.close()
        return looks

    first, second = sim_rig.play(story)
    assert first[0].random
    assert first[0].hex != second[0].hex


def test_a_student_number_in_a_sector_is_read_with_its_key(sim_rig: Rig) -> None:
    def story() -> bytes:
        reader, card = sim_rig.open(), m1_card("84A1B2C3", {5: NUMBER_BLOCK})
        sim_rig.put(card)
        (seen,) = reader.poll(sim_rig.by())
        data = reader.read_block(seen, 5, FACTORY_KEY, KeyKind.A, sim_rig.by())
        assert reader.poll(sim_rig.by()) == (seen,)
        reader.close()
        return data

    assert sim_rig.play(story) == NUMBER_BLOCK


def test_a_sector_under_another_key_stays_shut(sim_rig: Rig) -> None:
    def story() -> str:
        reader = sim_rig.open()
        sim_rig.put(m1_card("84A1B2C3", {5: NUMBER_BLOCK}))
        (seen,) = reader.poll(sim_rig.by())
        with pytest.raises(Refused) as refusal:
            reader.read_block(seen, 5, bytes(6), KeyKind.B, sim_rig.by())
        assert reader.poll(sim_rig.by()) == (seen,)
        reader.close()
        return refusal.value.code

    assert sim_rig.play(story) == "auth"


def test_a_sector_is_never_read_from_another_card_than_the_one_meant(sim_rig: Rig) -> None:
    def story() -> str:
        reader, meant = sim_rig.open(), m1_card("84A1B2C3")
        sim_rig.put(meant)
        (seen,) = reader.poll(sim_rig.by())
        sim_rig.lift(meant)
        sim_rig.put(m1_card("99999999", {5: NUMBER_BLOCK}))
        with pytest.raises(Refused) as refusal:
            reader.read_block(seen, 5, FACTORY_KEY, KeyKind.A, sim_rig.by())
        reader.close()
        return refusal.value.code

    assert sim_rig.play(story) == "card-gone"
