"""A whole library side in virtual time: broker in memory, gateway on a ledger file, demo ILS, and machines that speak
the wire's own bytes. `crash_at` ends the gateway at any commit, SIP2 message or publish; `restart` opens it again."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import msgspec

from drivers.clock import VirtualHub
from drivers.link import Link
from kiosk.bus.contract import BusEvent, Delivered
from kiosk.bus.memory import MemoryBroker, MemoryBus
from kiosk.domain import ItemBarcode, Key, PatronId, Refusal, SecurityProof, SecurityState
from kiosk.domain.nouns import key_of
from kiosk.gateway.audit import Told
from kiosk.gateway.card import CardFile, Wallet
from kiosk.gateway.config import (
    BrokerSection,
    CardSection,
    DeviceSection,
    GatewayConfig,
    GatewaySection,
    IlsSection,
    KeepSection,
    PatronSection,
    SnapshotSection,
)
from kiosk.gateway.service import Gateway, subscriptions
from kiosk.gateway.sim import Acs, Audit, DemoData, Fault, FaultKind, Service, load, open_ils
from kiosk.gateway.sip2 import PROFILES, Pool
from kiosk.gateway.spans import rfc3339
from kiosk.keys import Signer, new_reply_key, new_signer, open_reply, seal, sign_envelope, verify_envelope
from kiosk.ledger import Ledger, Tx, effects, open_ledger, tasks
from kiosk.ledger.effects import Effect
from kiosk.ledger.tasks import Task
from kiosk.messages.asks import (
    Answer,
    AskEffect,
    AskItem,
    AskPatron,
    AskSnapshot,
    AskStaff,
    Bond,
    Credential,
    DayKey,
    PatronAnswer,
    SealedAnswer,
    Want,
)
from kiosk.messages.envelope import (
    OP_OF,
    SPEC,
    Batch,
    Birth,
    Envelope,
    Happening,
    Receipt,
    Request,
    answer_of,
    data_of,
    decode,
    encode,
    encode_data,
    split_type,
    type_name,
)
from kiosk.messages.records import (
    GENESIS,
    Body,
    Final,
    Head,
    Intent,
    Noted,
    OfflineAccepted,
    Op,
    Outcome,
    Record,
    chain_hash,
)
from kiosk.messages.records import decode as decode_record
from kiosk.messages.records import encode as encode_record
from kiosk.messages.topics import Address

T = TypeVar("T")

DATA = Path(__file__).parents[3] / "config" / "demo"
READER = PatronId("9920130001")
READER_CARD = "04FA944D8F5CD9"
OTHER = PatronId("9920130002")
BOOK = ItemBarcode("D1000001")
SECOND = ItemBarcode("D1000002")
GATEWAY_KEY = new_signer()
MACHINE_KEYS = {name: new_signer() for name in ("kiosk-1", "kiosk-2", "kiosk-3", "slot-1")}
SECRET = b"a secret of the site, 32 bytes.."
ILS_S = 2.0


@functools.cache
def demo_data() -> DemoData:
    return load(DATA)


class Killed(BaseException):
    """The power of the gateway's host went."""


@dataclass
class Fuse:
    """Counts the steps of a gateway (commits, bytes to the library system, publishes) and blows at one of them.

    From then on every step of that gateway fails: the dead do nothing.
    """

    at: int | None = None
    count: int = 0
    blown: bool = False
    places: list[str] = field(default_factory=list)

    def step(self, place: str) -> None:
        self.count += 1
        self.places.append(place)
        self.blown = self.blown or self.count == self.at
        if self.blown:
            raise Killed(place)


class FusedLedger(Ledger):
    """A power cut may come before a commit or after it."""

    fuse: Fuse

    def run(self, work: Callable[[Tx], T]) -> T:
        self.fuse.step("before commit")
        result = super().run(work)
        self.fuse.step("after commit")
        return result


