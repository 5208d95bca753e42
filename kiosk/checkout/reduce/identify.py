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
    Identifying,
    PinEntry,
    Reader,
    Visit,
    WaitCard,
    Working,
)
from kiosk.domain import Pseudonym, Refusal
from kiosk.flow.devices import CardShown, Scanned
from kiosk.flow.step import AskReader
from kiosk.messages.asks import PatronHint, PatronKnown, PatronRefused, Unavailable, Want

WHO = "who:"
LOANS = "loans:"


def card(turn: Turn, event: CardShown) -> Turn:
    if event.random:
        return _declined(turn, Refusal.PATRON_CARD_RANDOM) if _may_identify(turn) else turn
    return _shown(turn, event.card, "", event.pseudonym, event.hint)


def number(turn: Turn, event: Scanned) -> Turn:
    if event.pseudonym is None:
        return turn
    return _shown(turn, "", event.text, event.pseudonym, event.patron_hint)


def _may_identify(turn: Turn) -> bool:
    """Somebody may come forward: nobody is known yet and nothing is under way."""
    visit = turn.volatile.visit
    if visit is None:
        return not turn.volatile.leftover
    return visit.reader is None and isinstance(visit.view, WaitCard | AtPad | Declined)


def _shown(turn: Turn, card_: str, number_: str, who: Pseudonym, hint: PatronHint | None) -> Turn:
    if not _may_identify(turn):
        return _another_card(turn, who)
    if turn.volatile.visit is None:
        service = Service.CHECKOUT if turn.desk.offers(Service.CHECKOUT) else Service.ACCOUNT
        turn = session.begin(turn, WaitCard(), service)
    turn = session.stir(turn)
    if turn.desk.checkout.ask_pin:
        return turn.view(PinEntry(card=card_, number=number_, pseudonym=who, hint=hint))
    return ask(turn, card_, number_, who, hint, None)


def _another_card(turn: Turn, who: Pseudonym) -> Turn:
    visit = turn.volatile.visit
    if visit is None or isinstance(visit.view, Working):
        return turn
    same = visit.reader is not None and visit.reader.pseudonym == who
    waiting = isinstance(visit.view, Identifying | PinEntry)
    return session.stir(turn) if same or waiting else session.stir(turn.visit(notice="card.other_reader"))


def ask(turn: Turn, card_: str, number_: str, who: Pseudonym, hint: PatronHint | None, pin: str | None) -> Turn:
    """Asks who this is; without a network the snapshot answers, and only where no PIN is needed."""
    if not turn.volatile.links.online:
        return _by_hint(turn, card_, number_, who, hint)
    corr = f"{WHO}{turn.here.n}:{turn.volatile.asked + 1}"
    turn = turn.know(asked=turn.volatile.asked + 1)
    view = Identifying(corr=corr, card=card_, number=number_, pseudonym=who, hint=hint, since=turn.now.mono)
    want = Want.LOANS if turn.here.service in (Service.ACCOUNT, Service.RENEW) else Want.SUMMARY
    ask_ = AskReader(corr=corr, card=card_, number=number_, pin=pin, want=want, answer_s=turn.desk.times.answer_s)
    return turn.view(view).do(ask_)


def answered(turn: Turn, corr: str, answer: PatronKnown | PatronRefused | Unavailable) -> Turn:
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
            reader = Reader(card=view.card, number=view.number, pseudonym=view.pseudonym, known=answer, hint=view.hint)
            return _welcome(turn.visit(reader=reader))
        case PatronRefused(reason=Refusal.PIN_WRONG | Refusal.PIN_NEEDED as reason, tries_left=tries):
            entry = PinEntry(
                card=view.card,
                number=view.number,
                pseudonym=view.pseudonym,
                hint=view.hint,
                tries_left=tries if reason is Refusal.PIN_WRONG else None,
            )
            return session.stir(turn.view(entry))
        case PatronRefused(reason=reason, locked_s=locked_s):
            return _declined(turn, reason, minutes=-(-(locked_s or 0) // 60))
        case Unavailable():
            return _by_hint(turn, view.card, view.number, view.pseudonym, view.hint)


def unanswered(turn: Turn, corr: str) -> Turn:
    visit = turn.volatile.visit
    if visit is None:
        return turn
    if isinstance(visit.view, Account) and visit.view.corr == corr:
        return turn.view(replace(visit.view, corr="", failed=True))
    if isinstance(visit.view, Identifying) and visit.view.corr == corr:
        view = visit.view
        return _by_hint(turn, view.card, view.number, view.pseudonym, view.hint)
    return turn


def _by_hint(turn: Turn, card_: str, number_: str, who: Pseudonym, hint: PatronHint | None) -> Turn:
    if turn.here.service is not Service.CHECKOUT or not turn.desk.offline.checkout or turn.desk.checkout.ask_pin:
        return _declined(turn, Refusal.SERVICE_AWAY)
    if hint is None and turn.desk.offline.require_known_patron:
        return _declined(turn, Refusal.OFFLINE_UNKNOWN_PATRON)
    if hint is not None and hint.blocks:
        return _declined(turn, hint.blocks[0])
    return _welcome(turn.visit(reader=Reader(card=card_, number=number_, pseudonym=who, hint=hint)))


def _welcome(turn: Turn) -> Turn:
    service = turn.here.service
    turn = session.stir(turn)
    if service in (Service.ACCOUNT, Service.RENEW):
        return turn.view(Account())
    return items.look_up(turn.view(AtPad()))


def _loans(turn: Turn, visit: Visit, answer: PatronKnown | PatronRefused | Unavailable) -> Turn:
    assert isinstance(visit.view, Account)
    if not isinstance(answer, PatronKnown) or visit.reader is None:
        return turn.view(replace(visit.view, corr="", failed=True))
    reader = replace(visit.reader, known=answer)
    return turn.visit(reader=reader).view(replace(visit.view, corr=""))


def fetch_loans(turn: Turn) -> Turn:
    """Asks for the whole account; the PIN was checked at the door and is not needed again."""
    reader = turn.here.reader
    if reader is None or reader.known is None or not turn.volatile.links.online:
        return turn.view(Account(failed=True))
    n = turn.volatile.asked + 1
    corr = f"{LOANS}{turn.here.n}:{n}"
    question = AskReader(corr=corr, number=reader.known.patron, want=Want.LOANS, answer_s=turn.desk.times.answer_s)
    return turn.know(asked=n).view(Account(corr=corr)).do(question)


def _declined(turn: Turn, reason: Refusal, *, minutes: int = 0) -> Turn:
    if turn.volatile.visit is None:
        turn = session.begin(turn, WaitCard(), Service.CHECKOUT)
    return session.stir(turn.visit(reader=None).view(Declined(reason=reason, minutes=minutes)))
