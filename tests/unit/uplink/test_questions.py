"""A question ends once: by its answer in time, or by its deadline; a late answer is still told."""

from __future__ import annotations

import pytest

from kiosk.domain import ItemBarcode, Key, Refusal
from kiosk.keys import new_signer
from kiosk.messages.asks import (
    Answer,
    Ask,
    AskEffect,
    AskItem,
    AskPatron,
    EffectGranted,
    EffectRefused,
    ItemKnown,
    Unavailable,
    Want,
)
from kiosk.messages.envelope import Response, encode_data, record_of
from kiosk.messages.records import Intent, Sealed, chain_hash
from kiosk.uplink import Answered, NoAnswer, effect_of
from kiosk.uplink import Refusal as Distrust
from kiosk.uplink.questions import WAITING_MAX
from tests.unit.uplink.stage import ADDRESS, Stage, delivered, intent_of

ITEM = ItemBarcode("31000042")
KNOWN = ItemKnown(item=ITEM, title="Dream of the Red Chamber")
PATRON = AskPatron(sealed=Sealed(kid="k", box="Ym94"), want=Want.SUMMARY)


def ask_item(stage: Stage, corr: str = "ask-1", answer_s: float = 5.0) -> None:
    stage.uplink.ask(AskItem(item=ITEM), answer_s=answer_s, corr=corr)


def know(ask: Ask) -> Answer:
    return KNOWN


def test_a_question_is_answered(stage: Stage) -> None:
    far = stage.gateway()
    far.answer = know
    stage.run(1.0)
    ask_item(stage)
    stage.run(10.0)
    assert stage.of(Answered) == [Answered(corr="ask-1", answer=KNOWN)]
    assert stage.of(NoAnswer) == []
    assert [(ask, corr) for ask, _, corr in far.asked if isinstance(ask, AskItem)] == [(AskItem(item=ITEM), "ask-1")]


def test_a_silent_gateway_is_no_answer_at_the_deadline_and_a_late_answer_is_still_told(stage: Stage) -> None:
    far = stage.gateway()
    stage.run(1.0)
    ask_item(stage)
    asked_at = stage.hub.now()
    stage.run(5.5)
    assert stage.of(NoAnswer) == [NoAnswer(corr="ask-1")]
    assert stage.times[stage.events.index(NoAnswer(corr="ask-1"))] == pytest.approx(asked_at + 5.0)
    far.reply(KNOWN, "ask-1")
    far.reply(KNOWN, "ask-1")
    stage.run(1.0)
    assert stage.of(Answered) == [Answered(corr="ask-1", answer=KNOWN, late=True)]
    assert stage.uplink.refused() == {Distrust.NO_QUESTION: 1}


def test_a_question_asked_without_a_broker_waits_for_it_until_its_deadline(stage: Stage) -> None:
    far = stage.gateway()
    far.answer = know
    stage.run(1.0)
    stage.broker.stop(forget=False)
    stage.run(1.0)
    ask_item(stage, "too-long", answer_s=2.0)
    ask_item(stage, "in-time", answer_s=60.0)
    stage.run(5.0)
    assert stage.of(NoAnswer) == [NoAnswer(corr="too-long")]
    stage.broker.start()
    stage.run(30.0)
    assert stage.of(Answered) == [Answered(corr="in-time", answer=KNOWN)]
    left = [answer_s for ask, answer_s, corr in far.asked if corr == "in-time"]
    assert len(left) == 1
    assert left[0] < 55.0  # the gateway is told what is left, not what there was


def test_a_question_that_waited_too_long_at_the_broker_dies_there(stage: Stage) -> None:
    far = stage.gateway()
    stage.run(1.0)
    stage.broker.cut("gateway")
    stage.broker.weather = stage.broker.weather.__class__(delay_s=(3.0, 3.0))
    ask_item(stage, answer_s=2.0)
    stage.run(30.0)
    assert [corr for _, _, corr in far.asked if corr == "ask-1"] == []
    assert stage.of(NoAnswer) == [NoAnswer(corr="ask-1")]


def test_after_a_lost_connection_an_effect_is_asked_again_and_answered_once(stage: Stage) -> None:
    far = stage.gateway()
    stage.run(1.0)
    intent = intent_of(stage.mint())
    stage.append([intent])
    effect = effect_of(stage.journal, intent.key)
    stage.uplink.ask(effect, answer_s=30.0, corr=intent.key)
    stage.run(1.0)
    far.answer = lambda ask: EffectGranted(key=intent.key, due="2026-12-22") if ask == effect else None
    stage.broker.cut(ADDRESS.device)
    stage.run(5.0)
    assert [ask for ask, _, _ in far.asked if isinstance(ask, AskEffect)] == [effect, effect]
    assert stage.of(Answered) == [Answered(corr=intent.key, answer=EffectGranted(key=intent.key, due="2026-12-22"))]


