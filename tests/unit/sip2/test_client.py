"""One connection: what may be asked again, what must never be, and that nobody gets another reader's answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import pytest

from drivers.clock import VirtualHub
from drivers.errors import LinkLost
from drivers.link import Link
from kiosk.domain import ItemBarcode, PatronId
from kiosk.gateway.sip2 import (
    Cause,
    Checkin,
    Checkout,
    Client,
    Doubt,
    IlsTrouble,
    ItemInformation,
    NoAnswer,
    NotSent,
    PatronInformation,
    Profile,
    Request,
)
from kiosk.gateway.sip2.profile import ReplyChecksum
from tests.unit.sip2.far_end import FarEnd, Script, digit, play, reply

Reply = TypeVar("Reply")

PROFILE = Profile(name="test", institution="JS01", location="F1-HALL", user="k", password="p")
ITEM = ItemBarcode("D1000001")
LOOK = ItemInformation(item=ITEM)
LEND = Checkout(patron=PatronId("99"), item=ITEM)
TITLE = "1803010120261122    080000ABD1000001|AJ红楼梦|"
LENT = "121NUY20261122    080000AOJS01|AA99|ABD1000001|AJ红楼梦|AH20261222    235959|"


def _client(hub: VirtualHub, script: Script, profile: Profile = PROFILE) -> tuple[Client, FarEnd]:
    far = FarEnd(hub, script)
    return Client(far.open, profile, hub), far


def _good(request: str) -> list[bytes | float | None]:
    return [reply(TITLE if request.startswith("17") else LENT, request)]


def _trouble(hub: VirtualHub, client: Client, request: Request[Reply], seconds: float = 2.0) -> IlsTrouble:
    def story() -> IlsTrouble:
        with pytest.raises(IlsTrouble) as caught:
            client.ask(request, hub.now() + seconds)
        return caught.value

    return play(hub, story)


def test_a_book_is_lent_after_login_and_status_with_digits_counted_from_zero() -> None:
    hub = VirtualHub()
    client, far = _client(hub, _good)
    assert play(hub, lambda: client.ask(LEND, hub.now() + 2)).ok
    assert [(text[:2], digit(text)) for text in far.seen] == [("93", 0), ("99", 1), ("11", 2)]


def test_digits_wrap_after_nine() -> None:
    hub = VirtualHub()
    client, far = _client(hub, _good)
    play(hub, lambda: [client.ask(LOOK, hub.now() + 2) for _ in range(12)])
    assert [digit(text) for text in far.seen] == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3]
    assert far.connections == 1


def test_without_login_the_status_comes_first() -> None:
    hub = VirtualHub()
    client, far = _client(hub, _good, replace(PROFILE, login=False))
    play(hub, lambda: client.ask(LOOK, hub.now() + 2))
    assert [text[:2] for text in far.seen] == ["99", "17"]


# Nothing sent


def test_a_machine_that_cannot_connect_knows_that_nothing_was_sent() -> None:
    hub = VirtualHub()
    client, far = _client(hub, _good)
    far.reachable = False
    trouble = _trouble(hub, client, LEND)
    assert isinstance(trouble, NotSent)
    assert (trouble.cause, trouble.safe_to_repeat) == (Cause.UNREACHABLE, True)


@pytest.mark.parametrize(
    ("login", "mute", "cause"), [("940", False, Cause.LOGIN_REFUSED), ("941", True, Cause.LOGIN_MUTE)]
)
def test_a_login_that_fails_lends_nothing(login: str, mute: bool, cause: Cause) -> None:
    hub = VirtualHub()
    far = FarEnd(hub, _good, login=login, mute_login=mute)
    trouble = _trouble(hub, Client(far.open, PROFILE, hub), LEND)
    assert isinstance(trouble, NotSent)
    assert trouble.cause is cause
    assert [text[:2] for text in far.seen] == ["93"]


def test_an_ils_that_calls_itself_offline_is_not_asked_for_more() -> None:
    hub = VirtualHub()
    far = FarEnd(hub, _good, status="98NYYYYY10000520261122    0800002.00AOJS01|")
    trouble = _trouble(hub, Client(far.open, replace(PROFILE, login=False), hub), LEND)
    assert (type(trouble), trouble.cause) == (NotSent, Cause.ILS_OFFLINE)


def test_a_connection_that_died_while_idle_is_replaced_without_anybody_noticing() -> None:
    hub = VirtualHub()
    hang_up = [True]

    def script(request: str) -> list[bytes | float | None]:
        first, hang_up[0] = hang_up[0], False
        return [*_good(request), 0.5, None] if first else _good(request)

    client, far = _client(hub, script)

    def story() -> bool:
        client.ask(LOOK, hub.now() + 2)
        hub.wait_until(hub.now() + 700)
        return client.ask(LEND, hub.now() + 2).ok

    assert play(hub, story)
    assert far.connections == 2
    assert [text[:2] for text in far.seen].count("11") == 1


def test_a_deadline_that_has_passed_sends_nothing() -> None:
    hub = VirtualHub()
    client, far = _client(hub, _good)

    def story() -> IlsTrouble:
        client.ask(LOOK, hub.now() + 2)
        with pytest.raises(NotSent) as caught:
            client.ask(LEND, hub.now())
        return caught.value

    assert play(hub, story).cause is Cause.TOO_LATE
    assert "11" not in [text[:2] for text in far.seen]


def test_a_barcode_with_a_delimiter_inside_lends_no_other_book() -> None:
    hub = VirtualHub()
    client, far = _client(hub, _good)
    trouble = _trouble(hub, client, Checkout(patron=PatronId("99"), item=ItemBarcode("D100000|1")))
    assert (type(trouble), trouble.cause) == (NotSent, Cause.UNSENDABLE)
    assert "11" not in [text[:2] for text in far.seen]
    assert client.connected


# Sent, no valid answer

_BAD: dict[str, tuple[Cause, Callable[[str], list[bytes | float | None]]]] = {
    "silence": (Cause.NO_REPLY, lambda request: []),
    "hangs up": (Cause.LINK_LOST, lambda request: [None]),
    "half an answer": (Cause.NO_REPLY, lambda request: [_good(request)[0][:-1]]),  # type: ignore[index]
    "wrong checksum": (Cause.BAD_REPLY, lambda request: [LENT.encode() + b"AY%dAZ0000\r" % (digit(request) or 0)]),
    "no message": (Cause.BAD_REPLY, lambda request: [b"HTTP/1.1 400 Bad Request\r"]),
    "another kind of answer": (Cause.BAD_REPLY, lambda request: [reply("941", request)]),
    "another item": (Cause.BAD_REPLY, lambda request: [reply(LENT.replace("D1000001", "D1000002"), request)]),
    "neither yes nor no": (Cause.BAD_REPLY, lambda request: [reply("12?" + LENT[3:], request)]),
    "asks us to repeat": (Cause.ASKED_AGAIN, lambda request: [b"96AZFEF6\r"]),
    "answers to others": (Cause.BAD_REPLY, lambda request: [reply(LENT, request, shift=s) for s in range(1, 9)]),
    "endless": (Cause.BAD_REPLY, lambda request: [b"x" * 70_000]),
}


@pytest.mark.parametrize("how", sorted(_BAD))
def test_a_checkout_without_a_valid_answer_is_a_doubt_and_is_sent_once(how: str) -> None:
    hub = VirtualHub()
    cause, script = _BAD[how]
    client, far = _client(hub, script)
    trouble = _trouble(hub, client, LEND)
    assert isinstance(trouble, Doubt)
    assert (trouble.cause, trouble.safe_to_repeat) == (cause, False)
    assert not client.connected
    assert [text[:2] for text in far.seen].count("11") == 1
    assert "97" not in [text[:2] for text in far.seen]


@pytest.mark.parametrize("how", sorted(set(_BAD) - {"another kind of answer", "neither yes nor no", "another item"}))
def test_a_question_without_a_valid_answer_may_be_asked_again(how: str) -> None:
    hub = VirtualHub()
    client, _ = _client(hub, _BAD[how][1])
    trouble = _trouble(hub, client, LOOK)
    assert isinstance(trouble, NoAnswer)
    assert trouble.safe_to_repeat
    assert not client.connected


def test_a_write_that_breaks_is_a_doubt_since_bytes_may_have_gone() -> None:
    hub = VirtualHub()
    far = FarEnd(hub, _good)

    class Breaking:
        """A wire whose far end vanishes in the middle of a long write."""

        def __init__(self, link: Link) -> None:
            self._link = link

        def write(self, data: bytes) -> None:
            if data.startswith(b"11"):
                self._link.write(data[:30])
                raise LinkLost("ils", "write", "broken pipe")
            self._link.write(data)

        def read(self, by: float) -> bytes:
            return self._link.read(by)

        def close(self) -> None:
            self._link.close()

    trouble = _trouble(hub, Client(lambda: Breaking(far.open()), PROFILE, hub), LEND)
    assert (type(trouble), trouble.cause) == (Doubt, Cause.LINK_LOST)


# Resending


def test_a_question_the_ils_could_not_read_is_sent_again_with_the_same_bytes() -> None:
    hub = VirtualHub()
    tries: list[str] = []

    def script(request: str) -> list[bytes | float | None]:
        tries.append(request)
        return [b"96AZFEF6\r\n"] if len(tries) < 3 else _good(request)

    client, _ = _client(hub, script)
    assert play(hub, lambda: client.ask(LOOK, hub.now() + 2)).title == "红楼梦"
    assert len(set(tries)) == 1
    assert len(tries) == 3


def test_resending_ends() -> None:
    hub = VirtualHub()
    client, far = _client(hub, lambda request: [b"96AZFEF6\r"])
    assert _trouble(hub, client, LOOK).cause is Cause.ASKED_AGAIN
    assert [text[:2] for text in far.seen].count("17") == 1 + PROFILE.resends_max


# Keeping in step


def test_an_answer_to_another_request_is_dropped_and_the_right_one_taken() -> None:
    hub = VirtualHub()
    stray = TITLE.replace("红楼梦", "西游记")
    client, _ = _client(hub, lambda request: [reply(stray, request, shift=4), reply(TITLE, request)])
    assert play(hub, lambda: client.ask(LOOK, hub.now() + 2)).title == "红楼梦"


def test_bytes_nobody_asked_for_end_the_connection_before_the_next_request() -> None:
    hub = VirtualHub()
    client, far = _client(hub, lambda request: [*_good(request), reply(TITLE, request)])
    play(hub, lambda: [client.ask(LOOK, hub.now() + 2) for _ in range(3)])
    assert far.connections == 3


@pytest.mark.parametrize("end", [b"\r", b"\r\n", b"\r\n\0", b"\r\0\0"])
def test_line_ends_and_padding_do_not_count_as_unasked_bytes(end: bytes) -> None:
    hub = VirtualHub()
    client, far = _client(hub, lambda request: [reply(TITLE, request).rstrip(b"\r"), end[:1], end[1:]])
    play(hub, lambda: [client.ask(LOOK, hub.now() + 2) for _ in range(3)])
    assert far.connections == 1


def test_an_ils_that_always_answers_with_the_same_digit_is_understood() -> None:
    """dp2 sends AY4 whatever was asked, and even when no trailer was."""
    hub = VirtualHub()
    dp2 = replace(PROFILE, error_detection=False, sequence_echoed=False)
    client, _ = _client(hub, lambda request: [TITLE.encode() + b"AY4AZ0000\r"], dp2)
    assert _trouble(hub, client, LOOK).cause is Cause.BAD_REPLY
    ignoring = replace(dp2, reply_checksum=ReplyChecksum.IGNORE)
    client, _ = _client(hub, lambda request: [TITLE.encode() + b"AY4AZ0000\r"], ignoring)
    assert play(hub, lambda: client.ask(LOOK, hub.now() + 2), 7200).title == "红楼梦"


def test_a_site_may_insist_on_checksums() -> None:
    hub = VirtualHub()
    strict = replace(PROFILE, login=False, reply_checksum=ReplyChecksum.REQUIRE)
    client, _ = _client(hub, lambda request: [TITLE.encode() + b"\r"], strict)
    assert _trouble(hub, client, LOOK).detail == "no checksum"


class _ReusingClient(Client):
    """The broken variant: keeps the connection after a time-out."""

    def _failed(self, request: Request[Reply], cause: Cause, detail: str = "") -> IlsTrouble:
        return (Doubt if request.changes else NoAnswer)(request.command, cause, detail)


def _late_answer_story(kind: type[Client]) -> str:
    """Reader A's answer comes late; by then reader B stands at the machine. Returns whose name B is shown."""
    hub = VirtualHub()

    def script(request: str) -> list[bytes | float | None]:
        who = "A" if "AAreader-a" in request else "B"
        text = f"64{' ' * 14}01920261122    080000{'0000' * 6}AOJS01|AAreader|AE{who}|BLY|"
        return [1.5 if who == "A" else 0.01, reply(text, request)]

    far = FarEnd(hub, script)
    client = kind(far.open, replace(PROFILE, error_detection=False), hub)

    def story() -> str:
        with pytest.raises(NoAnswer):
            client.ask(PatronInformation(patron=PatronId("reader-a")), hub.now() + 1)
        return client.ask(PatronInformation(patron=PatronId("reader-b")), hub.now() + 5).name

    return play(hub, story)


def test_a_late_answer_for_one_reader_is_never_shown_to_the_next() -> None:
    assert _late_answer_story(Client) == "B"


def test_a_client_that_keeps_its_connection_after_a_time_out_would_show_it() -> None:
    assert _late_answer_story(_ReusingClient) == "A"


def test_a_return_in_doubt_says_so_without_naming_anybody() -> None:
    hub = VirtualHub()
    client, _ = _client(hub, lambda request: [])
    trouble = _trouble(hub, client, Checkin(item=ITEM))
    assert str(trouble) == "message 09: no_reply"
