"""What every screen of the desk shares."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from kiosk.checkout.policy import Desk, Service
from kiosk.checkout.states import AtPad, Durable, Staff, Volatile
from kiosk.flow.events import PartHealth
from kiosk.flow.step import Now
from kiosk.screen import Banner, Button, Icon, Modes, Person, Screen, Sentences, Steps, Tone

DEAD: Final = (PartHealth.GONE, PartHealth.MUTE)
SPINES: Final = 5  # how many spines there are to draw a book with
NOTED: Final = ("scan.card_first", "scan.noted")  # remarks that all is well
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True, kw_only=True)
class Brush:
    """The state to draw, and the words to draw it with."""

    desk: Desk
    sentences: Sentences
    durable: Durable
    volatile: Volatile
    now: Now

    @property
    def lang(self) -> str:
        return self.volatile.visit.lang if self.volatile.visit else self.volatile.language

    @property
    def modes(self) -> Modes:
        return self.volatile.visit.modes if self.volatile.visit else self.volatile.modes

    @property
    def scanned(self) -> bool:
        """Books are here that were handled by their printed barcode."""
        return self.volatile.visit is not None and bool(self.volatile.visit.scanned)

    def say(self, key: str, **fields: object) -> str:
        return self.sentences.say(self.lang, key, **fields)

    def both(self, pair: tuple[str, str]) -> str:
        """The reader's language of a (zh, en) pair from the configuration."""
        return pair[0] if self.lang == "zh" else pair[1]

    def local(self) -> datetime:
        return self.local_at(self.now.wall_ms)

    def local_at(self, wall_ms: int) -> datetime:
        epoch = datetime(1970, 1, 1, tzinfo=UTC)
        return epoch + timedelta(milliseconds=wall_ms, minutes=self.desk.utc_offset_min)

    def clock(self) -> str:
        return self.local().strftime("%H:%M")

    def day(self, text: str) -> str:
        """An ISO date as people read it; any other text as the library system wrote it."""
        try:
            day = date.fromisoformat(text)
        except ValueError:
            return text
        year = day.year != self.local().year
        if self.lang == "zh":
            return f"{day.year}年{day.month}月{day.day}日" if year else f"{day.month}月{day.day}日"
        short = f"{day.day} {_MONTHS[day.month - 1]}"
        return f"{short} {day.year}" if year else short

    def button(self, id_: str, key: str, icon: Icon = Icon.NONE, **fields: object) -> Button:
        return Button(id=id_, text=self.say(key, **fields), icon=icon)

    def screen(self, name: str, **parts: Any) -> Screen:
        """A screen with header and dock; `turn` is set by the runtime."""
        parts.setdefault("speech", _speech(parts))
        return Screen(
            turn=0,
            name=name,
            lang=self.lang,
            modes=self.modes,
            library=self.desk.library,
            clock=self.clock(),
            dock=_dock(self),
            **parts,
        )

    def steps(self, at: str) -> Steps:
        """Where this visit stands on its own way: a return needs no card, and books may come before it."""
        visit, way = self.volatile.visit, _way(self.volatile)
        if at == "books" and visit is not None and visit.reader is not None and "card" in way[way.index(at) :]:
            at = "done"  # books and card are both there
        return Steps(names=tuple(self.say(f"step.{name}") for name in way), now=way.index(at) + 1)

    def place(self, name: str) -> str:
        """What the library calls a place: one name, or "Chinese / English" to choose the reader's from."""
        zh, slash, en = name.partition(" / ")
        return (zh if self.lang == "zh" else en).strip() if slash else name

    def yuan(self, fen: int) -> str:
        return f"{fen // 100}.{fen % 100:02d}"


def _way(volatile: Volatile) -> tuple[str, ...]:
    visit = volatile.visit
    if visit is None or visit.service is Service.CHECKIN:
        return ("books", "done")
    if visit.service is not Service.CHECKOUT:
        return ("card", "choose", "done")
    taken_back = visit.reader is not None and isinstance(visit.view, AtPad) and not (volatile.pad or visit.scanned)
    return ("books", "card", "done") if visit.books_first and not taken_back else ("card", "books", "done")


def broken(brush: Brush, part: str) -> bool:
    """Fitted, and does not work."""
    return brush.volatile.parts.get(part) in DEAD


def blind(brush: Brush) -> bool:
    """Nothing here can read a book."""
    scanner = brush.volatile.parts.get("scanner", PartHealth.ABSENT)
    return broken(brush, "pad") and scanner in (*DEAD, PartHealth.ABSENT)


def staff_button(brush: Brush) -> Button:
    visit = brush.volatile.visit
    if visit is not None and visit.staff is Staff.CALLING:
        return Button(id="staff", text=brush.say("staff.calling"), icon=Icon.BELL)
    return Button(id="staff", text=brush.say("session.call_staff"), icon=Icon.BELL)


