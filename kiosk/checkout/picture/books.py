"""Screens of books: on the pad, under way, done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kiosk.checkout.pad import Room, Standing, Verdict, room, verdicts
from kiosk.checkout.picture.lobby import reason_text
from kiosk.checkout.picture.parts import SPINES, Brush, banner, broken, person, remark, staff_button
from kiosk.checkout.picture.words import words
from kiosk.checkout.policy import Service, patience
from kiosk.checkout.receipt import qr_text, receipt
from kiosk.checkout.states import End, Phase, Slip, Task, Visit, Working
from kiosk.domain import Refusal
from kiosk.flow.devices import Paper
from kiosk.messages.records import Op
from kiosk.screen import Art, Banner, Button, Clip, Countdown, Headline, Icon, Qr, Row, Screen, Strip, Tone

STANDS = "checkout.security_failed"  # the note of a loan whose mark nobody could prove off


def at_pad(brush: Brush, visit: Visit) -> Screen:
    """Rows of what lies here. One primary: borrow, return, or what the hands are to do."""
    found = verdicts(brush.desk, brush.volatile)
    ok = [verdict for verdict in found if verdict.standing is Standing.OK]
    quota = room(brush.desk, visit, brush.durable, brush.volatile.links.online)
    returning = visit.service is Service.CHECKIN
    if not found:
        return _empty_pad(brush, visit, quota, returning)
    laid = any(verdict.item.uids for verdict in found)
    head = "pad.headline_return" if returning else "pad.headline" if laid else "pad.headline_scanned"
    primary = _crowd(brush, found) or (_return(brush, found) if returning else _borrow(brush, visit, found, quota))
    held = isinstance(primary, Strip) and primary.tone is Tone.CARE
    return brush.screen(
        "pad",
        steps=brush.steps("books" if returning or visit.reader else "card"),
        headline=Headline(text=brush.say(head), numeral=str(len(found)), unit=brush.say("pad.unit", n=len(found))),
        banner=banner(brush, _quota_banner(brush, visit, len(ok), quota)),
        person=None if returning else person(brush, _left(visit, brush, quota)),
        rows=tuple(_row(brush, verdict, returning, held) for verdict in found),
        hint=brush.say("pad.wrong_number") if laid else "",
        primary=primary,
        secondary=_pad_secondary(brush, visit, returning),
    )


def _left(visit: Visit, brush: Brush, quota: Room) -> str:
    """A number only for somebody who may borrow so many."""
    blocked = visit.reader is not None and visit.reader.known is not None and bool(visit.reader.known.blocks)
    return "" if quota.left is None or blocked else brush.say("patron.quota", n=quota.left)


def _empty_pad(brush: Brush, visit: Visit, quota: Room, returning: bool) -> Screen:
    if not returning and _may_not_borrow(visit, quota):
        return _nothing_to_lay(brush, visit, quota)
    scans = broken(brush, "pad")
    head = "checkin.place" if returning else "pad.empty"
    if scans:
        head = "checkin.scan" if returning else "pad.scan"
    sub = brush.say("pad.scan_sub" if scans else "pad.empty_sub", n=brush.desk.pad_items_max)
    strip = Strip(text=brush.say("pad.scan"), sub=brush.say("pad.scan_strip_sub"))
    secondary = [brush.button("cancel", "session.back" if returning else "session.finish", Icon.BACK)]
    if visit.reader is not None and brush.desk.offers(Service.ACCOUNT):
        secondary.append(brush.button("account", "home.account", Icon.LOANS))
    return brush.screen(
        "pad_empty",
        steps=brush.steps("books"),
        headline=Headline(text=brush.say(head), sub=sub),
        banner=banner(brush, _quota_banner(brush, visit, 0, quota)),
        person=None if returning else person(brush, _left(visit, brush, quota)),
        art=Art.SCAN if scans else Art.PAD,
        primary=strip if scans else Strip(text=brush.say("pad.empty"), sub=brush.say("card.strip_sub")),
        secondary=(*secondary, staff_button(brush)),
    )


def _may_not_borrow(visit: Visit, quota: Room) -> bool:
    known = visit.reader.known if visit.reader else None
    return bool(known and known.blocks) or quota.left == 0


def _nothing_to_lay(brush: Brush, visit: Visit, quota: Room) -> Screen:
    """Nobody who may not borrow is asked for books: what is open instead is a return, often the very way out."""
    takes = brush.desk.offers(Service.CHECKIN)
    finish = brush.button("cancel", "session.finish", Icon.BACK)
    returns = brush.button("to.checkin", "pad.to_return", Icon.RETURN)
    account = brush.button("account", "home.account", Icon.LOANS)
    return brush.screen(
        "pad_empty",
        steps=brush.steps("books"),
        headline=Headline(
            text=brush.say("declined.title"), sub=brush.say("declined.return_ok" if takes else "do.ask_desk")
        ),
        banner=banner(brush, _quota_banner(brush, visit, 0, quota)),
        person=person(brush, _left(visit, brush, quota)),
        art=Art.RESTING,
        primary=returns if takes else finish,
        secondary=(
            *((finish,) if takes else ()),
            *((account,) if brush.desk.offers(Service.ACCOUNT) else ()),
            staff_button(brush),
        ),
    )


def _quota_banner(brush: Brush, visit: Visit, wanted: int, quota: Room) -> Banner | None:
    """The reader's own blocks and limit, in plain words before the first failure."""
    if visit.service is not Service.CHECKOUT or visit.reader is None:
        return None
    known = visit.reader.known
    if known and known.blocks:
        return Banner(text=reason_text(brush, known.blocks[0]), icon=Icon.PERSON)
    if quota.left == 0:
        return Banner(text=reason_text(brush, quota.bound, limit=quota.limit), icon=Icon.PERSON)
    if quota.left is not None and wanted > quota.left:
        text = brush.say("patron.limit_partial", n=quota.left, over=wanted - quota.left)
        return Banner(text=text, icon=Icon.PERSON)
    if known and known.fee_fen:
        return Banner(text=brush.say("patron.fees_notice", amount=brush.yuan(known.fee_fen)), icon=Icon.FEE)
    return None


