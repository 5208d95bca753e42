"""A remote command is obeyed once, in its boot, within seconds, and only from the gateway."""

from __future__ import annotations

import pytest

from kiosk.keys import new_signer
from kiosk.messages.envelope import Command
from kiosk.uplink import Commanded, Refusal
from tests.unit.uplink.far_end import FarEnd
from tests.unit.uplink.stage import ADDRESS, Stage


@pytest.fixture
def far(stage: Stage) -> FarEnd:
    far = stage.gateway()
    stage.run(1.0)
    return far


def nonce(stage: Stage, far: FarEnd) -> str:
    far.command("challenge", part="bin-1")
    stage.run(0.1)
    assert (far.happenings[-1].what, far.happenings[-1].part) == ("nonce", "bin-1")
    return far.happenings[-1].detail


def test_a_command_with_a_fresh_nonce_is_obeyed(stage: Stage, far: FarEnd) -> None:
    far.command("restart", nonce=nonce(stage, far), part="bin-1")
    stage.run(0.1)
    assert [(event.command.op, event.command.part) for event in stage.of(Commanded)] == [("restart", "bin-1")]


def test_a_replayed_command_is_refused(stage: Stage, far: FarEnd) -> None:
    fresh = nonce(stage, far)
    far.command("restart", nonce=fresh)
    far.command("restart", nonce=fresh)
    stage.run(0.1)
    assert len(stage.of(Commanded)) == 1
    assert stage.uplink.refused() == {Refusal.COMMAND_NONCE: 1}


def test_a_command_without_a_challenge_is_refused(stage: Stage, far: FarEnd) -> None:
    far.command("restart", nonce="")
    far.command("restart", nonce="guess")
    stage.run(0.1)
    assert stage.of(Commanded) == []
    assert stage.uplink.refused() == {Refusal.COMMAND_NONCE: 2}


def test_a_nonce_dies_after_ten_seconds_whatever_the_clock_on_the_wall_says(stage: Stage, far: FarEnd) -> None:
    fresh = nonce(stage, far)
    stage.run(10.1)
    stage.hub.set_wall(stage.hub.wall() - 3_600.0)
    far.command("restart", nonce=fresh, in_s=7_200.0)
    stage.run(0.1)
    assert stage.of(Commanded) == []


def test_a_nonce_of_the_last_boot_is_worth_nothing(stage: Stage, far: FarEnd) -> None:
    fresh = nonce(stage, far)
    stage.end()
    stage.start()
    stage.run(1.0)
    far.command("restart", nonce=fresh)
    far.command("restart", nonce=fresh, boot="boot-2")
    stage.run(0.1)
    assert stage.of(Commanded) == []
    assert stage.uplink.refused() == {Refusal.COMMAND_BOOT: 1, Refusal.COMMAND_NONCE: 1}


def test_an_expired_command_is_refused_even_when_our_clock_was_set_back(stage: Stage, far: FarEnd) -> None:
    fresh = nonce(stage, far)
    expires_ms = int(stage.hub.wall() * 1000) - 1
    stage.hub.set_wall(stage.hub.wall() - 86_400.0)
    far.say("cmd", Command(op="restart", nonce=fresh, boot="boot-1", expires_ms=expires_ms), topic="cmd/restart")
    stage.run(0.1)
    assert stage.of(Commanded) == []
    assert stage.uplink.refused() == {Refusal.COMMAND_EXPIRED: 1}


def test_a_command_of_somebody_else_or_for_another_machine_is_refused(stage: Stage, far: FarEnd) -> None:
    command = Command(op="restart", nonce=nonce(stage, far), boot="boot-1", expires_ms=2**53)
    assert far.bus is not None
    far.bus.publish(ADDRESS.topic("cmd/restart"), far.write("cmd", command, signer=new_signer()))
    far.bus.publish(ADDRESS.topic("cmd/restart"), far.write("cmd", command, device="kiosk-02"))
    stage.run(0.1)
    assert stage.of(Commanded) == []
    assert stage.uplink.refused() == {Refusal.UNSIGNED: 1, Refusal.FOREIGN: 1}


def test_only_the_newest_challenges_count(stage: Stage, far: FarEnd) -> None:
    nonces = [nonce(stage, far) for _ in range(6)]
    for one in nonces:
        far.command("restart", nonce=one)
    stage.run(0.1)
    assert [event.command.nonce for event in stage.of(Commanded)] == nonces[2:]
