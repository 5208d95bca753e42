"""Disk, journal, certificates and keys: beside a running core, on a bad day, with a number for each."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from drivers.clock import VirtualHub
from kiosk.diag import Finding, State, core_holds, look_at_certificate, look_at_disk, look_at_journal, look_at_keys
from kiosk.journal import Journal
from kiosk.journal.aside import put_aside
from kiosk.journal.disk import FileDisk
from kiosk.keys import new_signer
from kiosk.keys.certificates import issue, new_authority
from kiosk.messages.records import Noted

DEVICE = "checkout-1"
DAY_S = 86_400


@pytest.fixture
def hub() -> VirtualHub:
    return VirtualHub()


def code(finding: Finding) -> str:
    return finding.fault.code if finding.fault else ""


# -- disk


def test_a_good_disk_shows_room_and_speed_and_keeps_nothing(tmp_path: Path, hub: VirtualHub) -> None:
    finding = look_at_disk(tmp_path, hub)
    assert "MB free" in finding.numbers
    assert "fsync" in finding.numbers
    assert list(tmp_path.iterdir()) == []


class SlowClock(VirtualHub):
    """Every look at the clock costs a tenth of a second: a disk that takes its time."""

    def now(self) -> float:
        self._now += 0.2
        return self._now


def has_free(mocker: MockerFixture, megabytes: int) -> None:
    """What the file system says of its room: this machine's own disk may be full, and no test fills one."""
    block_bytes = 4096
    blocks = (megabytes << 20) // block_bytes
    told = os.statvfs_result((block_bytes, block_bytes, blocks, blocks, blocks, 1, 1, 1, 0, 255))
    mocker.patch("os.statvfs", return_value=told)


def test_a_slow_disk_is_E508(tmp_path: Path, mocker: MockerFixture) -> None:
    has_free(mocker, 4096)
    assert code(look_at_disk(tmp_path, SlowClock())) == "E-508"


@pytest.mark.parametrize(
    ("megabytes", "fault", "state"), [(513, "", State.GOOD), (511, "E-502", State.CARE), (31, "E-502", State.BAD)]
)
def test_a_disk_that_runs_full_is_E502(
    tmp_path: Path, hub: VirtualHub, mocker: MockerFixture, megabytes: int, fault: str, state: State
) -> None:
    has_free(mocker, megabytes)
    finding = look_at_disk(tmp_path, hub)
    assert (code(finding), finding.state) == (fault, state)
    assert f"{megabytes} MB free" in finding.numbers


def test_a_folder_that_is_not_there_yet_is_no_fault(tmp_path: Path, hub: VirtualHub) -> None:
    assert look_at_disk(tmp_path / "later", hub).state is State.IDLE


# -- journal


def journal(path: Path, hub: VirtualHub, device: str = DEVICE, *, notes: int = 3) -> Journal:
    made = Journal(FileDisk(path, synchronous="OFF"), device=device, clock=hub, boot="b")
    made.append([Noted(what="test", at_ms=0) for _ in range(notes)])
    return made


def test_a_new_machine_has_no_journal_and_no_fault(tmp_path: Path, hub: VirtualHub) -> None:
    assert [finding.state for finding in look_at_journal(tmp_path / "j", DEVICE, hub)] == [State.IDLE] * 3
    assert not core_holds(tmp_path / "j")


def test_a_look_works_beside_the_core_and_says_that_it_runs(tmp_path: Path, hub: VirtualHub) -> None:
    running = journal(tmp_path / "j", hub)
    assert core_holds(tmp_path / "j")
    found, queue, clock = look_at_journal(tmp_path / "j", DEVICE, hub)
    assert found.state is State.GOOD
    assert "3 records" in found.numbers
    assert "3 wait" in queue.numbers
    assert code(clock) == "E-511"
    running.append([Noted(what="still mine", at_ms=0)])
    running.close()
    assert not core_holds(tmp_path / "j")


def test_a_journal_that_was_put_aside_is_named_until_somebody_moves_it_away(tmp_path: Path, hub: VirtualHub) -> None:
    journal(tmp_path / "j", hub).close()
    put_aside(tmp_path / "j", hub.wall())
    journal(tmp_path / "j", hub).close()
    found, _, _ = look_at_journal(tmp_path / "j", DEVICE, hub)
    assert code(found) == "E-509"
    assert "j.aside-20261122T" in found.numbers
    for old in tmp_path.glob("j.aside-*"):
        old.unlink()
    assert look_at_journal(tmp_path / "j", DEVICE, hub)[0].state is State.GOOD


def test_a_queue_that_waits_for_hours_is_E412(tmp_path: Path, hub: VirtualHub) -> None:
    journal(tmp_path / "j", hub).close()
    hub.run(2 * 3600.0)
    _, queue, _ = look_at_journal(tmp_path / "j", DEVICE, hub)
    assert code(queue) == "E-412"
    assert "oldest 2:00:00" in queue.numbers


