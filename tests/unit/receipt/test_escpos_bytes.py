"""The bytes of ESC/POS, both ways."""

from __future__ import annotations

import functools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.clock import VirtualHub
from drivers.receipt import (
    Align,
    Cut,
    Feed,
    Paper,
    PrinterError,
    PrinterStatus,
    QrCode,
    ReceiptPage,
    Text,
    page_text,
)
from drivers.receipt.contract import QR_BYTES_MAX
from drivers.receipt.escpos import protocol
from drivers.receipt.escpos.encode import Charset, Encoder, EscposProfile, encode_text
from drivers.receipt.escpos.protocol import Kind, RealtimeAnswers
from drivers.receipt.escpos.sim import EscposSim, Picture
from drivers.receipt.layout import Row, lay_out
from tests.unit.receipt.test_receipt_layout import PAGES

BIG = "TM-T88V"  # 42 columns, QR codes of its own, a knife
SMALL = "POS-5890"  # 32 columns, neither
REALTIME = (b"\x10\x04", b"\x10\x05", b"\x10\x14")


@functools.cache
def encoder(model: str) -> Encoder:
    return Encoder(EscposProfile(model=model))


def printed_by_sim(pieces: tuple[bytes, ...], columns: int) -> EscposSim:
    hub = VirtualHub()
    sim = EscposSim(hub=hub, columns=columns)
    link = sim.open_pipe()
    for piece in pieces:
        link.write(piece)
    hub.run(1.0)
    return sim


def test_a_page_in_bytes() -> None:
    page = ReceiptPage((Text(text="借书A", align=Align.CENTER, bold=True, double=True), Feed(lines=2), Cut()))
    assert encoder(BIG).page(page) == (
        b"\x1b@\x1c&",
        b"\x1d!\x11\x1bE\x01\x1ba\x01\xbd\xe8\xca\xe9A\n",
        b"\x1bd\x02",
        b"\x1bd\x06\x1dV\x00",
    )


def test_a_qr_code_is_drawn_by_the_printer_where_it_can() -> None:
    pieces = encoder(BIG).page(ReceiptPage((QrCode(data="https://l.cn/1"),)))
    assert pieces[1].endswith(
        b"\x1d(k\x04\x001A2\x00"  # model 2
        b"\x1d(k\x03\x001C\x08"  # 8 dots a module
        b"\x1d(k\x03\x001E1"  # error correction M
        b"\x1d(k\x11\x001P0https://l.cn/1"
        b"\x1d(k\x03\x001Q0"
    )


def test_a_qr_code_is_sent_as_a_picture_that_fits_where_the_printer_cannot_draw_it() -> None:
    for data in ("https://l.cn/1", "x" * QR_BYTES_MAX):
        sim = printed_by_sim(encoder(SMALL).page(ReceiptPage((QrCode(data=data),))), 32)
        pictures = [mark for mark in sim.hanging if isinstance(mark, Picture)]
        assert len(pictures) == 1
        assert 60 < pictures[0].dots_high <= pictures[0].dots_wide <= 384


def test_a_printer_without_a_knife_only_feeds() -> None:
    assert encoder(SMALL).page(ReceiptPage((Cut(),)))[1] == b"\x1bd\x06"


def test_the_profile_gives_the_width_unless_the_site_says_otherwise() -> None:
    assert encoder(BIG).columns == 42
    assert encoder(SMALL).columns == 32
    assert Encoder(EscposProfile(model=BIG, columns=48)).columns == 48


def test_a_profile_that_can_neither_draw_nor_place_a_qr_code_is_refused() -> None:
    with pytest.raises(ValueError, match="simple"):
        Encoder(EscposProfile(model="simple"))


def test_characters_that_the_font_lacks_keep_their_place() -> None:
    assert encode_text("镕", Charset.GB2312) == "？".encode("gb2312")
    assert encode_text("镕", Charset.GBK) == b"\xe9F"
    assert encode_text("㐂", Charset.GB18030) == b"\x819\xef1"


@settings(max_examples=50)
@given(PAGES, st.sampled_from((BIG, SMALL)))
def test_no_page_holds_a_command_that_printers_obey_out_of_turn(page: ReceiptPage, model: str) -> None:
    stream = b"".join(encoder(model).page(page))
    assert not any(command in stream for command in REALTIME)


@settings(max_examples=10, deadline=None)
@given(st.integers(1, QR_BYTES_MAX))
def test_no_drawn_qr_code_holds_one_either(length: int) -> None:
    stream = b"".join(encoder(SMALL).page(ReceiptPage((QrCode(data="z" * length),))))
    assert not any(command in stream for command in REALTIME)


def test_a_title_cannot_command_the_printer() -> None:
    page = ReceiptPage((Text(text="\x1b@\x1dV\x00\x10\x14\x01\x00\x01书\x1bp"),))
    assert encoder(BIG).page(page)[1] == b"\x1d!\x00\x1bE\x00\x1ba\x00@V\xca\xe9p\n"


