"""The control API keeps its own document: Schemathesis asks everything that it allows and forbids."""

from __future__ import annotations

import pytest

pytest.importorskip("schemathesis", reason="the extra `fuzz` is not installed")

from conformance_kit import PHASES
from control_fuzz_kit import Found, fuzzed_apart

TOKEN = "steer"
OPERATIONS = 53


def assert_kept(found: Found) -> None:
    assert not found.failures, "\n\n".join(f"{key}: {told}" for key, told in found.failures.items())
    assert (found.errors, found.skipped) == ([], [])
    # A walk may be too short to take back what it armed or planned, or to make a sandbox that keeps requests; jobs it
    # has none. No API that is shipped sends to registered endpoints.
    may_fail = {"disarmFault", "takePlanBack", "disarmAnswer", "readRequests", "runUntil", "readEntry"}
    may_fail |= {"showJob", "moveJob", "resendWebhook", "advanceToNext", "testWebhook", "listResults"}
    assert set(found.unanswered) <= may_fail | {"registerEndpoint", "removeEndpoint"}
    assert len(found.answered) == OPERATIONS
    assert not any(status[0] == "5" for seen in found.answered.values() for status in seen)


@pytest.mark.long
def test_all_phases_find_nothing_where_one_api_is_served() -> None:
    assert_kept(fuzzed_apart(PHASES, "mirrago"))


def test_values_and_walks_find_nothing_where_all_apis_are_served() -> None:
    assert_kept(fuzzed_apart(("examples", "fuzzing", "stateful")))


@pytest.mark.slow
def test_a_server_that_wants_a_token_keeps_its_document_too() -> None:
    found = fuzzed_apart(("examples", "fuzzing", "stateful"), "mirrago", token=TOKEN)
    assert_kept(found)
    assert any("401" in seen for seen in found.answered.values())


def test_an_answer_that_the_document_lacks_is_found() -> None:
    lacking = "/_mock/sandboxes/{name}/clock get 404"
    found = fuzzed_apart(("fuzzing",), "mirrago", without=[lacking])
    assert set(found.failures) == {"status_code_conformance readClock"}
