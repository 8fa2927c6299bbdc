"""Jobs whose state is told in odd ways, or asked for by POST: they live in the contract as they were seen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from archive_kit import archive, call, job
from cli_kit import call as run
from observed_kit import contract_in

from mockserver import start
from mockserver.check import check
from mockserver.observed import contract_of

ID, OTHER = "job_1a2b3c4d5e6f", "job_6f5e4d3c2b1a"
BODY = {"prompt": "a cat"}
PATH = f"/v1/jobs/{ID}"


def made(answer: Any, path: str = "/v1/jobs") -> dict[str, Any]:
    return call(0, "POST", path, 200, answer, body=BODY)


def polled(*answers: Any, method: str = "GET", path: str = PATH, body: Any = None) -> list[dict[str, Any]]:
    """Looks at a job, three seconds apart."""
    return [call(3 * n, method, path, 200, answer, body=body) for n, answer in enumerate(answers, 1)]


def numbered(state: int) -> dict[str, Any]:
    return {"id": ID, "status": state}


def wrapped(**more: Any) -> dict[str, Any]:
    return {"status": "success", "code": 200, "data": {"id": ID, **more}}


LIVES: dict[str, tuple[list[dict[str, Any]], str]] = {
    "posted, the id in the body": (
        [made({"task_id": ID}, "/v1/make"),
         *polled({"task_id": ID, "status": "running"}, {"task_id": ID, "status": "done"},
                 method="POST", path="/v1/status", body={"task_id": ID})], "running → done"),
    "posted, the id in the path": (
        [made(job("queued")), *polled(job("running"), job("done"), method="POST", path=f"{PATH}/poll", body={})],
        "queued → running → done"),
    "posted to a path that says nothing": (
        [made(job("queued")), *polled(job("running"), job("done"), method="POST", path="/v1/tell", body={"id": ID})],
        "queued → running → done"),
    "posted, with an id of each request": (
        [made({"request_id": "0b5fb3c5-3b1c-4a44-8d0b-000000000000", "data": {"job_id": "77312345"}}),
         *[call(n, "POST", "/v1/query", 200,
                {"request_id": f"0b5fb3c5-3b1c-4a44-8d0b-{n:012}", "data": {"job_id": "77312345", "state": state}},
                body={"job_id": "77312345"}) for n, state in ((2, "processing"), (9, "done"))]], "processing → done"),
    "a list of one": ([made([job("queued")]), *polled([job("running")], [job("done")])], "queued → running → done"),
    "a list of one below, asked for by a query": (
        [made({"data": [job("queued")]}),
         *polled({"data": [job("running")]}, {"data": [job("done")]}, path=f"/v1/jobs?id={ID}")],
        "queued → running → done"),
    "null at first": ([made(job(None)), *polled(job(None), job(None), job("done"))], "pending → done"),
    "nothing at first": ([made({"id": ID}), *polled({"id": ID}, job("done"))], "pending → done"),
    "null, and another is called pending": (
        [made(job(None)), *polled(job(None), job("pending"), job("done"))], "not_yet → pending → done"),
    "numbers": ([made(numbered(0)), *polled(numbered(1), numbered(2))], "state_0 → state_1 → state_2"),
    "below what always succeeds": (
        [made(wrapped()), *polled(wrapped(state="drawing frames"), wrapped(state="all good"))],
        "drawing_frames → all_good"),
    "in a list alone": (
        [made({"id": ID}), *polled({"jobs": [job("running")]}, {"jobs": [job("done")]}, path="/v1/jobs")],
        "running → done"),
    "once more, of another job in a list": (
        [made(job("queued")), *polled(job("running"), job("done")),
         call(12, "GET", "/v1/jobs", 200, {"jobs": [job("done"), job("failed", OTHER)]})],
        "queued → running → done → failed"),
    "a list that is behind": (
        [made(job("queued")), *polled(job("running"), job("done")),
         call(12, "GET", "/v1/jobs", 200, {"jobs": [job("running")]})], "queued → running → done"),
}  # fmt: skip


def passes(behavior: Any) -> str:
    (resource,) = behavior["resources"].values()
    return " → ".join(resource["states"])


@pytest.mark.parametrize("how", LIVES)
def test_a_job_passes_the_states_that_were_seen(how: str, tmp_path: Path) -> None:
    entries, chain = LIVES[how]
    behavior = contract_of(archive(*entries), "Acme").behavior
    assert passes(behavior) == chain
    assert [str(finding) for finding in check(contract_in(tmp_path, archive(*entries)))] == []
    assert not any(said["verb"] in ("move", "answer") for said in behavior["operations"].values())


def asked(entries: list[dict[str, Any]]) -> Iterator[tuple[str, str, Any]]:
    """Method, target and body of each request of a recording, that which creates first."""
    for entry in entries:
        request = entry["request"]
        text = request.get("postData", {}).get("text")
        yield request["method"], request["url"].partition(".example")[2], text


@pytest.mark.parametrize("how", [name for name in LIVES if "list" not in name or "of one" in name])
def test_the_same_client_sees_the_same_of_it(how: str, tmp_path: Path) -> None:
    """The id is another one; all else is as it was, at the same moments."""
    entries, _ = LIVES[how]
    folder = contract_in(tmp_path, archive(*entries))
    number = "77312345" if "each request" in how else ID
    with start(contracts=[folder], clock="manual") as running, httpx.Client(base_url=running.url + "/again") as client:
        new, at = number, "2001-09-09T01:46:40+00:00"
        for entry, (method, target, text) in zip(entries, asked(entries), strict=True):
            pause = 3.0 if entry["startedDateTime"] > at else 0.0
            if "each request" in how and pause:
                pause = 2.0 if entry is entries[1] else 7.0
            running.default.clock.advance(pause)
            answer = client.request(
                method, target.replace(number, new), content=text and text.replace(number, new),
                headers={"authorization": "Bearer demo-key", "content-type": "application/json"},
            )  # fmt: skip
            assert answer.status_code == 200, answer.text
            seen = entry["response"]["content"]["text"]
            if entry is entries[0]:
                found = httpx.Response(200, text=answer.text).json()
                new = str(_id_in(found))
            assert answer.json() == httpx.Response(200, text=seen.replace(number, new)).json()


def _id_in(value: Any) -> Any:
    """The id that an answer of what creates has."""
    if isinstance(value, list):
        return _id_in(value[0])
    for name in ("data", "id", "task_id", "job_id"):
        if name in value:
            return _id_in(value[name]) if isinstance(value[name], list | dict) else value[name]
    raise AssertionError(value)


def test_an_item_of_a_list_shows_a_state_that_nothing_else_showed() -> None:
    entries = [
        made(job("queued", error=None)), *polled(job("running", error=None), job("done", error=None)),
        call(12, "GET", "/v1/jobs", 200, {"jobs": [job("failed", OTHER, error="it went wrong")]}),
    ]  # fmt: skip
    document = contract_of(archive(*entries), "Acme").openapi
    examples = document["paths"]["/v1/jobs/{jobId}"]["get"]["responses"]["200"]["content"]["application/json"]
    assert examples["examples"]["failed"]["value"] == job("failed", OTHER, error="it went wrong")


def test_states_that_are_no_names_are_written_in_lists_as_they_were(tmp_path: Path) -> None:
    rows = {"jobs": [{"id": ID, "status": "all done", "n": 1}]}
    entries = [
        made(job("in queue")), *polled(job("being made"), job("all done")), call(12, "GET", "/v1/jobs", 200, rows),
    ]  # fmt: skip
    folder = contract_in(tmp_path, archive(*entries))
    assert [str(finding) for finding in check(folder)] == []
    with start(contracts=[folder], clock="manual") as running, httpx.Client(base_url=running.url + "/again/v1") as http:
        http.headers = {"authorization": "Bearer demo-key"}  # type: ignore[assignment]
        http.post("/jobs", json=BODY)
        assert http.get("/jobs").json()["jobs"][0]["status"] == "in queue"
        running.default.clock.advance(60)
        assert http.get("/jobs").json()["jobs"][0]["status"] == "all done"


def test_what_is_asked_of_one_path_by_a_word_is_told(tmp_path: Path) -> None:
    entries = [
        made({"task_id": ID}, "/?Action=Submit"),
        *polled({"task_id": ID, "status": "running"}, {"task_id": ID, "status": "done"}, method="POST",
                path="/?Action=Query", body={"task_id": ID}),
    ]  # fmt: skip
    notes = contract_of(archive(*entries), "Acme").notes
    assert any("Action" in meaning for _, meaning, _ in notes), notes
    assert [str(finding) for finding in check(contract_in(tmp_path, archive(*entries)))] == []


# --- what grows with each look


def logged(*lines: int) -> list[dict[str, Any]]:
    """A job that shows more lines of its log, and of its history, at each look."""
    states = ["queued", "running", "running", "running", "done"]
    shown = [
        job(state, logs=[{"at": n, "line": f"line {n}"} for n in range(most)], history=states[: k + 1])
        for k, (state, most) in enumerate(zip(states, lines, strict=True))
    ]
    return [made(shown[0]), *polled(*shown[1:])]


def test_what_grows_with_each_look_is_no_state_and_no_difference(tmp_path: Path) -> None:
    """A contract of one recording is verified against one of another, which had more lines."""
    for name, lines in (("seen", (0, 1, 3, 6, 8)), ("served", (0, 2, 5, 11, 17))):
        folder = contract_in(tmp_path / name, archive(*logged(*lines)))
        assert [str(finding) for finding in check(folder)] == []
        assert passes(contract_of(archive(*logged(*lines)), "Acme").behavior) == "queued → running → done"
    with start(contracts=[tmp_path / "served" / "again"], clock="x60") as running:
        done = run(
            "verify", "again", "--contracts", tmp_path / "seen", "--url", f"{running.url}/again", "--interval", "0.05"
        )
    assert done.exit_code == 0, done.output


# --- secrets in paths


def test_a_job_is_shown_below_a_token_of_the_path(tmp_path: Path) -> None:
    bot = "/bot123456789:AAF-abcDEF1234ghIkl-zyx57W2v1u"
    entries = [
        made({"id": 5001, "status": "pending"}, f"{bot}/send"),
        *polled({"id": 5001, "status": "sent"}, {"id": 5001, "status": "delivered"}, method="POST",
                path=f"{bot}/getStatus", body={"id": 5001}),
    ]  # fmt: skip
    behavior = contract_of(archive(*entries), "Acme").behavior
    assert passes(behavior) == "pending → sent → delivered"
    assert {said["verb"] for said in behavior["operations"].values()} == {"create", "show"}
    assert [str(finding) for finding in check(contract_in(tmp_path, archive(*entries)))] == []


def test_refusals_with_a_success_are_told() -> None:
    entries = [
        made(job("queued")), *polled(job("done")), call(12, "GET", "/v1/jobs/job_0f0f0f0f0f0f", 200, {"error": "none"}),
        call(13, "POST", "/v1/jobs", 200, {"error": "no prompt"}, body={}),
    ]  # fmt: skip
    notes = [(name, told) for name, told, _ in contract_of(archive(*entries), "Acme").notes if "no job" in told]
    assert [name for name, _ in notes] == ["createJobs", "getJob"]
