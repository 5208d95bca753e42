"""What a machine knows without a network, and that a clock set back does not keep it fresh."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.domain import ItemBarcode
from kiosk.keys import new_signer
from kiosk.messages.asks import Answer, Ask, AskSnapshot, DayKey, ItemHint, Snapshot
from kiosk.messages.envelope import Response, encode_data
from kiosk.uplink import Answered, SnapshotArrived, SnapshotCache
from tests.unit.uplink.stage import GATEWAY, Stage

KEYS = tuple(DayKey(kid=day, public="cHVi", day=day) for day in ("2026-11-21", "2026-11-23"))
DAY_S = 86_400.0


def offer(stage: Stage, version: str) -> None:
    """The gateway has this snapshot, as of the moment it is asked."""

    def answer(ask: Ask) -> Answer | None:
        if isinstance(ask, AskSnapshot):
            items = (ItemHint(item=ItemBarcode("1"), title="T"),)
            return Snapshot(version=version, at_ms=int(stage.hub.wall() * 1000), items=items, day_keys=KEYS)
        return None

    stage.far.answer = answer


@pytest.fixture
def fed(stage: Stage) -> Stage:
    offer(stage, "v1")
    stage.gateway()
    stage.run(5.0)
    assert stage.of(SnapshotArrived) == [SnapshotArrived(version="v1")]
    return stage


def test_a_snapshot_is_fetched_by_itself_and_kept_fresh(fed: Stage) -> None:
    offer(fed, "v2")
    fed.run(3_600.0)
    assert fed.snapshots.snapshot is not None
    assert fed.snapshots.snapshot.version == "v2"
    age = fed.snapshots.age_s()
    assert age is not None
    assert age < 700.0
    assert fed.of(Answered) == []  # nobody asked for it by name
    haves = [ask.have for ask, _, _ in fed.far.asked if isinstance(ask, AskSnapshot)]
    assert haves[:2] == ["", "v1"]


def test_it_ages_while_nobody_can_be_reached(fed: Stage) -> None:
    fed.broker.stop()
    fed.run(2 * DAY_S)
    assert fed.snapshots.age_s() == pytest.approx(2 * DAY_S, abs=10.0)


def test_a_clock_set_back_keeps_no_snapshot_alive(fed: Stage) -> None:
    fed.broker.stop()
    fed.run(DAY_S)
    fed.hub.set_wall(fed.hub.wall() - 30 * DAY_S)
    assert fed.snapshots.age_s() == pytest.approx(DAY_S, abs=10.0)
    fed.run(DAY_S)
    assert fed.snapshots.age_s() == pytest.approx(2 * DAY_S, abs=10.0)


def test_a_clock_set_back_over_a_restart_keeps_no_snapshot_alive(fed: Stage) -> None:
    fed.broker.stop()
    for _ in range(3):
        fed.run(DAY_S)
        fed.end()
        fed.hub.set_wall(fed.hub.wall() - 30 * DAY_S)
        fed.start()
    assert fed.snapshots.age_s() == pytest.approx(3 * DAY_S, abs=10.0)


def test_a_clock_set_forward_makes_it_old_until_the_gateway_is_back(fed: Stage) -> None:
    fed.broker.stop()
    fed.hub.set_wall(fed.hub.wall() + 365 * DAY_S)
    age = fed.snapshots.age_s()
    assert age is not None
    assert age > 364 * DAY_S
    fed.end()
    fed.hub.set_wall(fed.hub.wall() - 365 * DAY_S)
    fed.start()
    age = fed.snapshots.age_s()
    assert age is not None
    assert age < DAY_S  # the wrong clock was never remembered


def test_it_survives_a_restart_in_its_signed_form(fed: Stage) -> None:
    fed.end()
    path = fed.path.with_name("snapshot")
    again = SnapshotCache(path, GATEWAY.verifier(), lambda: None)
    assert again.snapshot == fed.snapshots.snapshot
    assert again.age_s() is None  # no time is known
    path.write_bytes(path.read_bytes().replace(b"v1", b"v9"))
    assert SnapshotCache(path, GATEWAY.verifier(), lambda: None).snapshot is None
    for damaged in (b"", b"\xff{", path.read_bytes()[:100]):
        path.write_bytes(damaged)
        assert SnapshotCache(path, GATEWAY.verifier(), lambda: None).snapshot is None


def test_a_file_emptied_by_a_power_cut_is_fetched_anew(fed: Stage) -> None:
    fed.end()
    path = fed.path.with_name("snapshot")
    path.write_bytes(b"")
    fed.start()
    assert fed.snapshots.snapshot is None
    fed.run(60.0)
    assert fed.snapshots.day_key("2026-11-22") is not None
    assert SnapshotCache(path, GATEWAY.verifier(), lambda: None).snapshot == fed.snapshots.snapshot


def test_a_snapshot_is_on_the_disk_before_it_takes_the_place_of_the_one_before(
    fed: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that reaches the disk before its bytes is an empty file after a power cut."""
    path = fed.path.with_name("snapshot")
    steps: list[str] = []
    fsync, replace_file = os.fsync, os.replace

    def synced(descriptor: int) -> None:
        name = Path(os.readlink(f"/proc/self/fd/{descriptor}"))
        size = name.stat().st_size if name.is_file() else 0
        steps.append(f"fsync {name.name}" + (" whole" if size == len(payload) else ""))
        fsync(descriptor)

    def replaced(new: Path, old: Path) -> None:
        steps.append(f"rename {new.name} {old.name}")
        replace_file(new, old)

    known = fed.snapshots.snapshot
    assert known is not None
    payload = fed.far.write("rsp", Response(answer=encode_data(replace(known, at_ms=known.at_ms + 1))), name="snapshot")
    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", replaced)
    assert fed.snapshots.put(payload)
    assert steps == ["fsync snapshot.new whole", "rename snapshot.new snapshot", f"fsync {path.parent.name}"]
    assert path.read_bytes() == payload


