"""Screens around a visit: attract, card, PIN, a plain no, help, leftovers, the time-out and out of service."""

from __future__ import annotations

from dataclasses import replace

from kiosk.checkout.pad import PadItem, pad_items
from kiosk.checkout.picture.parts import SPINES, Brush, banner, blind, broken, machine_banner, remark, staff_button
from kiosk.checkout.picture.words import words
from kiosk.checkout.policy import Service, patience
from kiosk.checkout.states import AtPad, Declined, Left, PinEntry, Visit, WaitCard
from kiosk.domain import Refusal
from kiosk.domain.faults.journal import DISK_LOW, JOURNAL_FORKED
from kiosk.domain.faults.machine import NO_WAY_TO_READ
from kiosk.messages.records import Op
from kiosk.screen import Art, Banner, Button, Clip, Countdown, Headline, Icon, Keypad, Row, Screen, Strip, Tone

PIN_DIGITS_MAX = 12
_AWAY = (Refusal.SERVICE_AWAY, Refusal.OFFLINE_UNKNOWN_PATRON, Refusal.OFFLINE_NOT_HERE)
_CLEAR = {
    Left.LENT: "clear.lent",
    Left.NOT_LENT: "clear.not_lent",
    Left.TAKEN_IN: "clear.taken_in",
    Left.NOT_TAKEN_IN: "clear.not_taken_in",
    Left.UNKNOWN: "clear.unknown",
}
_CLEAR_ROW = {  # what became of a book, and where it goes
    Left.LENT: ("word.borrowed", "clear.take", Icon.CHECK, Tone.GO),
    Left.NOT_LENT: ("clear.word_not_lent", "clear.shelf", Icon.SHELF, Tone.CARE),
    Left.TAKEN_IN: ("word.accepted", "clear.bin", Icon.BIN, Tone.GO),
    Left.NOT_TAKEN_IN: ("clear.word_not_taken_in", "clear.again", Icon.BOOK, Tone.CARE),
    Left.UNKNOWN: ("clear.word_unknown", "clear.desk", Icon.DESK, Tone.CARE),
}
_CARD = (Refusal.PATRON_UNKNOWN, Refusal.PATRON_CARD_LOST, Refusal.PATRON_CARD_RANDOM, Refusal.PIN_LOCKED)


def empty(brush: Brush) -> Screen:
    """Nobody is here."""
    if brush.volatile.leftover:
        return _leftover(brush)
    shut = brush.volatile.shut
    if blind(brush):
        return _out_of_service(brush, NO_WAY_TO_READ.code)
    if "disk" in shut or (shut and not brush.desk.offers(Service.CHECKIN)):
        return _out_of_service(brush, (DISK_LOW if "disk" in shut else JOURNAL_FORKED).code)
    return _attract(brush)


def _attract(brush: Brush) -> Screen:
    desk = brush.desk
    lends = desk.offers(Service.CHECKOUT) and not brush.volatile.shut
    first = ("start.checkout", "home.start", Icon.BOOKS) if lends else ("start.checkin", "home.checkin", Icon.RETURN)
    others = [
        (Service.CHECKIN, "start.checkin", "home.checkin", Icon.RETURN),
        (Service.ACCOUNT, "start.account", "home.account", Icon.LOANS),
        (Service.RENEW, "start.renew", "home.renew", Icon.RENEW),
    ]
    secondary = [
        brush.button(id_, key, icon) for service, id_, key, icon in others if desk.offers(service) and id_ != first[0]
    ]
    lying = Banner(text=brush.say("card.left_behind"), icon=Icon.CARD) if brush.volatile.card_stale else None
    scans_back = broken(brush, "pad") and broken(brush, "card") and desk.offers(Service.CHECKIN)
    told, invitation = lying or machine_banner(brush), _invitation(brush, lends and not scans_back)
    return brush.screen(
        "attract",
        headline=replace(invitation, sub="") if told else invitation,
        art=Art.SHELF,
        banner=told,
        primary=brush.button(*first),
        secondary=tuple(secondary),
    )


def _invitation(brush: Brush, lends: bool) -> Headline:
    """What a reader may do here, with the parts that work."""
    if broken(brush, "pad"):
        return Headline(text=brush.say("home.invite_scan" if lends else "home.invite_scan_return"))
    kind = "home.invite" if lends else "home.invite_return"
    return Headline(text=brush.say(kind), sub=brush.say(f"{kind}_sub"))


