"""Every wire keeps the same promises: what arrived is delivered, deadlines are kept, and a wire that goes says so."""

from __future__ import annotations

import contextlib
import os
import resource
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from drivers.clock import Hub, Mailbox, ThreadHub
from drivers.errors import LinkLost
from drivers.link import Link, pipe
from drivers.serial_link import open_pty, open_serial
from drivers.tcp_link import listen, open_tcp


@dataclass(frozen=True, slots=True)
class Wire:
    """A driver's end, and the far end as the device holds it."""

    hub: Hub
    near: Link
    far: Link


def _pipe(hub: Hub, stack: contextlib.ExitStack) -> tuple[Link, Link]:
    return pipe(hub)


def _pty(hub: Hub, stack: contextlib.ExitStack) -> tuple[Link, Link]:
    far, path = open_pty(hub)
    return open_serial(path, 38_400, "E", clock=hub), far


def _tcp(hub: Hub, stack: contextlib.ExitStack) -> tuple[Link, Link]:
    accepted: Mailbox[Link] = hub.mailbox(1)
    done: Mailbox[bool] = hub.mailbox(1)

    def serve(link: Link) -> None:
        accepted.put(link)
        done.get(hub.now() + 60.0)

    listener = listen(hub, "127.0.0.1", 0, serve)
    stack.callback(listener.close)
    stack.callback(lambda: done.put(True))
    near = open_tcp("127.0.0.1", listener.port, clock=hub)
    far = accepted.get(hub.now() + 10.0)
    assert far is not None
    return near, far


MAKERS: dict[str, Callable[[Hub, contextlib.ExitStack], tuple[Link, Link]]] = {"pipe": _pipe, "pty": _pty, "tcp": _tcp}


@pytest.fixture(params=list(MAKERS))
def wire(request: pytest.FixtureRequest) -> Iterator[Wire]:
    hub = ThreadHub()
    with contextlib.ExitStack() as stack:
        near, far = MAKERS[request.param](hub, stack)
        yield Wire(hub, near, far)
        near.close()
        far.close()


def read_all(hub: Hub, link: Link, length: int) -> bytes:
    data = b""
    by = hub.now() + 10.0
    while len(data) < length and hub.now() < by:
        data += link.read(by)
    return data


def test_bytes_arrive_whole_and_in_order_both_ways(wire: Wire) -> None:
    every_byte = bytes(range(256))
    wire.near.write(every_byte)
    assert read_all(wire.hub, wire.far, 256) == every_byte
    wire.far.write(every_byte[::-1])
    assert read_all(wire.hub, wire.near, 256) == every_byte[::-1]


def test_a_silent_wire_is_left_at_the_deadline_and_not_before(wire: Wire) -> None:
    by = wire.hub.now() + 0.02
    assert wire.near.read(by) == b""
    assert wire.hub.now() >= by


def test_what_has_arrived_is_delivered_even_after_the_deadline(wire: Wire) -> None:
    wire.far.write(b"late")
    wire.hub.wait_until(wire.hub.now() + 0.05)
    assert wire.near.read(wire.hub.now() - 1.0) == b"late"


def test_a_wait_without_end_is_a_deadline_like_any_other(wire: Wire) -> None:
    wire.far.write(b"x")
    assert wire.near.read(float("inf")) == b"x"


def test_a_wire_that_goes_is_lost_for_reading_and_writing(wire: Wire) -> None:
    wire.far.close()
    with pytest.raises(LinkLost):
        wire.near.read(wire.hub.now() + 5.0)
    with pytest.raises(LinkLost):
        wire.near.write(b"x")


def test_a_closed_link_is_lost_and_closing_twice_is_harmless(wire: Wire) -> None:
    wire.near.close()
    wire.near.close()
    with pytest.raises(LinkLost):
        wire.near.read(wire.hub.now() + 1.0)
    with pytest.raises(LinkLost):
        wire.near.write(b"x")


def test_the_device_hears_the_host_hang_up_where_the_wire_can_tell(wire: Wire, request: pytest.FixtureRequest) -> None:
    wire.near.close()
    if "pty" in request.node.name:
        assert wire.far.read(wire.hub.now() + 0.02) == b""
    else:
        with pytest.raises(LinkLost):
            wire.far.read(wire.hub.now() + 5.0)


