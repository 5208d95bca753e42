"""The uplink under `fuzz`: every lane's letters, their signatures, what is inside them, and the sealed boxes.

A signature keeps most broken bytes from the decoders behind it. So each layer is fed by itself, too: the payload in a
sound envelope, the text in a sound box, as a sender with a mistake would write them.
"""

from __future__ import annotations

import base64
import functools
from collections.abc import Callable
from typing import Any, Final

import msgspec

from kiosk.domain import ItemBarcode, Key, PatronId, Refusal
from kiosk.keys import (
    SealError,
    Signer,
    new_day_key,
    open_reply,
    open_sealed,
    seal,
    seal_reply,
    sign_envelope,
    unveil,
    veil,
    verify_envelope,
)
from kiosk.messages import asks, envelope, records
from kiosk.messages.envelope import Envelope, MessageError
from kiosk.site.prove.fuzz_target import Feed, Target

SIGNER: Final = Signer(base64.b64encode(bytes(range(32))).decode())
REPLY_KEY: Final = base64.b64encode(bytes(range(32, 64))).decode()
CORR: Final = "kiosk-1-e1-1"
ITEM: Final = ItemBarcode("D1000001")
PATRON: Final = PatronId("9920130001")
KEY: Final = Key(CORR)


class Forged(Exception):
    """A changed letter was taken for its sender's."""


def targets() -> tuple[Target, ...]:
    """All of them, as the machines and the gateway do it."""
    return (letters(_sign, _trusts), payloads(envelope.ask_of, envelope.answer_of), *boxes())


def letters(sign: Callable[[Envelope], Envelope], trusts: Callable[[Envelope], bool]) -> Target:
    """Whole letters. Raises Forged when a changed one is trusted."""
    signed = [sign(_letter(type_, data)) for type_, data in _contents()]
    said = {envelope.signed_bytes(each) for each in signed}

    def feed(data: bytes) -> None:
        found = envelope.decode(data)
        lane = envelope.split_type(found.type)[0]
        if trusts(found) and envelope.signed_bytes(found) not in said:
            raise Forged(found.type)
        _inside(found, lane, envelope.ask_of, envelope.answer_of)

    samples = tuple(envelope.encode(each) for each in signed)
    return Target(name="letter", feed=feed, samples=samples, refuses=(MessageError,))


def payloads(ask_of: Callable[[Envelope], object], answer_of: Callable[[Envelope], object]) -> Target:
    """`type` and data, in two lines: only what is inside the envelope is bent."""

    def feed(data: bytes) -> None:
        type_, _, inside = data.partition(b"\n")
        letter = _letter(type_.decode("utf-8", "replace"), msgspec.Raw(inside))
        _inside(letter, envelope.split_type(letter.type)[0], ask_of, answer_of)

    samples = tuple(type_.encode() + b"\n" + bytes(data) for type_, data in _contents())
    return Target(name="payload", feed=feed, samples=samples, refuses=(MessageError,))


def boxes() -> tuple[Target, ...]:
    """Credentials and bonds to the gateway, answers to the machine, patron numbers for whoever has the card."""
    pair = new_day_key("2026-11-22")

    def box(data: bytes) -> None:
        sealed = records.Sealed(kid=pair.key.kid, box=data.decode("utf-8", "replace"))
        open_sealed(sealed, pair, CORR, asks.Credential)

    def credential(data: bytes) -> None:
        """As the gateway answers a reader's question."""
        found = open_sealed(seal(msgspec.Raw(data), pair.key, CORR), pair, CORR, asks.Credential)
        seal_reply(asks.PatronRefused(reason=Refusal.PIN_WRONG), found.reply_key)

    def bond(data: bytes) -> None:
        open_sealed(seal(msgspec.Raw(data), pair.key, CORR), pair, CORR, asks.Bond)

    def reply(data: bytes) -> None:
        open_reply(asks.SealedAnswer(box=data.decode("utf-8", "replace")), REPLY_KEY)

    def veiled(data: bytes) -> None:
        unveil(SIGNER.text.encode(), "04FA944D8F5CD9", data.decode("utf-8", "replace"))

    of_reader = asks.Credential(patron=PATRON, pin="1234", pin_given=True, reply_key=REPLY_KEY)
    of_card = asks.Credential(card="04FA944D8F5CD9", reply_key=REPLY_KEY)
    of_item = asks.Bond(patron=PATRON, card="", item=ITEM)
    answer = seal_reply(asks.PatronKnown(patron=PATRON, name="王同学", limit=30, charged=2), REPLY_KEY)
    hidden = veil(SIGNER.text.encode(), "04FA944D8F5CD9", PATRON)
    made: tuple[tuple[str, Feed, tuple[Any, ...]], ...] = (
        ("box", box, (seal(of_reader, pair.key, CORR).box.encode(),)),
        ("credential", credential, (envelope.encode_data(of_reader), envelope.encode_data(of_card))),
        ("bond", bond, (envelope.encode_data(of_item),)),
        ("reply", reply, (answer.box.encode(),)),
        ("veil", veiled, (hidden.encode(),)),
    )
    return tuple(
        Target(name=name, feed=feed, samples=tuple(bytes(each) for each in samples), refuses=(SealError,))
        for name, feed, samples in made
    )


