"""What we ask, byte for byte, and that a strict server nobody here wrote understands every word of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pysip2 import codec as strict

from kiosk.domain import Fen, ItemBarcode, PatronId
from kiosk.gateway.sip2 import requests as r
from kiosk.gateway.sip2.codec import encode
from kiosk.gateway.sip2.profile import Profile

PATRON = PatronId("9920130001")
ITEM = ItemBarcode("D1000001")
NOW_S = 1_795_305_600.0  # 2026-11-22 00:00:00 UTC
RETURNED_S = NOW_S - 3 * 86_400
PROFILE = Profile(
    name="test", institution="JS01", location="F1-HALL", user="k1", password="secret", terminal_password="tp"
)

GOLDEN: dict[str, tuple[r.Request[Any], str]] = {
    "login": (r.Login(), "9300CNk1|COsecret|CPF1-HALL|"),
    "status": (r.TerminalStatus(), "9900802.00"),
    "patron": (
        r.PatronInformation(patron=PATRON, pin="1234", summary=r.Summary.CHARGED, first=11, last=20),
        "6301920261122    080000  Y       AOJS01|AA9920130001|ACtp|AD1234|BP11|BQ20|",
    ),
    "patron status": (r.PatronStatus(patron=PATRON), "2301920261122    080000AOJS01|AA9920130001|ACtp|AD|"),
    "item": (r.ItemInformation(item=ITEM), "1720261122    080000AOJS01|ABD1000001|ACtp|"),
    "checkout": (
        r.Checkout(patron=PATRON, item=ITEM),
        "11NN20261122    08000020261122    080000AOJS01|AA9920130001|ABD1000001|ACtp|",
    ),
    "checkout off-line": (
        r.Checkout(
            patron=PATRON,
            item=ITEM,
            at_s=RETURNED_S,
            due_s=NOW_S,
            no_block=True,
            fee_acknowledged=True,
            pin="1234",
        ),
        "11NY20261119    08000020261122    080000AOJS01|AA9920130001|ABD1000001|ACtp|AD1234|BOY|",
    ),
    "checkin": (
        r.Checkin(item=ITEM, returned_s=RETURNED_S),
        "09N20261122    08000020261119    080000APF1-HALL|AOJS01|ABD1000001|ACtp|",
    ),
    "renew": (
        r.Renew(patron=PATRON, item=ITEM),
        "29NN20261122    08000020261122    080000AOJS01|AA9920130001|ABD1000001|ACtp|",
    ),
    "renew all": (r.RenewAll(patron=PATRON), "6520261122    080000AOJS01|AA9920130001|ACtp|"),
    "end": (r.EndSession(patron=PATRON), "3520261122    080000AOJS01|AA9920130001|ACtp|"),
    "fee": (
        r.FeePaid(patron=PATRON, amount_fen=Fen(340), transaction="m1-ab-7"),
        "3720261122    0800000402CNYBV3.40|AOJS01|AA9920130001|ACtp|BKm1-ab-7|",
    ),
    "hold": (
        r.Hold(patron=PATRON, item=ITEM, pickup="F1-HALL"),
        "15+20261122    080000BSF1-HALL|BY3|AOJS01|AA9920130001|ABD1000001|ACtp|",
    ),
    "item update": (
        r.ItemUpdate(item=ITEM, properties="disc missing"),
        "1920261122    080000AOJS01|ABD1000001|ACtp|CHdisc missing|",
    ),
    "enable": (r.PatronEnable(patron=PATRON), "2520261122    080000AOJS01|AA9920130001|ACtp|"),
    "block": (
        r.BlockPatron(patron=PATRON, why="left in the slot", retained=True),
        "01Y20261122    080000AOJS01|ALleft in the slot|AA9920130001|ACtp|",
    ),
}
NAMES = sorted(GOLDEN)


def _sent(request: r.Request[Any], profile: Profile = PROFILE, sequence: int | None = 3) -> bytes:
    fixed, fields = request.wire(profile, NOW_S)
    return encode(request.command, fixed, fields, profile, sequence)


@pytest.mark.parametrize("name", NAMES)
def test_a_request_is_written_as_the_standard_says(name: str) -> None:
    request, text = GOLDEN[name]
    assert _sent(request, replace(PROFILE, error_detection=False)) == text.encode() + b"\r"


@pytest.mark.parametrize("name", NAMES)
def test_a_strict_server_understands_the_request(name: str) -> None:
    decoded = strict.decode_message(_sent(GOLDEN[name][0]), encoding="utf-8")
    assert decoded.sequence_number == 3
    assert decoded.checksum is not None


def test_only_what_changes_nothing_may_be_repeated() -> None:
    harmless = {request.command for request, _ in GOLDEN.values() if not request.changes}
    assert harmless == {"93", "99", "63", "23", "17", "35"}


def test_no_block_is_off_unless_the_library_turns_it_on() -> None:
    assert _sent(r.Checkin(item=ITEM))[:3] == b"09N"
    assert _sent(r.Checkin(item=ITEM), replace(PROFILE, no_block=True))[:3] == b"09Y"


def test_dates_are_the_librarys_local_time() -> None:
    assert b"20261121    190000" in _sent(r.ItemInformation(item=ITEM), replace(PROFILE, utc_offset_s=-5 * 3600))


@pytest.mark.parametrize("name", NAMES)
def test_a_request_shows_no_reader_data(name: str) -> None:
    request, _ = GOLDEN[name]
    assert PATRON not in repr(request)
    assert "1234" not in repr(request)
    assert "secret" not in repr(PROFILE)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("encoding", "klingon"),
        ("encoding", "utf-16"),
        ("encoding", "cp037"),
        ("terminator", b"\n"),
        ("language", "zh"),
        ("currency", "yuan"),
        ("date_zone", ""),
        ("payment_type", "card"),
    ],
)
def test_a_profile_that_can_never_work_is_refused(setting: str, value: object) -> None:
    with pytest.raises(ValueError, match=setting):
        replace(PROFILE, **{setting: value})  # type: ignore[arg-type]  # wrong on purpose
