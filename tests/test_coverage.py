"""Which answers of a contract were given: what counts, what stands first, and that nothing closed is forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest
from api_kit import MakeSandbox
from check_kit import good, write
from control_kit import contracts, steered

from mockserver import Running
from mockserver.coverage import answerable, coverage
from mockserver.loader import load_folder

BY_NAME = {contract.name: contract for contract in contracts()}


def test_every_example_of_every_operation_can_be_seen() -> None:
    found = {(each.operation, each.example): each for each in answerable(BY_NAME["vidgen"])}
    for operation in BY_NAME["vidgen"].operations.values():
        for name in operation.examples:
            assert (operation.id, name) in found or operation.verb == "create"
    assert found["getStatus", "FAILED"].kind == "state"
    assert found["getStatus", "not_found"].kind == "refusal"
    assert found["", "unknown_path"].kind == "unrouted"
    assert found["cancelJob", "COMPLETED"].status == 409


def test_a_result_itself_is_an_answer_too() -> None:
    found = {(each.operation, each.example): each for each in answerable(BY_NAME["miraflow"])}
    assert found["downloadVideo", "bytes"].status == 200


def test_only_the_initial_state_is_expected_of_a_create() -> None:
    states = [e.example for e in answerable(BY_NAME["mirrago"]) if e.operation == "generateImage" and e.kind == "state"]
    assert states == ["queued"]


def test_states_come_before_refusals_and_documented_ones_before_assumed_ones() -> None:
    unseen = coverage(BY_NAME["mirrago"], {})
    order = [("state", "refusal", "unrouted").index(each.kind) for each in unseen]
    assert order == sorted(order)
    marks = [("documented", "published", "observed", "assumed").index(e.evidence) for e in unseen if e.kind == "state"]
    assert marks == sorted(marks)
    assert len(set(marks)) > 1


def test_what_was_given_is_counted() -> None:
    counts = {
        ("vidgen", "getStatus", "FAILED"): 3,
        ("vidgen", "getStatus", "nix"): 1,
        ("miragic", "getStatus", "PENDING"): 9,
    }
    found = coverage(BY_NAME["vidgen"], counts)
    assert {(each.operation, each.example): each.answers for each in found if each.answers} == {
        ("getStatus", "FAILED"): 3
    }
    assert len(found) == 70


def test_a_contract_without_marks_is_assumed(tmp_path: Path) -> None:
    write(tmp_path / "one", good())
    assert {each.evidence for each in answerable(load_folder(tmp_path / "one")[0])} == {"assumed"}


def test_the_server_counts_closed_and_reset_sandboxes_on(running: Running, make_sandbox: MakeSandbox) -> None:
    key = ("vidgen", "getStatus", "FAILED")
    before = running.app.sandboxes.seen().get(key, 0)
    one, two = make_sandbox(), make_sandbox()
    for sandbox in (one, two):
        sandbox.journal.count(*key)
    two.reset()
    two.journal.count(*key)
    assert running.app.sandboxes.seen()[key] == before + 3
    running.app.sandboxes.close(one.name)
    running.app.sandboxes.close(two.name)
    assert running.app.sandboxes.seen()[key] == before + 3


@pytest.mark.parametrize("query", ["", "?api=vidgen"])
def test_coverage_is_told_by_sandbox_and_for_the_whole_server(query: str) -> None:
    with steered() as control:
        path = control.sandbox()
        access = control.get(path)["apis"]["vidgen"]
        control.get(f"{access['url']}/api/health")
        control.get("/vidgen/api/health")
        own, whole = control.get(f"{path}/coverage{query}"), control.get(f"/_mock/coverage{query}")
        assert [each["answers"] for each in own if each["answers"]] == [1]
        assert [each["answers"] for each in whole if each["answers"]] == [2]
        assert len({each["api"] for each in own}) == (1 if query else 4)
        control.server.refuse(b"/vidgen/api/jobs", b"", b"", 431, "headers are too large")
        given = {(each["api"], each["example"]): each["answers"] for each in control.get("/_mock/coverage")}
        assert given["vidgen", "headers_too_large"] == 1


def test_conduct_is_told_over_http() -> None:
    with steered() as control:
        path = control.sandbox()
        access = control.get(path)["apis"]["vidgen"]
        for _ in range(5):
            control.ask("GET", f"{access['url']}/api/status/nix", headers={"x-api-key": access["api_key"]})
        told = control.get(f"{path}/conduct")
        assert [each["rule"] for each in told] == ["polled_too_fast"]
        assert told[0]["times"] == ["2001-09-09T01:46:40.000Z"] * 5
        assert control.get(f"{path}/conduct?api=mirrago") == []
