"""The virtual hub keeps time the way the threads do, only faster and always the same."""

from __future__ import annotations

import gc
import weakref
from functools import partial

import pytest

from drivers.clock import Hub, Mailbox, MailboxFull, ThreadHub, VirtualHub
from drivers.errors import LinkLost
from drivers.link import pipe


def _echo_story(hub: Hub, log: list[tuple[float, bytes]]) -> None:
    near, far = pipe(hub, "echo")

    def device() -> None:
        while True:
            try:
                data = far.read(hub.now() + 60)
            except LinkLost:
                return
            if data:
                far.write(data[::-1])

    def host() -> None:
        for word in (b"abc", b"de"):
            near.write(word)
            log.append((hub.now(), near.read(hub.now() + 1)))
        near.close()

    hub.spawn("device", device)
    task = hub.spawn("host", host)
    hub.wait_until(hub.now() + 0.05)
    assert task.join(hub.now() + 5)


def test_the_same_story_runs_on_threads_and_on_virtual_time() -> None:
    real: list[tuple[float, bytes]] = []
    virtual: list[tuple[float, bytes]] = []
    _echo_story(ThreadHub(), real)
    _echo_story(VirtualHub(), virtual)
    assert [data for _, data in real] == [data for _, data in virtual] == [b"cba", b"ed"]


def test_a_wait_ends_exactly_at_its_deadline_in_virtual_time() -> None:
    hub = VirtualHub()
    ended: list[float] = []
    box: Mailbox[int] = hub.mailbox(4)

    def sleeper() -> None:
        assert box.get(hub.now() + 3600.0) is None
        ended.append(hub.now())

    hub.spawn("sleeper", sleeper)
    hub.run(3599.0)
    assert ended == []
    hub.run(3600.0)
    assert ended == [3600.0]


def test_a_crash_in_a_task_reaches_whoever_runs_the_hub() -> None:
    hub = VirtualHub()

    def bug() -> None:
        raise AssertionError("a bug")

    hub.spawn("bug", bug)
    with pytest.raises(AssertionError, match="a bug"):
        hub.run(1.0)


def test_a_full_mailbox_says_so_instead_of_growing() -> None:
    for hub in (VirtualHub(), ThreadHub()):
        box: Mailbox[int] = hub.mailbox(2)
        box.put(1)
        box.put(2)
        with pytest.raises(MailboxFull):
            box.put(3)


def test_a_closed_hub_lets_go_of_what_its_tasks_held() -> None:
    """A task that waits for ever and reaches its own hub is no garbage by itself."""

    class Paper:
        """Something that ends with its last owner."""

    closed: list[str] = []
    hub = VirtualHub()
    box: Mailbox[None] = hub.mailbox(1)
    paper = Paper()
    held = weakref.ref(paper)

    def waits(paper: Paper) -> None:
        try:
            box.get(float("inf"))
        finally:
            closed.append("once")
            box.get(hub.now() + 1.0)  # waits once more on its way out
            closed.append("never")

    hub.spawn("waits", partial(waits, paper))
    hub.run(1.0)
    hub.spawn("begins never", lambda: closed.append("never"))
    del paper
    assert held() is not None
    hub.close()
    gc.collect()
    assert held() is None
    assert closed == ["once"]