def _crowd(brush: Brush, found: Sequence[Verdict]) -> Strip | None:
    """More than the pad can vouch for is not dealt with: a book it missed would go out unlent."""
    if len(found) <= brush.desk.pad_items_max and not brush.volatile.pad_full:
        return None
    return Strip(
        text=brush.say("item.too_many"), sub=brush.say("item.place", n=brush.desk.pad_items_max), tone=Tone.CARE
    )


def _nothing_ok(brush: Brush, found: Sequence[Verdict]) -> Strip:
    if any(verdict.standing is Standing.CHECKING for verdict in found):
        return Strip(text=brush.say("word.checking"), sub=brush.say("word.moment"), tone=Tone.CARE)
    if all(verdict.standing is Standing.DONE for verdict in found):
        return Strip(text=brush.say("pad.all_done"), sub=brush.say("pad.all_done_sub"))
    if any(verdict.standing is Standing.DONE for verdict in found):
        return Strip(text=brush.say("pad.rest_not_ok"), sub=brush.say("pad.none_ok_sub"), tone=Tone.CARE)
    return Strip(text=brush.say("pad.none_ok"), sub=brush.say("pad.none_ok_sub"), tone=Tone.CARE)


def _go(brush: Brush, id_: str, key: str, icon: Icon, found: Sequence[Verdict]) -> Button | Strip:
    """The one button that starts everything on its list, and nothing else."""
    ids = tuple(verdict.item.id for verdict in found if verdict.standing is Standing.OK)
    if not ids:
        return _nothing_ok(brush, found)
    checking = sum(verdict.standing is Standing.CHECKING for verdict in found)
    sub = brush.say("pad.more_checked", n=checking) if checking else ""
    return Button(id=id_, text=brush.say(key, n=len(ids)), sub=sub, icon=icon, confirms=ids)


def _return(brush: Brush, found: Sequence[Verdict]) -> Button | Strip:
    return _go(brush, "checkin", "pad.return", Icon.RETURN, found)


