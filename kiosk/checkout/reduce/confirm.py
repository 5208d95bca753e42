"""A confirmed list becomes tasks: one for each row, and none for anything that was not on it. What lay there refused
is told at the end with the others, and nothing is done with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from kiosk.checkout.pad import PadItem, Standing, Verdict, offline_refusal, verdicts
from kiosk.checkout.policy import Service
from kiosk.checkout.reduce import session
from kiosk.checkout.reduce.turn import Turn
from kiosk.checkout.states import Account, AtPad, End, Phase, Slip, Task, Working
from kiosk.domain import ItemBarcode, Refusal, SecurityState
from kiosk.flow.devices import ARMED_S_MAX
from kiosk.messages.asks import ItemKnown
from kiosk.messages.records import Op


def borrow(turn: Turn, confirms: tuple[str, ...]) -> Turn:
    visit = turn.here
    ready = isinstance(visit.view, AtPad) and visit.service is Service.CHECKOUT and visit.reader is not None
    return _queue(turn, Op.CHECKOUT, confirms) if ready and turn.desk.offers(Service.CHECKOUT) else turn


def checkin(turn: Turn, confirms: tuple[str, ...]) -> Turn:
    if not isinstance(turn.here.view, AtPad) or not turn.desk.offers(Service.CHECKIN):
        return turn
    return _queue(turn.visit(service=Service.CHECKIN), Op.CHECKIN, confirms)


def renew(turn: Turn, confirms: tuple[str, ...]) -> Turn:
    reader = turn.here.reader
    if not isinstance(turn.here.view, Account) or reader is None or reader.known is None:
        return turn
    turn = forget_ended(turn)
    # A list that names a loan twice renews it once.
    for line in {line.item: line for line in reader.known.loans if line.item in confirms}.values():
        task = Task(
            id="",
            visit=turn.here.n,
            op=Op.RENEW,
            item=line.item,
            title=line.title,
            call_number=line.call_number,
            due_before=line.due,
            before=SecurityState.ABSENT,
        )
        turn = _put(turn, Op.RENEW, task)
    return _work(turn.visit(chosen=frozenset()))


def _queue(turn: Turn, op: Op, confirms: tuple[str, ...]) -> Turn:
    """One task for each confirmed row. What was not on the shown list never starts; what was on it and cannot be
    dealt with any more (lifted under the finger, found to be refused) is told as not done."""
    turn = forget_ended(turn)
    found = {verdict.item.id: verdict for verdict in verdicts(turn.desk, turn.volatile)}
    if len(found) > turn.desk.pad_items_max or turn.volatile.pad_full:
        return turn.visit(notice="item.too_many")
    for row in dict.fromkeys(confirms):
        verdict = found.get(row)
        if verdict is None:
            turn = _put(turn, op, _gone(turn, op, ItemBarcode(row)))
        elif verdict.standing is not Standing.DONE:
            turn = _put(turn, op, _task(turn, op, verdict))
    return _work(_with_refused(turn, op, confirms, found.values()))


def _with_refused(turn: Turn, op: Op, confirms: tuple[str, ...], found: Iterable[Verdict]) -> Turn:
    """A book that was refused on the pad ends as not done: the last screen names it, so that nobody takes it for lent,
    and its lying there is no reason to leave that screen."""
    for verdict in found if confirms else ():
        if verdict.standing is Standing.NO and verdict.item.id not in confirms:
            turn = _put(turn, op, _task(turn, op, verdict))
    return turn


def _task(turn: Turn, op: Op, verdict: Verdict) -> Task:
    """A row that is being looked up again was fit when it was confirmed: the library system decides."""
    item = verdict.item
    reason = Refusal.SERVICE_AWAY if verdict.busy else verdict.reason
    return Task(
        id="",
        visit=turn.here.n,
        op=op,
        item=item.item,
        owner=item.owner,
        title=verdict.title,
        call_number=verdict.call_number,
        uids=item.uids,
        before=_before(turn, op, item),
        discs=verdict.discs,
        offline_no=offline_refusal(turn.desk, item, Service.CHECKIN if op is Op.CHECKIN else Service.CHECKOUT),
        phase=Phase.ENDED if reason else Phase.QUEUED,
        end=End.NOT_DONE if reason else None,
        reason=reason,
    )


def _before(turn: Turn, op: Op, item: PadItem) -> SecurityState:
    """How its mark was before this machine wrote to it: one that we armed ourselves, for a return that did not come
    about, did not come armed, however many readers or power cuts ago that was (within ARMED_S_MAX)."""
    if not item.uids:
        return SecurityState.ABSENT
    since_ms = turn.now.wall_ms - round(ARMED_S_MAX * 1000)
    ours = [turn.durable.armed[uid] for uid in item.uids if uid in turn.durable.armed]
    states = {arming.before for arming in ours if arming.at_ms >= since_ms}
    if op is not Op.CHECKIN or item.security is not SecurityState.ON or not states:
        return item.security
    return states.pop() if len(states) == 1 else SecurityState.UNKNOWN


def _gone(turn: Turn, op: Op, item: ItemBarcode) -> Task:
    found = turn.volatile.lookups.get(item)
    return Task(
        id="",
        visit=turn.here.n,
        op=op,
        item=item,
        title=found.title if isinstance(found, ItemKnown) else "",
        call_number=found.call_number if isinstance(found, ItemKnown) else "",
        phase=Phase.ENDED,
        end=End.NOT_DONE,
        reason=Refusal.ITEM_LIFTED,
    )


def _put(turn: Turn, op: Op, task: Task) -> Turn:
    n = turn.volatile.asked + 1
    return turn.know(asked=n).task(replace(task, id=f"{turn.here.n}:{op}:{task.item}:{n}"))


def forget_ended(turn: Turn) -> Turn:
    left = {id_: task for id_, task in turn.volatile.tasks.items() if task.phase is not Phase.ENDED}
    return turn.know(tasks=left)


def _work(turn: Turn) -> Turn:
    if not any(task.visit == turn.here.n for task in turn.volatile.tasks.values()):
        return turn
    slow = turn.now.mono + turn.desk.times.slow_s
    return turn.visit(slip=Slip.OFFERED).view(Working(since=turn.now.mono)).wake(session.SLOW, slow)
