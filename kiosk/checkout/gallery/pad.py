"""Books on the pad, each verdict, each quota."""

from __future__ import annotations

from dataclasses import replace

from kiosk.checkout.gallery import arriving
from kiosk.checkout.gallery.stage import CARD, HINT, LONG_TITLES, READER, TITLES, Stage, asked, books
from kiosk.checkout.paper import Moment, card, tag
from kiosk.domain import ItemBarcode, Refusal, SecurityState
from kiosk.flow.devices import CodeKind, Scanned, TagKind
from kiosk.flow.events import Answered
from kiosk.flow.step import AskAbout
from kiosk.messages.asks import Circulation, ItemKnown, ItemUnknown


def pad_empty(stage: Stage) -> Moment:
    return stage.tap(stage.begin(), replace(READER, fee_fen=350))


def return_empty(stage: Stage) -> Moment:
    return stage.touch(stage.begin(), "start.checkin")


def books_without_card_reader(stage: Stage) -> Moment:
    return stage.looked_up(stage.put(arriving.attract_card_reader_dead(stage), *books(2)))


def scan_empty(stage: Stage) -> Moment:
    """The pad is out of order: books are scanned instead."""
    return stage.tap(arriving.attract_pad_dead(stage))


def scan_return_empty(stage: Stage) -> Moment:
    return stage.touch(arriving.attract_pad_dead(stage), "start.checkin")


def books_first(stage: Stage) -> Moment:
    return stage.looked_up(stage.put(stage.begin(), *books(3)))


def twelve(stage: Stage) -> Moment:
    return stage.looked_up(stage.tap(stage.put(stage.begin(), *books(12))))


def mixed(stage: Stage) -> Moment:
    """One of each verdict, the longest titles among them."""
    tags = (
        tag("D200"),
        tag("D201"),
        tag("D202", owner="CN-OTHER", title=TITLES[0]),
        tag("D203", parts=2, title=TITLES[2]),
        tag("D204", title=LONG_TITLES[0]),
        tag("D205"),
        tag("D206"),
        tag("B1", kind=TagKind.BLANK),
        tag("P1", kind=TagKind.PATRON_CARD),
        tag("D207", title=TITLES[1]),
    )
    moment = stage.put(stage.tap(stage.begin()), *tags)
    known: dict[str, ItemKnown | ItemUnknown] = {
        "D200": ItemKnown(item=ItemBarcode("D200"), title=LONG_TITLES[1], call_number="P1/1", discs=2),
        "D201": ItemKnown(item=ItemBarcode("D201"), title=LONG_TITLES[2], circulation=Circulation.CHARGED),
        "D205": ItemKnown(item=ItemBarcode("D205"), title=TITLES[4], reference_only=True),
        "D206": ItemUnknown(item=ItemBarcode("D206")),
        "D204": ItemKnown(item=ItemBarcode("D204"), title=LONG_TITLES[0], call_number="I242.4/1:1"),
    }
    for ask in asked(moment, AskAbout):
        if ask.item in known:
            moment = stage.paper.reply(moment, ask, Answered(corr=ask.corr, answer=known[ask.item]))
    return moment


def over_quota(stage: Stage) -> Moment:
    who = replace(READER, limit=20, charged=19)
    return stage.looked_up(stage.tap(stage.put(stage.begin(), *books(3)), who))


def quota_gone(stage: Stage) -> Moment:
    return stage.looked_up(stage.tap(stage.put(stage.begin(), *books(1)), replace(READER, limit=20, charged=20)))


def blocked(stage: Stage) -> Moment:
    who = replace(READER, blocks=(Refusal.PATRON_OVERDUE,), overdue=2)
    return stage.looked_up(stage.tap(stage.put(stage.begin(), *books(2)), who))


def blocked_empty(stage: Stage) -> Moment:
    return stage.tap(stage.begin(), replace(READER, blocks=(Refusal.PATRON_OVERDUE,), overdue=2))


def set_incomplete(stage: Stage) -> Moment:
    return stage.tap(stage.put(stage.begin(), tag("D300", parts=3, ordinal=1, title=TITLES[7])))


def too_many(stage: Stage) -> Moment:
    return stage.looked_up(stage.tap(stage.put(stage.begin(), *books(13))))


def scanned(stage: Stage) -> Moment:
    moment = stage.tap(stage.begin())
    for item in ("D100", "D101"):
        moment = stage.hear(moment, Scanned(kind=CodeKind.ITEM, text=item))
    return stage.looked_up(moment)


def pad_offline(stage: Stage) -> Moment:
    first = stage.put(stage.begin(online=False), *books(2, title=TITLES[2]))
    return stage.hear(first, card(CARD, HINT))


def to_return(stage: Stage) -> Moment:
    moment = stage.touch(stage.begin(), "start.checkin")
    return stage.looked_up(stage.put(moment, *books(3, mark=SecurityState.OFF)))
