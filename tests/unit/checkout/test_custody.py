"""Where the book really is and what its mark really says decide how a loan or a return ends."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain import Refusal, SecurityProof, SecurityState
from kiosk.flow.devices import PadHolds, SecurityDone, Usage
from kiosk.flow.events import Answered, PartChanged, PartHealth, UiChanged
from kiosk.flow.orders import SetSecurity
from kiosk.messages.asks import EffectGranted, EffectOpen, EffectRefused, LoanLine, PatronHint
from kiosk.messages.records import Granted, Intent, OfflineAccepted
from tests.unit.checkout.bench import Book, Desktop, desk, reader

ON, OFF = SecurityState.ON, SecurityState.OFF


def at_pad(desktop: Desktop, *items: str) -> None:
    desktop.put(*items)
    desktop.tap()
    desktop.run(1)
    assert desktop.screen.name == "pad"


def granted_later(desktop: Desktop) -> None:
    """The gateway's answer to what was asked last."""
    key = [body.key for body in desktop.journal if isinstance(body, Intent)][-1]
    desktop.hear(Answered(corr=key, answer=EffectGranted(key=key, due="2026-12-22", title="红楼梦")))


def a_set(desktop: Desktop) -> None:
    for part in (1, 2):
        desktop.books[f"D1{part}"] = Book(uid=f"D1{part}", item="D1", parts=2, ordinal=part)  # type: ignore[arg-type]


def test_a_set_with_one_part_switched_is_not_called_untouched() -> None:
    """One part's mark is off, the other cannot be switched: undone only after both are armed again."""
    desktop = Desktop()
    a_set(desktop)
    desktop.books["D12"].stuck = True
    at_pad(desktop, "D11", "D12")
    desktop.touch("borrow")
    desktop.run(30)
    assert desktop.ends() == {"D1": "undone"}
    assert desktop.books["D11"].mark is ON


def test_a_set_of_which_one_part_is_carried_off_is_never_undone() -> None:
    desktop = Desktop(security=lambda book, wanted: SecurityProof.PROVEN)
    a_set(desktop)
    at_pad(desktop, "D11", "D12")
    desktop.effect = lambda intent: None
    desktop.touch("borrow")
    desktop.books["D12"].on_pad = False  # the pad has not noticed yet
    granted_later(desktop)
    desktop.lift("D11")
    desktop.run(40)
    assert desktop.books["D11"].mark is OFF
    assert desktop.ends() == {"D1": "stands"}


def test_a_power_cut_between_the_parts_of_a_set_is_not_judged_by_the_part_that_stayed() -> None:
    desktop = Desktop()
    a_set(desktop)
    at_pad(desktop, "D11", "D12")
    desktop.touch("borrow")
    desktop.soon.clear()
    key = next(body.key for body in desktop.journal if isinstance(body, Intent))
    desktop.journal.append(Granted(key=key, due="2026-12-22"))
    desktop.books["D11"].mark = OFF
    desktop.books["D11"].on_pad = False  # switched and carried off in the dark
    desktop.boot()
    desktop.run(40)
    assert desktop.ends() == {"D1": "stands"}


def test_a_book_on_the_pad_is_armed_before_its_loan_is_undone() -> None:
    """The reader leaves the book out after a write nobody saw: it lies within reach, so nobody has to guess."""
    answers = iter([SecurityProof.UNKNOWN] * 3)
    desktop = Desktop(security=lambda book, wanted: next(answers, SecurityProof.PROVEN))
    at_pad(desktop, "D1")
    desktop.touch("borrow")
    desktop.run(1)
    assert desktop.screen.name == "put_back"
    desktop.touch(next(b.id for b in desktop.screen.secondary if b.id.startswith("skip:")))
    desktop.run(1)
    assert desktop.ends() == {"D1": "undone"}
    assert desktop.books["D1"].mark is ON


def test_a_reading_before_the_book_is_lifted_counts_afterwards() -> None:
    """Proven on, tried again, and lifted meanwhile: what was read is not forgotten."""
    desktop = Desktop()
    at_pad(desktop, "D1")
    desktop.books["D1"].stuck = True
    desktop.touch("borrow")
    desktop.run(0.12)  # the first attempt has read it as on
    desktop.books["D1"].on_pad = False
    desktop.hear(PadHolds(tags=()))
    desktop.run(40)
    assert desktop.ends() == {"D1": "undone"}


def test_a_tag_that_cannot_be_switched_goes_to_the_desk_not_back_to_the_shelf() -> None:
    desktop = Desktop()
    at_pad(desktop, "D1")
    desktop.books["D1"].stuck = True
    desktop.touch("borrow")
    desktop.run(5)
    assert desktop.ends() == {"D1": "undone"}
    assert desktop.screen.rows[0].remedy == "请交给总服务台。"


def patient(**times: float) -> Desktop:
    return Desktop(desk=desk(times=replace(desk().times, **times)))


