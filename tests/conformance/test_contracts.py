"""Every answer of every operation is one that its contract allows, however it is asked, in every phase."""

from __future__ import annotations

from dataclasses import replace

import pytest
from conformance_kit import EXAMPLES, PHASES, FuzzResult, conform, contracts

FOCUSED = {
    "vidgen": [("createJob", "cancelJob"), ("createJob", "cancelJobByPost"), ("createJob", "cancelByPost")],
    "miraflow": [("createVideo", "getVideoStatus", "downloadVideo")],
}
"""Operations asked once more by themselves: of three ways to cancel a job only the first one succeeds, and a walk among
many operations may not come to a download."""
SIGNED = {"miraflow": ["finalizeMedia", "uploadMedia"]}
"""Links cannot carry the signed query of a URL: `test_signed_uploads` goes this way and sees both succeed."""


@pytest.mark.parametrize("api", sorted(contracts()))
def test_every_answer_is_one_the_contract_allows(api: str) -> None:
    founds = [conform(api), *(conform(api, ("stateful",), only=pair) for pair in FOCUSED.get(api, ()))]
    for found in founds:
        _nothing_wrong(found)
    succeeded = {o for found in founds for o, statuses in found.answered.items() if min(statuses) < 300}
    assert sorted(contracts()[api].operations.keys() - succeeded) == SIGNED.get(api, [])


@pytest.mark.parametrize("api", sorted(contracts()))
def test_every_answer_over_a_socket_is_one_too(api: str) -> None:
    """Here polling takes the short way, which does not exist in this process."""
    _nothing_wrong(conform(api, examples=max(EXAMPLES // 2, 1), wired=True))


def _nothing_wrong(found: FuzzResult) -> None:
    assert not found.failures, "\n\n".join(f"{key}\n{told}" for key, told in found.failures.items())
    assert not found.errors
    assert not found.skipped()


def test_a_phase_that_can_do_nothing_shows_as_an_error() -> None:
    found = conform("vidgen", ("stateful",), examples=1, only=["getHealth"])
    assert found.errors
    assert not found.answered["getHealth"]


@pytest.mark.parametrize("phase", PHASES)
def test_the_same_run_finds_the_same(phase: str) -> None:
    def run() -> FuzzResult:
        return replace(conform("miragic", (phase,), examples=5), seconds=0.0)

    assert run() == run()
