"""A whole site in one thread and in virtual time: broker, demo library system, gateway and machines.

Everything is the production code with its own bytes on every wire; only time, broker and devices are simulated. Any
process can be killed at any step and comes back by itself, as under a service manager. For proofs, stories and benches.
"""

from __future__ import annotations

import functools
import heapq
import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Final

from drivers.clock import VirtualHub
from kiosk.bus import Will
from kiosk.bus.acl import Acl
from kiosk.bus.memory import MemoryBroker
from kiosk.checkout.assemble import CheckoutSettings, brain
from kiosk.gateway.card import CardFile
from kiosk.gateway.config import (
    BrokerSection,
    CardSection,
    DeviceSection,
    GatewayConfig,
    GatewaySection,
    IlsSection,
    PatronSection,
    SnapshotSection,
)
from kiosk.gateway.service import Gateway, subscriptions
from kiosk.gateway.sim import Acs, Audit, DemoData, Service, load, open_ils
from kiosk.gateway.sip2 import Pool
from kiosk.keys import Signer, new_signer
from kiosk.ledger import Ledger, open_ledger
from kiosk.machine.assembly import Surroundings, open_core
from kiosk.machine.core import Brain, MachineCore
from kiosk.machine.simulate import SimBench
from kiosk.messages.topics import Address
from kiosk.screen import Screen, Sentences
from kiosk.screen.sentences import parse
from kiosk.settings import read
from kiosk.site.folder import CONFIG, CONSORTIUM, GATEWAY, HOST, SITE
from kiosk.site.mortal import Killed, MortalBus, MortalDisk, MortalHub, MortalLedger, mortal_wires
from kiosk.uplink import Identity
from kiosk.uplink import subscriptions as machine_subscriptions

PLACE: Final = "F1-HALL"
SITE_SECRET: Final = b"the secret of a site that is only a proof"
REVIVE_S: Final = (1.0, 6.0)  # what a service manager and a boot take

BrainOf = Callable[[CheckoutSettings], Brain]


@functools.cache
def demo_data() -> DemoData:
    return load(CONFIG / "demo")


@functools.cache
def _sentences() -> Sentences:
    return parse((CONFIG / "locale" / "sentences.csv").read_text("utf-8"))


@functools.cache
def _signer(name: str) -> Signer:
    return new_signer()


@functools.cache
def _template() -> CheckoutSettings:
    text = (CONFIG / "checkout.demo.toml").read_text("utf-8")
    text = re.sub("@[A-Z_]+@", "1024", text.replace("@DEVICE@", "kiosk-1"))  # paths, ports and pixels play no part
    return read(text, "checkout.demo.toml", CheckoutSettings)


def machine_settings(root: Path, device: str) -> CheckoutSettings:
    """The demo machine's own file, with its files in `root`."""
    made = _template()
    files = replace(made.files, journal=str(root / f"{device}.journal"), snapshot=str(root / f"{device}.snapshot"))
    return replace(made, machine=replace(made.machine, device=device), files=files)


def desk_brain(settings: CheckoutSettings) -> Brain:
    return brain(settings.as_desk(), _sentences())


def gateway_config(root: Path, devices: tuple[str, ...]) -> GatewayConfig:
    return GatewayConfig(
        gateway=GatewaySection(
            name=GATEWAY,
            consortium=CONSORTIUM,
            sites=(SITE,),
            ledger=f"sqlite:///{root / 'ledger.db'}",
            signing_key="held in memory",
            site_secret="held in memory",
            workers=3,
        ),
        broker=BrokerSection(host=HOST),
        ils=IlsSection(profile="demo", host=HOST, port=1, user="circdesk", answer_s=2.0, settle_s=2.0, late_s=30.0),
        card=CardSection(file=str(CONFIG / "demo" / "cards.csv")),
        patron=PatronSection(students=("UG", "PG"), teachers=("FAC", "RET")),
        snapshot=SnapshotSection(fresh_s=2.0, ahead_days=2),
        device=tuple(
            DeviceSection(id=device, site=SITE, place=PLACE, key=_signer(device).verifier().text) for device in devices
        ),
    )


@dataclass(slots=True)
class LiveGateway:
    """The gateway's process, if it runs."""

    process: MortalHub
    gateway: Gateway | None = None
    ledger: Ledger | None = None


class Machine:
    """One self-checkout: devices that outlive its processes, and the process that runs now."""

    def __init__(self, site: EmbeddedSite, device: str) -> None:
        self.device = device
        self.settings = machine_settings(site.root, device)
        self.bench = SimBench(site.hub, site.rng)
        self.wall_off_s = 0.0
        self.disk_full = False
        self.process = MortalHub(site.hub, device)
        self.core: MachineCore | None = None
        self.screen: Screen | None = None

    @property
    def journal(self) -> Path:
        return Path(self.settings.files.journal)