def test_a_grant_after_the_reader_left_opens_no_book() -> None:
    """The book lies on the pad with nobody there: its mark stays on, and the reader is not charged for it."""
    desktop = patient(answer_s=30.0)
    at_pad(desktop, "D1")
    desktop.effect = lambda intent: None
    desktop.touch("borrow")
    desktop.run(11)
    desktop.touch("leave")
    assert desktop.screen.name == "clear_pad"
    granted_later(desktop)
    desktop.run(1)
    assert desktop.ends() == {"D1": "undone"}
    assert desktop.books["D1"].mark is ON
    assert not [order for order in desktop.log if isinstance(order, SetSecurity)]
    assert "没有借出" in desktop.screen.headline.sub  # type: ignore[union-attr]


def test_a_book_put_back_after_its_reader_left_is_not_opened_for_whoever_stands_there() -> None:
    desktop = patient(ui_gone_s=2.0)
    at_pad(desktop, "D1")
    desktop.touch("borrow")
    desktop.lift("D1")
    desktop.run(1)
    assert desktop.screen.name == "put_back"
    desktop.hear(UiChanged(present=False))
    desktop.run(3)
    desktop.hear(UiChanged(present=True))
    assert desktop.screen.name == "attract"
    desktop.put("D1")
    desktop.run(1)
    assert desktop.ends() == {"D1": "undone"}
    assert desktop.books["D1"].mark is ON


def test_a_book_switched_in_the_moment_its_reader_left_is_called_borrowed() -> None:
    desktop = patient(ui_gone_s=0.06)
    at_pad(desktop, "D1")
    desktop.touch("borrow")
    desktop.run(0.05)
    desktop.hear(UiChanged(present=False))
    desktop.soon = [(when + 0.1, n, event) for when, n, event in desktop.soon]
    desktop.run(1)
    assert desktop.ends() == {"D1": "delivered"}
    assert "已经借好" in desktop.screen.headline.sub  # type: ignore[union-attr]


def test_a_pad_that_never_answers_ends_every_loan_all_the_same() -> None:
    desktop = Desktop(mute=True)
    at_pad(desktop, "D1")
    desktop.touch("borrow")
    desktop.run(120)
    assert desktop.ends() == {"D1": "stands"}
    assert desktop.screen.name != "working"


def test_the_outcome_of_an_attempt_given_up_settles_nothing() -> None:
    """A pad that wakes up late tells of an order nobody waits for any more."""
    desktop = Desktop(mute=True)
    at_pad(desktop, "D1")
    desktop.touch("borrow")
    desktop.run(1)
    first = next(order for order in desktop.log if isinstance(order, SetSecurity))
    desktop.run(11)
    again = [order for order in desktop.log if isinstance(order, SetSecurity)][-1]
    assert again.corr != first.corr
    desktop.hear(SecurityDone(corr=first.corr, wanted=OFF, state=OFF, proof=SecurityProof.PROVEN))
    assert desktop.ends() == {}


def test_a_return_lifted_while_it_is_armed_is_not_booked() -> None:
    """The mark is on again, but the book is in somebody's hands: the library does not have it."""
    desktop = Desktop()
    desktop.touch("start.checkin")
    desktop.put("D1", mark=OFF)
    desktop.run(1)
    desktop.touch("checkin")
    desktop.lift("D1")
    desktop.run(2)
    assert not any(isinstance(body, Intent) for body in desktop.journal)
    assert desktop.screen.rows[0].reason == "书被拿开了，没有办理。请放回再试。"


def test_a_return_on_a_dead_pad_is_not_taken_on_trust() -> None:
    """What the pad told before it died proves no custody."""
    desktop = Desktop()
    desktop.touch("start.checkin")
    desktop.put("D1", mark=OFF)
    desktop.run(1)
    desktop.security = lambda book, wanted: SecurityProof.NOT_WRITTEN
    desktop.hear(PartChanged(part="pad", health=PartHealth.GONE))
    desktop.touch("checkin")
    desktop.run(5)
    assert desktop.journal == []
    assert "扫" in desktop.screen.rows[0].remedy


def test_confirmed_returns_are_carried_through_when_their_reader_does_not_wait() -> None:
    desktop = patient(answer_s=30.0)
    desktop.touch("start.checkin")
    desktop.put("D1", "D2", mark=OFF)
    desktop.run(1)
    desktop.effect = lambda intent: None
    desktop.touch("checkin")
    desktop.run(11)
    desktop.touch("leave")
    assert "已经收下" in desktop.screen.headline.sub  # type: ignore[union-attr]
    desktop.run(60)
    assert desktop.ends() == {"D1": "returned", "D2": "returned"}


def test_a_refused_return_left_behind_is_not_called_taken_in() -> None:
    desktop = Desktop(effect=lambda intent: EffectRefused(key=intent.key, reason=Refusal.ITEM_UNKNOWN))
    desktop.touch("start.checkin")
    desktop.put("D1", mark=OFF)
    desktop.run(1)
    desktop.touch("checkin")
    desktop.run(1)
    desktop.touch("finish")
    assert "没有归还" in desktop.screen.headline.sub  # type: ignore[union-attr]


