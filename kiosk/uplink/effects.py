"""From a key in the journal to the question that carries it."""

from __future__ import annotations

import msgspec

from kiosk.domain import Key
from kiosk.journal import Journal
from kiosk.messages.asks import AskEffect
from kiosk.messages.records import Intent


def effect_of(journal: Journal, key: Key) -> AskEffect:
    """The key's committed Intent, same bytes and hash, and the unreceipted records the gateway must settle before it.

    To be called by the journal's owner; asking for a key without an Intent is a bug and asserts.
    """
    entry = journal.entry_of(key, "intent")
    assert entry is not None, "an effect is asked for only after its intent is committed"
    intent = entry.record.body
    assert isinstance(intent, Intent)
    item, pseudonym = intent.item or None, intent.pseudonym
    touching = journal.unreceipted(item, pseudonym) if item or pseudonym else ()
    depends = tuple(seq for seq in touching if seq < entry.seq)
    return AskEffect(record=msgspec.Raw(entry.data), hash=entry.hash, depends=depends)