@settings(max_examples=80)
@given(PAGES)
def test_what_comes_out_is_what_was_laid_out(page: ReceiptPage) -> None:
    sim = printed_by_sim(encoder(BIG).page(page), 42)
    assert list(sim.hanging) == []
    laid = [mark for mark in lay_out(page, 42) if not isinstance(mark, Cut)]
    assert [mark for paper in sim.pages for mark in paper] == laid
    assert "\n".join(sim.printed) == page_text(page, 42)


def test_text_without_the_chinese_mode_comes_out_as_rubbish() -> None:
    sim = printed_by_sim((b"\x1b@", "借书\n".encode("gb18030")), 42)
    assert sim.hanging != [Row(text="借书")]


def test_a_line_too_long_is_wrapped_by_the_printer_for_all_to_see() -> None:
    assert len(printed_by_sim((b"a" * 43 + b"\n",), 42).hanging) == 2


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        ((0x12, 0x12, 0x12, 0x12), PrinterStatus(paper=Paper.ENOUGH, cover_open=False, offline=False, error=None)),
        ((0x16, 0x12, 0x12, 0x1E), PrinterStatus(paper=Paper.NEAR_END, cover_open=False, offline=False, error=None)),
        ((0x1A, 0x32, 0x12, 0x72), PrinterStatus(paper=Paper.END, cover_open=False, offline=True, error=None)),
        ((0x1A, 0x16, 0x12, 0x12), PrinterStatus(paper=Paper.ENOUGH, cover_open=True, offline=True, error=None)),
        (
            (0x1A, 0x52, 0x1A, 0x12),
            PrinterStatus(paper=Paper.ENOUGH, cover_open=False, offline=True, error=PrinterError.CUTTER),
        ),
        (
            (0x1A, 0x52, 0x32, 0x12),
            PrinterStatus(paper=Paper.ENOUGH, cover_open=False, offline=True, error=PrinterError.FATAL),
        ),
        (
            (0x1A, 0x52, 0x52, 0x12),
            PrinterStatus(paper=Paper.ENOUGH, cover_open=False, offline=True, error=PrinterError.PASSING),
        ),
        (
            (0x1A, 0x52, 0x12, 0x12),
            PrinterStatus(paper=Paper.ENOUGH, cover_open=False, offline=True, error=PrinterError.OTHER),
        ),
    ],
)
def test_status_bytes_from_the_manuals(answers: tuple[int, int, int, int], status: PrinterStatus) -> None:
    printer, offline, error, paper = answers
    read = RealtimeAnswers(printer=printer, offline_cause=offline, error_cause=error, paper=paper).status()
    assert read == status
    assert read.ready == (status.paper is not Paper.END and not status.offline)


def test_each_byte_is_one_kind_of_answer_only() -> None:
    kinds = [protocol.kind(byte) for byte in range(256)]
    assert kinds[0x12] is kinds[0x16] is kinds[0x72] is Kind.REALTIME
    assert kinds[0x00] is kinds[0x03] is kinds[0x6F] is Kind.IN_ORDER
    assert kinds[0x11] is kinds[0x13] is Kind.FLOW
    assert kinds[0xFF] is kinds[0x10] is Kind.NOISE


@given(st.binary(max_size=100))
def test_no_identity_is_too_strange_to_read(frame: bytes) -> None:
    assert protocol.info_text(frame).isprintable()


def test_an_identity_is_read_between_header_and_nul() -> None:
    assert protocol.info_text(b"_EPSON\0") == "EPSON"
    assert protocol.info_text(b"_CHINA GB18030\0rest") == "CHINA GB18030"


@given(st.lists(st.binary(max_size=40), max_size=6))
def test_no_bytes_stop_the_simulator(chunks: list[bytes]) -> None:
    sim = printed_by_sim(tuple(chunk for chunk in chunks if chunk), 42)
    assert sim.received_bytes == sum(len(chunk) for chunk in chunks)


@pytest.mark.parametrize("split", range(1, 9))
def test_a_command_may_arrive_in_two_parts(split: int) -> None:
    stream = b"\x1b@\x1c&" + protocol.CLEAR + b"\x1dr\x01" + "还书\n".encode("gb18030")
    parts = tuple(stream[at : at + split] for at in range(0, len(stream), split))
    assert printed_by_sim(parts, 42).hanging == [Row(text="还书")]


def test_a_printer_out_of_paper_answers_at_once_but_not_in_turn_and_prints_the_rest_on_the_new_roll() -> None:
    hub = VirtualHub()
    sim = EscposSim(hub=hub, paper_lines=1)
    link = sim.open_pipe()
    link.write(b"one\ntwo\n\x1dr\x01")
    hub.run(1.0)
    link.write(protocol.Query.PAPER.command)
    heard: list[bytes] = []

    def listen() -> None:
        while chunk := link.read(hub.now() + 5.0):
            heard.append(chunk)

    hub.spawn("host", listen)
    hub.run(2.0)
    assert heard == [b"\x7e"]
    sim.paper_lines = 1_000
    hub.run(20.0)
    assert heard == [b"\x7e", b"\x00"]
    assert sim.hanging_text == "one\ntwo"
