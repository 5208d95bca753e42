"""The gateway at work: one mailbox of messages, one task that keeps what arrives, some that answer and settle.

    bus -> ingest (tx, state, evt) -> ledger -> receipt
    bus -> desk (req) x workers    -> ledger, library system -> answer
           settler                 -> what is owed to keys
           keeper                  -> lease, day keys, card file, overdue silence

The same code runs on a ThreadHub beside a real broker and on a VirtualHub beside a MemoryBus.
"""

from __future__ import annotations

import logging
import math
from collections import deque
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Final

from drivers.clock import Hub, Mailbox, MailboxFull
from kiosk.bus import Bus, BusEvent, Connected, Delivered
from kiosk.domain import Fen, Key
from kiosk.gateway.applier import Applier
from kiosk.gateway.card import Allowance, CardResolver, HouseWallet, Wallet
from kiosk.gateway.claims import Claims
from kiosk.gateway.config import GatewayConfig, WalletKind
from kiosk.gateway.daykeys import DayKeys
from kiosk.gateway.desk import Desk, Question
from kiosk.gateway.ingest import Ingest, Parcel
from kiosk.gateway.keeper import Keeper
from kiosk.gateway.lease import Lease, NotLeading
from kiosk.gateway.notes import Notes
from kiosk.gateway.parts import Parts
from kiosk.gateway.post import Post
from kiosk.gateway.registry import Device, Registry, registry_of
from kiosk.gateway.settler import Settler
from kiosk.gateway.sip2 import NoAnswer, NotSent, Pool, TerminalStatus
from kiosk.gateway.steady import SteadyHub
from kiosk.keys import Signer, verify_envelope
from kiosk.ledger import Ledger, Tx, effects, inbox
from kiosk.messages.envelope import Batch, Birth, Envelope, Happening, MessageError, ask_of, data_of, decode
from kiosk.messages.topics import VERSION, parse

log = logging.getLogger(__name__)

Notify = Callable[[str], None]

MAIL_MAX: Final = 20_000
GROUP_MAX: Final = 32
"""Batches that share one commit and one receipt a journal."""

DUE_MAX: Final = 256
NEIGHBOURS: Final = 4
"""Keys that one task settles in a row."""

IDLE_S: Final = 5.0
LIVE_AFTER_S: Final = 5.0
"""What arrives sooner after a connection may have waited at the broker: its time says nothing about clocks."""

ANSWER_S_MAX: Final = 120.0

_Mail = tuple[Delivered, float]


def subscriptions(config: GatewayConfig) -> tuple[str, ...]:
    """Topic filters for the gateway's bus. Batches may be shared among gateways; questions go to all, since only the
    one that leads may answer some of them."""
    share = f"$share/{config.broker.share}/" if config.broker.share else ""
    return tuple(
        f"{share if lane == 'tx' else ''}lib/{VERSION}/{config.gateway.consortium}/{site}/+/{lane}"
        for site in config.gateway.sites
        for lane in ("tx", "req/+", "state", "evt")
    )


