"""What a request names exists: a table by place, rules at the resource, ids behind a text, and what a list shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from check_kit import BEHAVIOR, OPENAPI, Documents, Mutation, behave, both, show
from language_kit import Served, findings, serving
from lives_kit import cancelling, state

KEY = {"X-API-Key": "demo-key"}
JSON = "application/json"
MODELS = ["tall", "wide"]


def listing(documents: Documents) -> None:
    """Models are listed, and a job of one is made under its name; it may continue another job."""
    openapi, behavior = documents[OPENAPI], documents[BEHAVIOR]
    shown = {"schema": {}, "examples": {"ok": {"value": {"models": [{"name": name} for name in MODELS]}}}}
    responses = {
        "200": {"description": "x", "content": {JSON: shown}},
        "429": {"$ref": "#/components/responses/RateLimited"},
    }
    models = {"operationId": "listModels", "security": [], "responses": responses}
    openapi["paths"]["/v1/models"] = {"get": models}
    behavior["operations"]["listModels"] = {"verb": "answer"}
    create = openapi["paths"].pop("/v1/jobs")
    openapi["paths"]["/v1/jobs"] = {"get": create["get"]}
    openapi["paths"]["/v1/models/{model}/jobs"] = {
        "parameters": [{"name": "model", "in": "path", "required": True, "schema": {"type": "string"}}],
        "post": create["post"],
    }
    create["post"]["responses"]["404"] = {"$ref": "#/components/responses/NotFound"}
    value = {"code": "x", "message": "x"}
    problems = {name: {"value": value} for name in ("job_missing", "job_busy")}
    create["post"]["responses"]["422"] = {"description": "x", "content": {JSON: {"examples": problems}}}
    openapi["components"]["schemas"]["JobRequest"]["properties"]["continues"] = {"type": "string"}
    behavior["operations"]["submitJob"]["references"] = {
        "path.model": {"listed": {"operation": "listModels", "at": "/models/*/name"}},
        "/continues": {"resource": "job", "after": "jobs/"},
    }
    behavior["resources"]["job"].update({"ready": ["succeeded"], "missing": "job_missing", "not_ready": "job_busy"})


def submit(own: Served, model: str = "tall", **values: Any) -> Any:
    return own.http.post(f"/v1/models/{model}/jobs", json={"prompt": "x", **values}, headers=KEY)


def test_a_model_that_no_list_shows_is_not_found(tmp_path: Path) -> None:
    with serving(tmp_path, listing) as own:
        assert [submit(own, each).status_code for each in (*MODELS, "round")] == [201, 201, 404]


def test_a_resource_says_once_when_it_may_be_referred_to(tmp_path: Path) -> None:
    with serving(tmp_path, listing) as own:
        made = submit(own).json()["id"]
        seen = own.sandbox.journal
        assert submit(own, continues=f"jobs/{made}").status_code == 422
        assert seen.last().example == "job_busy"
        assert submit(own, continues="jobs/none").status_code == 422
        assert seen.last().example == "job_missing"
        own.advance(60)
        assert submit(own, continues=f"jobs/{made}").status_code == 201
        assert submit(own, continues=f"acme/jobs/{made}").status_code == 201
        assert submit(own, continues=made).status_code == 201  # what does not hold the text is the id itself


def test_a_job_that_is_gone_is_one_that_never_was(tmp_path: Path) -> None:
    deleting = cancelling({"queued": "deleted", "running": "cancelled"}, queued="Queued", running="Running")
    long = behave("/resources/job/run", {"queued": {"fixed": 100}, "running": {"fixed": 100}})
    with serving(tmp_path, listing, long, state("deleted", gone=True), deleting) as own:
        made = submit(own).json()["id"]
        assert own.http.post(f"/v1/jobs/{made}/cancel", headers=KEY).status_code == 200
        assert submit(own, continues=f"jobs/{made}").status_code == 422
        assert own.sandbox.journal.last().example == "job_missing"


def test_what_does_not_begin_with_the_text_names_nothing_where_the_reference_is_optional(tmp_path: Path) -> None:
    words = {"resource": "job", "after": "jobs/", "optional": True}
    optional = both(listing, behave("/operations/submitJob/references/~1continues", words))
    with serving(tmp_path, optional) as own:
        made = submit(own).json()["id"]
        own.advance(60)
        assert submit(own, continues=f"jobs/{made}").status_code == 201
        assert submit(own, continues="https://acme.com/jobs/none").status_code == 201
        assert submit(own, continues="jobs/none").status_code == 422


def test_an_optional_reference_says_what_an_id_follows(tmp_path: Path) -> None:
    words = {"resource": "job", "optional": True}
    assert findings(tmp_path, both(listing, behave("/operations/submitJob/references/~1continues", words)))


def test_without_rules_a_resource_may_be_referred_to_in_any_state(tmp_path: Path) -> None:
    def plain(documents: Documents) -> None:
        for word in ("ready", "missing", "not_ready"):
            del documents[BEHAVIOR]["resources"]["job"][word]
        documents[BEHAVIOR]["operations"]["submitJob"]["references"]["/continues"] = "job"
        paths = documents[OPENAPI]["paths"]
        del paths["/v1/models/{model}/jobs"]["post"]["responses"]["422"]

    with serving(tmp_path, listing, plain) as own:
        made = submit(own).json()["id"]
        assert submit(own, continues=made).status_code == 201
        assert submit(own, continues="none").status_code == 404


def under_models(documents: Documents) -> None:
    """A job is shown under its model's name, too."""
    paths = documents[OPENAPI]["paths"]
    item = paths.pop("/v1/jobs/{jobId}")
    model = paths["/v1/models/{model}/jobs"]["parameters"]
    paths["/v1/models/{model}/jobs/{jobId}"] = {**item, "parameters": [*model, *item["parameters"]]}
    documents[BEHAVIOR]["operations"]["getJob"]["id_at"] = "path.jobId"


def test_a_job_is_found_where_it_was_created(tmp_path: Path) -> None:
    with serving(tmp_path, listing, under_models) as own:
        made = submit(own, "wide").json()["id"]
        found = [own.http.get(f"/v1/models/{each}/jobs/{made}", headers=KEY).status_code for each in (*MODELS, "round")]
        assert found == [404, 200, 404]


AT = "/operations/submitJob/references"


@pytest.mark.parametrize(
    ("mutation", "word"),
    [
        (behave(f"{AT}/~1continues", "jbo"), "no resource 'jbo'"),
        (behave(f"{AT}/~1continues", {"resource": "job", "aftr": "x"}), "references"),
        (behave(f"{AT}/~1contnues", "job"), "/contnues"),
        (behave(f"{AT}/path.modl", "job"), "path.modl"),
        (behave(f"{AT}/modl", "job"), "modl"),
        (behave(f"{AT}/path.model/listed/at", "/models/*/nme"), "lists nothing"),
        (behave(f"{AT}/path.model/listed/operation", "listModel"), "listModels"),
        (behave("/resources/job/ready", ["succeded"]), "no state 'succeded'"),
        (behave("/resources/job/missing", "job_misssing"), "job_misssing"),
        (both(behave(f"{AT}/path.model/missing", "no_model")), "can refuse with no_model"),
        (show("/components/responses/NotFound/content/application~1json/examples", {}), "can refuse with not_found"),
    ],
)
def test_a_reference_that_cannot_be_is_named(mutation: Mutation, word: str, tmp_path: Path) -> None:
    found = findings(tmp_path, listing, mutation)
    assert any(word in each for each in found), "\n".join(found) or "nothing was found"
