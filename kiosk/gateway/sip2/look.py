"""Reads back what the ILS believes about a loan: what to do instead of asking twice.

SIP2 has no fence: a request given up as lost may still be executed after these two questions were answered. Wait a
settling time before looking, and treat a result that cannot be told as a matter for people.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from kiosk.domain import ItemBarcode, PatronId
from kiosk.gateway.sip2.dates import Due
from kiosk.gateway.sip2.judge import holds_item, on_loan
from kiosk.gateway.sip2.profile import Profile
from kiosk.gateway.sip2.replies import ItemReply, PatronReply
from kiosk.gateway.sip2.requests import ItemInformation, PatronInformation, Request, Summary

Reply = TypeVar("Reply")

PAGES_MAX = 20
"""Pages of a list of loans that are read: more than any reader's limit."""


class Asks(Protocol):
    """A Client or a Pool."""

    profile: Profile

    def ask(self, request: Request[Reply], by: float) -> Reply: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanSeen:
    """The state of one item towards one reader. None always means: cannot be told from what this ILS says."""

    known: bool
    on_loan: bool | None
    with_patron: bool | None
    due: Due | None
    item: ItemReply

    @property
    def lent_to_patron(self) -> bool | None:
        """On loan, and to this reader."""
        if self.on_loan is False or self.with_patron is False:
            return False
        return True if self.with_patron else None


def look(ils: Asks, *, item: ItemBarcode, patron: PatronId | None, by: float) -> LoanSeen:
    """17 for the item and, with a patron, 63 for the list of loans. Raises NotSent or NoAnswer."""
    info = ils.ask(ItemInformation(item=item), by)
    loans = None if patron is None else patron_loans(ils, patron=patron, by=by)
    return LoanSeen(
        known=info.known,
        on_loan=on_loan(info),
        with_patron=None if loans is None else holds_item(loans, item, ils.profile),
        due=info.due,
        item=info,
    )


def patron_loans(ils: Asks, *, patron: PatronId, by: float, pin: str | None = None) -> PatronReply:
    """63 with the whole list of loans, page by page where the ILS cuts it. Raises NotSent or NoAnswer."""
    return _whole(
        ils,
        by,
        lambda first: PatronInformation(patron=patron, pin=pin, summary=Summary.CHARGED, first=first, last=None),
    )


def _whole(ils: Asks, by: float, page: Callable[[int | None], PatronInformation]) -> PatronReply:
    reply = ils.ask(page(None), by)
    for _ in range(PAGES_MAX):
        if not reply.charged or len(reply.charged) >= (reply.charged_count or 0):
            break
        more = ils.ask(page(len(reply.charged) + 1), by).charged
        fresh = tuple(entry for entry in more if entry not in reply.charged)
        if not fresh:
            break
        reply = replace(reply, charged=reply.charged + fresh)
    return reply
