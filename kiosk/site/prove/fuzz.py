"""Claim: no bytes from any wire and no text from any file crash a decoder, or keep it for ever.

Good samples are bent, cut, doubled and joined at random, and fed to every framer and decoder as a wire would. Each may
answer, refuse with its own error, or ask for more; anything else is `wrong`.
"""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from types import FrameType
from typing import Final

from drivers.barcode.serial_scanner.protocol import Cutter
from drivers.barcode.text import ScanForm, understand
from drivers.card.libnfc import protocol as libnfc
from drivers.card.pn532 import protocol as pn532
from drivers.receipt.escpos import protocol as escpos
from drivers.rfid.feig import commands as feig
from drivers.rfid.feig.protocol import Frame, Status, encode_frame
from drivers.rfid.feig.protocol import Framer as FeigFramer
from drivers.rfid.tags import TagItem, detect, encode_28560_2
from kiosk.checkout.settings import CheckoutSettings
from kiosk.gateway.sip2.codec import decode as sip_decode
from kiosk.gateway.sip2.frame import Framer as SipFramer
from kiosk.gateway.sip2.frame import seal
from kiosk.gateway.sip2.profile import PROFILES
from kiosk.messages import records
from kiosk.messages.records import RecordError
from kiosk.screen import wire as screen_wire
from kiosk.screen.sentences import SentenceError, parse
from kiosk.settings import SettingsError, read
from kiosk.site.folder import CONFIG
from kiosk.site.prove import fuzz_letters
from kiosk.site.prove.fuzz_target import Feed, Target
from kiosk.site.prove.report import ProveReport

CLAIM: Final = "no input crashes or hangs a decoder"
MUTANTS: Final = ("trusts a length", "waits for an end", "believes a name", "signs the data only")
ONE_S_MAX: Final = 2.0
CHANGES_MAX: Final = 6
BYTES_MAX: Final = 20_000
SLOW_EVERY: Final = 50
"""Whole files are parsed once for so many frames: they come from technicians, not from wires."""

Progress = Callable[[int, int], None]


class Hung(BaseException):
    """A decoder did not come back."""


def fuzz(count: int, seed: int, mutant: str | None = None, progress: Progress = lambda done, of: None) -> ProveReport:
    """Feeds `count` broken inputs. `wrong`: a foreign exception, or no end within ONE_S_MAX."""
    assert mutant is None or mutant in MUTANTS, mutant
    rng = Random(seed)
    targets = (_mutant(mutant),) if mutant is not None else _targets()
    quick = [target for target in targets if not target.slow]
    slow = [target for target in targets if target.slow]
    fed: Counter[str] = Counter()
    faults: list[str] = []
    with _watched():
        for done in range(count):
            target = rng.choice(slow if slow and done % SLOW_EVERY == 0 else quick)
            data = _bent(rng, target.samples)
            fault = _try(target, data)
            fed[target.name] += 1
            if fault:
                faults.append(f"{target.name}: {fault} on {data[:60].hex()}")
                if mutant is not None:
                    count = done + 1
                    break
            if done % 1_000 == 0:
                progress(done, count)
    told = faults[0] if faults else f"{len(targets)} decoders, {min(fed.values())} to {max(fed.values())} inputs each"
    return ProveReport(claim=CLAIM, count=count, seed=seed, mutant=mutant, wrong=len(faults), detail=told)


def _try(target: Target, data: bytes) -> str:
    signal.setitimer(signal.ITIMER_REAL, ONE_S_MAX)
    try:
        target.feed(data)
    except target.refuses:
        return ""
    except Hung:
        return "no end"
    except Exception as error:  # anything: to find it is what this is for
        return repr(error)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return ""


@contextmanager
def _watched() -> Iterator[None]:
    def ring(number: int, frame: FrameType | None) -> None:
        raise Hung

    before = signal.signal(signal.SIGALRM, ring)
    try:
        yield
    finally:
        signal.signal(signal.SIGALRM, before)


def _bent(rng: Random, samples: tuple[bytes, ...]) -> bytes:
    data = bytearray(rng.choice(samples))
    for _ in range(rng.randint(0, CHANGES_MAX)):
        at = rng.randrange(len(data) + 1)
        match rng.randrange(7):
            case 0 if at < len(data):
                data[at] ^= 1 << rng.randrange(8)
            case 1 if at < len(data):
                data[at] = rng.choice((0, 1, 0x7F, 0x80, 0xFF, 0x0D, 0x22, 0x5C, 0x7C))
            case 2:
                del data[at : at + rng.randint(1, 8)]
            case 3:
                data[at:at] = rng.randbytes(rng.randint(1, 8))
            case 4:
                data[at:at] = data[at : at + rng.randint(1, 40)]
            case 5:
                data = data[:at]
            case _:
                data += rng.choice(samples)
    return bytes(data[:BYTES_MAX])


# --- the decoders, each as its wire feeds it ---


def _feig(data: bytes) -> None:
    framer = FeigFramer()
    for item in (*framer.feed(data), *framer.flush()):
        if isinstance(item, Frame):
            answer = feig.parse_answer(item)
            feig.parse_request(item)
            if answer is not None:
                for parse_data in (
                    feig.parse_inventory,
                    feig.parse_blocks,
                    feig.parse_system_info,
                    feig.parse_version,
                ):
                    parse_data(answer.data)
    feig.parse_inventory(data)
    feig.parse_blocks(data)


def _pn532(data: bytes) -> None:
    for frame in pn532.Framer().feed(data):
        if isinstance(frame, pn532.Information):
            pn532.targets(frame.data)
    pn532.targets(data)


