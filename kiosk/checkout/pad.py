"""What lies on the pad, item by item, and what can be said of each before anybody is asked to touch. Pure."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kiosk.checkout.policy import Desk, Service
from kiosk.checkout.states import Durable, Lookup, Pending, Reader, Visit, Volatile
from kiosk.domain import ItemBarcode, Refusal, SecurityState
from kiosk.flow.devices import PadTag, TagKind, Usage
from kiosk.messages.asks import Circulation, ItemHint, ItemKnown, ItemUnknown


@dataclass(frozen=True, slots=True, kw_only=True)
class PadItem:
    """All tags of one item, or one item handled by its printed barcode (no uids)."""

    id: str  # row id: the barcode, or the uid of a tag that names none
    item: ItemBarcode
    uids: tuple[str, ...]
    owner: str = ""
    parts: int = 1
    ordinals: tuple[int, ...] = (1,)
    kind: TagKind = TagKind.ITEM
    usage: Usage = Usage.CIRCULATING
    security: SecurityState = SecurityState.UNKNOWN
    hint: ItemHint | None = None


class Standing(enum.StrEnum):
    """Can this item be dealt with?"""

    OK = "ok"
    CHECKING = "checking"
    NO = "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    item: PadItem
    standing: Standing
    reason: Refusal | None = None
    title: str = ""
    call_number: str = ""
    discs: int = 0
    missing: int = 0  # parts of a set that are not on the pad


def pad_items(tags: Iterable[PadTag], visit: Visit | None) -> tuple[PadItem, ...]:
    """Groups the tags by item, in a stable order, then the items handled by barcode."""
    groups: dict[str, list[PadTag]] = {}
    for tag in tags:
        name = tag.item if tag.kind is TagKind.ITEM else tag.uid
        groups.setdefault(name or tag.uid, []).append(tag)
    items = [_item(name, group) for name, group in groups.items()]
    if visit is not None:
        for barcode in visit.scanned:
            if barcode not in groups:
                hint = visit.scan_hints.get(barcode)
                items.append(PadItem(id=barcode, item=barcode, uids=(), security=SecurityState.ABSENT, hint=hint))
    return tuple(items)


def _item(name: str, tags: list[PadTag]) -> PadItem:
    first = tags[0]
    states = {tag.security for tag in tags}
    return PadItem(
        id=name,
        item=first.item,
        uids=tuple(sorted(tag.uid for tag in tags)),
        owner=first.owner,
        parts=max(tag.parts for tag in tags),
        ordinals=tuple(sorted(tag.ordinal for tag in tags)),
        kind=first.kind,
        usage=first.usage,
        security=states.pop() if len(states) == 1 else SecurityState.UNKNOWN,
        hint=first.hint,
    )


def verdicts(desk: Desk, volatile: Volatile) -> tuple[Verdict, ...]:
    """One verdict an item, for the service of the running visit (checkout where nobody chose yet)."""
    visit = volatile.visit
    service = visit.service if visit else Service.CHECKOUT
    reader = visit.reader if visit else None
    online = volatile.links.online
    return tuple(
        _verdict(desk, item, volatile.lookups, service, reader, online) for item in pad_items(volatile.pad, visit)
    )


def _verdict(
    desk: Desk,
    item: PadItem,
    lookups: Mapping[ItemBarcode, Lookup],
    service: Service,
    reader: Reader | None,
    online: bool,
) -> Verdict:
    lookup = lookups.get(item.item)
    known = lookup if isinstance(lookup, ItemKnown) else None
    title = known.title if known else item.hint.title if item.hint else ""
    call_number = known.call_number if known else item.hint.call_number if item.hint else ""
    discs = known.discs if known else item.hint.discs if item.hint else 0
    reason = _tag_reason(desk, item)
    missing = 0
    standing = Standing.NO if reason else Standing.OK
    if reason is Refusal.ITEM_INCOMPLETE:
        missing = item.parts - len(set(item.ordinals))
    if reason is None:
        if lookup is None or (lookup is Pending.ASKED and online):
            standing = Standing.CHECKING
        elif service is Service.CHECKIN:
            reason = _checkin_reason(lookup, item, desk, online)
        else:
            reason = _checkout_reason(lookup, item, reader, desk, online)
        if reason is not None:
            standing = Standing.NO
    return Verdict(
        item=item,
        standing=standing,
        reason=reason,
        title=title,
        call_number=call_number,
        discs=discs,
        missing=missing,
    )


def _tag_reason(desk: Desk, item: PadItem) -> Refusal | None:
    """What the tags alone forbid, whatever the service and the network."""
    if item.kind is TagKind.PATRON_CARD:
        return Refusal.ITEM_IS_PATRON_CARD
    if item.kind in (TagKind.BLANK, TagKind.UNREADABLE):
        return Refusal.ITEM_TAG_UNREADABLE
    if item.owner and desk.own_institutions and item.owner not in desk.own_institutions:
        return Refusal.ITEM_NOT_OURS
    if len(set(item.ordinals)) < len(item.ordinals):
        return Refusal.ITEM_DUPLICATE
    if item.uids and len(item.uids) < item.parts:
        return Refusal.ITEM_INCOMPLETE
    return None


def _checkout_reason(lookup: Lookup, item: PadItem, reader: Reader | None, desk: Desk, online: bool) -> Refusal | None:
    if item.usage is Usage.REFERENCE:
        return Refusal.ITEM_REFERENCE_ONLY
    if item.usage is Usage.DISCARDED:
        return Refusal.ITEM_DISCARDED
    if isinstance(lookup, ItemUnknown):
        return Refusal.ITEM_UNKNOWN
    if isinstance(lookup, ItemKnown):
        return _known_reason(lookup, reader)
    if item.usage in (Usage.NOT_ISSUE_OFFLINE, Usage.NEITHER_OFFLINE):
        return Refusal.OFFLINE_NOT_HERE
    if online:
        return None  # the lookup failed by itself: the library system decides at the checkout
    if not desk.offline.checkout:
        return Refusal.OFFLINE_NOT_HERE
    return item.hint.blocked if item.hint else None


def _known_reason(known: ItemKnown, reader: Reader | None) -> Refusal | None:
    if known.reference_only:
        return Refusal.ITEM_REFERENCE_ONLY
    if known.circulation in (Circulation.LOST, Circulation.MISSING):
        return Refusal.ITEM_LOST
    patron = reader.known if reader else None
    if known.circulation is Circulation.CHARGED:
        if patron and any(line.item == known.item for line in patron.loans):
            return Refusal.ITEM_ALREADY_YOURS
        return Refusal.ITEM_ON_LOAN_OTHER
    # A book on the hold shelf may wait for this very reader: only the library system knows, at the checkout.
    if known.circulation is Circulation.ON_HOLD_SHELF and patron and not patron.holds_ready:
        return Refusal.ITEM_ON_HOLD_OTHER
    return None


def _checkin_reason(lookup: Lookup, item: PadItem, desk: Desk, online: bool) -> Refusal | None:
    if isinstance(lookup, ItemUnknown):
        return Refusal.ITEM_UNKNOWN
    if isinstance(lookup, ItemKnown) or online:
        return None
    if item.usage in (Usage.NOT_RETURN_OFFLINE, Usage.NEITHER_OFFLINE) or not desk.offline.checkin:
        return Refusal.OFFLINE_NOT_HERE
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """The reader's quota: `left` None where nobody says."""

    limit: int | None
    charged: int | None
    left: int | None


def room(desk: Desk, reader: Reader | None, offline_loans: int, online: bool) -> Room:
    """How many more this reader may borrow, by the ILS's answer or, offline, by snapshot and policy."""
    if reader is None:
        return Room(limit=None, charged=None, left=None)
    if reader.known is not None:
        limit, charged = reader.known.limit, reader.known.charged
        left = None if limit is None or charged is None else max(0, limit - charged)
        if not online:
            cap = max(0, desk.offline.items_per_patron - offline_loans)
            left = cap if left is None else min(left, cap)
        return Room(limit=limit, charged=charged, left=left)
    cap = max(0, desk.offline.items_per_patron - offline_loans)
    if reader.hint is not None:
        cap = min(cap, reader.hint.room)
    return Room(limit=desk.offline.items_per_patron, charged=offline_loans, left=cap)


def offline_loans(durable: Durable, volatile: Volatile) -> int:
    """How many items this visit's reader was lent without the network."""
    visit = volatile.visit
    if visit is None or visit.reader is None:
        return 0
    return durable.offline_loans.get(visit.reader.pseudonym, 0)
