"""Sound and speech."""

from __future__ import annotations

import shutil
import subprocess
import wave
from collections.abc import Sequence
from pathlib import Path

import pytest

from kiosk.screen import Clip
from kiosk.ui import sound
from kiosk.ui.voice import VOICES, Segment, Start, Voice, segments, start_process
from tests.ui.kiosk_kit import Speaker


class Recorder:
    def __init__(self, log: list[str], name: str) -> None:
        self.log, self.name = log, name

    def play(self) -> None:
        self.log.append(f"play {self.name}")

    def stop(self) -> None:
        self.log.append(f"stop {self.name}")


def test_there_are_four_sounds_and_each_is_a_short_file(tmp_path: Path) -> None:
    files = sound.files(tmp_path)
    assert set(files) == set(Clip) - {Clip.NONE}
    for path in files.values():
        with wave.open(str(path)) as clip:
            assert 0.02 < clip.getnframes() / clip.getframerate() < 0.8
            assert clip.getsampwidth() == 2


def test_a_sound_starts_and_ends_in_silence_and_never_clips() -> None:
    for clip in set(Clip) - {Clip.NONE}:
        samples = sound.samples(clip)
        assert samples[0] == 0
        assert abs(samples[-1]) < 600
        assert max(abs(s) for s in samples) < 32_767 * 0.4


def test_sounds_are_made_once(tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in sound.files(tmp_path).values()}
    assert {path: path.stat().st_mtime_ns for path in sound.files(tmp_path).values()} == before


def test_one_sound_plays_at_a_time(tmp_path: Path) -> None:
    log: list[str] = []
    earcons = sound.Earcons(tmp_path, load=lambda path: Recorder(log, path.stem))
    earcons.play(Clip.ATTENTION)
    earcons.play(Clip.DONE)
    earcons.play(Clip.NONE)
    assert log == ["play attention-1", "stop attention-1", "play done-1"]


def test_a_machine_without_a_sound_device_stays_silent(tmp_path: Path) -> None:
    sound.Earcons(tmp_path, load=lambda path: None).play(Clip.DONE)


@pytest.mark.usefixtures("window")
def test_the_real_mixer_takes_the_files(tmp_path: Path) -> None:
    loaded = sound.load_with_kivy(sound.files(tmp_path)[Clip.DONE])
    assert loaded is not None
    loaded.play()
    loaded.stop()


@pytest.mark.parametrize(
    ("text", "lang", "found"),
    [
        ("请刷校园卡", "zh", [("zh", "请刷校园卡")]),
        ("《Fluent Python》可以借走", "zh", [("en", "Fluent Python"), ("zh", "》可以借走")]),
        ("还有 3 册，E-217", "zh", [("zh", "还有 3 册，"), ("en", "E-"), ("zh", "217")]),
        ("“红楼梦” is yours", "en", [("zh", "红楼梦"), ("en", "” is yours")]),
        ("You can borrow 7", "en", [("en", "You can borrow 7")]),
        ("……", "zh", []),
    ],
)
def test_a_sentence_is_spoken_in_runs_of_one_language(text: str, lang: str, found: list[tuple[str, str]]) -> None:
    assert segments(text, lang) == [Segment(*pair) for pair in found]


def test_runs_are_spoken_one_after_the_other_each_with_its_voice() -> None:
    spoken: list[Speaker] = []
    voice = Voice(start=_recorder(spoken))
    voice.say("请看 Fluent Python", "zh")
    assert [s.text for s in spoken] == ["请看"]
    voice.poll()
    assert len(spoken) == 1
    spoken[0].ended = True
    voice.poll()
    assert [s.text for s in spoken] == ["请看", "Fluent Python"]
    assert [s.argv[2] for s in spoken] == [VOICES["zh"], VOICES["en"]]


def test_what_is_said_never_stands_among_the_arguments() -> None:
    spoken: list[Speaker] = []
    Voice(start=_recorder(spoken)).say("王小明，您好", "zh")
    assert not any("王小明" in argument for argument in spoken[0].argv)


def test_the_volume_has_a_floor_and_a_ceiling() -> None:
    spoken: list[Speaker] = []
    voice = Voice(start=_recorder(spoken))
    for steps, volume in ((9, "200"), (-99, "40")):
        voice.louder(steps)
        voice.say("好", "zh")
        assert spoken[-1].argv[4] == volume


def test_the_next_reader_cannot_have_the_last_sentence_repeated() -> None:
    spoken: list[Speaker] = []
    voice = Voice(start=_recorder(spoken))
    voice.say("王小明，您好", "zh")
    voice.forget()
    voice.repeat()
    assert len(spoken) == 1
    assert spoken[0].ended


def test_a_machine_without_espeak_shows_its_screens_all_the_same() -> None:
    def missing(_argv: Sequence[str], _text: bytes) -> Speaker:
        raise FileNotFoundError("espeak-ng")

    voice = Voice(start=missing)
    voice.say("请刷校园卡", "zh")
    voice.poll()


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
def test_the_chinese_voice_pronounces_and_does_not_spell() -> None:
    """`-v cmn` answers with English-spelled pinyin, marked (en); the chosen voice must not."""
    argv = ("espeak-ng", "-v", VOICES["zh"], "-q", "-x", "--stdin")
    told = subprocess.run(argv, input="请刷校园卡".encode(), capture_output=True, check=True).stdout.decode()
    assert "(en)" not in told
    assert told.strip()


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
def test_a_real_process_takes_its_text_and_ends_when_it_is_told() -> None:
    process = start_process(("espeak-ng", "-v", "en", "-q", "--stdin"), b"hello")
    process.terminate()
    assert isinstance(process, subprocess.Popen)
    assert process.wait(timeout=10) is not None


def _recorder(spoken: list[Speaker]) -> Start:
    def start(argv: Sequence[str], text: bytes) -> Speaker:
        spoken.append(Speaker(argv, text))
        return spoken[-1]

    return start