def _borrow(brush: Brush, visit: Visit, found: Sequence[Verdict], quota: Room) -> Button | Strip:
    if visit.reader is None and broken(brush, "card"):
        return Strip(text=brush.say("card.away"), sub=brush.say("do.shelf_all"), tone=Tone.CARE)
    if visit.reader is None:
        return Strip(text=brush.say("pad.tap_card"), sub=brush.say("pad.tap_card_sub"))
    if _may_not_borrow(visit, quota):
        return Strip(text=brush.say("declined.title"), sub=brush.say("do.shelf_all"), tone=Tone.CARE)
    wanted = sum(verdict.standing is Standing.OK for verdict in found)
    if quota.left is not None and wanted > quota.left:
        text = brush.say("pad.too_many", over=wanted - quota.left)
        return Strip(text=text, sub=brush.say("do.shelf_all"), tone=Tone.CARE)
    return _go(brush, "borrow", "pad.borrow", Icon.NONE, found)


def _pad_secondary(brush: Brush, visit: Visit, returning: bool) -> tuple[Button, ...]:
    """Nothing that was done is undone by going: who has borrowed or returned does not "cancel"."""
    leave = "session.finish" if visit.lent or visit.taken_in else "session.cancel"
    buttons = [brush.button("cancel", leave, Icon.BACK)]
    if not returning and brush.desk.offers(Service.CHECKIN):
        buttons.append(brush.button("to.checkin", "pad.to_return", Icon.RETURN))
    return (*buttons, staff_button(brush))


def _row(brush: Brush, verdict: Verdict, returning: bool, held: bool) -> Row:
    """An item handled by its printed barcode cannot be taken off the pad: a touch on its row leaves it out."""
    row = _verdict_row(brush, verdict, returning, held)
    if verdict.item.uids:
        return row
    hint = row.remedy or brush.say("pad.remove_scanned")
    return replace(row, button=f"remove:{row.id}", remedy=hint, remedy_icon=row.remedy_icon or Icon.CROSS)


def _verdict_row(brush: Brush, verdict: Verdict, returning: bool, held: bool) -> Row:
    """Whether a book may be borrowed is for the library system to say, and it says so when it is asked to lend it
    (SIP2 tells reference copies from others by no field of its own). Where this machine decides by itself, it says so.

    `held`: nothing here goes on as it is, so that no row may look as if it did.
    """
    item = verdict.item
    row = Row(
        id=item.id,
        title=verdict.title or item.item or brush.say("word.unknown_book"),
        sub=verdict.call_number,
        spine=_spine(item.id),
    )
    match verdict.standing:
        case Standing.CHECKING:
            return _with(row, brush.say("word.moment"), brush.say("word.checking"), Icon.WAIT, Tone.PLAIN)
        case Standing.DONE:
            word = brush.say("word.accepted" if returning else "word.borrowed")
            return _with(row, "", word, Icon.CHECK, Tone.GO)
        case Standing.OK:
            if held:
                return _with(row, "", brush.say("word.recognised"), Icon.NONE, Tone.PLAIN)
            alone = "word.recognised" if brush.volatile.links.online else "word.can_borrow"
            row = _with(row, "", brush.say("word.can_return" if returning else alone), Icon.CHECK, Tone.GO)
            remark = "" if returning else _discs(brush, verdict.discs)
            return _problem(row, "", remark, Icon.DISC, Tone.CARE) if remark else row
        case Standing.NO:
            assert verdict.reason is not None
            return _no_row(brush, row, verdict, verdict.reason, Op.CHECKIN if returning else Op.CHECKOUT)


def _no_row(brush: Brush, row: Row, verdict: Verdict, reason: Refusal, op: Op) -> Row:
    said = words(reason, op)
    text = reason_text(brush, reason, op=op, n=verdict.missing or None)
    if reason is Refusal.ITEM_TAG_UNREADABLE:
        row = replace(row, title=brush.say(said.word), sub="", spine=-1)
    row = _with(row, "", brush.say(said.word), Icon.BANG, Tone.STOP)
    return _problem(row, text, *_remedy(brush, reason, op), Tone.STOP)


def _remedy(brush: Brush, reason: Refusal, op: Op) -> tuple[str, Icon]:
    """What to do about a refused book, the same before and after the library system refused it."""
    if _perhaps_own(brush, reason, op):
        return brush.say("do.return_here"), Icon.RETURN
    said = words(reason, op)
    return brush.say(said.remedy), said.icon