def _leftover(brush: Brush) -> Screen:
    """What they are decides where they go. Books are named only where one sentence does not hold for all of them: a
    title says something of the reader who has left."""
    kinds = set(brush.volatile.leftover.values())
    mixed = len(kinds) > 1
    return brush.screen(
        "clear_pad",
        headline=Headline(
            text=brush.say("clear.title"), sub=brush.say("clear.mixed" if mixed else _CLEAR[next(iter(kinds))])
        ),
        art=Art.CLEAR_PAD,
        rows=tuple(_left_row(brush, item) for item in pad_items(brush.volatile.pad, None)) if mixed else (),
        primary=Strip(text=brush.say("clear.strip"), tone=Tone.CARE),
        clip=Clip.ATTENTION,
    )


def _left_row(brush: Brush, item: PadItem) -> Row:
    """A book whose tags do not agree is for people to tell."""
    kinds = {brush.volatile.leftover.get(uid, Left.UNKNOWN) for uid in item.uids}
    word, remedy, icon, tone = _CLEAR_ROW[kinds.pop() if len(kinds) == 1 else Left.UNKNOWN]
    title = item.hint.title if item.hint else ""
    return Row(
        id=item.id,
        title=title or item.item or brush.say("word.unknown_book"),
        sub=item.hint.call_number if item.hint else "",
        value=brush.say(word),
        icon=icon,
        tone=tone,
        remedy=brush.say(remedy),
        remedy_icon=icon,
        spine=sum(item.id.encode()) % SPINES,
    )


def _out_of_service(brush: Brush, reference: str) -> Screen:
    return brush.screen(
        "out_of_service",
        headline=Headline(text=brush.say("oos.title"), sub=brush.say("oos.sub")),
        art=Art.RESTING,
        notes=(
            brush.say("oos.safe"),
            brush.say("oos.safe_sub"),
            brush.say("say.card_needs_desk", phone=brush.desk.phone),
        ),
        reference=reference,
    )


def wait_card(brush: Brush, view: WaitCard) -> Screen:
    if broken(brush, "card"):
        return _no_card_reader(brush)
    own = Banner(text=brush.say(view.problem), icon=Icon.CARD) if view.problem else None
    return brush.screen(
        "card",
        steps=brush.steps("card"),
        headline=Headline(text=brush.say("card.title"), sub=brush.say("card.title_sub")),
        art=Art.CARD,
        banner=banner(brush, own),
        primary=Strip(text=brush.say("card.strip"), sub=brush.say("card.strip_sub")),
        secondary=(brush.button("cancel", "session.back", Icon.BACK), staff_button(brush)),
    )


def _no_card_reader(brush: Brush) -> Screen:
    """Nobody is asked for a card that nothing can read."""
    takes = brush.desk.offers(Service.CHECKIN)
    back = brush.button("cancel", "session.back", Icon.BACK)
    returns = brush.button("to.checkin", "pad.to_return", Icon.RETURN)
    return brush.screen(
        "card_away",
        headline=Headline(text=brush.say("card.away"), sub=brush.say("card.away_sub")),
        banner=remark(brush),
        art=Art.RESTING,
        notes=(
            *((brush.say("declined.return_ok"),) if takes else ()),
            brush.say("say.card_needs_desk", phone=brush.desk.phone),
            *((brush.say("declined.books"),) if brush.volatile.pad or brush.scanned else ()),
        ),
        primary=returns if takes else back,
        secondary=(*((back,) if takes else ()), staff_button(brush)),
    )


def identifying(brush: Brush) -> Screen:
    return brush.screen(
        "identifying",
        steps=brush.steps("card"),
        banner=remark(brush),
        headline=Headline(text=brush.say("identify.title"), sub=brush.say("identify.sub")),
        art=Art.CARD,
        primary=Strip(text=brush.say("card.reading"), tone=Tone.CARE),
        secondary=(brush.button("cancel", "session.cancel", Icon.BACK), staff_button(brush)),
    )


def pin(brush: Brush, view: PinEntry) -> Screen:
    return brush.screen(
        "pin",
        steps=brush.steps("card"),
        headline=Headline(
            text=brush.say("card.pin_title"),
            sub=_wrong_pin(brush, view) if view.wrong else brush.say("card.pin_hint"),
        ),
        banner=banner(brush),
        keypad=Keypad(
            title=brush.say("card.pin_title"),
            enter="pin",
            enter_text=brush.say("card.pin_enter"),
            digits_max=PIN_DIGITS_MAX,
        ),
        secondary=(brush.button("cancel", "session.cancel", Icon.BACK), staff_button(brush)),
        clip=Clip.ATTENTION if view.wrong else Clip.NONE,
    )


def _wrong_pin(brush: Brush, view: PinEntry) -> str:
    if view.tries_left is None:
        return brush.say("card.pin_wrong#plain")
    return brush.say("card.pin_wrong", n=view.tries_left)


