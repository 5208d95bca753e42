"""A random walk over everything that can happen at a desk; every choice comes from one pair of dice."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from kiosk.checkout.policy import CheckoutPolicy, Desk, OfflinePolicy
from kiosk.domain import Pseudonym, Refusal
from kiosk.flow.devices import (
    CardGone,
    CardShown,
    CardsMany,
    CardUnreadable,
    CodeKind,
    Paper,
    PaperChanged,
    PartTested,
    Scanned,
)
from kiosk.flow.events import (
    Answered,
    JournalState,
    LinkChanged,
    LinkName,
    PartChanged,
    PartHealth,
    Touched,
    UiChanged,
)
from kiosk.flow.runtime import buttons_of
from kiosk.flow.step import AskAbout, AskReader, CallStaff, SendIntent
from kiosk.messages.asks import (
    Circulation,
    EffectGranted,
    EffectOpen,
    EffectRefused,
    ItemHint,
    ItemKnown,
    ItemUnknown,
    PatronRefused,
    StaffTaken,
    Unavailable,
)
from kiosk.messages.records import Op
from kiosk.screen import Button, Screen, Sentences
from tests.property.checkout.oracle import Oracle
from tests.property.checkout.world import PEOPLE, PIN, Cut, Person, Question, Violation, World
from tests.unit.checkout.bench import desk

Play = Callable[["Walk"], None]


def desks(dice: random.Random) -> Desk:
    """Libraries differ."""
    plain = desk(device="k1")
    return replace(
        plain,
        times=replace(plain.times, answer_s=dice.choice((5.0, 5.0, 20.0)), ui_gone_s=dice.choice((2.0, 10.0))),
        checkout=CheckoutPolicy(ask_pin=dice.random() < 0.2, disc=dice.choice(("remind", "desk"))),
        offline=OfflinePolicy(
            checkout=dice.random() < 0.8,
            checkin=dice.random() < 0.9,
            items_per_patron=dice.choice((1, 2, 3)),
            require_known_patron=dice.random() < 0.8,
        ),
    )


class Walk:
    """One world, its oracle and a reader with nothing better to do. `story` tells what happened, one line a thing."""

    def __init__(self, dice: random.Random, sentences: Sentences, *, calm: bool = False) -> None:
        self.dice = dice
        self.calm = calm  # the power fails only where a story says so
        self.oracle = Oracle()
        self.world = World(
            desk=desks(dice),
            sentences=sentences,
            dice=dice,
            on_event=self.oracle.on_event,
            on_record=self.oracle.on_record,
            on_act=self.oracle.on_act,
            on_turn=self.oracle.on_turn,
        )
        self.world.boot()

    def run(self, steps: int) -> None:
        """Raises Violation with the story of it."""
        try:
            for _ in range(steps):
                self.one()
            self.come_to_rest()
        except Violation as broken:
            raise Violation("\n".join([*self.world.story[-80:], str(broken)])) from None

    def one(self) -> None:
        plays, weights = zip(*PLAYS, strict=True)
        self.dice.choices(plays, weights)[0](self)

    def hear(self, *events: Any) -> None:
        """Now and then the power fails in just this turn."""
        cut = Cut.NEVER
        if not self.calm and self.dice.random() < 0.01:
            cut = self.dice.choice((Cut.BEFORE_COMMIT, Cut.BEFORE_ACT, Cut.AMONG_ACTS))
        if cut is not Cut.NEVER:
            self.before_boot()
        # A dead screen sends no touch.
        self.world.turn([e for e in events if self.world.ui or not isinstance(e, Touched)], cut)

    def before_boot(self) -> None:
        """A start does not know how long a card has lain there."""
        if self.world.card is not None:
            self.oracle.arrived[self.world.card.letter] = self.world.step + 20

    # -- hands

    def touch(self) -> None:
        """Mostly what invites to it; now and then twice, or two buttons before the screen has changed."""
        screen = self.world.screen
        assert screen is not None
        shown = buttons_of(screen)
        if isinstance(screen.primary, Button) and self.dice.random() < 0.6:
            shown = [screen.primary]
        if not shown:
            return
        pressed = [self.dice.choice(shown)]
        if self.dice.random() < 0.15:
            pressed.append(self.dice.choice([*pressed, *buttons_of(screen)]))
        self.hear(*(self.world.touched(b.id, b.confirms, self._typed(b, screen)) for b in pressed))

    def _typed(self, button: Button, screen: Screen) -> str:
        return PIN if screen.keypad is not None and screen.keypad.enter == button.id else ""

    def hidden_press(self) -> None:
        self.hear(self.world.touched("tech.enter", ()))

    def anywhere(self) -> None:
        if self.world.screen and self.world.screen.countdown and self.world.screen.countdown.full_screen:
            self.hear(self.world.touched("anywhere", ()))

    def put(self) -> None:
        """One thing, or several; the pad tells, mostly at once."""
        for uid in self.dice.sample(sorted(self.world.tags), self.dice.choice((1, 1, 2, 3))):
            self.world.tags[uid].on_pad = True
        if self.dice.random() < 0.9:
            self.notice()

    def put_book(self) -> None:
        for n in self.dice.sample(range(5), self.dice.choice((1, 1, 2, 3))):
            self.world.tags[f"T{n}"].on_pad = True
        self.notice()

    def put_set(self) -> None:
        for uid in ("S1", "S2"):
            self.world.tags[uid].on_pad = True
        self.notice()

    def lift(self) -> None:
        here = [tag for tag in self.world.tags.values() if tag.on_pad]
        if not here:
            return
        taken = here if self.dice.random() < 0.4 else [self.dice.choice(here)]
        for tag in taken:
            tag.on_pad = False
        if self.dice.random() < 0.7:
            self.notice()

    def notice(self) -> None:
        if self.world.pad_alive:
            self.hear(self.world.pad_now())

    def card(self) -> None:
        """Down with a card if there is none, else away with it; sometimes straight another one."""
        world = self.world
        who = None if world.card is not None and self.dice.random() < 0.8 else self.dice.choice(PEOPLE)
        if who is not None and who != world.card:
            self.oracle.laid_down(world, who.letter)
        elif who is not None:
            who = None
        self.hear(world.lay_card(who))

    def glimpse(self) -> None:
        """The card reader tells again of a card that never moved."""
        if self.world.card is not None:
            self.hear(self.world.card_shown(self.world.card))

    def card_reader_fails(self) -> None:
        """It loses sight of a card that never moved, and finds it again."""
        who = self.world.card
        self.hear(PartChanged(part="card", health=PartHealth.GONE), *([CardGone()] if who else []))
        self.hear(PartChanged(part="card", health=PartHealth.OK), *([self.world.card_shown(who)] if who else []))

    def odd_card(self) -> None:
        random_uid = CardShown(card="CARD-RANDOM", pseudonym=Pseudonym("p:?"), random=True)
        self.hear(self.dice.choice((random_uid, CardsMany(), CardUnreadable())))
        self.world.card = None

    def scan_item(self) -> None:
        item = self.dice.choice(("D0", "D1", "D2", "SET", "X9"))
        self.hear(Scanned(kind=CodeKind.ITEM, text=item, item_hint=ItemHint(item=item, title=f"book-{item}.")))  # type: ignore[arg-type]

    def scan_person(self) -> None:
        who: Person = self.dice.choice(PEOPLE)
        self.oracle.laid_down(self.world, who.letter)
        self.hear(Scanned(kind=CodeKind.PATRON, text=who.number, pseudonym=who.pseudonym, patron_hint=who.snapshot()))

    # -- the other end

    def answer(self) -> None:
        if not self.world.questions:
            return
        question = self.dice.choice(self.world.questions)
        self.world.questions.remove(question)
        if question.told and self.dice.random() < 0.5:
            return
        found = self._found(question)
        if found is not None:
            self.hear(Answered(corr=question.corr, answer=found, late=question.told))

    def _found(self, question: Question) -> Any:
        dice, world = self.dice, self.world
        match question.ask:
            case AskReader():
                return self._patron(question.ask)
            case AskAbout(item=item):
                known = ItemKnown(
                    item=item,  # type: ignore[arg-type]
                    title=f"book-{item}.",
                    circulation=dice.choice((Circulation.AVAILABLE,) * 4 + tuple(Circulation)),
                    discs=dice.choice((0, 0, 1)),
                )
                return dice.choice((known, known, known, ItemUnknown(item=item), Unavailable()))  # type: ignore[arg-type]
            case CallStaff():
                return dice.choice((StaffTaken(reference="S1"), Unavailable()))
            case SendIntent(key=key):
                intent = world.intents()[key]
                if dice.random() < 0.65:
                    who = next((p for p in PEOPLE if p.pseudonym == intent.pseudonym), None)
                    if who is not None and intent.op is Op.CHECKOUT:
                        world.loans[who.letter] = world.loans.get(who.letter, 0) + 1
                    return EffectGranted(
                        key=key,
                        due="2026-12-22",
                        was_on_loan=dice.random() < 0.8,
                        hold=dice.random() < 0.2,
                        fee_fen=dice.choice((0, 0, 120)),
                        days_late=1,
                    )
                reason = dice.choice(tuple(Refusal))
                return dice.choice((EffectRefused(key=key, reason=reason), EffectOpen(key=key), Unavailable()))
            case _:
                return None

    def _patron(self, ask: AskReader) -> Any:
        who = next((p for p in PEOPLE if p.card == ask.card or p.number == ask.number), None)
        if who is None or self.dice.random() < 0.1:
            reason = self.dice.choice(
                (Refusal.PATRON_UNKNOWN, Refusal.PIN_WRONG, Refusal.PIN_NEEDED, Refusal.PIN_LOCKED)
            )
            return PatronRefused(reason=reason, tries_left=self.dice.choice((None, 2)), locked_s=600)
        if self.dice.random() < 0.1:
            return Unavailable()
        return who.known(self.world.charged(who), ask.want)

    def pad_serves(self) -> None:
        if not self.world.orders:
            return
        order = self.dice.choice(self.world.orders)
        how = self.dice.choices(("all", "none", "some", "mute", "deaf", "untouched"), (12, 1, 1, 1, 1, 1))[0]
        done = self.world.serve(order, how if self.world.pad_alive else "untouched")
        after = [self.world.pad_now()] if self.dice.random() < 0.5 and self.world.pad_alive else []
        self.hear(done, *after)

    def pad_fails(self) -> None:
        world = self.world
        world.pad_alive = not world.pad_alive
        if world.pad_alive:
            self.hear(PartChanged(part="pad", health=PartHealth.OK))
            self.hear(world.pad_now())
        else:
            self.hear(PartChanged(part="pad", health=self.dice.choice((PartHealth.GONE, PartHealth.MUTE))))

    def link(self) -> None:
        world = self.world
        if self.dice.random() < 0.5:
            world.gateway = not world.gateway
            self.hear(LinkChanged(link=LinkName.GATEWAY, up=world.gateway))
        else:
            world.ils = not world.ils
            self.hear(LinkChanged(link=LinkName.ILS, up=world.ils))

    def links_up(self) -> None:
        self.world.gateway = self.world.ils = True
        self.hear(*(LinkChanged(link=link, up=True) for link in LinkName))

    def receipt(self) -> None:
        if self.world.gateway:
            self.hear(self.world.receipt())

    def screen_dies(self) -> None:
        self.hear(UiChanged(present=not self.world.ui))

    def journal_doubt(self) -> None:
        why = self.dice.choice(("disk", "quarantined"))
        self.hear(JournalState(ok=why in self.world.shut, why=why))

    def odds(self) -> None:
        world = self.world
        if world.slips and self.dice.random() < 0.5:
            self.hear(world.printed())
        elif world.technician_asked:
            self.hear(world.technician())
        else:
            paper = PaperChanged(paper=self.dice.choice(tuple(Paper)))
            self.hear(self.dice.choice((paper, PartTested(part="pad", ok=True, numbers="5 tags"))))

    def time(self) -> None:
        self.world.advance(self.dice.choice((0.2, 1.0, 3.0, 7.0, 12.0, 25.0, 50.0)))

    def power(self) -> None:
        """The power fails; in the dark some take their books."""
        world = self.world
        self.before_boot()
        dark = self.dice.choice((0.0, 0.0, 0.5, 1.0))
        for tag in world.tags.values():
            tag.gone = tag.on_pad and self.dice.random() < dark
        world.story.append("---- power cut")
        world.boot()

    def sensible(self) -> None:
        """What somebody who wants to get on would do in front of this screen."""
        assert self.world.screen is not None
        if not self.world.ui and self.dice.random() < 0.25:
            self.screen_dies()
        plays = SENSIBLE.get(self.world.screen.name, (Walk.touch,))
        self.dice.choice(plays)(self)

    def clear(self) -> None:
        for tag in self.world.tags.values():
            tag.on_pad = False
        self.notice()

    def repair(self) -> None:
        if not self.world.pad_alive:
            self.pad_fails()
        for why in tuple(self.world.shut):
            self.hear(JournalState(ok=True, why=why))

    def new_card(self) -> None:
        """Somebody else's, or the same once more."""
        if self.world.card is not None:
            self.hear(self.world.lay_card(None))
        self.card()

    def out(self) -> None:
        """Away from here."""
        self._press("back", "tech.exit", "cancel", "finish")

    def go_on(self) -> None:
        self._press("again", "to.checkin", "account", "print", "row:LA0", "row:LB1", "leave", "staff")

    def _press(self, *wanted: str) -> None:
        screen = self.world.screen
        assert screen is not None
        shown = [button for button in buttons_of(screen) if button.id in wanted or button.id.split(":")[0] in wanted]
        if shown:
            button = self.dice.choice(shown)
            self.hear(self.world.touched(button.id, button.confirms, self._typed(button, screen)))

    def at_pad(self) -> None:
        """What the strip says: lay the card down, wait for the verdicts, take some off."""
        visit, screen = self.world.volatile.visit, self.world.screen
        assert screen is not None
        if isinstance(screen.primary, Button):
            self.dice.choice((self.main_button, self.main_button, self.main_button, self.answer, self.go_on))()
        elif visit is not None and visit.reader is None:
            self.dice.choice((self.new_card, self.new_card, self.answer, self.go_on))()
        elif any(isinstance(question.ask, AskAbout) for question in self.world.questions):
            self.answer()
        else:
            self.dice.choice((self.lift, self.lift, self.put_book, self.go_on, self.out))()

    def main_button(self) -> None:
        screen = self.world.screen
        if screen is None or not isinstance(screen.primary, Button):
            self.answer()
        else:
            self.hear(self.world.touched(screen.primary.id, screen.primary.confirms))

    def power_in_the_act(self) -> None:
        """Just while a mark is being switched."""
        if self.world.orders:
            self.power()

    def put_back(self) -> None:
        """The book that was lifted too early."""
        missing = {uid for task in self.world.volatile.tasks.values() for uid in task.uids}
        for uid in missing:
            self.world.tags[uid].on_pad = True
        self.notice()

    def batch(self) -> None:
        """Several things in one turn: the touch belongs to the screen before."""
        screen = self.world.screen
        assert screen is not None
        here = [tag for tag in self.world.tags.values() if tag.on_pad]
        if here and self.world.pad_alive and isinstance(screen.primary, Button):
            self.dice.choice(here).on_pad = False
            self.hear(self.world.pad_now(), self.world.touched(screen.primary.id, screen.primary.confirms))

    # -- the end

    def come_to_rest(self) -> None:
        """Nobody touches anything any more; what is on its way arrives, or does not."""
        world = self.world
        if not world.pad_alive:
            self.pad_fails()
        if not world.ui:
            self.screen_dies()
        for why in tuple(world.shut):
            self.hear(JournalState(ok=True, why=why))
        for _ in range(60):
            for tag in world.tags.values():
                tag.on_pad = False
            if {tag.uid for tag in world.told_pad}:
                self.hear(world.pad_now())
            if world.card is not None:
                self.hear(world.lay_card(None))
            self.dice.choice((self.answer, self.pad_serves, self.odds))()
            world.advance(30.0)
            if world.volatile.visit is None and not world.orders and not world.volatile.tasks:
                break
        self.oracle.at_rest(world)


