"""Each way a library system can fail, what the client makes of it, and what the ILS's own books say was done."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kiosk.gateway.sim import DemoData, Fault, FaultKind
from kiosk.gateway.sim.faults import Faults
from kiosk.gateway.sip2 import (
    Cause,
    Checkin,
    Checkout,
    Client,
    Doubt,
    IlsTrouble,
    ItemInformation,
    LoanReply,
    NoAnswer,
    look,
)
from tests.unit.demo_ils.conftest import BOOK, READER, Library, library

LEND = Checkout(patron=READER, item=BOOK)
LOOK = ItemInformation(item=BOOK)

OUTCOMES: dict[FaultKind, tuple[Cause | None, bool]] = {
    # fault: what the client says (None: a valid answer), and whether the ILS acted
    FaultKind.REFUSE_AFTER_ACT: (None, True),
    FaultKind.MUTE_AFTER_ACT: (Cause.NO_REPLY, True),
    FaultKind.MUTE: (Cause.NO_REPLY, False),
    FaultKind.LATE_ANSWER: (Cause.NO_REPLY, True),
    FaultKind.LATE_ACT: (Cause.NO_REPLY, True),
    FaultKind.CLOSE_BEFORE_ACT: (Cause.LINK_LOST, False),
    FaultKind.CLOSE_AFTER_ACT: (Cause.LINK_LOST, True),
    FaultKind.ASK_AGAIN: (Cause.ASKED_AGAIN, False),
    FaultKind.SPLIT: (None, True),
    FaultKind.NO_CR: (Cause.NO_REPLY, True),
    FaultKind.BAD_CHECKSUM: (Cause.BAD_REPLY, True),
    FaultKind.GARBAGE: (Cause.BAD_REPLY, True),
    FaultKind.WRONG_SEQUENCE: (Cause.NO_REPLY, True),
    FaultKind.STRAY_FIRST: (None, True),
    FaultKind.REJECT_NO_BLOCK: (None, True),
    FaultKind.IGNORE_RETURN_DATE: (None, True),
}
SECONDS = {FaultKind.LATE_ANSWER: 5.0, FaultKind.LATE_ACT: 5.0, FaultKind.SPLIT: 1.0}


def test_every_fault_has_its_outcome_here() -> None:
    assert set(OUTCOMES) == set(FaultKind)


@pytest.mark.parametrize("kind", list(FaultKind))
def test_a_checkout_ends_as_an_answer_or_as_a_doubt_never_as_a_guess(lib: Library, kind: FaultKind) -> None:
    lib.order(kind, "11", seconds=SECONDS.get(kind, 0.0))
    cause, acted = OUTCOMES[kind]

    def story() -> LoanReply | IlsTrouble:
        try:
            return lib.ask(LEND)
        except IlsTrouble as trouble:
            return trouble

    result = lib.play(story)
    if cause is None:
        assert isinstance(result, LoanReply)
        assert result.ok == (kind is not FaultKind.REFUSE_AFTER_ACT)
    else:
        assert isinstance(result, Doubt)
        assert result.cause is cause
    assert lib.ops(BOOK) == (["checkout"] if acted else [])


@pytest.mark.parametrize("kind", [kind for kind, (cause, _) in OUTCOMES.items() if cause is not None])
def test_a_question_is_answered_at_the_second_try(lib: Library, kind: FaultKind) -> None:
    lib.order(kind, "17", seconds=SECONDS.get(kind, 0.0))

    def story() -> str:
        if kind is FaultKind.ASK_AGAIN:
            return lib.ask(LOOK).title
        with pytest.raises(NoAnswer):
            lib.ask(LOOK)
        return lib.ask(LOOK, seconds=10).title

    assert lib.play(story) == "红楼梦"


def test_a_slow_library_system_is_waited_for_within_the_deadline(lib: Library) -> None:
    lib.acs.latency_s = 0.3

    def story() -> float:
        lib.ask(LOOK)
        began = lib.hub.now()
        lib.ask(LEND)
        return lib.hub.now() - began

    assert lib.play(story) == pytest.approx(0.3)


def test_no_block_messages_can_be_refused(lib: Library) -> None:
    lib.order(FaultKind.REJECT_NO_BLOCK, "09", times=None)
    lib.once(LEND)
    assert not lib.once(Checkin(item=BOOK, no_block=True)).ok
    assert lib.once(Checkin(item=BOOK)).ok


def _blind(lib: Library, client: Client) -> None:
    """The broken variant of recovery: asks again without looking."""
    while True:
        try:
            client.ask(LEND, lib.hub.now() + 2)
        except Doubt:
            continue
        return


def _looking(lib: Library, client: Client) -> None:
    """Looks at 17 and 63 first, and asks again only when the loan is not there."""
    while True:
        try:
            client.ask(LEND, lib.hub.now() + 2)
        except Doubt:
            if look(client, item=BOOK, patron=READER, by=lib.hub.now() + 4).lent_to_patron is False:
                continue
        return


def _effects(data: DemoData, kind: FaultKind, recover: Callable[[Library, Client], None]) -> list[str]:
    lib = library(data, "koha")
    lib.order(kind, "11", seconds=SECONDS.get(kind, 0.0))
    lib.play(lambda: recover(lib, lib.client))
    return lib.ops(BOOK)


_DOUBTFUL = [kind for kind, (cause, _) in OUTCOMES.items() if cause is not None]


@pytest.mark.parametrize("kind", [kind for kind in _DOUBTFUL if kind is not FaultKind.LATE_ACT])
def test_whoever_looks_before_asking_again_lends_exactly_once(data: DemoData, kind: FaultKind) -> None:
    assert _effects(data, kind, _looking) == ["checkout"]


@pytest.mark.parametrize("kind", [kind for kind in _DOUBTFUL if OUTCOMES[kind][1]])
def test_whoever_asks_again_blindly_eats_a_renewal(data: DemoData, kind: FaultKind) -> None:
    assert _effects(data, kind, _blind) == ["checkout", "renew"]


def test_a_message_given_up_may_still_be_executed_after_somebody_looked(lib: Library) -> None:
    """SIP2 has no fence: this is why a settling time is waited and a doubt may end in a task for people."""
    lib.order(FaultKind.LATE_ACT, "11", seconds=5.0)

    def story() -> bool | None:
        with pytest.raises(Doubt):
            lib.ask(LEND)
        return look(lib.client, item=BOOK, patron=READER, by=lib.hub.now() + 2).lent_to_patron

    assert lib.play(story) is False
    lib.hub.run(lib.hub.now() + 60)
    assert lib.ops(BOOK) == ["checkout"]
    assert lib.audit.loan(BOOK) is not None


def test_faults_count_wait_and_choose_their_message() -> None:
    faults = Faults()
    faults.add(Fault(kind=FaultKind.MUTE, command="11", times=2, skip=1))
    faults.add(Fault(kind=FaultKind.GARBAGE, times=None))
    taken = [fault.kind if fault else None for fault in map(faults.take, ["11", "11", "11", "11", "93", "99", "17"])]
    assert taken == [
        FaultKind.GARBAGE,
        FaultKind.MUTE,
        FaultKind.MUTE,
        FaultKind.GARBAGE,
        None,
        None,
        FaultKind.GARBAGE,
    ]
    faults.clear()
    assert faults.take("11") is None
    assert faults.pending() == ()
