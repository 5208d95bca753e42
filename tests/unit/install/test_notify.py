"""The watchdog is fed while everything goes round, and starves when anything stands still."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from drivers.clock import Hub, Mailbox, VirtualHub
from drivers.errors import LinkLost
from drivers.link import Link, Opener, pipe
from drivers.rfid.contract import SecurityScheme
from drivers.rfid.feig.driver import FeigPad
from kiosk.domain import SecurityState
from kiosk.flow.orders import SetSecurity
from kiosk.machine.notify import CORE_SILENT_S_MAX, PART_SILENT_S_MAX, Heartbeat, Notifier, Poke, Pulse
from kiosk.machine.parts import Hints, PadPart, Wire
from kiosk.machine.parts.pad import TagRules

FEED_S = 10.0
SCHEME = SecurityScheme(afi_on=0x07, afi_off=0xC2)


class Systemd:
    """The far end of NOTIFY_SOCKET."""

    def __init__(self, address: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(address)
        self._socket.setblocking(False)

    def words(self) -> list[str]:
        """What was said since the last look."""
        said = []
        while True:
            try:
                said.append(self._socket.recv(4096).decode())
            except BlockingIOError:
                return said

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[Systemd]:
    far = Systemd(str(tmp_path / "notify"))
    yield far
    far.close()


@pytest.fixture
def notifier(systemd: Systemd, tmp_path: Path) -> Notifier:
    return Notifier({"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "30000000"})


class Core:
    """A loop with a mailbox, as the machine's."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self.inbox: Mailbox[object] = hub.mailbox(100)
        hub.spawn("core", self._run)

    def poke(self) -> None:
        self.inbox.put(Poke())

    def _run(self) -> None:
        while True:
            if self.inbox.get(float("inf")) == "hang":
                self._hub.wait_until(1e9)  # a commit that never returns


@pytest.fixture
def hub() -> VirtualHub:
    return VirtualHub()


def test_ready_and_goodbye_reach_systemd(systemd: Systemd, notifier: Notifier) -> None:
    notifier.ready()
    notifier.stopping()
    assert systemd.words() == ["READY=1", "STOPPING=1"]


def test_an_address_in_the_abstract_name_space_is_understood() -> None:
    far = Systemd("\0circdesk-test-notify")
    try:
        Notifier({"NOTIFY_SOCKET": "@circdesk-test-notify"}).ready()
        assert far.words() == ["READY=1"]
    finally:
        far.close()


def test_without_systemd_every_word_goes_nowhere(tmp_path: Path) -> None:
    Notifier({}).ready()
    Notifier({"NOTIFY_SOCKET": str(tmp_path / "nobody")}).alive()
    assert Notifier({}).feed_s is None


def test_the_watchdog_is_fed_three_times_a_period(notifier: Notifier) -> None:
    assert notifier.feed_s == FEED_S


def test_an_idle_machine_stays_alive_for_days(hub: VirtualHub, systemd: Systemd, notifier: Notifier) -> None:
    pulse = Pulse(hub, notifier)
    core = Core(pulse.hub_of("core", CORE_SILENT_S_MAX))
    pulse.start(core.poke)
    hub.run(1.0)
    assert systemd.words() == ["READY=1", "WATCHDOG=1"]
    for _ in range(3 * 24 * 360):
        hub.run(hub.now() + FEED_S)
        assert systemd.words() == ["WATCHDOG=1"]


def test_a_systemd_that_does_not_listen_holds_nobody_up(notifier: Notifier, systemd: Systemd) -> None:
    for _ in range(2_000):  # far more than its queue takes
        notifier.alive()
    assert 0 < len(systemd.words()) < 2_000


def starves(pulse_of: type[Pulse], hub: VirtualHub, systemd: Systemd, notifier: Notifier) -> list[str]:
    """What is said in the five minutes after a core hung for good, once its grace is over."""
    pulse = pulse_of(hub, notifier)
    core = Core(pulse.hub_of("core", CORE_SILENT_S_MAX))
    pulse.start(core.poke)
    hub.run(5.0)
    core.inbox.put("hang")
    hub.run(hub.now() + CORE_SILENT_S_MAX + 2 * FEED_S)
    systemd.words()
    hub.run(hub.now() + 30.0)
    return systemd.words()


