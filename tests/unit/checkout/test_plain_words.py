"""What the screens say fits what the machine can do: no promise, no contradiction, nothing passed over in silence."""

from __future__ import annotations

import pytest

from kiosk.checkout.policy import CheckinPolicy, Service
from kiosk.domain import Pseudonym, Refusal, SecurityState
from kiosk.flow.devices import CodeKind, Scanned
from kiosk.flow.events import PartChanged, PartHealth, UiChanged
from kiosk.messages.asks import EffectGranted, EffectRefused, ItemKnown, LoanLine, PatronHint
from kiosk.messages.records import Intent
from kiosk.screen import Art, Button, Icon, Steps, Strip, Tone
from tests.unit.checkout.bench import Desktop, desk, reader, sentences

TABLE = sentences()


def say(key: str, **fields: object) -> str:
    return TABLE.say("zh", key, **fields)


def steps(desktop: Desktop) -> tuple[tuple[str, ...], str]:
    """Those that are done, and the present one."""
    shown = desktop.screen.steps
    assert isinstance(shown, Steps)
    return shown.names[: shown.now - 1], shown.names[shown.now - 1]


def scan(desktop: Desktop, item: str = "D7") -> None:
    desktop.hear(Scanned(kind=CodeKind.ITEM, text=item))


def gone(desktop: Desktop, *parts: str) -> None:
    for part in parts:
        desktop.hear(PartChanged(part=part, health=PartHealth.GONE))


# -- the pad promises nothing that the library system has not said


def test_a_book_that_is_known_is_not_yet_promised() -> None:
    """A library system may call a reference copy available and refuse it when it is asked to lend it."""
    desktop = Desktop(effect=lambda intent: EffectRefused(key=intent.key, reason=Refusal.ITEM_REFERENCE_ONLY))
    desktop.put("D1")
    desktop.tap()
    desktop.run(1)
    assert desktop.rows() == {"书 D1": say("word.recognised")}
    assert say("word.can_borrow") not in desktop.rows().values()
    desktop.touch("borrow")
    desktop.run(2)
    assert desktop.rows() == {"书 D1": say("refusal.item_reference_only")}


def test_a_reference_copy_that_the_library_system_names_is_refused_on_the_pad() -> None:
    desktop = Desktop(known={"D1": ItemKnown(item="D1", title="书 D1", reference_only=True)})  # type: ignore[arg-type]
    desktop.put("D1")
    desktop.run(1)
    assert desktop.rows() == {"书 D1": say("refusal.item_reference_only")}


def test_where_the_machine_decides_alone_it_says_what_it_decides() -> None:
    desktop = Desktop(online=False, hint=PatronHint(who="", room=3))
    desktop.put("D1")
    desktop.tap()
    assert desktop.rows() == {"书 D1": say("word.can_borrow")}


@pytest.mark.parametrize(
    "who",
    [
        reader(limit=2, charged=2),
        reader(limit=3, charged=2),
        reader(blocks=(Refusal.PATRON_OVERDUE,), overdue=2),
        reader(blocks=(Refusal.PATRON_FEES,), fee_fen=9900),
    ],
    ids=["no room", "too little room", "overdue", "fees"],
)
def test_no_row_looks_open_where_nothing_can_be_borrowed(who: object) -> None:
    desktop = Desktop(patron=who)  # type: ignore[arg-type]
    desktop.put("D1", "D2")
    desktop.tap()
    desktop.run(1)
    assert isinstance(desktop.screen.primary, Strip)
    assert {(row.tone, row.icon) for row in desktop.screen.rows} == {(Tone.PLAIN, Icon.NONE)}


def test_a_blocked_reader_is_not_shown_how_many_more_he_could_borrow() -> None:
    desktop = Desktop(patron=reader(blocks=(Refusal.PATRON_FEES,), fee_fen=9900))
    desktop.put("D1")
    desktop.tap()
    desktop.run(1)
    assert desktop.screen.person is not None
    assert desktop.screen.person.value == ""
    assert desktop.screen.banner is not None
    assert "99.00" in desktop.screen.banner.text


def test_a_refused_reader_is_not_told_that_he_can_still_borrow() -> None:
    desktop = Desktop(online=False)
    desktop.tap()
    assert desktop.screen.name == "declined"
    assert desktop.screen.banner is None


# -- steps


def test_a_return_counts_no_card_among_its_steps() -> None:
    desktop = Desktop()
    desktop.touch("start.checkin")
    assert steps(desktop) == ((), say("step.books"))
    desktop.put("D1", mark=SecurityState.OFF)
    desktop.run(1)
    desktop.touch("checkin")
    desktop.run(2)
    assert desktop.screen.name == "done"
    assert steps(desktop) == ((say("step.books"),), say("step.done"))