def test_a_pseudo_terminal_takes_a_port_set_to_even_parity_again_and_again() -> None:
    hub = ThreadHub()
    far, path = open_pty(hub)
    for _ in range(3):
        near = open_serial(path, 38_400, "E", clock=hub, stop_bits=2)
        near.write(b"hello")
        assert read_all(hub, far, 5) == b"hello"
        near.close()
    far.close()


def test_a_port_has_one_owner() -> None:
    hub = ThreadHub()
    far, path = open_pty(hub)
    first = open_serial(path, 38_400, "N", clock=hub)
    with pytest.raises(LinkLost, match="open"):
        open_serial(path, 38_400, "N", clock=hub)
    first.close()
    open_serial(path, 38_400, "N", clock=hub).close()
    far.close()


def test_a_port_that_is_not_there_is_lost_and_says_which() -> None:
    with pytest.raises(LinkLost) as caught:
        open_serial("/dev/no-such-port", 38_400, "N", clock=ThreadHub(), name="pad")
    assert (caught.value.device, caught.value.code) == ("pad", "open")
    assert "/dev/no-such-port" in str(caught.value)


def test_a_device_whose_host_has_stopped_reading_is_not_stuck_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drivers.serial_link.WRITE_S_MAX", 0.05)
    hub = ThreadHub()
    far, _ = open_pty(hub)
    with pytest.raises(LinkLost, match="stuck"):
        far.write(bytes(200_000))
    far.close()


@pytest.fixture
def crowded() -> Iterator[None]:
    """More open files than select(2) can count."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 1_500:
        pytest.skip(f"this process may open only {hard} files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 1_500), hard))
    opened = [os.open(os.devnull, os.O_RDONLY) for _ in range(1_100)]
    yield
    for fd in opened:
        os.close(fd)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("crowded")
def test_a_serial_wire_works_in_a_process_with_more_files_than_select_can_count() -> None:
    hub = ThreadHub()
    far, path = open_pty(hub)
    near = open_serial(path, 38_400, "N", clock=hub)
    near.write(b"there")
    assert read_all(hub, far, 5) == b"there"
    far.write(b"and back")
    assert read_all(hub, near, 8) == b"and back"
    near.close()
    far.close()


def test_a_port_nobody_listens_on_is_lost() -> None:
    free = socket.create_server(("127.0.0.1", 0))
    port = free.getsockname()[1]
    free.close()
    with pytest.raises(LinkLost, match="connect"):
        open_tcp("127.0.0.1", port, clock=ThreadHub(), connect_s=0.5)


def test_small_frames_are_not_held_back() -> None:
    hub = ThreadHub()
    listener = listen(hub, "127.0.0.1", 0, lambda link: None)
    link = open_tcp("127.0.0.1", listener.port, clock=hub)
    assert link._connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)  # type: ignore[attr-defined]
    link.close()
    listener.close()


def test_a_taken_port_cannot_be_listened_on() -> None:
    hub = ThreadHub()
    listener = listen(hub, "127.0.0.1", 0, lambda link: None)
    with pytest.raises(LinkLost, match="listen"):
        listen(hub, "127.0.0.1", listener.port, lambda link: None)
    listener.close()


def test_a_listener_serves_many_and_hangs_up_on_all_when_it_closes() -> None:
    hub = ThreadHub()

    def echo(link: Link) -> None:
        with contextlib.suppress(LinkLost):
            while True:
                link.write(link.read(hub.now() + 60.0))

    listener = listen(hub, "127.0.0.1", 0, echo)
    hosts = [open_tcp("127.0.0.1", listener.port, clock=hub) for _ in range(5)]
    for number, host in enumerate(hosts):
        host.write(b"%d" % number)
    assert [read_all(hub, host, 1) for host in hosts] == [b"0", b"1", b"2", b"3", b"4"]
    listener.close()
    for host in hosts:
        with pytest.raises(LinkLost):
            host.read(hub.now() + 5.0)
    with pytest.raises(LinkLost):
        open_tcp("127.0.0.1", listener.port, clock=hub, connect_s=0.5)
