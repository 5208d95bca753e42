"""Reading screens aloud with espeak-ng: one process per run of one language, stopped by the next screen.

The text goes in by standard input: arguments can be read by every process of the machine. Debian's espeak-ng 1.51 reads
Han text as English-spelled pinyin with `-v cmn` and `-v zh`; `-v cmn-latn-pinyin` pronounces it.
"""

from __future__ import annotations

import re
import subprocess
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

VOICES: Final = {"zh": "cmn-latn-pinyin", "en": "en"}
VOLUME_MIN, VOLUME_MAX, VOLUME_STEP, VOLUME_START = 40, 200, 40, 120  # espeak-ng -a, 0 to 200
WORDS_PER_MINUTE: Final = 150
_HAN: Final = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff]")
_RUNS: Final = re.compile(r"[A-Za-z][A-Za-z'’.&-]*(?:[\s,]+[A-Za-z][A-Za-z'’.&-]*)*")


@dataclass(frozen=True, slots=True)
class Segment:
    """Words of one language."""

    lang: str
    text: str


class Speaking(Protocol):
    """A process that is speaking."""

    def poll(self) -> int | None: ...
    def terminate(self) -> None: ...


Start = Callable[[Sequence[str], bytes], Speaking]


def start_process(argv: Sequence[str], text: bytes) -> Speaking:
    """Starts espeak-ng and hands it the text; raises OSError when it is not installed."""
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert process.stdin is not None
    process.stdin.write(text)
    process.stdin.close()
    return process


def segments(text: str, lang: str) -> list[Segment]:
    """Runs of Latin words inside a Chinese sentence, of Han characters inside an English one; digits stay with it."""
    if lang == "en":
        parts = re.split(r"([\u2e80-\u9fff\uf900-\ufaff]+)", text)
        found = [Segment("zh" if _HAN.search(part) else "en", part.strip()) for part in parts]
    else:
        found, end = [], 0
        for match in _RUNS.finditer(text):
            found += [Segment("zh", text[end : match.start()].strip()), Segment("en", match.group())]
            end = match.end()
        found.append(Segment("zh", text[end:].strip()))
    return [s for s in found if any(c.isalnum() for c in s.text)]


class Voice:
    """Speaks one text at a time. `poll` starts the next run when the one before has ended."""

    def __init__(self, start: Start = start_process) -> None:
        self._start = start
        self._volume = VOLUME_START
        self._waiting: deque[Segment] = deque()
        self._speaking: Speaking | None = None
        self._last: list[Segment] = []
        self._ending: list[Speaking] = []

    def say(self, text: str, lang: str) -> None:
        """Stops what is being said and says this."""
        self.stop()
        self._last = segments(text, lang)
        self.repeat()

    def repeat(self) -> None:
        self.stop()
        self._waiting.extend(self._last)
        self.poll()

    def stop(self) -> None:
        self._waiting.clear()
        if self._speaking is not None and self._speaking.poll() is None:
            self._speaking.terminate()
            self._ending.append(self._speaking)
        self._speaking = None

    def forget(self) -> None:
        """Stops and keeps nothing of it: the next reader must not be able to repeat it."""
        self.stop()
        self._last = []

    def louder(self, steps: int) -> None:
        self._volume = max(VOLUME_MIN, min(VOLUME_MAX, self._volume + steps * VOLUME_STEP))

    def poll(self) -> None:
        """Called on every frame: starts the next run, and takes leave of processes that have been stopped."""
        self._ending = [process for process in self._ending if process.poll() is None]
        if self._speaking is not None and self._speaking.poll() is None:
            return
        self._speaking = None
        if self._waiting:
            segment = self._waiting.popleft()
            self._speaking = self._begin(segment)

    def _begin(self, segment: Segment) -> Speaking | None:
        sound = ("-a", str(self._volume), "-s", str(WORDS_PER_MINUTE))
        argv = ("espeak-ng", "-v", VOICES[segment.lang], *sound, "--stdin")
        try:
            return self._start(argv, segment.text.encode())
        except OSError:  # not installed: the screen says everything too
            self._waiting.clear()
            return None