def test_a_pin_is_never_sent_twice(stage: Stage) -> None:
    far = stage.gateway()
    stage.run(1.0)
    stage.uplink.ask(PATRON, answer_s=20.0, corr="ask-1")
    stage.run(1.0)
    stage.broker.cut(ADDRESS.device)
    stage.run(30.0)
    assert [ask for ask, _, _ in far.asked if isinstance(ask, AskPatron)] == [PATRON]
    assert stage.of(NoAnswer) == [NoAnswer(corr="ask-1")]


def test_too_many_questions_at_once_are_refused_and_not_queued(stage: Stage) -> None:
    stage.run(1.0)
    for n in range(WAITING_MAX + 3):
        ask_item(stage, f"ask-{n}", answer_s=3_600.0)
    stage.run(1.0)
    assert [event.corr for event in stage.of(NoAnswer)] == [f"ask-{WAITING_MAX + n}" for n in range(3)]


def test_a_forged_or_foreign_answer_is_not_believed(stage: Stage) -> None:
    far = stage.gateway()
    stage.run(1.0)
    ask_item(stage)
    stage.run(0.1)
    assert far.bus is not None
    response = Response(answer=encode_data(KNOWN))
    for payload in (
        far.write("rsp", response, name="item", corr="ask-1", signer=new_signer()),
        far.write("rsp", response, name="item", corr="ask-1", device="kiosk-02"),
        far.write("rsp", response, name="item", corr="ask-2"),
        far.write("rsp", response, name="nothing", corr="ask-1"),
    ):
        far.bus.publish(ADDRESS.topic("rsp"), payload)
    stage.run(1.0)
    assert stage.of(Answered) == []
    assert stage.uplink.refused() == {
        Distrust.UNSIGNED: 1,
        Distrust.FOREIGN: 1,
        Distrust.NO_QUESTION: 1,
        Distrust.NO_MESSAGE: 1,
    }


def test_the_answer_to_a_loan_from_before_a_restart_is_told_to_the_next_boot(stage: Stage) -> None:
    far = stage.gateway()
    stage.run(1.0)
    intent = intent_of(stage.mint())
    stage.append([intent])
    stage.uplink.ask(effect_of(stage.journal, intent.key), answer_s=30.0, corr=intent.key)
    ask_item(stage, "ask-1", answer_s=30.0)
    stage.run(0.1)
    stage.end()
    stage.start()
    stage.run(5.0)
    refused = EffectRefused(key=intent.key, reason=Refusal.ITEM_LOST)
    far.reply(refused, intent.key)
    far.reply(KNOWN, "ask-1")
    far.reply(EffectRefused(key=Key("x"), reason=Refusal.VOID), "ask-9")
    stage.run(1.0)
    assert stage.of(Answered) == [Answered(corr=intent.key, answer=refused, late=True)]


def test_an_effect_carries_the_journals_bytes_and_names_what_must_be_settled_first(stage: Stage) -> None:
    lent = intent_of(stage.mint(), item="A", pseudonym="p1")
    other = intent_of(stage.mint(), item="B", pseudonym="p2")
    mine = intent_of(stage.mint(), item="C", pseudonym="p1")
    again = intent_of(stage.mint(), item="A", pseudonym="p3")
    stage.append([lent, other])
    stage.append([delivered(lent), mine, again])
    entries = stage.journal.read(1, 10)
    effect = effect_of(stage.journal, mine.key)
    assert effect.depends == (1, 3)  # p1's loan of A: its intent and its end
    assert effect_of(stage.journal, again.key).depends == (1, 3)
    assert effect_of(stage.journal, lent.key).depends == ()
    record = record_of(effect.record)
    assert isinstance(record.body, Intent)
    assert (record.body, effect.hash) == (mine, chain_hash(record.head.prev, bytes(effect.record)))
    assert bytes(effect.record) == entries[3].data


def test_what_an_effect_depends_on_is_sent_before_it(stage: Stage) -> None:
    far = stage.gateway()
    stage.run(5.0)
    first, second = intent_of(stage.mint(), pseudonym="p"), intent_of(stage.mint(), pseudonym="p")
    stage.append([first, delivered(first)])
    stage.append([second])
    far.heard.clear()
    stage.uplink.ask(effect_of(stage.journal, second.key), answer_s=5.0, corr=second.key)
    stage.run(0.04)
    assert far.heard == ["tx", "req"]


def test_an_effect_that_depends_on_nothing_does_not_wait_for_the_outbox(stage: Stage) -> None:
    far = stage.gateway()
    stage.run(5.0)
    intent = intent_of(stage.mint())
    stage.append([intent])
    far.heard.clear()
    stage.uplink.ask(effect_of(stage.journal, intent.key), answer_s=5.0, corr=intent.key)
    stage.run(0.01)
    assert far.heard == ["req"]


def test_a_library_system_that_is_away_is_an_answer(stage: Stage) -> None:
    far = stage.gateway()
    far.answer = lambda ask: Unavailable()
    stage.run(1.0)
    ask_item(stage)
    stage.run(1.0)
    assert stage.of(Answered) == [Answered(corr="ask-1", answer=Unavailable())]