class Gateway:
    """`start` spawns the tasks; a crash of one of them reaches the hub's on_crash and should end the process.

    `notify` takes what systemd wants to hear (READY=1, WATCHDOG=1, STOPPING=1).
    """

    def __init__(
        self,
        config: GatewayConfig,
        *,
        hub: Hub,
        bus: Bus,
        ils: Pool,
        ledger: Ledger,
        signer: Signer,
        cards: CardResolver,
        site_secret: bytes,
        rng: Random,
        wallet: Wallet | None = None,
        registry: Registry | None = None,
        notify: Notify = lambda text: None,
    ) -> None:
        run = f"{rng.getrandbits(48):012x}"
        hub = SteadyHub(hub, ledger.read(_latest_s))
        lease = Lease(ledger, hub, config.gateway.name, run)
        self._nudges: Mailbox[str] = hub.mailbox(1)
        self.parts = Parts(
            config=config,
            hub=hub,
            bus=bus,
            ils=ils,
            ledger=ledger,
            registry=registry if registry is not None else registry_of(config),
            cards=cards,
            wallet=wallet or _house(config, ledger, hub, site_secret),
            claims=Claims(hub),
            day_keys=DayKeys(
                ledger,
                hub,
                utc_offset_s=ils.profile.utc_offset_s,
                ahead_days=config.snapshot.ahead_days,
                sealed_days=config.keep.sealed_days,
            ),
            lease=lease,
            post=Post(bus, hub, signer, f"/{config.gateway.consortium}/{config.gateway.name}", run),
            notes=Notes(ledger),
            site_secret=site_secret,
            rng=rng,
            nudge=self._nudge,
        )
        self._applier = Applier(self.parts)
        self._settler = Settler(self.parts, self._applier)
        self._desk = Desk(self.parts, self._applier, self._settler)
        self._ingest = Ingest(self.parts)
        self._keeper = Keeper(self.parts, notify)
        self._arrivals: Mailbox[_Mail] = hub.mailbox(MAIL_MAX)
        self._questions: Mailbox[_Mail] = hub.mailbox(MAIL_MAX)
        self._connected_at = math.inf
        self._stopping = False

    def start(self) -> None:
        """Makes day keys, takes the lease if it is free, recovers what a crash left, and opens for business."""
        hub = self.parts.hub
        self.parts.day_keys.tend()
        self._keeper.lead()
        hub.spawn("gateway.ingest", self._keep_what_arrives)
        for n in range(self.parts.config.gateway.workers):
            hub.spawn(f"gateway.desk.{n}", self._answer_questions)
        hub.spawn("gateway.settler", self._settle)
        hub.spawn("gateway.keeper", self._keeper.run)
        hub.spawn("gateway.ils", self._stay_connected)
        self.parts.bus.start(self.on_event)
        self._keeper.ready()

    def stop(self) -> None:
        """Ends the tasks after what they are doing, gives the lease back. The owner closes bus, pool and ledger."""
        self._stopping = True
        self._keeper.stop()
        self.parts.bus.close()
        self.parts.ils.close()
        self.parts.notes.flush()
        self.parts.lease.give_back()

    def on_event(self, event: BusEvent) -> None:
        """From the bus's own task: sorts mail into the two boxes. Raises MailboxFull when too many batches wait: the
        bus then drops the connection, and the broker keeps them."""
        match event:
            case Connected():
                self._connected_at = self.parts.hub.now()
            case Delivered(topic=topic) if "/req/" in topic:
                try:
                    self._questions.put((event, self.parts.hub.now()))
                except MailboxFull:
                    log.error("question_dropped topic=%s", topic)  # its asker has a deadline
            case Delivered():
                self._arrivals.put((event, self.parts.hub.now()))

    # --- the tasks ---

    def _keep_what_arrives(self) -> None:
        while not self._stopping:
            mail = self._arrivals.get(self.parts.hub.now() + IDLE_S)
            group: list[Parcel] = []
            while mail is not None:
                parcel = self._arrival(*mail)
                if parcel is not None:
                    group.append(parcel)
                mail = self._arrivals.get(-math.inf) if len(group) < GROUP_MAX else None
            if group:
                self._ingest.take(group)

    def _answer_questions(self) -> None:
        while not self._stopping:
            mail = self._questions.get(self.parts.hub.now() + IDLE_S)
            question = self._question(*mail) if mail is not None else None
            if question is not None:
                self._desk.answer(question)

    def _settle(self) -> None:
        """Pays what is due, then sleeps until the next thing is, or somebody nudges."""
        while not self._stopping:
            hub = self.parts.hub
            if self.parts.lease.leading:
                self.settle_due()
            next_ms = self.parts.ledger.read(effects.next_due_ms)
            wait_s = IDLE_S if next_ms is None else (next_ms - self.parts.now_ms()) / 1000
            self._nudges.get(hub.now() + min(max(wait_s, 0.01), IDLE_S))

    def settle_due(self) -> None:
        """One pass over everything that is due now, by a task more than there are connections to ask through: while
        one of them writes down, the others ask.

        What must not meet (an item, a reader) is kept apart by claims, as it is for the desk's tasks. Each task takes
        neighbours: they often are one reader's, whom two tasks would only wait for.
        """
        keys = self.parts.ledger.read(lambda tx: effects.due(tx, self.parts.now_ms(), DUE_MAX))
        shares = deque(keys[at : at + NEIGHBOURS] for at in range(0, len(keys), NEIGHBOURS))
        more = min(self.parts.config.ils.connections, len(shares) - 1)
        work = partial(self._settle_shares, shares)
        tasks = [self.parts.hub.spawn(f"gateway.settler.{n}", work) for n in range(more)]
        work()
        for task in tasks:
            task.join(math.inf)
        while self._settler.settled_late:
            name, epoch = self._settler.settled_late.pop()
            device = self.parts.registry.devices.get(name)
            if device is not None:
                self._ingest.receipt(device, epoch, settled=True)

    def _settle_shares(self, shares: deque[list[Key]]) -> None:
        while shares:
            try:
                share = shares.popleft()
            except IndexError:  # another task was quicker
                return
            for key in share:
                try:
                    self._settler.settle(key)
                except NotLeading:
                    return

    def _stay_connected(self) -> None:
        """Connects before the first reader comes, and stays awake."""
        try:
            self.parts.ils.ask(TerminalStatus(), self.parts.hub.now() + self.parts.config.ils.answer_s)
        except (NotSent, NoAnswer) as away:
            log.warning("ils_away at_start cause=%s", away.cause.value)
        self.parts.ils.keep_alive()

    # --- letters in ---

    def _arrival(self, event: Delivered, at: float) -> Parcel | None:
        """A batch to keep; births and happenings are dealt with at once."""
        opened = self._opened(event)
        if opened is None:
            return None
        device, envelope, lane = opened
        live = not event.retained and at - self._connected_at >= LIVE_AFTER_S
        try:
            match data_of(envelope, lane):
                case Batch() as batch:
                    return self._ingest.parcel(device, batch, live=live)
                case Birth() as birth:
                    self._ingest.birth(device, envelope, birth, live=live, retained=event.retained)
                case Happening() as happening:
                    self._ingest.happening(device, envelope.id, happening)
        except MessageError as error:
            log.warning("not_understood device=%s lane=%s: %s", device.name, lane, error)
        return None

    def _question(self, event: Delivered, at: float) -> Question | None:
        opened = self._opened(event)
        if opened is None:
            return None
        device, envelope, _ = opened
        try:
            ask, answer_s = ask_of(envelope)
        except MessageError as error:
            log.warning("not_understood device=%s lane=req: %s", device.name, error)
            return None
        return Question(
            device=device,
            corr=envelope.corr or envelope.id,
            epoch=envelope.epoch,
            ask=ask,
            until=at + min(answer_s, ANSWER_S_MAX),
        )

    def _opened(self, event: Delivered) -> tuple[Device, Envelope, str] | None:
        """Whose letter it is, if the topic, the envelope and the signature say the same."""
        found = parse(event.topic)
        device = self.parts.registry.at(found[0]) if found is not None else None
        if found is None or device is None:
            log.warning("stranger topic=%s", event.topic)
            return None
        lane, _, op = found[1].partition("/")
        try:
            envelope = decode(event.payload)
        except MessageError as error:
            log.warning("not_understood device=%s: %s", device.name, error)
            return None
        expected = f"cn.circdesk.{lane}{'.' + op if op else ''}.v1"
        if envelope.device != device.name or envelope.type != expected:
            log.error("wrong_sender topic=%s", event.topic)
            return None
        if not verify_envelope(envelope, device.verifier):
            log.error("signature_wrong device=%s lane=%s", device.name, lane)
            return None
        return device, envelope, lane

    def _nudge(self) -> None:
        try:
            self._nudges.put("now")
        except MailboxFull:
            return  # it has been told


