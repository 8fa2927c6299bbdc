"""Creations that say by a header alone where the job is, and jobs that lead elsewhere once they have succeeded."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from imported_kit import jobs, of, said, serving, thing

TEXT = {"type": "string"}
STATE = {"type": "string", "enum": ["queued", "running", "done", "failed"]}
JOB = thing(id=TEXT, status=STATE)
LOCATION = {"description": "", "headers": {"Location": {"schema": TEXT}}}
BODY = {"content": {"application/json": {"schema": thing(message=TEXT)}}}
PROSE = {"description": "Accepted: `Location` says where it is"}


def created(**responses: Any) -> dict[str, Any]:
    """A document of jobs whose creation is answered so, by status."""
    document = jobs(JOB)
    document["paths"]["/jobs"]["post"]["responses"] = {each.lstrip("_"): made for each, made in responses.items()}
    return document


@pytest.mark.parametrize(("document", "status"), [
    (created(_303=LOCATION), 303), (created(_302=LOCATION), 302), (created(_201=LOCATION), 201),
    (created(_202=LOCATION), 202), (created(_202={"description": ""}, _303=LOCATION), 303),
    (created(_303=LOCATION, default={"description": "", **BODY}), 303),
    (created(_303=LOCATION | {"content": {"text/html": {}}}), 303), (created(_202=LOCATION | BODY), 202),
    (created(_202=PROSE), 202), (created(_303=PROSE), 303), (created(_201=said(JOB)["200"] | LOCATION), 201),
])  # fmt: skip
@pytest.mark.parametrize("base", ["/jobs", "/queue"])
def test_the_location_of_a_creation_leads_to_the_job(document: Any, status: int, base: str, tmp_path: Path) -> None:
    document = deepcopy(document)
    document["paths"][f"{base}/{{id}}"] = document["paths"].pop("/jobs/{id}")
    made = of(tmp_path, document)
    assert made.left == []
    with serving(tmp_path, made) as (api, http):
        begun = http.post("/jobs")
        assert begun.status_code == status
        if "json" in begun.headers.get("content-type", ""):
            assert begun.json().get("message", "message") == "message"
        shown = http.get(begun.headers["location"]).json()
        assert shown == {"id": api.jobs[0].id, "status": "queued"}


@pytest.mark.parametrize(("status", "result"), [
    ("303", {"responses": said(thing(url=TEXT | {"format": "uri"}))}),
    ("302", {"responses": {"200": {"description": "", "content": {"video/mp4": {}}}}}),
])  # fmt: skip
def test_a_job_that_has_succeeded_leads_to_what_came_of_it(status: str, result: Any, tmp_path: Path) -> None:
    document = jobs(JOB, **{"/result": {"get": {"operationId": "result", **result}}})
    document["paths"]["/jobs/{id}"]["get"]["responses"][status] = LOCATION
    made = of(tmp_path, document)
    assert made.left == []
    with serving(tmp_path, made) as (api, http):
        number = http.post("/jobs").json()["id"]
        api.clock.run_until(number, "running")
        assert http.get(f"/jobs/{number}").json()["status"] == "running"
        api.clock.run_until(number, "done")
        led = http.get(f"/jobs/{number}")
        assert led.status_code == int(status)
        assert http.get(led.headers["location"]).status_code == 200


def test_what_leads_nowhere_that_is_known_is_told(tmp_path: Path) -> None:
    document = jobs(JOB)
    document["paths"]["/jobs/{id}"]["get"]["responses"]["303"] = LOCATION
    (row,) = (each for each in of(tmp_path, document).guesses if each.subject == "look 303")
    assert row.meaning == "never answered"


def test_an_id_in_the_answer_goes_before_a_header_that_only_sounds_like_one(tmp_path: Path) -> None:
    document = jobs(JOB)
    paths = document["paths"]
    ref = {"name": "ref", "in": "path", "required": True, "schema": TEXT}
    shown = {"operationId": "look", "responses": said(thing(ref=TEXT, status=STATE))}
    paths["/jobs/{ref}"] = {"parameters": [ref], "get": shown}
    del paths["/jobs/{id}"]
    paths["/jobs"]["post"]["responses"] = said(thing(ref=TEXT, words=TEXT))
    paths["/jobs"]["post"]["responses"]["200"]["headers"] = {"X-App-Identifier": {"schema": TEXT}}
    made = of(tmp_path, document)
    assert any("answered with /ref" in each.why for each in made.guesses)
    with serving(tmp_path, made) as (_, http):
        number = http.post("/jobs").json()["ref"]
        assert http.get(f"/jobs/{number}").json() == {"ref": number, "status": "queued"}
