"""Messages between bytes and named parts: encodings, odd servers, and what must never be sent changed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.gateway.sip2 import reading
from kiosk.gateway.sip2.codec import Message, Unsendable, decode, encode
from kiosk.gateway.sip2.frame import BadMessage, Checksum, Flaw, split_trailer
from kiosk.gateway.sip2.layout import LAYOUTS
from kiosk.gateway.sip2.profile import PROFILES, Profile, ReplyChecksum

UTF8 = Profile(name="utf8")
GBK = Profile(name="gbk", encoding="gb18030")
READERS = {
    "94": reading.login,
    "98": reading.ils_status,
    "24": reading.patron,
    "26": reading.patron,
    "64": reading.patron,
    "18": reading.item,
    "12": reading.loan,
    "30": reading.loan,
    "10": reading.checkin,
    "66": reading.renew_all,
    "36": reading.end_session,
    "38": reading.fee_paid,
    "16": reading.hold,
    "20": reading.item_update,
}


def _decoded(frame: bytes, profile: Profile = UTF8) -> Message:
    message = decode(frame, profile)
    assert isinstance(message, Message)
    return message


def test_a_live_koha_checkout_reply_is_read() -> None:
    frame = (
        "121NNY20261122    031919AOCPL|AA23529000105040|AB01003880001|"
        "AJC程序设计（第四版）|AH20261222    235900|AY5AZD7DB"
    )
    message = _decoded(frame.encode())
    assert message.command == "12"
    assert message.sequence == 5
    assert message.checksum is Checksum.GOOD
    assert dict(message.fixed) == {
        "ok": "1",
        "renewal_ok": "N",
        "magnetic": "N",
        "desensitize": "Y",
        "date": "20261122    031919",
    }
    assert message.one("AJ") == "C程序设计（第四版）"
    assert message.one("AH") == "20261222    235900"


def test_a_live_login_is_written_byte_for_byte() -> None:
    data = encode("93", ("0", "0"), (("CN", "term1"), ("CO", "term1"), ("CP", "CPL")), UTF8, 0)
    assert data == b"9300CNterm1|COterm1|CPCPL|AY0AZF5F4\r"


def test_a_gbk_title_with_the_delimiter_as_second_byte_is_one_title() -> None:
    """The second byte of 亅 in GBK is 0x7C, the delimiter: whoever splits first tears the title and loses the date."""
    title = "亅部首考"
    assert b"|" in title.encode("gbk")
    body = f"121NNY20261122    031919AA1|AB2|AJ{title}|AH20261222|".encode("gbk")
    message = _decoded(body, GBK)
    assert message.one("AJ") == title
    assert message.one("AH") == "20261222"

    pieces = body[24:].split(b"|")  # the broken variant: split the bytes, then decode each piece
    torn = {piece[:2]: piece[2:].decode("gbk", errors="replace") for piece in pieces}
    assert torn[b"AJ"] != title


def test_every_gbk_character_survives_a_round_trip_through_a_title() -> None:
    for lead in range(0x81, 0xFF):
        pairs = (bytes([lead, trail]) for trail in [*range(0x40, 0x7F), *range(0x80, 0xFF)])
        text = "".join(char for char in (pair.decode("gbk", errors="ignore") for pair in pairs) if char > "\x7f")
        data = encode("12", ("1", "N", "U", "Y", "20261122    031919"), (("AJ", text), ("AB", "D1")), GBK, 3)
        message = _decoded(data.rstrip(b"\r"), GBK)
        assert message.one("AJ") == text
        assert message.one("AB") == "D1"


def test_a_patron_status_of_thirteen_characters_is_realigned() -> None:
    """Evergreen. With a language of 019 the year slides into the language's place, so that looks right by itself."""
    full = "64" + "Y  Y          " + "019" + "20261122    031919" + "000100020003000400050006" + "AA99|AEx|"
    short = "64" + "Y  Y         " + "019" + "20261122    031919" + "000100020003000400050006" + "AA99|AEx|"
    assert _decoded(short.encode()).fixed == _decoded(full.encode()).fixed
    assert _decoded(short.encode()).fixed["charged"] == "0003"


def test_a_fee_reply_with_date_and_answer_swapped_is_read() -> None:
    """invenio-sip2 1.0.0."""
    right, swapped = _decoded(b"38Y20261122    034443AA1|"), _decoded(b"3820261122    034443YAA1|")
    assert right.fixed == swapped.fixed == {"accepted": "Y", "date": "20261122    034443"}


def test_fields_may_come_in_any_order_and_unknown_ones_do_no_harm() -> None:
    message = _decoded(b"101YNN20261122    031919ABD1|XYprivate|AFone|AQ|AFtwo|AOnypl |")
    assert message.one("AB") == "D1"
    assert message.all("AF") == ("one", "two")
    assert message.one("AQ") == ""
    assert message.one("AO") == "nypl"  # Sierra's trailing blank
    assert message.one("CL") is None