def _perhaps_own(brush: Brush, reason: Refusal | None, op: Op) -> bool:
    """A book that is still on loan may be the reader's own, brought back."""
    return reason is Refusal.ITEM_ON_LOAN_OTHER and op is Op.CHECKOUT and brush.desk.offers(Service.CHECKIN)


def _discs(brush: Brush, discs: int) -> str:
    """A disc is lent with its book, or waits at the desk, as the library has it."""
    if not discs:
        return ""
    if brush.desk.checkout.disc == "desk":
        return brush.say("item.cd_at_desk", place=brush.say("word.desk"))
    return brush.say("item.cd_check", n=discs)


def _with(row: Row, label: str, value: str, icon: Icon, tone: Tone) -> Row:
    return replace(row, label=label, value=value, icon=icon, tone=tone)


def _problem(row: Row, reason: str, remedy: str, icon: Icon, tone: Tone) -> Row:
    return replace(row, reason=reason, remedy=remedy, remedy_icon=icon, tone=tone)


def _spine(id_: str) -> int:
    return sum(id_.encode()) % SPINES


def working(brush: Brush, visit: Visit, view: Working) -> Screen:
    mine = [task for task in brush.volatile.tasks.values() if task.visit == visit.n]
    back = next((task for task in mine if task.phase is Phase.PUT_BACK), None)
    if back is not None:
        return _put_back(brush, mine, back)
    ended = sum(task.phase is Phase.ENDED for task in mine)
    slow = brush.now.mono - view.since >= brush.desk.times.slow_s
    title = brush.say("working.title")
    return brush.screen(
        "working",
        steps=brush.steps(_step(mine)),
        headline=Headline(text=title, numeral=str(ended), of=str(len(mine)), unit=brush.say("word.books")),
        banner=banner(brush),
        person=person(brush, "") if visit.service is not Service.CHECKIN else None,
        rows=tuple(_task_row(brush, task) for task in mine),
        hint=brush.say("system.slow") if slow else "",
        art=Art.STACK if len(mine) < 5 else Art.NONE,
        primary=Strip(text=brush.say("working.keep_still"), tone=Tone.CARE),
        secondary=(brush.button("leave", "working.leave", Icon.BACK), staff_button(brush)) if slow else (),
    )


def _step(mine: Sequence[Task]) -> str:
    return "choose" if mine and mine[0].op is Op.RENEW else "books"


def _put_back(brush: Brush, mine: Sequence[Task], back: Task) -> Screen:
    assert back.until is not None
    total_s = brush.desk.times.put_back_s
    unknown = back.proof.value == "unknown"
    others = tuple(_task_row(brush, task) for task in mine if task.id != back.id)
    why = brush.say("working.put_back_why_unknown" if unknown else "working.put_back_why")
    row = Row(
        id=back.id,
        title=back.title or back.item,
        sub=back.call_number,
        value=brush.say("word.put_back"),
        icon=Icon.BANG,
        tone=Tone.STOP,
        remedy=why,
        remedy_icon=Icon.BOOK,
        spine=_spine(back.item),
    )
    return brush.screen(
        "put_back",
        steps=brush.steps(_step(mine)),
        headline=Headline(text=brush.say("working.put_back_title")),
        banner=remark(brush),
        art=Art.PUT_BACK,
        rows=(row, *others),
        countdown=Countdown(left_s=max(0.0, back.until - brush.now.mono), total_s=total_s),
        primary=Strip(text=brush.say("working.put_back_strip"), tone=Tone.GO),
        secondary=(brush.button(f"skip:{back.id}", "working.skip", Icon.CROSS), staff_button(brush)),
        clip=Clip.ATTENTION,
    )


def _task_row(brush: Brush, task: Task) -> Row:
    title = task.title or task.item or brush.say("word.unknown_book")
    row = Row(id=task.id, title=title, sub=task.call_number, spine=_spine(task.item))
    match task.phase:
        case Phase.QUEUED:
            return _with(row, brush.say("word.queued"), brush.say("word.waiting"), Icon.QUEUED, Tone.PLAIN)
        case Phase.ENDED:
            return _ended_row(brush, row, task)
        case Phase.PUT_BACK:
            row = _with(row, "", brush.say("word.put_back"), Icon.BANG, Tone.STOP)
            return _problem(row, "", brush.say("working.put_back_strip"), Icon.BOOK, Tone.STOP)
        case Phase.ARMING | Phase.ASKING | Phase.SECURING | Phase.REARMING:
            return _with(row, brush.say("word.registering"), brush.say("word.working"), Icon.WAIT, Tone.PLAIN)