class FusedLink:
    """A power cut may come before a message leaves, after it, and after its answer."""

    def __init__(self, link: Link, fuse: Fuse) -> None:
        self._link = link
        self._fuse = fuse

    def write(self, data: bytes) -> None:
        command = data[:2].decode("ascii", "replace")
        self._fuse.step(f"before {command}")
        self._link.write(data)
        self._fuse.step(f"after {command}")

    def read(self, by: float) -> bytes:
        data = self._link.read(by)
        if data:
            self._fuse.step(f"answer {data[:2]!r}")
        return data

    def close(self) -> None:
        self._link.close()


class FusedBus:
    """A power cut may come before or after a publish."""

    def __init__(self, bus: MemoryBus, fuse: Fuse) -> None:
        self._bus = bus
        self._fuse = fuse

    def start(self, on_event: Callable[[BusEvent], None]) -> None:
        self._bus.start(on_event)

    def publish(self, topic: str, payload: bytes, **options: Any) -> None:
        self._fuse.step("before publish")
        self._bus.publish(topic, payload, **options)
        self._fuse.step("after publish")

    def close(self) -> None:
        self._bus.close()


def config(tmp_path: Path, **changes: Any) -> GatewayConfig:
    made = GatewayConfig(
        gateway=GatewaySection(
            name="gateway-1",
            consortium="jalis",
            sites=("nh",),
            ledger=f"sqlite:///{tmp_path / 'ledger.db'}",
            signing_key="unused",
            site_secret="unused",
            workers=3,
        ),
        broker=BrokerSection(host="localhost"),
        ils=IlsSection(profile="demo", host="localhost", port=6001, answer_s=ILS_S, settle_s=2.0, late_s=30.0),
        card=CardSection(file=str(DATA / "cards.csv")),
        patron=PatronSection(teachers=("FAC",), students=("UG", "PG")),
        snapshot=SnapshotSection(ahead_days=2),
        keep=KeepSection(sealed_days=30),
        device=tuple(
            DeviceSection(id=name, site="nh", place="F1-HALL", key=key.verifier().text)
            for name, key in MACHINE_KEYS.items()
        ),
    )
    return replace(made, **changes)


class Site:
    """Everything on the library's side, and the machines."""

    def __init__(
        self,
        tmp_path: Path,
        *,
        fuse: Fuse | None = None,
        dialect: str = "demo",
        settings: GatewayConfig | None = None,
        wallet: Callable[[Site], Wallet] | None = None,
    ) -> None:
        tmp_path.mkdir(exist_ok=True)
        self.tmp_path = tmp_path
        self.hub = VirtualHub(on_crash=self._crashed)
        self.config = settings or config(tmp_path)
        self.acs: Acs = open_ils(demo_data(), self.hub.wall)
        self.service = Service(self.hub, self.acs)
        self.audit = Audit(self.acs.circulation.store)
        self.broker = MemoryBroker(self.hub, Random(1))
        self.fuse = fuse or Fuse()
        self.starts = 0
        self.machines: dict[str, Machine] = {}
        self.dialect = dialect
        self.make_wallet = wallet
        self._ledgers: list[Ledger] = []
        self.open()

    def open(self) -> None:
        """Starts the gateway, as after a boot."""
        self.starts += 1
        ledger = open_ledger(self.config.gateway.ledger, self.hub, synchronous="OFF")
        ledger.close()
        self.ledger = FusedLedger(ledger.engine, self.hub)
        self.ledger.fuse = self.fuse
        self._ledgers.append(self.ledger)
        opener = self.service.opener()
        self.pool = Pool(self.hub, lambda: FusedLink(opener(), self.fuse), PROFILES[self.dialect], size=3)
        bus = self.broker.bus(f"gateway-1-{self.starts}", subscriptions(self.config))
        self.gateway = Gateway(
            self.config,
            hub=self.hub,
            bus=FusedBus(bus, self.fuse),
            ils=self.pool,
            ledger=self.ledger,
            signer=GATEWAY_KEY,
            cards=CardFile(DATA / "cards.csv"),
            site_secret=SECRET,
            rng=Random(self.starts),
            wallet=self.make_wallet(self) if self.make_wallet else None,
        )
        self._bus = bus
        self.gateway.start()

    def _crashed(self, name: str, error: BaseException) -> None:
        if not isinstance(error, Killed):
            raise error

    def restart(self) -> None:
        """The power is back: another process on the same database. What was under way at the broker is lost."""
        self.fuse.blown = True
        self.gateway._stopping = True
        self._bus.close()
        self.broker.cut(self._bus.client_id)
        self.fuse = Fuse()
        self.open()

    def close(self) -> None:
        """Ends what still runs and closes the files, of the dead gateways, too: for tests with hundreds of sites."""
        self.hub.close()
        for ledger in self._ledgers:
            ledger.close()
        self._ledgers.clear()

    def machine(self, name: str = "kiosk-1", *, epoch: str = "e1") -> Machine:
        machine = Machine(self, name, epoch)
        self.machines[name] = machine
        return machine

    def run(self, seconds: float) -> None:
        self.hub.run(self.hub.now() + seconds)

    def order(
        self, kind: FaultKind, command: str, *, seconds: float = 0.0, times: int | None = 1, skip: int = 0
    ) -> None:
        self.acs.faults.add(Fault(kind=kind, command=command, seconds=seconds, times=times, skip=skip))

    # --- what the world looks like afterwards ---

    def day_key(self) -> DayKey:
        return self.gateway.parts.day_keys.public()[0]

    def effect(self, key: Key) -> Effect | None:
        return self.ledger.read(lambda tx: effects.get(tx, key))

    def open_tasks(self) -> list[Task]:
        return self.ledger.read(tasks.open_tasks)

    def kinds(self) -> list[str]:
        return sorted(task.kind for task in self.open_tasks())

    def done(self, item: ItemBarcode = BOOK) -> list[str]:
        """What the library system really did with an item."""
        return [effect.op for effect in self.audit.effects(item=item) if effect.op != "opening"]

    def borrower(self, item: ItemBarcode = BOOK) -> str | None:
        loan = self.audit.loan(item)
        return None if loan is None else loan.patron


