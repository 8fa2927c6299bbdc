"""Which answers of a contract were given: what counts, what stands first, and that nothing closed is forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest
from check_kit import good, write
from control_kit import contracts, steered, told

from mockserver.app import Mockserver
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


def test_the_server_counts_closed_and_reset_sandboxes_on() -> None:
    with steered() as control:
        paths = [control.sandbox(), control.sandbox()]
        url = {path: control.get(path)["apis"]["vidgen"]["url"] + "/api/health" for path in paths}

        def counted() -> list[int]:
            return [each["answers"] for each in control.get("/_mock/coverage") if each["answers"]]

        for path in paths:
            control.get(url[path])
        told(control.ask("POST", f"{paths[1]}/reset", json={}), 204)
        control.get(url[paths[1]])
        assert counted() == [3]
        for path in paths:
            told(control.ask("DELETE", path), 204)
        assert counted() == [3]


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
        control.run(_too_large(control.server))
        given = {(each["api"], each["example"]): each["answers"] for each in control.get("/_mock/coverage")}
        assert given["vidgen", "headers_too_large"] == 1


async def _too_large(server: Mockserver) -> None:
    server.refuse(b"/vidgen/api/jobs", b"", b"", 431, "headers are too large")


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


def needs(api: str, *called: tuple[str, str]) -> dict[tuple[str, str], str]:
    """What it takes to meet each answer of an API in which these were given."""
    counts = {(api, operation, example): 1 for operation, example in called}
    return {(each.operation, each.example): each.needs for each in coverage(BY_NAME[api], counts)}


def test_an_answer_of_an_operation_that_was_never_called_needs_its_call() -> None:
    found = needs("vidgen")
    assert {need for (operation, _), need in found.items() if operation} == {"operation"}
    assert found["", "unknown_path"] == "stray_request"


SUBMITTED = (("createJob", "PENDING"), ("getStatus", "PENDING"))
VIDGEN = [
    ("getStatus", "COMPLETED", "nothing"), ("getStatus", "FAILED", "nothing"), ("getStatus", "not_found", "nothing"),
    ("getStatus", "rate_limited", "nothing"), ("createJob", "active_job", "nothing"),
    ("getStatus", "unknown_key", "account"), ("getStatus", "deactivated_key", "account"),
    ("createJob", "bad_request", "wrong_request"), ("createJob", "too_large", "wrong_request"),
    ("createJob", "unsupported_file", "wrong_request"), ("getStatus", "server_error", "fault"),
    ("getStatus", "CANCELLED", "operation"), ("cancelJob", "PENDING", "operation"),
]  # fmt: skip


@pytest.mark.parametrize(("operation", "example", "need"), VIDGEN)
def test_what_is_needed_beside_right_requests_is_told(operation: str, example: str, need: str) -> None:
    assert needs("vidgen", *SUBMITTED)[operation, example] == need


def test_a_state_that_another_operation_leads_to_can_be_met_once_that_is_called() -> None:
    assert needs("vidgen", *SUBMITTED, ("cancelJob", "PENDING"))["getStatus", "CANCELLED"] == "nothing"


def test_states_of_what_was_never_created_cannot_be_met() -> None:
    found = needs("miraflow", ("generateImage", "inference_started"), ("getJob", "image.inference_started"))
    assert found["getJob", "image.inference_complete"] == "nothing"
    assert found["getJob", "video.inference_complete"] == "operation"
    both = needs("miraflow", ("generateImage", "inference_started"), ("createVideo", "inference_started"),
                 ("getJob", "image.inference_started"))  # fmt: skip
    assert both["getJob", "video.inference_complete"] == "nothing"


def test_what_was_seen_could_be_met() -> None:
    assert needs("vidgen", ("getStatus", "COMPLETED"))["getStatus", "COMPLETED"] == "nothing"
    assert needs("vidgen", *SUBMITTED, ("getStatus", "server_error"))["getStatus", "server_error"] == "fault"


def test_an_example_of_a_quirk_that_is_off_needs_it() -> None:
    called = (("createSpeedPainting", "PENDING"), ("getSpeedPaintingJob", "PENDING"))
    assert needs("miragic", *called)["getSpeedPaintingJob", "PROCESSING"] == "quirk"


@pytest.mark.parametrize("api", sorted(BY_NAME))
def test_every_state_that_a_contract_has_is_met_by_somebody_who_calls_everything(api: str) -> None:
    contract = BY_NAME[api]
    every = [(each.operation, each.example) for each in answerable(contract) if each.kind == "refusal"]
    found = coverage(contract, {(api, *key): 1 for key in every})
    assert {each.needs for each in found if each.kind == "state"} <= {"nothing", "quirk"}
