"""Lives of another kind than submit and poll, imported and served: what runs until somebody ends it, for one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from imported_kit import of

from mockserver import mock
from mockserver.imported.writing import write

ID = {"name": "box_id", "in": "path", "required": True, "schema": {"type": "string"}}
TEXT = {"type": "string"}


def answer(code: str = "200", **properties: Any) -> dict[str, Any]:
    """An answer of JSON whose fields must all be there."""
    schema = {"type": "object", "required": [*properties], "properties": properties}
    return {code: {"description": "Yes", "content": {"application/json": {"schema": schema}}}}


def body(**properties: Any) -> dict[str, Any]:
    """A request's body in which all of these must be said."""
    schema = {"type": "object", "required": [*properties], "properties": properties}
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def document(**paths: Any) -> dict[str, Any]:
    """A document of these paths."""
    return {"openapi": "3.0.3", "info": {"title": "Odd", "version": "1"}, "paths": paths}


def served(folder: Path, paths: dict[str, Any]) -> Any:
    """A server of the contract that becomes of these paths."""
    write(folder / "renders", of(folder, document(**paths)))
    return mock("renders", contracts=str(folder / "renders"))


def test_what_runs_until_it_is_ended_is_held_resumed_and_ended(tmp_path: Path) -> None:
    box = answer(box_id=TEXT, state={"type": "string", "enum": ["running", "paused"]})
    paths = {
        "/boxes": {"post": {"requestBody": body(image=TEXT), "responses": answer("201", box_id=TEXT)}},
        "/boxes/{box_id}": {"parameters": [ID], "get": {"responses": box},
                            "delete": {"responses": {"204": {"description": "Gone"}}}},
        **{f"/boxes/{{box_id}}/{word}": {"parameters": [ID], "post": {"responses": {"204": {"description": "Done"}}}}
           for word in ("pause", "resume")},
    }  # fmt: skip
    with served(tmp_path, paths) as odd, httpx.Client(base_url=odd.url, trust_env=False, timeout=60) as http:
        at = f"/boxes/{http.post('/boxes', json={'image': 'plain'}).json()['box_id']}"
        assert http.get(at).json()["state"] == "running"
        for word, state in (("pause", "paused"), ("resume", "running"), ("pause", "paused")):
            assert http.post(f"{at}/{word}").status_code == 204
            assert http.get(at).json()["state"] == state
        assert http.delete(at).status_code == 204
        assert http.get(at).status_code == 404


def test_what_is_asked_by_its_name_is_found_by_what_the_body_says(tmp_path: Path) -> None:
    said = body(report_token=TEXT)
    pdf = {"200": {"description": "Bytes", "content": {"application/pdf": {"schema": TEXT | {"format": "binary"}}}}}
    paths = {
        "/report/create": {"post": {"requestBody": body(days={"type": "integer"}),
                                    "responses": answer(report_token=TEXT)}},
        "/report/get": {"post": {"requestBody": said, "responses": answer(report=TEXT)}},
        "/report/pdf/get": {"post": {"requestBody": said, "responses": pdf}},
        "/report/remove": {"post": {"requestBody": said, "responses": answer(removed={"type": "boolean"})}},
    }  # fmt: skip
    with served(tmp_path, paths) as odd, httpx.Client(base_url=odd.url, trust_env=False, timeout=60) as http:
        token = {"report_token": http.post("/report/create", json={"days": 3}).json()["report_token"]}
        assert http.post("/report/get", json=token).status_code == 200
        assert http.post("/report/pdf/get", json=token).status_code == 409
        odd.clock.run_until(token["report_token"], "completed")
        assert http.post("/report/pdf/get", json=token).headers["content-type"] == "application/pdf"
        assert http.post("/report/remove", json=token).status_code == 200
        assert http.post("/report/get", json=token).status_code == 404


def test_an_action_names_its_job_by_the_parameter_of_that_name(tmp_path: Path) -> None:
    queue = {"name": "id", "in": "path", "required": True, "schema": TEXT}
    job = {**ID, "name": "job_id"}
    state = {"type": "string", "enum": ["queued", "running", "done", "failed", "cancelled"]}
    paths = {
        "/jobs": {"post": {"requestBody": body(kind=TEXT), "responses": answer("201", job_id=TEXT, status=state)}},
        "/jobs/{job_id}": {"parameters": [job], "get": {"responses": answer(job_id=TEXT, status=state)}},
        "/queues/{id}/jobs/{job_id}/cancel": {
            "parameters": [queue, job],
            "post": {"operationId": "cancel", "responses": {"204": {"description": "Done"}}},
        },
    }  # fmt: skip
    made = of(tmp_path, document(**paths))
    assert made.behavior["operations"]["cancel"]["id_at"] == "path.job_id"


@pytest.mark.parametrize("kind", ["multipart/form-data", "application/x-www-form-urlencoded"])
def test_a_form_that_is_no_object_stops_no_import(tmp_path: Path, kind: str) -> None:
    state = {"type": "string", "enum": ["queued", "running", "done", "failed"]}
    odd = {"content": {kind: {"schema": {"type": "array", "minItems": 1, "items": TEXT}}}}
    paths = {
        "/boxes": {"post": {"requestBody": odd, "responses": answer("201", box_id=TEXT, state=state)}},
        "/boxes/{box_id}": {"parameters": [ID], "get": {"responses": answer(box_id=TEXT, state=state)}},
    }
    made = of(tmp_path, document(**paths))
    assert {each["verb"] for each in made.behavior["operations"].values()} == {"create", "show"}


@pytest.mark.parametrize("only", [(), ("/",)])
def test_what_nothing_leads_out_of_its_first_state_rests_there(tmp_path: Path, only: tuple[str, ...]) -> None:
    state = {"type": "string", "enum": ["active", "suspended"]}
    paths = {
        "/boxes": {"post": {"responses": answer("201", id=TEXT)}},
        "/boxes/{box_id}": {"parameters": [ID], "get": {"responses": answer(id=TEXT, status=state)}},
    }
    write(tmp_path / "renders", of(tmp_path, document(**paths), *only))
    with mock("renders", contracts=str(tmp_path / "renders")) as odd, httpx.Client(trust_env=False) as http:
        at = f"{odd.url}/boxes/{http.post(f'{odd.url}/boxes').json()['id']}"
        odd.clock.advance(3600)
        assert http.get(at).json()["status"] == "active"