def test_books_before_the_card_stay_the_first_step() -> None:
    desktop = Desktop()
    desktop.put("D1")
    desktop.run(1)
    assert steps(desktop) == ((say("step.books"),), say("step.card"))
    both = ((say("step.books"), say("step.card")), say("step.done"))
    desktop.tap()
    desktop.run(1)
    assert steps(desktop) == both
    desktop.touch("borrow")
    assert (desktop.screen.name, steps(desktop)) == ("working", both)
    desktop.run(2)
    assert (desktop.screen.name, steps(desktop)) == ("done", both)


def test_a_card_before_the_books_stays_the_first_step() -> None:
    desktop = Desktop()
    desktop.tap()
    desktop.run(1)
    assert steps(desktop) == ((say("step.card"),), say("step.books"))
    desktop.put("D1")
    desktop.run(1)
    assert steps(desktop) == ((say("step.card"),), say("step.books"))


def test_who_takes_all_books_off_again_is_asked_for_books() -> None:
    desktop = Desktop()
    desktop.put("D1")
    desktop.tap()
    desktop.run(1)
    desktop.lift()
    assert steps(desktop) == ((say("step.card"),), say("step.books"))


def test_books_taken_off_again_before_the_card_leave_nothing_done() -> None:
    desktop = Desktop()
    desktop.put("D1")
    desktop.lift()
    assert steps(desktop) == ((), say("step.books"))


def test_a_renewal_lays_no_books_anywhere() -> None:
    desktop = Desktop(patron=reader(loans=(LoanLine(item="D9", title="红楼梦", due="2026-12-01"),)))  # type: ignore[arg-type]
    desktop.touch("start.renew")
    assert steps(desktop) == ((), say("step.card"))
    desktop.tap()
    desktop.run(1)
    desktop.touch("renew")
    assert steps(desktop) == ((say("step.card"),), say("step.choose"))
    desktop.run(2)
    assert steps(desktop) == ((say("step.card"), say("step.choose")), say("step.done"))


# -- parts that are away


def test_without_a_card_reader_nobody_is_asked_for_a_card() -> None:
    desktop = Desktop()
    gone(desktop, "card")
    assert desktop.screen.headline is not None
    assert desktop.screen.headline.sub == ""
    desktop.touch("start.checkout")
    assert desktop.screen.name == "card_away"
    assert desktop.screen.art is not Art.CARD
    desktop.touch("to.checkin")
    assert desktop.screen.name == "pad_empty"


def test_without_a_card_reader_books_first_says_so_as_well() -> None:
    desktop = Desktop()
    gone(desktop, "card")
    desktop.put("D1")
    desktop.run(1)
    assert isinstance(desktop.screen.primary, Strip)
    assert desktop.screen.primary.text == say("card.away")
    assert desktop.screen.primary.tone is Tone.CARE


def test_with_a_broken_pad_nobody_is_asked_to_lay_books_down() -> None:
    desktop = Desktop()
    desktop.hear(PartChanged(part="scanner", health=PartHealth.OK))
    gone(desktop, "pad")
    lay = {say("home.invite"), say("pad.empty"), say("checkin.place")}
    for button in ("", "start.checkin"):
        if button:
            desktop.touch(button)
        screen = desktop.screen
        assert screen.headline is not None
        assert screen.primary is not None
        assert not lay & {screen.headline.text, screen.headline.sub, screen.primary.text}
    assert desktop.screen.art is Art.SCAN


def test_where_nothing_reads_books_nobody_is_told_to_scan() -> None:
    desktop = Desktop()
    desktop.hear(PartChanged(part="scanner", health=PartHealth.OK))
    desktop.touch("start.checkin")
    gone(desktop, "pad", "scanner")
    assert desktop.screen.banner is not None
    assert desktop.screen.banner.text == say("oos.sub")


# -- a scan is never passed over in silence


def test_a_book_scanned_before_the_card_is_kept_and_the_card_asked_for() -> None:
    desktop = Desktop()
    desktop.touch("start.checkout")
    scan(desktop)
    assert desktop.screen.banner is not None
    assert desktop.screen.banner.text == say("scan.card_first")
    desktop.tap()
    desktop.run(1)
    assert desktop.rows() == {"书 D7": say("word.recognised")}
    assert desktop.screen.banner is None


def test_a_book_scanned_on_the_way_to_ones_loans_is_a_wish_to_borrow_it() -> None:
    desktop = Desktop()
    desktop.touch("start.account")
    scan(desktop)
    desktop.tap()
    desktop.run(1)
    assert desktop.screen.name == "pad"


def test_a_book_scanned_over_ones_loans_comes_on_the_list() -> None:
    desktop = Desktop()
    desktop.touch("start.account")
    desktop.tap()
    desktop.run(1)
    scan(desktop)
    desktop.run(1)
    assert desktop.rows() == {"书 D7": say("word.recognised")}


