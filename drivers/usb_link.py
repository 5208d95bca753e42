"""A pair of USB bulk endpoints as a `Link`: the only import of pyusb.

For devices of the printer class (USB Device Class Definition for Printing Devices 1.1) and vendor-specific ones that
work alike. libusb itself is a `backend` that can be given, so that tests can stand in for the bus.
"""

from __future__ import annotations

import contextlib
import errno
import math
from dataclasses import dataclass
from typing import Any

import usb.core
import usb.util

from drivers.clock import Clock
from drivers.errors import LinkLost
from drivers.link import Link

WRITE_S_MAX = 5.0
WAIT_S_MAX = 1.0  # one transfer of a longer deadline
EMPTY_PACKET_S = 0.005  # some printers answer every poll at once with an empty packet
STALLS_MAX = 3
READ_PACKETS = 8
_CLASS_PRINTER, _CLASS_VENDOR = 0x07, 0xFF
_PROTOCOL_BIDIRECTIONAL = 2
_UNFIT = 9

# Any throughout: pyusb carries no types.


@dataclass(frozen=True, slots=True, kw_only=True)
class UsbId:
    """Which device: vendor and product number, and the serial number where two of a kind are plugged in."""

    vendor: int
    product: int
    serial: str = ""

    def __str__(self) -> str:
        return f"{self.vendor:04x}:{self.product:04x}" + (f":{self.serial}" if self.serial else "")


def open_usb(
    usb_id: UsbId, *, clock: Clock, name: str | None = None, write_s: float = WRITE_S_MAX, backend: Any = None
) -> Link:
    """Finds the device wherever it is plugged in, takes it from the kernel's driver and claims its interface.

    `name` is what errors call the device, `write_s` how long one write may take in all, `backend` a
    `usb.backend.IBackend` (libusb 1.0 when None). Raises LinkLost when the device is not there, is held by another
    program, may not be opened by this user, or has no pair of bulk endpoints.
    """
    device_name = name or str(usb_id)
    try:
        device = _find(usb_id, device_name, backend)
        try:
            return _claim(device, device_name, clock, write_s)
        except BaseException:
            usb.util.dispose_resources(device)
            raise
    except usb.core.NoBackendError as error:
        raise LinkLost(device_name, "no_libusb", "install the Debian package libusb-1.0-0") from error
    except usb.core.USBError as error:
        raise LinkLost(device_name, _code(error), _hint(error)) from error


def _find(usb_id: UsbId, name: str, backend: Any) -> Any:
    devices = list(usb.core.find(find_all=True, backend=backend, idVendor=usb_id.vendor, idProduct=usb_id.product))
    if usb_id.serial:
        devices = [device for device in devices if _serial(device) == usb_id.serial]
    if not devices:
        raise LinkLost(name, "absent", f"no device {usb_id} is plugged in")
    if len(devices) > 1:
        raise LinkLost(name, "ambiguous", f"{len(devices)} devices {usb_id} are plugged in: give the serial number")
    return devices[0]


def _serial(device: Any) -> str | None:
    """The serial number, or None where the device has none or does not let us ask."""
    try:
        return str(device.serial_number)
    except (usb.core.USBError, ValueError):  # pyusb raises ValueError when the strings cannot be read
        return None
    finally:
        usb.util.dispose_resources(device)


def _claim(device: Any, name: str, clock: Clock, write_s: float) -> Link:
    try:
        configuration = device.get_active_configuration()
    except usb.core.USBError:
        # Only a device that has no configuration yet: setting the active one again would reset the device.
        device.set_configuration()
        configuration = device.get_active_configuration()
    interface = _best_interface(configuration, name)
    number = interface.bInterfaceNumber
    detached = False
    with contextlib.suppress(NotImplementedError):  # a platform where the kernel has no driver to detach
        if device.is_kernel_driver_active(number):
            device.detach_kernel_driver(number)
            detached = True
    usb.util.claim_interface(device, number)
    if interface.bAlternateSetting:
        device.set_interface_altsetting(number, interface.bAlternateSetting)
    return _UsbLink(device, interface, name, clock, write_s, reattach=detached)


def _best_interface(configuration: Any, name: str) -> Any:
    fitting = [interface for interface in configuration if all(_bulk_pair(interface)) and _rank(interface) < _UNFIT]
    if not fitting:
        raise LinkLost(name, "no_endpoints", "has no interface with a bulk endpoint in either direction")
    return min(fitting, key=_rank)


