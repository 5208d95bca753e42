"""The book pad: tags become items, wanted ends become proofs."""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from drivers.clock import Hub, MailboxFull, Task
from drivers.link import Link
from drivers.rfid.contract import (
    NotWritten,
    Pad,
    Proven,
    Security,
    SecurityProof,
    SecurityScheme,
    TagImage,
    TagUid,
    Unknown,
)
from drivers.rfid.tags import FixedLayout, TagContent, TagFormat, TagUsage, detect
from drivers.rfid.watch import (
    PadEvent,
    PadHealth,
    PadTags,
    PadWatch,
    Release,
    RequestFailed,
    Secure,
    SecurityDone,
    SelfTestDone,
    TestPad,
    WatchOptions,
)
from kiosk.domain import ItemBarcode
from kiosk.domain import SecurityProof as Proof
from kiosk.domain import SecurityState as State
from kiosk.flow import devices
from kiosk.flow.devices import PadHolds, PadTag, PartTested, TagKind, Usage
from kiosk.flow.orders import SetSecurity
from kiosk.machine.parts.common import Hints, Post, Wire, health_event

MARK_S_MAX: Final = 2.0
TEST_S_MAX: Final = 5.0
_STATES: Final = {Security.ON: State.ON, Security.OFF: State.OFF, Security.OTHER: State.UNKNOWN}
_USAGES: Final = {
    TagUsage.NOT_ISSUE_OFFLINE: Usage.NOT_ISSUE_OFFLINE,
    TagUsage.NOT_RETURN_OFFLINE: Usage.NOT_RETURN_OFFLINE,
    TagUsage.NEITHER_OFFLINE: Usage.NEITHER_OFFLINE,
    TagUsage.REFERENCE_ONLY: Usage.REFERENCE,
    TagUsage.DISCARDED: Usage.DISCARDED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TagRules:
    """How this site's tags are read."""

    scheme: SecurityScheme
    layouts: Sequence[FixedLayout] = ()
    item_number: re.Pattern[str] | None = None


@dataclass(slots=True)
class _Marking:
    """One SetSecurity on its way: all tags of an item, each with its own proof."""

    order: SetSecurity
    before: State
    proofs: dict[str, SecurityProof] = field(default_factory=dict)


class PadPart:
    """Owns a PadWatch. Everything after construction runs in the watch's task, except `set_security` and `test`."""

    name = "pad"

    def __init__(
        self,
        *,
        hub: Hub,
        wire: Wire,
        make_pad: Callable[[Link], Pad],
        rules: TagRules,
        hints: Hints,
        post: Post,
        options: WatchOptions = WatchOptions(),  # noqa: B008  a frozen value
    ) -> None:
        self.wire = wire
        self._hub = hub
        self._make_pad = make_pad
        self._rules = rules
        self._hints = hints
        self._post = post
        self._options = options
        self._markings: dict[str, _Marking] = {}
        self._contents: dict[TagUid, tuple[bytes, TagContent]] = {}
        self._tags: dict[str, PadTag] = {}
        self._watch = self._new_watch()
        self._task: Task | None = None

    def _new_watch(self) -> PadWatch:
        return PadWatch(self._hub, self.wire.open, self._make_pad, self._report, self._options)

    def start(self) -> None:
        """A run before this one ends first: two at one reader could write to one tag in turns."""
        watch, before = self._watch, self._task

        def run() -> None:
            if before is not None:
                before.join(math.inf)  # what it is at has a deadline
            watch.run()

        self._task = self._hub.spawn("pad", run)

    def stop(self) -> None:
        watch, self._watch = self._watch, self._new_watch()
        self._markings.clear()
        watch.end()

    def test(self) -> None:
        with contextlib.suppress(MailboxFull):  # it hangs: enough tests wait for it already
            self._watch.post(TestPad(ref="test", by=self._hub.now() + TEST_S_MAX))

    def set_security(self, order: SetSecurity) -> None:
        """Orders the wanted end for every tag; one SecurityDone follows."""
        states = {self._tags[uid].security for uid in order.uids if uid in self._tags}
        before = states.pop() if len(states) == 1 else State.UNKNOWN
        self._markings[order.corr] = _Marking(order=order, before=before)
        kind = Secure if order.wanted is State.ON else Release
        by = self._hub.now() + MARK_S_MAX
        try:
            for uid in order.uids:
                self._watch.post(kind(ref=f"{order.corr}|{uid}", uid=TagUid(uid), by=by))
        except MailboxFull:  # it hangs: whether a tag of this item was reached is for a later reading to say
            self._markings.pop(order.corr, None)
            doubt = Unknown(uid=TagUid(order.uids[0]), cause="busy")
            self._post(merged(order, before, (doubt,)))

    def _report(self, event: PadEvent) -> None:
        match event:
            case PadTags():
                self._tags = {tag.uid: tag for tag in self._decoded(event)}
                self._tell()
            case PadHealth(health=health, code=code):
                self._post(health_event(self.name, health, code))
            case SecurityDone(ref=ref, proof=proof):
                self._marked(ref, proof)
            case SelfTestDone(result=result):
                numbers = f"{result.tags_read}/{result.tags_found} · {result.elapsed_ms} ms"
                ok = result.tags_read == result.tags_found
                self._post(PartTested(part=self.name, ok=ok, numbers=numbers))
            case RequestFailed(code=code):
                self._post(PartTested(part=self.name, ok=False, numbers=code))
            case _:
                pass

    def _tell(self) -> None:
        self._post(PadHolds(tags=tuple(self._tags[uid] for uid in sorted(self._tags))))

    def _decoded(self, event: PadTags) -> list[PadTag]:
        self._contents = {
            uid: kept for uid, kept in self._contents.items() if any(image.uid == uid for image in event.tags)
        }
        tags = [self._tag(image) for image in event.tags]
        return tags + [PadTag(uid=uid, kind=TagKind.UNREADABLE) for uid in event.unread]

    def _tag(self, image: TagImage) -> PadTag:
        kept = self._contents.get(image.uid)
        if kept is None or kept[0] != image.memory:
            content = detect(
                image.memory,
                block_size=image.block_size,
                dsfid=image.dsfid,
                afi=image.afi,
                layouts=self._rules.layouts,
                item_number=self._rules.item_number,
            )
            kept = self._contents[image.uid] = (image.memory, content)
        return pad_tag(image, kept[1], self._rules.scheme, self._hints)

    def _marked(self, ref: str, proof: SecurityProof) -> None:
        corr, uid = ref.rsplit("|", 1)
        marking = self._markings.get(corr)
        if marking is None:  # told as a doubt already
            return
        marking.proofs[uid] = proof
        if len(marking.proofs) < len(marking.order.uids):
            return
        self._markings.pop(corr, None)
        done = merged(marking.order, marking.before, tuple(marking.proofs.values()))
        for each, tag_proof in marking.proofs.items():
            if isinstance(tag_proof, Proven) and each in self._tags:
                self._tags[each] = replace(self._tags[each], security=_STATES[tag_proof.state])
        self._post(done)
        self._tell()


def pad_tag(image: TagImage, content: TagContent, scheme: SecurityScheme, hints: Hints) -> PadTag:
    """One tag in library language."""
    number = content.primary_item_id or ""
    kind = TagKind.ITEM if number else TagKind.BLANK if content.format is TagFormat.BLANK else TagKind.UNREADABLE
    if content.usage is TagUsage.PATRON_CARD:
        kind = TagKind.PATRON_CARD
    state = State.UNKNOWN
    if image.afi is not None:  # where the EAS bit counts too, the AFI alone reads as neither on nor off
        state = _STATES[scheme.read_as(image.afi, image.eas).state]
    return PadTag(
        uid=image.uid,
        kind=kind,
        item=ItemBarcode(number),
        owner=content.owner_institution or "",
        parts=max(1, content.parts),
        ordinal=max(1, content.ordinal),
        usage=_USAGES.get(content.usage, Usage.CIRCULATING),
        security=state,
        hint=hints.item(number) if number else None,
    )


def merged(order: SetSecurity, before: State, proofs: Sequence[SecurityProof]) -> devices.SecurityDone:
    """One word for all tags of an item: proven only if each is and they agree; any doubt is a doubt of the whole."""
    proven = {_STATES[proof.state] for proof in proofs if isinstance(proof, Proven)}
    if any(isinstance(proof, Unknown) for proof in proofs):
        proof, state = Proof.UNKNOWN, State.UNKNOWN
    elif all(isinstance(proof, NotWritten) for proof in proofs):
        proof, state = Proof.NOT_WRITTEN, State.UNKNOWN
    elif all(isinstance(proof, Proven) for proof in proofs) and len(proven) == 1:
        proof, state = Proof.PROVEN, proven.pop()
    else:  # some switched, some gone: the set is neither on nor off
        proof, state = Proof.UNKNOWN, State.UNKNOWN
    return devices.SecurityDone(corr=order.corr, wanted=order.wanted, state=state, proof=proof, before=before)
