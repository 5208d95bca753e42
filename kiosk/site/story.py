"""The demo's story: a student borrows, returns and renews; the network goes away in the middle and comes back.

Every step names what it expects; a step that does not see it fails the story.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from kiosk.screen import Button, Icon, Screen
from kiosk.site.desktop import Desktop, StoryFailed
from kiosk.site.folder import CACHE
from kiosk.site.processes import Neighbours

STUDENT: Final = "04FA944D8F5CD9"
BOOKS: Final = ("D1000001", "D1000002", "D1000003", "D1000007")
REFERENCE: Final = "D1000175"
OFFLINE_BOOK: Final = "D1000009"
CHAPTERS: Final = (
    *("attract", "pad", "borrowed", "take", "return", "returned", "loans", "renewed"),
    *("offline", "offline-borrowed", "offline-returned", "settled"),
)
PICTURES: Final = tuple(f"{number:02d}-{name}.png" for number, name in enumerate(CHAPTERS, 1))
SLIP: Final = "receipt.txt"
SETTLE_S_MAX: Final = 40.0
PRINT_S_MAX: Final = 10.0


@dataclass(slots=True)
class Story:
    """`play` runs it; `pictures` are drawn at each chapter when asked for."""

    desktop: Desktop
    neighbours: Neighbours
    out: Path
    pictures: bool
    say: Callable[[str], None]
    shots: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    studio: Any = None  # the ui's; made when the first picture is drawn

    def play(self) -> None:
        desk = self.desktop
        desk.wait("an open machine", lambda s: s.name == "attract" and s.banner is None, 20.0)
        self._chapter("attract", "The machine is open.")
        self._borrow()
        self._give_back()
        self._renew()
        self._outage()

    def _borrow(self) -> None:
        desk = self.desktop
        desk.put(*BOOKS, REFERENCE)
        desk.tap(STUDENT)
        desk.wait("five rows with verdicts", lambda s: s.name == "pad" and _ready(s, 5, "borrow"))
        self._chapter("pad", "A student lays five books down and taps the card: all are recognised.")
        desk.touch("borrow")
        screen = desk.wait_for("done")
        self._expect(screen.headline is not None and screen.headline.numeral == str(len(BOOKS)), "four books borrowed")
        self._chapter("borrowed", "One touch: four are borrowed, their theft marks off; the fifth says why it is not.")
        for item in BOOKS:
            self._expect(desk.bench.afi_of(desk.books[item].uid) == desk.settings.tags.afi_off, f"{item} mark off")
        desk.touch("print")
        desk.wait("the receipt", lambda s: s.name == "done" and not any(b.id == "print" for b in s.secondary))
        by = desk.hub.now() + PRINT_S_MAX
        while not desk.bench.printer.printed and desk.hub.now() < by:
            desk.hub.wait_until(desk.hub.now() + 0.1)
        self._expect(len(desk.bench.printer.printed) == 1, "a slip, printed and cut off")
        desk.touch("finish")
        desk.wait_for("clear_pad")
        self._chapter("take", "What still lies there must be taken away first.")
        desk.lift()
        desk.wait_for("attract")
        slips = (slip.rstrip("\n") + "\n" for slip in desk.bench.printer.printed)
        (self.out / SLIP).write_text("\n".join(slips), encoding="utf-8")

    def _give_back(self) -> None:
        desk = self.desktop
        desk.touch("start.checkin")
        desk.put(*BOOKS[:2])
        desk.wait("two rows to return", lambda s: s.name == "pad" and _ready(s, 2, "checkin"))
        self._chapter("return", "Two come back. No card is needed.")
        desk.touch("checkin")
        desk.wait_for("done")
        self._chapter("returned", "Both are booked and armed again.")
        for item in BOOKS[:2]:
            self._expect(desk.bench.afi_of(desk.books[item].uid) == desk.settings.tags.afi_on, f"{item} mark on")
        desk.lift()
        desk.touch("finish")
        desk.wait_for("attract")

    def _renew(self) -> None:
        desk = self.desktop
        desk.touch("start.account")
        desk.tap(STUDENT)
        desk.wait("the list of loans", lambda s: s.name == "loans" and len(s.rows) > 0)
        self._chapter("loans", "The account: what is on loan, and until when.")
        desk.touch("renew")
        desk.wait_for("done", 20.0)
        self._chapter("renewed", "Renewed what the library allows to be renewed.")
        desk.touch("finish")
        desk.wait_for("attract")

    def _outage(self) -> None:
        desk = self.desktop
        desk.wait("an empty card reader", lambda s: s.name == "attract" and s.banner is None)
        self.neighbours.gateway.kill()
        self.neighbours.ils.kill()
        desk.wait("the offline notice", _offline, 30.0)
        self._chapter("offline", "Gateway and library system are gone; the machine goes on by itself.")
        desk.put(OFFLINE_BOOK)
        desk.tap(STUDENT)
        desk.wait("one row", lambda s: s.name == "pad" and _ready(s, 1, "borrow"))
        desk.touch("borrow")
        desk.wait_for("done")
        self._chapter("offline-borrowed", "Borrowed within the offline limit; the due date is provisional.")
        desk.lift()
        desk.touch("finish")
        desk.wait_for("attract")
        desk.touch("start.checkin")
        desk.put(BOOKS[2])
        desk.wait("one row to return", lambda s: s.name == "pad" and _ready(s, 1, "checkin"))
        desk.touch("checkin")
        desk.wait_for("done")
        self._chapter("offline-returned", "Accepted with the time of now; never called returned before it is booked.")
        desk.lift()
        desk.touch("finish")
        desk.wait_for("attract")
        self.neighbours.start_ils()
        self.neighbours.gateway.start()
        desk.wait("the network back", lambda s: s.name == "attract" and s.banner is None, 60.0)
        self._settled()
        self._chapter("settled", "Everything is back, and what happened meanwhile settled itself.")

    def _settled(self) -> None:
        """The gateway has every record, and its effects are done."""
        from kiosk.site.audit import audit_folder  # brings the gateway's database with it, which takes half a second

        hub = self.desktop.hub
        by = hub.now() + SETTLE_S_MAX
        while hub.now() < by:
            report = audit_folder(self.neighbours.folder)
            if report.clean and not report.unsettled and not report.pending:
                return
            hub.wait_until(hub.now() + 0.5)
        raise StoryFailed(f"the offline books were not settled within {SETTLE_S_MAX:g} s")

    def _expect(self, holds: bool, what: str) -> None:
        if not holds:
            raise StoryFailed(f"expected: {what}")

    def _chapter(self, name: str, text: str) -> None:
        assert CHAPTERS[len(self.steps)] == name
        screen = self.desktop.screen
        self.steps.append(text)
        self.say(f"  {len(self.steps):>2}. {text}")
        if self.pictures:
            self.shots.append(self._draw(screen, PICTURES[len(self.steps) - 1]))

    def _draw(self, screen: Screen, name: str) -> str:
        if self.studio is None:
            from kiosk.ui.render import Studio

            self.studio = Studio(CACHE, self.desktop.sentences)
        self.studio.render(screen, self.desktop.panel, self.out / name)
        return name


def _ready(screen: Screen, rows: int, button: str) -> bool:
    """All rows are there, none is still being checked, and the one touch is offered."""
    offered = isinstance(screen.primary, Button) and screen.primary.id == button
    return offered and len(screen.rows) == rows and not any(row.icon.value == "wait" for row in screen.rows)


def _offline(screen: Screen) -> bool:
    return screen.name == "attract" and screen.banner is not None and screen.banner.icon is Icon.OFFLINE