def banner(brush: Brush, own: Banner | None = None) -> Banner | None:
    """The one most urgent remark: one of this visit, the screen's `own`, else what of the machine does not work."""
    return remark(brush, own) or machine_banner(brush)


def remark(brush: Brush, own: Banner | None = None) -> Banner | None:
    """Staff called, a passing notice, the screen's `own`. By itself where it would contradict the screen to say what
    this machine still can do."""
    visit = brush.volatile.visit
    if visit is not None and visit.staff is Staff.CALLED:
        return Banner(text=brush.say("session.staff_called"), tone=Tone.GO, icon=Icon.BELL)
    if visit is not None and visit.staff is Staff.BY_PHONE:
        text = brush.say("staff.by_phone", phone=brush.desk.phone)
        return Banner(text=text, icon=Icon.BELL)
    if visit is not None and visit.notice:
        noted = visit.notice in NOTED
        return Banner(
            text=brush.say(visit.notice), icon=Icon.BOOK if noted else Icon.BANG, tone=Tone.GO if noted else Tone.CARE
        )
    return own


def machine_banner(brush: Brush) -> Banner | None:
    """What of this machine does not work, and what still does."""
    if brush.volatile.shut and brush.desk.offers(Service.CHECKOUT):
        return Banner(text=brush.say("system.returns_only"), icon=Icon.BANG)
    if broken(brush, "pad"):
        return Banner(text=brush.say("oos.sub" if blind(brush) else _pad_fault(brush)), icon=Icon.BANG)
    if broken(brush, "card") and brush.desk.offers(Service.CHECKOUT):
        return Banner(text=brush.say(_card_fault(brush)), icon=Icon.BANG)
    return offline_banner(brush)


def _pad_fault(brush: Brush) -> str:
    """Both, where no card can be read either: who wants to borrow need not scan books for nothing."""
    if not broken(brush, "card") or not brush.desk.offers(Service.CHECKOUT):
        return "system.reader_fault"
    return "system.pad_card_fault" if brush.desk.offers(Service.CHECKIN) else "oos.sub"


def _card_fault(brush: Brush) -> str:
    return "system.card_fault" if brush.desk.offers(Service.CHECKIN) else "system.card_fault_borrow"


def offline_banner(brush: Brush) -> Banner | None:
    if brush.volatile.links.online:
        return None
    desk = brush.desk
    lends = desk.offline.checkout and desk.offers(Service.CHECKOUT)
    takes = desk.offline.checkin and desk.offers(Service.CHECKIN)
    if not (lends or takes):
        return Banner(text=brush.say("offline.title_none"), sub=brush.say("offline.sub_none"))
    only = "offline.title_borrow" if lends else "offline.title_return"
    return Banner(text=brush.say("offline.title" if lends and takes else only), sub=brush.say("offline.sub"))


def person(brush: Brush, value: str) -> Person | None:
    """The reader card; `value` is how many more items may be borrowed."""
    visit = brush.volatile.visit
    if visit is None or visit.reader is None:
        return None
    known = visit.reader.known
    name = known.name if known else brush.say("card.offline_reader")
    return Person(
        name=name,
        kind=brush.say("card.kind"),
        label=brush.say("patron.can_borrow") if value else "",
        value=value,
    )


def _dock(brush: Brush) -> tuple[Button, ...]:
    modes = brush.modes

    def cell(id_: str, text: str, icon: Icon, on: bool = False) -> Button:
        return Button(id=id_, text=text, icon=icon, tone=Tone.GO if on else Tone.PLAIN)

    return (
        cell("mode.language", brush.say("home.language"), Icon.LANGUAGE),
        cell("mode.large", brush.say("dock.large"), Icon.LARGE, modes.large),
        cell("mode.contrast", brush.say("dock.contrast"), Icon.CONTRAST, modes.contrast),
        cell("mode.low", brush.say("dock.low"), Icon.REACH, modes.low),
        cell("help", brush.say("dock.help"), Icon.HELP),
    )


def _speech(parts: dict[str, Any]) -> str:
    """What the voice says: headline, then the remark, then what to do."""
    said: list[str] = []
    head = parts.get("headline")
    if head is not None:
        said.append(" ".join(text for text in (head.text, head.numeral, head.unit) if text))
        said.append(head.sub)
    note = parts.get("banner")
    if note is not None:
        said.append(note.text)
    said += [" ".join(filter(None, (row.title, row.value, row.reason, row.remedy))) for row in parts.get("rows", ())]
    said.append(parts.get("hint", ""))
    said += parts.get("notes", ())
    main = parts.get("primary")
    if main is not None:
        said += [main.text, main.sub]
    return " ".join(
        text if text[-1] in "。.!?！？" else text + ("。" if text[-1] > "\u2e80" else ".") for text in said if text
    )
