"""A return whose tag came armed ends no loan (rule 34): what our own write armed did not come armed."""

from __future__ import annotations

from pathlib import Path

from kiosk.checkout.reduce.fold import evolve
from kiosk.checkout.states import Durable
from kiosk.domain import ItemBarcode, SecurityProof, SecurityState
from kiosk.flow.devices import SecurityDone
from kiosk.flow.orders import SetSecurity
from kiosk.flow.replay import fold, owed
from kiosk.journal import Journal
from kiosk.messages.records import Intent
from tests.unit.checkout.bench import Book, Desktop
from tests.unit.journal.books import DEVICE, open_journal

ON, OFF, UNKNOWN = SecurityState.ON, SecurityState.OFF, SecurityState.UNKNOWN


def taken_in(desktop: Desktop) -> Intent:
    return [body for body in desktop.journal if isinstance(body, Intent)][-1]


def test_a_tag_that_our_own_first_try_armed_is_not_called_armed_before() -> None:
    """A tag with a mark of somebody else's: our first write takes and its answer is lost, the second finds it on."""
    desktop = Desktop()
    desktop.boot(read_marks=False)
    desktop.put("D1", mark=OFF)
    desktop.touch("to.checkin")
    desktop.run(1)
    desktop.mute = True
    desktop.touch("checkin")
    for before, proof in ((UNKNOWN, SecurityProof.UNKNOWN), (ON, SecurityProof.PROVEN)):
        order = next(command for command in reversed(desktop.log) if isinstance(command, SetSecurity))
        state = ON if proof is SecurityProof.PROVEN else UNKNOWN
        desktop.hear(SecurityDone(corr=order.corr, wanted=ON, state=state, proof=proof, before=before))
    assert taken_in(desktop).security is not ON


def test_a_book_lifted_after_it_was_armed_and_put_back_is_not_called_armed_before() -> None:
    desktop = Desktop()
    desktop.put("D1", mark=OFF)
    desktop.touch("to.checkin")
    desktop.run(1)
    desktop.touch("checkin")
    desktop.lift("D1")  # the mark is written already, the answer on its way
    desktop.books["D1"].mark = ON
    desktop.run(1)
    desktop.put("D1")
    desktop.run(1)
    if desktop.screen.name != "pad":
        desktop.touch("again")
        desktop.run(1)
    desktop.touch("checkin")
    desktop.run(3)
    assert desktop.ends() == {"D1": "returned"}
    assert taken_in(desktop).security is not ON


def lifted_while_armed() -> Desktop:
    """A book that was lent by an outage; its reader takes it from the pad while its mark goes on."""
    desktop = Desktop()
    desktop.put("D1", mark=OFF)
    desktop.touch("to.checkin")
    desktop.run(1)
    desktop.touch("checkin")
    desktop.lift("D1")
    desktop.books["D1"].mark = ON
    desktop.run(1)
    assert desktop.ends() == {}
    return desktop


def returned(desktop: Desktop, copy: str = "D1") -> Intent:
    desktop.put(copy)
    desktop.run(1)
    if "to.checkin" in {button.id for button in desktop.screen.secondary}:
        desktop.touch("to.checkin")
        desktop.run(1)
    desktop.touch("checkin")
    desktop.run(3)
    assert desktop.ends() == {"D1": "returned"}
    return taken_in(desktop)


def test_a_book_armed_in_a_visit_before_did_not_come_armed() -> None:
    desktop = lifted_while_armed()
    desktop.run(300)
    assert desktop.screen.name == "attract"
    assert returned(desktop).security is OFF


def test_a_book_armed_before_a_power_cut_did_not_come_armed() -> None:
    desktop = lifted_while_armed()
    desktop.boot()
    assert returned(desktop).security is OFF


def test_a_power_cut_between_mark_and_intent_does_not_hide_that_we_armed_it() -> None:
    """The write took, the power failed before the return was written down: the journal has only our intention."""
    desktop = Desktop()
    desktop.put("D1", mark=OFF)
    desktop.touch("to.checkin")
    desktop.run(1)
    desktop.touch("checkin")
    assert desktop.books["D1"].mark is ON
    desktop.soon.clear()
    desktop.boot()
    desktop.lift("D1")
    assert returned(desktop).security is OFF


def test_a_return_that_came_about_is_no_excuse_for_the_next() -> None:
    """Returned and shelved; whoever lays it down again brings an armed book."""
    desktop = Desktop()
    desktop.put("D1", mark=OFF)
    assert returned(desktop).security is OFF
    desktop.lift("D1")
    desktop.run(300)
    assert returned(desktop).security is ON


def test_after_a_day_a_tag_that_was_armed_here_is_read_as_it_is() -> None:
    desktop = lifted_while_armed()
    desktop.now += 90_000
    desktop.run(300)
    assert returned(desktop).security is ON


def test_a_twin_with_the_same_number_is_not_taken_for_the_copy_that_was_armed_here() -> None:
    desktop = lifted_while_armed()
    desktop.run(300)
    desktop.books["twin"] = Book(uid="twin", item=ItemBarcode("D1"))
    assert returned(desktop, "twin").security is ON


def test_a_receipt_does_not_hide_from_the_next_start_that_we_armed_a_tag(tmp_path: Path) -> None:
    """The gateway has the note within a tenth of a second; a start folds only what is still owed to somebody."""
    journal = open_journal(tmp_path / "journal.db")
    desktop = lifted_while_armed()
    journal.append(desktop.journal)
    receipted(journal)
    now_ms = desktop.journal[-1].at_ms  # type: ignore[union-attr]  # the note
    start = Durable(device=DEVICE, epoch="epoch")

    assert fold(evolve, start, owed(journal, now_ms)).armed == desktop.durable.armed
    assert fold(evolve, start, owed(journal, now_ms + 90_000_000)).armed == {}

    desktop.run(300)
    begun = len(desktop.journal)
    assert returned(desktop).security is OFF
    journal.append(desktop.journal[begun:])
    receipted(journal)
    assert fold(evolve, start, owed(journal, now_ms)).armed == {}


def receipted(journal: Journal) -> None:
    journal.receipt(*journal.last, wall_ms=1)
