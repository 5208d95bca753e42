"""The library system goes away between reading and writing."""

from __future__ import annotations

from typing import Any

import pytest

from kiosk.domain import ItemBarcode
from kiosk.gateway.sip2 import NotSent
from kiosk.gateway.sip2.trouble import Cause
from kiosk.messages.records import Op
from tests.unit.gateway.rig import Machine, Site

MINE = ItemBarcode("D1000004")  # on loan to READER


def test_a_return_from_an_outage_is_booked_however_often_the_library_system_goes_away_before_it(
    site: Site, kiosk: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask, away = site.pool.ask, [3]

    def ask_if_there(request: Any, by: float) -> Any:
        if request.command == "09" and away[0]:
            away[0] -= 1
            raise NotSent("09", Cause.BUSY)
        return ask(request, by)

    monkeypatch.setattr(site.pool, "ask", ask_if_there)
    intent = kiosk.offline(Op.CHECKIN, MINE)
    kiosk.flush()
    site.run(60)
    effect = site.effect(intent.key)
    assert site.done(MINE) == ["checkin"]
    assert effect is not None
    assert effect.attempts == 4
    assert site.open_tasks() == []
