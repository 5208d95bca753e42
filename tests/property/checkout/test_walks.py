"""Whatever happens at a desk, in whatever order, and wherever the power fails: the promises of oracle.py hold."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.property.checkout.mutants import MUTANTS, Mutant
from tests.property.checkout.walk import Walk
from tests.property.checkout.world import Violation
from tests.unit.checkout.bench import sentences

SENTENCES = sentences()
STEPS = 90
WALKS = 100
WALKS_SLOW = 4000
WALKS_A_MUTANT = 400

hypothesis_settings = settings(
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
)


def walk(seed: int) -> None:
    Walk(random.Random(seed), SENTENCES).run(STEPS)


def test_no_walk_breaks_a_promise() -> None:
    for seed in range(WALKS):
        walk(seed)


@given(dice=st.randoms(use_true_random=False))
@settings(hypothesis_settings, max_examples=15)
def test_no_walk_that_can_be_shrunk_breaks_a_promise(dice: random.Random) -> None:
    Walk(dice, SENTENCES).run(40)


@pytest.mark.slow
def test_no_long_row_of_walks_breaks_a_promise() -> None:
    for seed in range(WALKS, WALKS + WALKS_SLOW):
        walk(seed)


@pytest.mark.slow
@given(dice=st.randoms(use_true_random=False))
@settings(hypothesis_settings, max_examples=200)
def test_no_long_walk_that_can_be_shrunk_breaks_a_promise(dice: random.Random) -> None:
    Walk(dice, SENTENCES).run(STEPS)


def told(mutant: Mutant) -> None:
    """Its story, where it has one; else one walk after another until the broken promise shows."""
    if mutant.story is not None:
        mutant.story(Walk(random.Random(1), SENTENCES, calm=True))
        return
    for seed in range(WALKS_A_MUTANT):
        try:
            walk(seed)
        except Violation as broken:
            if re.search(mutant.broken, str(broken).splitlines()[-1]):
                raise


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_desk_with_one_promise_broken_is_caught(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    mutant.patch(monkeypatch)
    with pytest.raises(Violation, match=mutant.broken):
        told(mutant)


@pytest.mark.parametrize("mutant", [m for m in MUTANTS if m.story], ids=lambda mutant: mutant.name)
def test_the_real_desk_lives_through_every_mutants_story(mutant: Mutant) -> None:
    told(mutant)
