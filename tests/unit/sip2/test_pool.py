"""Several connections: lent out one at a time, reopened with growing patience, kept awake."""

from __future__ import annotations

import pytest

from drivers.clock import Hub, ThreadHub, VirtualHub
from drivers.health import Health
from drivers.link import pipe
from kiosk.domain import ItemBarcode, PatronId
from kiosk.gateway.sip2 import Cause, Checkout, Doubt, ItemInformation, NoAnswer, NotSent, Pool, Profile
from tests.unit.sip2.far_end import FarEnd, Script, play, reply

PROFILE = Profile(name="test", institution="JS01", user="k", password="p")
ITEM = ItemBarcode("D1000001")
LOOK = ItemInformation(item=ITEM)
LEND = Checkout(patron=PatronId("99"), item=ITEM)


def _title(request: str) -> list[bytes | float | None]:
    return [reply("1803010120261122    080000ABD1000001|AJ红楼梦|", request)]


def _pool(hub: VirtualHub, script: Script = _title, size: int = 2) -> tuple[Pool, FarEnd]:
    far = FarEnd(hub, script)
    return Pool(hub, far.open, PROFILE, size=size), far


def test_two_desks_work_at_once_and_a_third_waits_its_turn() -> None:
    hub = VirtualHub()
    pool, far = _pool(hub, lambda request: [1.0, *_title(request)])
    done: list[tuple[int, float]] = []

    def desk(n: int) -> None:
        pool.ask(LOOK, hub.now() + 5)
        done.append((n, hub.now()))

    for n in range(3):
        hub.spawn(f"desk {n}", lambda n=n: desk(n))  # type: ignore[misc]  # binds n
    hub.run(10)
    assert done == [(0, 1.0), (1, 1.0), (2, 2.0)]
    assert far.connections == 2


def test_who_cannot_wait_for_a_connection_is_told_that_nothing_was_sent() -> None:
    hub = VirtualHub()
    pool, _ = _pool(hub, lambda request: [3.0, *_title(request)], size=1)

    def long() -> None:
        pool.ask(LOOK, 10)

    hub.spawn("long", long)

    def story() -> NotSent:
        with pytest.raises(NotSent) as caught:
            pool.ask(LEND, hub.now() + 1)
        return caught.value

    assert play(hub, story, 20).cause is Cause.BUSY


def test_an_ils_that_is_down_is_tried_with_growing_patience() -> None:
    hub = VirtualHub()
    pool, far = _pool(hub, size=1)
    far.reachable = False
    waits: list[float] = []

    def story() -> None:
        for _ in range(6):
            began = hub.now()
            with pytest.raises(NotSent):
                pool.ask(LOOK, hub.now() + 60)
            waits.append(round(hub.now() - began, 3))

    hub.spawn("story", story)
    hub.run(120)
    assert waits == [0.0, 0.2, 0.4, 0.8, 1.6, 3.2]
    assert pool.health().health is Health.GONE
    assert pool.health().last_cause is Cause.UNREACHABLE


def test_who_asks_before_the_next_attempt_is_due_is_told_at_once() -> None:
    hub = VirtualHub()
    pool, far = _pool(hub, size=1)
    far.reachable = False

    def story() -> tuple[Cause, float]:
        for _ in range(8):
            with pytest.raises(NotSent):
                pool.ask(LOOK, hub.now() + 60)
        began = hub.now()
        with pytest.raises(NotSent) as caught:
            pool.ask(LOOK, hub.now() + 1)
        return caught.value.cause, hub.now() - began

    assert play(hub, story) == (Cause.WAITING, 0.0)


def test_the_pool_recovers_when_the_ils_comes_back() -> None:
    hub = VirtualHub()
    pool, far = _pool(hub)
    far.reachable = False

    def story() -> str:
        for _ in range(4):
            with pytest.raises(NotSent):
                pool.ask(LOOK, hub.now() + 60)
        far.reachable = True
        return pool.ask(LOOK, hub.now() + 60).title

    assert play(hub, story) == "红楼梦"
    assert pool.health().health is Health.OK
    assert pool.health().connected == 1


