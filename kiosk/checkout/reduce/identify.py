"""From a card to a reader, online or by the snapshot. A second card never takes over a visit."""

from __future__ import annotations

from dataclasses import replace

from kiosk.checkout.policy import Service
from kiosk.checkout.reduce import items, session
from kiosk.checkout.reduce.turn import Turn
from kiosk.checkout.states import (
    Account,
    AtPad,
    Declined,
    Finished,
    Help,
    Identifying,
    PinEntry,
    Reader,
    Visit,
    WaitCard,
    Working,
)
from kiosk.domain import Pseudonym, Refusal
from kiosk.flow.devices import CardShown, Scanned
from kiosk.flow.events import PartHealth
from kiosk.flow.step import AskReader
from kiosk.messages.asks import PatronHint, PatronKnown, PatronRefused, Unavailable, Want

WHO = "who:"
LOANS = "loans:"


def card(turn: Turn, event: CardShown) -> Turn:
    """A card that was left lying logs nobody in, however often its reader tells of it: it must be lifted first."""
    if turn.volatile.card_stale and turn.volatile.card_lies == event.pseudonym:
        return turn
    turn = turn.know(card_lies=event.pseudonym, card_stale=False)
    if session.is_technician(turn.volatile):
        return turn
    if event.random and not _returning(turn):
        return _declined(turn, Refusal.PATRON_CARD_RANDOM) if _may_identify(turn) else turn
    return _shown(turn, event.card, "", event.pseudonym, event.hint)


def card_gone(turn: Turn) -> Turn:
    """Lifted; or the card reader failed, and then nobody knows."""
    health = turn.volatile.parts.get("card", PartHealth.OK)
    if health in (PartHealth.MUTE, PartHealth.GONE):
        return turn.know(card_stale=turn.volatile.card_lies is not None)
    return turn.know(card_lies=None, card_stale=False)


def number(turn: Turn, event: Scanned) -> Turn:
    if event.pseudonym is None:
        return turn
    return _shown(turn, "", event.text, event.pseudonym, event.patron_hint)


def _may_identify(turn: Turn) -> bool:
    """Somebody may come forward: nobody is known yet and nothing is under way."""
    visit = turn.volatile.visit
    if turn.volatile.leftover:
        return False
    if visit is None:
        return True
    return visit.reader is None and isinstance(visit.view, WaitCard | AtPad | Declined | PinEntry | Help | Finished)


def _returning(turn: Turn) -> bool:
    """Returns need no card, and no card disturbs them."""
    visit = turn.volatile.visit
    return visit is not None and visit.service is Service.CHECKIN and isinstance(visit.view, AtPad | Finished)


def _shown(turn: Turn, card_: str, number_: str, who: Pseudonym, hint: PatronHint | None) -> Turn:
    if not _may_identify(turn):
        return _another_card(turn, who)
    if turn.volatile.visit is None:
        turn = session.begin(turn, WaitCard(), session.card_service(turn))
    view = turn.here.view
    if isinstance(view, PinEntry) and view.pseudonym == who:
        return session.stir(turn)
    if _returning(turn):
        return session.stir(turn.visit(notice="checkin.no_card"))
    if isinstance(view, Help):
        turn = turn.visit(service=session.card_service(turn))
    if turn.desk.checkout.ask_pin:
        return session.show(turn, PinEntry(card=card_, number=number_, pseudonym=who, hint=hint))
    return ask(turn, card_, number_, who, hint, None)


def _another_card(turn: Turn, who: Pseudonym) -> Turn:
    visit = turn.volatile.visit
    if visit is None or isinstance(visit.view, Working):
        return turn
    same = visit.reader is not None and visit.reader.pseudonym == who
    nobody = visit.reader is None
    return session.stir(turn) if same or nobody else session.stir(turn.visit(notice="card.other_reader"))


def ask(turn: Turn, card_: str, number_: str, who: Pseudonym, hint: PatronHint | None, pin: str | None) -> Turn:
    """Asks who this is; without a network the snapshot answers, and only where no PIN is needed."""
    turn, corr = turn.corr(f"{WHO}{turn.here.n}")
    view = Identifying(
        corr=corr, card=card_, number=number_, pseudonym=who, hint=hint, since=turn.now.mono, secret=pin is not None
    )
    if not turn.volatile.links.online:
        return _without_answer(turn, view)
    want = Want.LOANS if turn.here.service in (Service.ACCOUNT, Service.RENEW) else Want.SUMMARY
    ask_ = AskReader(corr=corr, card=card_, number=number_, pin=pin, want=want, answer_s=turn.desk.times.answer_s)
    return session.show(turn, view).do(ask_)


