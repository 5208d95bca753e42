"""Replies as real library systems word them: fields, dates, money, and what they leave out."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain import Fen
from kiosk.gateway.sip2 import reading
from kiosk.gateway.sip2.codec import Message, decode
from kiosk.gateway.sip2.dates import local_time, parse_due, parse_sip_date, sip_date, wall_seconds
from kiosk.gateway.sip2.frame import BadMessage, Flaw
from kiosk.gateway.sip2.money import format_fen, parse_fen
from kiosk.gateway.sip2.profile import DUE_FORMATS, PROFILES, Profile
from kiosk.gateway.sip2.replies import Alert, Circulation, PatronFlag

PLAIN = Profile(name="test")
Reply = TypeVar("Reply")


def _message(text: str, profile: Profile = PLAIN) -> Message:
    message = decode(text.encode(profile.encoding), profile)
    assert isinstance(message, Message)
    return message


def _whole(reply: Reply | BadMessage) -> Reply:
    assert not isinstance(reply, BadMessage)
    return reply


def test_a_readers_account_is_read() -> None:
    text = (
        "64Y    Y        " + "019" + "20261122    031919" + "0001" + "0002" + "0010" + "    " + "0000" + "0003"
        "AOJS01|AA99|AE本科生|BZ0005|CB0010|BLY|CQY|BHCNY|BV3.40|CC1.00|AUD1|AUD2|AFhello|PCUG|PA20270701|"
    )
    reply = _whole(reading.patron(_message(text), PLAIN))
    assert reply.flags == {PatronFlag.CHARGE_DENIED, PatronFlag.TOO_MANY_CHARGED}
    assert (reply.valid, reply.pin_ok) == (True, True)
    assert (reply.holds_ready_count, reply.overdue_count, reply.charged_count) == (1, 2, 10)
    assert (reply.charged_limit, reply.fee_fen, reply.fee_limit_fen) == (10, 340, 100)
    assert reply.charged == ("D1", "D2")
    assert (reply.patron_class, reply.expires) == ("UG", dt.date(2027, 7, 1))
    assert reply.messages == ("hello",)


def test_what_a_library_system_does_not_say_is_unknown_and_not_zero() -> None:
    text = "64" + " " * 14 + "001" + "20261122    031919" + " " * 24 + "AOx|AA99|AEy|"
    reply = _whole(reading.patron(_message(text), PLAIN))
    assert (reply.valid, reply.pin_ok, reply.charged_count, reply.fee_fen) == (None, None, None, None)


def test_a_status_of_wrong_letters_is_no_status() -> None:
    text = "64" + "1" * 14 + "001" + "20261122    031919" + " " * 24 + "AA99|"
    assert reading.patron(_message(text), PLAIN) == BadMessage(flaw=Flaw.BAD_FIELD, where="patron_status")


@pytest.mark.parametrize("ok", ["2", " ", "x"])
def test_an_answer_that_says_neither_yes_nor_no_is_no_answer(ok: str) -> None:
    text = f"12{ok}NUY20261122    031919AB1|"
    assert reading.loan(_message(text), PLAIN) == BadMessage(flaw=Flaw.BAD_FIELD, where="ok")


def test_an_unknown_item_is_told_from_one_of_another_status() -> None:
    unknown = _whole(reading.item(_message("1801010120261122    031919ABD9|AJ|"), PLAIN))
    other = _whole(reading.item(_message("1801010120261122    031919ABD9|AJ红楼梦|"), PLAIN))
    assert (unknown.known, other.known) == (False, True)
    assert other.circulation is Circulation.OTHER


def test_a_dp2_item_is_read() -> None:
    text = "1804000120261122    031919ABD1|AJ标题|AH2022-02-27|KQ01|KP02|KCTP311|AF成功|AG成功|AY4AZ0000"
    reply = _whole(reading.item(_message(text), PROFILES["dp2"]))
    assert reply.circulation is Circulation.CHARGED
    assert reply.due is not None
    assert (reply.due.day, reply.due.at) == (dt.date(2022, 2, 27), None)
    assert reply.call_number == "TP311"


def test_a_return_with_a_hold_for_another_campus_guides_the_sorter() -> None:
    text = "101YUY20261122    031919AOJS01|ABD1|AQF2-SK|CV02|CTWC-MAIN|CY99|DA张三|CL4|BV0.50|"
    reply = _whole(reading.checkin(_message(text), PLAIN))
    assert (reply.ok, reply.resensitize, reply.alert, reply.alert_type) == (True, True, True, Alert.HOLD_ELSEWHERE)
    assert (reply.destination, reply.sort_bin, reply.fee_fen) == ("WC-MAIN", "4", 50)
    assert "张三" not in repr(reply)


def test_an_alert_code_nobody_knows_still_is_an_alert() -> None:
    assert _whole(reading.checkin(_message("101YUY20261122    031919AB1|CV55|"), PLAIN)).alert_type is Alert.OTHER


def test_numbers_padded_with_blanks_are_numbers() -> None:
    """invenio-sip2 sends ` 10` for time-out and retries."""
    status = _whole(reading.ils_status(_message("98YYYYYN 10 1020261122    0319182.00AOJS01|"), PLAIN))
    assert status.online
    assert status.supported is None
    assert status.clock == dt.datetime(2026, 11, 22, 3, 19, 18)


def test_supported_messages_follow_their_order() -> None:
    status = _whole(
        reading.ils_status(_message("98YYYYNN10000520261122    0319182.00AOCPL|BXYYYYYYYYYYYNYYYY|"), PLAIN)
    )
    assert status.supported is not None
    assert "19" not in status.supported
    assert {"63", "65", "29"} <= status.supported


def test_a_fee_that_waits_for_the_readers_yes_is_asked_about() -> None:
    refused = _whole(reading.loan(_message("120NUN20261122    031919AB1|BT06|BV2.00|"), PLAIN))
    assert refused.fee_asked
    assert not _whole(reading.loan(_message("121NUY20261122    031919AB1|BT06|BV2.00|"), PLAIN)).fee_asked


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("3.40", 340),
        ("3.4", 340),
        ("3", 300),
        ("0", 0),
        (" 12.00 ", 1200),
        ("-0.50", -50),
        ("1.000", 100),
        ("1.005", None),
        ("1,50", None),
        ("CNY 3", None),
        ("", None),
        ("٣", None),
        ("9" * 5000, None),
    ],
)
def test_money_is_whole_fen_or_nothing(text: str, fen: int | None) -> None:
    assert parse_fen(text) == fen


@given(st.integers(-10_000_000, 10_000_000))
def test_money_survives_the_wire(fen: int) -> None:
    assert parse_fen(format_fen(Fen(fen))) == fen


@pytest.mark.parametrize(
    ("text", "day", "hour"),
    [
        ("20261222    235900", dt.date(2026, 12, 22), 23),
        ("202612220000235900", dt.date(2026, 12, 22), 23),
        ("20261222   Z100000", dt.date(2026, 12, 22), 10),
        ("2022-02-27", dt.date(2022, 2, 27), None),
        ("20220227", dt.date(2022, 2, 27), None),
        ("2022-02-27 18:30:00", dt.date(2022, 2, 27), 18),
        ("2022年2月27日", dt.date(2022, 2, 27), None),
        ("end of term", None, None),
        ("20261322    235900", None, None),
    ],
)
def test_due_dates_are_read_in_many_forms_or_kept_as_text(text: str, day: dt.date | None, hour: int | None) -> None:
    due = parse_due(text, DUE_FORMATS)
    assert due.text == text
    assert due.day == day
    assert (due.at.hour if due.at else None) == hour


@given(st.integers(0, 4_000_000_000), st.sampled_from([0, 28_800, -18_000]))
def test_a_time_survives_the_wire(wall_s: int, offset_s: int) -> None:
    local = parse_sip_date(sip_date(wall_s, offset_s))
    assert local == local_time(wall_s, offset_s)
    assert local is not None
    assert wall_seconds(local, offset_s) == wall_s


def test_a_private_reason_is_read_where_the_profile_names_its_field() -> None:
    text = "120NUN20261122    031919AB1|XRsuspended|XU20261206    235959|"
    demo = _whole(reading.loan(_message(text), PROFILES["demo"]))
    assert (demo.reason.code, demo.reason.until) == ("suspended", dt.date(2026, 12, 6))
    assert _whole(reading.loan(_message(text), replace(PLAIN))).reason.code == ""
