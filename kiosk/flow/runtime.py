"""The loop of a machine's core: take what is waiting, decide each, one commit for all, then act, then show.

Single-threaded: one task owns the state and the journal. Everything else (drivers, uplink, ui) posts events from its
own task and is told what to do through `act`, which must not block.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Generic, TypeVar

from drivers.clock import Hub, Mailbox
from kiosk.flow.events import JournalState, Touched, Woke
from kiosk.flow.step import Draft, Now, Private, Reducer, WakeAt
from kiosk.journal import ForkSuspected, Journal
from kiosk.messages.records import Body, Intent
from kiosk.screen import Button, Row, Screen, Touch

D = TypeVar("D")
V = TypeVar("V")

EVENTS_WAITING_MAX: Final = 4096
EVENTS_A_TURN_MAX: Final = 64
QUIET_S: Final = 5.0  # without events for so long the journal may do its housekeeping
FOREVER: Final = float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptIn:
    """A receipt of the gateway: moves the watermark, is no event of the reducer."""

    through: int
    head: str
    wall_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _TouchIn:
    touch: Touch


class _Stop:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """What the loop reaches the world through, all called in the loop's own task.

    `hear` turns what was posted into the reducer's events (it may read the journal), `seal` writes the bond of an
    intent into a box for the gateway, `act` must not block.
    """

    hear: Callable[[Any], Sequence[Any]]

    seal: Callable[[Private], Intent]
    act: Callable[[Any], None]
    show: Callable[[Screen], None]
    committed: Callable[[], None]


class Runtime(Generic[D, V]):
    """One machine. `start` spawns the loop; `post` may be called from any task."""

    def __init__(
        self, *, hub: Hub, journal: Journal, reducer: Reducer[D, V], durable: D, volatile: V, edge: Edge
    ) -> None:
        self._hub = hub
        self._journal = journal
        self._reducer = reducer
        self._edge = edge
        self._inbox: Mailbox[Any] = hub.mailbox(EVENTS_WAITING_MAX)
        self._timers: dict[str, float] = {}
        self._low_disk = False
        self._unkept = False  # records since the last housekeeping
        self.durable = durable
        self.volatile = volatile
        self.screen: Screen | None = None

    def post(self, event: Any) -> None:
        """An event for the reducer."""
        self._inbox.put(event)

    def touch(self, touch: Touch) -> None:
        """A touch as the ui sent it; dropped unless its button is on the screen that is shown."""
        self._inbox.put(_TouchIn(touch=touch))

    def receipt(self, *, through: int, head: str, wall_ms: int) -> None:
        self._inbox.put(ReceiptIn(through=through, head=head, wall_ms=wall_ms))

    def stop(self) -> None:
        """Ends the loop after what is already waiting."""
        self._inbox.put(_Stop())

    def run(self, *first: Any) -> None:
        """The loop; returns after `stop`. `first` are handled before anything else. Raises what the journal raises."""
        self._turn(list(first))
        while True:
            events, stopping = self._wait()
            if events:
                self._turn(events)
            if stopping:
                return

    def _wait(self) -> tuple[list[Any], bool]:
        """Up to EVENTS_A_TURN_MAX events, with the timers that are due, and whether to stop."""
        due = min(self._timers.values(), default=FOREVER)
        quiet = self._hub.now() + QUIET_S if self._unkept else FOREVER
        item = self._inbox.get(min(due, quiet, self._hub.now() + 3600.0))
        events: list[Any] = []
        stopping = False
        while item is not None:
            if isinstance(item, _Stop):
                stopping = True
                break
            events.append(item)
            if len(events) >= EVENTS_A_TURN_MAX or not len(self._inbox):
                break
            item = self._inbox.get(self._hub.now())
        now = self._hub.now()
        for name in sorted(name for name, at in self._timers.items() if at <= now):
            del self._timers[name]
            events.append(Woke(name=name))
        if not events and not stopping and now >= quiet:
            self._journal.checkpoint()
            self._unkept = False
        return events, stopping

    def _turn(self, events: list[Any]) -> None:
        drafts: list[Body] = []
        commands: list[Any] = []
        now = self._now()
        for event in events:
            for real in self._real(event):
                self._decide(real, now, drafts, commands)
        if drafts:
            self._journal.append(drafts)
            self._unkept = True
        commands += self._disk_state(now)
        for command in commands:
            if isinstance(command, WakeAt):
                self._set_timer(command)
            else:
                self._edge.act(command)
        if drafts:
            self._edge.committed()  # wakes a task that would hold up the question these records may have led to
        self._draw()

    def _real(self, event: Any) -> Sequence[Any]:
        """Platform events are handled here; the rest is for the reducer."""
        match event:
            case ReceiptIn():
                try:
                    self._journal.receipt(event.through, event.head, event.wall_ms)
                except ForkSuspected as error:
                    return [JournalState(ok=False, why=str(error))]
                self._unkept = True
                return []
            case _TouchIn(touch=touch):
                return [Touched(touch=touch)] if self._is_shown(touch) else []
            case _:
                return self._edge.hear(event)

    def _decide(self, event: Any, now: Now, bodies: list[Body], commands: list[Any]) -> None:
        step = self._reducer.decide(self.durable, self.volatile, event, now)
        for draft in step.records:
            body = self._sealed(draft)
            bodies.append(body)
            self.durable = self._reducer.evolve(self.durable, body)
        self.volatile = step.volatile
        commands.extend(step.commands)

    def _sealed(self, draft: Draft) -> Body:
        return self._edge.seal(draft) if isinstance(draft, Private) else draft

    def _disk_state(self, now: Now) -> list[Any]:
        """Running low is told to the reducer once: it finishes what was begun and begins nothing new."""
        if self._journal.low_disk == self._low_disk:
            return []
        self._low_disk = self._journal.low_disk
        more: list[Any] = []
        bodies: list[Body] = []
        self._decide(JournalState(ok=not self._low_disk, why="disk"), now, bodies, more)
        if bodies:
            self._journal.append(bodies)
        return more

    def _set_timer(self, command: WakeAt) -> None:
        if command.at is None:
            self._timers.pop(command.name, None)
        else:
            self._timers[command.name] = command.at

    def _draw(self) -> None:
        screen = self._reducer.picture(self.durable, self.volatile, self._now())
        turn = self.screen.turn if self.screen else 0
        if self.screen is not None and replace(screen, turn=turn) == self.screen:
            return
        self.screen = replace(screen, turn=turn + 1)
        self._edge.show(self.screen)

    def _is_shown(self, touch: Touch) -> bool:
        """A touch on an older screen still counts where its button is there with the same list to confirm."""
        screen = self.screen
        if screen is None:
            return False
        if screen.countdown is not None and screen.countdown.full_screen:
            return True
        if touch.button == "tech.enter":
            return True
        button = next((b for b in buttons_of(screen) if b.id == touch.button), None)
        if button is None:
            return False
        return touch.turn == screen.turn or touch.confirms == button.confirms

    def _now(self) -> Now:
        return Now(mono=self._hub.now(), wall_ms=round(self._hub.wall() * 1000))


def buttons_of(screen: Screen) -> list[Button]:
    """Everything on a screen that can be touched, as buttons."""
    found = [*screen.secondary, *screen.dock]
    if isinstance(screen.primary, Button):
        found.append(screen.primary)
    if screen.keypad is not None:
        found.append(Button(id=screen.keypad.enter, text=screen.keypad.enter_text))
    found += [Button(id=tile.button, text=tile.name) for tile in screen.tiles if tile.button]
    found += [_row_button(row) for row in screen.rows if row.button]
    return found


def _row_button(row: Row) -> Button:
    return Button(id=row.button, text=row.title)
