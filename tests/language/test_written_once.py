"""What is written once: refusals of all operations, examples of a resource, and what others are shown of it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from check_kit import BEHAVIOR, OPENAPI, Documents, Mutation, behave, show, write
from click.testing import CliRunner
from language_kit import documents, findings, serving

from mockserver import pointers
from mockserver.cli import main
from mockserver.completion import complete
from mockserver.loader import load_folder

KEY = {"X-API-Key": "demo-key"}
STATES = ("Queued", "Running", "Succeeded", "Failed", "Cancelled")
JSON = "application/json"
AT = "/x-responses/404/content/application~1json/examples"


def short(made: Documents) -> None:
    """Refusals stand once, and so does what a job looks like."""
    openapi = made[OPENAPI]
    shared: dict[str, Any] = {}
    for item in openapi["paths"].values():
        for operation in (each for method, each in item.items() if method in ("get", "post")):
            for status in [status for status in operation["responses"] if status >= "400"]:
                response = operation["responses"].pop(status)
                if status != "409":
                    shared[status] = json.loads(json.dumps(pointers.resolve(openapi, response)[0]))
                else:
                    operation["responses"][status] = response
    openapi["x-responses"] = shared
    examples = openapi["components"]["examples"]
    for name in STATES:
        examples[name.lower()] = examples[name]
    for path, method, status in (("/v1/jobs", "post", "201"), ("/v1/jobs/{jobId}", "get", "200")):
        del openapi["paths"][path][method]["responses"][status]["content"][JSON]["examples"]
    examples["failed.loud-off"] = {"value": {**examples["failed"]["value"], "error": "x"}}


@pytest.fixture
def known(tmp_path: Path) -> Any:
    """The good contract as it stands, and the short one, loaded."""
    loaded = []
    for name, mutations in (("long", ()), ("short", (short,))):
        contract, found = load_folder(write(tmp_path / name, documents(*mutations)))
        assert contract is not None, found
        loaded.append(contract)
    return loaded


def test_each_operation_has_the_refusals_that_it_may_give_and_no_others(known: Any) -> None:
    long, brief = known
    for name, operation in brief.operations.items():
        assert set(operation.examples) == set(long.operations[name].examples), name


def test_a_short_contract_answers_as_the_long_one(tmp_path: Path) -> None:
    def answers(*mutations: Mutation) -> list[Any]:
        with serving(tmp_path / str(len(mutations)), behave("/account/id", "uuid"), *mutations) as own:
            made = own.submit()
            url = f"/v1/jobs/{made.json()['id']}"
            shown = [own.http.get(url, headers=KEY)]
            own.advance(60)
            shown += [own.http.get(url, headers=KEY), own.http.get(url), own.http.get("/v1/jobs/none", headers=KEY)]
            shown += [
                own.http.post("/v1/jobs", json={}, headers=KEY),
                own.http.post("/v1/jobs", content="x", headers=KEY),
            ]
            return [
                (each.status_code, json.loads(re.sub(r"http[^\"]+signature=[^\"]+", "", each.text)))
                for each in (made, *shown)
            ]

    assert answers() == answers(short)


def test_the_served_document_shows_every_answer_and_keeps_none_apart(tmp_path: Path) -> None:
    with serving(tmp_path, short) as own:
        served = own.http.get("/openapi.json").json()
    assert "x-responses" not in served
    responses = served["paths"]["/v1/jobs/{jobId}"]["get"]["responses"]
    assert {"401", "403", "404", "429"} <= set(responses)
    assert "400" not in responses
    assert set(responses["401"]["content"][JSON]["examples"]) == {"missing_key", "unknown_key"}
    shown = responses["200"]["content"][JSON]["examples"]
    assert set(shown) == {"queued", "running", "succeeded", "failed", "failed.loud-off", "cancelled"}
    assert all("$ref" in each for each in shown.values())
    assert served["paths"]["/v1/jobs"]["post"]["responses"]["400"]["description"]


def test_every_example_of_the_complete_document_fits_its_schema(known: Any) -> None:
    document = complete(known[1])
    seen = 0
    for _, node in pointers.walk(document["paths"]):
        if isinstance(node, dict) and "examples" in node and "schema" in node:
            schema = {**node["schema"], "components": document["components"]}
            for example in node["examples"].values():
                value = pointers.resolve(document, example)[0]["value"]
                jsonschema.validate(value, schema)
                seen += 1
    assert seen > 20


def test_a_contract_that_writes_nothing_once_is_served_as_it_is_apart_from_headers(known: Any) -> None:
    served = json.loads(json.dumps(complete(known[0])))
    del served["components"]["headers"]
    for item in served["paths"].values():
        for said in (each for each in item.values() if "responses" in each):
            resolved = {status: pointers.resolve(served, each)[0] for status, each in said["responses"].items()}
            assert all("headers" in each for each in resolved.values())
    for document in (served, plain := json.loads(json.dumps(known[0].document))):
        for item in document["paths"].values():
            for said in (each for each in item.values() if isinstance(each, dict)):
                own = {status: pointers.resolve(document, each)[0] for status, each in said["responses"].items()}
                said["responses"] = {status: {**each, "headers": 0} for status, each in own.items()}
        for each in document["components"]["responses"].values():
            each.pop("headers", None)
    assert served["paths"] == plain["paths"]
    assert served["components"] == plain["components"]


def test_what_an_operation_writes_itself_stands(tmp_path: Path) -> None:
    at = "/paths/~1v1~1jobs~1{jobId}/get/responses/410"
    gone = {"description": "x", "content": {JSON: {"examples": {"not_found": {"value": {"gone": True}}}}}}
    with serving(tmp_path, short, show(at, gone)) as own:
        answer = own.http.get("/v1/jobs/none", headers=KEY)
        assert (answer.status_code, answer.json()) == (410, {"gone": True})
        assert own.http.post("/v1/jobs/none/cancel", headers=KEY).status_code == 404


def test_a_status_that_an_operation_has_gets_the_refusals_that_it_lacks(tmp_path: Path) -> None:
    def at_404(made: Documents) -> None:
        """Cancelled jobs are answered with 404 and a body of another form."""
        responses = made[OPENAPI]["paths"]["/v1/jobs/{jobId}"]["get"]["responses"]
        value = {"id": "x", "status": "cancelled"}
        schema = {"type": "object", "required": ["status"]}
        responses["404"] = {
            "description": "x",
            "content": {JSON: {"schema": schema, "examples": {"cancelled": {"value": value}}}},
        }

    with serving(tmp_path, short, at_404, behave("/webhooks", {})) as own:
        assert own.http.get("/v1/jobs/none", headers=KEY).status_code == 404
        content = own.http.get("/openapi.json").json()["paths"]["/v1/jobs/{jobId}"]["get"]["responses"]["404"][
            "content"
        ]
        assert set(content[JSON]["examples"]) == {"cancelled", "not_found"}
        assert len(content[JSON]["schema"]["anyOf"]) == 2


def test_a_name_with_its_resource_goes_before_the_bare_one(tmp_path: Path) -> None:
    def add(made: Documents) -> None:
        examples = made[OPENAPI]["components"]["examples"]
        examples["job.queued"] = {"value": {**examples["queued"]["value"], "prompt": "of the job"}}
        for name in ("submitJob", "getJob"):
            del made[BEHAVIOR]["operations"][name]["bindings"]["/prompt"]

    with serving(tmp_path, short, add) as own:
        assert own.submit().json()["prompt"] == "of the job"


@pytest.mark.parametrize("other", ["other", "job.other"])
def test_a_resource_looks_like_other_in_the_states_that_nothing_is_named_after(other: str, tmp_path: Path) -> None:
    def once(made: Documents) -> None:
        examples = made[OPENAPI]["components"]["examples"]
        examples[other] = {"value": {**examples["running"]["value"], "error": "any"}}
        for name in ("queued", "running", "cancelled"):
            del examples[name]
        made[BEHAVIOR]["resources"]["job"]["bindings"] = {"/status": "state"}
        del made[BEHAVIOR]["operations"]["getJob"]["bindings"]["/error"]

    with serving(tmp_path, short, once) as own:
        identity = own.submit().json()["id"]
        told = own.show(identity)
        assert (told["id"], told["status"], told["error"]) == (identity, "queued", "any")
        own.advance(60)
        assert (own.show(identity)["status"], own.show(identity)["error"]) == ("succeeded", None)


def test_a_move_shows_the_resource_as_it_is_afterwards(tmp_path: Path) -> None:
    def blank(made: Documents) -> None:
        operation = made[OPENAPI]["paths"]["/v1/jobs/{jobId}/cancel"]["post"]
        del operation["responses"]["200"]["content"][JSON]["examples"]

    with serving(tmp_path, short, blank) as own:
        identity = own.submit().json()["id"]
        assert own.http.post(f"/v1/jobs/{identity}/cancel", headers=KEY).json()["status"] == "cancelled"
        assert own.http.post(f"/v1/jobs/{identity}/cancel", headers=KEY).status_code == 409


def test_other_answers_every_state_that_no_example_is_named_after(tmp_path: Path) -> None:
    def add(made: Documents) -> None:
        responses = made[OPENAPI]["paths"]["/v1/jobs/{jobId}"]["get"]["responses"]
        examples = responses["200"]["content"][JSON]["examples"]
        for name in ("queued", "running", "cancelled"):
            del examples[name]
        responses["425"] = {"description": "x", "content": {JSON: {"examples": {"other": {"value": {"status": "x"}}}}}}
        made[BEHAVIOR]["operations"]["getJob"]["bindings"]["/status"] = "state"
        examples["succeeded"] = {"value": {**made[OPENAPI]["components"]["examples"]["Succeeded"]["value"]}}

    with serving(tmp_path, add) as own:
        identity = own.submit().json()["id"]
        answer = own.http.get(f"/v1/jobs/{identity}", headers=KEY)
        assert (answer.status_code, answer.json()) == (425, {"status": "queued"})
        own.advance(60)
        assert own.http.get(f"/v1/jobs/{identity}", headers=KEY).status_code == 200


def test_the_command_prints_the_complete_document(tmp_path: Path) -> None:
    folder = write(tmp_path / "own", documents(short))
    printed = CliRunner().invoke(main, ["openapi", str(folder)])
    assert printed.exit_code == 0, printed.output
    document = json.loads(printed.output)
    assert "401" in document["paths"]["/v1/jobs/{jobId}"]["get"]["responses"]
    assert json.loads(CliRunner().invoke(main, ["openapi", "fal"]).output)["openapi"].startswith("3.")
    unknown = CliRunner().invoke(main, ["openapi", "fall"])
    assert unknown.exit_code == 2
    assert "fal" in unknown.output


@pytest.mark.parametrize(
    ("mutation", "word"),
    [
        (
            show(
                f"{AT}/not_fuond",
                {"value": {"code": "x", "message": "x"}},
            ),
            "not_found",
        ),
        (show("/x-responses/2XX", {"description": "x"}), "under the status of an error"),
        (show("/x-responses/200", {"description": "x"}), "under the status of an error"),
        (lambda d: d[OPENAPI]["x-responses"].pop("404"), "can refuse with not_found"),
        (lambda d: d[OPENAPI]["components"]["examples"].pop("running"), "does not answer the state running"),
        (
            show(
                "/components/examples/queued",
                {
                    "value": {
                        "id": "x",
                        "prompt": "x",
                        "progress": 1,
                        "created_at": "2026-05-07T12:34:56.000Z",
                        "status": 3,
                    }
                },
            ),
            "its schema refuses",
        ),
    ],
)
def test_what_is_written_once_and_cannot_be_is_named(mutation: Mutation, word: str, tmp_path: Path) -> None:
    found = findings(tmp_path, short, mutation)
    assert any(word in each for each in found), "\n".join(found) or "nothing was found"
