"""A self-checkout machine's file: the platform's sections and the desk's own."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from kiosk.checkout.policy import CheckinPolicy, CheckoutPolicy, Desk, OfflinePolicy, Service, Times
from kiosk.machine.settings import (
    BrokerSection,
    CardsSection,
    CodesSection,
    FilesSection,
    MachineSection,
    PanelSection,
    PartSection,
    Platform,
    TagsSection,
    TechnicianSection,
)
from kiosk.settings import refuse
from kiosk.settings.numbers import OFFSET_MAX, OFFSET_MIN, between, not_empty

WARNING_S_MIN = 20.0  # WCAG 2.2.1
TIME_S_MAX = 600.0
ITEMS_MAX = 100
SNAPSHOT_DAYS_MAX = 30  # a machine lends by no older one; the gateway's day keys must last as long
SNAPSHOT_H_MAX = 24 * SNAPSHOT_DAYS_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class LibrarySection:
    """`[library]`: names and numbers that readers see."""

    name_zh: str
    name_en: str
    place_zh: str
    place_en: str
    phone: str
    own_institutions: tuple[str, ...] = ()
    language: str = "zh"
    utc_offset_min: int = 480

    def __post_init__(self) -> None:
        refuse(
            *(
                not_empty(name, getattr(self, name), "readers see it")
                for name in ("name_zh", "name_en", "place_zh", "place_en", "phone")
            ),
            "" if self.language in ("zh", "en") else 'language must be "zh" or "en"',
            between("utc_offset_min", self.utc_offset_min, OFFSET_MIN, OFFSET_MAX, "minutes; 480 is China"),
            "" if self.utc_offset_min % 15 == 0 else "utc_offset_min counts minutes, quarters of an hour: 480 is China",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskSection:
    """`[desk]`: what this machine offers."""

    services: tuple[Service, ...] = tuple(Service)
    items_max: int = 12
    sentences: str = "locale/sentences.csv"

    def __post_init__(self) -> None:
        refuse(
            "" if self.services else "services must name at least one of checkout, checkin, renew, account",
            between("items_max", self.items_max, 1, ITEMS_MAX),
            not_empty("sentences", self.sentences, 'the shipped table is "locale/sentences.csv"'),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySection:
    """`[policy.*]`."""

    checkout: CheckoutPolicy = CheckoutPolicy()
    checkin: CheckinPolicy = field(default_factory=CheckinPolicy)
    offline: OfflinePolicy = OfflinePolicy()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutSettings:
    """The whole file."""

    machine: MachineSection
    files: FilesSection
    library: LibrarySection
    broker: BrokerSection = BrokerSection()
    parts: dict[str, PartSection] = field(default_factory=dict)
    tags: TagsSection = TagsSection()
    cards: CardsSection = CardsSection()
    codes: CodesSection = CodesSection()
    panel: PanelSection = PanelSection()
    desk: DeskSection = DeskSection()
    policy: PolicySection = field(default_factory=PolicySection)
    times: Times = Times()
    technicians: tuple[TechnicianSection, ...] = ()

    def __post_init__(self) -> None:
        offline = self.policy.offline
        short = self.times.warning_s < WARNING_S_MIN
        refuse(
            f"times.warning_s must be {WARNING_S_MIN:g} or more: readers need the time to react" if short else "",
            *(
                between(f"times.{field.name}", getattr(self.times, field.name), 1, TIME_S_MAX, "seconds")
                for field in fields(self.times)
                if not (short and field.name == "warning_s")
            ),
            between("policy.offline.items_per_patron", offline.items_per_patron, 0, ITEMS_MAX),
            between("policy.offline.due_days", offline.due_days, 1, 365, "days"),
            between("policy.offline.snapshot_age_h_max", offline.snapshot_age_h_max, 0, SNAPSHOT_H_MAX, "hours"),
        )

    def platform(self) -> Platform:
        return Platform(
            machine=self.machine,
            files=self.files,
            broker=self.broker,
            parts=self.parts,
            tags=self.tags,
            cards=self.cards,
            codes=self.codes,
            technicians=self.technicians,
        )

    def as_desk(self) -> Desk:
        library = self.library
        return Desk(
            device=self.machine.device,
            library=(library.name_zh, library.name_en),
            place=self.machine.place,
            place_name=(library.place_zh, library.place_en),
            phone=library.phone,
            services=frozenset(self.desk.services),
            own_institutions=frozenset(library.own_institutions),
            language=library.language,
            pad_items_max=self.desk.items_max,
            checkout=self.policy.checkout,
            checkin=self.policy.checkin,
            offline=self.policy.offline,
            times=self.times,
            utc_offset_min=library.utc_offset_min,
        )
