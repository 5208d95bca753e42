"""What every scanner promises: whole codes or none."""

from __future__ import annotations

import string

import pytest

from drivers.barcode import Scan, Scanned, ScanUnreadable, WhyUnreadable
from drivers.errors import LinkLost
from tests.contract.barcode.rigs import Rig, Sheet

BOOK = "D0001234"
QR = "https://lib.example/c?id=20231234&t=1795305600&s=aB+/9_-=.~"
PRINTABLE = string.ascii_letters + string.digits + string.punctuation + " "


def _scanned(text: str, symbology: str = "") -> Scanned:
    return Scanned(text=text, symbology=symbology)


def test_a_book_barcode_arrives_as_text(rig: Rig) -> None:
    def story() -> Scan | None:
        scanner = rig.open()
        rig.scan(BOOK)
        scan = scanner.read(rig.by())
        scanner.close()
        return scan

    assert rig.play(story) == _scanned(BOOK)


def test_nothing_scanned_is_nothing_and_no_fault(rig: Rig) -> None:
    def story() -> Scan | None:
        scanner = rig.open()
        scan = scanner.read(rig.soon())
        scanner.close()
        return scan

    assert rig.play(story) is None


@pytest.mark.parametrize("text", [QR, PRINTABLE, "[)>\x1d0112345678", "x" * 300], ids=["QR", "ASCII", "GS1", "long"])
def test_what_a_code_says_arrives_character_for_character(sim_rig: Rig, text: str) -> None:
    def story() -> Scan | None:
        scanner = sim_rig.open()
        sim_rig.scan(text)
        scan = scanner.read(sim_rig.by())
        scanner.close()
        return scan

    assert sim_rig.play(story) == _scanned(text)


def test_codes_scanned_in_a_burst_come_one_by_one_in_order(sim_rig: Rig) -> None:
    def story() -> list[Scan | None]:
        scanner = sim_rig.open()
        for number in range(5):
            sim_rig.scan(f"D{number:07d}")
        scans = [scanner.read(sim_rig.by()) for _ in range(5)]
        scanner.close()
        return scans

    assert sim_rig.play(story) == [_scanned(f"D{number:07d}") for number in range(5)]


def test_a_code_in_pieces_is_one_code(sim_rig: Rig) -> None:
    sim_rig.set_up(Sheet(chunk_bytes=1))

    def story() -> list[Scan | None]:
        scanner = sim_rig.open()
        sim_rig.scan(BOOK)
        sim_rig.scan(QR)
        scans = [scanner.read(sim_rig.by()) for _ in range(2)]
        scanner.close()
        return scans

    assert sim_rig.play(story) == [_scanned(BOOK), _scanned(QR)]


def test_half_a_barcode_is_never_taken_for_another_book(sim_rig: Rig) -> None:
    def story() -> list[Scan | None]:
        scanner = sim_rig.open()
        sim_rig.tear(BOOK, after=5)
        torn = scanner.read(sim_rig.by())
        sim_rig.scan("D0007777")
        scans = [torn, scanner.read(sim_rig.by())]
        scanner.close()
        return scans

    assert sim_rig.play(story) == [ScanUnreadable(why=WhyUnreadable.TORN), _scanned("D0007777")]


def test_a_scanner_without_end_characters_ends_its_codes_by_pauses(sim_rig: Rig) -> None:
    sim_rig.set_up(Sheet(no_end=True))

    def story() -> list[Scan | None]:
        scanner = sim_rig.open()
        scans = []
        for text in (BOOK, QR):
            sim_rig.scan(text)
            scans.append(scanner.read(sim_rig.by()))
        scanner.close()
        return scans

    assert sim_rig.play(story) == [_scanned(BOOK), _scanned(QR)]


def test_prefix_suffix_and_aim_identifier_are_taken_off(sim_rig: Rig) -> None:
    sim_rig.set_up(Sheet(prefix="~", suffix="#!", aim=True))

    def story() -> Scan | None:
        scanner = sim_rig.open()
        sim_rig.scan(BOOK)
        scan = scanner.read(sim_rig.by())
        scanner.close()
        return scan

    assert sim_rig.play(story) == _scanned(BOOK, "C1")


def test_a_code_longer_than_any_is_unreadable_and_the_next_is_read(sim_rig: Rig) -> None:
    sim_rig.set_up(Sheet(length_max=20))

    def story() -> list[Scan | None]:
        scanner = sim_rig.open()
        sim_rig.scan("x" * 300)
        sim_rig.scan("x" * 20)
        scans = [scanner.read(sim_rig.by()) for _ in range(2)]
        scanner.close()
        return scans

    assert sim_rig.play(story) == [ScanUnreadable(why=WhyUnreadable.TOO_LONG), _scanned("x" * 20)]


def test_what_was_scanned_while_nobody_looked_is_not_given_to_the_next_reader(sim_rig: Rig) -> None:
    def story() -> list[Scan | None]:
        scanner = sim_rig.open()
        sim_rig.scan("D0000001")
        sim_rig.scan("D0000002")
        first = scanner.read(sim_rig.by())
        sim_rig.tear("D0000003", after=4)
        scanner.discard()
        sim_rig.scan(BOOK)
        scans = [first, scanner.read(sim_rig.by()), scanner.read(sim_rig.soon())]
        scanner.close()
        return scans

    assert sim_rig.play(story) == [_scanned("D0000001"), _scanned(BOOK), None]


def test_a_pulled_plug_is_a_lost_link_and_the_next_opening_reads_again(sim_rig: Rig) -> None:
    def story() -> Scan | None:
        scanner = sim_rig.open()
        sim_rig.unplug()
        with pytest.raises(LinkLost):
            scanner.read(sim_rig.by())
        scanner.close()
        sim_rig.plug_in()
        scanner = sim_rig.open()
        sim_rig.scan(BOOK)
        scan = scanner.read(sim_rig.by())
        scanner.close()
        return scan

    assert sim_rig.play(story) == _scanned(BOOK)


def test_a_plug_pulled_within_a_code_gives_no_half_code(sim_rig: Rig) -> None:
    def story() -> list[Scan | None]:
        scanner = sim_rig.open()
        sim_rig.tear(BOOK, after=4)
        sim_rig.unplug()
        scans: list[Scan | None] = []
        try:
            for _ in range(3):
                scans.append(scanner.read(sim_rig.by()))
        except LinkLost:
            scanner.close()
            return scans
        raise AssertionError("the pulled plug was not noticed")

    assert not any(isinstance(scan, Scanned) for scan in sim_rig.play(story))


def test_a_scan_keeps_its_text_to_itself() -> None:
    assert BOOK not in f"{_scanned(BOOK)} {_scanned(BOOK)!r}"
