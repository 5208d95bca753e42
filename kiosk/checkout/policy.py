"""The library's settings for a desk. The ILS decides; these say how to react and explain. Pure values."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from kiosk.screen import Modes


class Service(enum.StrEnum):
    """What a machine offers; upper floors of the model site lend only."""

    CHECKOUT = "checkout"
    CHECKIN = "checkin"
    RENEW = "renew"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfflinePolicy:
    """`[policy.offline]`: what the machine may decide alone."""

    checkout: bool = True
    checkin: bool = True
    items_per_patron: int = 3
    require_known_patron: bool = True
    due_days: int = 30  # provisional, always said with it
    snapshot_age_h_max: float = 24.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutPolicy:
    ask_pin: bool = False
    disc: str = "remind"  # remind | desk
    receipt_titles: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckinPolicy:
    hold_bin: str = ""  # names of the places a returned book is put, as this place calls them
    other_campus_bin: str = ""
    bins: dict[str, str] = field(default_factory=dict)  # permanent location -> bin
    default_bin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Seconds. WCAG 2.2.1 asks for at least 20 s of warning that a touch extends."""

    idle_s: float = 45.0
    warning_s: float = 20.0
    finished_s: float = 15.0
    declined_s: float = 15.0
    put_back_s: float = 20.0
    mark_s: float = 10.0  # a pad that has not told by then what became of a mark will not; a write may have been sent
    answer_s: float = 5.0
    slow_s: float = 10.0  # after this a way out is offered
    ui_gone_s: float = 10.0
    recover_s: float = 30.0  # how long a restarted machine waits for its pad before it judges a granted loan


def patience(modes: Modes) -> float:
    """Readers who chose an accessible mode are given twice the time."""
    return 2.0 if modes.large or modes.contrast or modes.low or modes.speech else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One self-checkout machine's settings."""

    device: str
    library: tuple[str, str]  # zh, en
    place: str  # code
    place_name: tuple[str, str]
    phone: str
    services: frozenset[Service] = frozenset(Service)
    own_institutions: frozenset[str] = frozenset()  # owner codes on tags that mean "ours"; "" always does
    language: str = "zh"
    pad_items_max: int = 12
    checkout: CheckoutPolicy = CheckoutPolicy()
    checkin: CheckinPolicy = CheckinPolicy()
    offline: OfflinePolicy = OfflinePolicy()
    times: Times = Times()
    utc_offset_min: int = 480  # Asia/Shanghai

    def offers(self, service: Service) -> bool:
        return service in self.services
