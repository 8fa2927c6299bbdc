"""Faults over the control API: armed, listed, taken back, and refused with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from control_kit import Steered, refused, steered, told

from mockserver.faults import CATALOGUE, SELECTOR, parameters_of
from mockserver.validation import Schemas


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


FITTING = {n: kind for n, kind in CATALOGUE.items() if not getattr(kind, "registered", False) and n != "key_in_use"}
"""The faults that can befall an API that is shipped: none sends to endpoints that are registered, none knows keys."""


def described(control: Steered) -> dict[str, dict[str, Any]]:
    """The schema of each fault in the document, by the fault's name, as the discriminator leads to it."""
    schemas = control.get("/_mock/openapi.json")["components"]["schemas"]
    mapping = schemas["Fault"]["discriminator"]["mapping"]
    return {name: schemas[reference.rpartition("/")[2]] for name, reference in mapping.items()}


def test_the_document_says_of_every_fault_what_it_takes(control: Steered) -> None:
    for name, kind in FITTING.items():
        said = described(control)[name]
        assert set(said["properties"]) == {"api", "fault"} | set(parameters_of(kind)) | SELECTOR
        assert said["properties"]["fault"] == {"const": name}
        assert {"api", "fault"} <= set(said["required"])


def test_the_document_leads_to_each_fault_by_its_name(control: Steered) -> None:
    fault = control.get("/_mock/openapi.json")["components"]["schemas"]["Fault"]
    assert fault["discriminator"]["propertyName"] == "fault"
    assert [each["$ref"] for each in fault["oneOf"]] == [*fault["discriminator"]["mapping"].values()]
    assert list(fault["discriminator"]["mapping"]) == list(FITTING)


ARMED = [
    ({"fault": "status", "operation": "getStatus", "status": 503, "times": 2}, True),
    ({"fault": "status", "operation": "media", "status": 503}, True),
    ({"fault": "status", "operation": None}, True),
    ({"fault": "status", "operation": "getJob"}, False),  # of another API
    ({"fault": "status", "seconds": 1}, False),
    ({"fault": "stuck", "operation": "getStatus", "state": "PENDING"}, True),
    ({"fault": "stuck", "state": "COMPLETED"}, False),
    ({"fault": "stuck", "operation": "getHealth"}, False),
    ({"fault": "given_body", "operation": "getStatus", "state": "FAILED", "body": "x"}, True),
    ({"fault": "token_dies_early"}, False),
    ({"api": "mirrago", "fault": "token_dies_early"}, True),
    ({"fault": "nix"}, False),
]


@pytest.mark.parametrize(("body", "fits"), ARMED)
def test_the_document_and_the_server_agree_about_a_fault(
    control: Steered, faults: str, body: dict[str, Any], fits: bool
) -> None:
    whole = {"api": "vidgen", **body}
    validator = Schemas(control.get("/_mock/openapi.json")).at("/components/schemas/Fault")
    assert (control.ask("POST", faults, json=whole).status_code == 201) is fits is validator.is_valid(whole)


def befalling(control: Steered, operation: str) -> set[str]:
    """The faults that can befall an operation of VidGen's."""
    return {
        name
        for name, said in described(control).items()
        for place in (each["properties"] for each in said["allOf"][0]["anyOf"])
        if place["api"]["const"] == "vidgen" and operation in place["operation"]["enum"]
    }


def test_the_document_says_which_fault_can_befall_which_operation(control: Steered) -> None:
    said = {name: befalling(control, name) for name in ("createJob", "cancelJob", "getStatus", "getHealth", "media")}
    assert "answer_lost" in said["createJob"] & said["cancelJob"]
    assert "webhook_late" in said["createJob"]
    assert "stuck" in said["getStatus"]
    assert not {"answer_lost", "webhook_late"} & said["getStatus"]
    assert not {"stuck", "lost", "unauthorized"} & said["getHealth"]
