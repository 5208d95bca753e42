"""The desk with one promise broken each: what a hurried change could make of it. Every one must be caught by a walk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from kiosk.checkout import pad
from kiosk.checkout.picture import books
from kiosk.checkout.reduce import (
    confirm,
    ending,
    giveout,
    identify,
    marks,
    recover,
    session,
    takein,
    tasks,
    turn,
)
from kiosk.checkout.states import End, Phase, Reader, Stage, Task
from kiosk.domain import ItemBarcode, SecurityProof, SecurityState
from kiosk.flow.events import Answered
from kiosk.flow.step import AskAbout, AskReader, SendIntent
from kiosk.messages.asks import EffectGranted, ItemKnown
from kiosk.messages.records import Granted, Op, Outcome
from kiosk.screen import Button
from tests.property.checkout.walk import Walk
from tests.property.checkout.world import PEOPLE, World

Patch = Callable[[pytest.MonkeyPatch], None]
Story = Callable[[Walk], None]


@dataclass(frozen=True)
class Mutant:
    """`broken` is the promise (a pattern) that the walk must find breached."""

    name: str
    broken: str
    patch: Patch
    story: Story | None = None  # for what a random walk meets too seldom


def _wrap(where: Any, name: str, make: Callable[[Any], Any]) -> Patch:
    return lambda patch: patch.setattr(where, name, make(getattr(where, name)))


def _release_before_grant(begin: Any) -> Any:
    def early(t: Any, task: Task) -> Any:
        t = begin(t, task)
        now = t.volatile.tasks.get(task.id)
        if now is None or now.phase is not Phase.ASKING or not now.uids:
            return t
        return marks.order(t, now, Phase.ASKING, SecurityState.OFF)

    return early


def _ask_again(resume: Any) -> Any:
    def again(t: Any, obligation: Any) -> Any:
        if obligation.stage is not Stage.ASKED or obligation.op is not Op.CHECKOUT:
            return resume(t, obligation)
        task = Task(
            id=f"recover:{obligation.key}",
            visit=0,
            op=obligation.op,
            item=obligation.item,
            title="",
            key=obligation.key,
            phase=Phase.ASKING,
        )
        return ending.send(t.task(task), obligation.key)

    return again


def _whole_pad(queue: Any) -> Any:
    def everything(t: Any, op: Op, confirms: tuple[str, ...]) -> Any:
        return queue(t, op, tuple(v.item.id for v in pad.verdicts(t.desk, t.volatile)))

    return everything


def _trusting(released: Any) -> Any:
    def believe(t: Any, task: Task) -> Any:
        if task.proof is SecurityProof.UNKNOWN:
            return giveout._delivered(t, task, SecurityProof.PROVEN, "")
        return released(t, task)

    return believe


def _called_returned(accepted: Any) -> Any:
    def lie(t: Any, task: Task, reference: str = "") -> Any:
        t = accepted(t, task, reference)
        ended = t.volatile.tasks.get(task.id)
        return t if ended is None else t.task(ended, end=End.DONE, note="")

    return lie


def _drop_return(accepted: Any) -> Any:
    def drop(t: Any, task: Task, reference: str = "") -> Any:
        t = ending.final(t, task, Outcome.CANCELLED, proof=task.proof)
        return ending.ended(t, task, End.NOT_DONE)

    return drop


def _forget_leftovers(end: Any) -> Any:
    return lambda t: end(t).know(leftover={})


def _keep_titles(end: Any) -> Any:
    def keep(t: Any) -> Any:
        titles = {id_: task.title for id_, task in t.volatile.tasks.items()}
        t = end(t)
        return t.know(tasks={id_: replace(task, title=titles[id_]) for id_, task in t.volatile.tasks.items()})

    return keep


def _any_card(card: Any) -> Any:
    return lambda t, event: card(t.know(card_stale=False), event)


def _any_answer(answered: Any) -> Any:
    """The answer that comes is taken for the one that is waited for."""

    def whoever(t: Any, corr: str, answer: Any, who: Any = None) -> Any:
        view = t.volatile.visit.view if t.volatile.visit else None
        return answered(t, getattr(view, "corr", corr) or corr, answer, who)

    return whoever


def _one_part_speaks_for_all(judge: Any) -> Any:
    def hasty(t: Any) -> Any:
        for task in tuple(t.volatile.tasks.values()):
            states = {tag.security for tag in t.volatile.pad if tag.item == task.item}
            if task.recovering and task.phase is Phase.PUT_BACK and states == {SecurityState.ON}:
                t = giveout._undone(t, task)
        return t

    return hasty


def _answer_twice(answered: Any) -> Any:
    """The phase of the task is not looked at: a second answer is acted upon like the first."""

    def again(t: Any, key: Any, answer: Any) -> Any:
        task = tasks._task_of(t, key)
        if task is not None and task.phase is Phase.ENDED:
            t = t.task(task, phase=Phase.ASKING)
        return answered(t, key, answer)

    return again


def _always_starts(settle: Any) -> Any:
    return lambda t: settle(t.know(ui=True)).know(ui=t.volatile.ui)


def _count_nothing(room: Any) -> Any:
    def generous(desk: Any, visit: Any, durable: Any, online: bool) -> Any:
        visit = None if visit is None else replace(visit, given=0, given_alone=0)
        return room(desk, visit, replace(durable, offline_loans={}), online)

    return generous


def _without_count(patch: pytest.MonkeyPatch) -> None:
    for where in (giveout, books):
        patch.setattr(where, "room", _count_nothing(pad.room))


def _late_grant_written(confirmed: Any) -> Any:
    """A grant that came after the key was cancelled is written down and acted upon."""

    def act(t: Any, task: Task, answer: Any) -> Any:
        if task.phase is Phase.ENDED and task.end is End.NOT_DONE and task.key:
            return giveout._hand_over(t.write(Granted(key=task.key)), replace(task, phase=Phase.ASKING))
        return confirmed(t, task, answer)

    return act


def _drop_vanished(queue: Any) -> Any:
    def only_found(t: Any, op: Op, confirms: tuple[str, ...]) -> Any:
        here = {v.item.id for v in pad.verdicts(t.desk, t.volatile)}
        return queue(t, op, tuple(row for row in confirms if row in here))

    return only_found


def _keep_reader(begin: Any) -> Any:
    """The next visit begins with the reader of the one before."""
    last: list[Reader] = []

    def begin_known(t: Any, view: Any, service: Any) -> Any:
        t = begin(t, view, service)
        return t.visit(reader=last[-1]) if last else t

    end = session.end

    def remember(t: Any) -> Any:
        if t.here.reader is not None:
            last.append(t.here.reader)
        return end(t)

    begin_known.remember = remember  # type: ignore[attr-defined]
    return begin_known


def _open_anyway(hand_over: Any) -> Any:
    def release(t: Any, task: Task) -> Any:
        if giveout._waits(t, task) or not task.uids:
            return hand_over(t, task)
        return giveout._release(t, replace(task, proof=SecurityProof.NOT_WRITTEN))

    return release


def _with_reader(patch: pytest.MonkeyPatch) -> None:
    begin = _keep_reader(session.begin)
    patch.setattr(session, "begin", begin)
    patch.setattr(session, "end", begin.remember)


def _not_busy(verdict: Any) -> Any:
    return lambda view, item, lookup: verdict(replace(view, busy=frozenset()), item, lookup)


def _no_mark_timer(wake: Any) -> Any:
    return lambda self, name, at: self if name.startswith(marks.TIMER) else wake(self, name, at)


def _borrow(walk: Walk, *uids: str) -> None:
    """Reader A puts books down and presses the button; nothing has been answered yet."""
    _put(walk, *uids)
    walk.main_button()


def _put(walk: Walk, *uids: str) -> None:
    world = walk.world
    walk.links_up()
    for uid in uids:
        world.tags[uid].on_pad = True
    walk.notice()
    walk.oracle.laid_down(world, "A")
    walk.hear(world.lay_card(PEOPLE[0]))
    _answer_all(walk)


def _answer_all(walk: Walk) -> None:
    """The gateway knows the reader and every item, and says yes."""
    world = walk.world
    for question in tuple(world.questions):
        world.questions.remove(question)
        walk.hear(Answered(corr=question.corr, answer=_yes(world, question.ask)))


def _yes(world: World, ask: Any) -> Any:
    match ask:
        case AskReader(want=want):
            return PEOPLE[0].known(1, want)
        case AskAbout(item=item):
            return ItemKnown(item=ItemBarcode(item), title=f"book-{item}.")
        case SendIntent(key=key):
            return EffectGranted(key=key, due="2026-12-22")
        case _:
            return None


def _half_a_set_carried_off(walk: Walk) -> None:
    """The power fails with one part switched; in the dark that part is taken away."""
    _borrow(walk, "S1", "S2")
    _answer_all(walk)
    world = walk.world
    world.tags["S1"].mark, world.tags["S1"].gone = SecurityState.OFF, True
    world.orders.clear()
    walk.before_boot()
    world.boot()
    walk.come_to_rest()


def _taken_up_by_the_next(walk: Walk) -> None:
    """A write nobody saw, the book lifted, its reader gone; the next one puts it down again while it is being armed."""
    world = walk.world
    _borrow(walk, "T1")
    _answer_all(walk)
    walk.hear(world.serve(world.orders[0], "deaf"))
    world.tags["T1"].on_pad = False
    walk.notice()
    walk.hear(world.serve(world.orders[0], "all"))
    walk.screen_dies()
    world.advance(11.0)
    walk.screen_dies()
    walk.hear(world.lay_card(None))
    _borrow(walk, "T1")
    walk.come_to_rest()


def _screen_gone_between_two_books(walk: Walk) -> None:
    _borrow(walk, "T1", "T2")
    walk.screen_dies()
    _answer_all(walk)
    walk.come_to_rest()


def _granted_after_leaving(walk: Walk) -> None:
    _borrow(walk, "T1")
    walk.screen_dies()
    walk.world.questions[0].until += 60.0
    walk.world.timers = {name: at for name, at in walk.world.timers.items() if not name.startswith("key:")}
    walk.world.advance(11.0)
    _answer_all(walk)
    walk.come_to_rest()


def _lifted_under_the_finger(walk: Walk) -> None:
    world = walk.world
    _put(walk, "T1", "T2")
    button = world.screen.primary if world.screen else None
    assert isinstance(button, Button)
    world.tags["T2"].on_pad = False
    walk.hear(world.pad_now(), world.touched(button.id, button.confirms))
    _answer_all(walk)
    for order in tuple(world.orders):
        walk.hear(world.serve(order, "all"))
    walk.come_to_rest()


def _lifted_while_it_is_armed(walk: Walk) -> None:
    """The mark of a return is on, and the pad has told that the book is gone before it tells of the mark."""
    world = walk.world
    walk.links_up()
    world.tags["T1"].mark, world.tags["T1"].on_pad = SecurityState.OFF, True
    walk.notice()
    walk.hear(world.touched("to.checkin", ()))
    _answer_all(walk)
    button = world.screen.primary if world.screen else None
    assert isinstance(button, Button)
    walk.hear(world.touched(button.id, button.confirms))
    armed = world.serve(world.orders[0], "all")
    world.tags["T1"].on_pad = False
    walk.hear(world.pad_now())
    walk.hear(world.pad_now())
    walk.hear(armed)
    walk.come_to_rest()


def _cut_before_the_answer(walk: Walk) -> None:
    _borrow(walk, "T1")
    walk.before_boot()
    walk.world.boot()
    _answer_all(walk)
    walk.come_to_rest()


def _identity(_: Any) -> Any:
    return lambda t: t


def _always(_: Any) -> Any:
    return lambda t, task: True


MUTANTS = (
    Mutant(
        "release before the grant",
        "the mark goes off only",
        _wrap(giveout, "begin", _release_before_grant),
    ),
    Mutant(
        "undo without proof", "undone only with the mark", _wrap(marks, "proven", lambda _: lambda task, state: True)
    ),
    Mutant(
        "ask again on restart", "void after a restart", _wrap(recover, "_resume", _ask_again), _cut_before_the_answer
    ),
    Mutant(
        "confirm list ignored",
        "only confirmed rows|one end",
        _wrap(confirm, "_queue", _whole_pad),
    ),
    Mutant(
        "a write nobody saw is believed",
        "delivered only with the mark",
        _wrap(giveout, "_released", _trusting),
    ),
    Mutant(
        "accepted is called returned",
        "only booked returns",
        _wrap(takein, "accepted", _called_returned),
    ),
    Mutant(
        "a return without an answer is dropped", "a return is never undone", _wrap(takein, "accepted", _drop_return)
    ),
    Mutant(
        "leftovers are open to the next",
        "left books|another's screen",
        _wrap(session, "end", _forget_leftovers),
    ),
    Mutant(
        "titles are kept after the visit",
        "no title is kept",
        _wrap(session, "end", _keep_titles),
    ),
    Mutant(
        "a card left lying logs in",
        "only a card laid down",
        _wrap(identify, "card", _any_card),
    ),
    Mutant(
        "any answer is the one waited for",
        "taken for somebody else",
        _wrap(identify, "answered", _any_answer),
    ),
    Mutant(
        "one part of a set speaks for all",
        "undone only with the mark",
        _wrap(recover, "_judge", _one_part_speaks_for_all),
        _half_a_set_carried_off,
    ),
    Mutant(
        "an answer is acted upon twice",
        "a key ends once",
        _wrap(tasks, "_answered", _answer_twice),
    ),
    Mutant(
        "books start without a screen",
        "sees no screen",
        _wrap(tasks, "settle", _always_starts),
        _screen_gone_between_two_books,
    ),
    Mutant(
        "the journal's doubt is ignored",
        "journal in doubt|full disk",
        _wrap(tasks, "_refuse_queued", _identity),
    ),
    Mutant(
        "offline loans are not counted",
        "offline loans keep",
        _without_count,
    ),
    Mutant(
        "nobody asks whether the reader waits",
        "behind its reader's back",
        _wrap(giveout, "_hand_over", _open_anyway),
        _granted_after_leaving,
    ),
    Mutant(
        "a late grant lends after all",
        "cancelled|ends once|behind|mark goes off|ended key",
        _wrap(giveout, "confirmed_late", _late_grant_written),
    ),
    Mutant(
        "a lifted book is taken in",
        "taken in that is not there",
        _wrap(marks, "listed", _always),
        _lifted_while_it_is_armed,
    ),
    Mutant(
        "the idle clock stands still",
        "no visit lasts",
        _wrap(session, "idle", _identity),
    ),
    Mutant("a vanished row is dropped", "one end", _wrap(confirm, "_queue", _drop_vanished), _lifted_under_the_finger),
    Mutant(
        "the reader before is still there",
        "logs in|another's|kept",
        _with_reader,
    ),
    Mutant(
        "an item under way may start again",
        "one item has one open key",
        _wrap(pad, "_verdict", _not_busy),
        _taken_up_by_the_next,
    ),
    Mutant(
        "a silent pad is waited for for ever",
        "lasts for ever|owed|exactly one final",
        _wrap(turn.Turn, "wake", _no_mark_timer),
    ),
)
