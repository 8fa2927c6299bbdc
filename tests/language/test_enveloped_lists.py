"""Lists whose items are a part of what another operation shows: where answers stand in an envelope, items do not."""

from __future__ import annotations

from pathlib import Path

from check_kit import BEHAVIOR, OPENAPI, Documents, behave
from language_kit import findings, serving

KEY = {"X-API-Key": "demo-key"}


def enveloped(documents: Documents) -> None:
    """What is shown of a job stands in an envelope, its progress as a fraction; the items of the list do not."""
    paths, behavior = documents[OPENAPI]["paths"], documents[BEHAVIOR]
    shown = paths["/v1/jobs/{jobId}"]["get"]["responses"]["200"]["content"]["application/json"]
    page = paths["/v1/jobs"]["get"]["responses"]["200"]["content"]["application/json"]
    shown["schema"] = page["schema"] = {"type": "object"}
    shown["examples"] = {
        "other": {"value": {"data": {"id": "x", "state": "x", "done": 0.5}, "database": "x"}},
        "failed": {"value": {"data": {"id": "x", "state": "x", "why": "x"}, "database": "x"}},
    }
    page["examples"]["ok"]["value"]["items"] = []
    bindings = {"/data/id": "id", "/data/state": "state", "/data/done": "progress", "/data/why": "error"}
    behavior["operations"]["getJob"]["bindings"] = {**bindings, "/database": "request./prompt"}
    listed = behavior["operations"]["listJobs"]
    del listed["item_state"], listed["bindings"]
    listed["like"] = {"operation": "getJob", "at": "/data"}
    behavior["webhooks"], behavior["quirks"] = {}, {}


def test_items_may_be_a_part_of_what_is_shown(tmp_path: Path) -> None:
    with serving(tmp_path, enveloped) as own:
        identity = own.submit().json()["id"]
        for seconds in (0, 5, 20):
            own.advance(seconds)
            (item,) = own.http.get("/v1/jobs", headers=KEY).json()["items"]
            assert item == own.show(identity)["data"]
            assert item["id"] == identity


def test_a_part_that_is_not_there_and_an_operation_that_is_none_are_named(tmp_path: Path) -> None:
    told = findings(tmp_path, enveloped, behave("/operations/listJobs/like/at", "/dat"))
    assert any("listJobs/like/at" in each and "getJob shows nothing at /dat" in each for each in told), told
    assert any("Did you mean '/data'?" in each for each in told), told
    other = findings(tmp_path, enveloped, behave("/operations/listJobs/like/operation", "getJb"))
    assert any("Did you mean 'getJob'?" in each for each in other), other