def _libnfc(data: bytes) -> None:
    for line in libnfc.Lines().feed(data):
        libnfc.decode_answer(line)
    libnfc.decode_request(data)


def _scanner(data: bytes) -> None:
    for piece in Cutter(200).feed(data):
        if isinstance(piece, bytes):
            understand(piece.decode("latin-1"), ScanForm())


def _escpos(data: bytes) -> None:
    escpos.info_text(data)
    for byte in data:
        escpos.kind(byte)
    four = (data + bytes(4))[:4]
    answers = escpos.RealtimeAnswers(printer=four[0], offline_cause=four[1], error_cause=four[2], paper=four[3])
    answers.status()


def _sip2(data: bytes) -> None:
    for frame in SipFramer().feed(data):
        if isinstance(frame, bytes):
            for profile in PROFILES.values():
                sip_decode(frame, profile)


def _screen(data: bytes) -> None:
    for body in screen_wire.Framer().feed(data):
        screen_wire.decode_screen(body)
    screen_wire.decode_touch(data)


def _tag(data: bytes) -> None:
    detect(data[:1024], dsfid=data[0] if data else None, afi=data[-1] if data else None)


def _settings(data: bytes) -> None:
    read(data.decode("utf-8", "replace"), "fuzz.toml", CheckoutSettings)


def _sentences(data: bytes) -> None:
    parse(data.decode("utf-8", "replace"))


def _targets() -> tuple[Target, ...]:
    config = CONFIG / "checkout.demo.toml"
    sentences = CONFIG / "locale" / "sentences.csv"
    plain_tag = encode_28560_2(TagItem(primary_item_id="D1000001", owner_institution="CN-DEMO-CUMT", usage_code=0x10))
    frames = tuple(
        encode_frame(feig.answer_frame(feig.Answer(command=0xB0, status=Status.OK, data=data)))
        for data in (b"", bytes.fromhex("010306E00401538485D256"), bytes([1, 4]) + bytes(5), plain_tag[:20])
    )
    sip = tuple(
        seal(text.encode(), n % 10) + b"\r"
        for n, text in enumerate(
            (
                "121NNY20261122    140600AOJS01|AA9920130001|ABD1000001|AJ红楼梦|AH20261222    235959|",
                "101YNN20261122    140600AOJS01|ABD1000001|AQF2-SK|AJ红楼梦|CV01|",
                "64              00120261122    140600000000010000000000000000AOJS01|AA9920130001|AEX|BLY|AUD1000001|",
                "1803000120261122    140600ABD1000001|AJ红楼梦|AH20261222    235959|",
                "98YYYYYN60000320261122    1406002.00AOJS01|BXYYYYYYYYYYYNYYYY|",
            )
        )
    )
    record = (
        b'{"body":{"at_ms":1,"detail":"","fault":0,"what":"x"},"head":{"boot":"b","device":"k","epoch":"e","mono_ms":1,'
        b'"offset_ms":null,"prev":"0","seq":1,"wall_ms":1},"kind":"noted"}'
    )
    touch = b'{"turn":3,"button":"borrow","text":"","confirms":["D1000001"]}'
    return (
        Target(name="feig", feed=_feig, samples=frames),
        Target(name="pn532", feed=_pn532, samples=_pn532_samples(), refuses=(ValueError,)),
        Target(
            name="libnfc",
            feed=_libnfc,
            samples=(b"1 cards 04FA944D8F5CD9:0044:00\n", b"2 block " + b"0" * 32 + b"\n", b"3 fault x\n"),
            refuses=(ValueError,),
        ),
        Target(name="scanner", feed=_scanner, samples=(b"D1000001\r\n", b"]C1D1000001\r", b"\x02JS01-00000001\x03")),
        Target(name="escpos", feed=_escpos, samples=(b"\x12\x12\x12\x12", b"\x5fTM-T88V\x00")),
        Target(name="sip2", feed=_sip2, samples=sip),
        *fuzz_letters.targets(),
        Target(name="record", feed=records.decode, samples=(record,), refuses=(RecordError,)),
        Target(
            name="screen",
            feed=_screen,
            samples=(touch, screen_wire.frame(touch), screen_wire.frame(b"{}")),
            refuses=(screen_wire.WireError,),
        ),
        Target(name="tag", feed=_tag, samples=(plain_tag, bytes(112), b"\x01" * 32)),
        Target(name="settings", feed=_settings, samples=(config.read_bytes(),), refuses=(SettingsError,), slow=True),
        Target(
            name="sentences",
            feed=_sentences,
            samples=(sentences.read_bytes()[:4_000],),
            refuses=(SentenceError,),
            slow=True,
        ),
    )


def _pn532_samples() -> tuple[bytes, ...]:
    answer = bytes.fromhex("4B010100440007") + bytes.fromhex("04FA944D8F5CD9")
    return pn532.encode(answer, 0xD5), b"\x00\x00\xff\x00\xff\x00", answer[1:]


def _mutant(name: str) -> Target:
    """What a decoder looks like that was tried on good frames only."""

    def trusting(data: bytes) -> object:
        return data[1 : data[0] + 1][data[0] - 1]

    def waiting(data: bytes) -> object:
        at = 0
        while at < len(data):
            at += data[at]
        return at

    if name == "believes a name":
        return fuzz_letters.believes_a_name()
    if name == "signs the data only":
        return fuzz_letters.signs_the_data_only()
    feed: Feed = trusting if name == "trusts a length" else waiting
    return Target(name=name, feed=feed, samples=(bytes([4, 1, 2, 3, 4]), bytes([2, 1, 2])))
