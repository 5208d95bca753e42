"""From a decoded message to a typed reply. Each reader returns BadMessage instead of guessing at what decides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TypeVar

from kiosk.domain import ItemBarcode, PatronId
from kiosk.gateway.sip2.codec import Message
from kiosk.gateway.sip2.dates import Due, parse_due, parse_sip_date
from kiosk.gateway.sip2.frame import BadMessage, Flaw
from kiosk.gateway.sip2.layout import SUPPORTED_ORDER
from kiosk.gateway.sip2.money import parse_fen
from kiosk.gateway.sip2.profile import Profile
from kiosk.gateway.sip2.replies import (
    Alert,
    CheckinReply,
    Circulation,
    EndSessionReply,
    FeePaidReply,
    HoldReply,
    IlsStatus,
    ItemReply,
    ItemUpdateReply,
    LoanReply,
    LoginReply,
    PatronFlag,
    PatronReply,
    Reason,
    RenewAllReply,
)

Reply = TypeVar("Reply")


def login(message: Message, profile: Profile) -> LoginReply | BadMessage:
    """94."""
    return _with_ok(message, lambda ok: LoginReply(ok=ok))


def ils_status(message: Message, profile: Profile) -> IlsStatus | BadMessage:
    """98."""
    fixed = message.fixed
    bx = message.one("BX")
    supported = None if not bx else frozenset(c for c, yes in zip(SUPPORTED_ORDER, bx, strict=False) if yes == "Y")
    return IlsStatus(
        online=fixed["online"] == "Y",
        checkin_ok=fixed["checkin_ok"] == "Y",
        checkout_ok=fixed["checkout_ok"] == "Y",
        renewal_ok=fixed["renewal_policy"] == "Y",
        offline_ok=fixed["offline_ok"] == "Y",
        institution=message.one("AO") or "",
        supported=supported,
        clock=parse_sip_date(fixed["date"]),
    )


def patron(message: Message, profile: Profile) -> PatronReply | BadMessage:
    """24, 26, 64."""
    identifier = message.one("AA")
    if identifier is None:
        return _missing("AA")
    fixed = message.fixed
    status = fixed["patron_status"]
    if status.strip("YN "):
        return BadMessage(flaw=Flaw.BAD_FIELD, where="patron_status")
    return PatronReply(
        patron=PatronId(identifier),
        name=message.one("AE") or "",
        flags=frozenset(flag for flag in PatronFlag if status[flag - 1] == "Y"),
        valid=_yes_no(message.one("BL")),
        pin_ok=_yes_no(message.one("CQ")),
        fee_fen=parse_fen(message.one("BV")),
        fee_limit_fen=parse_fen(message.one("CC")),
        holds_ready_count=_count(fixed.get("holds")),
        overdue_count=_count(fixed.get("overdue")),
        charged_count=_count(fixed.get("charged")),
        holds_waiting_count=_count(fixed.get("unavailable_holds")),
        charged_limit=_count(message.one("CB")),
        holds_ready=message.all("AS"),
        overdue=message.all("AT"),
        charged=message.all("AU"),
        fines=message.all("AV"),
        recalled=message.all("BU"),
        holds_waiting=message.all("CD"),
        patron_class=message.one("PC") or "",
        expires=_day(message.one(profile.expiry_field), profile),
        reason=_reason(message, profile),
        messages=_texts(message),
    )


def item(message: Message, profile: Profile) -> ItemReply | BadMessage:
    """18."""
    barcode = message.one("AB")
    code = message.fixed["circulation"]
    if barcode is None:
        return _missing("AB")
    if not (code.isascii() and code.isdigit()):
        return BadMessage(flaw=Flaw.BAD_FIELD, where="circulation")
    circulation = Circulation(int(code)) if 1 <= int(code) <= len(Circulation) else Circulation.OTHER
    title = message.one("AJ") or ""
    return ItemReply(
        item=ItemBarcode(barcode),
        known=bool(title) or circulation is not Circulation.OTHER,
        title=title,
        circulation=circulation,
        due=_due(message, profile),
        hold_queue=_count(message.one("CF")),
        owner=message.one("BG") or "",
        permanent_location=message.one("AQ") or "",
        current_location=message.one("AP") or "",
        call_number=message.one("CS") or message.one("KC") or "",
        media_type=message.one("CK") or "",
        fee_fen=parse_fen(message.one("BV")),
        recall_day=_day(message.one("CJ"), profile),
        pickup_day=_day(message.one("CM"), profile),
        reason=_reason(message, profile),
        messages=_texts(message),
    )


def loan(message: Message, profile: Profile) -> LoanReply | BadMessage:
    """12 and 30."""
    return _with_ok(
        message,
        lambda ok: LoanReply(
            ok=ok,
            renewed=message.fixed["renewal_ok"] == "Y",
            desensitize=_yes_no(message.fixed["desensitize"]),
            security_inhibit=message.one("CI") == "Y",
            item=ItemBarcode(message.one("AB") or ""),
            title=message.one("AJ") or "",
            due=_due(message, profile),
            fee_fen=parse_fen(message.one("BV")),
            fee_type=message.one("BT") or "",
            media_type=message.one("CK") or "",
            transaction=message.one("BK") or "",
            reason=_reason(message, profile),
            messages=_texts(message),
        ),
    )


def checkin(message: Message, profile: Profile) -> CheckinReply | BadMessage:
    """10."""
    return _with_ok(
        message,
        lambda ok: CheckinReply(
            ok=ok,
            resensitize=message.fixed["resensitize"] == "Y",
            alert=message.fixed["alert"] == "Y",
            alert_type=_alert(message.one("CV")),
            item=ItemBarcode(message.one("AB") or ""),
            title=message.one("AJ") or "",
            permanent_location=message.one("AQ") or "",
            destination=message.one("CT") or "",
            sort_bin=message.one("CL") or "",
            call_number=message.one("CS") or "",
            collection=message.one("CR") or "",
            media_type=message.one("CK") or "",
            fee_fen=parse_fen(message.one("BV")),
            reason=_reason(message, profile),
            patron=_patron_id(message.one("AA")),
            hold_patron=_patron_id(message.one("CY")),
            hold_patron_name=message.one("DA") or "",
            messages=_texts(message),
        ),
    )


def renew_all(message: Message, profile: Profile) -> RenewAllReply | BadMessage:
    """66."""
    return _with_ok(
        message,
        lambda ok: RenewAllReply(
            ok=ok,
            renewed=message.all("BM"),
            unrenewed=message.all("BN"),
            renewed_count=_count(message.fixed["renewed"]),
            unrenewed_count=_count(message.fixed["unrenewed"]),
            messages=_texts(message),
        ),
    )


def end_session(message: Message, profile: Profile) -> EndSessionReply | BadMessage:
    """36."""
    return EndSessionReply(ended=message.fixed["ended"] == "Y")


def fee_paid(message: Message, profile: Profile) -> FeePaidReply | BadMessage:
    """38."""
    accepted = _yes_no(message.fixed["accepted"])
    if accepted is None:
        return BadMessage(flaw=Flaw.BAD_FIELD, where="accepted")
    return FeePaidReply(accepted=accepted, transaction=message.one("BK") or "", messages=_texts(message))


def hold(message: Message, profile: Profile) -> HoldReply | BadMessage:
    """16."""
    barcode = message.one("AB")
    return _with_ok(
        message,
        lambda ok: HoldReply(
            ok=ok,
            available=message.fixed["available"] == "Y",
            queue_position=_count(message.one("BR")),
            pickup=message.one("BS") or "",
            item=ItemBarcode(barcode) if barcode else None,
            title=message.one("AJ") or "",
            messages=_texts(message),
        ),
    )


def item_update(message: Message, profile: Profile) -> ItemUpdateReply | BadMessage:
    """20."""
    return _with_ok(
        message,
        lambda ok: ItemUpdateReply(ok=ok, item=ItemBarcode(message.one("AB") or ""), messages=_texts(message)),
    )


def _with_ok(message: Message, build: Callable[[bool], Reply]) -> Reply | BadMessage:
    """The ok digit decides who owns a book: anything but 0 and 1 is no answer. Some servers write Y and N."""
    ok = {"1": True, "0": False, "Y": True, "N": False}.get(message.fixed["ok"])
    return BadMessage(flaw=Flaw.BAD_FIELD, where="ok") if ok is None else build(ok)


def _missing(name: str) -> BadMessage:
    return BadMessage(flaw=Flaw.BAD_FIELD, where=name)


def _yes_no(text: str | None) -> bool | None:
    return {"Y": True, "N": False}.get(text or "")


def _count(text: str | None) -> int | None:
    """A number, blank-padded by some (invenio-sip2), or None for blanks and for what is no number."""
    digits = (text or "").strip()
    return int(digits) if len(digits) <= 9 and digits.isascii() and digits.isdigit() else None


def _alert(text: str | None) -> Alert | None:
    if not text:
        return None
    return Alert(text) if text in set(Alert) else Alert.OTHER


def _patron_id(text: str | None) -> PatronId | None:
    return PatronId(text) if text else None


def _due(message: Message, profile: Profile) -> Due | None:
    text = message.one("AH")
    return parse_due(text, profile.due_formats) if text else None


def _day(text: str | None, profile: Profile) -> dt.date | None:
    return parse_due(text, profile.due_formats).day if text else None


def _reason(message: Message, profile: Profile) -> Reason:
    if not profile.reason_field:
        return Reason()
    return Reason(
        code=message.one(profile.reason_field) or "",
        until=_day(message.one(profile.until_field), profile) if profile.until_field else None,
    )


def _texts(message: Message) -> tuple[str, ...]:
    return message.all("AF") + message.all("AG")
