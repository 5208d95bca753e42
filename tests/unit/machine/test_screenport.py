"""Core and screen: a late ui gets the screen of now, and its end is noticed."""

from __future__ import annotations

from typing import Any

from drivers.clock import VirtualHub
from drivers.errors import LinkLost
from drivers.link import Link, pipe
from kiosk.flow.events import UiChanged
from kiosk.machine.screenport import ScreenPort
from kiosk.screen import Screen, Touch
from kiosk.screen.wire import Framer, decode_screen, encode_touch


class Ui:
    """The far end: keeps what it was shown."""

    def __init__(self, hub: VirtualHub, port: ScreenPort) -> None:
        self.link, far = pipe(hub, "ui")
        self.shown: list[Screen] = []
        hub.spawn("core side", lambda: port.serve(far))
        hub.spawn("ui side", lambda: self._read(hub, self.link))

    def _read(self, hub: VirtualHub, link: Link) -> None:
        framer = Framer()
        try:
            while True:
                self.shown += [decode_screen(body) for body in framer.feed(link.read(hub.now() + 60))]
        except LinkLost:
            return


def _screen(turn: int) -> Screen:
    return Screen(turn=turn, name="attract", lang="zh")


def test_a_late_ui_gets_the_screen_of_now_and_then_each_new_one() -> None:
    hub, heard, touched = VirtualHub(), list[Any](), list[Touch]()
    port = ScreenPort(hub)
    port.join(heard.append, touched.append)
    port.show(_screen(1))
    port.show(_screen(2))
    ui = Ui(hub, port)
    hub.run(1.0)
    assert [screen.turn for screen in ui.shown] == [2]
    port.show(_screen(3))
    ui.link.write(encode_touch(Touch(turn=2, button="borrow")))
    hub.run(2.0)
    assert [screen.turn for screen in ui.shown] == [2, 3]
    assert touched == [Touch(turn=2, button="borrow")]
    assert heard == [UiChanged(present=False), UiChanged(present=True)]


def test_a_ui_that_ends_or_talks_nonsense_is_told_gone() -> None:
    for nonsense in (False, True):
        hub, heard = VirtualHub(), list[Any]()
        port = ScreenPort(hub)
        port.join(heard.append, lambda touch: None)
        ui = Ui(hub, port)
        hub.run(1.0)
        if nonsense:
            ui.link.write(b"\xff\xff\xff\xff")
        else:
            ui.link.close()
        hub.run(2.0)
        assert heard[-1] == UiChanged(present=False)


def test_a_second_ui_takes_over() -> None:
    hub, heard = VirtualHub(), list[Any]()
    port = ScreenPort(hub)
    port.join(heard.append, lambda touch: None)
    Ui(hub, port)
    hub.run(1.0)
    second = Ui(hub, port)
    hub.run(2.0)
    port.show(_screen(9))
    hub.run(3.0)
    assert [screen.turn for screen in second.shown] == [9]
    assert heard[-1] == UiChanged(present=True)