def _inside(
    letter: Envelope, lane: str, ask_of: Callable[[Envelope], object], answer_of: Callable[[Envelope], object]
) -> None:
    match lane:
        case "req":
            ask = ask_of(letter)
            if isinstance(ask, tuple) and isinstance(ask[0], asks.AskEffect):
                envelope.record_of(ask[0].record)
        case "rsp":
            answer_of(letter)
        case _ if lane in envelope.DATA:
            data = envelope.data_of(letter, lane)
            for record in data.records if isinstance(data, envelope.Batch) else ():
                envelope.record_of(record)


def _letter(type_: str, data: msgspec.Raw) -> Envelope:
    return Envelope(
        specversion=envelope.SPEC,
        id="kiosk-1-b1-1",
        source="/jalis/cumt/kiosk-1",
        type=type_,
        time="2026-11-22T00:00:00.000+00:00",
        device="kiosk-1",
        epoch="e1",
        corr=CORR,
        data=data,
    )


def _sign(letter: Envelope) -> Envelope:
    return sign_envelope(letter, SIGNER)


def _trusts(letter: Envelope) -> bool:
    return verify_envelope(letter, SIGNER.verifier())


def signs_the_data_only() -> Target:
    """The mutant whose letters can be moved to another lane, machine or question."""

    def sign(letter: Envelope) -> Envelope:
        letter.sig = SIGNER.sign(bytes(letter.data))
        return letter

    def trusts(letter: Envelope) -> bool:
        return SIGNER.verifier().holds(bytes(letter.data), letter.sig)

    return letters(sign, trusts)


def believes_a_name() -> Target:
    """The mutant that looks up what a question calls itself, and decodes it, without asking whether it can."""

    def ask_of(letter: Envelope) -> object:
        kind = envelope.ASKS[envelope.split_type(letter.type)[1]]
        return msgspec.json.decode(envelope.data_of(letter, "req").ask, type=kind)

    return payloads(ask_of, envelope.answer_of)


@functools.cache
def _contents() -> tuple[tuple[str, msgspec.Raw], ...]:
    """(type, data) of a letter of every kind."""
    record = records.encode(records.Record(head=_head(), body=_intent()))
    raw, hash_ = msgspec.Raw(record), records.chain_hash(records.GENESIS, record)
    sealed = records.Sealed(kid="2026-11-22-00000000", box="AAAA")
    batch = envelope.Batch(epoch="e1", first=1, prev=records.GENESIS, head=hash_, records=(raw, raw), boot="b1")
    plain: tuple[tuple[str, object], ...] = (
        ("tx", batch),
        ("rcpt", envelope.Receipt(epoch="e1", through=1, head=hash_, exceptions=(envelope.Standing(seq=1, code="x"),))),
        ("state", envelope.Birth(boot="b1", epoch="e1", last_seq=1, head=hash_, software="1")),
        ("evt", envelope.Happening(what="door", fault=101, part="pad")),
        ("cmd", envelope.Command(op="open", nonce="00", boot="b1", expires_ms=1)),
    )
    questions = (
        asks.AskPatron(sealed=sealed, want=asks.Want.LOANS),
        asks.AskItem(item=ITEM),
        asks.AskEffect(record=raw, hash=hash_, depends=(1, 2)),
        asks.AskStaff(place="一楼大厅", screen="pad", reason="help"),
        asks.AskSnapshot(have="7"),
    )
    loan = asks.LoanLine(item=ITEM, title="红楼梦", due="2026-12-22")
    hint = asks.PatronHint(who="00" * 32, room=3, blocks=(Refusal.PATRON_CARD_LOST,))
    answers = (
        asks.SealedAnswer(box="AAAA"),
        asks.ItemKnown(item=ITEM, title="红楼梦", discs=1),
        asks.ItemUnknown(item=ITEM),
        asks.EffectGranted(key=KEY, due="2026-12-22", bin="1"),
        asks.EffectRefused(key=KEY, reason=Refusal.PATRON_CARD_LOST),
        asks.EffectOpen(key=KEY, task="T1"),
        asks.StaffTaken(reference="R1"),
        asks.Snapshot(
            version="7",
            at_ms=1,
            patrons=(hint,),
            items=(asks.ItemHint(item=ITEM, title=loan.title),),
            day_keys=(asks.DayKey(kid="k", public="AAAA", day="2026-11-22"),),
        ),
        asks.Unavailable(),
    )
    encoded = envelope.encode_data
    return (
        *((envelope.type_name(lane, "open" if lane == "cmd" else ""), encoded(data)) for lane, data in plain),
        *(
            (
                envelope.type_name("req", envelope.OP_OF[type(ask)]),
                encoded(envelope.Request(ask=encoded(ask), answer_s=8)),
            )
            for ask in questions
        ),
        *(
            (
                envelope.type_name("rsp", envelope.ANSWER_NAME[type(each)]),
                encoded(envelope.Response(answer=encoded(each))),
            )
            for each in answers
        ),
    )


def _head() -> records.Head:
    return records.Head(device="kiosk-1", epoch="e1", seq=1, prev=records.GENESIS, wall_ms=1, mono_ms=1, boot="b1")


def _intent() -> records.Intent:
    sealed = records.Sealed(kid="2026-11-22-00000000", box="AAAA")
    return records.Intent(key=KEY, op=records.Op.CHECKOUT, item=ITEM, patron=sealed, at_ms=1)