@pytest.mark.parametrize(("off_s", "expected"), [(0.4, ""), (90.0, "E-510"), (-90.0, "E-510")])
def test_the_clock_is_compared_with_the_gateways(tmp_path: Path, hub: VirtualHub, off_s: float, expected: str) -> None:
    made = journal(tmp_path / "j", hub)
    seq, head = made.last
    made.receipt(seq, head, round((hub.wall() + off_s) * 1000))
    made.close()
    _, queue, clock = look_at_journal(tmp_path / "j", DEVICE, hub)
    assert queue.numbers == "nothing waits"
    assert code(clock) == expected


def test_a_clock_that_fell_back_since_is_noticed_without_a_network(tmp_path: Path, hub: VirtualHub) -> None:
    made = journal(tmp_path / "j", hub)
    made.receipt(*made.last, round(hub.wall() * 1000))
    made.close()
    hub.set_wall(hub.wall() - 10 * 365 * DAY_S)  # an empty battery
    clock = look_at_journal(tmp_path / "j", DEVICE, hub)[2]
    assert code(clock) == "E-510"


def test_another_machines_journal_is_E506(tmp_path: Path, hub: VirtualHub) -> None:
    journal(tmp_path / "j", hub, "checkout-2").close()
    assert code(look_at_journal(tmp_path / "j", DEVICE, hub)[0]) == "E-506"
    (tmp_path / "letter.txt").write_text("Dear reader, this is no journal. " * 20)
    assert code(look_at_journal(tmp_path / "letter.txt", DEVICE, hub)[0]) == "E-506"


def test_a_record_that_was_changed_is_E504(tmp_path: Path, hub: VirtualHub) -> None:
    journal(tmp_path / "j", hub, notes=20).close()
    data = bytearray((tmp_path / "j").read_bytes())
    at = data.rindex(b'"what":"test"')
    data[at + 8 : at + 12] = b"rest"
    for name in ("j-wal", "j-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    (tmp_path / "j").write_bytes(data)
    finding = look_at_journal(tmp_path / "j", DEVICE, hub)[0]
    assert code(finding) == "E-504"
    assert "does not match its hash" in finding.cause


# -- certificates and keys


def papers(folder: Path, hub: VirtualHub, *, days: int = 397, name: str = DEVICE, demo: bool = False) -> Finding:
    issue(new_authority("ca", at=hub.wall(), demo=demo), name, at=hub.wall(), days=days).write(folder, DEVICE)
    return look_at_certificate(
        str(folder / f"{DEVICE}.crt"), str(folder / f"{DEVICE}.key"), DEVICE, hub, production=True
    )


def test_a_good_certificate_shows_its_days(tmp_path: Path, hub: VirtualHub) -> None:
    finding = papers(tmp_path, hub)
    assert finding.state is State.GOOD
    assert "397 days left" in finding.numbers


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"days": 20}, "E-205"),
        ({"days": -2}, "E-206"),
        ({"name": "checkout-2"}, "E-207"),
        ({"demo": True}, "E-207"),
    ],
)
def test_a_certificate_that_ends_or_does_not_fit_has_its_number(
    tmp_path: Path, hub: VirtualHub, changes: dict[str, int], expected: str
) -> None:
    if changes.get("days", 1) < 0:  # none is issued that has ended: time passes instead
        papers(tmp_path, hub, days=1)
        hub.set_wall(hub.wall() + 3 * DAY_S)
        crt, key = (str(tmp_path / f"{DEVICE}.{end}") for end in ("crt", "key"))
        finding = look_at_certificate(crt, key, DEVICE, hub, production=True)
    else:
        finding = papers(tmp_path, hub, **changes)  # type: ignore[arg-type]  # the parametrised changes fit
    assert code(finding) == expected


def test_the_key_must_be_the_certificates_own(tmp_path: Path, hub: VirtualHub) -> None:
    papers(tmp_path, hub)
    key = tmp_path / f"{DEVICE}.key"
    key.write_bytes(issue(new_authority("ca", at=0.0, demo=False), "x", at=0.0).key)
    finding = look_at_certificate(str(tmp_path / f"{DEVICE}.crt"), str(key), DEVICE, hub, production=True)
    assert code(finding) == "E-207"
    assert "another certificate's" in finding.cause


def test_the_public_key_is_shown_and_the_private_one_is_not(tmp_path: Path) -> None:
    own, gateway = new_signer(), new_signer()
    (tmp_path / "a.signer").write_text(own.text + "\n")
    (tmp_path / "g.public").write_text(gateway.verifier().text)
    finding = look_at_keys(str(tmp_path / "a.signer"), str(tmp_path / "g.public"))
    assert own.verifier().text in finding.numbers
    assert own.text not in repr(finding)
    (tmp_path / "g.public").write_text("nonsense")
    assert code(look_at_keys(str(tmp_path / "a.signer"), str(tmp_path / "g.public"))) == "E-208"
