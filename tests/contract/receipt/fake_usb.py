"""A USB bus at the level of libusb's transfers: plugs, addresses, descriptors, claims, packets, stalls and time-outs.

It stands in for `usb.backend.IBackend`, so pyusb and `usb_link` run unchanged above it. A plugged device's endpoints
lead to any Link, behind which a simulator serves.
"""

from __future__ import annotations

import array
import errno
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace

import usb.backend
import usb.core

from drivers.clock import Hub
from drivers.errors import LinkLost
from drivers.link import Link

EP_IN, EP_OUT = 0x82, 0x01


@dataclass(slots=True, kw_only=True)
class FakeInterface:
    """One alternate setting of one interface."""

    number: int = 0
    alternate: int = 0
    cls: int = 7
    protocol: int = 2
    endpoints: tuple[tuple[int, int], ...] = ((EP_OUT, 2), (EP_IN, 2))  # (address, transfer type)


@dataclass(slots=True, kw_only=True)
class FakeDevice:
    """One plugged device. `wire` is called at each open and gives the near end of a Link to its simulator."""

    wire: Callable[[], Link]
    powered: Callable[[], bool] = lambda: True  # a device whose own plug is out is not on the bus
    vendor: int = 0x04B8
    product: int = 0x0202
    serial: str = "S1M0001"
    interfaces: tuple[FakeInterface, ...] = (FakeInterface(),)
    configured: bool = True
    kernel_driver: bool = True
    packet_bytes: int = 64
    packet_s: float = 0.0  # how long the device lets each packet to it wait
    # What is wrong with it.
    forbidden: bool = False
    held_by_another: bool = False
    takes_nothing: bool = False
    stalls: dict[int, int] = field(default_factory=dict)  # endpoint -> how often it halts
    empty_packets: int = 0
    unplug_after_packets: int | None = None
    # What happened to it.
    address: int = 0
    claimed: set[int] = field(default_factory=set)
    settings: dict[int, int] = field(default_factory=dict)
    cleared: list[int] = field(default_factory=list)
    reattached: int = 0
    transfers: int = 0
    halted: set[int] = field(default_factory=set)
    link: Link | None = None
    pending: bytes = b""