class EmbeddedSite:
    """`run` lets time pass; what is killed is buried and started again after REVIVE_S."""

    def __init__(self, root: Path, rng: Random, devices: tuple[str, ...], *, brain_of: BrainOf = desk_brain) -> None:
        self.root = root
        self.rng = rng
        self.hub = VirtualHub()
        addresses = tuple(Address(consortium=CONSORTIUM, site=SITE, device=device) for device in devices)
        self.broker = MemoryBroker(self.hub, rng, acl=Acl(gateways=(GATEWAY,), devices=addresses))
        self.acs: Acs = open_ils(demo_data(), self.hub.wall)
        self.ils = Service(self.hub, self.acs)
        self.books = Audit(self.acs.circulation.store)
        self.config = gateway_config(root, devices)
        self.gateway = LiveGateway(MortalHub(self.hub, GATEWAY))
        self.machines = {device: Machine(self, device) for device in devices}
        self.kills = 0
        self._brain_of = brain_of
        self._boots = itertools.count(1)
        self._order = itertools.count()
        self._later: list[tuple[float, int, Callable[[], None]]] = []
        self.start_gateway()
        for machine in self.machines.values():
            self.start_machine(machine)

    # -- time

    def run(self, seconds: float) -> None:
        until = self.hub.now() + seconds
        while self.hub.now() < until:
            at = min(self._later[0][0], until) if self._later else until
            try:
                self.hub.run(at)
            except Killed as killed:
                self.bury(killed.process)
            while self._later and self._later[0][0] <= self.hub.now():
                heapq.heappop(self._later)[2]()

    def later(self, in_s: float, act: Callable[[], None]) -> None:
        """Runs `act` outside of all tasks, where processes may be killed and started."""
        heapq.heappush(self._later, (self.hub.now() + in_s, next(self._order), act))

    # -- life and death

    def kill(self, process: MortalHub) -> None:
        """kill -9, now."""
        if not process.dead:
            self.bury(process)

    def bury(self, process: MortalHub) -> None:
        if process.dead:
            return
        process.bury()
        self.kills += 1
        self.later(self.rng.uniform(*REVIVE_S), lambda: self._revive(process))

    def _revive(self, process: MortalHub) -> None:
        if process is self.gateway.process:
            self.start_gateway()
        machine = self.machines.get(process.name)
        if machine is not None and machine.process is process:
            self.start_machine(machine)

    def start_gateway(self) -> None:
        process = MortalHub(self.hub, GATEWAY)
        live = self.gateway = LiveGateway(process)
        seed = self.rng.getrandbits(32)

        def boot() -> None:
            live.ledger = self._open_ledger(process)
            live.gateway = self._gateway(process, live.ledger, Random(seed))
            live.gateway.start()

        process.spawn("boot", boot)

    def _open_ledger(self, process: MortalHub) -> Ledger:
        first = open_ledger(self.config.gateway.ledger, process)
        first.close()
        ledger = MortalLedger(first.engine, process)
        ledger.process = process
        process.at_death(ledger.close)
        return ledger

    def _gateway(self, process: MortalHub, ledger: Ledger, rng: Random) -> Gateway:
        connect = self.ils.opener()
        return Gateway(
            self.config,
            hub=process,
            bus=MortalBus(self.broker, self.broker.bus(GATEWAY, subscriptions(self.config)), process),
            ils=Pool(process, lambda: process.wire(connect()), self.config.ils.described(), size=2),
            ledger=ledger,
            signer=_signer(GATEWAY),
            cards=CardFile(CONFIG / "demo" / "cards.csv"),
            site_secret=SITE_SECRET,
            rng=rng,
        )

    def start_machine(self, machine: Machine) -> None:
        process = machine.process = MortalHub(self.hub, machine.device, wall_off_s=machine.wall_off_s)
        machine.core = machine.screen = None
        boot_id = f"boot-{next(self._boots)}"
        rng = Random(self.rng.getrandbits(32))

        def bus(identity: Identity, will: Will) -> MortalBus:
            client = self.broker.bus(machine.device, machine_subscriptions(identity.address), will=will)
            return MortalBus(self.broker, client, process)

        def show(screen: Screen) -> None:
            machine.screen = screen

        around = Surroundings(
            hub=process,
            bus=bus,
            boot=boot_id,
            rng=rng,
            show=show,
            signer=_signer(machine.device),
            gateway=_signer(GATEWAY).verifier(),
            wires=mortal_wires(process, dict(machine.bench.wires)),
            disk=lambda path: MortalDisk(path, process, lambda: machine.disk_full),
        )

        def boot() -> None:
            settings = machine.settings
            age_s = settings.policy.offline.snapshot_age_h_max * 3600
            core = open_core(self._brain_of(settings), settings.platform(), around, snapshot_age_s_max=age_s)
            machine.core = core
            core.start()

        process.spawn("boot", boot)
