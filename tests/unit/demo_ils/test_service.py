"""The demo ILS on its wires: silence before login, odd bytes, the control line, and its books after a kill."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.clock import ThreadHub
from drivers.errors import LinkLost
from drivers.link import Link, pipe
from drivers.tcp_link import open_tcp
from kiosk.domain import ItemBarcode, PatronId
from kiosk.gateway.sim import DIALECTS, Audit, DemoData, load, open_ils, serve
from kiosk.gateway.sim.admin import Admin
from kiosk.gateway.sip2 import PROFILES, Checkout, Client, ItemInformation, NotSent
from kiosk.gateway.sip2.codec import encode
from kiosk.gateway.sip2.frame import seal
from kiosk.gateway.sip2.layout import LAYOUTS
from tests.unit.demo_ils.conftest import BOOK, DATA, READER, Library, library

NOW = "20261122    080000"
PROFILE = PROFILES["demo"]


def _framed(text: str, sequence: int = 0) -> bytes:
    return seal(text.encode(), sequence) + b"\r"


def test_koha_meets_a_status_before_login_with_silence_and_others_hang_up(data: DemoData) -> None:
    for dialect, hangs_up in (("koha", False), ("demo", True)):
        session = open_ils(data, lambda: 0.0, dialect=DIALECTS[dialect]).session()
        (turn,) = session.receive(_framed("9900802.00"))
        reaction = session.act(turn)
        assert (reaction.pieces, reaction.hang_up) == ((), hangs_up)


def test_a_damaged_request_is_asked_for_again(data: DemoData) -> None:
    session = open_ils(data, lambda: 0.0).session()
    assert session.answer(b"9300CNa|COb|AY0AZ0000\r") == b"96AZFEF6\r"


def test_a_resend_repeats_the_last_reply(data: DemoData) -> None:
    session = open_ils(data, lambda: 0.0).session()
    first = session.answer(_framed("9300CNa|COb|"))
    assert session.answer(b"97AZFEF5\r") == first == b"941AY0AZFDFD\r"


def test_a_repeated_request_is_executed_twice_as_koha_does(data: DemoData) -> None:
    acs = open_ils(data, lambda: 1_795_305_600.0, dialect=DIALECTS["koha"])
    session = acs.session()
    session.answer(_framed("9300CNa|COb|"))
    request = _framed(f"11NN{NOW}{NOW}AOJS01|AA{READER}|AB{BOOK}|AC|", 1)
    assert session.answer(request).startswith(b"121N")
    assert session.answer(request).startswith(b"121Y")


def test_a_client_that_sends_no_trailer_gets_none(data: DemoData) -> None:
    assert open_ils(data, lambda: 0.0).session().answer(b"9300CNa|COb|\r") == b"941\r"
    dp2 = open_ils(data, lambda: 0.0, dialect=DIALECTS["dp2"]).session()
    assert dp2.answer(b"9300CNa|COb|\r") == seal(b"941", 4) + b"\r"


_DATA = load(DATA)
_VALUES = st.sampled_from(["D1000001", "D1000004", "9920130001", "F1-HALL", "", "3.40", "-1", "Y", "\u4e85", "9" * 30])
_FIELDS = st.lists(
    st.tuples(st.sampled_from(["AA", "AB", "AO", "AD", "AP", "BV", "BK", "BP", "BQ", "CG", "XX"]), _VALUES), max_size=6
)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(sorted(DIALECTS)),
    st.lists(
        st.tuples(st.sampled_from(sorted(LAYOUTS)), _FIELDS, st.sampled_from([" ", "Y", "0", "+", "-"])), max_size=6
    ),
    st.binary(max_size=80),
)
def test_no_message_upsets_the_demo_ils(
    dialect: str, messages: list[tuple[str, list[tuple[str, str]], str]], noise: bytes
) -> None:
    acs = open_ils(_DATA, lambda: 1_795_305_600.0, dialect=DIALECTS[dialect])
    session = acs.session()
    session.answer(b"9300CNa|COb|\r")
    for command, fields, filler in messages:
        fixed = [filler * width for _, width in LAYOUTS[command].fixed]
        session.answer(encode(command, fixed, fields, PROFILE, 0))
    session.answer(noise + b"\r")
    assert Audit(acs.circulation.store).unexplained() == ()


@contextmanager
def _process(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], int, int]]:
    """The demo ILS as a process of its own; gives it with its two ports."""
    command = [sys.executable, "-m", "kiosk.gateway.sim", "--port", "0", *arguments]
    process = subprocess.Popen(command, cwd=DATA.parents[1], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        ports = dict(word.split("=") for word in process.stdout.readline().split() if "=" in word)
        yield process, int(ports["port"]), int(ports["admin"])
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _control(hub: ThreadHub, link: Link, **order: object) -> dict[str, object]:
    link.write(json.dumps(order).encode() + b"\n")
    answer = b""
    while not answer.endswith(b"\n"):
        answer += link.read(hub.now() + 10)
    decoded = json.loads(answer)
    assert isinstance(decoded, dict)
    return decoded


def test_a_loan_outlives_the_kill_of_the_process(tmp_path: Path) -> None:
    hub = ThreadHub()
    for expected in (True, False):
        with _process("--db", str(tmp_path / "ils.db")) as (process, port, _):
            client = Client(partial(open_tcp, "127.0.0.1", port, clock=hub), PROFILE, hub)
            assert client.ask(Checkout(patron=PatronId("9920130002"), item=BOOK), hub.now() + 10).renewed != expected
            process.kill()


def test_the_control_line_orders_faults_and_opens_the_books(data: DemoData) -> None:
    hub = ThreadHub()
    serving = serve(hub, data=DATA, latency_ms=1)
    link = open_tcp("127.0.0.1", serving.admin.port, clock=hub)
    ask = partial(_control, hub, link)
    assert ask(do="fault", kind="mute", command="11") == {"ok": True}
    assert ask(do="faults") == {"faults": [{"kind": "mute", "command": "11", "times": 1, "skip": 0, "seconds": 0.0}]}
    assert ask(do="clear") == {"ok": True}
    assert ask(do="latency", ms=0) == {"ok": True}
    client = Client(partial(open_tcp, "127.0.0.1", serving.sip2.port, clock=hub), PROFILE, hub)
    assert client.ask(Checkout(patron=READER, item=BOOK), hub.now() + 10).ok
    effects = ask(do="effects", item=BOOK)["effects"]
    assert isinstance(effects, list)
    assert [effect["op"] for effect in effects] == ["checkout"]
    loan = ask(do="loan", item=BOOK)["loan"]
    assert isinstance(loan, dict)
    assert loan["patron"] == READER
    counts = ask(do="counts")
    assert counts["received"] == {"93": 1, "99": 1, "11": 1}
    assert isinstance(counts["items"], dict)
    assert counts["items"][BOOK] == {"checkout": 1}
    assert "error" in ask(do="dance")
    assert "error" in ask(do="fault")
    assert "error" in ask(do="fault", kind="earthquake")
    link.write(b"no json\n")
    assert b"error" in link.read(hub.now() + 10)
    client.close()
    link.close()
    serving.close()


def test_the_control_line_ends_with_a_controller_that_sends_no_line(lib: Library) -> None:
    near, far = pipe(lib.hub, "control")
    lib.hub.spawn("control", partial(Admin(lib.hub, lib.service).serve, far))

    def story() -> None:
        near.write(b"x" * 70_000)
        with pytest.raises(LinkLost):
            near.read(lib.hub.now() + 10)

    lib.play(story)


def test_an_outage_refuses_new_connections_until_it_is_over(lib: Library) -> None:
    lib.service.close()
    with pytest.raises(NotSent):
        lib.once(ItemInformation(item=BOOK))
    lib.service.reopen()
    assert lib.once(ItemInformation(item=BOOK)).known


def test_the_same_story_gives_the_same_books_on_virtual_time_twice(data: DemoData) -> None:
    def books() -> list[tuple[int, str, str | None]]:
        lib = library(data)
        lib.acs.latency_s = 0.02
        for n in range(1, 6):
            lib.once(Checkout(patron=READER, item=ItemBarcode(f"D100000{n}")))
        return [(effect.at_s, effect.op, effect.item) for effect in lib.audit.effects()]

    assert books() == books()


def test_the_demo_ils_starts_on_data_that_is_right_and_on_no_other(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kiosk.gateway.sim", "--port", "0", "--data", str(tmp_path)],
        cwd=DATA.parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "items.csv, line 1: the file is missing" in done.stderr
