"""A return whose tag came armed ends no loan (rule 34): what our own write armed did not come armed."""

from __future__ import annotations

from kiosk.domain import SecurityProof, SecurityState
from kiosk.flow.devices import SecurityDone
from kiosk.flow.orders import SetSecurity
from kiosk.messages.records import Intent
from tests.unit.checkout.bench import Desktop

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
