"""Each part speaks library to the core, over the devices' own bytes."""

from __future__ import annotations

import errno
import random
import re
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from drivers.clock import VirtualHub
from drivers.errors import LinkLost
from drivers.link import Link
from drivers.rfid.contract import SecurityScheme, TagImage, TagUid
from drivers.rfid.tags import detect
from kiosk.domain import SecurityProof, SecurityState
from kiosk.flow.devices import CardsMany, PadHolds, Paper, PaperChanged, PartTested, Printed, SecurityDone, TagKind
from kiosk.flow.events import PartChanged, PartHealth
from kiosk.flow.orders import Receipt, ReceiptLine, SetSecurity
from kiosk.machine.fitting import check, fit
from kiosk.machine.parts import Hints, PadPart, Part, PrinterPart, Wire
from kiosk.machine.parts.card import CardNumber
from kiosk.machine.parts.pad import pad_tag
from kiosk.machine.parts.scanner import Code
from kiosk.machine.settings import FilesSection, MachineSection, PartSection, Platform
from kiosk.machine.simulate import SimBench, SimBook

BOOK = SimBook(uid="E00401538485D256", item="D1000001", owner="CN-DEMO-CUMT")
DISC = SimBook(uid="E00401538485D257", item="D1000001", owner="CN-DEMO-CUMT", parts=2, ordinal=2)
SLIP = Receipt(
    library="图书馆",
    title="借书凭条",
    time="2026-11-22 14:06",
    reader="王*明 ****0001",
    lines=(ReceiptLine(title="红楼梦", due="2026-12-22", word="应还"),),
    count="1 册已借出",
    notes=(),
    reference="k1-e1-1",
)


def platform(**parts: PartSection) -> Platform:
    return Platform(
        machine=MachineSection(kind="checkout", device="k1", consortium="jalis", site="cumt", place="F1-HALL"),
        files=FilesSection(journal="j", signer="s", gateway="g"),
        parts=parts
        or {
            "pad": PartSection(driver="feig", link="sim:pad"),
            "card": PartSection(driver="pn532", link="sim:card"),
            "scanner": PartSection(driver="serial", link="sim:scanner"),
            "printer": PartSection(driver="escpos", link="sim:printer"),
        },
    )


@dataclass
class Counter:
    """A desk with real drivers, simulated devices and a list for a core."""

    hub: VirtualHub = field(default_factory=VirtualHub)
    eas: bool = False
    heard: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.bench = SimBench(self.hub, random.Random(1))
        hints = Hints(item=lambda barcode: None, patron=lambda number: None)
        self.parts: dict[str, Part] = dict(fit(self._platform(), self.hub, self.bench.wires)(self.heard.append, hints))
        for part in self.parts.values():
            part.start()
        self.run(1.0)

    def _platform(self) -> Platform:
        made = platform()
        return replace(made, tags=replace(made.tags, eas=self.eas))

    def run(self, s: float) -> None:
        self.hub.run(self.hub.now() + s)

    def last(self, kind: type[Any]) -> Any:
        return next(event for event in reversed(self.heard) if isinstance(event, kind))

    @property
    def pad(self) -> PadPart:
        part = self.parts["pad"]
        assert isinstance(part, PadPart)
        return part


@pytest.fixture
def counter() -> Counter:
    return Counter()


def test_every_part_says_that_it_is_well(counter: Counter) -> None:
    health = {event.part: event.health for event in counter.heard if isinstance(event, PartChanged)}
    assert health == dict.fromkeys(("pad", "card", "scanner", "printer"), PartHealth.OK)
    assert counter.last(PaperChanged).paper is Paper.READY


