"""A process may start twice in one boot of the machine: nothing of the second run is taken for the first's."""

from __future__ import annotations

import itertools
from pathlib import Path
from random import Random

from kiosk.machine.core import MachineCore
from kiosk.machine.parts.card import CardNumber
from kiosk.site.embedded import EmbeddedSite

CARD = "04FA944D8F5CD9"


def play(site: EmbeddedSite) -> MachineCore:
    """A reader shows the card."""
    core = site.machines["kiosk-1"].core
    assert core is not None
    core.runtime.post(CardNumber(number=CARD))
    site.run(5)
    return core


def test_a_reader_is_known_again_after_the_process_was_started_again(tmp_path: Path) -> None:
    site = EmbeddedSite(tmp_path, Random(1), ("kiosk-1",))
    site._boots = itertools.repeat(1)  # type: ignore[assignment]  # the service manager restarts, the system does not
    site.run(15)
    before = play(site)._uplink._engine._letters.new_id()
    site.kill(site.machines["kiosk-1"].process)
    site.run(30)
    core = play(site)

    visit = core.runtime.volatile.visit
    assert visit is not None
    assert visit.reader is not None
    assert visit.reader.known is not None, "the gateway repeated what it had said to the run before"
    letter = core._uplink._engine._letters.new_id()
    assert letter.rpartition("-")[0] != before.rpartition("-")[0], "two letters with one id: the second is not kept"
