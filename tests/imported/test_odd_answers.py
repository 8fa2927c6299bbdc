"""Answers of an odd form, imported and served: lists, parts of a job, schemas that contradict or hold themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from imported_kit import jobs, of, passed, said, serving, thing
from test_inference import op, roles

from mockserver.imported.facts import Field
from mockserver.imported.kinds import kind_of

TEXT = {"type": "string"}
STATE = {"type": "string", "enum": ["queued", "running", "done", "failed", "cancelled"]}
JOB = thing(id=TEXT, status=STATE)
ONE = {"name": "id", "in": "path", "required": True, "schema": TEXT}


@pytest.mark.parametrize("created", [JOB, {"type": "array", "items": JOB}])
def test_a_list_that_is_all_that_shows_a_job_has_the_job_in_it(created: Any, tmp_path: Path) -> None:
    made = of(tmp_path, jobs({"type": "array", "items": JOB}, created=created))
    with serving(tmp_path, made) as (api, http):
        first = http.post("/jobs").json()
        number = (first[0] if isinstance(first, list) else first)["id"]
        assert http.get(f"/jobs/{number}").json() == [{"id": number, "status": "queued"}]
        api.clock.run_until(number, "done")
        assert http.get(f"/jobs/{number}").json() == [{"id": number, "status": "done"}]


def test_a_part_of_a_job_shows_its_own_id_and_no_state_of_the_job(tmp_path: Path) -> None:
    part = thing(id=TEXT, job_id=TEXT, status=STATE, url=TEXT | {"format": "uri", "contentMediaType": "video/mp4"})
    inner = {"name": "artifact_id", "in": "path", "required": True, "schema": TEXT}
    document = jobs(JOB)
    below = {"/artifacts/{artifact_id}": part, "/children/{artifact_id}": JOB}
    for word, schema in below.items():
        document["paths"][f"/jobs/{{id}}{word}"] = {"parameters": [inner, ONE], "get": {"responses": said(schema)}}
    made = of(tmp_path, document)
    with serving(tmp_path, made) as (api, http):
        number = http.post("/jobs").json()["id"]
        api.clock.run_until(number, "done")
        shown = http.get(f"/jobs/{number}/artifacts/a7").json()
        assert (shown["id"], shown["job_id"], shown["status"]) == ("a7", number, "queued")
        assert http.get(shown["url"]).headers["content-type"] == "video/mp4"
        assert http.get(f"/jobs/{number}/children/b3").json() == {"id": "b3", "status": "queued"}
        assert http.get("/jobs/nobody/artifacts/a7").status_code == 404
    told = next(each for each in made.guesses if each.subject == "getJobsIdArtifactsArtifactId")
    assert "a part of one job" in told.why


@pytest.mark.parametrize(("more", "wanted"), [
    ({"contentMediaType": "video/mp4"}, "video.mp4"), ({"format": "video/webm"}, "video.mp4"),
    ({"example": "https://cdn.example/a/b.MOV?x=1"}, "video.mp4"),
    ({"examples": ["https://a.example/x.wav"]}, "audio.wav"),
    ({"description": "Where the rendered film is"}, "video.mp4"),
    ({"description": "An image/jpeg of it"}, "picture.jpg"),
    ({"description": "Subtitles, as .vtt"}, "result.vtt"), ({}, "result.txt"),
])  # fmt: skip
def test_a_url_leads_to_what_is_said_of_it(more: Any, wanted: str, tmp_path: Path) -> None:
    job = thing(["id", "status"], id=TEXT, status=STATE, url=TEXT | more)
    made = of(tmp_path, jobs(job))
    (result,) = made.behavior["resources"]["job"]["results"].values()
    assert result["file"] == wanted


def test_what_is_said_goes_before_a_name_and_a_name_before_prose() -> None:
    assert kind_of("image_url", "https://a.example/b.mp4") == ("video", "video.mp4")
    assert kind_of("image_url", "what the film begins with") == ("picture", "picture.png")
    assert kind_of("url", "ends. Then version 1.25", ["film"]) == ("video", "video.mp4")


@pytest.mark.parametrize(("answer", "wanted"), [
    (thing([], id=TEXT, status=STATE | {"maxLength": 4}), "maxLength refuses values that are listed beside it"),
    (thing([], id={"type": "string", "pattern": "^(?=a)b$"}, status=STATE), "a pattern cannot be matched in linear"),
    ({"allOf": [thing([], id=TEXT) | {"additionalProperties": False}, thing([], status=STATE)]},
     "additionalProperties of a part refuses the other parts"),
])  # fmt: skip
def test_a_closed_object_that_contradicts_itself_is_answered_whole(answer: Any, wanted: str, tmp_path: Path) -> None:
    made = of(tmp_path, jobs(answer | ({} if "allOf" in answer else {"additionalProperties": False})))
    assert any(wanted in each.why for each in made.left)
    with serving(tmp_path, made) as (_, http):
        shown = http.post("/jobs").json()
        assert (shown.keys(), shown["status"]) == ({"id", "status"}, "queued")


NODE = {"$ref": "#/components/schemas/Node"}


@pytest.mark.parametrize(("parent", "wanted", "shown"), [
    (NODE, "parent must be there and holds its own kind without end", {"id": "id", "status": "queued"}),
    ({"$ref": "#/components/schemas/Other"}, "parent must be there", {"id": "id", "status": "queued"}),
    ({"type": "array", "minItems": 1, "items": NODE}, "a list that must not be empty holds its own kind", []),
    ({"anyOf": [NODE, {"type": "null"}]}, "", None), ({"type": "array", "items": NODE}, "", []),
])  # fmt: skip
def test_what_must_hold_its_own_kind_without_end_need_not_and_it_is_told(
    parent: Any, wanted: str, shown: Any, tmp_path: Path
) -> None:
    node = thing(id=TEXT, status=STATE, parent=parent)
    document = jobs(NODE) | {"components": {"schemas": {"Node": node, "Other": {"allOf": [NODE]}}}}
    made = of(tmp_path, document)
    assert [wanted in each.why for each in made.left] == ([True] if wanted else [])
    with serving(tmp_path, made) as (_, http):
        assert http.post("/jobs").json()["parent"] == shown


def test_only_the_circle_is_cut_and_not_what_leads_to_it(tmp_path: Path) -> None:
    schemas = {
        "B": thing(c={"$ref": "#/components/schemas/C"}),
        "C": thing(b={"$ref": "#/components/schemas/B"}, x=TEXT),
    }
    job = thing(id=TEXT, status=STATE, b={"$ref": "#/components/schemas/B"})
    made = of(tmp_path, jobs(job) | {"components": {"schemas": schemas}})
    assert made.openapi["components"]["schemas"]["B"]["required"] == ["c"]
    assert made.openapi["components"]["schemas"]["C"]["required"] == ["x"]


@pytest.mark.parametrize(("said", "wanted"), [
    ({"summary": "Cancel a job"}, "cancelled"), ({"operationId": "cancelJob"}, "cancelled"),
    ({"description": "Cancels a job that runs. Others are deleted."}, "cancelled"),
    ({"summary": "Cancellation of one", "operationId": "deleteJob"}, "cancelled"),
    ({"summary": "Delete a job", "description": "Cancels it."}, "deleted"), ({}, "deleted"),
    ({"summary": "Cancel or delete a job"}, "deleted"),
])  # fmt: skip
def test_a_delete_cancels_where_it_says_so_and_a_job_can_be_cancelled(said: Any, wanted: str, tmp_path: Path) -> None:
    document = jobs(JOB)
    document["paths"]["/jobs/{id}"]["delete"] = {**said, "responses": document["paths"]["/jobs"]["post"]["responses"]}
    made = of(tmp_path, document)
    with serving(tmp_path, made) as (_, http):
        number = http.post("/jobs").json()["id"]
        assert http.delete(f"/jobs/{number}").json() == {"id": number, "status": "cancelled"}
        now = http.get(f"/jobs/{number}")
        assert (now.status_code, now.json().get("status")) == (
            (200, "cancelled") if wanted == "cancelled" else (404, None)
        )


def test_a_delete_of_what_cannot_be_cancelled_takes_it_away() -> None:
    states = Field("string", ("queued", "running", "done", "failed"))
    shows = {"": Field("object"), "/id": Field("string"), "/status": states}
    found = roles(
        op("post", "/jobs", shows), op("get", "/jobs/{id}", shows), op("delete", "/jobs/{id}", {}, title="Cancel a job")
    )
    assert found["delete /jobs/{id}"] == "move gone"


def test_what_is_created_and_ends_without_a_state_in_its_answers_is_passed(tmp_path: Path) -> None:
    assert passed(tmp_path, of(tmp_path, jobs(JOB))) == ["queued", "running", "done"]


def test_a_list_at_a_path_below_which_one_is_shown_is_a_list() -> None:
    state = Field("string", ("queued", "running", "done", "failed"))
    shows = {"": Field("object"), "/id": Field("string"), "/status": state}
    page = {"": Field("array"), "/*": Field("object"), "/*/id": Field("string"), "/*/status": state}
    one, several = {"": "#/Job"}, {"/*": "#/Job"}
    found = roles(
        op("post", "/jobs", shows, models=one),
        op("get", "/jobs/{owner}", page, models=several),
        op("get", "/jobs/{owner}/{id}", shows, models=one),
    )
    assert found["get /jobs/{owner}"] == "list"
    assert found["get /jobs/{owner}/{id}"] == "show"


def test_what_is_begun_elsewhere_is_known_by_the_shape_of_the_whole_answer() -> None:
    run = Field("integer", ("1", "2", "10"), "", "1 = queued, 2 = running, 10 = success")
    shows = {"": Field("object"), "/data": Field("object"), "/data/id": Field("integer"), "/data/status": run}
    models = {"": "#/Run", "/data": "#/RunData"}
    found = roles(
        op("post", "/jobs/{job_id}/run", shows, models={"": "#/Run"}),
        op("get", "/runs/{id}", shows, models=models),
    )
    assert found == {"post /jobs/{job_id}/run": "create", "get /runs/{id}": "show"}