def test_a_book_scanned_while_others_are_dealt_with_waits_for_another_scan() -> None:
    desktop = Desktop(effect=lambda intent: None)
    desktop.put("D1")
    desktop.tap()
    desktop.run(1)
    desktop.touch("borrow")
    scan(desktop)
    assert desktop.screen.banner is not None
    assert desktop.screen.banner.text == say("scan.later")
    assert desktop.volatile.visit is not None
    assert desktop.volatile.visit.scanned == ()


def test_a_book_scanned_by_a_refused_reader_is_not_noted() -> None:
    desktop = Desktop(online=False)
    desktop.tap()
    scan(desktop)
    assert desktop.screen.banner is not None
    assert desktop.screen.banner.text == say("scan.declined")
    assert desktop.volatile.visit is not None
    assert desktop.volatile.visit.scanned == ()


def test_a_book_scanned_where_nothing_is_lent_is_a_return() -> None:
    desktop = Desktop(desk=desk(services=frozenset({Service.CHECKIN, Service.ACCOUNT})))
    desktop.touch("start.account")
    scan(desktop)
    desktop.run(1)
    assert desktop.rows() == {"书 D7": say("word.can_return")}


def test_a_readers_code_still_finds_him_after_a_scan() -> None:
    desktop = Desktop()
    desktop.touch("start.checkout")
    scan(desktop)
    desktop.hear(Scanned(kind=CodeKind.PATRON, text="9920130001", pseudonym=Pseudonym("p:9")))
    desktop.run(1)
    assert desktop.screen.name == "pad"


# -- rows keep what a reader knows a book by


def test_a_call_number_stays_with_its_book_to_the_end() -> None:
    desktop = Desktop(known={"D1": ItemKnown(item="D1", title="红楼梦", call_number="I242.4/1")})  # type: ignore[arg-type]
    desktop.put("D1")
    desktop.tap()
    desktop.run(1)
    assert desktop.screen.rows[0].sub == "I242.4/1"
    desktop.touch("borrow")
    desktop.run(2)
    assert desktop.screen.name == "done"
    assert desktop.screen.rows[0].sub == "I242.4/1"


def test_a_call_number_is_forgotten_with_its_reader() -> None:
    desktop = Desktop(
        effect=lambda intent: None,
        known={"D1": ItemKnown(item="D1", title="红楼梦", call_number="I242.4/1")},  # type: ignore[arg-type]
    )
    desktop.put("D1")
    desktop.tap()
    desktop.run(1)
    desktop.touch("borrow")
    desktop.run(4)
    desktop.hear(UiChanged(present=False))
    desktop.run(15)
    assert desktop.volatile.visit is None
    assert "I242" not in repr(desktop.volatile)


def test_a_loan_shows_its_call_number() -> None:
    line = LoanLine(item="D9", title="红楼梦", due="2026-12-01", call_number="I242.4/1")  # type: ignore[arg-type]
    desktop = Desktop(patron=reader(loans=(line,)))
    desktop.touch("start.account")
    desktop.tap()
    desktop.run(1)
    assert desktop.screen.rows[0].sub == "I242.4/1"


@pytest.mark.parametrize(("lang", "name"), [("zh", "还书车"), ("en", "Return trolley")])
def test_a_bin_is_named_in_the_readers_language(lang: str, name: str) -> None:
    desktop = Desktop(desk=desk(checkin=CheckinPolicy(default_bin="还书车 / Return trolley"), language=lang))
    desktop.touch("start.checkin")
    desktop.put("D1", mark=SecurityState.OFF)
    desktop.run(1)
    desktop.touch("checkin")
    desktop.run(2)
    assert desktop.screen.rows[0].sub == TABLE.say(lang, "done.bin", bin=name)


def test_a_bin_with_one_name_keeps_it() -> None:
    desktop = Desktop(desk=desk(checkin=CheckinPolicy(default_bin="C/D")))
    desktop.touch("start.checkin")
    desktop.put("D1", mark=SecurityState.OFF)
    desktop.run(1)
    desktop.touch("checkin")
    desktop.run(2)
    assert desktop.screen.rows[0].sub == say("done.bin", bin="C/D")


BLOCKED = (Refusal.PATRON_LIMIT, Refusal.PATRON_OVERDUE, Refusal.PATRON_FEES, Refusal.PATRON_ORIENTATION)


def _ids(desktop: Desktop) -> set[str]:
    shown = (*desktop.screen.secondary, desktop.screen.primary)
    return {button.id for button in shown if isinstance(button, Button)}