class Machine:
    """The machine's end of the uplink: a journal in a list, signed envelopes, and everything it was told."""

    def __init__(self, site: Site, name: str, epoch: str, *, client: str = "") -> None:
        self.site = site
        self.name = name
        self.epoch = epoch
        self.signer: Signer = MACHINE_KEYS[name]
        self.address = Address(consortium="jalis", site="nh", device=name)
        self.boot = "b1"
        self.clock_off_ms = 0
        self.journal: list[tuple[bytes, str]] = []
        self.answers: dict[str, list[Answer]] = {}
        self.receipts: list[Receipt] = []
        self.receipt_for = ""  # what the newest receipt answers: the id of a birth, or nothing
        self.through = 0
        self._n = 0
        self._ids = 0
        self.bus = site.broker.bus(client or name, (self.address.topic("rsp"), self.address.topic("rcpt")))
        self.bus.start(self._told)
        site.run(0.1)

    # --- what it writes ---

    def key(self) -> Key:
        self._n += 1
        return key_of(self.name, self.epoch, self._n)

    def write(self, body: Body) -> int:
        """Appends a record; gives its seq."""
        prev = self.journal[-1][1] if self.journal else GENESIS
        head = Head(
            device=self.name,
            epoch=self.epoch,
            seq=len(self.journal) + 1,
            prev=prev,
            wall_ms=self.wall_ms(),
            mono_ms=self.mono_ms(),
            boot=self.boot,
        )
        data = encode_record(Record(head=head, body=body))
        self.journal.append((data, chain_hash(prev, data)))
        return len(self.journal)

    def wall_ms(self) -> int:
        return int(self.site.hub.wall() * 1000) + self.clock_off_ms

    def mono_ms(self) -> int:
        """Each boot's clock begins anew; this one has run as long as the hub."""
        return int(self.site.hub.now() * 1000)

    def intent(
        self,
        op: Op = Op.CHECKOUT,
        item: ItemBarcode = BOOK,
        patron: PatronId | None = READER,
        *,
        security: SecurityState | None = None,
        due_before: str = "",
        amount_fen: int = 0,
        of: Key | None = None,
    ) -> Intent:
        """A new key's Intent, not yet written."""
        key = self.key()
        sealed = None
        if op not in (Op.CHECKIN, Op.CAPTURE, Op.RELEASE) and patron is not None:
            sealed = seal(Bond(patron=patron, card="", item=item), self.site.day_key(), key)
        if security is None:
            security = SecurityState.OFF if op is Op.CHECKIN else SecurityState.ON
        return Intent(
            key=key,
            op=op,
            item=item,
            patron=sealed,
            security=security,
            at_ms=self.wall_ms(),
            due_before=due_before,
            amount_fen=amount_fen,
            of=of,
        )

    def final(self, intent: Intent, outcome: Outcome, *, offline: bool = False) -> int:
        proof = SecurityProof.UNKNOWN if outcome is Outcome.STANDS else SecurityProof.PROVEN
        return self.write(
            Final(
                key=intent.key,
                op=intent.op,
                item=intent.item,
                outcome=outcome,
                security=SecurityState.OFF if outcome is Outcome.DELIVERED else SecurityState.ON,
                proof=proof,
                offline=offline,
                at_ms=self.wall_ms(),
            )
        )

    def online(
        self, op: Op, outcome: Outcome, item: ItemBarcode = BOOK, patron: PatronId | None = READER, **options: Any
    ) -> Intent:
        """A whole loan or return that the gateway was asked for, and how it ended."""
        intent = self.intent(op, item, patron, **options)
        self.write(intent)
        self.ask_effect(intent)
        self.final(intent, outcome)
        return intent

    def offline(self, op: Op, item: ItemBarcode = BOOK, patron: PatronId | None = READER, **options: Any) -> Intent:
        """A whole loan or return that this machine decided alone."""
        intent = self.intent(op, item, patron, **options)
        self.write(intent)
        self.write(OfflineAccepted(key=intent.key))
        self.final(intent, Outcome.DELIVERED if op is Op.CHECKOUT else Outcome.RETURNED, offline=True)
        return intent

    def note(self, what: str) -> int:
        return self.write(Noted(what=what, at_ms=self.wall_ms()))

    # --- what it sends ---

    def birth(self, *, online: bool = True, last: int | None = None, head: str | None = None, run: bool = True) -> None:
        seq = len(self.journal) if last is None else last
        found = (self.journal[seq - 1][1] if seq else GENESIS) if head is None else head
        birth = Birth(
            boot=self.boot,
            epoch=self.epoch,
            last_seq=seq,
            head=found,
            software="test",
            online=online,
            mono_ms=self.mono_ms(),
        )
        self._send("state", type_name("state"), encode_data(birth))
        if run:
            self.site.run(0.2)

    def flush(self, first: int | None = None, *, run: bool = True) -> None:
        """Publishes the outbox: everything above the receipt watermark."""
        start = self.through + 1 if first is None else first
        records = self.journal[start - 1 :]
        if records:
            prev = self.journal[start - 2][1] if start > 1 else GENESIS
            batch = Batch(
                epoch=self.epoch,
                first=start,
                prev=prev,
                head=records[-1][1],
                records=tuple(msgspec.Raw(data) for data, _ in records),
                boot=self.boot,
                mono_ms=self.mono_ms(),
            )
            self._send("tx", type_name("tx"), encode_data(batch))
        if run:
            self.site.run(0.2)

    def ask(self, question: Any, *, answer_s: float = 8.0, corr: str = "", run: float = 1.0) -> str:
        self._ids += 1
        corr = corr or f"{self.name}-q{self._ids}"
        op = OP_OF[type(question)]
        data = encode_data(Request(ask=encode_data(question), answer_s=answer_s))
        self._send(f"req/{op}", type_name("req", op), data, corr=corr)
        if run:
            self.site.run(run)
        return corr

    def ask_effect(
        self, intent: Intent, *, depends: Iterable[int] = (), answer_s: float = 8.0, run: float = 1.0
    ) -> Any:
        """Sends the intent's own journal record; gives the newest answer, or None."""
        data, hash_ = next(
            (data, hash_) for data, hash_ in self.journal if f'"{intent.key}"'.encode() in data and b'"intent"' in data
        )
        ask = AskEffect(record=msgspec.Raw(data), hash=hash_, depends=tuple(depends))
        self.ask(ask, answer_s=answer_s, corr=intent.key, run=run)
        return self.answer(intent.key)

    def ask_patron(
        self,
        patron: PatronId | None = READER,
        *,
        card: str = "",
        pin: str | None = None,
        want: Want = Want.SUMMARY,
        corr: str = "",
    ) -> PatronAnswer | None:
        self._ids += 1
        corr = corr or f"{self.name}-p{self._ids}"
        reply_key = new_reply_key()
        credential = Credential(
            patron=patron if not card else None,
            card=card,
            pin=pin or "",
            pin_given=pin is not None,
            reply_key=reply_key,
        )
        sealed = seal(credential, self.site.day_key(), corr)
        self.ask(AskPatron(sealed=sealed, want=want), corr=corr, run=8.0 if want is Want.LOANS else 1.0)
        answer = self.answer(corr)
        return open_reply(answer, reply_key) if isinstance(answer, SealedAnswer) else None

    def ask_item(self, item: ItemBarcode = BOOK) -> Any:
        return self.answer(self.ask(AskItem(item=item)))

    def ask_staff(self) -> Any:
        return self.answer(self.ask(AskStaff(place="一楼大厅", screen="checkout", reason="help")))

    def ask_snapshot(self) -> Any:
        return self.answer(self.ask(AskSnapshot()))

    def tell(self, happening: Happening) -> None:
        self._send("evt", type_name("evt"), encode_data(happening))
        self.site.run(0.2)

    def answer(self, corr: str) -> Any:
        found = self.answers.get(corr)
        return found[-1] if found else None

    @property
    def receipt(self) -> Receipt:
        return self.receipts[-1]

    def _send(self, lane: str, type_: str, data: msgspec.Raw, corr: str = "") -> None:
        self._ids += 1
        envelope = Envelope(
            specversion=SPEC,
            id=f"{self.name}-{self.boot}-{self._ids}",
            source=f"/jalis/nh/{self.name}",
            type=type_,
            time=rfc3339(self.wall_ms() / 1000),
            device=self.name,
            epoch=self.epoch,
            corr=corr,
            data=data,
        )
        self.publish(lane, encode(sign_envelope(envelope, self.signer)))

    def publish(self, lane: str, payload: bytes) -> None:
        self.bus.publish(self.address.topic(lane), payload, retain=lane == "state")

    def _told(self, event: BusEvent) -> None:
        if not isinstance(event, Delivered):
            return
        envelope = decode(event.payload)
        assert verify_envelope(envelope, GATEWAY_KEY.verifier())
        if split_type(envelope.type)[0] == "rcpt":
            receipt: Receipt = data_of(envelope, "rcpt")
            self.receipts.append(receipt)
            self.receipt_for = envelope.corr
            if receipt.epoch == self.epoch and receipt.through <= len(self.journal) and not receipt.quarantined:
                self.through = max(self.through, receipt.through)
        else:
            self.answers.setdefault(envelope.corr, []).append(answer_of(envelope))


def reason(answer: Any) -> Refusal | None:
    """The reason in a refusal of any kind."""
    return getattr(answer, "reason", None)


class DemoBooks:
    """The demo ILS's own books, as an auditor reads them."""

    def __init__(self, audit: Audit) -> None:
        self._audit = audit

    def charged(self, item: ItemBarcode) -> bool | None:
        return self._audit.loan(item) is not None

    def charged_to(self, item: ItemBarcode, patron: PatronId) -> bool | None:
        loan = self._audit.loan(item)
        return loan is not None and loan.patron == patron

    def executed(self, item: ItemBarcode) -> dict[str, int]:
        counts = self._audit.counts().get(item)
        return {op: n for op, n in (counts or {}).items() if op in ("checkout", "checkin", "renew")}


def told(*machines: Machine) -> list[Told]:
    """What an auditor reads in the journals of machines."""
    return [Told(record=decode_record(data), hash=hash_) for machine in machines for data, hash_ in machine.journal]
