"""Journeys go out as Arazzo and come in again; those that others write are walked, and held against the contract."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cli_kit import call
from language_kit import NAME, documents
from suggest_kit import loaded
from verify_kit import served

from mockserver import pointers
from mockserver.contract import Contract
from mockserver.errors import ContractError
from mockserver.launch import contracts_in
from mockserver.live import DEMO, LiveReply, live
from mockserver.verify import Report, VerifyOptions, report_text, verify_journeys
from mockserver.verify.arazzo.conditions import ConditionError, truth
from mockserver.verify.arazzo.expressions import Context
from mockserver.verify.arazzo.reading import read_journeys
from mockserver.verify.arazzo.written import arazzo

VIDGEN = next(contract for contract in contracts_in() if contract.name == "vidgen")


def written(folder: Path, document: Any) -> Path:
    file = folder / "own.arazzo.json"
    file.write_text(json.dumps(document))
    return file


def walked(contract: Contract, file: Path, **inputs: str) -> Report:
    with served(contract) as (url, sleep):
        return verify_journeys(contract, live(contract, url, DEMO, sleep=sleep), file, VerifyOptions(), inputs)


def test_the_journeys_of_a_contract_are_walked_as_they_were_written(tmp_path: Path) -> None:
    document, left_out = arazzo(VIDGEN)
    assert not left_out
    report = walked(VIDGEN, written(tmp_path, document))
    assert not report.drifts, report_text(report)
    assert not report.notes
    met = {operation for operation, _ in report.answered}
    assert {"getHealth", "createJob", "getStatus", "listJobs", "cancelJob"} <= met
    assert ("getStatus", "COMPLETED") in report.answered or ("getStatus", "FAILED") in report.answered


def test_what_has_to_be_uploaded_before_is_left_out_and_said() -> None:
    ran = call("openapi", "miraflow", "--arazzo")
    assert ran.exit_code == 0
    assert "left out: createVideo: what it names has to be made before" in ran.stderr
    document = json.loads(ran.stdout)
    assert (document["arazzo"], document["sourceDescriptions"][0]["url"]) == ("1.1.0", "./openapi.json")
    assert not [s for w in document["workflows"] for s in w["steps"] if s["operationId"] == "createVideo"]


def doc(*steps: Any, **more: Any) -> Any:
    return {
        "arazzo": "1.0.1",
        "info": {"title": "Own", "version": "1"},
        "sourceDescriptions": [{"name": "own", "url": "./openapi.json", "type": "openapi"}],
        "workflows": [{"workflowId": "life", "steps": list(steps), **more.pop("workflow", {})}],
        **more,
    }


CREATE: Any = {
    "stepId": "create",
    "operationId": "$sourceDescriptions.own.submitJob",
    "requestBody": {"payload": {"prompt": "{$inputs.what} at dusk"}},
    "successCriteria": [{"condition": "$statusCode == 201"}],
    "outputs": {"id": "$response.body#/id", "sent": "$request.body#/prompt"},
}
LOOK: Any = {
    "stepId": "look",
    "operationPath": "{$sourceDescriptions.own.url}#/paths/~1v1~1jobs~1{jobId}/get",
    "parameters": [{"reference": "$components.parameters.job"}],
    "successCriteria": [
        {"condition": "$statusCode == 200"},
        {"context": "$response.body", "condition": "$[?@ == 'succeeded' || @ == 'failed']", "type": "jsonpath"},
        {"context": "$response.body#/status", "condition": "^(succeeded|failed)$", "type": "regex"},
    ],
    "onFailure": [{"name": "again", "type": "retry", "retryAfter": 2, "retryLimit": 500}],
    "outputs": {"state": "$response.body.status"},
}
COMPONENTS: Any = {
    "parameters": {"job": {"name": "jobId", "in": "path", "value": "$steps.create.outputs.id"}},
}
INPUTS: Any = {"inputs": {"type": "object", "properties": {"what": {"type": "string", "default": "A lighthouse"}}}}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    folder = tmp_path_factory.mktemp("arazzo") / NAME
    folder.mkdir()
    for name, document in documents().items():
        (folder / name).write_text(json.dumps(document))
    return loaded(folder)


def test_a_journey_of_others_is_walked_to_its_end(own: Contract, tmp_path: Path) -> None:
    document = doc(CREATE, LOOK, components=COMPONENTS, workflow=INPUTS)
    report = walked(own, written(tmp_path, document), what="A fort")
    assert not report.drifts, report_text(report)
    assert {("submitJob", "queued"), ("getJob", "running")} <= set(report.answered)


def test_a_criterion_that_does_not_hold_is_drift_with_its_place(own: Contract, tmp_path: Path) -> None:
    wrong = {**CREATE, "successCriteria": [{"condition": "$statusCode == 201 && $response.body#/status == 'done'"}]}
    file = written(tmp_path, doc(wrong, LOOK, components=COMPONENTS, workflow=INPUTS))
    (drift,) = walked(own, file).drifts.values()
    assert (drift.kind, drift.operation) == ("unmet_criterion", "submitJob")
    assert drift.pointer == f"{file}#/workflows/0/steps/0/successCriteria/0"
    assert "life, create: $statusCode == 201 && $response.body#/status == 'done' does not hold; 201" in drift.sentence


def test_a_step_goes_elsewhere_and_a_workflow_calls_another(own: Contract, tmp_path: Path) -> None:
    skipped = {**CREATE, "stepId": "skipped"}
    first = {**CREATE, "onSuccess": [{"name": "over", "type": "goto", "stepId": "call"}]}
    calling = {
        "stepId": "call",
        "workflowId": "other",
        "parameters": [{"name": "given", "value": "$steps.create.outputs.sent"}],
        "successCriteria": [{"condition": "$outputs.got == 'a FORT at dusk'"}],
        "onSuccess": [{"name": "done", "type": "end"}],
    }
    document = doc(first, skipped, calling, {**CREATE, "stepId": "never"}, workflow=INPUTS)
    nothing = {**CREATE, "requestBody": {"payload": {"prompt": "$inputs.given"}}}
    other = {"workflowId": "other", "steps": [nothing], "outputs": {"got": "$steps.create.outputs.sent"}}
    inputs = {"inputs": {"type": "object", "properties": {"given": {"default": "A cat"}}}}
    document["workflows"].append({**other, **inputs})
    report = walked(own, written(tmp_path, document), what="A fort")
    assert not report.drifts, report_text(report)
    assert report.answered[("submitJob", "queued")] == 2


def test_a_retry_has_an_end(own: Contract, tmp_path: Path) -> None:
    never = {**CREATE, "successCriteria": [{"condition": "false"}]}
    never["onFailure"] = [{"name": "again", "type": "retry", "retryAfter": 0, "retryLimit": 3}]
    report = walked(own, written(tmp_path, doc(never, workflow=INPUTS)))
    assert sum(report.answered.values()) == 4
    assert [each.kind for each in report.drifts.values()] == ["unmet_criterion"]


def test_steps_that_are_tried_before_each_other_have_an_end(
    own: Contract, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.verify.arazzo.walked._STEPS", 50)
    never = {"stepId": "a", "operationId": "submitJob", "successCriteria": [{"condition": "false"}]}
    first, other = ({"name": "x", "type": "retry", "retryLimit": 900, "stepId": each} for each in "ba")
    document = doc({**never, "onFailure": [first]}, {**never, "stepId": "b", "onFailure": [other]})
    assert {*walked(own, written(tmp_path, document)).notes} == {"life: more than 50 steps were not walked"}


@pytest.mark.parametrize("payload", [{"prompt": "x"}, "x", None])
def test_a_replacement_of_what_is_not_there_is_told(own: Contract, tmp_path: Path, payload: Any) -> None:
    body = {"payload": payload, "replacements": [{"target": "/a/b", "value": 1}]}
    report = walked(own, written(tmp_path, doc({**CREATE, "requestBody": body}, workflow=INPUTS)))
    (drift,) = report.drifts.values()
    assert drift.sentence == "life, create: the payload has nothing at /a/b to be replaced"
    assert drift.pointer.endswith("#/workflows/0/steps/0/requestBody")


def test_going_to_and_fro_has_an_end(own: Contract, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.verify.arazzo.walked._STEPS", 10)
    ever = {**CREATE, "onSuccess": [{"name": "again", "type": "goto", "stepId": "create"}]}
    report = walked(own, written(tmp_path, doc(ever, workflow=INPUTS)))
    assert report.notes == ["life: more than 10 steps were not walked"]


def test_an_answer_of_a_journey_is_held_against_the_contract(own: Contract, tmp_path: Path) -> None:
    wrong = {
        **CREATE,
        "requestBody": {"payload": {"prompt": 3}},
        "successCriteria": [{"condition": "$statusCode == 400"}],
    }
    report = walked(own, written(tmp_path, doc(wrong, workflow=INPUTS)))
    assert not report.drifts, report_text(report)
    assert ("submitJob", "bad_request") in report.answered


def mistakes() -> Iterator[Any]:
    def of(pointer: str, value: Any) -> Any:
        document = json.loads(json.dumps(doc(CREATE, LOOK, components=COMPONENTS)))
        above, _, name = pointer.rpartition("/")
        parent = pointers.get(document, above)
        parent[int(name) if isinstance(parent, list) else name] = value
        return document

    step = "/workflows/0/steps/0"
    yield of("/arazzo", "2.0.0"), "/arazzo", "no Arazzo 1.0 or 1.1"
    yield of("/workflows", []), "/workflows", "missing"
    yield of("/workflows/0/steps", []), "/workflows/0/steps", "no steps"
    yield of(f"{step}/operationId", "submitJo"), f"{step}/operationId", "no operation 'submitJo'"
    yield of(f"{step}/workflowId", "life"), step, "nothing, or several"
    yield of(step, {"stepId": "a", "channelPath": "x"}), step, "a channel"
    yield of(step, {"stepId": "a", "workflowId": "lif"}), f"{step}/workflowId", "no workflow 'lif'"
    yield of(f"{step}/stepId", "look"), f"{step}/stepId", "that of another"
    yield of("/workflows/0/steps/1/operationPath", "x#/y"), "/workflows/0/steps/1/operationPath", "no operation at '/y'"
    yield of(f"{step}/successCriteria", [{}]), f"{step}/successCriteria/0", "no condition"
    xpath = [{"condition": "/a", "type": "xpath", "context": "$response.body"}]
    yield of(f"{step}/successCriteria", xpath), f"{step}/successCriteria/0/type", "'xpath' is not understood"
    yield of(f"{step}/parameters", {"a": 1}), f"{step}/parameters/0", "no name, or no value"
    yield of(f"{step}/parameters", [{"name": "a", "in": "query"}]), f"{step}/parameters/0", "no name, or no value"
    yield of(f"{step}/outputs", ["a"]), f"{step}/outputs", "no object"
    replaced = {"payload": {}, "replacements": [{"value": 1}]}
    yield of(f"{step}/requestBody", replaced), f"{step}/requestBody/replacements/0", "no target"
    selected = {"context": "$response.body", "selector": "$[", "type": "jsonpath"}
    yield of(f"{step}/outputs/id", selected), f"{step}/outputs/id/selector", "is no JSONPath"
    yield of(f"{step}/outputs/id", {**selected, "selector": 3}), f"{step}/outputs/id", "no text"
    yield of("/workflows/0/outputs", {"id": selected}), "/workflows/0/outputs/id/selector", "is no JSONPath"
    yield of(f"{step}/onSuccess", [{"type": "retry"}]), f"{step}/onSuccess/0", "not said"
    yield of(f"{step}/onSuccess", [{"type": "goto"}]), f"{step}/onSuccess/0", "where to go"
    yield of(f"{step}/onSuccess", [{"type": "goto", "stepId": "loo"}]), f"{step}/onSuccess/0/stepId", "no step 'loo'"


@pytest.mark.parametrize(("document", "pointer", "word"), list(mistakes()), ids=lambda each: str(each)[:40])
def test_a_mistake_is_named_with_its_place(
    own: Contract, document: Any, pointer: str, word: str, tmp_path: Path
) -> None:
    with pytest.raises(ContractError) as caught:
        read_journeys(written(tmp_path, document), own)
    assert [each for each in caught.value.findings if each.pointer == f"#{pointer}" and word in each.sentence]


BODY = {"status": "Done", "n": 3, "items": [{"id": "x"}], "none": None}
CONTEXT = Context(
    inputs={"a.b": 1, "c": {"d": [5]}}, steps={"s-1": {"o": {"k": 2}}}, workflows={"w": {"outputs": {"o": 7}}},
    request={"query": {"q": "1"}, "header": {"x-a": "y"}, "path": {"p": "z"}},
    reply=LiveReply(200, {"x-left": "4"}, json.dumps(BODY).encode()),
)  # fmt: skip


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("$statusCode == 200", True),
        ("$statusCode==200&&$response.body#/n>2", True),
        ("$statusCode != 200 || $response.body#/status == 'done'", True),
        ("!($response.body.n >= 4)", True),
        ("$response.body.items[0].id == 'x'", True),
        ("$response.body#/items/0/id == 'y'", False),
        ("$response.body#/none == null", True),
        ("$response.body#/missing == null", False),
        ("$response.body#/missing", False),
        ("$response.header.X-Left < 5", True),
        ("$inputs.a.b == 1 && $inputs.c.d[0] == 5", True),
        ("$steps.s-1.outputs.o#/k == 2", True),
        ("$steps.s-1.outputs.o.k == 2", True),
        ("$workflows.w.outputs.o <= 7.0", True),
        ("$request.query.q == '1' && $request.header.X-A == 'y' && $request.path.p == 'z'", True),
        ("'it''s' == 'IT''S'", True),
        ("true == 1", False),
        ("'a' < 1", False),
    ],
)
def test_conditions_are_reckoned_as_arazzo_says(condition: str, holds: bool) -> None:
    assert truth(condition, CONTEXT.value) is holds


@pytest.mark.parametrize(
    "condition", ["", "==", "1 ==", "(1", "1 2", "$statusCode = 200", "a", "!" * 100 + "1", "'a", "1" * 5000]
)
def test_a_condition_that_is_none_is_refused(condition: str) -> None:
    with pytest.raises(ConditionError):
        truth(condition, CONTEXT.value)


def test_a_pattern_that_is_none_is_refused() -> None:
    criterion = {"context": "$response.body", "condition": "a{99999999999999999999}", "type": "regex"}
    with pytest.raises(ConditionError):
        CONTEXT.holds(criterion)


def test_values_are_filled_with_what_expressions_stand_for() -> None:
    said = {"a": "$response.body#/n", "b": "n={$response.body#/n}", "c": ["$inputs.none", "$inputs.a.b"], "d": 4}
    said["e"] = {"context": "$response.body", "selector": "$.items[*].id", "type": "jsonpath"}  # type: ignore[assignment]
    said["f"] = {"context": "$response.body", "selector": "/items/0/id"}  # type: ignore[assignment]
    assert CONTEXT.filled(said) == {"a": 3, "b": "n=3", "c": [1], "d": 4, "e": "x", "f": "x"}


def test_the_command_walks_journeys_of_a_file(tmp_path: Path) -> None:
    step = {
        "stepId": "ask",
        "operationId": "getHealth",
        "successCriteria": [{"condition": "$inputs.code == $statusCode"}],
    }
    file = written(tmp_path, doc(step))
    with served(VIDGEN) as (url, _):
        words = ("verify", "vidgen", "--url", url, "--journeys", file)
        assert call(*words, "--input", "code=200").exit_code == 0
        assert call(*words, "--input", "code=201").exit_code == 1
        assert call(*words, "--input", "code").exit_code == 2