def _rank(interface: Any) -> int:
    """Lower is better: the printer class's bidirectional protocol, its others, then vendor-specific interfaces."""
    if interface.bInterfaceClass == _CLASS_PRINTER:
        return 0 if interface.bInterfaceProtocol == _PROTOCOL_BIDIRECTIONAL else 1
    return 2 if interface.bInterfaceClass == _CLASS_VENDOR else _UNFIT


def _bulk_pair(interface: Any) -> tuple[Any, Any]:
    def first(direction: int) -> Any:
        return usb.util.find_descriptor(
            interface,
            custom_match=lambda endpoint: (
                usb.util.endpoint_type(endpoint.bmAttributes) == usb.util.ENDPOINT_TYPE_BULK
                and usb.util.endpoint_direction(endpoint.bEndpointAddress) == direction
            ),
        )

    return first(usb.util.ENDPOINT_IN), first(usb.util.ENDPOINT_OUT)


class _UsbLink:
    def __init__(self, device: Any, interface: Any, name: str, clock: Clock, write_s: float, *, reattach: bool) -> None:
        self._device = device
        self._number: int = interface.bInterfaceNumber
        self._in, self._out = _bulk_pair(interface)
        self._name = name
        self._clock = clock
        self._write_s = write_s
        self._reattach = reattach
        self._open = True

    def write(self, data: bytes) -> None:
        """Sends packet by packet: one that was stalled was not taken, so it can be sent again without doubling."""
        self._must_be_open()
        give_up = self._clock.now() + self._write_s
        packet = self._out.wMaxPacketSize
        sent = stalls = 0
        while sent < len(data):
            if self._clock.now() >= give_up:
                raise self._lost("stuck", f"took {sent} of {len(data)} bytes in {self._write_s} s")
            try:
                sent += self._out.write(data[sent : sent + packet], timeout=_timeout_ms(give_up - self._clock.now()))
                stalls = 0
            except usb.core.USBTimeoutError:
                continue
            except usb.core.USBError as error:
                stalls += 1
                self._recover(error, self._out, stalls)

    def read(self, by: float) -> bytes:
        self._must_be_open()
        stalls = 0
        while True:
            data = b""
            try:
                # Whole packets, or a long answer overflows the buffer and is lost.
                size = self._in.wMaxPacketSize * READ_PACKETS
                data = self._in.read(size, timeout=_timeout_ms(by - self._clock.now())).tobytes()
            except usb.core.USBTimeoutError:
                pass
            except usb.core.USBError as error:
                stalls += 1
                self._recover(error, self._in, stalls)
            else:
                if not data:
                    self._clock.wait_until(min(by, self._clock.now() + EMPTY_PACKET_S))
            if data or self._clock.now() >= by:
                return data

    def close(self) -> None:
        if not self._open:
            return
        self._open = False
        # An unplugged device cannot be given back in any of these ways, and need not be.
        with contextlib.suppress(usb.core.USBError):
            usb.util.release_interface(self._device, self._number)
        if self._reattach:
            with contextlib.suppress(usb.core.USBError, NotImplementedError):
                self._device.attach_kernel_driver(self._number)
        usb.util.dispose_resources(self._device)

    def _recover(self, error: usb.core.USBError, endpoint: Any, stalls: int) -> None:
        """Clears a halted endpoint; any other error, or a halt that comes back, is the end of the wire."""
        if error.errno != errno.EPIPE or stalls > STALLS_MAX:
            raise self._lost(_code(error), _hint(error)) from error
        try:
            endpoint.clear_halt()
        except usb.core.USBError as again:
            raise self._lost(_code(again), _hint(again)) from again

    def _lost(self, code: str, message: str) -> LinkLost:
        self.close()
        return LinkLost(self._name, code, message)

    def _must_be_open(self) -> None:
        if not self._open:
            raise LinkLost(self._name, "closed", "the wire is gone")


def _timeout_ms(left_s: float) -> int:
    """For libusb, where 0 would mean to wait for ever."""
    return max(1, math.ceil(min(left_s, WAIT_S_MAX) * 1000))


_CODES = {
    errno.ENODEV: ("unplugged", "the device is gone"),
    errno.EACCES: ("forbidden", "this user may not open it: a udev rule is missing"),
    errno.EBUSY: ("busy", "another program holds it"),
    errno.EPIPE: ("stall", "the endpoint stays halted"),
    errno.EIO: ("io", "the transfer failed: loose plug, or being unplugged"),
}


def _code(error: usb.core.USBError) -> str:
    return _CODES.get(error.errno, ("usb", ""))[0]


def _hint(error: usb.core.USBError) -> str:
    return _CODES.get(error.errno, ("", str(error)))[1]