def _ended_row(brush: Brush, row: Row, task: Task) -> Row:
    """Every item: done, not done with the reason, or being confirmed with a reference."""
    if task.end is End.UNSURE:
        word = "word.accepted" if task.op is Op.CHECKIN else "word.confirming"
        row = _with(_to_bin(brush, row, task), "", brush.say(word), Icon.CLOCK, Tone.CARE)
        return _problem(row, "", brush.say(task.note, ref=task.detail[-8:]), Icon.CLOCK, Tone.CARE)
    if task.end is End.NOT_DONE:
        return _not_done_row(brush, row, task)
    row = _done_row(brush, row, task)
    remark = _remark(brush, task)
    return _problem(row, "", remark[0], remark[1], remark[2]) if remark else row


def _done_row(brush: Brush, row: Row, task: Task) -> Row:
    if task.op is Op.CHECKIN:
        return _with(_to_bin(brush, row, task), "", brush.say("word.returned"), Icon.CHECK, Tone.GO)
    label = "word.due_provisional" if task.offline else "word.due"
    due = brush.day(task.due) or brush.say("word.renewed" if task.op is Op.RENEW else "word.borrowed")
    return _with(row, brush.say(label), due, Icon.CHECK, Tone.GO)


def _not_done_row(brush: Brush, row: Row, task: Task) -> Row:
    if task.reason is None:
        row = _with(row, "", brush.say("word.not_done"), Icon.BANG, Tone.STOP)
        key = task.note or "say.service_away"
        reason = brush.say(key, title=row.title) if "title" in brush.sentences.fields(key) else brush.say(key)
        return _problem(row, "", reason, Icon.SHELF, Tone.STOP)
    said = words(task.reason, task.op)
    row = _with(row, "", brush.say(said.word), Icon.BANG, Tone.STOP)
    reason = reason_text(brush, task.reason, task.detail, op=task.op)
    return _problem(row, reason, *_remedy(brush, task.reason, task.op), Tone.STOP)


def _remark(brush: Brush, task: Task) -> tuple[str, Icon, Tone] | None:
    """What a reader should still know of an item that is done: gate, bin, late fee, discs."""
    answer = task.answer
    if task.note:
        key = task.note
        text = (
            brush.say(key, title=task.title or task.item) if "title" in brush.sentences.fields(key) else brush.say(key)
        )
        return text, Icon.BANG, Tone.CARE
    if answer is not None and task.op is Op.CHECKIN:
        if answer.hold:
            return brush.say("checkin.reserved"), Icon.BIN, Tone.CARE
        if answer.fee_fen:
            text = brush.say("checkin.overdue_fee", n=answer.days_late, amount=brush.yuan(answer.fee_fen))
            return text, Icon.FEE, Tone.CARE
        if answer.paused_until:
            text = brush.say("checkin.overdue_pause", n=answer.days_late, date=brush.day(answer.paused_until))
            return text, Icon.CLOCK, Tone.CARE
        return None
    if task.op is Op.CHECKOUT and task.discs:
        return _discs(brush, task.discs), Icon.DISC, Tone.CARE
    return None


def _to_bin(brush: Brush, row: Row, task: Task) -> Row:
    """Every book taken in says where it is to be put, whatever else there is to say of it."""
    bin_ = bin_of(brush, task) if task.op is Op.CHECKIN else ""
    return replace(row, sub=brush.say("done.bin", bin=brush.place(bin_))) if bin_ else row


def bin_of(brush: Brush, task: Task) -> str:
    """Which bin or trolley the returned book goes to, as this place calls it; the ILS's word comes first."""
    rules, answer = brush.desk.checkin, task.answer
    if answer is None:
        return rules.default_bin
    if answer.hold:
        return rules.hold_bin
    if answer.destination and answer.destination != brush.desk.place and rules.other_campus_bin:
        return rules.other_campus_bin
    return rules.bins.get(answer.bin, "") or rules.default_bin