def test_kohas_escaped_delimiter_is_shown_as_one() -> None:
    assert _decoded(b"101YNN20261122    031919ABD1|AJwhat&#124;why|").one("AJ") == "what|why"


def test_a_constant_checksum_can_be_ignored() -> None:
    ignoring = replace(UTF8, reply_checksum=ReplyChecksum.IGNORE)
    assert _decoded(b"941AY0AZ0000", ignoring).checksum is Checksum.ABSENT
    assert _decoded(b"941AY0AZ0000").checksum is Checksum.BAD


@pytest.mark.parametrize("bad", ["D1|2", "D1\r2", "D1\n", "D1\x00", "D\u20281"])
def test_a_number_with_a_delimiter_inside_is_never_sent_as_another_number(bad: str) -> None:
    with pytest.raises(Unsendable, match="field AB"):
        encode("17", ("20261122    031919",), (("AB", bad),), UTF8, 0)


def test_a_number_that_the_encoding_lacks_is_never_sent_as_another_number() -> None:
    with pytest.raises(Unsendable, match="field AA"):
        encode("35", ("20261122    031919",), (("AA", "读者1"),), replace(UTF8, encoding="cp850"), 0)


def test_text_loses_only_what_would_break_the_frame() -> None:
    data = encode("01", ("N", "20261122    031919"), (("AL", "left | in\rslot"), ("AA", "1")), UTF8, 0)
    assert b"ALleft  inslot|AA1|" in data


def test_without_error_detection_nothing_is_appended() -> None:
    plain = replace(UTF8, error_detection=False)
    assert encode("99", ("0", "080", "2.00"), (), plain, 4) == b"9900802.00\r"


def test_a_resend_request_carries_no_digit() -> None:
    assert encode("97", (), (), UTF8, 4) == b"97AZFEF5\r"


@pytest.mark.parametrize("name", sorted(PROFILES))
@given(data=st.data())
def test_whatever_is_encoded_decodes_to_the_same(name: str, data: st.DataObject) -> None:
    profile = replace(PROFILES[name], error_detection=True, reply_checksum=ReplyChecksum.REQUIRE)
    layout = LAYOUTS[data.draw(st.sampled_from(sorted(set(LAYOUTS) - {"24", "26", "64", "38", "96", "97"})))]
    digit = st.text("0123456789YN ", min_size=1, max_size=1)
    fixed = [data.draw(digit) * width for _, width in layout.fixed]
    value = st.text(st.characters(codec="gbk", exclude_characters="|&", exclude_categories=("C", "Z")), max_size=12)
    fields = data.draw(st.lists(st.tuples(st.sampled_from(["AA", "AB", "AJ", "AF", "XX"]), value), max_size=6))
    sequence = data.draw(st.integers(0, 9))
    frame = encode(layout.command, fixed, fields, profile, sequence).rstrip(b"\r")
    message = _decoded(frame, profile)
    assert list(message.fixed.values()) == fixed
    assert list(message.fields) == fields
    assert (message.sequence, message.checksum) == (sequence, Checksum.GOOD)


@given(
    st.sampled_from([UTF8, GBK, replace(UTF8, encoding="cp850"), PROFILES["demo"]]),
    st.sampled_from([*(command.encode() for command in LAYOUTS), b""]),
    st.binary(max_size=160) | st.text(" YN0123456789|ABHSU\u4e85", max_size=160).map(str.encode),
)
def test_no_bytes_upset_the_decoder_or_a_reader(profile: Profile, command: bytes, rest: bytes) -> None:
    message = decode(command + rest, profile)
    if isinstance(message, Message) and message.command in READERS:
        READERS[message.command](message, profile)


def test_bytes_that_are_no_message_say_why() -> None:
    assert decode(b"", UTF8) == BadMessage(flaw=Flaw.NO_COMMAND)
    assert decode(b"HTTP/1.1 400", UTF8) == BadMessage(flaw=Flaw.NO_COMMAND)
    assert decode(b"121NN", UTF8) == BadMessage(flaw=Flaw.TOO_SHORT, where="12")


def test_a_decoded_message_shows_no_reader_data() -> None:
    message = _decoded("64              00120261122    031919000000000000000000000000AA9920130001|AE张三|".encode())
    assert "9920130001" not in repr(message)
    assert "张三" not in repr(message)


def test_the_trailer_is_not_looked_for_inside_a_title() -> None:
    assert split_trailer(b"101YNN20261122    031919AJsee AZ12|").checksum is Checksum.ABSENT
