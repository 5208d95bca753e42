"""Broken drivers that the promises must catch: were one of these let through, the suite would prove nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from drivers.errors import DriverError
from drivers.rfid.contract import NotWritten, Proven, Security, SecurityProof, SecurityReading, TagUid
from drivers.rfid.feig import FeigPad
from drivers.rfid.feig.commands import Inventory, parse_inventory, swap_blocks
from drivers.rfid.feig.protocol import Status
from drivers.rfid.mischief import WireFault
from tests.contract.rfid import test_pad_faults as faults
from tests.contract.rfid import test_pad_promises as promises
from tests.contract.rfid.rigs import PipeRig, Rig


class WritesAndHopes(FeigPad):
    """Reports the wanted state as proven because it wrote it."""

    def _bring(self, uid: TagUid, wanted: Security, by: float) -> SecurityProof:
        try:
            before = self.security(uid, by)
        except DriverError as fault:
            return NotWritten(uid=uid, before=None, cause=fault.code)
        self._write_missing(uid, before, wanted, by)
        afi = self._scheme.afi_on if wanted is Security.ON else self._scheme.afi_off
        return Proven(uid=uid, reading=SecurityReading(afi=afi, eas=None, state=wanted), writes=1)


class ForgetsThatItWrote(FeigPad):
    """Calls a vanished tag "not written" although a write was sent."""

    def _bring(self, uid: TagUid, wanted: Security, by: float) -> SecurityProof:
        proof = super()._bring(uid, wanted, by)
        return proof if isinstance(proof, Proven) else NotWritten(uid=uid, before=None, cause="tag-gone")


class NeverSure(FeigPad):
    """Repeats a write once it has an answer, and looks only at the first."""

    def _write_missing(self, uid: TagUid, reading: SecurityReading, wanted: Security, by: float) -> int:
        super()._write_missing(uid, reading, wanted, by)
        return 0


class TakesWhatComes(FeigPad):
    """Asks the next question without making sure that no older answer is on its way."""

    def _ask(self, *args: object, **kwargs: object) -> object:  # type: ignore[override]  # a mutant by design
        self._exchange._in_doubt = False
        return super()._ask(*args, **kwargs)  # type: ignore[arg-type]


class BelievesSilence(FeigPad):
    """Takes a silent EAS bit for one that is off, whether the tag is there or not."""

    def _read_security(self, uid: TagUid, by: float) -> SecurityReading:
        facts = self._facts(uid, by)
        return self._scheme.read_as(facts.afi, self._rings(uid, by) if self._scheme.eas else None)


class LeavesThemQuiet(FeigPad):
    """Scans without waking the tags that earlier scans have silenced."""

    def _scan(self, by: float) -> tuple[TagUid, ...]:
        self._options = type(self._options)(rf_reset=False)
        return super()._scan(by)


class ReadsTheFirstPageOnly(FeigPad):
    """Ignores that there is more data."""

    def _scan(self, by: float) -> tuple[TagUid, ...]:
        answer = self._ask(Inventory(), by, fine=(Status.OK, Status.MORE_DATA, Status.NO_TRANSPONDER))
        return parse_inventory(answer.data) or ()


class ReadsBackwards(FeigPad):
    """Leaves the bytes of each block as the reader sends them."""

    def _read_memory(self, *args: object) -> tuple[int, bytes]:  # a mutant by design
        size, memory = super()._read_memory(*args)  # type: ignore[arg-type]
        return size, swap_blocks(memory, size)


class AlwaysWrites(FeigPad):
    """Writes without looking, which wears tags out and turns a lifted book into a doubt."""

    def _bring(self, uid: TagUid, wanted: Security, by: float) -> SecurityProof:
        blank = SecurityReading(afi=0, eas=None, state=Security.OTHER)
        writes = self._write_missing(uid, blank, wanted, by)
        try:
            return Proven(uid=uid, reading=self.security(uid, by), writes=writes)
        except DriverError as fault:
            return NotWritten(uid=uid, before=None, cause=fault.code)


Claim = Callable[[Rig], None]


def lost_write(rig: Rig) -> None:
    faults.test_a_disturbed_write_is_repeated_until_it_reads_back(rig, WireFault.MUTE)


@pytest.mark.parametrize(
    ("broken", "claim"),
    [
        (WritesAndHopes, faults.test_a_write_the_tag_only_pretended_is_found_out_and_repeated),
        (WritesAndHopes, faults.test_a_tag_that_never_takes_the_write_is_proven_as_before),
        (WritesAndHopes, faults.test_a_book_lifted_between_write_and_read_back_is_a_doubt_and_never_not_written),
        (WritesAndHopes, lost_write),
        (WritesAndHopes, faults.test_on_a_bad_afternoon_no_proof_is_ever_a_lie),
        (ForgetsThatItWrote, faults.test_a_book_lifted_between_write_and_read_back_is_a_doubt_and_never_not_written),
        (ForgetsThatItWrote, faults.test_a_reader_that_falls_silent_after_the_write_leaves_a_doubt),
        (ForgetsThatItWrote, faults.test_on_a_bad_afternoon_no_proof_is_ever_a_lie),
        (NeverSure, faults.test_a_book_lifted_just_before_the_write_is_a_doubt_because_the_write_was_sent),
        (TakesWhatComes, faults.test_a_late_answer_is_never_taken_for_a_read_back),
        (BelievesSilence, faults.test_the_silence_of_a_book_taken_away_is_not_taken_for_eas_off),
        (BelievesSilence, faults.test_one_missed_alarm_is_not_taken_for_eas_off),
        (LeavesThemQuiet, promises.test_books_that_stay_on_the_pad_are_found_by_every_scan),
        (ReadsTheFirstPageOnly, faults.test_a_long_list_comes_in_parts_and_is_put_together),
        (ReadsBackwards, promises.test_every_book_on_the_pad_is_read_whole),
        (AlwaysWrites, promises.test_a_book_that_is_as_wanted_is_not_written_again),
        (AlwaysWrites, faults.test_without_time_to_prove_nothing_is_written),
    ],
    ids=lambda value: value.__name__,
)
def test_the_suite_catches_a_broken_driver(broken: type[FeigPad], claim: Claim) -> None:
    with pytest.raises(AssertionError):
        claim(PipeRig(broken))