@pytest.mark.parametrize("reason", BLOCKED)
@pytest.mark.parametrize("pad", [PartHealth.OK, PartHealth.GONE])
def test_who_may_not_borrow_is_not_asked_for_books_but_offered_a_return(reason: Refusal, pad: PartHealth) -> None:
    desktop = Desktop(patron=reader(blocks=(reason,)))
    desktop.hear(PartChanged(part="pad", health=pad))
    desktop.hear(PartChanged(part="scanner", health=PartHealth.OK))
    desktop.tap()
    desktop.run(1)
    screen = desktop.screen
    assert screen.name == "pad_empty"
    assert screen.headline is not None
    assert screen.headline.text == "现在不能借书"
    assert screen.art not in (Art.PAD, Art.SCAN)
    assert screen.primary is not None
    assert "感应区" not in screen.headline.text + screen.primary.text + screen.primary.sub
    assert "to.checkin" in _ids(desktop)
    assert len(screen.secondary) <= 3
    desktop.touch("to.checkin")
    assert "要还的图书" in desktop.screen.headline.text  # type: ignore[union-attr]


def test_a_full_account_is_not_asked_for_books_either() -> None:
    desktop = Desktop(patron=reader(limit=3, charged=3))
    desktop.tap()
    desktop.run(1)
    assert desktop.screen.headline.text == "现在不能借书"  # type: ignore[union-attr]
    assert "to.checkin" in _ids(desktop)


def test_a_machine_that_only_lends_offers_who_may_not_borrow_a_way_out() -> None:
    services = frozenset(Service) - {Service.CHECKIN}
    desktop = Desktop(desk=desk(services=services), patron=reader(blocks=(Refusal.PATRON_FEES,)))
    desktop.tap()
    desktop.run(1)
    assert _ids(desktop) == {"cancel", "account", "staff"}


def _refused_at_the_end(*reasons: Refusal, services: frozenset[Service] = frozenset(Service)) -> Desktop:
    """One book lent, one refused by the library system for each reason."""
    why = {f"D{n}": reason for n, reason in enumerate(reasons, 2)}

    def effect(intent: Intent) -> object:
        if intent.item in why:
            return EffectRefused(key=intent.key, reason=why[intent.item])
        return EffectGranted(key=intent.key, due="2026-12-22", title="书")

    desktop = Desktop(desk=desk(services=services), effect=effect)
    desktop.put("D1", *why)
    desktop.tap()
    desktop.run(1)
    desktop.touch("borrow")
    desktop.run(2)
    assert desktop.screen.name == "done"
    return desktop


def test_a_loan_brought_back_is_sent_to_a_return_at_the_end_as_on_the_pad() -> None:
    desktop = _refused_at_the_end(Refusal.ITEM_ON_LOAN_OTHER)
    assert "我要还书" in desktop.screen.rows[0].remedy
    assert len(desktop.screen.secondary) == 3
    desktop.touch("to.checkin")
    desktop.run(1)
    assert desktop.screen.name == "pad"
    desktop.lift("D1")
    desktop.touch("checkin")
    desktop.effect = lambda intent: EffectGranted(key=intent.key)
    desktop.run(2)
    assert desktop.ends()["D1"] == "delivered"


def test_the_end_keeps_every_button_that_a_row_speaks_of() -> None:
    desktop = _refused_at_the_end(Refusal.ITEM_ON_LOAN_OTHER, Refusal.ITEM_ALREADY_YOURS)
    assert {"to.checkin", "account"} <= _ids(desktop)
    assert len(desktop.screen.secondary) == 3


def test_a_machine_that_only_lends_sends_a_loan_brought_back_to_the_desk() -> None:
    desktop = _refused_at_the_end(Refusal.ITEM_ON_LOAN_OTHER, services=frozenset({Service.CHECKOUT}))
    assert desktop.screen.rows[0].remedy == "请交给总服务台。"
    assert "to.checkin" not in _ids(desktop)


def test_with_pad_and_card_reader_broken_the_first_screen_tells_of_both() -> None:
    desktop = Desktop()
    desktop.hear(PartChanged(part="scanner", health=PartHealth.OK))
    gone(desktop, "pad")
    gone(desktop, "card")
    assert desktop.screen.name == "attract"
    assert desktop.screen.banner is not None
    assert "感应区和读卡器" in desktop.screen.banner.text
    assert desktop.screen.headline is not None
    assert desktop.screen.headline.text == say("home.invite_scan_return")
    gone(desktop, "scanner")
    assert desktop.screen.name == "out_of_service"


def test_a_machine_that_only_lends_sends_readers_on_when_no_card_can_be_read_and_the_pad_is_broken() -> None:
    desktop = Desktop(desk=desk(services=frozenset({Service.CHECKOUT})))
    desktop.hear(PartChanged(part="scanner", health=PartHealth.OK))
    gone(desktop, "pad")
    gone(desktop, "card")
    assert desktop.screen.banner is not None
    assert desktop.screen.banner.text == say("oos.sub")
