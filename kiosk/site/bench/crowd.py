"""`python -m kiosk.site.bench.crowd SITE PORT FIRST COUNT RATE SECONDS SEED OUT`: many simulated machines.

Machines FIRST to FIRST+COUNT connect with certificates of their own and ask signed questions at random moments, RATE a
second in all (Poisson). A question's time counts from the moment it was due, so that a slow gateway cannot hide behind
a slow asker. Says "connected", waits for a line on standard input, asks, and writes OUT (JSON: asked, seconds).
"""

from __future__ import annotations

import asyncio
import json
import random
import ssl
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from kiosk.bus.paho_bus import Tls
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
AT_ONCE: Final = 20  # connections being made at the same time


def device(n: int) -> str:
    return f"kiosk-{n + 1:04d}"


class Machine(asyncio.Protocol):
    """One connection. Times of answered questions go to `crowd.seconds`."""

    def __init__(self, crowd: Crowd, n: int) -> None:
        self._crowd = crowd
        self.name = device(n)
        self._address = Address(consortium=CONSORTIUM, site=SITE, device=self.name)
        self._signer = Signer((crowd.root / f"{self.name}.signer").read_text("ascii"))
        self._rest = b""
        self._number = 0
        self._due: dict[str, float] = {}
        self.ready: asyncio.Future[None] = crowd.loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(mqtt.connect(self.name))

    def data_received(self, data: bytes) -> None:
        packets, self._rest = mqtt.cut(self._rest + data)
        for packet in packets:
            if packet.kind == mqtt.CONNACK:
                self._transport.write(mqtt.subscribe(self._address.topic("rsp"), 1))
            elif packet.kind == mqtt.SUBACK:
                self.ready.set_result(None)
            elif packet.kind == mqtt.PUBLISH:
                self._delivered(packet)

    def ask(self, item: str, due: float) -> None:
        """`due` is when the question should have been asked, by the loop's clock."""
        self._number += 1
        corr = f"{self.name}-{self._number}"
        self._due[corr] = due
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
        mid = 2 + self._number % 60_000
        topic = self._address.topic("req/item")
        self._transport.write(mqtt.publish(topic, payload, mid, corr=corr.encode(), expiry_s=ANSWER_S))

    def leave(self) -> None:
        self._transport.write(mqtt.disconnect())
        self._transport.close()

    def _delivered(self, packet: mqtt.Packet) -> None:
        message = mqtt.delivered(packet)
        if message is not None:
            self._transport.write(mqtt.puback(message[0]))
            self._answered(message[1])

    def _answered(self, payload: bytes) -> None:
        envelope = wire.decode(payload)
        due = self._due.pop(envelope.corr, None)
        if due is not None and isinstance(wire.answer_of(envelope), ItemKnown):
            self._crowd.seconds.append(self._crowd.loop.time() - due)


class Crowd:
    """The machines of this process."""

    def __init__(self, root: Path, port: int, numbers: range, seed: int) -> None:
        self.root = root
        self.loop = asyncio.get_running_loop()
        self.seconds: list[float] = []
        self._port = port
        self._rng = random.Random(seed)
        self._machines = [Machine(self, n) for n in numbers]

    async def connect(self) -> None:
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(machine: Machine) -> None:
            async with gate:
                context = _context(self._tls(machine.name))
                await self.loop.create_connection(lambda: machine, HOST, self._port, ssl=context, server_hostname=HOST)
                await machine.ready

        await asyncio.gather(*(one(machine) for machine in self._machines))

    async def ask(self, rate: float, seconds: float) -> int:
        """Gives the number of questions asked; returns when they are answered, or late."""
        due = begin = self.loop.time()
        asked = 0
        while (due := due + self._rng.expovariate(rate)) < begin + seconds:
            await asyncio.sleep(due - self.loop.time())
            self._rng.choice(self._machines).ask(barcode(self._rng.randrange(ITEMS)), due)
            asked += 1
        late = self.loop.time() + LAST_ANSWER_S_MAX
        while len(self.seconds) < asked and self.loop.time() < late:
            await asyncio.sleep(0.02)
        for machine in self._machines:
            machine.leave()
        return asked

    def _tls(self, name: str) -> Tls:
        return SiteFolder(root=self.root, ports=Ports(broker=self._port, ils=0), devices=()).tls(name)


def _context(tls: Tls) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(tls.ca))
    context.load_cert_chain(tls.certificate, tls.key)
    return context


async def _run(arguments: list[str]) -> None:
    root, port, first, count = Path(arguments[0]), int(arguments[1]), int(arguments[2]), int(arguments[3])
    rate, seconds, seed, out = float(arguments[4]), float(arguments[5]), int(arguments[6]), Path(arguments[7])
    crowd = Crowd(root, port, range(first, first + count), seed)
    await crowd.connect()
    print("connected", flush=True)
    await crowd.loop.run_in_executor(None, sys.stdin.readline)
    asked = await crowd.ask(rate, seconds)
    out.write_text(json.dumps({"asked": asked, "seconds": crowd.seconds}), encoding="ascii")
    print("asked", flush=True)


if __name__ == "__main__":
    asyncio.run(_run(sys.argv[1:]))
