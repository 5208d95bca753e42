"""What lies here: the pad, barcodes of items, and what the library system says of each."""

from __future__ import annotations

from kiosk.checkout.pad import pad_items
from kiosk.checkout.policy import Service
from kiosk.checkout.reduce import session
from kiosk.checkout.reduce.turn import Turn
from kiosk.checkout.states import AtPad, Finished, Pending
from kiosk.domain import ItemBarcode
from kiosk.flow.devices import CodeKind, PadHolds, Scanned, TagKind
from kiosk.flow.events import Answered, LinkChanged, NoAnswer
from kiosk.flow.step import AskAbout
from kiosk.messages.asks import ItemKnown, ItemUnknown

LOOKUP = "item:"


def hear(turn: Turn, event: object) -> Turn:
    match event:
        case PadHolds():
            return look_up(_pad(turn, event))
        case Scanned(kind=CodeKind.ITEM):
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
    here = {tag.uid for tag in event.tags}
    leftover = turn.volatile.leftover & here
    turn = turn.know(pad=event.tags, leftover=leftover, leftover_lent=turn.volatile.leftover_lent and bool(leftover))
    if turn.volatile.visit is None:
        # Books of the reader before must go first: nothing changes hands silently.
        return session.begin(turn, AtPad(), _first_service(turn)) if event.tags and not leftover else turn
    turn = session.stir(turn)
    new_book = any(tag.kind is TagKind.ITEM and not _handled(turn, tag.item) for tag in event.tags)
    if isinstance(turn.here.view, Finished) and new_book:
        return turn.view(AtPad())
    return turn


def _handled(turn: Turn, item: ItemBarcode) -> bool:
    return any(task.item == item and task.visit == turn.here.n for task in turn.volatile.tasks.values())


def _first_service(turn: Turn) -> Service:
    return Service.CHECKOUT if turn.desk.offers(Service.CHECKOUT) else Service.CHECKIN


def _scanned(turn: Turn, event: Scanned) -> Turn:
    if turn.volatile.visit is None:
        if turn.volatile.leftover:
            return turn
        turn = session.begin(turn, AtPad(), _first_service(turn))
    turn = session.stir(turn)
    visit, barcode = turn.here, ItemBarcode(event.text)
    if barcode in visit.scanned or any(tag.item == barcode for tag in turn.volatile.pad):
        return turn
    if len(visit.scanned) + len(turn.volatile.pad) >= turn.desk.pad_items_max:
        return turn.visit(notice="item.too_many")
    hints = {**visit.scan_hints, barcode: event.item_hint} if event.item_hint else visit.scan_hints
    view = AtPad() if isinstance(visit.view, Finished) else visit.view
    return turn.visit(scanned=(*visit.scanned, barcode), scan_hints=hints, view=view)


def look_up(turn: Turn) -> Turn:
    """Asks once for every item here that nobody has asked about yet."""
    if turn.volatile.visit is None:
        return turn
    lookups = dict(turn.volatile.lookups)
    for item in pad_items(turn.volatile.pad, turn.here):
        if item.kind is not TagKind.ITEM or item.item in lookups:
            continue
        if not turn.volatile.links.online:
            lookups[item.item] = Pending.FAILED
            continue
        lookups[item.item] = Pending.ASKED
        turn = turn.do(
            AskAbout(corr=f"{LOOKUP}{turn.here.n}:{item.item}", item=item.item, answer_s=turn.desk.times.answer_s)
        )
    return turn.know(lookups=lookups)


def _answered(turn: Turn, corr: str, answer: ItemKnown | ItemUnknown | Pending) -> Turn:
    _, visit, item = corr.split(":", 2)
    if turn.volatile.visit is None or str(turn.here.n) != visit:
        return turn  # the answer belongs to a reader who has left
    return turn.know(lookups={**turn.volatile.lookups, ItemBarcode(item): answer})


def _forget_failures(turn: Turn) -> Turn:
    if not turn.volatile.links.online:
        return turn
    kept = {item: found for item, found in turn.volatile.lookups.items() if found is not Pending.FAILED}
    return turn.know(lookups=kept)