SENSIBLE: dict[str, tuple[Play, ...]] = {
    "attract": (Walk.put_book, Walk.put_set, Walk.put_set, Walk.put, Walk.new_card, Walk.touch),
    "clear_pad": (Walk.clear, Walk.clear, Walk.lift),
    "out_of_service": (Walk.repair, Walk.link),
    "card": (Walk.new_card, Walk.new_card, Walk.out),
    "pin": (Walk.touch,),
    "identifying": (Walk.answer, Walk.answer, Walk.time),
    "pad": (Walk.at_pad,),
    "pad_empty": (Walk.put_book, Walk.put_set, Walk.put, Walk.put_book, Walk.go_on, Walk.scan_item),
    "working": (Walk.answer, Walk.answer, Walk.answer, Walk.pad_serves, Walk.pad_serves, Walk.lift, Walk.go_on),
    "put_back": (Walk.put_back, Walk.put_back, Walk.pad_serves, Walk.touch, Walk.time),
    "done": (Walk.out, Walk.go_on, Walk.go_on, Walk.lift),
    "loans": (Walk.main_button, Walk.main_button, Walk.go_on, Walk.touch),
    "loans_loading": (Walk.answer, Walk.answer, Walk.time),
    "declined": (Walk.out, Walk.touch, Walk.new_card),
    "help": (Walk.out,),
    "tech_login": (Walk.out, Walk.card, Walk.touch),
    "timeout": (Walk.anywhere, Walk.time),
}
PLAYS: tuple[tuple[Play, int], ...] = (
    (Walk.sensible, 110),
    (Walk.touch, 10),
    (Walk.answer, 12),
    (Walk.pad_serves, 8),
    (Walk.put_book, 2),
    (Walk.put, 2),
    (Walk.put_set, 1),
    (Walk.lift, 4),
    (Walk.notice, 2),
    (Walk.card, 3),
    (Walk.glimpse, 2),
    (Walk.card_reader_fails, 1),
    (Walk.odd_card, 1),
    (Walk.scan_item, 1),
    (Walk.scan_person, 1),
    (Walk.time, 8),
    (Walk.link, 2),
    (Walk.links_up, 3),
    (Walk.receipt, 1),
    (Walk.screen_dies, 2),
    (Walk.journal_doubt, 1),
    (Walk.pad_fails, 1),
    (Walk.odds, 3),
    (Walk.batch, 2),
    (Walk.power, 1),
    (Walk.power_in_the_act, 2),
    (Walk.hidden_press, 1),
)
