"""What is there when a job has ended is not there before: addresses, lists of them, progress as a text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from imported_kit import jobs, of, serving, thing

TEXT = {"type": "string"}
URL = TEXT | {"format": "uri"}
NULLABLE = {"type": ["string", "null"], "format": "uri"}
STATE = {"type": "string", "enum": ["queued", "running", "done", "failed"]}
FILE = thing(["url"], url=URL, name=TEXT)


def at_first_and_at_last(folder: Path, document: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is shown of a job that was just begun, and of one that has ended, without its id and its state."""
    with serving(folder, of(folder, document)) as (api, http):
        first = http.post("/jobs").json()
        api.clock.run_until(first["id"], "done")
        last = http.get(f"/jobs/{first['id']}").json()
    return tuple({at: each for at, each in shown.items() if at not in ("id", "status")} for shown in (first, last))


def job(required: list[str] | None = None, **fields: Any) -> dict[str, Any]:
    return jobs(thing(["id", "status", *(required or ())], id=TEXT, status=STATE, **fields))


@pytest.mark.parametrize(("name", "schema", "required", "before", "place"), [
    ("location", URL, False, {}, lambda v: v), ("preview", NULLABLE, True, {"preview": None}, lambda v: v),
    ("sheet", URL, False, {}, lambda v: v),
    ("thing", thing(place=URL), False, {}, lambda v: v["place"]),
    ("thing", thing([], place=URL), True, {"thing": {}}, lambda v: v["place"]),
    ("thing", {"anyOf": [thing(place=URL), {"type": "null"}]}, True, {"thing": None}, lambda v: v["place"]),
    ("outer", thing([], inner=thing([], url=URL)), False, {"outer": {"inner": {}}}, lambda v: v["inner"]["url"]),
    ("files", {"type": "array", "items": FILE}, True, {"files": []}, lambda v: v[0]["url"]),
    ("files", {"type": "array", "items": thing([], url=URL)}, True, {"files": []}, lambda v: v[0]["url"]),
    ("files", {"type": ["array", "null"], "items": FILE}, True, {"files": None}, lambda v: v[0]["url"]),
    ("files", {"type": "array", "minItems": 1, "items": FILE}, False, {}, lambda v: v[0]["url"]),
    ("urls", {"type": "array", "items": URL}, True, {"urls": []}, lambda v: v[0]),
    ("urls", {"type": "array", "minItems": 2, "items": URL}, False, {}, lambda v: v[0]),
])  # fmt: skip
def test_what_a_job_leads_to_is_not_there_before(
    name: str, schema: Any, required: bool, before: Any, place: Any, tmp_path: Path
) -> None:
    first, last = at_first_and_at_last(tmp_path, job([name] if required else [], **{name: schema}))
    assert first == before
    assert "/_media/" in place(last[name])


@pytest.mark.parametrize("schema", [
    URL, thing(url=URL), {"type": "array", "minItems": 1, "items": FILE},
    {"type": "array", "minItems": 1, "items": URL},
])  # fmt: skip
def test_what_a_schema_wants_in_every_state_is_told_and_leads_nowhere_before(schema: Any, tmp_path: Path) -> None:
    document = job(["result"], result=schema)
    made = of(tmp_path, document)
    (row,) = (each for each in made.guesses if "before the result" in each.meaning)
    assert (row.subject.startswith("/result"), made.left) == (True, [])
    first, last = at_first_and_at_last(tmp_path, document)
    assert "https://example.com/" in str(first["result"])
    assert "/_media/" in str(last["result"])


def test_addresses_of_the_job_itself_lead_to_it_from_the_beginning(tmp_path: Path) -> None:
    links = thing(self=URL, status_url=URL, cancel=URL, dashboard=URL)
    document = job(["links"], links=links)
    document["paths"]["/jobs/{id}/cancel"] = {
        "post": {"operationId": "stop", "responses": {"204": {"description": ""}}}
    }
    document["components"] = {}
    with serving(tmp_path, of(tmp_path, document)) as (_, http):
        shown = http.post("/jobs").json()
        assert shown["links"]["dashboard"] == "https://example.com/"
        assert http.get(shown["links"]["self"]).json() == shown
        assert http.get(shown["links"]["status_url"]).json() == shown
        assert http.post(shown["links"]["cancel"]).status_code == 204


def test_what_the_request_says_is_no_result(tmp_path: Path) -> None:
    document = job(video_url=URL, images={"type": "array", "items": URL})
    asked = thing([], video_url=URL, images={"type": "array", "items": URL})
    document["paths"]["/jobs"]["post"]["requestBody"] = {"content": {"application/json": {"schema": asked}}}
    made = of(tmp_path, document)
    assert "results" not in made.behavior["resources"]["job"]
    with serving(tmp_path, made) as (_, http):
        said = "https://films.example/a.mp4"
        assert http.post("/jobs", json={"video_url": said}).json()["video_url"] == said


