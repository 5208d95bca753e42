"""The neighbours of a machine as processes of their own: broker, demo library system, gateway."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from drivers.clock import Clock
from drivers.tcp_link import open_tcp
from kiosk.site.folder import CONFIG, HOST, SiteFolder
from kiosk.site.mosquitto import Mosquitto

START_S_MAX: Final = 20.0
END_S_MAX: Final = 10.0
_LOOK_S: Final = 0.02


class NeighbourFailed(Exception):
    """A process did not start; the message carries the last lines it said."""


@dataclass(slots=True)
class Neighbour:
    """One Python process. `launch` begins it, `ready` returns when it has said so, `start` is both."""

    name: str
    arguments: tuple[str, ...]
    word: str  # a pattern: what it says when it is ready
    log: Path
    clock: Clock
    before: tuple[str, ...] = ()  # what goes before its command, as LEASH does
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _said: int = field(default=0, init=False)  # bytes of the log that earlier processes wrote

    def start(self) -> str:
        """The line in which it said that it is ready; raises NeighbourFailed."""
        self.launch()
        return self.ready()

    def launch(self) -> None:
        self._said = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            environment = os.environ | {"PYTHONUNBUFFERED": "1"}
            command = [*self.before, sys.executable, "-m", *self.arguments]
            self.process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=environment)

    def ready(self) -> str:
        """Of the process that was launched: the line in which it said so; raises NeighbourFailed."""
        assert self.process is not None, "launched before"
        by = self.clock.now() + START_S_MAX
        while self.clock.now() < by:
            said = self.log.read_bytes()[self._said :].decode(errors="replace")
            for line in said.splitlines():
                if re.search(self.word, line):
                    return line
            if self.process.poll() is not None:
                break
            self.clock.wait_until(self.clock.now() + _LOOK_S)
        tail = self.log.read_text(errors="replace")[-2000:]
        self.kill()
        raise NeighbourFailed(f"the {self.name} did not start:\n{tail}")

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self.process is None:
            return
        self.process.send_signal(how)
        try:
            self.process.wait(END_S_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(END_S_MAX)
        self.process = None


@dataclass(slots=True)
class Neighbours:
    """Broker, library system and gateway of one folder. Ended in reverse order by `stop`. `before` goes before each
    one's command, as LEASH does."""

    folder: SiteFolder
    clock: Clock
    latency_ms: float = 0.0
    before: tuple[str, ...] = ()
    broker: Mosquitto = field(init=False)
    ils: Neighbour = field(init=False)
    gateway: Neighbour = field(init=False)
    admin_port: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        root = self.folder.root
        self.broker = Mosquitto(self.folder.broker_conf, HOST, self.folder.ports.broker, self.clock, self.before)
        ils: tuple[str, ...] = (
            "kiosk.gateway.sim",
            "--port",
            str(self.folder.ports.ils),
            "--db",
            str(self.folder.ils_db),
        )
        ils += ("--data", str(CONFIG / "demo"), "--latency-ms", str(self.latency_ms))
        self.ils = Neighbour("library system", ils, r"demo-ils ready", root / "ils.log", self.clock, self.before)
        gateway = ("kiosk", "gateway", str(self.folder.gateway))
        self.gateway = Neighbour("gateway", gateway, r"gateway ready", root / "gateway.log", self.clock, self.before)

    def start(self) -> None:
        self.launch()
        self.ready()

    def launch(self) -> None:
        """The broker listens, the others come up side by side, each in a second of its own."""
        self.broker.start()
        self.ils.launch()
        self.gateway.launch()

    def ready(self) -> None:
        self._ils_ready(self.ils.ready())
        self.gateway.ready()

    def start_ils(self) -> None:
        self._ils_ready(self.ils.start())

    def _ils_ready(self, line: str) -> None:
        found = re.search(r"admin=(\d+)", line)
        self.admin_port = int(found[1]) if found else 0

    def stop(self) -> None:
        self.gateway.stop()
        self.ils.stop()
        self.broker.stop()

    def ils_order(self, order: bytes) -> bytes:
        """One line to the library system's control port: faults, latency, counts."""
        link = open_tcp(HOST, self.admin_port, clock=self.clock)
        try:
            link.write(order + b"\n")
            answer = b""
            by = self.clock.now() + 5.0
            while not answer.endswith(b"\n") and self.clock.now() < by:
                answer += link.read(by)
            return answer
        finally:
            link.close()
