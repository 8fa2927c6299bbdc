"""What an imported answer shows by what its fields mean: addresses of results, flags of success, moments, links."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from imported_kit import jobs, of, said, serving, thing

TEXT = {"type": "string"}
MOMENT = {"type": "string", "format": "date-time", "readOnly": True}
STATUS = {"type": "string", "enum": ["queued", "running", "done", "failed"]}


def enveloped(**more: Any) -> dict[str, Any]:
    """A job within an envelope that says whether the request was met."""
    job = thing(("id", "status", "created"), id=TEXT, status=STATUS, **more)
    return thing(success={"type": "boolean"}, message=TEXT, response=job)


def test_a_text_called_url_leads_to_the_result_when_it_is_there(tmp_path: Path) -> None:
    created = {**TEXT, "example": "2020-10-30T09:42:29.446Z"}
    url = {**TEXT, "description": "The URL of the final asset. Only available if status is done."}
    document = jobs(enveloped(created=created, url=url))
    with serving(tmp_path, of(tmp_path, document)) as (api, http):
        first = http.post("/jobs").json()
        assert first["success"] is True
        assert "url" not in first["response"]
        at = f"/jobs/{first['response']['id']}"
        api.clock.advance(60)
        done = http.get(at).json()["response"]
        assert http.get(done["url"]).status_code == 200
        assert done["created"] == first["response"]["created"] != "2026-05-07T12:34:56Z"


def test_a_refusal_says_that_it_is_none(tmp_path: Path) -> None:
    document = jobs(enveloped(created=TEXT))
    refused = thing(success={"type": "boolean"}, message=TEXT)
    document["paths"]["/jobs/{id}"]["get"]["responses"] |= said(refused, "404")
    with serving(tmp_path, of(tmp_path, document)) as (_, http):
        assert http.get("/jobs/nobody").json()["success"] is False


def entity(**more: Any) -> dict[str, Any]:
    """A document whose requests are of the same schema as its jobs: with fields that only answers have."""
    link = {"type": "string", "format": "uri", "readOnly": True}
    job = thing(("title",), self=link, id=TEXT, status=STATUS, title={**TEXT, "minLength": 1}, createdDateTime=MOMENT,
                lastActionDateTime=MOMENT)  # fmt: skip
    document = jobs(job, **more)
    document["paths"]["/jobs"]["post"]["requestBody"] = {"content": {"application/json": {"schema": job}}}
    change = {"schema": {"type": "object", "properties": {"title": TEXT}}}
    patch = {"requestBody": {"content": {"application/merge-patch+json": change}}, "responses": said(job)}
    document["paths"]["/jobs/{id}"]["patch"] = {"operationId": "change", **patch}
    return document


def test_what_only_answers_have_is_no_echo_of_a_request(tmp_path: Path) -> None:
    with serving(tmp_path, of(tmp_path, entity())) as (api, http):
        first = http.post("/jobs", json={"title": "One"}).json()
        api.clock.advance(60)
        now = http.get(first["self"]).json()
        assert (now["id"], now["status"], now["createdDateTime"]) == (first["id"], "done", first["createdDateTime"])
        assert now["lastActionDateTime"] > first["lastActionDateTime"]


@pytest.mark.parametrize(("title", "status"), [("Two", 200), ("", 400)])
def test_an_update_takes_what_answers_can_show(tmp_path: Path, title: str, status: int) -> None:
    made = of(tmp_path, entity())
    assert made.behavior["operations"]["change"]["sets"] == {"/title": "replace"}
    assert any(each.subject == "change" and "as narrow as it is shown" in each.meaning for each in made.guesses)
    with serving(tmp_path, made) as (_, http):
        at = f"/jobs/{http.post('/jobs', json={'title': 'One'}).json()['id']}"
        patch = {"content": f'{{"title": "{title}"}}', "headers": {"Content-Type": "application/merge-patch+json"}}
        assert http.patch(at, **patch).status_code == status
        assert http.get(at).json()["title"] == (title or "One")
