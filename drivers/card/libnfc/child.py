"""The child process: one reader of libnfc, asked line by line on stdin, answering on stdout.

    python -m drivers.card.libnfc.child pn532_uart:/dev/ttyUSB0:115200

libnfc can hang for ever inside a call and pynfc leaks, so this process is made to be killed: it keeps nothing. It opens
the device at the first request, so that a fresh child is loaded while nobody waits for it.

Of pynfc (0.1.1) only the opening and its ctypes table are used. Its own `poll` cannot tell an empty field from an
unplugged reader, hands out one card at a time, and leaks a tag for each look it does not finish.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from drivers.card.contract import CardSeen
from drivers.card.libnfc import protocol
from drivers.card.libnfc.protocol import (
    CARDS_MAX,
    Answer,
    Block,
    Cards,
    Fault,
    Identify,
    Poll,
    ReadBlock,
    Reader,
    Refusal,
    Request,
)

# The parent kills a child that hangs. Should the parent be gone, the kernel does it: no Python runs inside a hung call.
HANG_S_MAX = 30

# libnfc 1.8.0, include/nfc/nfc.h
NFC_EIO = -1
NFC_ENOTSUCHDEV = -4
NFC_ETIMEOUT = -6
NFC_EMFCAUTHFAIL = -30
MIFARE_READ = 0x30
BLOCK_BYTES = 16


class Device:
    """An open libnfc device. Calls return an Answer; faults are answers too."""

    def __init__(self, nfc: Any, owner: Any) -> None:  # Any: pynfc is untyped ctypes
        self._nfc = nfc
        self._owner = owner  # its destructor closes the device
        self._handle = owner.pdevice
        self._type_a = nfc.nfc_modulation(nmt=nfc.NMT_ISO14443A, nbr=nfc.NBR_106)
        # The generated table declares this array with no elements; the C function takes a pointer and a count.
        nfc.nfc_initiator_list_passive_targets.argtypes = [
            ctypes.POINTER(nfc.struct_nfc_device),
            nfc.nfc_modulation,
            ctypes.POINTER(nfc.nfc_target),
            ctypes.c_size_t,
        ]

    def answer(self, request: Request) -> Answer:
        match request:
            case Identify():
                return Reader(self._chip())
            case Poll():
                return self._with_field(self._poll)
            case ReadBlock():
                return self._with_field(lambda: self._read_block(request))

    def _chip(self) -> str:
        text = ctypes.POINTER(ctypes.c_char)()
        if self._nfc.nfc_device_get_information_about(self._handle, ctypes.byref(text)) < 0:
            return "unknown chip"
        lines = ctypes.string_at(text).decode("ascii", "replace").splitlines()
        self._nfc.nfc_free(text)
        return lines[0] if lines else "unknown chip"

    def _with_field(self, act: Callable[[], Answer]) -> Answer:
        """Field on, act, field off: each request finds every card anew."""
        if (code := self._field(on=True)) < 0:
            return _fault(code)
        answer = act()
        code = self._field(on=False)
        return _fault(code) if code < 0 and not isinstance(answer, Fault) else answer

    def _field(self, on: bool) -> int:
        return int(self._nfc.nfc_device_set_property_bool(self._handle, self._nfc.NP_ACTIVATE_FIELD, on))

    def _poll(self) -> Answer:
        found = (self._nfc.nfc_target * CARDS_MAX)()
        count = self._nfc.nfc_initiator_list_passive_targets(self._handle, self._type_a, found, CARDS_MAX)
        code = min(count, self._nfc.nfc_device_get_last_error(self._handle))
        return _fault(code) if code < 0 else Cards(tuple(_card(target.nti.nai) for target in found[:count]))

    def _read_block(self, request: ReadBlock) -> Answer:
        uid = (ctypes.c_ubyte * len(request.uid))(*request.uid)
        # Selecting waits for a card without end unless told otherwise.
        self._nfc.nfc_device_set_property_bool(self._handle, self._nfc.NP_INFINITE_SELECT, False)
        target = self._nfc.nfc_target()
        count = self._nfc.nfc_initiator_select_passive_target(self._handle, self._type_a, uid, len(uid), target)
        if count <= 0:
            return Refusal("card-gone") if count in (0, NFC_ETIMEOUT) else _fault(count)
        key = bytes([request.kind, request.block]) + request.key + request.uid[-4:]
        code, _ = self._transceive(key)
        if code < 0:
            return Refusal("auth") if code == NFC_EMFCAUTHFAIL else _fault(code)
        code, data = self._transceive(bytes([MIFARE_READ, request.block]))
        return Block(data) if code == BLOCK_BYTES else Refusal("read")

    def _transceive(self, data: bytes) -> tuple[int, bytes]:
        sent = (ctypes.c_ubyte * len(data))(*data)
        got = (ctypes.c_ubyte * BLOCK_BYTES)()
        code = int(self._nfc.nfc_initiator_transceive_bytes(self._handle, sent, len(sent), got, len(got), 0))
        return code, bytes(got[: max(0, code)])


def _card(info: Any) -> CardSeen:
    uid = bytes(info.abtUid[: info.szUidLen])
    return CardSeen(uid=uid, atqa=int.from_bytes(bytes(info.abtAtqa), "big"), sak=info.btSak)


def _fault(code: int) -> Fault:
    match code:
        case _ if code in (NFC_EIO, NFC_ENOTSUCHDEV):
            return Fault("io")
        case _ if code == NFC_ETIMEOUT:
            return Fault("timeout")
    return Fault(f"libnfc{code}")


def _open(connstring: str) -> Device | Fault:
    """The device, or why there is none. `missing`: no pynfc, or no libfreefare.so for it (Debian: libfreefare-dev)."""
    try:
        import pynfc
        from pynfc import nfc
    except (ImportError, OSError):
        return Fault("missing")
    try:
        owner = pynfc.Nfc(connstring)
    except Exception as error:  # pynfc raises bare Exception for "cannot open"
        if type(error) is not Exception:
            raise
        return Fault("open")
    code = nfc.nfc_initiator_init(owner.pdevice)
    return _fault(code) if code < 0 else Device(nfc, owner)


def main(connstring: str) -> None:
    """Answers until stdin ends or the device fails: a device that failed once is best opened by a new process."""
    out = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever C code prints is no answer
    device: Device | Fault | None = None
    for line in sys.stdin.buffer:
        number, request = protocol.decode_request(line)
        signal.alarm(HANG_S_MAX)
        device = device or _open(connstring)
        answer = device if isinstance(device, Fault) else device.answer(request)
        signal.alarm(0)
        os.write(out, protocol.encode_answer(number, answer))
        if isinstance(answer, Fault):
            return


if __name__ == "__main__":
    main(sys.argv[1])
