"""Questions that wait for an answer, and what becomes of each. Pure."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from kiosk.domain import Key
from kiosk.messages.asks import Answer, Ask, AskPatron, EffectGranted, EffectOpen, EffectRefused

WAITING_MAX: Final = 32
REMEMBERED_MAX: Final = 256
ANSWER_S_MIN: Final = 0.2  # with less left a question is not sent (again)


@dataclass(slots=True)
class Waiting:
    ask: Ask
    deadline: float  # monotonic
    sent: bool = False


class Questions:
    """At most WAITING_MAX; each ends once, by its answer or by its deadline."""

    def __init__(self) -> None:
        self.waiting: dict[str, Waiting] = {}
        self._expired: OrderedDict[str, None] = OrderedDict()
        self._answered: OrderedDict[str, None] = OrderedDict()

    @property
    def wakes_at(self) -> float | None:
        return min((waiting.deadline for waiting in self.waiting.values()), default=None)

    def add(self, corr: str, ask: Ask, deadline: float) -> bool:
        """False when too many are waiting."""
        assert corr not in self.waiting, f"question {corr} is asked twice"
        if len(self.waiting) >= WAITING_MAX:
            _remember(self._expired, corr)
            return False
        self.waiting[corr] = Waiting(ask, deadline)
        return True

    def to_send(self, now: float) -> list[tuple[str, Waiting]]:
        """What was never handed to a broker, and can still be answered."""
        return [(corr, one) for corr, one in self.waiting.items() if not one.sent and one.deadline - now > ANSWER_S_MIN]

    def connection_lost(self) -> None:
        """What was under way may be lost: ask again, the gateway answers the same key the same way.

        Not a question with a PIN inside: a second copy could cost the reader a second try.
        """
        for one in self.waiting.values():
            if not isinstance(one.ask, AskPatron):
                one.sent = False

    def expire(self, now: float) -> list[str]:
        """The questions whose deadline has passed: told once."""
        expired = [corr for corr, one in self.waiting.items() if now >= one.deadline]
        for corr in expired:
            del self.waiting[corr]
            _remember(self._expired, corr)
        return expired

    def answered(self, corr: str, answer: Answer) -> bool | None:
        """False: in time; True: late; None: nobody asked, or it is a second copy.

        The answer to an effect is let through even when this run never asked: the last one did, and its key says so.
        """
        if corr in self._answered:
            return None
        in_time = self.waiting.pop(corr, None) is not None
        late = corr in self._expired
        if not in_time and not late and _key_of(answer) != corr:
            return None
        self._expired.pop(corr, None)
        _remember(self._answered, corr)
        return not in_time


def _key_of(answer: Answer) -> Key | None:
    match answer:
        case EffectGranted() | EffectRefused() | EffectOpen():
            return answer.key
    return None


def _remember(corrs: OrderedDict[str, None], corr: str) -> None:
    corrs[corr] = None
    if len(corrs) > REMEMBERED_MAX:
        corrs.popitem(last=False)