PERCENT = TEXT | {"pattern": "^[0-9]{1,3}%$"}


@pytest.mark.parametrize(("schema", "wanted"), [
    (PERCENT, ["0%", "100%"]), (TEXT | {"pattern": "^\\d+$"}, ["0", "100"]),
    (TEXT | {"pattern": "^[01]\\.\\d\\d$"}, ["0.00", "1.00"]), (TEXT | {"pattern": "^\\d+ %$"}, ["0 %", "100 %"]),
    (TEXT | {"example": "12.5%"}, ["0.0%", "100.0%"]), ({"type": ["string", "null"]} | PERCENT, ["0%", "100%"]),
    (TEXT | {"pattern": "^[a-z]{4} done$"}, ["aaaa done", "aaaa done"]), (TEXT, ["progress", "progress"]),
    (TEXT | {"pattern": "^\\d\\d%$"}, ["45%", "45%"]),
])  # fmt: skip
def test_progress_may_be_a_text(schema: Any, wanted: list[str], tmp_path: Path) -> None:
    document = job(["progress"], progress=schema)
    assert [each["progress"] for each in at_first_and_at_last(tmp_path, document)] == wanted


@pytest.mark.parametrize(
    "pattern", ["^\\$\\d+\\.\\d{2}$", "^\\d+ (seconds|minutes)$", "^@\\w{3,}$", "^a\\sb\\b", "^.+/.+$"]
)
def test_a_text_of_a_pattern_that_no_id_may_have_is_made_and_not_null(pattern: str, tmp_path: Path) -> None:
    made = of(tmp_path, job(["length"], length=TEXT | {"pattern": pattern}))
    assert made.left == []
    assert made.openapi["components"]["examples"]["job.other"]["value"]["length"]


LRO = thing(
    ["name"], name=TEXT, done={"type": "boolean"}, response={"type": "object"},
    error=thing([], code={"type": "integer"}, message=TEXT),
)  # fmt: skip


def test_an_operation_has_its_response_or_its_error_when_it_is_done(tmp_path: Path) -> None:
    with serving(tmp_path, of(tmp_path, jobs(LRO))) as (api, http):
        api.next_job(outcome="failed")
        lost, first = http.post("/jobs").json(), http.post("/jobs").json()
        assert first == {"name": first["name"], "done": False}
        api.clock.advance(60)
        assert http.get(f"/{first['name']}").json() == first | {"done": True, "response": {}}
        error = {"code": 1, "message": "It failed"}
        assert http.get(f"/{lost['name']}").json() == lost | {"done": True, "error": error}


@pytest.mark.parametrize(("schema", "before", "after"), [
    ({"type": "object", "properties": {"words": TEXT}}, {}, {"result": {"words": "words"}}),
    (TEXT, {}, {"result": "result"}), ({"type": "array", "items": TEXT}, {"result": []}, {"result": []}),
    ({"type": ["string", "null"]}, {"result": None}, {"result": "result"}),
])  # fmt: skip
def test_what_came_of_a_job_is_not_said_before(schema: Any, before: Any, after: Any, tmp_path: Path) -> None:
    required = ["result"] if "null" in schema["type"] else []
    assert at_first_and_at_last(tmp_path, job(required, result=schema)) == (before, after)


def test_no_error_is_told_of_what_never_fails(tmp_path: Path) -> None:
    states = {"type": "string", "enum": ["queued", "done"]}
    never = thing(["id", "status", "nothing"], id=TEXT, status=states, error=thing(code=TEXT),
                  nothing={"anyOf": [thing(code=TEXT), {"type": "null"}]})  # fmt: skip
    first, last = at_first_and_at_last(tmp_path, jobs(never))
    assert (first, last) == ({"nothing": None},) * 2


@pytest.mark.parametrize(("bounds", "wanted"), [
    ({"minimum": 1, "maximum": 10}, [1, 1]), ({"maximum": 50}, [45, 45]), ({"minimum": 0, "maximum": 100}, [0, 100]),
])  # fmt: skip
def test_progress_is_written_where_its_bounds_take_all_of_it(bounds: Any, wanted: list[int], tmp_path: Path) -> None:
    document = job(["progress"], progress={"type": "integer"} | bounds)
    assert [each["progress"] for each in at_first_and_at_last(tmp_path, document)] == wanted


def test_addresses_in_objects_are_known_by_what_those_are_called(tmp_path: Path) -> None:
    links = thing(self=thing(href=URL), result=thing([], href=URL))
    first, last = at_first_and_at_last(tmp_path, job(["links"], links=links))
    assert first["links"]["self"] == last["links"]["self"]
    assert ([*first["links"]["result"]], [*last["links"]["result"]]) == ([], ["href"])
