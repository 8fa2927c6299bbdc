"""Answers that are lists and nothing around them: of what was created, of jobs, of what came of one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from imported_kit import jobs, of, said, serving, thing

TEXT = {"type": "string"}
URL = TEXT | {"format": "uri"}
STATE = {"type": "string", "enum": ["queued", "running", "done", "failed", "cancelled"]}
JOB = thing(["id", "status"], id=TEXT, status=STATE, url=URL)


def several(schema: Any, **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": schema, **more}


@pytest.mark.parametrize("shown", [JOB, several(JOB), several(JOB, minItems=1, maxItems=1)])
@pytest.mark.parametrize("created", [several(JOB), several(JOB, minItems=1), several(TEXT)])
def test_a_list_of_what_was_created_tells_the_id_and_no_result_before_it(
    shown: Any, created: Any, tmp_path: Path
) -> None:
    made = of(tmp_path, jobs(shown, created=created))
    assert made.left == []
    with serving(tmp_path, made) as (api, http):
        (first,) = http.post("/jobs").json()
        number = first if isinstance(first, str) else first["id"]
        assert first in (number, {"id": number, "status": "queued"})
        api.clock.run_until(number, "done")
        now = http.get(f"/jobs/{number}").json()
        assert "/_media/" in (now[0] if isinstance(now, list) else now)["url"]


@pytest.mark.parametrize(("items", "place"), [
    (thing(url=URL, name=TEXT), lambda v: v["url"]), (thing([], url=URL), lambda v: v["url"]), (URL, lambda v: v),
])  # fmt: skip
def test_a_list_of_what_came_of_a_job_is_empty_before(items: Any, place: Any, tmp_path: Path) -> None:
    view = {"get": {"operationId": "outputs", "responses": said(several(items))}}
    made = of(tmp_path, jobs(JOB, **{"/outputs": view}))
    assert made.left == []
    with serving(tmp_path, made) as (api, http):
        number = http.post("/jobs").json()["id"]
        assert http.get(f"/jobs/{number}/outputs").json() == []
        api.clock.run_until(number, "done")
        (only,) = http.get(f"/jobs/{number}/outputs").json()
        assert "/_media/" in place(only)


def test_an_action_that_is_answered_with_a_list_shows_the_job_in_it(tmp_path: Path) -> None:
    stop = {"post": {"operationId": "stop", "responses": said(several(JOB))}}
    made = of(tmp_path, jobs(JOB, **{"/cancel": stop}))
    assert made.left == []
    with serving(tmp_path, made) as (_, http):
        number = http.post("/jobs").json()["id"]
        assert http.post(f"/jobs/{number}/cancel").json() == [{"id": number, "status": "cancelled"}]


@pytest.mark.parametrize("bounds", [{}, {"minItems": 1}, {"maxItems": 2}])
def test_a_page_that_is_a_list_alone_shows_the_jobs(bounds: Any, tmp_path: Path) -> None:
    document = jobs(JOB)
    limit = {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 2, "default": 2}}
    every = {"operationId": "every", "parameters": [limit], "responses": said(several(JOB, **bounds))}
    document["paths"]["/jobs"]["get"] = every
    with serving(tmp_path, of(tmp_path, document)) as (_, http):
        numbers = [http.post("/jobs").json()["id"] for _ in range(3)]
        assert [each["id"] for each in http.get("/jobs").json()] == numbers[:0:-1]
