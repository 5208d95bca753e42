"""The far end of a PN532's serial line, for our driver, libnfc and nfcpy alike.

Behaves as UM0701-02 says and as those two were seen to need: it sleeps until woken, obeys only after SAMConfiguration,
acknowledges, answers in normal or extended frames, repeats on NACK, stops on ACK. Registers keep what is written.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from drivers.card.pn532 import protocol
from drivers.card.pn532.protocol import Command, Frame, Framer, Information, Nack, Status
from drivers.card.pn532.sim.field import CardField, Present
from drivers.clock import Clock
from drivers.errors import LinkLost
from drivers.link import Link

FIRMWARE = bytes([protocol.IC_PN532, 0x01, 0x06, 0x07])  # IC, version 1.6, supports 14443 A and B and ISO 18092
RETRY_S = 0.01  # one attempt to find a card
POLL_PERIOD_S = 0.15  # unit of InAutoPoll's period (7.3.13)
ENDLESS = 0xFF
WAKE_EDGES = b"\x55"  # on the line: five rising edges
TYPES_A = (0x00, 0x10)  # InAutoPoll target types: generic 106 kbit/s type A, MIFARE
TYPE_A_14443_4 = 0x20
HEARD_MAX: Final = 1_024


@dataclass(slots=True)
class Faults:
    """How the chip or its cable misbehaves. Counters count down; the rest holds until changed."""

    mute: bool = False  # hears nothing
    mute_from: Command | None = None  # this command is the last thing it hears
    silent: bool = False  # acknowledges and never answers
    no_acks: bool = False  # answers and never acknowledges
    bad_checksums: int = 0
    cut_answers: int = 0  # the rest of the frame never comes
    noise: bytes = b""  # sent before each answer
    chunk_bytes: int = 0  # each write is split into such pieces; 0: not at all
    late_s: float = 0.0  # each answer comes so much later, also when nobody waits any more


class Pn532Sim:
    """One chip. `look_s`: how often it looks for its pulled plug, on a wire that cannot be closed under a read."""

    def __init__(self, link: Link, clock: Clock, field: CardField, *, look_s: float = math.inf) -> None:
        self.faults = Faults()
        self.heard: deque[int] = deque(maxlen=HEARD_MAX)  # command codes, in order, the newest
        self._link = link
        self._clock = clock
        self._field = field
        self._look_s = look_s
        self._plugged = True
        self._framer = Framer()
        self._inbox: list[Frame] = []
        self._last_answer = b""
        self._registers: dict[int, int] = {}
        self._commands = self._command_table()
        self.power_up()

    def power_up(self) -> None:
        """As after a brown-out: asleep, defaults, no targets, field off."""
        self._awake = False
        self._configured = False
        self._retries = ENDLESS
        self._targets: list[Present] = []
        self._field.power_off()

    def unplug(self) -> None:
        """Pulls the cable: the host's next read or write finds the wire gone."""
        self._plugged = False
        if self._look_s == math.inf:
            self._link.close()

    def serve(self) -> None:
        """Until the wire is gone."""
        try:
            while self._plugged:
                self._receive(self._clock.now() + self._look_s)
                while self._inbox:
                    self._obey(self._inbox.pop(0))
        except LinkLost:
            pass
        self._link.close()

    def _receive(self, by: float) -> bool:
        data = self._link.read(by)
        if not data or self.faults.mute:
            return False
        if not self._awake:
            self._awake = WAKE_EDGES in data
            data = data.partition(WAKE_EDGES)[2]
        self._inbox += self._framer.feed(data)
        return bool(self._inbox)

    def _obey(self, frame: Frame) -> None:
        match frame:
            case Information(protocol.HOST_TO_CHIP, data) if data:
                self._answer(data[0], data[1:])
            case Nack():
                self._send(self._last_answer)
            case _:  # an ACK ends a command, and none is running; noise is nothing
                pass

    def _answer(self, code: int, arguments: bytes) -> None:
        if not self._configured and code != Command.SAM_CONFIGURATION:
            return
        self.heard.append(code)
        if code == self.faults.mute_from:
            self.faults.mute = True
            return
        if not self.faults.no_acks:
            self._send(protocol.ACK)
        if self.faults.silent:
            return
        command = self._commands.get(code)
        try:
            data = command(arguments) if command else None
        except IndexError:  # arguments are missing
            data = None
            command = None
        if command is None:
            self._reply(protocol.SYNTAX_ERROR)
        elif data is not None:
            self._reply(protocol.encode(bytes([code + 1]) + data, protocol.CHIP_TO_HOST))

    def _reply(self, frame: bytes) -> None:
        self._last_answer = frame
        if self.faults.late_s:
            self._clock.wait_until(self._clock.now() + self.faults.late_s)
        if self.faults.bad_checksums:
            self.faults.bad_checksums -= 1
            frame = frame[:-2] + bytes([frame[-2] ^ 0x55]) + frame[-1:]
        if self.faults.cut_answers:
            self.faults.cut_answers -= 1
            frame = frame[: len(frame) // 2]
        self._send(self.faults.noise + frame)

    def _send(self, data: bytes) -> None:
        step = self.faults.chunk_bytes or max(1, len(data))
        for at in range(0, len(data), step):
            self._link.write(data[at : at + step])

    def _command_table(self) -> dict[int, Callable[[bytes], bytes | None]]:
        """None instead of an answer: the host has ended the command."""
        return {
            Command.DIAGNOSE: lambda data: b"\x00" + data[1:] if data[0] == 0 else b"\x00",  # 00: line test, an echo
            Command.GET_FIRMWARE_VERSION: lambda data: FIRMWARE,
            Command.GET_GENERAL_STATUS: lambda data: bytes([0, 0, len(self._targets)]),
            Command.READ_REGISTER: self._read_registers,
            Command.WRITE_REGISTER: self._write_registers,
            Command.SET_PARAMETERS: lambda data: b"",
            Command.SAM_CONFIGURATION: self._configure,
            Command.POWER_DOWN: self._sleep,
            Command.RF_CONFIGURATION: self._configure_field,
            Command.IN_DATA_EXCHANGE: self._exchange,
            Command.IN_COMMUNICATE_THRU: lambda data: bytes([Status.TIMEOUT]),  # no card here answers raw frames
            Command.IN_DESELECT: self._release,
            Command.IN_RELEASE: self._release,
            Command.IN_SELECT: lambda data: bytes([Status.OK if self._targets else Status.WRONG_CONTEXT]),
            Command.IN_LIST_PASSIVE_TARGET: self._list,
            Command.IN_AUTO_POLL: self._auto_poll,
        }

    def _configure(self, data: bytes) -> bytes:
        self._configured = True
        return b""

    def _sleep(self, data: bytes) -> bytes:
        self.power_up()
        return bytes([Status.OK])

    def _read_registers(self, data: bytes) -> bytes:
        addresses = [data[at] << 8 | data[at + 1] for at in range(0, len(data), 2)]
        return bytes(self._registers.get(address, 0) for address in addresses)

    def _write_registers(self, data: bytes) -> bytes:
        for at in range(0, len(data), 3):
            self._registers[data[at] << 8 | data[at + 1]] = data[at + 2]
        return b""

    def _configure_field(self, data: bytes) -> bytes:
        item = data[0]
        if item == 0x01 and not data[1] & 1:
            self._targets = []
            self._field.power_off()
        elif item == 0x05:
            self._retries = data[3]
        return b""

    def _list(self, data: bytes) -> bytes | None:
        most, modulation = data[0], data[1]
        if modulation != 0x00:
            return b"\x00"  # type B, FeliCa and Jewel: nothing of the kind lies here
        wanted = _without_cascade_tags(data[2:])
        endless = self._retries == ENDLESS
        give_up = math.inf if endless else self._clock.now() + self._retries * RETRY_S
        found = self._find(give_up, lambda: self._field.activate(most, wanted))
        if found is None:
            return None
        self._targets = found
        return bytes([len(found)]) + b"".join(_target(at + 1, present) for at, present in enumerate(found))

    def _auto_poll(self, data: bytes) -> bytes | None:
        rounds, period, types = data[0], data[1], data[2:]
        give_up = math.inf if rounds == ENDLESS else self._clock.now() + rounds * period * POLL_PERIOD_S * len(types)
        found = self._find(give_up, lambda: self._field.activate(1))
        if found is None:
            return None
        kinds = [kind for kind in types if kind in TYPES_A or (kind == TYPE_A_14443_4 and found and found[0].card.ats)]
        if not found or not kinds:
            return b"\x00"
        self._targets = found
        target = _target(1, found[0])
        return bytes([1, kinds[0], len(target)]) + target

    def _find(self, give_up: float, attempt: Callable[[], list[Present]]) -> list[Present] | None:
        """Tries until `give_up`. Whatever the host says meanwhile ends the command without an answer (6.2.1.3)."""
        while not (found := attempt()):
            if self._clock.now() >= give_up:
                return []
            if not self._plugged or self._receive(min(give_up, self._clock.now() + RETRY_S)):
                return None
        return found

    def _exchange(self, data: bytes) -> bytes:
        number, command = data[0], data[1:]
        if not 1 <= number <= len(self._targets):
            return bytes([Status.WRONG_CONTEXT])
        present = self._targets[number - 1]
        if not self._field.holds(present):
            return bytes([Status.TIMEOUT])
        if command[0] in (0x60, 0x61):
            good = present.authenticate(command[1], command[2:8], command[8:12])
            return bytes([Status.OK if good else Status.AUTHENTICATION])
        block = present.read(command[1]) if command[0] == protocol.MIFARE_READ else None
        return bytes([Status.TIMEOUT]) if block is None else bytes([Status.OK]) + block

    def _release(self, data: bytes) -> bytes:
        for present in self._targets:
            present.halt()
        self._targets = []
        return bytes([Status.OK])


def _target(number: int, present: Present) -> bytes:
    """Target data of type A (7.3.5)."""
    card = present.card
    head = bytes([number]) + card.atqa.to_bytes(2, "big") + bytes([card.sak, len(present.uid)])
    return head + present.uid + card.ats


def _without_cascade_tags(data: bytes) -> bytes:
    """The uid in the initiator data of InListPassiveTarget: one tag before each three bytes but the last four."""
    uid = b""
    while len(data) > 4:
        uid += data[1:4]
        data = data[4:]
    return uid + data
