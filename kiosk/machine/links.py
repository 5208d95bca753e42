"""Wires by address: the same driver runs on a serial port, a socket, a USB printer or a simulator's pipe.

serial:/dev/ttyUSB0?baud=38400&parity=E&stop=1
tcp:192.168.1.20:10001
usb:04b8:0202 or usb:04b8:0202:SERIAL
sim:pad            only where somebody laid such a wire (demo, stories, tests)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, cast
from urllib.parse import parse_qsl

from drivers.clock import Clock
from drivers.link import Link, Opener
from kiosk.settings.numbers import PORT_MAX

BAUD: Final = 38_400


class AddressError(ValueError):
    """An address of a wire that nobody can read; the text says what is wrong."""


def opener(address: str, clock: Clock, name: str, wires: Mapping[str, Opener]) -> Opener:
    """How to open the wire at `address`. `wires` are simulated ones by name. Raises AddressError."""
    scheme, _, rest = address.partition(":")
    match scheme:
        case "serial":
            return _serial(rest, clock, name)
        case "tcp":
            return _tcp(rest, clock, name)
        case "usb":
            return _usb(rest, clock, name)
        case "sim" if rest in wires:
            return wires[rest]
        case "sim":
            raise AddressError(f"link {address!r}: simulated wires exist only in the demo and in tests")
        case _:
            raise AddressError(f"link {address!r}: must begin with serial:, tcp: or usb:")


def _serial(rest: str, clock: Clock, name: str) -> Opener:
    from drivers.serial_link import open_serial

    path, _, query = rest.partition("?")
    options = dict(parse_qsl(query))
    unknown = set(options) - {"baud", "parity", "stop"}
    parity, stop, baud = options.get("parity", "N"), options.get("stop", "1"), options.get("baud", str(BAUD))
    if not path:
        raise AddressError(f"link serial:{rest!r}: must be serial:/dev/NAME")
    if unknown or parity not in tuple("NEO") or stop not in ("1", "2") or not baud.isdecimal() or int(baud) == 0:
        raise AddressError(f"link serial:{rest!r}: options are baud=NUMBER, parity=N|E|O and stop=1|2")

    def open_() -> Link:
        return open_serial(
            path,
            int(baud),
            cast('Literal["N", "E", "O"]', parity),  # one of them, as was seen above
            clock=clock,
            stop_bits=cast("Literal[1, 2]", int(stop)),  # likewise
            name=name,
        )

    return open_


def _tcp(rest: str, clock: Clock, name: str) -> Opener:
    from drivers.tcp_link import open_tcp

    host, _, port = rest.rpartition(":")
    if not host or not port.isdecimal() or not 1 <= int(port) <= PORT_MAX:
        raise AddressError(f"link tcp:{rest!r}: must be tcp:HOST:PORT, the port 1 to {PORT_MAX}")
    return lambda: open_tcp(host, int(port), clock=clock, name=name)


def _usb(rest: str, clock: Clock, name: str) -> Opener:
    from drivers.usb_link import UsbId, open_usb

    parts = rest.split(":", 2)
    try:
        usb_id = UsbId(vendor=int(parts[0], 16), product=int(parts[1], 16), serial=parts[2] if len(parts) > 2 else "")
    except (ValueError, IndexError) as error:
        raise AddressError(f"link usb:{rest!r}: must be usb:VENDOR:PRODUCT in hexadecimal") from error
    return lambda: open_usb(usb_id, clock=clock, name=name)