def finished(brush: Brush, visit: Visit) -> Screen:
    mine = [task for task in brush.volatile.tasks.values() if task.visit == visit.n]
    good = [task for task in mine if task.end is not End.NOT_DONE]
    op = mine[0].op if mine else Op.CHECKOUT
    all_good = len(good) == len(mine) and bool(good)
    flawless = all_good and all(task.end is End.DONE and task.note != STANDS for task in mine)
    title = _finished_title(op, len(good), flawless)
    unit = {Op.CHECKIN: "done.unit_returned", Op.RENEW: "done.unit_renewed"}.get(op, "done.unit_borrowed")
    if any(task.end is End.UNSURE for task in mine):
        unit = "done.unit_accepted" if op is Op.CHECKIN else "done.unit_confirming"
    slip = receipt(brush.desk, brush.sentences, brush.volatile, brush.now) if good else None
    reader = visit.reader.known.name if visit.reader and visit.reader.known else ""
    # Problem books first: they are what the reader still has to act on.
    rows = sorted(mine, key=lambda task: task.end is not End.NOT_DONE)
    return brush.screen(
        "done",
        steps=brush.steps("done"),
        headline=Headline(
            text=brush.say(title),
            numeral=str(len(good)),
            of="" if all_good else str(len(mine)),
            unit=brush.say(unit),
            sub=reader,
            stamp=brush.say("done.stamp") if flawless and op is Op.CHECKOUT else "",
        ),
        banner=banner(brush, _done_banner(brush, visit, good)),
        rows=tuple(_task_row(brush, task) for task in rows),
        hint=brush.say("done.take") if op is Op.CHECKOUT and good else "",
        qr=Qr(content=qr_text(slip), text=brush.say("done.qr"), sub=brush.say("done.qr_sub")) if slip else None,
        primary=Button(
            id="finish",
            text=brush.say("done.finish"),
            icon=Icon.CHECK,
            ring_s=brush.desk.times.finished_s * patience(visit.modes),
        ),
        secondary=_done_secondary(brush, visit, mine, slip is not None),
        clip=Clip.DONE if flawless else Clip.ATTENTION,
    )


def _finished_title(op: Op, good: int, flawless: bool) -> str:
    if not good:
        return "done.title_none"
    if not flawless:
        return "done.title_some"
    return {Op.CHECKIN: "done.title_return", Op.RENEW: "done.title_renew"}.get(op, "done.title")


def _done_banner(brush: Brush, visit: Visit, good: Sequence[Task]) -> Banner | None:
    match visit.slip:
        case Slip.PRINTING:
            return Banner(text=brush.say("done.printing"), tone=Tone.GO, icon=Icon.PRINT)
        case Slip.PRINTED:
            return Banner(text=brush.say("done.printed"), tone=Tone.GO, icon=Icon.PRINT)
        case Slip.FAILED:
            return Banner(text=brush.say("done.print_failed"), icon=Icon.PRINT)
        case Slip.OFFERED:
            if any(task.offline and task.op is Op.CHECKOUT for task in good):
                return Banner(text=brush.say("done.offline_note"))
            return None


def _done_secondary(brush: Brush, visit: Visit, mine: Sequence[Task], slip: bool) -> tuple[Button, ...]:
    """At most three. What a row sends the reader to is among them."""
    op = mine[0].op if mine else Op.CHECKOUT
    own = any(_perhaps_own(brush, task.reason, task.op) for task in mine)
    renews = any(task.reason is Refusal.ITEM_ALREADY_YOURS for task in mine)
    buttons: list[Button] = []
    if slip and visit.slip is Slip.OFFERED and brush.volatile.paper in (Paper.READY, Paper.LOW):
        buttons.append(brush.button("print", "done.print", Icon.PRINT))
    if own:
        buttons.append(brush.button("to.checkin", "pad.to_return", Icon.RETURN))
    if op is not Op.RENEW and not (own and renews):
        again = "done.again_return" if op is Op.CHECKIN else "done.again"
        buttons.append(brush.button("again", again, Icon.PLUS))
    if visit.reader is not None and brush.desk.offers(Service.ACCOUNT) and (renews or not own):
        buttons.append(brush.button("account", "home.account", Icon.LOANS))
    return tuple(buttons)
