"""A library system on pysip2, a SIP2 server nobody here wrote: strict about every field. Run as a process of its own.

Prints `ready PORT`. Handlers take whatever pysip2 hands them, hence Any. One reader with room for two loans, a handful
of items; no rules beyond the protocol's own.
"""

from __future__ import annotations

import logging
from typing import Any

import anyio
import pysip2 as sip

ITEMS = {"D1000001": "红楼梦", "D1000002": "程序设计|第四版", "D1000003": "The Origin of Species"}
PATRONS = {"9920130001": ("本科生乙1", "767488")}
DUE = "20991222    235900"
LIMIT = 2

loans: dict[str, str] = {}
holds: dict[str, str] = {}
owed_fen = {"9920130001": 340}
app = sip.SIP2Server(institution_id="JS01", login_required=True, encoding="utf-8", library_name="pysip2")


def _title(item: str) -> str:
    return ITEMS.get(item, "").replace("|", "&#124;")  # pysip2 refuses a delimiter in a value; Koha escapes it so


@app.route(sip.LOGIN)
async def login(req: Any, ctx: Any) -> Any:
    return sip.LoginResponse(ok="1" if req.login_password == "secret" else "0")


def _flags(patron: str) -> str:
    if patron not in PATRONS:
        return "YYYY" + " " * 10
    full = sum(who == patron for who in loans.values()) >= LIMIT
    return ("Y    Y" if full else "      ") + " " * 8


@app.route(sip.PATRON_STATUS)
async def patron_status(req: Any, ctx: Any) -> Any:
    name, _ = PATRONS.get(req.patron_identifier, ("", ""))
    return sip.PatronStatusResponse(
        patron_status=_flags(req.patron_identifier),
        language=req.language,
        transaction_date=ctx.now_18(),
        institution_id="JS01",
        patron_identifier=req.patron_identifier,
        personal_name=name,
        valid_patron="Y" if name else "N",
    )


@app.route(sip.PATRON_INFORMATION)
async def patron_information(req: Any, ctx: Any) -> Any:
    who = req.patron_identifier
    name, pin = PATRONS.get(who, ("", ""))
    mine = tuple(item for item, patron in loans.items() if patron == who)
    fen = owed_fen.get(who, 0)
    return sip.PatronInformationResponse(
        patron_status=_flags(who),
        language=req.language,
        transaction_date=ctx.now_18(),
        hold_items_count="0000",
        overdue_items_count="0000",
        charged_items_count=f"{len(mine):04d}",
        fine_items_count="    ",
        recall_items_count="    ",
        unavailable_holds_count=f"{sum(patron == who for patron in holds.values()):04d}",
        institution_id="JS01",
        patron_identifier=who,
        personal_name=name,
        charged_items_limit=f"{LIMIT:04d}",
        valid_patron="Y" if name else "N",
        valid_patron_password=("Y" if req.patron_password == pin else "N") if req.patron_password else None,
        currency_type="CNY",
        fee_amount=f"{fen / 100:.2f}",
        charged_items=mine if req.summary[2] == "Y" else (),
    )


@app.route(sip.ITEM_INFORMATION)
async def item_information(req: Any, ctx: Any) -> Any:
    item = req.item_identifier
    return sip.ItemInformationResponse(
        circulation_status="04" if item in loans else "03" if item in ITEMS else "01",
        security_marker="01",
        fee_type="01",
        transaction_date=ctx.now_18(),
        item_identifier=item,
        title_identifier=_title(item),
        due_date=DUE if item in loans else None,
        hold_queue_length="1" if item in holds else "0",
    )


def _loan(req: Any, ctx: Any, ok: bool, renewed: bool, kind: Any) -> Any:
    return kind(
        ok="1" if ok else "0",
        renewal_ok="Y" if renewed else "N",
        magnetic_media="U",
        desensitize="Y" if ok else "N",
        transaction_date=ctx.now_18(),
        institution_id="JS01",
        patron_identifier=req.patron_identifier,
        item_identifier=req.item_identifier,
        title_identifier=_title(req.item_identifier),
        due_date=DUE if ok else "",
    )