def declined(brush: Brush, visit: Visit, view: Declined) -> Screen:
    """What happened, what to do, what is not affected; private wording, no loud colour."""
    title = "declined.title_away" if view.reason in _AWAY else "declined.title"
    title = "declined.title_card" if view.reason in _CARD else title
    away = view.reason is Refusal.SERVICE_AWAY
    reason = brush.say("say.patron_away") if away else reason_text(brush, view.reason, view.detail, view.minutes)
    notes = [brush.say("say.card_needs_desk", phone=brush.desk.phone)]
    takes = brush.desk.offers(Service.CHECKIN)
    if takes:
        notes.insert(0, brush.say("declined.return_ok"))
    if brush.volatile.pad or visit.scanned:
        notes.append(brush.say("declined.books"))
    returns = (brush.button("to.checkin", "pad.to_return", Icon.RETURN),) if takes else ()
    return brush.screen(
        "declined",
        headline=Headline(text=brush.say(title), sub=reason),
        banner=remark(brush),
        art=Art.CARD if view.reason in _CARD else Art.NONE,
        notes=tuple(notes),
        primary=Button(
            id="cancel",
            text=brush.say("session.finish"),
            ring_s=brush.desk.times.declined_s * patience(visit.modes),
            icon=Icon.CHECK,
        ),
        secondary=(brush.button("card.again", "session.retry", Icon.CARD), *returns, staff_button(brush)),
        clip=Clip.ATTENTION,
    )


def reason_text(
    brush: Brush,
    reason: Refusal,
    detail: str = "",
    minutes: int = 0,
    op: Op = Op.CHECKOUT,
    **fields: object,
) -> str:
    """The reason's sentence, its numbers taken from what is known; its plain form where a number is missing."""
    visit = brush.volatile.visit
    known = visit.reader.known if visit and visit.reader else None
    values: dict[str, object] = {
        "limit": known.limit if known and known.limit is not None else None,
        "n": known.overdue if known and known.overdue else None,
        "amount": brush.yuan(known.fee_fen) if known and known.fee_fen else None,
        "date": brush.day(detail or (known.until if known else "")) or None,
        "minutes": minutes or None,
        "phone": brush.desk.phone,
    }
    if reason is Refusal.OFFLINE_LIMIT:
        values["n"] = brush.desk.offline.items_per_patron
    values.update(fields)
    key = words(reason, op).reason
    needed = brush.sentences.fields(key)
    if any(values.get(name) is None for name in needed):
        return brush.say(f"{key}#plain")
    return brush.say(key, **{name: values[name] for name in needed})


def help_(brush: Brush, visit: Visit) -> Screen:
    modes = visit.modes
    voice = "help.voice_off" if modes.speech else "help.voice"
    return brush.screen(
        "help",
        headline=Headline(text=brush.say("help.title"), sub=brush.say("say.card_needs_desk", phone=brush.desk.phone)),
        banner=banner(brush),
        notes=(brush.say("help.card"), brush.say("help.books"), brush.say("help.gate")),
        primary=brush.button("back", "session.back", Icon.BACK),
        secondary=(
            brush.button("mode.speech", voice, Icon.SPEECH),
            brush.button("mode.mirrored", "help.mirror", Icon.REACH),
            staff_button(brush),
        ),
    )


def warning(brush: Brush, visit: Visit) -> Screen:
    """Sight and sound; a touch anywhere goes on. Says what is not borrowed."""
    assert visit.warned_until is not None
    left_s = max(0.0, visit.warned_until - brush.now.mono)
    text = _undone_yet(brush, visit)
    total_s = brush.desk.times.warning_s * patience(visit.modes)
    return brush.screen(
        "timeout",
        headline=Headline(text=brush.say("timeout.title"), sub=brush.say("timeout.touch")),
        countdown=Countdown(left_s=left_s, total_s=total_s, full_screen=True),
        notes=(text,),
        primary=brush.button("continue", "session.continue"),
        dark=True,
        clip=Clip.TIME,
        speech=brush.say("session.still_there", seconds=round(left_s)) + " " + text,
    )


def _undone_yet(brush: Brush, visit: Visit) -> str:
    """What lies here and has not been dealt with stays as it was, and the reader is told."""
    returning = visit.service is Service.CHECKIN
    settled = visit.taken_in if returning else visit.lent
    tags = {tag.item or tag.uid for tag in brush.volatile.pad} | set(visit.scanned)
    waiting = len(tags - settled) if isinstance(visit.view, AtPad) else 0
    if not waiting:
        return brush.say("timeout.plain")
    return brush.say("timeout.unreturned" if returning else "timeout.unlent", n=waiting)