def test_a_core_that_hangs_in_a_commit_starves_the_watchdog(
    hub: VirtualHub, systemd: Systemd, notifier: Notifier
) -> None:
    assert starves(Pulse, hub, systemd, notifier) == []


class Blind(Pulse):
    """A pulse that does not look: the broken variant."""

    def late(self) -> tuple[str, ...]:
        return ()


def test_a_pulse_that_does_not_look_would_be_noticed(hub: VirtualHub, systemd: Systemd, notifier: Notifier) -> None:
    assert "WATCHDOG=1" in starves(Blind, hub, systemd, notifier)


def test_the_status_line_names_who_stands_still(hub: VirtualHub, systemd: Systemd, notifier: Notifier) -> None:
    pulse = Pulse(hub, notifier)
    core = Core(pulse.hub_of("core", CORE_SILENT_S_MAX))
    pulse.start(core.poke)
    core.inbox.put("hang")
    hub.run(CORE_SILENT_S_MAX + 2 * FEED_S)
    assert "STATUS=standing still: core" in systemd.words()


class Hanging:
    """A wire whose read never comes back: a kernel driver gone wrong."""

    def __init__(self, hub: VirtualHub) -> None:
        self._hub = hub

    def write(self, data: bytes) -> None:
        pass

    def read(self, by: float) -> bytes:
        self._hub.wait_until(1e9)
        return b""

    def close(self) -> None:
        pass


def pad(hub: Hub, opener: Opener, posted: list[Any]) -> PadPart:
    return PadPart(
        hub=hub,
        wire=Wire(opener, hub, personal=False),
        make_pad=lambda link: FeigPad(link, hub, SCHEME),
        rules=TagRules(scheme=SCHEME, item_number=re.compile(".*")),
        hints=Hints(item=lambda _: None, patron=lambda _: None),
        post=posted.append,
    )


def late_after(hub: VirtualHub, notifier: Notifier, opener: Opener) -> tuple[str, ...]:
    pulse = Pulse(hub, notifier)
    part = pad(pulse.hub_of("pad", PART_SILENT_S_MAX), opener, [])
    part.start()
    hub.run(3 * PART_SILENT_S_MAX)
    # Orders of the core are no life of the pad's own task.
    part.set_security(SetSecurity(corr="c", uids=("E0" + "0" * 14,), wanted=SecurityState.ON))
    return pulse.late()


def test_a_pad_whose_wire_never_comes_back_is_late(hub: VirtualHub, notifier: Notifier) -> None:
    def hanging() -> Link:
        return Hanging(hub)

    assert late_after(hub, notifier, hanging) == ("pad",)


def test_an_unplugged_pad_is_no_reason_to_restart(hub: VirtualHub, notifier: Notifier) -> None:
    def unplugged() -> Link:
        raise LinkLost("pad", "open", "not there")

    assert late_after(hub, notifier, unplugged) == ()


def test_a_mute_pad_is_no_reason_to_restart(hub: VirtualHub, notifier: Notifier) -> None:
    def mute() -> Link:
        near, _ = pipe(hub, "pad")
        return near

    assert late_after(hub, notifier, mute) == ()


def test_a_stopped_machine_says_goodbye_and_no_more(hub: VirtualHub, systemd: Systemd, notifier: Notifier) -> None:
    pulse = Pulse(hub, notifier)
    core = Core(pulse.hub_of("core", CORE_SILENT_S_MAX))
    pulse.start(core.poke)
    hub.run(1.0)
    pulse.stop()
    systemd.words()
    hub.run(60.0)
    assert systemd.words() == []


def test_a_screen_says_ready_with_its_first_picture_and_lives_by_its_pictures(
    hub: VirtualHub, systemd: Systemd, notifier: Notifier
) -> None:
    heart = Heartbeat(hub, notifier)
    assert systemd.words() == []
    for _ in range(30 * 60):
        assert heart.round()
        hub.run(hub.now() + 1 / 30)
    assert systemd.words() == ["READY=1"] + ["WATCHDOG=1"] * 6
    hub.run(hub.now() + 60.0)  # no picture for a minute
    assert systemd.words() == []
