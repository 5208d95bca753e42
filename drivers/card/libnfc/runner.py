"""Starting and ending the child process: the one place here that knows of processes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Protocol

import drivers
from drivers.clock import Clock
from drivers.errors import LinkLost
from drivers.link import Link
from drivers.waiting import readable

CHUNK_BYTES = 4096
REAP_S_MAX = 1.0


class Child(Protocol):
    """A running child: its stdin and stdout as a wire."""

    link: Link

    def kill(self) -> None:
        """Ends it at once, whatever it is doing; harmless when repeated."""


class Runner(Protocol):
    """Starts a Python module as a child process; `device` is what its errors are called. Raises LinkLost."""

    def __call__(self, device: str, module: str, arguments: Sequence[str]) -> Child: ...


class ProcessRunner:
    """Real processes, with this interpreter and this copy of the drivers."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def __call__(self, device: str, module: str, arguments: Sequence[str]) -> Child:
        folders = [str(Path(drivers.__path__[0]).parent), *filter(None, [os.environ.get("PYTHONPATH")])]
        # libnfc's own log goes nowhere: at its higher levels it prints uids.
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(folders), "LIBNFC_LOG_LEVEL": "0"}
        try:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                env=environment,
            )
        except OSError as error:
            raise LinkLost(device, "spawn", f"cannot start {module}: {error.strerror}") from error
        return _Process(device, process, self._clock)


class _Process:
    def __init__(self, device: str, process: subprocess.Popen[bytes], clock: Clock) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self.link: Link = _StdioLink(device, process.stdin, process.stdout, clock)

    def kill(self) -> None:
        self._process.kill()
        self.link.close()
        try:
            self._process.wait(REAP_S_MAX)
        except subprocess.TimeoutExpired:
            # Stuck in the kernel below a serial driver: it dies when that lets go, and Popen reaps it then.
            return


class _StdioLink:
    def __init__(self, device: str, requests: IO[bytes], answers: IO[bytes], clock: Clock) -> None:
        self._device = device
        self._requests = requests
        self._answers = answers
        self._clock = clock

    def write(self, data: bytes) -> None:
        try:
            self._requests.write(data)
        except (OSError, ValueError) as error:  # EPIPE: it has died; ValueError: closed by us
            # Not chained to the data: requests hold uids and keys.
            raise LinkLost(self._device, "write", "the child process has ended") from error

    def read(self, by: float) -> bytes:
        try:
            fd = self._answers.fileno()
            while not readable(fd, by - self._clock.now()):
                if self._clock.now() >= by:
                    return b""
            data = os.read(fd, CHUNK_BYTES)
        except (OSError, ValueError) as error:
            raise LinkLost(self._device, "read", "the child process cannot be read") from error
        if not data:
            raise LinkLost(self._device, "hangup", "the child process has ended")
        return data

    def close(self) -> None:
        self._answers.close()
        try:
            self._requests.close()
        except OSError:
            # Bytes it never took; there is nobody left to take them.
            return
