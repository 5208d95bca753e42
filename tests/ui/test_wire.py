"""The wire between core and ui."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.screen import Button, Screen, Strip, Touch, wire
from tests.ui import gallery

PLAIN = Screen(turn=7, name="card", lang="zh")


@pytest.mark.parametrize("screen", gallery.screens(), ids=lambda s: f"{s.name}-{s.lang}")
def test_every_sample_screen_arrives_as_it_was_sent(screen: Screen) -> None:
    (body,) = wire.Framer().feed(wire.encode_screen(screen))
    assert wire.decode_screen(body) == screen


def test_a_strip_in_the_primary_place_does_not_become_a_button() -> None:
    for primary in (Strip(text="把卡放在下面"), Button(id="go", text="继续"), None):
        screen = replace(PLAIN, primary=primary)
        (body,) = wire.Framer().feed(wire.encode_screen(screen))
        assert wire.decode_screen(body).primary == primary


def test_a_touch_has_these_bytes() -> None:
    touch = Touch(turn=3, button="borrow", confirms=("D1", "D2"))
    golden = b'\x00\x00\x00\x3d{"turn":3,"button":"borrow","text":"","confirms":["D1","D2"]}'
    assert wire.encode_touch(touch) == golden
    assert wire.decode_touch(golden[4:]) == touch


@given(st.lists(st.builds(Touch, turn=st.integers(0, 2**31), button=st.text(), text=st.text()), max_size=5), st.data())
def test_touches_arrive_whole_however_the_wire_cuts_them(touches: list[Touch], data: st.DataObject) -> None:
    stream = b"".join(wire.encode_touch(touch) for touch in touches)
    framer, got = wire.Framer(), []
    while stream:
        cut = data.draw(st.integers(1, len(stream)))
        got += framer.feed(stream[:cut])
        stream = stream[cut:]
    assert [wire.decode_touch(body) for body in got] == touches


@given(st.binary(max_size=200))
def test_garbage_is_refused_and_never_crashes(body: bytes) -> None:
    for decode in (wire.decode_screen, wire.decode_touch):
        try:
            decode(body)
        except wire.WireError:
            continue
        pytest.fail("bytes at random made a message")


@given(st.binary(max_size=64))
def test_a_framer_given_garbage_waits_or_refuses(data: bytes) -> None:
    if len(data) >= 4 and int.from_bytes(data[:4], "big") > wire.FRAME_BYTES_MAX:
        with pytest.raises(wire.WireError, match="over the limit"):
            wire.Framer().feed(data)
    else:
        assert all(body in data for body in wire.Framer().feed(data))


def test_a_refused_touch_does_not_repeat_the_typed_pin() -> None:
    body = b'{"turn":"x","button":"pin.enter","text":"482913"}'
    with pytest.raises(wire.WireError) as caught:
        wire.decode_touch(body)
    assert "482913" not in repr(caught.value)
    assert caught.value.__cause__ is None


def test_two_primaries_are_refused() -> None:
    body = b'{"turn":1,"name":"x","lang":"zh","button":{"id":"a","text":"b"},"strip":{"text":"c"}}'
    with pytest.raises(wire.WireError, match="one primary"):
        wire.decode_screen(body)
