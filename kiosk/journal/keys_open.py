"""Which keys have an Intent and no Final yet, and what a record says about its key. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from kiosk.domain import ItemBarcode, Key, Pseudonym
from kiosk.messages.records import Body, Booted, Final, Intent, Noted


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a record is about: its own key, and item and reader of that key's Intent."""

    key: Key | None = None
    item: ItemBarcode | None = None
    pseudonym: Pseudonym | None = None


@dataclass(slots=True)
class OpenKeys:
    """Folds bodies in seq order. Granted and its like carry only a key: the Intent says what they are about."""

    intents: dict[Key, Intent] = field(default_factory=dict)
    seqs: dict[Key, list[int]] = field(default_factory=dict)

    def subject(self, body: Body) -> Subject:
        """What `body` will be filed under; before `fold`."""
        match body:
            case Booted() | Noted():
                return Subject()
            case Intent():
                return Subject(key=body.key, item=body.item, pseudonym=body.pseudonym)
        intent = self.intents.get(body.key)
        if intent is not None:
            return Subject(key=body.key, item=intent.item, pseudonym=intent.pseudonym)
        return Subject(key=body.key, item=body.item if isinstance(body, Final) else None)

    def fold(self, seq: int, body: Body) -> None:
        match body:
            case Booted() | Noted():
                return
            case Intent():
                self.intents[body.key] = body
                self.seqs[body.key] = [seq]
            case Final():
                self.intents.pop(body.key, None)
                self.seqs.pop(body.key, None)
            case _:
                if body.key in self.seqs:
                    self.seqs[body.key].append(seq)

    @property
    def oldest(self) -> int | None:
        """Seq of the oldest open Intent."""
        first = next(iter(self.seqs.values()), None)  # insertion order is seq order
        return first[0] if first else None