def answered(
    turn: Turn, corr: str, answer: PatronKnown | PatronRefused | Unavailable, who: Pseudonym | None = None
) -> Turn:
    """`who` is the one pseudonym of a reader with several numbers: he is counted by it from here on."""
    visit = turn.volatile.visit
    if visit is None:
        return turn
    if isinstance(visit.view, Account) and visit.view.corr == corr:
        return _loans(turn, visit, answer)
    if not isinstance(visit.view, Identifying) or visit.view.corr != corr:
        return turn  # the answer is for a reader who has left
    view = visit.view
    match answer:
        case PatronKnown():
            who = who or view.pseudonym
            if turn.volatile.card_lies == view.pseudonym:
                turn = turn.know(card_lies=who)
            reader = Reader(card=view.card, number=view.number, pseudonym=who, known=answer, hint=view.hint)
            return _welcome(turn.visit(reader=reader))
        case PatronRefused(reason=Refusal.PIN_WRONG | Refusal.PIN_NEEDED as reason, tries_left=tries):
            wrong = reason is Refusal.PIN_WRONG
            entry = PinEntry(
                card=view.card,
                number=view.number,
                pseudonym=view.pseudonym,
                hint=view.hint,
                wrong=wrong,
                tries_left=tries if wrong else None,
            )
            return session.show(turn, entry)
        case PatronRefused(reason=reason, locked_s=locked_s):
            return _declined(turn, reason, minutes=-(-(locked_s or 0) // 60))
        case Unavailable():
            return _without_answer(turn, view)


def unanswered(turn: Turn, corr: str) -> Turn:
    visit = turn.volatile.visit
    if visit is None:
        return turn
    if isinstance(visit.view, Account) and visit.view.corr == corr:
        return turn.visit(view=replace(visit.view, corr="", failed=True))
    if isinstance(visit.view, Identifying) and visit.view.corr == corr:
        return _without_answer(turn, visit.view)
    return turn


def _without_answer(turn: Turn, view: Identifying) -> Turn:
    """The snapshot answers; but a PIN that nobody could check vouches for nobody."""
    if view.secret:
        return _declined(turn, Refusal.SERVICE_AWAY)
    return _by_hint(turn, view)


def _by_hint(turn: Turn, view: Identifying) -> Turn:
    hint = view.hint
    if turn.here.service is not Service.CHECKOUT or not turn.desk.offline.checkout or turn.desk.checkout.ask_pin:
        return _declined(turn, Refusal.SERVICE_AWAY)
    if hint is None and turn.desk.offline.require_known_patron:
        return _declined(turn, Refusal.OFFLINE_UNKNOWN_PATRON)
    if hint is not None and hint.blocks:
        return _declined(turn, hint.blocks[0])
    return _welcome(turn.visit(reader=Reader(card=view.card, number=view.number, pseudonym=view.pseudonym, hint=hint)))


def _welcome(turn: Turn) -> Turn:
    if turn.here.service in (Service.ACCOUNT, Service.RENEW):
        return session.show(turn, Account())
    return items.look_up(session.show(turn, AtPad()))


def _loans(turn: Turn, visit: Visit, answer: PatronKnown | PatronRefused | Unavailable) -> Turn:
    assert isinstance(visit.view, Account)
    if not isinstance(answer, PatronKnown) or visit.reader is None:
        return turn.visit(view=replace(visit.view, corr="", failed=True))
    # The library system has counted again, and what it granted to this visit is in its count.
    reader, alone = replace(visit.reader, known=answer), visit.given_alone
    return turn.visit(reader=reader, given=alone, view=replace(visit.view, corr=""))


def fetch_loans(turn: Turn) -> Turn:
    """Asks for the whole account; the PIN was checked at the door and is not needed again."""
    visit, reader = turn.here, turn.here.reader
    home = visit.view.home if isinstance(visit.view, Account) else not isinstance(visit.view, AtPad | Finished)
    if reader is None or reader.known is None or not turn.volatile.links.online:
        return turn.view(Account(failed=True, home=home))
    turn, corr = turn.corr(f"{LOANS}{visit.n}")
    question = AskReader(corr=corr, number=reader.known.patron, want=Want.LOANS, answer_s=turn.desk.times.answer_s)
    return turn.view(Account(corr=corr, home=home)).do(question)


def _declined(turn: Turn, reason: Refusal, *, minutes: int = 0) -> Turn:
    if turn.volatile.visit is None:
        turn = session.begin(turn, WaitCard(), session.card_service(turn))
    return session.show(turn.visit(reader=None), Declined(reason=reason, minutes=minutes))