def test_a_book_on_the_pad_becomes_an_item_with_its_mark(counter: Counter) -> None:
    counter.bench.put(BOOK)
    counter.run(1.0)
    (tag,) = counter.last(PadHolds).tags
    assert (tag.kind, tag.item, tag.owner, tag.security) == (
        TagKind.ITEM,
        "D1000001",
        "CN-DEMO-CUMT",
        SecurityState.ON,
    )
    counter.bench.lift()
    counter.run(1.0)
    assert counter.last(PadHolds).tags == ()


@pytest.mark.parametrize(
    ("afi", "eas", "expected"),
    [
        (0x07, True, SecurityState.ON),
        (0xC2, False, SecurityState.OFF),
        (0x07, False, SecurityState.UNKNOWN),
        (0x07, None, SecurityState.UNKNOWN),
    ],
)
def test_where_gates_listen_for_eas_a_book_is_armed_only_with_both_marks(
    afi: int, eas: bool | None, expected: SecurityState
) -> None:
    scheme = SecurityScheme(afi_on=0x07, afi_off=0xC2, eas=True)
    image = TagImage(uid=TagUid(BOOK.uid), dsfid=0, afi=afi, eas=eas, memory=bytes(16), block_size=4, blocks=4)
    hints = Hints(item=lambda barcode: None, patron=lambda number: None)
    content = detect(image.memory, block_size=4, dsfid=0, afi=afi)
    assert pad_tag(image, content, scheme, hints).security is expected


def test_a_desk_whose_gates_listen_for_eas_sees_books_as_they_are_and_as_they_become() -> None:
    counter = Counter(eas=True)
    counter.bench.put(BOOK)
    tag = counter.bench.field.tags[0]
    tag.eas = True
    counter.run(1.0)
    assert counter.last(PadHolds).tags[0].security is SecurityState.ON
    counter.pad.set_security(SetSecurity(corr="t1", uids=(BOOK.uid,), wanted=SecurityState.OFF))
    counter.run(1.0)
    assert counter.last(SecurityDone).before is SecurityState.ON
    assert counter.last(PadHolds).tags[0].security is SecurityState.OFF
    assert not tag.eas


def test_the_mark_is_proven_and_the_pad_tells_the_new_state(counter: Counter) -> None:
    counter.bench.put(BOOK)
    counter.run(1.0)
    counter.pad.set_security(SetSecurity(corr="t1", uids=(BOOK.uid,), wanted=SecurityState.OFF))
    counter.run(1.0)
    done = counter.last(SecurityDone)
    assert (done.proof, done.state, done.before) == (SecurityProof.PROVEN, SecurityState.OFF, SecurityState.ON)
    assert counter.bench.afi_of(BOOK.uid) == 0xC2
    assert counter.last(PadHolds).tags[0].security is SecurityState.OFF


def test_a_lifted_book_was_not_written(counter: Counter) -> None:
    counter.bench.put(BOOK)
    counter.run(1.0)
    counter.bench.lift()
    counter.pad.set_security(SetSecurity(corr="t1", uids=(BOOK.uid,), wanted=SecurityState.OFF))
    counter.run(3.0)
    assert counter.last(SecurityDone).proof is SecurityProof.NOT_WRITTEN


def test_half_a_set_switched_is_a_doubt_of_the_whole(counter: Counter) -> None:
    first = SimBook(uid=BOOK.uid, item=BOOK.item, owner=BOOK.owner, parts=2, ordinal=1)
    counter.bench.put(first, DISC)
    counter.run(1.0)
    assert [tag.ordinal for tag in counter.last(PadHolds).tags] == [1, 2]
    counter.bench.lift(DISC.uid)
    counter.pad.set_security(SetSecurity(corr="t1", uids=(BOOK.uid, DISC.uid), wanted=SecurityState.OFF))
    counter.run(5.0)
    assert counter.last(SecurityDone).proof is SecurityProof.UNKNOWN