def test_a_ready_connection_is_preferred_to_one_that_must_still_wait() -> None:
    hub = VirtualHub()
    pool, far = _pool(hub)

    def story() -> float:
        pool.ask(LOOK, hub.now() + 5)  # connects one of the two
        far.reachable = False
        with pytest.raises(NotSent):
            pool.ask(LOOK, hub.now() + 5)  # the other one's turn
        began = hub.now()
        for _ in range(3):
            pool.ask(LOOK, hub.now() + 5)
        return hub.now() - began

    assert play(hub, story) == 0.0


def test_a_doubt_ends_its_connection_and_marks_the_pool() -> None:
    hub = VirtualHub()
    pool, far = _pool(hub, lambda request: [] if request.startswith("11") else _title(request), size=1)

    def story() -> None:
        for _ in range(3):
            with pytest.raises(Doubt):
                pool.ask(LEND, hub.now() + 2)
            hub.wait_until(hub.now() + 5)

    hub.spawn("story", story)
    hub.run(60)
    assert far.connections == 3
    assert pool.health().health is Health.MUTE
    assert pool.health().last_cause is Cause.NO_REPLY


def test_an_idle_connection_is_kept_awake_all_night() -> None:
    hub = VirtualHub()
    pool, far = _pool(hub)
    hub.spawn("keep alive", pool.keep_alive)
    hub.run(8 * 3600)
    asked = [text[:2] for text in far.seen]
    assert far.connections == 2
    assert 8 * 3600 / 600 * 2 < asked.count("99") < 8 * 3600 / 60 * 2
    assert pool.health().connected == 2


def test_the_keeper_reopens_what_fell_over_in_the_night() -> None:
    hub = VirtualHub()
    pool, far = _pool(hub)
    far.reachable = False
    hub.spawn("keep alive", pool.keep_alive)
    hub.run(3600)
    assert pool.health().connected == 0
    far.reachable = True
    hub.run(7200)
    assert pool.health().connected == 2


def test_a_closed_pool_hangs_up_and_lends_nothing_more() -> None:
    hub = VirtualHub()
    pool, _ = _pool(hub)

    def story() -> Cause:
        with pool.lease(hub.now() + 5) as client:
            pool.close()
            assert client.connected
        assert not client.connected
        with pytest.raises(NotSent) as caught:
            pool.ask(LOOK, hub.now() + 5)
        return caught.value.cause

    hub.spawn("keep alive", pool.keep_alive)
    assert play(hub, story) is Cause.CLOSED
    assert pool.health().connected == 0


def test_a_bug_in_the_middle_of_a_question_gives_no_connection_back_to_the_next() -> None:
    hub = VirtualHub()
    pool, far = _pool(hub, size=1)

    def story() -> str:
        with pytest.raises(ZeroDivisionError), pool.lease(hub.now() + 5):
            _ = 1 // 0
        return pool.ask(LOOK, hub.now() + 5).title

    assert play(hub, story) == "红楼梦"
    assert far.connections == 2


def test_no_answer_to_a_question_does_not_stop_the_next() -> None:
    hub = VirtualHub()
    calls: list[str] = []

    def script(request: str) -> list[bytes | float | None]:
        calls.append(request)
        return [] if len(calls) == 1 else _title(request)

    pool, _ = _pool(hub, script, size=1)

    def story() -> str:
        with pytest.raises(NoAnswer):
            pool.ask(LOOK, hub.now() + 1)
        return pool.ask(LOOK, hub.now() + 5).title

    assert play(hub, story) == "红楼梦"


def test_the_pool_works_on_threads_as_well() -> None:
    hub: Hub = ThreadHub()
    near, far = pipe(hub, "ils")

    def ils() -> None:
        for _ in range(3):
            request = far.read(hub.now() + 5).decode().strip()
            answer = {"93": "941", "99": "98YYYYYY10000520261122    0800002.00AOJS01|"}.get(request[:2])
            far.write(reply(answer, request) if answer else b"".join(p for p in _title(request) if type(p) is bytes))

    hub.spawn("ils", ils)
    pool = Pool(hub, lambda: near, PROFILE, size=1)
    assert pool.ask(LOOK, hub.now() + 5).title == "红楼梦"
    pool.close()
