"""Any reader libnfc knows, behind a child process that may be killed at any time."""

from __future__ import annotations

from drivers.card.contract import CardSeen, KeyKind, ReaderIdentity
from drivers.card.libnfc.protocol import (
    Answer,
    Block,
    Cards,
    Fault,
    Identify,
    Lines,
    Poll,
    ReadBlock,
    Reader,
    Refusal,
    Request,
    decode_answer,
    encode_request,
)
from drivers.card.libnfc.runner import Child, Runner
from drivers.clock import Clock
from drivers.errors import BadFrame, DeviceFault, DriverError, LinkLost, NoReply, Refused

CHILD_MODULE = "drivers.card.libnfc.child"
# pynfc is known to leak. At ten looks a second this is a new child every half hour.
POLLS_PER_CHILD = 18_000


class LibnfcReader:
    """See `drivers.card.contract.CardReader`. `connstring` as libnfc writes it: pn532_uart:/dev/ttyUSB0:115200."""

    def __init__(
        self,
        runner: Runner,
        clock: Clock,
        connstring: str,
        *,
        name: str = "card-reader",
        polls_per_child: int = POLLS_PER_CHILD,
    ) -> None:
        self._runner = runner
        self._clock = clock
        self._connstring = connstring
        self._name = name
        self._polls_per_child = polls_per_child
        self._polls = 0
        self._number = 0
        self._lines = Lines()
        self._child: Child | None = None

    def identify(self, by: float) -> ReaderIdentity:
        match self._ask(Identify(), by):
            case Reader(name):
                return ReaderIdentity(model="libnfc", firmware=name)
            case answer:
                raise self._unexpected(answer)

    def poll(self, by: float) -> tuple[CardSeen, ...]:
        match self._ask(Poll(), by):
            case Cards(cards):
                self._polls += 1
                if not cards and self._polls >= self._polls_per_child:
                    self.close()
                    self._start()  # it loads while nobody waits
                return cards
            case answer:
                raise self._unexpected(answer)

    def read_block(self, card: CardSeen, block: int, key: bytes, kind: KeyKind, by: float) -> bytes:
        match self._ask(ReadBlock(uid=card.uid, block=block, key=key, kind=kind), by):
            case Block(data):
                return data
            case Refusal(code):
                raise Refused(self._name, code, "the card refuses or has left")
            case answer:
                raise self._unexpected(answer)

    def close(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child = None

    def _start(self) -> Child:
        self._polls = 0
        self._lines = Lines()
        self._child = self._runner(self._name, CHILD_MODULE, [self._connstring])
        return self._child

    def _ask(self, request: Request, by: float) -> Answer:
        """One request. Whatever goes wrong ends this child; the next request starts another."""
        child = self._child or self._start()
        self._number += 1
        try:
            child.link.write(encode_request(self._number, request))
            answer = self._await(child, by)
        except DriverError:
            self.close()
            raise
        if isinstance(answer, Fault):
            self.close()
            raise self._fault(answer.code)
        return answer

    def _await(self, child: Child, by: float) -> Answer:
        while data := child.link.read(by):
            for line in self._lines.feed(data):
                try:
                    number, answer = decode_answer(line)
                except ValueError as error:
                    raise BadFrame(self._name, "line", str(error)) from error
                if number == self._number:
                    return answer
            if self._clock.now() > by:
                break
        raise NoReply(self._name, "hang", "the child did not answer and was killed")

    def _fault(self, code: str) -> DriverError:
        match code:
            case "open":
                return LinkLost(self._name, "open", "libnfc cannot open the reader")
            case "io":
                return LinkLost(self._name, "io", "libnfc lost the reader")
            case "timeout":
                return NoReply(self._name, "timeout", "the reader does not answer libnfc")
            case "missing":
                return DeviceFault(
                    self._name, "missing", "pynfc finds no libfreefare.so: install the package libfreefare-dev"
                )
        return DeviceFault(self._name, code, "libnfc reports a fault")

    def _unexpected(self, answer: Answer) -> BadFrame:
        return BadFrame(self._name, "answer", f"the child answered with {type(answer).__name__}")
