"""Loans, holds and fees."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from kiosk.checkout.gallery.stage import CALLS, DUE, LONG_TITLES, READER, TITLES, Scene, Stage, asked, granted
from kiosk.checkout.paper import Moment
from kiosk.domain import ItemBarcode, Key, Refusal
from kiosk.flow.events import NoAnswer
from kiosk.flow.step import AskReader
from kiosk.messages.asks import EffectOpen, EffectRefused, FeeLine, HoldLine, LoanLine, PatronKnown


def loans(n: int, **more: Any) -> PatronKnown:
    titles = (*LONG_TITLES, *TITLES)
    lines = tuple(
        LoanLine(
            item=ItemBarcode(f"L{i}"),
            title=titles[i % len(titles)],
            due=DUE if i > 1 else "2026-11-01",
            overdue=i < 2,
            call_number=CALLS[i % len(CALLS)],
        )
        for i in range(n)
    )
    return replace(READER, charged=n, overdue=min(n, 2), loans=lines, **more)


WHOLE: Final = loans(
    14,
    holds=(
        HoldLine(title=LONG_TITLES[0], ready=True, place="一楼预约书架", until="2026-11-29"),
        HoldLine(title=TITLES[0], ready=False),
    ),
    fee_fen=1250,
    fees=(FeeLine(amount_fen=1200, what=TITLES[2]), FeeLine(amount_fen=50)),
)


def account(who: PatronKnown) -> Scene:
    return lambda stage: stage.tap(stage.touch(stage.begin(), "start.account"), who)


def account_chosen(stage: Stage) -> Moment:
    return stage.touch(account(WHOLE)(stage), "row:L3", "row:L4")


def account_loading(stage: Stage) -> Moment:
    return stage.touch(stage.tap(stage.begin()), "account")


def account_failed(stage: Stage) -> Moment:
    moment = account_loading(stage)
    ask = asked(moment, AskReader)[0]
    return stage.paper.reply(moment, ask, NoAnswer(corr=ask.corr))


def page(page: str) -> Scene:
    return lambda stage: stage.touch(account(WHOLE)(stage), f"page:{page}")


def renewing(stage: Stage) -> Moment:
    return stage.touch(account_chosen(stage), "renew")


def renewed(stage: Stage) -> Moment:
    """One renewed, the other too early."""

    def answer(key: Key, item: ItemBarcode) -> Any:
        if item == "L4":
            return EffectRefused(key=key, reason=Refusal.RENEW_TOO_EARLY, detail="2026-12-15")
        return granted(key, item)

    return stage.worked(renewing(stage), answer)


def renewal_in_doubt(stage: Stage) -> Moment:
    return stage.worked(renewing(stage), lambda key, item: EffectOpen(key=key, task="T2048"))


def refused_renewal(reason: Refusal) -> Scene:
    return lambda stage: stage.worked(renewing(stage), lambda key, item: EffectRefused(key=key, reason=reason))
