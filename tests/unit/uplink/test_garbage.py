"""Whatever comes over the wire: nothing breaks, and nothing changed is believed."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.clock import VirtualHub
from kiosk.bus import Connected, Delivered
from kiosk.journal import Outbox
from kiosk.messages.envelope import Receipt
from kiosk.messages.records import GENESIS
from kiosk.messages.topics import Address
from kiosk.uplink import Identity, Receipted, Refusal, SnapshotCache
from kiosk.uplink.engine import Engine, Publish
from tests.unit.journal.books import open_journal
from tests.unit.uplink.far_end import FarEnd
from tests.unit.uplink.stage import ADDRESS, DEVICE, GATEWAY

EPOCH = "e1"
TRUE = Receipted(through=0, head=GENESIS, wall_ms=1)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    path: Path = tmp_path_factory.mktemp("garbage") / "journal.db"
    open_journal(path).close()
    engine = Engine(
        identity=Identity(
            address=ADDRESS, epoch=EPOCH, boot="b", software="1", signer=DEVICE, gateway=GATEWAY.verifier()
        ),
        outbox=Outbox(path),
        watermark=0,
        snapshots=SnapshotCache(None, GATEWAY.verifier(), lambda: None),
        gateway_ms=lambda: None,
        clock=VirtualHub(),
        rng=Random(1),
        entropy=Random(2).randbytes,
    )
    engine.bus_event(Connected(session_present=False), 0.0)
    return engine


RECEIPT = FarEnd(address=ADDRESS, clock=VirtualHub(), signer=GATEWAY, device=DEVICE.verifier()).write(
    "rcpt", Receipt(epoch=EPOCH, through=0, head=GENESIS, wall_ms=1)
)


def heard(engine: Engine, topic: str, payload: bytes) -> list[object]:
    actions = engine.bus_event(Delivered(topic=topic, payload=payload), 1.0)
    return [action for action in actions if not isinstance(action, Publish)]


@settings(max_examples=300, deadline=None)
@given(lane=st.sampled_from(["rcpt", "rsp", "cmd/open", "tx", "nothing"]), payload=st.binary(max_size=300))
def test_garbage_is_counted_and_nothing_else(engine: Engine, lane: str, payload: bytes) -> None:
    before = engine.refused.total()
    assert heard(engine, ADDRESS.topic(lane), payload) == []
    assert engine.refused.total() == before + 1


@settings(max_examples=500, deadline=None)
@given(at=st.integers(0, len(RECEIPT) - 1), byte=st.integers(0, 255))
def test_no_changed_byte_makes_a_receipt_say_something_else(engine: Engine, at: int, byte: int) -> None:
    changed = RECEIPT[:at] + bytes([byte]) + RECEIPT[at + 1 :]
    believed = [event for event in heard(engine, ADDRESS.topic("rcpt"), changed) if isinstance(event, Receipted)]
    assert believed in ([], [TRUE])


def test_the_unchanged_receipt_is_believed_on_its_own_topic_only(engine: Engine) -> None:
    for address, lane in (
        (Address(consortium="demo", site="main", device="kiosk-02"), "rcpt"),
        (Address(consortium="demo", site="branch", device="kiosk-01"), "rcpt"),
        (ADDRESS, "rsp"),
        (ADDRESS, "cmd/open"),
    ):
        assert heard(engine, address.topic(lane), RECEIPT) == []
    assert heard(engine, "rcpt", RECEIPT) == []
    assert TRUE in heard(engine, ADDRESS.topic("rcpt"), RECEIPT)
    assert engine.refused[Refusal.WRONG_LANE] >= 2
