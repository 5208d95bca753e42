"""A machine's end of the uplink without a machine around it: journal, uplink and bus are the production ones."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Final

from drivers.clock import Hub, Mailbox
from kiosk import keys
from kiosk.domain import ItemBarcode, Key, PatronId, Pseudonym, SecurityProof, SecurityState
from kiosk.domain.nouns import key_of
from kiosk.journal import Journal, Outbox
from kiosk.keys import Signer, Verifier
from kiosk.messages.asks import Answer, Ask, AskItem, Bond, EffectGranted
from kiosk.messages.records import Body, Granted, Intent, OfflineAccepted, Op, Outcome
from kiosk.messages.records import Final as Ending
from kiosk.messages.topics import Address
from kiosk.site.bench.running import ChildFailed
from kiosk.site.folder import SiteFolder
from kiosk.site.wiring import load_settings, real_bus
from kiosk.uplink import (
    Answered,
    Identity,
    LinkUp,
    NoAnswer,
    Peer,
    Receipted,
    SnapshotArrived,
    SnapshotCache,
    Uplink,
    UplinkEvent,
    effect_of,
    last_will,
)

EVENTS_MAX: Final = 1_000_000
ANSWER_S: Final = 20.0
UP_S_MAX: Final = 30.0


class MachineEnd:
    """Asks and tells as one machine does. One task owns it."""

    def __init__(self, hub: Hub, folder: SiteFolder, device: str, *, boot: str = "bench") -> None:
        settings = load_settings(folder.machine(device))
        self.hub = hub
        self.path = folder.journal(device)
        self.journal = Journal.open(self.path, device=device, clock=hub, boot=boot)
        self.receipted = self.journal.watermark
        self._events: Mailbox[UplinkEvent] = hub.mailbox(EVENTS_MAX)
        self._number = 0
        gateway = Verifier((folder.root / "gateway.public").read_text("ascii"))
        self._snapshots = SnapshotCache(None, gateway, self.journal.gateway_ms)
        identity = Identity(
            address=Address(
                consortium=settings.machine.consortium, site=settings.machine.site, device=settings.machine.device
            ),
            epoch=self.journal.meta.epoch,
            boot=boot,
            software="bench",
            signer=Signer((folder.root / f"{device}.signer").read_text("ascii")),
            gateway=gateway,
        )
        rng = random.Random(1)
        bus = real_bus(hub, settings.broker, rng)(identity, last_will(identity, hub, self.journal.last))
        self._uplink = Uplink(
            hub=hub,
            bus=bus,
            outbox=Outbox(self.path),
            watermark=self.journal.watermark,
            identity=identity,
            snapshots=self._snapshots,
            gateway_ms=self.journal.gateway_ms,
            rng=rng,
            on_event=self._events.put,
        )

    def start(self) -> None:
        """Returns when the gateway is there and there is a key to seal with. Raises ChildFailed."""
        self.connect()
        by = self.hub.now() + UP_S_MAX
        up = sealing = False
        while not (up and sealing):
            event = self._events.get(by)
            if event is None:
                raise ChildFailed(f"the gateway did not answer within {UP_S_MAX:g} s")
            up |= isinstance(event, LinkUp) and event.what is Peer.GATEWAY
            sealing |= isinstance(event, SnapshotArrived)
            self._hear(event)

    def connect(self) -> None:
        """Goes online; returns at once."""
        self._uplink.start()

    def stop(self) -> None:
        self._uplink.close()
        self.journal.close()

    # -- asking

    def ask_item(self, item: str) -> Answer | None:
        """What is this item? None when nobody answered in time."""
        self._number += 1
        return self._ask(AskItem(item=ItemBarcode(item)), f"bench-{self._number}")

    def ask_effect(self, op: Op, item: str, patron: str) -> Answer | None:
        """From the decision to the answer: intent committed, asked, answered."""
        intent = self.intent(op, item, patron)
        self.journal.append([intent])
        return self._ask(effect_of(self.journal, intent.key), intent.key, committed=True)

    def end(self, answer: Answer | None, op: Op, item: str) -> bool:
        """Writes down how the key of `answer` ended, as a machine does; False when it was not granted."""
        if not isinstance(answer, EffectGranted):
            return False
        granted = Granted(key=answer.key, due=answer.due)
        self.journal.append([granted, self.ending(answer.key, op, item)])
        self._uplink.committed()
        return True

    def intent(self, op: Op, item: str, patron: str) -> Intent:
        self._number += 1
        key = key_of(self.journal.meta.device, self.journal.meta.epoch, self._number)
        sealed = None
        if op is Op.CHECKOUT:
            day = self._snapshots.day_key(
                (datetime.fromtimestamp(self.hub.wall(), UTC) + timedelta(hours=8)).date().isoformat()
            )
            assert day is not None, "started without a key to seal with"
            bond = Bond(patron=PatronId(patron), card="", item=ItemBarcode(item))
            sealed = keys.seal(bond, day, key)
        return Intent(
            key=key,
            op=op,
            item=ItemBarcode(item),
            patron=sealed,
            pseudonym=Pseudonym(f"{self._number:024x}") if sealed else None,
            security=SecurityState.ON,
            at_ms=self._now_ms(),
        )

    def ending(self, key: Key, op: Op, item: str, *, offline: bool = False) -> Ending:
        lent = op is Op.CHECKOUT
        return Ending(
            key=key,
            op=op,
            item=ItemBarcode(item),
            outcome=Outcome.DELIVERED if lent else Outcome.RETURNED,
            security=SecurityState.OFF if lent else SecurityState.ON,
            proof=SecurityProof.PROVEN,
            offline=offline,
            at_ms=self._now_ms(),
        )

    def offline(self, op: Op, item: str, patron: str) -> tuple[Body, ...]:
        """The three records of an effect that the machine allowed by itself."""
        intent = self.intent(op, item, patron)
        return intent, OfflineAccepted(key=intent.key), self.ending(intent.key, op, item, offline=True)

    def told(self) -> None:
        """What was appended to the journal is to be sent."""
        self._uplink.committed()

    # -- hearing

    def wait_receipted(self, through: int, within_s: float) -> bool:
        """Until the gateway's receipt covers record `through`."""
        by = self.hub.now() + within_s
        while self.receipted < through:
            event = self._events.get(by)
            if event is None:
                return False
            self._hear(event)
        return True

    def _ask(self, question: Ask, corr: str, *, committed: bool = False) -> Answer | None:
        self._uplink.ask(question, answer_s=ANSWER_S, corr=corr)
        if committed:
            self._uplink.committed()
        by = self.hub.now() + ANSWER_S
        while (event := self._events.get(by)) is not None:
            match event:
                case Answered(corr=said, answer=answer) if said == corr:
                    return answer
                case NoAnswer(corr=said) if said == corr:
                    return None
                case _:
                    self._hear(event)
        return None

    def _hear(self, event: UplinkEvent) -> None:
        if isinstance(event, Receipted):
            self.journal.receipt(event.through, event.head, event.wall_ms)
            self.receipted = max(self.receipted, event.through)

    def _now_ms(self) -> int:
        return round(self.hub.wall() * 1000)
