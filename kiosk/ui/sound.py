"""Four earcons, sines drawn into small files once. Each has its visual twin on the screen that carries it."""

from __future__ import annotations

import array
import math
import wave
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Protocol

from kiosk.screen import Clip

RATE_HZ: Final = 22_050
FADE_S: Final = 0.008  # a sine that starts or ends at once clicks
LOUDNESS: Final = 0.35

# (frequency in hertz, 0 for a rest; seconds)
_TUNES: Final[Mapping[Clip, tuple[tuple[float, float], ...]]] = {
    Clip.TAP: ((880.0, 0.035),),
    Clip.DONE: ((659.3, 0.11), (987.8, 0.19)),
    Clip.ATTENTION: ((523.3, 0.14), (0.0, 0.07), (523.3, 0.14)),
    Clip.TIME: ((784.0, 0.16), (659.3, 0.16), (523.3, 0.26)),
}


class Playable(Protocol):
    """A loaded sound."""

    def play(self) -> object: ...
    def stop(self) -> object: ...


def samples(clip: Clip) -> array.array[int]:
    """16 bit mono at RATE_HZ."""
    out = array.array("h")
    for hertz, seconds in _TUNES[clip]:
        count = round(RATE_HZ * seconds)
        for i in range(count):
            edge = min(1.0, i / (RATE_HZ * FADE_S), (count - i) / (RATE_HZ * FADE_S))
            out.append(round(32_767 * LOUDNESS * edge * math.sin(math.tau * hertz * i / RATE_HZ)))
    return out


def files(folder: Path) -> dict[Clip, Path]:
    """One wave file per earcon, written where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    found = {}
    for clip in _TUNES:
        path = folder / f"{clip.value}-1.wav"
        if not path.exists():
            half = path.with_suffix(".part")
            with wave.open(str(half), "wb") as out:
                out.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
                out.writeframes(samples(clip).tobytes())
            half.replace(path)
        found[clip] = path
    return found


def load_with_kivy(path: Path) -> Playable | None:
    """A sound of SDL's mixer, or None where there is no sound device."""
    from kivy.core.audio import SoundLoader

    found: Any = SoundLoader.load(str(path))  # Any: Kivy has no types
    return found  # type: ignore[no-any-return]


class Earcons:
    """Preloaded; one plays at a time. A machine without sound stays silent."""

    def __init__(self, folder: Path, load: Callable[[Path], Playable | None] = load_with_kivy) -> None:
        loaded = {clip: load(path) for clip, path in files(folder).items()}
        self._sounds = {clip: sound for clip, sound in loaded.items() if sound is not None}
        self._playing: Playable | None = None

    def play(self, clip: Clip) -> None:
        sound = self._sounds.get(clip)
        if sound is None:
            return
        if self._playing is not None:
            self._playing.stop()
        self._playing = sound
        sound.play()
