"""Opens journal, snapshot and uplink of a machine and joins them to its brain: the same for production and demo."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

from drivers.clock import Hub
from drivers.link import Opener
from kiosk.bus import Bus, Will
from kiosk.flow.replay import owed
from kiosk.journal import Journal, JournalDamaged, JournalForeign, Outbox
from kiosk.journal.aside import asides, put_aside, salvages
from kiosk.journal.disk import Disk, FileDisk
from kiosk.keys import Signer, Verifier
from kiosk.machine.core import SOFTWARE, Brain, Ground, MachineCore
from kiosk.machine.fitting import fit
from kiosk.machine.notify import CORE_SILENT_S_MAX, PART_SILENT_S_MAX, Pulse
from kiosk.machine.settings import Platform
from kiosk.messages.topics import Address
from kiosk.screen import Screen
from kiosk.uplink import Identity, SnapshotCache, Uplink, UplinkEvent, last_will

ASIDES_MAX: Final = 8

BusOf = Callable[[Identity, Will], Bus]


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What differs between production, demo and tests. `wires` are simulated links by name; empty in production.

    `disk` is where the journal lives: proofs give one that breaks off in the middle.
    """

    hub: Hub
    bus: BusOf
    boot: str
    rng: Random
    show: Callable[[Screen], None]
    signer: Signer
    gateway: Verifier
    wires: Mapping[str, Opener]
    disk: Callable[[Path], Disk] = FileDisk
    pulse: Pulse | None = None  # watches the core's loop and every part for systemd; None outside production


def open_core(brain: Brain, platform: Platform, around: Surroundings, *, snapshot_age_s_max: float) -> MachineCore:
    """Raises what Journal.open raises but for damage, and AddressError for a part whose link cannot be read."""
    machine = platform.machine
    address = Address(consortium=machine.consortium, site=machine.site, device=machine.device)
    path = Path(platform.files.journal)
    journal = _open_journal(path, machine.device, around)
    older = salvages(path, machine.device)
    snapshot_path = Path(platform.files.snapshot) if platform.files.snapshot else None
    snapshots = SnapshotCache(snapshot_path, around.gateway, journal.gateway_ms)
    identity = Identity(
        address=address,
        epoch=journal.meta.epoch,
        boot=around.boot,
        run=f"{around.boot}.{journal.last[0]}",  # each run writes at least its boot record
        software=SOFTWARE,
        signer=around.signer,
        gateway=around.gateway,
    )

    def uplink(on_event: Callable[[UplinkEvent], None]) -> Uplink:
        return Uplink(
            hub=around.hub,
            bus=around.bus(identity, last_will(identity, around.hub, journal.last)),
            outbox=Outbox(path),
            watermark=journal.watermark,
            identity=identity,
            snapshots=snapshots,
            gateway_ms=journal.gateway_ms,
            rng=around.rng,
            on_event=on_event,
            snapshot_s=platform.files.snapshot_every_s,
            salvages=older,
        )

    def watched(name: str, silent_s_max: float) -> Hub:
        return around.pulse.hub_of(name, silent_s_max) if around.pulse is not None else around.hub

    ground = Ground(
        hub=around.hub,
        loop_hub=watched("core", CORE_SILENT_S_MAX),
        platform=platform,
        journal=journal,
        salvages=older,
        snapshots=snapshots,
        uplink=uplink,
        parts=fit(platform, around.hub, around.wires, lambda name: watched(name, PART_SILENT_S_MAX)),
        show=around.show,
        snapshot_age_s_max=snapshot_age_s_max,
    )
    return MachineCore(brain, ground)


def _open_journal(path: Path, device: str, around: Surroundings) -> Journal:
    """The journal at `path`. One that does not read back, or is no journal of this machine, is put aside for people
    and a new one begun: a machine that only failed again and again would take no returns either. Where that has
    happened ASIDES_MAX times, disk or memory is broken: then it raises, and the machine rests."""
    try:
        return _read_back(Journal(around.disk(path), device=device, clock=around.hub, boot=around.boot), around)
    except (JournalDamaged, JournalForeign):
        if len(asides(path)) >= ASIDES_MAX:
            raise
        put_aside(path, around.hub.wall())
        return Journal(around.disk(path), device=device, clock=around.hub, boot=around.boot)


def _read_back(journal: Journal, around: Surroundings) -> Journal:
    """What a start folds may be older than what a journal looks at when it is opened. Raises JournalDamaged."""
    try:
        owed(journal, round(around.hub.wall() * 1000))
    except JournalDamaged:
        journal.close()
        raise
    return journal
