"""Jobs of any shape: several states a phase, ends that come early; lists and uploads of any declared type."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from api_kit import Receiver, receiving
from check_kit import BEHAVIOR, OPENAPI, Documents, Mutation, behave, both, show, without
from language_kit import FORM, NAME, SUBMIT, Served, findings, serving

from mockserver import timeline
from mockserver.milestones import same_until
from mockserver.timeline import TimelinePlan, TimelineStep

KEY = {"X-API-Key": "demo-key"}
JOB = "/components/schemas/Job/properties"


def chain(*states: tuple[str, str, float]) -> Mutation:
    """Timed states in this order, (name, phase, share), shown by the example of a running job."""

    def make(documents: Documents) -> None:
        openapi, behavior = documents[OPENAPI], documents[BEHAVIOR]
        job = behavior["resources"]["job"]
        ends = {name: state for name, state in job["states"].items() if "phase" not in state}
        job["states"] = {**{n: {"phase": p, "share": s} for n, p, s in states}, **ends}
        job["initial"] = states[0][0]
        job["run"] |= {"queued": {"fixed": 10}, "running": {"fixed": 90}}
        openapi["components"]["schemas"]["Job"]["properties"]["status"] = {"type": "string"}
        examples = openapi["components"]["examples"]
        paths = openapi["paths"]
        for name, _, _ in states:
            examples[name] = {"value": {**examples["Running"]["value"], "status": name}}
        shown = {name: {"$ref": f"#/components/examples/{name}"} for name, _, _ in states}
        for at, method, status in (("/v1/jobs", "post", "201"), ("/v1/jobs/{jobId}", "get", "200")):
            content = paths[at][method]["responses"][status]["content"]["application/json"]
            kept = {n: v for n, v in content["examples"].items() if n not in ("queued", "running")}
            content["examples"] = {**(shown if method == "get" else {states[0][0]: shown[states[0][0]]}), **kept}
        cancelled = paths["/v1/jobs/{jobId}/cancel"]["post"]["responses"]
        cancelled["200"]["content"]["application/json"]["examples"] = {
            name: {"$ref": "#/components/examples/Cancelled"} for name in shown
        }
        del cancelled["409"]["content"]["application/json"]["examples"]["running"]
        items = paths["/v1/jobs"]["get"]["responses"]["200"]["content"]["application/json"]["examples"]["ok"]["value"]
        items["items"] = [examples[name]["value"] for name, _, _ in states] + items["items"][2:]

    return make


STATES = [("waiting", "queued", 1), ("booked", "queued", 1), ("drafting", "running", 2), ("rendering", "running", 1)]


def test_states_of_a_phase_share_its_seconds_and_progress_never_falls(tmp_path: Path) -> None:
    with serving(tmp_path, chain(*STATES)) as own:
        identity, told = own.submit().json()["id"], []
        for _ in range(20):
            shown = own.show(identity)
            told.append((shown["status"], shown["progress"]))
            own.advance(5)
        assert [each for each, _ in told] == ["waiting"] + ["booked"] + ["drafting"] * 12 + ["rendering"] * 6
        progress = [each for _, each in told]
        assert progress == sorted(progress)
        assert progress[2:5] == [0, 5, 11]
        assert own.show(identity)["status"] == "succeeded"


def test_what_a_test_plans_for_a_phase_is_shared_by_its_states(tmp_path: Path) -> None:
    with serving(tmp_path, chain(*STATES)) as own, own.running.sandbox() as sandbox:
        api = sandbox.api(NAME)
        api.next_job(queued=20, running=30)
        key = {"X-API-Key": api.api_key}
        identity = own.http.post("/v1/jobs", json={"prompt": "x"}, headers=key).json()["id"]
        told = []
        for seconds in (0, 9.9, 0.1, 9.9, 0.1, 19.9, 0.1, 9.9, 0.1):
            sandbox.clock.advance(seconds)
            told.append(own.http.get(f"/v1/jobs/{identity}", headers=key).json()["status"])
        assert told == ["waiting"] * 2 + ["booked"] * 2 + ["drafting"] * 2 + ["rendering"] * 2 + ["succeeded"]


def test_a_phase_that_comes_back_lets_progress_stand(tmp_path: Path) -> None:
    order = [
        ("waiting", "queued", 1),
        ("drafting", "running", 1),
        ("checking", "queued", 1),
        ("rendering", "running", 1),
    ]
    with serving(tmp_path, chain(*order)) as own:
        identity, told = own.submit().json()["id"], []
        for seconds in (2, 25, 25, 3):
            own.advance(seconds)
            shown = own.show(identity)
            told.append((shown["status"], shown["progress"]))
        assert told == [("waiting", 0), ("drafting", 24), ("checking", 50), ("rendering", 50)]


def hooked(own: Served, receiver: Receiver) -> str:
    identity: str = own.submit(callback=receiver.url).json()["id"]
    return identity


def test_a_job_that_is_cancelled_tells_so_at_that_moment(tmp_path: Path) -> None:
    ends = behave("/webhooks/ended/states", ["succeeded", "failed", "cancelled"])
    with receiving() as receiver, serving(tmp_path, ends) as own:
        identity = hooked(own, receiver)
        own.advance(0.5)
        own.http.post(f"/v1/jobs/{identity}/cancel", headers=KEY)
        receiver.wait(1)
        assert receiver.got[0].json["status"] == "cancelled"
        assert receiver.got[0].json["ended_at"] == own.show(identity)["ended_at"]
        own.advance(1000)
        assert len(receiver.got) == 1


def test_a_move_that_is_no_end_leaves_the_webhook_where_it_was(tmp_path: Path) -> None:
    with receiving() as receiver, serving(tmp_path) as own:
        identity = hooked(own, receiver)
        own.http.post(f"/v1/jobs/{identity}/cancel", headers=KEY)
        own.advance(1000)
        assert not receiver.got


def test_a_cancelled_job_that_completes_all_the_same_tells_of_its_end(tmp_path: Path) -> None:
    with receiving() as receiver, serving(tmp_path) as own:
        own.running.default.api(NAME).fault("cancel_completes")
        identity = hooked(own, receiver)
        own.http.post(f"/v1/jobs/{identity}/cancel", headers=KEY)
        assert not receiver.got
        own.advance(1000)
        assert [each.json["status"] for each in receiver.got] == ["succeeded"]


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "items": {"type": "string"}},
        {"type": "array", "items": {"enum": ["queued", "failed"]}},
        {"type": ["array", "string"], "items": {"type": "string"}},
        {"type": "string"},
        {},
    ],
    ids=str,
)
def test_a_filter_takes_one_value_or_several(schema: Any, tmp_path: Path) -> None:
    with serving(tmp_path, show("/paths/~1v1~1jobs/get/parameters/2/schema", schema)) as own:
        own.submit()

        def found(query: str) -> int:
            answer = own.http.get(f"/v1/jobs?{query}", headers=KEY)
            assert answer.status_code in (200, 400), answer.text
            return len(answer.json().get("items", ()))

        assert found("status=queued") == 1
        assert found("status=failed") == 0
        found("status=queued&status=failed")
        if isinstance(schema.get("type"), str) and schema["type"] == "array":
            assert found("status=queued&status=failed") == 1


@pytest.mark.parametrize(
    "schema", [{"type": "integer"}, {"type": "number"}, {"type": "string"}, {}, {"type": "array"}], ids=str
)
@pytest.mark.parametrize("given", ["0", "1", "-1", "1e9", "1.5", "x", "", "99999999999999999", "%00"])
def test_no_limit_of_a_page_makes_an_error_of_the_server(schema: Any, given: str, tmp_path: Path) -> None:
    with serving(tmp_path, show("/paths/~1v1~1jobs/get/parameters/0/schema", schema)) as own:
        own.submit()
        for cursor in ("", "&after=x", "&after=1", "&after=a&after=b"):
            answer = own.http.get(f"/v1/jobs?limit={given}{cursor}", headers=KEY)
            assert answer.status_code in (200, 400), answer.text
        if given == "0" and schema.get("type") not in (None, "array"):
            assert own.http.get("/v1/jobs?limit=0", headers=KEY).json()["items"] == []


def test_a_file_without_a_rule_is_kept_where_an_answer_shows_it(tmp_path: Path) -> None:
    shown = both(
        show(f"{SUBMIT}/requestBody/content", FORM),
        behave("/operations/getJob/bindings/~1error", {"join": ["see ", {"fact": "upload.picture"}]}),
        behave("/operations/getJob/bindings/~1prompt", "request./prompt"),
        without(BEHAVIOR, "/webhooks"),
        without(BEHAVIOR, "/resources/job/results/picture/aspect"),
        *(show(f"/components/examples/{each}/value/error", "see it") for each in ("Queued", "Running")),
    )
    with serving(tmp_path, shown) as own:
        sent = {"files": {"picture": ("a.bin", b"12345")}, "data": {"prompt": "x"}, "headers": KEY}
        identity = own.http.post("/v1/jobs", **sent).json()["id"]
        url = own.show(identity)["error"].removeprefix("see ")
        assert own.http.get(url).content == b"12345"


def uploading(content: dict[str, Any]) -> Mutation:
    """Cancelling becomes an upload that takes these bodies."""
    at = "/paths/~1v1~1jobs~1{jobId}~1cancel/post"
    named = {"400": "BadRequest", "413": "TooLarge", "415": "UnsupportedBody"}
    return both(
        show(f"{at}/requestBody", {"required": True, "content": content}),
        *(show(f"{at}/responses/{s}", {"$ref": f"#/components/responses/{n}"}) for s, n in named.items()),
        behave("/operations/cancelJob", {"verb": "upload", "resource": "job", "to": "cancelled",
                                         "bindings": {"/id": "id"}}),
    )  # fmt: skip


def test_an_upload_may_be_a_form(tmp_path: Path) -> None:
    with serving(tmp_path, uploading(FORM)) as own:
        path = f"/v1/jobs/{own.submit().json()['id']}/cancel"
        sent = {"files": {"picture": ("a.bin", b"12345")}, "data": {"prompt": "x"}}
        assert own.http.post(path, data={"prompt": "x"}, headers=KEY).status_code in (400, 415)
        assert own.http.post(path, files={"other": b"x"}, data={"prompt": "x"}, headers=KEY).status_code == 400
        assert own.http.post(path, **sent, headers=KEY).status_code == 200
        assert own.show(path.split("/")[3])["status"] == "cancelled"


def test_an_upload_that_brings_no_bytes_is_named(tmp_path: Path) -> None:
    found = findings(tmp_path, uploading({"application/json": {"schema": {"type": "object"}}}))
    assert any("takes bytes" in each for each in found)


def test_what_a_poller_is_shown_again_is_what_the_job_shows_where_states_share_a_phase() -> None:
    steps = [("drafting", "running", 2.0), ("parked", "queued", 5.0), ("rendering", "running", 9.0)]
    plan = TimelinePlan(tuple(TimelineStep(*each) for each in steps), "completed", "success")
    changes, now = 0, 100.0
    while (shown := timeline.status(plan, 100.0, (), now)).ended is None:
        until = same_until(plan, 100.0, (), now, shown.progress)
        assert all(timeline.status(plan, 100.0, (), now + (until - now) * part / 4) == shown for part in range(5))
        assert timeline.status(plan, 100.0, (), until + 0.001) != shown
        changes, now = changes + 1, until + 0.001
    assert changes == 102  # each percent, and both changes of state within one
