"""USB bulk endpoints as a Link, on a bus that behaves like the kernel's at the level of transfers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from drivers.clock import VirtualHub
from drivers.errors import LinkLost
from drivers.link import Link, pipe
from drivers.usb_link import STALLS_MAX, UsbId, open_usb
from tests.contract.receipt.bench import call
from tests.contract.receipt.fake_usb import EP_IN, EP_OUT, FakeBus, FakeDevice, FakeInterface

PRINTER = UsbId(vendor=0x04B8, product=0x0202)


class Desk:
    """A bus, and the far end of the wire of whatever was claimed last."""

    def __init__(self) -> None:
        self.hub = VirtualHub()
        self.bus = FakeBus(self.hub)
        self.far: Link | None = None

    def wire(self) -> Link:
        near, self.far = pipe(self.hub)
        return near

    def plug(self, **traits: object) -> FakeDevice:
        return self.bus.plug(FakeDevice(wire=self.wire, **traits))  # type: ignore[arg-type]  # keywords by name

    def open(self, usb_id: UsbId = PRINTER, write_s: float = 5.0) -> Link:
        return open_usb(usb_id, clock=self.hub, name="printer", backend=self.bus, write_s=write_s)

    def read(self, link: Link, within_s: float = 0.1) -> bytes:
        return call(self.hub, lambda: link.read(self.hub.now() + within_s))

    def write(self, link: Link, data: bytes) -> None:
        call(self.hub, lambda: link.write(data))

    def arrived(self) -> bytes:
        """Everything that came to the far end."""
        assert self.far is not None
        far, whole = self.far, b""
        while chunk := call(self.hub, lambda: far.read(self.hub.now())):
            whole += chunk
        return whole

    def answer(self, data: bytes) -> None:
        assert self.far is not None
        self.far.write(data)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def lost(act: Callable[[], object]) -> str:
    with pytest.raises(LinkLost) as caught:
        act()
    return caught.value.code


def test_bytes_pass_both_ways(desk: Desk) -> None:
    desk.plug()
    link = desk.open()
    desk.write(link, b"\x10\x04\x01")
    assert desk.arrived() == b"\x10\x04\x01"
    desk.answer(b"\x12")
    assert desk.read(link) == b"\x12"


def test_a_long_page_goes_in_packets_and_arrives_whole(desk: Desk) -> None:
    device = desk.plug()
    page = bytes(range(256)) * 4
    desk.write(desk.open(), page)
    assert desk.arrived() == page
    assert device.transfers == 1024 / 64


def test_a_long_answer_is_read_whole(desk: Desk) -> None:
    desk.plug()
    link = desk.open()
    desk.answer(bytes(range(200)) * 10)
    heard = b""
    while chunk := desk.read(link):
        heard += chunk
    assert heard == bytes(range(200)) * 10


def test_silence_ends_at_the_deadline(desk: Desk) -> None:
    desk.plug()
    link = desk.open()
    assert desk.read(link, within_s=7.5) == b""
    assert 7.5 <= desk.hub.now() < 7.7


def test_a_deadline_that_has_passed_still_takes_what_is_there(desk: Desk) -> None:
    desk.plug()
    link = desk.open()
    desk.answer(b"x")
    assert desk.read(link, within_s=-1.0) == b"x"
    assert desk.read(link, within_s=-1.0) == b""


def test_empty_packets_are_no_answer(desk: Desk) -> None:
    device = desk.plug(empty_packets=5)
    link = desk.open()
    desk.answer(b"x")
    assert desk.read(link) == b"x"
    device.empty_packets = 1_000_000
    assert desk.read(link, within_s=1.0) == b""
    assert device.transfers < 300


def test_the_kernels_driver_is_sent_away_and_called_back(desk: Desk) -> None:
    device = desk.plug()
    link = desk.open()
    assert not device.kernel_driver
    link.close()
    link.close()
    assert device.reattached == 1
    assert device.claimed == set()


def test_a_device_without_a_kernel_driver_gets_none(desk: Desk) -> None:
    device = desk.plug(kernel_driver=False)
    desk.open().close()
    assert device.reattached == 0


def test_an_unconfigured_device_is_configured(desk: Desk) -> None:
    device = desk.plug(configured=False)
    desk.open()
    assert device.configured


def test_a_missing_device_is_named_by_its_numbers(desk: Desk) -> None:
    desk.plug(vendor=0x1234)
    with pytest.raises(LinkLost, match="04b8:0202") as caught:
        desk.open()
    assert caught.value.code == "absent"


def test_two_of_a_kind_are_told_apart_by_serial_number_only(desk: Desk) -> None:
    desk.plug(serial="AAA")
    second = desk.plug(serial="BBB")
    assert lost(desk.open) == "ambiguous"
    link = desk.open(UsbId(vendor=0x04B8, product=0x0202, serial="BBB"))
    assert second.claimed == {0}
    link.close()
    assert lost(lambda: desk.open(UsbId(vendor=0x04B8, product=0x0202, serial="CCC"))) == "absent"


def test_a_device_that_may_not_be_asked_for_its_serial_number_is_not_taken(desk: Desk) -> None:
    desk.plug(serial="AAA", forbidden=True)
    assert lost(lambda: desk.open(UsbId(vendor=0x04B8, product=0x0202, serial="AAA"))) == "absent"


def test_a_device_that_may_not_be_opened_calls_for_a_udev_rule(desk: Desk) -> None:
    desk.plug(forbidden=True)
    with pytest.raises(LinkLost, match="udev") as caught:
        desk.open()
    assert caught.value.code == "forbidden"


def test_a_device_held_by_another_program_is_busy(desk: Desk) -> None:
    desk.plug(held_by_another=True)
    assert lost(desk.open) == "busy"


def test_the_bidirectional_printer_interface_is_chosen_among_others(desk: Desk) -> None:
    one_way = ((EP_OUT, 2),)
    device = desk.plug(
        interfaces=(
            FakeInterface(number=0, cls=0xFF, endpoints=((0x03, 2), (0x84, 2))),
            FakeInterface(number=1, cls=3, endpoints=((0x81, 3),)),
            FakeInterface(number=2, alternate=0, protocol=1, endpoints=one_way),
            FakeInterface(number=2, alternate=1, protocol=2),
        )
    )
    link = desk.open()
    desk.write(link, b"x")
    assert device.claimed == {2}
    assert device.settings == {2: 1}
    assert desk.arrived() == b"x"


def test_a_vendor_specific_interface_will_do(desk: Desk) -> None:
    device = desk.plug(interfaces=(FakeInterface(cls=0xFF),))
    link = desk.open()
    assert device.claimed == {0}
    link.close()


def test_a_keyboard_is_no_printer(desk: Desk) -> None:
    desk.plug(interfaces=(FakeInterface(cls=3),))
    assert lost(desk.open) == "no_endpoints"


@pytest.mark.parametrize("packets", [0, 1, 7])
def test_an_unplugged_device_is_lost_under_the_transfer_and_found_again_at_another_address(
    desk: Desk, packets: int
) -> None:
    device = desk.plug(unplug_after_packets=packets)
    link = desk.open()
    assert lost(lambda: desk.write(link, bytes(64 * 10))) == "unplugged"
    assert lost(lambda: desk.read(link)) == "closed"
    assert lost(desk.open) == "absent"
    again = desk.plug()
    assert again.address != device.address
    desk.write(desk.open(), b"x")
    assert desk.arrived() == b"x"


def test_a_plug_pulled_while_we_wait_ends_the_wait(desk: Desk) -> None:
    device = desk.plug()
    link = desk.open()

    def pull() -> None:
        desk.hub.wait_until(2.0)
        desk.bus.unplug(device)

    desk.hub.spawn("reader", pull)
    assert lost(lambda: desk.read(link, within_s=60.0)) == "unplugged"
    assert desk.hub.now() < 5.0


def test_a_stalled_endpoint_is_cleared_and_no_byte_is_doubled_or_lost(desk: Desk) -> None:
    device = desk.plug(stalls={EP_OUT: STALLS_MAX})
    link = desk.open()
    page = bytes(range(200))
    desk.write(link, page)
    assert desk.arrived() == page
    assert device.cleared == [EP_OUT] * STALLS_MAX
    desk.answer(b"\x12")
    device.stalls[EP_IN] = 1
    assert desk.read(link) == b"\x12"


def test_an_endpoint_that_stays_stalled_is_given_up(desk: Desk) -> None:
    desk.plug(stalls={EP_OUT: 1_000, EP_IN: 1_000})
    link = desk.open()
    assert lost(lambda: desk.write(link, b"x")) == "stall"
    link = desk.open()
    assert lost(lambda: desk.read(link)) == "stall"


def test_a_device_that_takes_nothing_is_given_up_in_time(desk: Desk) -> None:
    desk.plug(takes_nothing=True)
    link = desk.open(write_s=3.0)
    assert lost(lambda: desk.write(link, b"x")) == "stuck"
    assert 3.0 <= desk.hub.now() < 3.2


def test_what_is_lost_carries_no_word_of_what_was_sent(desk: Desk) -> None:
    desk.plug(unplug_after_packets=0)
    link = desk.open()
    with pytest.raises(LinkLost) as caught:
        desk.write(link, b"a reader's name")
    assert caught.value.sent == b""
    assert "reader" not in str(caught.value)


def test_without_libusb_the_error_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("libusb1", "libusb0", "openusb"):
        module = __import__(f"usb.backend.{name}", fromlist=["get_backend"])
        monkeypatch.setattr(module, "get_backend", lambda: None)
    with pytest.raises(LinkLost, match="install the Debian package"):
        open_usb(PRINTER, clock=VirtualHub())
