"""A broker may deliver a letter twice, the second time after letters that were written later."""

from __future__ import annotations

from tests.unit.gateway.rig import Machine, Site


def test_a_birth_that_is_delivered_again_after_younger_records_is_no_fork(site: Site, kiosk: Machine) -> None:
    sent: list[tuple[str, bytes]] = []
    publish = kiosk.publish

    def remember(lane: str, payload: bytes) -> None:
        sent.append((lane, payload))
        publish(lane, payload)

    kiosk.publish = remember  # type: ignore[method-assign]  # listens on the wire
    kiosk.note("a fact")
    kiosk.flush()
    kiosk.birth()
    kiosk.note("another")
    kiosk.flush()
    publish(*next(each for each in sent if each[0] == "state"))
    site.run(0.5)

    assert not kiosk.receipt.quarantined
    assert kiosk.receipt.through == 2
    assert site.kinds() == []
