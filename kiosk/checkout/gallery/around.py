"""Help, staff, time, what is left behind, and a machine that rests."""

from __future__ import annotations

from dataclasses import replace

from kiosk.checkout.gallery.stage import Scene, Stage, asked, books
from kiosk.checkout.paper import Moment
from kiosk.flow.events import Answered, JournalState, PartChanged, PartHealth
from kiosk.flow.step import CallStaff
from kiosk.messages.asks import StaffTaken


def helping(stage: Stage) -> Moment:
    return stage.touch(stage.begin(), "help")


def staff_called(stage: Stage) -> Moment:
    moment = stage.touch(helping(stage), "staff")
    ask = asked(moment, CallStaff)[0]
    return stage.paper.reply(moment, ask, Answered(corr=ask.corr, answer=StaffTaken(reference="S1")))


def staff_calling(stage: Stage) -> Moment:
    return stage.touch(helping(stage), "staff")


def staff_by_phone(stage: Stage) -> Moment:
    return stage.touch(stage.touch(stage.begin(online=False), "help"), "staff")


def timeout(start: Scene) -> Scene:
    """Left alone until the warning shows, and five seconds more."""

    def scene(stage: Stage) -> Moment:
        moment = start(stage)
        while moment.volatile.visit is not None and moment.volatile.visit.warned_until is None:
            moment = stage.paper.wake(moment)
        return stage.paper.wait(moment, 5.0)

    return scene


def left(start: Scene, *buttons: str) -> Scene:
    return lambda stage: stage.touch(start(stage), *buttons)


def left_at_start(stage: Stage) -> Moment:
    fresh = stage.begin()
    return stage.put(replace(fresh, volatile=replace(fresh.volatile, pad_seen=False)), *books(1))


def out_of_service(stage: Stage) -> Moment:
    gone = [PartChanged(part=part, health=PartHealth.GONE) for part in ("pad", "scanner")]
    return stage.hear(stage.begin(), *gone)


def disk_full(stage: Stage) -> Moment:
    return stage.hear(stage.begin(), JournalState(ok=False, why="disk"))
