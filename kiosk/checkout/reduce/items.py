"""What lies here: the pad, barcodes of items, and what the library system says of each."""

from __future__ import annotations

from kiosk.checkout.pad import pad_items
from kiosk.checkout.policy import Service
from kiosk.checkout.reduce import session
from kiosk.checkout.reduce.turn import Turn
from kiosk.checkout.states import (
    AtPad,
    Declined,
    Finished,
    Help,
    Identifying,
    Left,
    Pending,
    PinEntry,
    WaitCard,
    Working,
)
from kiosk.domain import ItemBarcode
from kiosk.flow.devices import CodeKind, PadHolds, Scanned, TagKind
from kiosk.flow.events import Answered, LinkChanged, NoAnswer, PartChanged
from kiosk.flow.step import AskAbout
from kiosk.messages.asks import ItemKnown, ItemUnknown

LOOKUP = "item:"
PAD_FULL = "too-many-tags"  # the pad's word for more tags than it can tell apart (drivers.rfid.contract)


def hear(turn: Turn, event: object) -> Turn:
    match event:
        case PadHolds():
            return look_up(_pad(turn, event))
        case PartChanged(part="pad", code=code):
            return turn.know(pad_full=code == PAD_FULL)
        case Scanned(kind=CodeKind.ITEM) if not session.is_technician(turn.volatile):
            return look_up(_scanned(turn, event))
        case Answered(corr=corr, answer=ItemKnown() | ItemUnknown() as answer) if corr.startswith(LOOKUP):
            return _answered(turn, corr, answer)
        case Answered(corr=corr) | NoAnswer(corr=corr) if corr.startswith(LOOKUP):
            return _answered(turn, corr, Pending.FAILED)
        case LinkChanged(up=True):
            return look_up(_forget_failures(turn))
        case _:
            return turn


def _pad(turn: Turn, event: PadHolds) -> Turn:
    """Books of the reader before, and what lay here at the start, must go first: nothing changes hands silently."""
    before_pad, here = turn.volatile.pad, {tag.uid for tag in event.tags}
    leftover = {uid: left for uid, left in turn.volatile.leftover.items() if uid in here}
    if not turn.volatile.pad_seen:
        leftover |= dict.fromkeys(here - leftover.keys(), Left.UNKNOWN)
    turn = turn.know(pad=event.tags, pad_seen=True, leftover=leftover)
    if turn.volatile.visit is None:
        begins = bool(event.tags) and not leftover
        return session.begin(turn, AtPad(), session.first_service(turn)) if begins else turn
    match turn.here.view:
        case Help() if event.tags and not leftover:
            return _to_pad(turn)
        case Finished() if any(tag.kind is TagKind.ITEM and not _handled(turn, tag.item) for tag in event.tags):
            return _to_pad(turn)
        case _ if {tag.uid for tag in before_pad} == here:
            return turn  # the same books: nobody need be there for that
        case _:
            return session.stir(turn)


def _handled(turn: Turn, item: ItemBarcode) -> bool:
    return any(task.item == item and task.visit == turn.here.n for task in turn.volatile.tasks.values())


def _scanned(turn: Turn, event: Scanned) -> Turn:
    """A scan says "this book, too". It is never passed over in silence: the book appears on the list, or a remark says
    that it is noted, or that it is not."""
    if turn.volatile.leftover:
        return turn
    if turn.volatile.visit is None:
        turn = session.begin(turn, AtPad(), session.first_service(turn))
    turn = session.stir(turn)
    if isinstance(turn.here.view, Working | Declined):  # not noted: one list is being dealt with, or nothing is lent
        return turn.visit(notice="scan.later" if isinstance(turn.here.view, Working) else "scan.declined")
    visit, barcode = turn.here, ItemBarcode(event.text)
    if barcode in visit.scanned or any(tag.item == barcode for tag in turn.volatile.pad):
        return turn
    if len(visit.scanned) + len(turn.volatile.pad) >= turn.desk.pad_items_max:
        return turn.visit(notice="item.too_many")
    hints = {**visit.scan_hints, barcode: event.item_hint} if event.item_hint else visit.scan_hints
    return _shown(turn.visit(scanned=(*visit.scanned, barcode), scan_hints=hints))


def _shown(turn: Turn) -> Turn:
    """Where a noted book is seen: on the list, which a reader who is still to be known sees after his card."""
    lends = turn.desk.offers(Service.CHECKOUT)
    match turn.here.view:
        case AtPad():
            return turn.visit(helping=False)
        case WaitCard() if lends:
            return turn.visit(service=Service.CHECKOUT, notice="scan.card_first")
        case Identifying() | PinEntry() if lends:
            return turn.visit(service=Service.CHECKOUT, notice="scan.noted")
        case _:
            return _to_pad(turn)


def _to_pad(turn: Turn) -> Turn:
    """The list of what is here: of returns where the visit was about returns, else of what this machine is for."""
    returning = turn.here.service is Service.CHECKIN
    return session.show(turn if returning else turn.visit(service=session.first_service(turn)), AtPad())


def look_up(turn: Turn) -> Turn:
    """Asks once for every item here that nobody has asked about yet."""
    if turn.volatile.visit is None:
        return turn
    lookups = dict(turn.volatile.lookups)
    for item in pad_items(turn.volatile.pad, turn.here):
        if item.kind is not TagKind.ITEM or not item.item or item.item in lookups:
            continue
        if not turn.volatile.links.online:
            lookups[item.item] = Pending.FAILED
            continue
        lookups[item.item] = Pending.ASKED
        # A book that was lifted and laid down again is asked about anew, while the first question may still be waiting.
        turn, corr = turn.corr(f"{LOOKUP}{turn.here.n}:{item.item}")
        turn = turn.do(AskAbout(corr=corr, item=item.item, answer_s=turn.desk.times.answer_s))
    return turn.know(lookups=lookups)


def _answered(turn: Turn, corr: str, answer: ItemKnown | ItemUnknown | Pending) -> Turn:
    _, visit, rest = corr.split(":", 2)
    item, _, _ = rest.rpartition(":")
    if turn.volatile.visit is None or str(turn.here.n) != visit:
        return turn  # the answer belongs to a reader who has left
    return turn.know(lookups={**turn.volatile.lookups, ItemBarcode(item): answer})


def _forget_failures(turn: Turn) -> Turn:
    if not turn.volatile.links.online:
        return turn
    kept = {item: found for item, found in turn.volatile.lookups.items() if found is not Pending.FAILED}
    return turn.know(lookups=kept)
