"""A conformance run can fail: it finds every one of these broken engines, and nothing in the engine as it is."""

from __future__ import annotations

import functools
from unittest.mock import patch

import pytest
from conformance_kit import FuzzResult, conform
from mutants import MUTANTS, Mutant
from tier_kit import scaled

EXAMPLES = scaled("examples for each broken engine", test=6, ci=10, full=10)


@functools.cache
def unbroken(api: str, phase: str, operations: tuple[str, ...]) -> FuzzResult:
    """What the engine as it is shows; once for all mutants that break the same operation."""
    return conform(api, (phase,), examples=EXAMPLES, only=operations)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda m: m.name)
def test_a_broken_engine_is_found(mutant: Mutant) -> None:
    owner, attribute, wrong = mutant.place()
    with patch.object(owner, attribute, wrong):
        found = conform(mutant.api, (mutant.phase,), examples=EXAMPLES, only=mutant.operations)
    assert mutant.check in (found.checks() if mutant.check != "error" else {"error"} if found.errors else ())


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda m: m.name)
def test_the_engine_as_it_is_passes_the_same_run(mutant: Mutant) -> None:
    found = unbroken(mutant.api, mutant.phase, mutant.operations)
    assert not found.failures
    assert not found.errors
    assert not found.skipped()
