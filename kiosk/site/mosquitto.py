"""Runs Debian's mosquitto as a child, for demos and tests."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
from pathlib import Path
from typing import Final

from drivers.clock import Clock

PROGRAM: Final = "/usr/sbin/mosquitto"
START_S_MAX: Final = 10.0
END_S_MAX: Final = 10.0
_LOOK_S: Final = 0.01


class BrokerFailed(Exception):
    """The broker is not installed, did not start, or does not listen. The message says what it said."""


class Mosquitto:
    """One broker process. `stop` lets it save its sessions; `kill` is the power switch. `before` goes before the
    command."""

    def __init__(self, conf: Path, host: str, port: int, clock: Clock, before: tuple[str, ...] = ()) -> None:
        self._command = (*before, PROGRAM, "-c", str(conf))
        self._at = (host, port)
        self._clock = clock
        self._process: subprocess.Popen[bytes] | None = None
        self._log = conf.with_name("mosquitto.log")

    def start(self) -> None:
        """Returns when the broker listens; raises BrokerFailed."""
        if not Path(PROGRAM).exists():
            raise BrokerFailed(f"{PROGRAM} is missing: apt install mosquitto")
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        by = self._clock.now() + START_S_MAX
        while not self._listens():
            if self._process.poll() is not None or self._clock.now() >= by:
                raise BrokerFailed(self._log.read_text(errors="replace")[-500:])
            self._clock.wait_until(self._clock.now() + _LOOK_S)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def _end(self, with_signal: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(with_signal)
            self._process.wait(END_S_MAX)
            self._process = None

    def _listens(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(self._at, timeout=1.0):
            return True
        return False


def free_port(host: str = "127.0.0.1") -> int:
    """A port nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
    return port
