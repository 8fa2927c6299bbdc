"""An operation that no contract can say is left out, and told; a document of which nothing is left is named itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from imported_kit import jobs, of, old, said, serving, thing
from test_inference import TEXT, op, verb

from mockserver import pointers
from mockserver.errors import ContractError
from mockserver.imported import importing
from mockserver.imported.facts import Field

BODY = {"content": {"application/json": {"schema": {"type": "string"}}}}


def test_a_patch_that_can_only_say_cancelled_cancels(tmp_path: Path) -> None:
    status = {"type": "string", "enum": ["queued", "running", "done", "failed", "cancelled"]}
    job = thing(id={"type": "string"}, status=status)
    document = jobs(job)
    problem = {"application/problem+json": {"schema": thing((), title={"type": "string"})}}
    schema = thing(status={"type": "string", "enum": ["cancelled"]})
    document["paths"]["/jobs/{id}"]["patch"] = {
        "operationId": "stop", "requestBody": {"content": {"application/json": {"schema": schema}}},
        "responses": {**said(job), "409": {"description": "No", "content": problem}},
    }  # fmt: skip
    with serving(tmp_path, of(tmp_path, document)) as (_, http):
        at = f"/jobs/{http.post('/jobs').json()['id']}"
        assert http.patch(at, json={"status": "cancelled"}).json()["status"] == "cancelled"
        assert http.get(at).json()["status"] == "cancelled"
        again = http.patch(at, json={"status": "cancelled"})
        assert (again.status_code, again.headers["content-type"]) == (409, "application/problem+json")


def _odd(path: str, method: str) -> dict[str, Any]:
    document = old()
    document["paths"][path][method]["requestBody"] = BODY
    return document


def test_a_body_that_is_a_text_of_json_stops_no_import(tmp_path: Path) -> None:
    made = of(tmp_path, _odd("/renders", "post"))
    assert "getRender" in made.behavior["operations"]
    at = pointers.join("", "paths", "/renders", "post", "requestBody", "content", "application/json", "examples")
    assert pointers.get(made.openapi, at) is pointers.MISSING


def test_what_fails_names_the_document_of_the_vendor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "made_sound", importing_fails)
    with pytest.raises(ContractError, match=r"^vendor\.json"):
        of(tmp_path, old())


def importing_fails(name: str, openapi: Any, behavior: Any) -> Any:
    from mockserver.errors import Finding

    raise ContractError([Finding(f"{name}/behavior.json", "#/operations/a", "It is odd.", "Mend it.", 3)])


@pytest.mark.parametrize(
    ("word", "wanted"), [("comments", ""), ("notes", ""), ("validate", "move same"), ("share", "move same")]
)
def test_what_is_posted_below_a_job_and_answered_as_something_else_creates_no_job(word: str, wanted: str) -> None:
    other = {"": Field("object"), "/id": TEXT, "/text": TEXT}
    assert verb(op("post", f"/jobs/{{id}}/{word}", other)) == wanted
    assert verb(op("post", f"/jobs/{{id}}/{word}", other, title="Create a job")) == wanted


def test_what_is_only_validated_is_not_created() -> None:
    for shows in (None, {"": Field("object"), "/id": TEXT}):
        assert verb(op("post", "/jobs/validate", shows)) == ""
    assert verb(op("post", "/jobs/generate", {"": Field("object"), "/id": TEXT})) == "create"
