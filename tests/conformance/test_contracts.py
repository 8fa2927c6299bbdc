"""Every answer of every operation is one that its contract allows, however it is asked, in every phase.

`MOCKSERVER_CONFORMANCE_EXAMPLES` says how many examples an operation is asked with (25 unless it is set).
"""

from __future__ import annotations

import pytest
from conformance_kit import EXAMPLES, PHASES, Found, conform, contracts

FOCUSED = {
    "vidgen": [("createJob", "cancelJob"), ("createJob", "cancelJobByPost"), ("createJob", "cancelByPost")],
}
"""Pairs asked once more by themselves: of three ways to cancel a job only the first one succeeds."""
SIGNED = {"miraflow": ["finalizeMedia", "uploadMedia"]}
"""Links cannot carry the signed query of a URL: `test_signed_uploads` goes this way and sees both succeed."""


@pytest.mark.parametrize("api", sorted(contracts()))
def test_every_answer_is_one_the_contract_allows(api: str) -> None:
    found = conform(api)
    for pair in FOCUSED.get(api, ()):
        found.add(conform(api, ("stateful",), only=pair))
    assert not found.failures, "\n\n".join(f"{key}\n{told}" for key, told in found.failures.items())
    assert not found.errors
    assert not found.skipped
    assert found.unanswered(contracts()[api].operations) == SIGNED.get(api, [])


@pytest.mark.parametrize("api", sorted(contracts()))
def test_every_answer_over_a_socket_is_one_too(api: str) -> None:
    """Here polling takes the short way, which does not exist in this process."""
    found = conform(api, examples=max(EXAMPLES // 2, 1), wired=True)
    assert not found.failures, "\n\n".join(f"{key}\n{told}" for key, told in found.failures.items())
    assert not found.errors
    assert not found.skipped


def test_a_phase_that_can_do_nothing_shows_as_an_error() -> None:
    found = conform("vidgen", ("stateful",), examples=1, only=["getHealth"])
    assert found.errors
    assert found.unanswered(["getHealth"]) == ["getHealth"]


@pytest.mark.parametrize("phase", PHASES)
def test_the_same_run_finds_the_same(phase: str) -> None:
    def run() -> Found:
        return conform("miragic", (phase,), examples=5)

    assert run() == run()
