"""What is owed to an item is never out of sight."""

from __future__ import annotations

import pytest

from kiosk.gateway import lines
from kiosk.messages.records import Op
from tests.unit.gateway.rig import READER, Machine, Site


def test_a_loan_of_a_machine_whose_clock_is_dead_is_booked_however_much_happened_since(
    site: Site, kiosk: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "HISTORY_MAX", 6)
    for _ in range(4):
        kiosk.offline(Op.CHECKOUT)
        kiosk.offline(Op.CHECKIN)
        kiosk.flush()
        site.run(40)
    away = site.machine("kiosk-2")
    away.clock_off_ms = -away.wall_ms() + 1_000  # 1970
    away.offline(Op.CHECKOUT)
    away.birth()
    away.flush()
    site.run(200)

    assert site.borrower() == READER or site.kinds(), "neither booked nor told to anybody"
