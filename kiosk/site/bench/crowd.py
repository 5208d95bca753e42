"""`python -m kiosk.site.bench.crowd SITE PORT FIRST COUNT RATE SECONDS SEED OUT`: many simulated machines.

Machines FIRST to FIRST+COUNT connect with certificates of their own and ask signed questions at random moments, RATE a
second in all (Poisson). A question's time counts from the moment it was due, so that a slow gateway cannot hide behind
a slow asker. Says "connected", waits for a line on standard input, asks, and writes OUT (JSON: asked, seconds).

The crowd shares its processors with those it asks. So what it will ask is written and signed beforehand, and what it
heard is read afterwards: while it counts it only sends and keeps bytes.
"""

from __future__ import annotations

import itertools
import json
import math
import random
import select
import socket
import ssl
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from drivers.clock import Clock, ThreadHub
from kiosk.bus.paho_bus import Tls, context
from kiosk.domain import ItemBarcode
from kiosk.keys import Signer, sign_envelope
from kiosk.messages import envelope as wire
from kiosk.messages.asks import AskItem, ItemKnown
from kiosk.messages.topics import Address
from kiosk.site.bench import mqtt_wire as mqtt
from kiosk.site.bench.place import barcode
from kiosk.site.folder import CONSORTIUM, HOST, SITE, Ports, SiteFolder

ITEMS: Final = 100
ANSWER_S: Final = 10
LAST_ANSWER_S_MAX: Final = 10.0
CONNECT_S_MAX: Final = 10.0
KEEPALIVE_S: Final = 300
CHUNK_BYTES: Final = 65_536


def device(n: int) -> str:
    return f"kiosk-{n + 1:04d}"


class Machine:
    """One connection, subscribed to its answers."""

    def __init__(self, name: str, signer: Signer, wire: ssl.SSLSocket) -> None:
        self.name = name
        self.wire = wire
        self._address = Address(consortium=CONSORTIUM, site=SITE, device=name)
        self._signer = signer
        self._framer = mqtt.Framer()
        self._numbers = itertools.count(1)

    def log_in(self) -> None:
        """Blocks until the broker has answered both packets."""
        self.wire.sendall(mqtt.connect(self.name, keepalive_s=KEEPALIVE_S))
        self.wire.sendall(mqtt.subscribe(1, [self._address.topic("rsp")]))
        while not any(packet.kind == mqtt.SUBACK for packet in self._framer.feed(self.wire.recv(CHUNK_BYTES))):
            continue
        self.wire.setblocking(False)

    def question(self, item: str) -> tuple[str, bytes]:
        """(correlation, the packet that asks)."""
        number = next(self._numbers)
        corr = f"{self.name}-{number}"
        request = wire.Request(ask=wire.encode_data(AskItem(item=ItemBarcode(item))), answer_s=ANSWER_S)
        envelope = wire.Envelope(
            specversion=wire.SPEC,
            id=corr,
            source=f"/{CONSORTIUM}/{SITE}/{self.name}",
            type=wire.type_name("req", "item"),
            time=datetime.now(UTC).isoformat(timespec="milliseconds"),
            device=self.name,
            corr=corr,
            data=wire.encode_data(request),
        )
        payload = wire.encode(sign_envelope(envelope, self._signer))
        topic = self._address.topic("req/item")
        return corr, mqtt.publish(topic, payload, mid=1 + number, corr=corr.encode(), expiry_s=ANSWER_S)

    def hear(self) -> list[bytes]:
        """The answers that have come, acknowledged."""
        try:
            data = self.wire.recv(CHUNK_BYTES)
        except ssl.SSLWantReadError:
            return []
        came = [mqtt.delivered(packet) for packet in self._framer.feed(data) if packet.kind == mqtt.PUBLISH]
        if came:
            self.wire.send(b"".join(mqtt.puback(mid) for mid, _ in came))
        return [payload for _, payload in came]

    def leave(self) -> None:
        self.wire.send(mqtt.GOODBYE)
        self.wire.close()


class Crowd:
    """The machines of this process."""

    def __init__(self, root: Path, port: int, numbers: range, clock: Clock) -> None:
        self._clock = clock
        self._folder = SiteFolder(root=root, ports=Ports(broker=port, ils=0), devices=())
        self._machines = [self._connected(device(n)) for n in numbers]
        self._by_number = {machine.wire.fileno(): machine for machine in self._machines}
        self._events = select.epoll()
        for number in self._by_number:
            self._events.register(number, select.EPOLLIN)

    def plan(self, rate: float, seconds: float, rng: random.Random) -> list[tuple[float, Machine, str, bytes]]:
        """(seconds after the start, who asks, correlation, packet), in order."""
        planned = []
        due = 0.0
        while (due := due + rng.expovariate(rate)) < seconds:
            machine = rng.choice(self._machines)
            planned.append((due, machine, *machine.question(barcode(rng.randrange(ITEMS)))))
        return planned

    def ask(self, planned: list[tuple[float, Machine, str, bytes]]) -> list[float]:
        """Asks as planned; gives the seconds from due to answered of what was answered in time, and rightly."""
        begin = self._clock.now()
        due_at = {corr: begin + due for due, _, corr, _ in planned}
        heard: list[tuple[float, bytes]] = []
        for due, machine, _, packet in planned:
            self._listen(begin + due, heard)
            machine.wire.send(packet)
        by = self._clock.now() + LAST_ANSWER_S_MAX
        while len(heard) < len(planned) and self._clock.now() < by:
            self._listen(self._clock.now() + 0.02, heard)
        return _seconds(due_at, heard)

    def leave(self) -> None:
        for machine in self._machines:
            machine.leave()

    def _listen(self, until: float, heard: list[tuple[float, bytes]]) -> None:
        """Keeps what comes, with its time, until it is time for the next question."""
        while True:
            left_s = until - self._clock.now()
            # epoll counts in whole milliseconds: a question may be late by one, and that counts against the answer.
            for number, _ in self._events.poll(max(0.0, math.ceil(left_s * 1000) / 1000)):
                came = self._by_number[number].hear()
                now = self._clock.now()
                heard += [(now, payload) for payload in came]
            if left_s <= 0:
                return

    def _connected(self, name: str) -> Machine:
        plain = socket.create_connection((HOST, self._folder.ports.broker), CONNECT_S_MAX)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        tls: Tls = self._folder.tls(name)
        secure = context(tls).wrap_socket(plain, server_hostname=HOST)
        signer = Signer((self._folder.root / f"{name}.signer").read_text("ascii"))
        machine = Machine(name, signer, secure)
        machine.log_in()
        return machine


def _seconds(due_at: dict[str, float], heard: list[tuple[float, bytes]]) -> list[float]:
    """Each question counts once, and only when its answer says what the item is."""
    times = []
    for at, payload in heard:
        envelope = wire.decode(payload)
        due = due_at.pop(envelope.corr, None)
        if due is not None and isinstance(wire.answer_of(envelope), ItemKnown):
            times.append(at - due)
    return times


def main(arguments: list[str]) -> None:
    root, port, first, count = Path(arguments[0]), int(arguments[1]), int(arguments[2]), int(arguments[3])
    rate, seconds, seed, out = float(arguments[4]), float(arguments[5]), int(arguments[6]), Path(arguments[7])
    crowd = Crowd(root, port, range(first, first + count), ThreadHub())
    planned = crowd.plan(rate, seconds, random.Random(seed))
    print("connected", flush=True)
    sys.stdin.readline()
    times = crowd.ask(planned)
    crowd.leave()
    out.write_text(json.dumps({"asked": len(planned), "seconds": times}), encoding="ascii")
    print("asked", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
