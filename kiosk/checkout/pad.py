"""What lies on the pad, item by item, and what can be said of each before anybody is asked to touch. Pure."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass

from kiosk.checkout.policy import Desk, Service
from kiosk.checkout.states import Durable, Lookup, Pending, Phase, Reader, Visit, Volatile
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
    DONE = "done"  # this visit has lent it, or taken it in


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    item: PadItem
    standing: Standing
    reason: Refusal | None = None
    title: str = ""
    call_number: str = ""
    discs: int = 0
    missing: int = 0  # parts of a set that are not on the pad
    busy: bool = False  # its task, perhaps of a reader before, is not over


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
    view = _View(
        desk=desk,
        service=visit.service if visit else Service.CHECKOUT,
        reader=visit.reader if visit else None,
        done=_done(visit),
        busy=frozenset(task.item for task in volatile.tasks.values() if task.phase is not Phase.ENDED),
        online=volatile.links.online,
        shut=bool(volatile.shut),
    )
    return tuple(_verdict(view, item, volatile.lookups.get(item.item)) for item in pad_items(volatile.pad, visit))


def _done(visit: Visit | None) -> frozenset[ItemBarcode]:
    if visit is None:
        return frozenset()
    return visit.taken_in if visit.service is Service.CHECKIN else visit.lent


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    """What a verdict depends on besides the item."""

    desk: Desk
    service: Service
    reader: Reader | None
    done: frozenset[ItemBarcode]
    busy: frozenset[ItemBarcode]
    online: bool
    shut: bool


def _verdict(view: _View, item: PadItem, lookup: Lookup | None) -> Verdict:
    known = lookup if isinstance(lookup, ItemKnown) else None
    standing, reason = _standing(view, item, lookup)
    return Verdict(
        item=item,
        standing=standing,
        reason=reason,
        title=known.title if known else item.hint.title if item.hint else "",
        call_number=known.call_number if known else item.hint.call_number if item.hint else "",
        discs=known.discs if known else item.hint.discs if item.hint else 0,
        missing=item.parts - len(set(item.ordinals)) if reason is Refusal.ITEM_INCOMPLETE else 0,
        busy=item.item in view.busy,
    )


def _standing(view: _View, item: PadItem, lookup: Lookup | None) -> tuple[Standing, Refusal | None]:
    reason = _tag_reason(view.desk, item)
    if reason is not None:
        return Standing.NO, reason
    if item.item in view.busy:
        return Standing.CHECKING, None
    if item.item in view.done:
        return Standing.DONE, None
    if lookup is None or (lookup is Pending.ASKED and view.online):
        return Standing.CHECKING, None
    reason = (
        _checkin_reason(view, lookup, item) if view.service is Service.CHECKIN else _loan_reason(view, lookup, item)
    )
    return (Standing.OK, None) if reason is None else (Standing.NO, reason)


def _tag_reason(desk: Desk, item: PadItem) -> Refusal | None:
    """What the tags alone forbid, whatever the service and the network."""
    if item.kind is TagKind.PATRON_CARD:
        return Refusal.ITEM_IS_PATRON_CARD
    if item.kind in (TagKind.BLANK, TagKind.UNREADABLE) or not item.item:
        return Refusal.ITEM_TAG_UNREADABLE
    if item.owner and desk.own_institutions and item.owner not in desk.own_institutions:
        return Refusal.ITEM_NOT_OURS
    if len(set(item.ordinals)) < len(item.ordinals):
        return Refusal.ITEM_DUPLICATE
    if item.uids and len(item.uids) < item.parts:
        return Refusal.ITEM_INCOMPLETE
    return None


def _loan_reason(view: _View, lookup: Lookup, item: PadItem) -> Refusal | None:
    if item.usage is Usage.REFERENCE:
        return Refusal.ITEM_REFERENCE_ONLY
    if item.usage is Usage.DISCARDED:
        return Refusal.ITEM_DISCARDED
    if isinstance(lookup, ItemUnknown):
        return Refusal.ITEM_UNKNOWN
    if view.shut:
        return Refusal.QUARANTINED
    if isinstance(lookup, ItemKnown):
        return _known_reason(lookup, view.reader)
    if view.online:
        return None  # the lookup failed by itself: the library system decides at the checkout
    return offline_refusal(view.desk, item, Service.CHECKOUT)


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
    # A book on the hold shelf may wait for this very reader: only the library system knows, at the checkout, unless
    # it said that nothing is ready for him.
    if known.circulation is Circulation.ON_HOLD_SHELF and patron and patron.holds_ready == 0:
        return Refusal.ITEM_ON_HOLD_OTHER
    return None


def _checkin_reason(view: _View, lookup: Lookup, item: PadItem) -> Refusal | None:
    if isinstance(lookup, ItemUnknown):
        return Refusal.ITEM_UNKNOWN
    if isinstance(lookup, ItemKnown) or view.online:
        return None
    return offline_refusal(view.desk, item, Service.CHECKIN)


def offline_refusal(desk: Desk, item: PadItem, service: Service) -> Refusal | None:
    """What `[policy.offline]`, the tag and the snapshot forbid while nobody can be asked."""
    lending = service is not Service.CHECKIN
    barred = Usage.NOT_ISSUE_OFFLINE if lending else Usage.NOT_RETURN_OFFLINE
    allowed = desk.offline.checkout if lending else desk.offline.checkin
    if item.usage in (barred, Usage.NEITHER_OFFLINE) or not allowed:
        return Refusal.OFFLINE_NOT_HERE
    return item.hint.blocked if lending and item.hint else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """The reader's quota: `left` None where nobody says, and whose limit it is."""

    limit: int | None = None
    charged: int | None = None
    left: int | None = None
    bound: Refusal = Refusal.PATRON_LIMIT


def room(desk: Desk, visit: Visit | None, durable: Durable, online: bool) -> Room:
    """How many more the visit's reader may borrow: by the ILS's answer and what was lent since, offline by snapshot
    and policy as well."""
    reader = visit.reader if visit else None
    if visit is None or reader is None:
        return Room()
    known = reader.known
    limit, charged = (known.limit, known.charged) if known else (None, None)
    left = None if limit is None or charged is None else max(0, limit - charged - visit.given)
    if online:
        return Room(limit=limit, charged=charged, left=left)
    alone = durable.offline_loans.get(reader.pseudonym, 0)
    earlier = max(0, alone - visit.given_alone)  # by other visits, and perhaps not in the ILS's count yet
    if left is not None:
        left = max(0, left - earlier)
    elif reader.hint is not None:
        left = max(0, reader.hint.room - visit.given - earlier)
    cap = max(0, desk.offline.items_per_patron - alone)
    if left is not None and left < cap:
        return Room(limit=limit, charged=charged, left=left)
    return Room(limit=desk.offline.items_per_patron, charged=alone, left=cap, bound=Refusal.OFFLINE_LIMIT)