def test_an_older_or_unsigned_snapshot_does_not_replace_a_newer_one(fed: Stage, tmp_path: Path) -> None:
    cache, known = fed.snapshots, fed.snapshots.snapshot
    assert known is not None
    older = Response(answer=encode_data(replace(known, version="old", at_ms=known.at_ms - 1)))
    newer = Response(answer=encode_data(replace(known, version="new", at_ms=known.at_ms + 1)))
    assert not cache.put(fed.far.write("rsp", older, name="snapshot"))
    assert not cache.put(fed.far.write("rsp", newer, name="snapshot", signer=new_signer()))
    assert not cache.put(fed.far.write("rsp", newer, name="item"))
    assert cache.snapshot == known
    assert cache.put(fed.far.write("rsp", newer, name="snapshot"))


@pytest.mark.parametrize(
    ("day", "kid"),
    [
        ("2026-11-22", "2026-11-21"),
        ("2026-11-23", "2026-11-23"),
        ("2027-01-01", "2026-11-23"),
        ("2020-01-01", KEYS[0].kid),
    ],
)
def test_sealing_uses_the_key_of_the_day_or_the_nearest_one(fed: Stage, day: str, kid: str) -> None:
    key = fed.snapshots.day_key(day)
    assert key is not None
    assert key.kid == kid


def test_a_snapshot_without_keys_takes_none_away(fed: Stage) -> None:
    """A gateway that made no key for the new day: what is under way is sealed with the newest key there is."""

    def answer(ask: Ask) -> Answer | None:
        return Snapshot(version="v2", at_ms=int(fed.hub.wall() * 1000)) if isinstance(ask, AskSnapshot) else None

    fed.far.answer = answer
    fed.run(2 * DAY_S)

    assert any(ask.have == "v1" for ask, _, _ in fed.far.asked if isinstance(ask, AskSnapshot))
    key = fed.snapshots.day_key("2026-11-30")
    assert key is not None
    assert key.kid == "2026-11-23"


def test_without_a_snapshot_there_is_no_key_and_no_age(stage: Stage) -> None:
    assert stage.snapshots.snapshot is None
    assert stage.snapshots.day_key("2026-11-22") is None
    assert stage.snapshots.age_s() is None
