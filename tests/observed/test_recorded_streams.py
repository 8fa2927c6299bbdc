"""Answers that are streams in a recording: what they tell of a job, and where they tell nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from archive_kit import HOST, archive, call, job
from observed_kit import contract_in

from mockserver import start
from mockserver.check import check
from mockserver.observed import contract_of
from mockserver.validation.events import events_of

ID, OTHER = "job_1a2b3c4d5e6f", "job_9z8y7x6w5v4u"
KEY = {"authorization": "Bearer demo-key", "host": HOST}
EVENTS, LINES = "text/event-stream", "application/x-ndjson"
URL = "https://cdn.example/a.mp4"
MADE = call(0, "POST", "/v1/jobs", 201, job("waiting", progress=0), body={"prompt": "a cat"})
SHOWN = call(20, "GET", f"/v1/jobs/{ID}", 200, job("done", progress=100, url=URL))
PASSED = [
    ("", job("waiting", progress=0)), ("", job("rendering", progress=0)), ("", job("rendering", progress=25)),
    ("", job("rendering", progress=50)), ("", job("rendering", progress=75)), ("", job("done", progress=100, url=URL)),
]  # fmt: skip


def stream(
    told: list[tuple[str, Any]], media: str = EVENTS, *, method: str = "GET", path: str = f"/v1/jobs/{ID}/events",
    body: Any = None,
) -> Any:  # fmt: skip
    """An answer that takes ten seconds; what is no JSON is told as it is."""
    texts = [(name, each if isinstance(each, str) else json.dumps(each)) for name, each in told]
    if media == EVENTS:
        text = "".join((f"event: {name}\n" if name else "") + f"data: {each}\n\n" for name, each in texts)
    else:
        text = "".join(f"{each}\n" for _, each in texts)
    made = call(1, method, path, 200, text, media=media, body=body)
    made["response"]["content"]["text"] = text
    return {**made, "time": 10_000}


class Told:
    """A server of the contract of some calls: what its stream tells of a job from the beginning to the end."""

    def __init__(self, folder: Path, *entries: Any) -> None:
        self.folder = contract_in(folder, archive(*entries))
        assert [str(finding) for finding in check(self.folder)] == []
        self.behavior = json.loads((self.folder / "behavior.json").read_text())

    def told(self, media: str = EVENTS) -> list[tuple[str, Any]]:
        with start(self.folder, clock="manual", hosts={HOST: "again"}) as running:
            with httpx.Client(base_url=running.url, headers=KEY) as http:
                made = http.post("/v1/jobs", json={"prompt": "a cat"}).json()["id"]
                running.default.clock.advance(60)
                behind = {"last-event-id": "0"} if media == EVENTS else {}
                answer = http.get(f"/v1/jobs/{made}/events", headers=behind)
            assert answer.headers["content-type"].partition(";")[0] == media
            found = events_of(answer.text, are_lines=media != EVENTS)
            return [(each.name, {**json.loads(each.data), "id": ID}) for each in found]


def test_events_tell_the_states_that_they_were_seen_to_tell(tmp_path: Path) -> None:
    found = Told(tmp_path, MADE, stream(PASSED), SHOWN)
    assert found.behavior["operations"]["getJobsEvents"]["verb"] == "stream"
    assert found.behavior["operations"]["getJobsEvents"]["every"] == 25
    assert found.behavior["resources"]["job"]["run"]["running"] == {"fixed": pytest.approx(8, abs=1)}
    told = found.told()
    assert [(name, each["status"], each["progress"]) for name, each in told] == [
        ("", "waiting", 0), ("", "rendering", 0), ("", "rendering", 25), ("", "rendering", 50), ("", "rendering", 75),
        ("", "done", 100),
    ]  # fmt: skip
    assert told[-1][1]["url"].startswith("http")


def test_lines_of_json_that_tell_states_are_a_stream(tmp_path: Path) -> None:
    found = Told(tmp_path, MADE, stream(PASSED, LINES), SHOWN)
    assert [each["status"] for _, each in found.told(LINES)] == ["done"]
    assert "events" not in found.behavior["operations"]["getJobsEvents"]


def test_lines_of_json_that_tell_none_are_a_file(tmp_path: Path) -> None:
    rows = stream([("", {"custom_id": "a", "n": 1}), ("", {"custom_id": "b", "n": 2})], "application/jsonl")
    found = Told(tmp_path, MADE, SHOWN, {**rows, "startedDateTime": SHOWN["startedDateTime"]})
    assert found.behavior["operations"]["downloadJobsEvents"]["verb"] == "content"


def test_names_of_events_tell_states_where_nothing_else_does(tmp_path: Path) -> None:
    told = [
        ("job.started", {"id": ID}), ("log", {"id": ID, "line": "Sampling"}), ("job.completed", {"id": ID, "url": URL})
    ]  # fmt: skip
    shown = [
        call(at, "GET", f"/v1/jobs/{ID}", 200, job(status))
        for at, status in ((2, "waiting"), (5, "rendering"), (8, "rendering"), (12, "done"))
    ]
    found = Told(tmp_path, MADE, stream(told), *shown)
    names = [(name, each.get("line")) for name, each in found.told()]
    assert names == [("job.started", None), ("log", "Sampling"), ("job.completed", None)]


def test_a_state_with_all_lines_of_its_log_is_no_line_of_it(tmp_path: Path) -> None:
    told = [(name, {**each, "logs": [{"message": "Sampling"}]}) for name, each in PASSED]
    found = Told(tmp_path, MADE, stream(told), SHOWN)
    assert "log" not in found.behavior["resources"]["job"]["run"]
    assert "log" not in json.dumps(found.behavior["operations"]["getJobsEvents"])


def test_a_creation_that_streams_is_one_with_a_stream(tmp_path: Path) -> None:
    run = stream(PASSED, method="POST", path="/v1/jobs/run", body={"prompt": "a cat"})
    found = Told(tmp_path, run, SHOWN)
    assert found.behavior["operations"]["createJobsRun"]["verb"] == "create"
    assert found.behavior["operations"]["createJobsRun"]["stream"] == {
        "every": 25, "events": {"waiting": "", "rendering": "", "done": "", "progress": ""},
    }  # fmt: skip
    with (
        start(found.folder, clock="x600", hosts={HOST: "again"}) as running,
        httpx.Client(base_url=running.url, headers=KEY, timeout=60) as http,
    ):
        answer = http.post("/v1/jobs/run", json={"prompt": "a cat"})
        last = json.loads([*events_of(answer.text)][-1].data)
        assert (last["status"], last["progress"]) == ("done", 100)
        assert http.get(f"/v1/jobs/{last['id']}").json()["status"] == "done"


def test_what_streams_and_creates_nothing_always_answers_the_same(tmp_path: Path) -> None:
    told = [("", {"id": "chunk-1", "text": "Hello"}), ("", {"id": "chunk-1", "text": " there"}), ("", "[DONE]")]
    asked = stream(told, method="POST", path="/v1/chat", body={"stream": True})
    found = Told(tmp_path, MADE, SHOWN, asked)
    assert found.behavior["operations"]["createChat"] == {"verb": "answer"}
    with start(found.folder, hosts={HOST: "again"}) as running, httpx.Client(base_url=running.url, headers=KEY) as http:
        answer = http.post("/v1/chat", json={"stream": True})
    assert answer.headers["content-type"].startswith(EVENTS)
    assert [each.data for each in events_of(answer.text)][-1] == "[DONE]"


def test_a_stream_beside_another_answer_is_left_out_and_told() -> None:
    both = stream(PASSED, path=f"/v1/jobs/{ID}")
    made = contract_of(archive(MADE, both, SHOWN), "Acme")
    assert made.behavior["operations"]["getJob"]["verb"] == "show"
    assert [row for row in made.notes if "left out" in row[1]] == [
        ("GET /v1/jobs/{jobId}", "answers with a stream, too, which is left out",
         "an operation of its own for that, with the verb stream"),
    ]  # fmt: skip


def test_no_secret_of_an_event_gets_into_the_contract() -> None:
    told = [*PASSED[:2], ("", job("rendering", session_token="TopSecret-1234567")), *PASSED[2:]]
    for entries in ((MADE, stream(told), SHOWN), (stream(told, method="POST", path="/v1/chat", body={}), MADE, SHOWN)):
        made = contract_of(archive(*entries), "Acme")
        assert "TopSecret" not in json.dumps([made.openapi, made.behavior])
