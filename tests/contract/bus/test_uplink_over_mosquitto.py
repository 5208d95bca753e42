"""The whole uplink over a real broker that is killed while loans are under way."""

from __future__ import annotations

from pathlib import Path
from random import Random

from kiosk.domain.nouns import key_of
from kiosk.journal import Journal, Outbox
from kiosk.keys import new_signer
from kiosk.uplink import Identity, Receipted, SnapshotCache, Uplink, UplinkEvent, last_will, subscriptions
from tests.contract.bus.rigs import ONE, MosquittoRig
from tests.unit.uplink.far_end import FarEnd
from tests.unit.uplink.stage import delivered, intent_of

LOANS = 600


def test_a_broker_killed_in_the_middle_of_a_drain_costs_nothing(mosquitto: MosquittoRig, tmp_path: Path) -> None:
    hub = mosquitto.hub
    device, gateway = new_signer(), new_signer()
    journal = Journal.open(tmp_path / "journal.db", device=ONE.device, clock=hub, boot="b1", synchronous="OFF")
    intents = [intent_of(key_of(ONE.device, journal.meta.epoch, n)) for n in range(LOANS)]
    journal.append([body for intent in intents for body in (intent, delivered(intent))])

    far = FarEnd(address=ONE, clock=hub, signer=gateway, device=device.verifier())
    far.start(mosquitto.bus("gateway", FarEnd.subscriptions(ONE)))
    identity = Identity(
        address=ONE, epoch=journal.meta.epoch, boot="b1", software="1", signer=device, gateway=gateway.verifier()
    )
    receipts: list[UplinkEvent] = []
    uplink = Uplink(
        hub=hub,
        bus=mosquitto.bus(ONE.device, subscriptions(ONE), last_will(identity, hub, journal.last)),
        outbox=Outbox(tmp_path / "journal.db"),
        watermark=0,
        identity=identity,
        snapshots=SnapshotCache(None, gateway.verifier(), journal.gateway_ms),
        gateway_ms=journal.gateway_ms,
        rng=Random(1),
        on_event=receipts.append,
    )
    uplink.start()
    mosquitto.until(lambda: far.batches >= 2)
    mosquitto.broker.kill()
    mosquitto.broker.start()

    mosquitto.until(lambda: far.through(journal.meta.epoch) == journal.last)
    mosquitto.until(lambda: any(isinstance(event, Receipted) and event.through == 2 * LOANS for event in receipts))
    assert far.forks == far.bad_signatures == 0
    assert len(far.rows) == 2 * LOANS
    uplink.close()
    journal.close()
