"""Every screen of the desk, reached by really playing the reducer: nothing here draws a screen by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from kiosk.checkout.gallery import account, around, arriving, done, pad, technician, work
from kiosk.checkout.gallery.stage import READER, Scene, Stage
from kiosk.checkout.paper import PaperDesk, sample_desk
from kiosk.checkout.policy import CheckoutPolicy
from kiosk.domain import Refusal
from kiosk.screen import Modes, Screen, Sentences

__all__ = ["gallery"]

_ASK_PIN: Final = CheckoutPolicy(ask_pin=True)
_ROWS: Final = tuple(reason for reason in Refusal if not reason.name.startswith(("RENEW", "PIN")))
_RENEWALS: Final = tuple(reason for reason in Refusal if reason.name.startswith("RENEW"))
_AT_THE_DOOR: Final = (*tuple(r for r in Refusal if r.name.startswith("PATRON")), Refusal.PIN_LOCKED)

SCENES: Final[tuple[Scene, ...]] = (
    Stage.begin,
    arriving.attract_offline,
    arriving.attract_returns_only,
    arriving.attract_pad_dead,
    arriving.attract_card_reader_dead,
    arriving.attract_pad_and_card_reader_dead,
    arriving.attract_card_left,
    arriving.wait_card,
    arriving.no_card_reader,
    arriving.scanned_before_card,
    arriving.card_unreadable,
    arriving.identifying,
    *(arriving.declined(reason) for reason in _AT_THE_DOOR),
    arriving.declined_away,
    arriving.scanned_while_refused,
    pad.pad_empty,
    pad.return_empty,
    pad.scan_empty,
    pad.scan_return_empty,
    pad.books_first,
    pad.books_without_card_reader,
    pad.twelve,
    pad.mixed,
    pad.over_quota,
    pad.quota_gone,
    pad.blocked,
    pad.blocked_empty,
    pad.set_incomplete,
    pad.too_many,
    pad.scanned,
    pad.pad_offline,
    pad.to_return,
    done.second_round,
    done.all_done_still_there,
    work.working,
    work.slow,
    work.scanned_meanwhile,
    work.put_back,
    work.put_back_unknown,
    done.done_all,
    done.done_twelve,
    done.done_some,
    *(done.done_none(reason) for reason in _ROWS),
    done.done_offline,
    done.done_scanned,
    done.printing,
    done.printed(ok=True),
    done.printed(ok=False),
    done.returned,
    done.returned_unbooked,
    account.account(account.WHOLE),
    account.account(replace(READER, charged=0)),
    account.account_chosen,
    account.account_loading,
    account.account_failed,
    account.page("holds"),
    account.page("fees"),
    account.renewing,
    account.renewed,
    account.renewal_in_doubt,
    *(account.refused_renewal(reason) for reason in _RENEWALS),
    around.helping,
    around.staff_calling,
    around.staff_called,
    around.staff_by_phone,
    around.timeout(pad.books_first),
    around.timeout(pad.to_return),
    around.timeout(pad.pad_empty),
    around.left(done.done_all, "finish"),
    around.left(pad.books_first, "cancel"),
    around.left(done.some_left, "finish"),
    around.left(done.returned, "finish"),
    around.left(pad.to_return, "cancel"),
    around.left_at_start,
    around.out_of_service,
    around.disk_full,
    technician.tech_login,
    technician.tech_pin,
    technician.tech_refused,
    technician.tech_locked,
    technician.tech,
    technician.tech_part,
    technician.tech_fault,
    technician.tech_link,
)
PIN_SCENES: Final[tuple[Scene, ...]] = (arriving.pin, arriving.pin_wrong)


def gallery(sentences: Sentences, lang: str, modes: Modes) -> tuple[Screen, ...]:
    """Every screen of the desk in one language and one way to show it; each `turn` counts from 1."""
    plain = Stage(PaperDesk.of(sample_desk(language=lang), sentences), modes)
    asks = Stage(PaperDesk.of(sample_desk(language=lang, checkout=_ASK_PIN), sentences), modes)
    played = [(plain, scene(plain)) for scene in SCENES] + [(asks, scene(asks)) for scene in PIN_SCENES]
    return tuple(replace(stage.paper.screen(moment), turn=n) for n, (stage, moment) in enumerate(played, start=1))