class FakeBus(usb.backend.IBackend):  # type: ignore[misc]  # pyusb is untyped; its base refuses what is missing here
    """The backend. Every transfer checks what the kernel would check."""

    def __init__(self, hub: Hub) -> None:
        super().__init__()
        self._hub = hub
        self._devices: list[FakeDevice] = []
        self._next_address = 1

    def plug(self, device: FakeDevice) -> FakeDevice:
        device.address = self._next_address
        self._next_address += 1
        self._devices.append(device)
        return device

    def unplug(self, device: FakeDevice) -> None:
        self._devices.remove(device)
        if device.link is not None:
            device.link.close()

    # -- enumeration ------------------------------------------------------------------------------------------------

    def enumerate_devices(self) -> list[FakeDevice]:
        return [device for device in self._devices if device.powered()]

    def get_parent(self, dev: FakeDevice) -> None:
        return None

    def get_device_descriptor(self, dev: FakeDevice) -> SimpleNamespace:
        return SimpleNamespace(
            bLength=18, bDescriptorType=1, bcdUSB=0x200, bDeviceClass=0, bDeviceSubClass=0, bDeviceProtocol=0,
            bMaxPacketSize0=64, idVendor=dev.vendor, idProduct=dev.product, bcdDevice=0x100, iManufacturer=0,
            iProduct=0, iSerialNumber=3 if dev.serial else 0, bNumConfigurations=1, address=dev.address, bus=1,
            port_number=1, port_numbers=(1,), speed=2,
        )  # fmt: skip

    def get_configuration_descriptor(self, dev: FakeDevice, config: int) -> SimpleNamespace:
        if config:
            raise IndexError(config)
        return SimpleNamespace(
            bLength=9, bDescriptorType=2, wTotalLength=32, bNumInterfaces=len(_numbers(dev)), bConfigurationValue=1,
            iConfiguration=0, bmAttributes=0xC0, bMaxPower=1, extra_descriptors=[],
        )  # fmt: skip

    def get_interface_descriptor(self, dev: FakeDevice, intf: int, alt: int, config: int) -> SimpleNamespace:
        settings = [item for item in dev.interfaces if item.number == _numbers(dev)[intf]]
        item = settings[alt]
        return SimpleNamespace(
            bLength=9, bDescriptorType=4, bInterfaceNumber=item.number, bAlternateSetting=item.alternate,
            bNumEndpoints=len(item.endpoints), bInterfaceClass=item.cls, bInterfaceSubClass=1,
            bInterfaceProtocol=item.protocol, iInterface=0, extra_descriptors=[],
        )  # fmt: skip

    def get_endpoint_descriptor(self, dev: FakeDevice, ep: int, intf: int, alt: int, config: int) -> SimpleNamespace:
        settings = [item for item in dev.interfaces if item.number == _numbers(dev)[intf]]
        address, kind = settings[alt].endpoints[ep]
        return SimpleNamespace(
            bLength=7, bDescriptorType=5, bEndpointAddress=address, bmAttributes=kind,
            wMaxPacketSize=dev.packet_bytes, bInterval=0, bRefresh=0, bSynchAddress=0, extra_descriptors=[],
        )  # fmt: skip

    # -- the handle -------------------------------------------------------------------------------------------------

    def open_device(self, dev: FakeDevice) -> FakeDevice:
        self._there(dev)
        if dev.forbidden:
            raise _error(errno.EACCES)
        return dev

    def close_device(self, dev_handle: FakeDevice) -> None:
        dev_handle.claimed.clear()
        if dev_handle.link is not None:
            dev_handle.link.close()
            dev_handle.link = None

    def set_configuration(self, dev_handle: FakeDevice, config_value: int) -> None:
        self._there(dev_handle)
        dev_handle.configured = True

    def get_configuration(self, dev_handle: FakeDevice) -> int:
        self._there(dev_handle)
        return 1 if dev_handle.configured else 0

    def is_kernel_driver_active(self, dev_handle: FakeDevice, intf: int) -> bool:
        self._there(dev_handle)
        return dev_handle.kernel_driver

    def detach_kernel_driver(self, dev_handle: FakeDevice, intf: int) -> None:
        self._there(dev_handle)
        dev_handle.kernel_driver = False

    def attach_kernel_driver(self, dev_handle: FakeDevice, intf: int) -> None:
        self._there(dev_handle)
        if intf in dev_handle.claimed:
            raise _error(errno.EBUSY)
        dev_handle.kernel_driver = True
        dev_handle.reattached += 1

    def claim_interface(self, dev_handle: FakeDevice, intf: int) -> None:
        self._there(dev_handle)
        if dev_handle.kernel_driver or dev_handle.held_by_another or intf in dev_handle.claimed:
            raise _error(errno.EBUSY)
        dev_handle.claimed.add(intf)
        dev_handle.link = dev_handle.wire()

    def release_interface(self, dev_handle: FakeDevice, intf: int) -> None:
        self._there(dev_handle)
        dev_handle.claimed.discard(intf)

    def set_interface_altsetting(self, dev_handle: FakeDevice, intf: int, altsetting: int) -> None:
        self._there(dev_handle)
        dev_handle.settings[intf] = altsetting

    def clear_halt(self, dev_handle: FakeDevice, ep: int) -> None:
        self._there(dev_handle)
        dev_handle.halted.discard(ep)
        dev_handle.cleared.append(ep)

    def ctrl_transfer(
        self,
        dev_handle: FakeDevice,
        bmRequestType: int,
        bRequest: int,
        wValue: int,
        wIndex: int,
        data: array.array[int],
        timeout: int,
    ) -> int:
        """GET_DESCRIPTOR for strings only: 0 is the list of languages, 3 the serial number."""
        self._there(dev_handle)
        body = b"\x09\x04" if wValue & 0xFF == 0 else dev_handle.serial.encode("utf-16-le")
        answer = bytes([len(body) + 2, 3]) + body
        data[: len(answer)] = array.array("B", answer)
        return len(answer)

    # -- transfers --------------------------------------------------------------------------------------------------

    def bulk_write(self, dev_handle: FakeDevice, ep: int, intf: int, data: array.array[int], timeout: int) -> int:
        link = self._transfer(dev_handle, ep, intf, timeout)
        if dev_handle.takes_nothing:
            self._hub.wait_until(self._hub.now() + timeout / 1000)
            raise usb.core.USBTimeoutError("timeout", -7, errno.ETIMEDOUT)
        if dev_handle.packet_s:
            self._hub.wait_until(self._hub.now() + dev_handle.packet_s)
        try:
            link.write(data.tobytes())
        except LinkLost as error:
            raise _error(errno.EIO) from error
        return len(data)

    def bulk_read(self, dev_handle: FakeDevice, ep: int, intf: int, buff: array.array[int], timeout: int) -> int:
        link = self._transfer(dev_handle, ep, intf, timeout)
        if dev_handle.empty_packets:
            dev_handle.empty_packets -= 1
            return 0
        try:
            dev_handle.pending = dev_handle.pending or link.read(self._hub.now() + timeout / 1000)
        except LinkLost as error:
            self._there(dev_handle)
            raise _error(errno.EIO) from error
        if not dev_handle.pending:
            raise usb.core.USBTimeoutError("timeout", -7, errno.ETIMEDOUT)
        packet, dev_handle.pending = dev_handle.pending[: len(buff)], dev_handle.pending[len(buff) :]
        buff[: len(packet)] = array.array("B", packet)
        return len(packet)

    def _transfer(self, device: FakeDevice, ep: int, intf: int, timeout: int) -> Link:
        assert timeout > 0, "libusb would wait for ever"
        device.transfers += 1
        if device.unplug_after_packets is not None and device.transfers > device.unplug_after_packets:
            device.unplug_after_packets = None
            self.unplug(device)
        self._there(device)
        assert intf in device.claimed, "a transfer on an interface that nobody claimed"
        if device.stalls.get(ep, 0):
            device.stalls[ep] -= 1
            device.halted.add(ep)
        if ep in device.halted:
            raise _error(errno.EPIPE)
        assert device.link is not None
        return device.link

    def _there(self, device: FakeDevice) -> None:
        if device not in self._devices or not device.powered():
            raise _error(errno.ENODEV)


def _numbers(device: FakeDevice) -> list[int]:
    return sorted({item.number for item in device.interfaces})


def _error(number: int) -> usb.core.USBError:
    return usb.core.USBError(errno.errorcode[number], -1, number)
