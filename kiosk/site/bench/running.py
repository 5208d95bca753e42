"""Processes of a bench: started by one, ended by the same one, and looked at from outside."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from drivers.clock import Clock

START_S_MAX: Final = 60.0
END_S_MAX: Final = 10.0
_LOOK_S: Final = 0.02


class ChildFailed(Exception):
    """A process of the bench did not start or did not end; the message carries what it said last."""


class Child:
    """One Python process: `python -m ARGUMENTS`, behind the words of `before` (strace, for instance), with `env` added
    to the environment."""

    def __init__(
        self,
        arguments: tuple[str, ...],
        log: Path,
        clock: Clock,
        before: tuple[str, ...] = (),
        *,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self._env = dict(env or {})
        self._command = (*before, sys.executable, "-m", *arguments)
        self._log = log
        self._clock = clock
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self, ready: str, within_s: float = START_S_MAX) -> re.Match[str]:
        """Returns once it has said `ready` (a pattern); raises ChildFailed."""
        self._spawn()
        return self.wait_for(ready, within_s)

    def run(self, within_s: float) -> str:
        """Runs to its end; gives all it said. Raises ChildFailed when it fails or takes too long."""
        self._spawn()
        assert self._process is not None
        try:
            code = self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            self.end()
            raise ChildFailed(f"not done within {within_s:g} s:\n{self._said()[-2000:]}") from None
        self._process = None
        if code != 0:
            raise ChildFailed(f"ended with {code}:\n{self._said()[-2000:]}")
        return self._said()

    def wait_for(self, pattern: str, within_s: float) -> re.Match[str]:
        by = self._clock.now() + within_s
        while self._clock.now() < by:
            found = re.search(pattern, self._said())
            if found is not None:
                return found
            if self._process is not None and self._process.poll() is not None:
                break
            self._clock.wait_until(self._clock.now() + _LOOK_S)
        said = self._said()[-2000:]
        self.end()
        raise ChildFailed(f"{' '.join(self._command[-3:])} did not say {pattern!r}:\n{said}")

    def tell(self, line: str) -> None:
        """One line to its standard input."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(END_S_MAX)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(END_S_MAX)
        self._process = None

    def _spawn(self) -> None:
        self._log.unlink(missing_ok=True)
        environment = os.environ | {"PYTHONUNBUFFERED": "1", "SDL_VIDEODRIVER": "offscreen"} | self._env
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=log, stderr=log, env=environment
            )

    def _said(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""


def rss_mib(pid: int) -> float:
    """Resident memory of a process (proc(5), VmRSS is in kB)."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text("ascii"))
    return int(found[1]) / 1024 if found else 0.0


def cpu_s(pid: int) -> float:
    """Processor time of a process so far (proc(5), fields 14 and 15 of stat)."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