def _latest_s(tx: Tx) -> float:
    """The latest moment at which this ledger heard of a machine: the clock may have been set back since."""
    return max((chain.seen_ms for chain in inbox.all_chains(tx)), default=0) / 1000


def _house(config: GatewayConfig, ledger: Ledger, hub: Hub, secret: bytes) -> Wallet | None:
    """The library's own credit, where the site has it."""
    rules = config.wallet
    if rules.kind is not WalletKind.HOUSE:
        return None
    allowance = Allowance(amount_fen=Fen(rules.allowance_fen), month=rules.month, day=rules.day)
    return HouseWallet(ledger, hub, secret, allowance)


def run_gateway(
    config: GatewayConfig,
    *,
    hub: Hub,
    bus: Bus,
    ils: Pool,
    ledger: Ledger,
    signer: Signer,
    cards: CardResolver,
    site_secret: bytes,
    rng: Random,
    wallet: Wallet | None = None,
    notify: Notify = lambda text: None,
) -> Gateway:
    """A gateway that is open for business. Raises LedgerBroken."""
    gateway = Gateway(
        config,
        hub=hub,
        bus=bus,
        ils=ils,
        ledger=ledger,
        signer=signer,
        cards=cards,
        site_secret=site_secret,
        rng=rng,
        wallet=wallet,
        notify=notify,
    )
    gateway.start()
    return gateway