@app.route(sip.CHECKOUT)
async def checkout(req: Any, ctx: Any) -> Any:
    who, item = req.patron_identifier, req.item_identifier
    renewed = loans.get(item) == who
    room = sum(patron == who for patron in loans.values()) < LIMIT
    ok = renewed or (who in PATRONS and item in ITEMS and item not in loans and room)
    if ok:
        loans[item] = who
    return _loan(req, ctx, ok, renewed, sip.CheckoutResponse)


@app.route(sip.RENEW)
async def renew(req: Any, ctx: Any) -> Any:
    ok = loans.get(req.item_identifier) == req.patron_identifier and req.item_identifier not in holds
    return _loan(req, ctx, ok, ok, sip.RenewResponse)


@app.route(sip.RENEW_ALL)
async def renew_all(req: Any, ctx: Any) -> Any:
    mine = tuple(item for item, patron in loans.items() if patron == req.patron_identifier)
    return sip.RenewAllResponse(
        ok="1",
        renewed_count=f"{len(mine):04d}",
        unrenewed_count="0000",
        transaction_date=ctx.now_18(),
        institution_id="JS01",
        renewed_items=mine,
    )


@app.route(sip.CHECKIN)
async def checkin(req: Any, ctx: Any) -> Any:
    ok = loans.pop(req.item_identifier, None) is not None
    return sip.CheckinResponse(
        ok="1" if ok else "0",
        resensitize="Y",
        magnetic_media="U",
        alert="N" if ok else "Y",
        transaction_date=ctx.now_18(),
        institution_id="JS01",
        item_identifier=req.item_identifier,
        permanent_location="F2-SK",
        title_identifier=_title(req.item_identifier),
    )


@app.route(sip.FEE_PAID)
async def fee_paid(req: Any, ctx: Any) -> Any:
    fen = round(float(req.fee_amount) * 100)
    ok = 0 < fen <= owed_fen.get(req.patron_identifier, 0)
    if ok:
        owed_fen[req.patron_identifier] -= fen
    return sip.FeePaidResponse(
        payment_accepted="Y" if ok else "N",
        transaction_date=ctx.now_18(),
        institution_id="JS01",
        patron_identifier=req.patron_identifier,
        transaction_id=req.transaction_id,
    )


@app.route(sip.HOLD)
async def hold(req: Any, ctx: Any) -> Any:
    who, item = req.patron_identifier, req.item_identifier
    ok = item in ITEMS and (holds.pop(item, None) == who if req.hold_mode == "-" else item not in holds)
    if ok and req.hold_mode == "+":
        holds[item] = who
    return sip.HoldResponse(
        ok="1" if ok else "0",
        available="N",
        transaction_date=ctx.now_18(),
        institution_id="JS01",
        patron_identifier=who,
        item_identifier=item,
        queue_position="1" if ok else None,
    )


@app.route(sip.ITEM_STATUS_UPDATE)
async def item_update(req: Any, ctx: Any) -> Any:
    return sip.ItemStatusUpdateResponse(
        item_properties_ok="1" if req.item_identifier in ITEMS else "0",
        transaction_date=ctx.now_18(),
        item_identifier=req.item_identifier,
    )


@app.route(sip.END_PATRON_SESSION)
async def end_session(req: Any, ctx: Any) -> Any:
    return sip.EndSessionResponse(
        end_session="Y",
        transaction_date=ctx.now_18(),
        institution_id="JS01",
        patron_identifier=req.patron_identifier,
    )


def _status(req: Any, ctx: Any, kind: Any, blocked: bool) -> Any:
    name, _ = PATRONS.get(req.patron_identifier, ("", ""))
    return kind(
        patron_status=("YYYY" if blocked else "    ") + " " * 10,
        language="019",
        transaction_date=ctx.now_18(),
        institution_id="JS01",
        patron_identifier=req.patron_identifier,
        personal_name=name,
        valid_patron="Y" if name else "N",
    )


@app.route(sip.BLOCK_PATRON)
async def block(req: Any, ctx: Any) -> Any:
    return _status(req, ctx, sip.PatronStatusResponse, True)


@app.route(sip.PATRON_ENABLE)
async def enable(req: Any, ctx: Any) -> Any:
    return _status(req, ctx, sip.PatronEnableResponse, False)


async def main() -> None:
    async with app.start() as port:
        print(f"ready {port}", flush=True)
        await anyio.sleep_forever()


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    anyio.run(main)
