"""Faults over the control API: armed, listed, taken back, and refused with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from control_kit import Steered, refused, steered, told

from mockserver.faults import CATALOGUE, SELECTOR, parameters_of


@pytest.fixture
def control() -> Iterator[Steered]:
    with steered() as made:
        yield made


@pytest.fixture
def faults(control: Steered) -> str:
    """The path of the faults of a sandbox of the test's own."""
    return control.sandbox() + "/faults"


def arm(control: Steered, faults: str, **body: Any) -> Any:
    return told(control.ask("POST", faults, json={"api": "vidgen", **body}), 201)


def test_a_fault_is_armed_shown_met_and_used_up(control: Steered, faults: str) -> None:
    made = arm(control, faults, fault="status", status=502, times=1.0)
    assert made == {
        "id": "vidgen-1",
        "api": "vidgen",
        "fault": "status",
        "parameters": {"status": 502, "page": "json", "retry_after": "as_is", "wait": 1},
        "selector": {"times": 1, "ttl": 3600.0},
        "since": "2001-09-09T01:46:40.000Z",
        "scenario": False,
        "seen": 0,
        "applied": 0,
        "left": 1,
    }
    assert control.get(faults) == [made]
    name = faults.split("/")[3]
    assert control.ask("GET", f"/@{name}/vidgen/api/health").status_code == 502
    assert control.ask("GET", f"/@{name}/vidgen/api/health").status_code == 200
    assert control.get(faults) == []
    journal = control.get(f"/_mock/sandboxes/{name}/journal")
    assert [entry.get("fault") for entry in journal] == ["status", None]


def test_a_fault_is_taken_back_once(control: Steered, faults: str) -> None:
    made = arm(control, faults, fault="hang")
    assert control.ask("DELETE", f"{faults}/{made['id']}", json={}).status_code == 204
    problem = refused(control.ask("DELETE", f"{faults}/{made['id']}", json={}), 404)
    assert problem["detail"] == "no fault 'vidgen-1' is armed (any more)"


def test_the_list_can_be_of_one_api(control: Steered, faults: str) -> None:
    arm(control, faults, fault="hang")
    arm(control, faults, api="mirrago", fault="token_dies_early")
    assert [each["fault"] for each in control.get(faults)] == ["token_dies_early", "hang"]
    assert [each["fault"] for each in control.get(faults + "?api=vidgen")] == ["hang"]


def test_a_scenario_s_faults_are_in_the_list(control: Steered, faults: str) -> None:
    scenario = faults.replace("/faults", "/scenario")
    told(control.ask("PUT", scenario, json={"api": "vidgen", "scenario": "stuck"}), 200)
    (found,) = control.get(faults)
    assert (found["fault"], found["scenario"], found["selector"]) == ("stuck", True, {})


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"fault": "explode"}, "there is no fault 'explode'; known: "),
        ({"fault": "hang", "at": 0.5}, "the fault hang has no parameter 'at'; known: seconds, operation"),
        ({"fault": "hang", "surprise": 1}, "surprise is not known here"),
        ({"fault": "stall", "at": 2}, "at must be a number from 0 to 1, not 2"),
        ({"fault": "hang", "operation": "dance"}, "vidgen has no operation 'dance'"),
        ({"fault": "given_body", "body": "x" * 65_537}, "body must be a text of at most 65536 characters"),
        ({"fault": "token_dies_early"}, "it takes no tokens"),
        ({}, "fault"),
        ({"api": "nobody", "fault": "hang"}, "api"),
    ],
)
def test_what_cannot_be_armed_is_refused_with_a_reason(
    control: Steered, faults: str, body: dict[str, Any], why: str
) -> None:
    answer = control.ask("POST", faults, json={"api": "vidgen", **body})
    assert why in refused(answer, 400)["detail"]
    assert control.get(faults) == []


def branches(control: Steered) -> list[dict[str, Any]]:
    """What the document says that may be armed: of each kind of fault its properties."""
    said = control.get("/_mock/openapi.json")["components"]["schemas"]["Fault"]["oneOf"]
    return [each["properties"] for each in said]


def test_the_document_says_of_every_fault_what_it_takes(control: Steered) -> None:
    own = [each for each in branches(control) if each["operation"].get("type") == "null"]
    told_of = {name: set(each) for each in own for name in each["fault"]["enum"]}
    for name, kind in CATALOGUE.items():
        assert told_of[name] == {"api", "fault"} | set(parameters_of(kind)) | SELECTOR


def test_the_document_says_which_fault_can_befall_which_operation(control: Steered) -> None:
    said = {
        operation: set(each["fault"]["enum"])
        for each in branches(control) if each["api"].get("const") == "vidgen"
        for operation in each["operation"].get("enum", ())
    }  # fmt: skip
    assert "answer_lost" in said["createJob"] & said["cancelJob"]
    assert "webhook_late" in said["createJob"]
    assert "stuck" in said["getStatus"]
    assert not {"answer_lost", "webhook_late"} & said["getStatus"]
    assert not {"stuck", "lost", "unauthorized"} & said["getHealth"]