def test_an_item_that_must_not_be_lent_offline_is_not_lent_when_the_network_goes_at_the_last_moment() -> None:
    desktop = Desktop(hint=PatronHint(who="x", room=5))
    at_pad(desktop, "D1")
    tag = replace(desktop.volatile.pad[0], usage=Usage.NOT_ISSUE_OFFLINE)
    desktop.hear(PadHolds(tags=(tag,)))
    desktop.effect = lambda intent: None
    desktop.touch("borrow")
    desktop.run(10)
    assert desktop.ends() == {"D1": "cancelled"}
    assert not any(isinstance(body, OfflineAccepted) for body in desktop.journal)


def test_a_renewal_in_doubt_is_neither_claimed_nor_denied() -> None:
    loans = (LoanLine(item="D1", title="书 D1", due="2026-11-30"),)  # type: ignore[arg-type]
    desktop = Desktop(patron=reader(loans=loans), effect=lambda intent: EffectOpen(key=intent.key, task="T77"))
    desktop.touch("start.account")
    desktop.tap()
    desktop.run(1)
    desktop.touch("renew")
    desktop.run(1)
    assert desktop.ends() == {"D1": "cancelled"}
    assert desktop.screen.rows[0].value == "正在确认"
    assert "T77" in desktop.screen.rows[0].remedy


def test_a_restarted_machine_arms_a_granted_book_it_cannot_read_the_mark_of() -> None:
    """Where the gate goes by a bit that a list does not show, the book is armed before the loan is undone."""
    desktop = Desktop()
    at_pad(desktop, "D1")
    desktop.touch("borrow")
    desktop.soon.clear()
    key = next(body.key for body in desktop.journal if isinstance(body, Intent))
    desktop.journal.append(Granted(key=key, due="2026-12-22"))
    desktop.boot(read_marks=False)
    desktop.run(40)
    assert desktop.ends() == {"D1": "undone"}
    assert desktop.books["D1"].mark is ON


def test_after_a_restart_another_copy_with_the_same_number_speaks_for_nobody() -> None:
    """The copy that was granted is carried off in the dark; its twin is laid down. Its mark proves nothing."""
    for twin in (ON, OFF):
        desktop = Desktop()
        desktop.books["D1a"] = Book(uid="D1a", item="D1")  # type: ignore[arg-type]
        desktop.books["D1b"] = Book(uid="D1b", item="D1", mark=twin)  # type: ignore[arg-type]
        at_pad(desktop, "D1a")
        desktop.touch("borrow")
        desktop.soon.clear()
        [intent] = [body for body in desktop.journal if isinstance(body, Intent)]
        assert intent.tags == ("D1a",)
        desktop.journal.append(Granted(key=intent.key, due="2026-12-22"))
        desktop.books["D1a"].on_pad, desktop.books["D1b"].on_pad = False, True
        desktop.boot()
        desktop.run(40)
        assert desktop.ends() == {"D1": "stands"}
        assert desktop.books["D1b"].mark is twin


def test_after_a_restart_the_copy_that_was_granted_is_found_beside_its_twin() -> None:
    desktop = Desktop()
    desktop.books["D1a"] = Book(uid="D1a", item="D1")  # type: ignore[arg-type]
    desktop.books["D1b"] = Book(uid="D1b", item="D1")  # type: ignore[arg-type]
    at_pad(desktop, "D1b")
    desktop.touch("borrow")
    desktop.soon.clear()
    key = next(body.key for body in desktop.journal if isinstance(body, Intent))
    desktop.journal.append(Granted(key=key, due="2026-12-22"))
    desktop.books["D1a"].on_pad = True
    desktop.books["D1b"].mark = OFF
    desktop.boot()
    desktop.run(40)
    assert desktop.ends() == {"D1": "delivered"}


def test_a_record_that_names_no_tags_is_judged_by_a_copy_that_lies_there_alone() -> None:
    """Older software wrote only the number: one copy is taken for it, two are not."""
    for twins, outcome in ((False, "undone"), (True, "stands")):
        desktop = Desktop()
        at_pad(desktop, "D1")
        desktop.touch("borrow")
        desktop.soon.clear()
        [intent] = [body for body in desktop.journal if isinstance(body, Intent)]
        desktop.journal[:] = [replace(intent, tags=()), Granted(key=intent.key, due="2026-12-22")]
        desktop.books["D1b"] = Book(uid="D1b", item="D1", on_pad=twins)  # type: ignore[arg-type]
        desktop.boot()
        desktop.run(40)
        assert desktop.ends() == {"D1": outcome}


def test_what_lay_on_the_pad_at_the_start_is_nobodys_until_it_is_lifted() -> None:
    desktop = Desktop()
    at_pad(desktop, "D1")
    desktop.boot()
    assert desktop.screen.name == "clear_pad"
    desktop.tap()
    assert desktop.screen.name == "clear_pad"
    desktop.lift("D1")
    desktop.put("D1")
    assert desktop.screen.name == "pad"
