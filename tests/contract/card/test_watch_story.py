"""The watch over every reader: what the machine is told from plugging in to plugging in again."""

from __future__ import annotations

from collections.abc import Callable

from drivers.card import CardEvent, CardGone, CardHealth, CardShown, CardsMany, CardWatch, WatchSettings
from drivers.card.pn532.sim import cpu_card, m1_card
from drivers.clock import Mailbox
from drivers.health import Health
from tests.contract.card.rigs import Rig

UID = "84A1B2C3"
EVENTS_MAX = 1000


def _until(rig: Rig, events: Mailbox[CardEvent], wanted: Callable[[CardEvent], bool]) -> CardEvent:
    """Passes over events until the wanted one: on a real clock a reader may stumble once more than in the story."""
    by = rig.by()
    while (event := events.get(by)) is not None:
        if wanted(event):
            return event
    raise AssertionError("the event never came")


def _is_shown(uid: str) -> Callable[[CardEvent], bool]:
    return lambda event: isinstance(event, CardShown) and event.uid == uid


def test_a_visit_with_a_pulled_plug_is_told_in_order(sim_rig: Rig) -> None:
    def story() -> None:
        events: Mailbox[CardEvent] = sim_rig.hub.mailbox(EVENTS_MAX)
        settings = WatchSettings(poll_every_s=0.02, poll_s_max=sim_rig.patience_s, identify_s_max=sim_rig.patience_s)
        watch = CardWatch(sim_rig.open, sim_rig.hub, events.put, settings)
        task = sim_rig.hub.spawn("watch", watch.run)
        _until(sim_rig, events, lambda event: event == CardHealth(health=Health.OK))

        card, other = m1_card(UID), cpu_card("04112233445566")
        sim_rig.put(card)
        _until(sim_rig, events, _is_shown(UID))
        sim_rig.put(other)
        _until(sim_rig, events, lambda event: event == CardsMany())
        sim_rig.lift(card)
        _until(sim_rig, events, _is_shown("04112233445566"))

        sim_rig.unplug()
        _until(sim_rig, events, lambda event: isinstance(event, CardHealth) and event.health is Health.GONE)
        _until(sim_rig, events, lambda event: event == CardGone())
        sim_rig.plug_in()
        _until(sim_rig, events, lambda event: event == CardHealth(health=Health.OK))
        _until(sim_rig, events, _is_shown("04112233445566"))
        sim_rig.lift(other)
        _until(sim_rig, events, lambda event: event == CardGone())
        watch.stop()
        assert task.join(sim_rig.by())
        assert task.error is None

    sim_rig.play(story)