def test_a_card_becomes_its_number_and_never_shows_in_repr(counter: Counter) -> None:
    counter.bench.tap("04FA944D8F5CD9")
    counter.run(1.0)
    card = counter.last(CardNumber)
    assert card.number == "04FA944D8F5CD9"
    assert "04FA" not in repr(card)
    counter.bench.tap("04F547D824CAD5")
    counter.run(1.0)
    assert isinstance(counter.heard[-1], CardsMany)


def test_a_phone_is_known_by_its_changing_number(counter: Counter) -> None:
    counter.bench.tap_phone()
    counter.run(1.0)
    assert counter.last(CardNumber).random


def test_a_code_is_scanned_whole(counter: Counter) -> None:
    counter.bench.scan("D1000001")
    counter.run(1.0)
    assert counter.last(Code).text == "D1000001"


def test_a_slip_is_printed_and_proven(counter: Counter) -> None:
    printer = counter.parts["printer"]
    assert isinstance(printer, PrinterPart)
    printer.print(SLIP)
    counter.run(20.0)
    assert counter.last(Printed).ok
    (text,) = counter.bench.printer.printed
    assert "红楼梦" in text
    assert "2026-12-22" in text


def test_without_paper_nothing_is_sent_and_the_machine_knows(counter: Counter) -> None:
    counter.bench.printer.paper_lines = 0
    counter.run(10.0)
    assert counter.last(PaperChanged).paper is Paper.OUT
    printer = counter.parts["printer"]
    assert isinstance(printer, PrinterPart)
    printer.print(SLIP)
    counter.run(20.0)
    assert not counter.last(Printed).ok
    assert counter.bench.printer.printed == ()


def test_an_unplugged_pad_is_noticed_and_found_again(counter: Counter) -> None:
    counter.bench.unplug("pad")
    counter.run(20.0)
    health = [event.health for event in counter.heard if isinstance(event, PartChanged) and event.part == "pad"]
    assert health[-1] in (PartHealth.GONE, PartHealth.MUTE)
    counter.bench.plug("pad")
    counter.run(30.0)
    assert counter.last(PartChanged).health is PartHealth.OK


def test_unknown_parts_drivers_and_links_are_named() -> None:
    wrong = check(
        {
            "pad": PartSection(driver="fieg", link="serial:/dev/ttyUSB0"),
            "card": PartSection(driver="pn532", link="serial:/dev/ttyUSB1?baud=fast"),
            "oven": PartSection(driver="x", link="y"),
        }
    )
    assert [path for path, _ in wrong] == [("parts", "pad", "driver"), ("parts", "card", "link"), ("parts", "oven")]


def test_the_technician_sees_a_wire_in_columns_that_align(counter: Counter) -> None:
    counter.bench.put(BOOK)
    counter.run(2.0)
    lines = counter.pad.wire.last()
    assert lines
    for line in lines:
        way, seconds, data, text = line[:1], line[2:11], line[13:36], line[38:]
        assert way in "<>"
        assert float(seconds) >= 0
        assert len(bytes.fromhex(data)) == len(text)


def test_of_a_readers_wires_the_technician_sees_lengths_only(counter: Counter) -> None:
    counter.bench.tap("04FA944D8F5CD9")
    counter.run(2.0)
    lines = counter.parts["card"].wire.last()
    assert lines
    assert all(line.endswith(" B") and len(line) < 20 for line in lines)


def test_the_card_readers_test_tells_how_fast_it_answers(counter: Counter) -> None:
    counter.parts["card"].test()
    counter.run(1.0)
    tested = counter.last(PartTested)
    assert tested.ok
    assert re.fullmatch(r"ok · \d+ ms", tested.numbers)


def test_a_port_that_may_not_be_opened_is_told_as_forbidden(counter: Counter) -> None:
    def locked() -> Link:
        raise LinkLost("pad", "open", "could not open /dev/circdesk/pad") from PermissionError(errno.EACCES, "no")

    with pytest.raises(LinkLost) as caught:
        Wire(locked, counter.hub, personal=False).open()
    assert caught.value.code == "forbidden"
