"""My loans, my holds, my fees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kiosk.checkout.picture.parts import Brush, banner, staff_button
from kiosk.checkout.policy import Service
from kiosk.checkout.states import Account, Visit
from kiosk.messages.asks import LoanLine, PatronKnown
from kiosk.screen import Art, Button, Headline, Icon, Row, Screen, Strip, Tone


def account(brush: Brush, visit: Visit, view: Account) -> Screen:
    known = visit.reader.known if visit.reader else None
    if view.corr:
        strip = Strip(text=brush.say("loans.loading"), sub=brush.say("word.moment"), tone=Tone.CARE)
        return _plain(brush, "loans_loading", "loans.title", strip, art=Art.STACK)
    if view.failed or known is None:
        desk = brush.say("say.card_needs_desk", phone=brush.desk.phone)
        return _plain(brush, "loans_failed", "loans.failed", None, notes=(desk,))
    match view.page:
        case "holds":
            return _holds(brush, known)
        case "fees":
            return _fees(brush, known)
        case _:
            return _loans(brush, visit, known)


def _plain(brush: Brush, name: str, title: str, primary: Strip | None, **parts: Any) -> Screen:
    return brush.screen(
        name,
        headline=Headline(text=brush.say(title)),
        banner=banner(brush),
        primary=primary or brush.button("account", "session.retry", Icon.RENEW),
        secondary=(brush.button("back", "session.back", Icon.BACK), staff_button(brush)),
        **parts,
    )


def _loans(brush: Brush, visit: Visit, known: PatronKnown) -> Screen:
    renews = brush.desk.offers(Service.RENEW) and brush.volatile.links.online
    lines = known.loans
    chosen = [line.item for line in lines if line.item in visit.chosen]
    may = [line.item for line in lines if not line.overdue]
    return brush.screen(
        "loans",
        who=known.name,
        headline=Headline(text=brush.say("loans.title"), numeral=str(len(lines)), unit=brush.say("loans.unit")),
        banner=banner(brush),
        rows=tuple(_loan_row(brush, visit, line, renews) for line in lines),
        hint=brush.say("loans.renew_hint") if renews and may else "" if lines else brush.say("loans.none"),
        primary=_renew(brush, chosen or may, bool(chosen)) if renews and (chosen or may) else _finish(brush),
        secondary=_pages(brush, known, "loans"),
    )


def _finish(brush: Brush) -> Button:
    return brush.button("finish", "session.finish", Icon.CHECK)


def _renew(brush: Brush, items: Sequence[str], some: bool) -> Button:
    key = "loans.renew_chosen" if some else "loans.renew_all"
    return Button(id="renew", text=brush.say(key, n=len(items)), icon=Icon.RENEW, confirms=tuple(items))


def _loan_row(brush: Brush, visit: Visit, line: LoanLine, renews: bool) -> Row:
    return Row(
        id=line.item,
        title=line.title or line.item,
        sub=line.call_number,
        label=brush.say("word.overdue" if line.overdue else "word.due"),
        value=brush.day(line.due),
        tone=Tone.CARE if line.overdue else Tone.PLAIN,
        icon=Icon.CLOCK if line.overdue else Icon.NONE,
        reason="",
        remedy=brush.say("loans.overdue_days") if line.overdue else "",
        remedy_icon=Icon.RETURN if line.overdue else Icon.NONE,
        spine=sum(line.item.encode()) % 5,
        button=f"row:{line.item}" if renews and not line.overdue else "",
        chosen=(line.item in visit.chosen) if renews and not line.overdue else None,
    )


def _pages(brush: Brush, known: PatronKnown, page: str) -> tuple[Button, ...]:
    """At most three besides the primary; the list one is on is not offered."""
    buttons = [brush.button("back", "session.back", Icon.BACK)]
    if page != "loans":
        buttons.append(brush.button("page:loans", "loans.list", Icon.LOANS, n=len(known.loans)))
    if page != "holds" and known.holds:
        buttons.append(brush.button("page:holds", "loans.holds", Icon.HOLD, n=len(known.holds)))
    if page != "fees" and known.fee_fen:
        buttons.append(brush.button("page:fees", "loans.fees", Icon.FEE, amount=brush.yuan(known.fee_fen)))
    return tuple(buttons)


def _holds(brush: Brush, known: PatronKnown) -> Screen:
    """Ready ones apart from waiting ones: only a ready one may be fetched."""
    ready = [hold for hold in known.holds if hold.ready]
    waiting = [hold for hold in known.holds if not hold.ready]
    rows = [
        Row(
            id=f"hold:{n}",
            title=hold.title,
            sub=hold.place,
            label=brush.say("holds.until", date=brush.day(hold.until)) if hold.until else "",
            value=brush.say("holds.ready"),
            tone=Tone.GO,
            icon=Icon.CHECK,
            spine=n % 5,
        )
        for n, hold in enumerate(ready)
    ]
    rows += [
        Row(id=f"wait:{n}", title=hold.title, value=brush.say("holds.waiting"), icon=Icon.QUEUED, spine=n % 5)
        for n, hold in enumerate(waiting)
    ]
    return brush.screen(
        "holds",
        who=known.name,
        headline=Headline(text=brush.say("holds.title"), numeral=str(len(ready)), unit=brush.say("holds.ready")),
        banner=banner(brush),
        rows=tuple(rows),
        hint="" if ready else brush.say("pickup.none"),
        primary=_finish(brush),
        secondary=_pages(brush, known, "holds"),
    )


def _fees(brush: Brush, known: PatronKnown) -> Screen:
    """Private wording, no loud colour."""
    rows = tuple(
        Row(
            id=f"fee:{n}",
            title=fee.what or brush.say("fees.title"),
            value=brush.say("word.yuan", amount=brush.yuan(fee.amount_fen)),
            spine=-1,
            icon=Icon.FEE,
        )
        for n, fee in enumerate(known.fees)
    )
    return brush.screen(
        "fees",
        who=known.name,
        headline=Headline(
            text=brush.say("fees.title"),
            numeral=brush.yuan(known.fee_fen),
            unit=brush.say("word.yuan", amount="").strip(),
        ),
        banner=banner(brush),
        rows=rows,
        hint=brush.say("fees.desk"),
        primary=_finish(brush),
        secondary=_pages(brush, known, "fees"),
    )
