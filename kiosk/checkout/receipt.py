"""The slip: what was borrowed or returned, for the reader alone. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from kiosk.checkout.policy import Desk
from kiosk.checkout.states import End, Task, Volatile
from kiosk.flow.orders import Receipt, ReceiptLine
from kiosk.flow.step import Now
from kiosk.messages.records import Op
from kiosk.screen import Sentences

LAST_DIGITS = 4
_SURE = {Op.CHECKOUT: "done.unit_borrowed", Op.RENEW: "done.unit_renewed", Op.CHECKIN: "done.unit_returned"}
_UNSURE = {Op.CHECKOUT: "done.unit_borrowed", Op.RENEW: "done.unit_confirming", Op.CHECKIN: "done.unit_accepted"}
_UNSURE_LINE = {
    Op.CHECKOUT: "word.confirming",
    Op.RENEW: "word.confirming",
    Op.CHECKIN: "checkin.accepted_short",
}


def receipt(desk: Desk, sentences: Sentences, volatile: Volatile, now: Now) -> Receipt:
    """The receipt of the running visit: what was done, nothing that was refused."""
    visit = volatile.visit
    assert visit is not None, "a receipt needs a visit"
    tasks = [task for task in volatile.tasks.values() if task.visit == visit.n and task.end in (End.DONE, End.UNSURE)]
    op = tasks[0].op if tasks else Op.CHECKOUT
    returning = op is Op.CHECKIN
    lang = visit.lang

    def say(key: str, **fields: object) -> str:
        return sentences.say(lang, key, **fields)

    unsure = any(task.end is End.UNSURE for task in tasks)
    count_key = _UNSURE[op] if unsure else _SURE[op]
    notes = [say("receipt.provisional")] if any(task.offline for task in tasks) else []
    notes += [say("gate.alarm_hint")] if any(task.note for task in tasks) and not returning else []
    when = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=now.wall_ms, minutes=desk.utc_offset_min)
    reader = visit.reader
    return Receipt(
        library=desk.library[0] if lang == "zh" else desk.library[1],
        title=say("receipt.title_return" if returning else "receipt.title_loan"),
        time=when.strftime("%Y-%m-%d %H:%M"),
        reader=_masked(reader.known.name, reader.known.patron) if reader and reader.known and not returning else "",
        lines=tuple(_line(desk, task, say, n) for n, task in enumerate(tasks, start=1)),
        count=f"{len(tasks)} {say(count_key)}",
        notes=tuple(notes),
        reference=_reference(tasks),
    )


def _masked(name: str, number: str) -> str:
    return f"{name} ****{number[-LAST_DIGITS:]}"


def _line(desk: Desk, task: Task, say: Callable[[str], str], n: int) -> ReceiptLine:
    titled = desk.checkout.receipt_titles and bool(task.title)
    due, word = ("", "")
    if task.end is End.UNSURE:
        word = say(_UNSURE_LINE[task.op])
    elif task.due:
        due, word = task.due, say("word.due_provisional" if task.offline else "word.due")
    return ReceiptLine(
        title=task.title if titled else task.item if desk.checkout.receipt_titles else f"{n}. {task.item}",
        due=due,
        word=word,
        call_number=task.call_number if titled else "",
        item=task.item if titled else "",
    )


def _reference(tasks: list[Task]) -> str:
    """The last key of the batch: what the desk searches for in a dispute."""
    return next((task.key for task in reversed(tasks) if task.key), "") or ""


def qr_text(slip: Receipt) -> str:
    """The receipt as plain text for a phone: works without any network or account."""
    lines = [f"{line.title} {line.due or line.word}".strip() for line in slip.lines]
    return "\n".join([slip.library, slip.title, slip.time, *lines, slip.count, slip.reference])
