"""What is made of calls that were seen: each rule with a few calls of its own, served and asked."""

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
from mockserver.errors import UsageError
from mockserver.observed import contract_of

ID, OTHER = "job_1a2b3c4d5e6f", "job_9z8y7x6w5v4u"
KEY = {"authorization": "Bearer demo-key"}
RUN = (
    call(0, "POST", "/v1/jobs", 201, job("waiting"), body={"prompt": "a cat"}),
    call(1, "GET", f"/v1/jobs/{ID}", 200, job("waiting")),
    call(3, "GET", f"/v1/jobs/{ID}", 200, job("rendering")),
    call(9, "GET", f"/v1/jobs/{ID}", 200, job("rendering")),
    call(11, "GET", f"/v1/jobs/{ID}", 200, job("done", url="https://cdn.example/a.mp4")),
)
FAILED = (
    call(20, "POST", "/v1/jobs", 201, job("waiting", OTHER), body={"prompt": "a dog"}),
    call(22, "GET", f"/v1/jobs/{OTHER}", 200, job("rendering", OTHER)),
    call(30, "GET", f"/v1/jobs/{OTHER}", 200, job("failed", OTHER, error="No dogs are allowed")),
)


class Played:
    """A server of the contract of some calls; `ask` gives status and JSON."""

    def __init__(self, folder: Path, *entries: Any) -> None:
        self.folder = contract_in(folder, archive(*entries))
        assert [str(finding) for finding in check(self.folder)] == []
        self.running = start(self.folder, clock="manual", hosts={HOST: "again"})
        self.http = httpx.Client(base_url=self.running.url, headers={**KEY, "host": HOST})

    def ask(self, method: str, path: str, **more: Any) -> tuple[int, Any]:
        answer = self.http.request(method, path, **more)
        return answer.status_code, answer.json() if answer.content else None

    def wait(self, seconds: float) -> None:
        self.running.default.clock.advance(seconds)

    def __enter__(self) -> Played:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()
        self.running.stop()


def behavior(*entries: Any) -> Any:
    return contract_of(archive(*entries), "Acme").behavior


def test_jobs_settle_by_time_and_not_by_how_often_they_are_asked_for(tmp_path: Path) -> None:
    with Played(tmp_path, *RUN) as api:
        made = api.ask("POST", "/v1/jobs", json={"prompt": "a cow"})[1]["id"]
        path = f"/v1/jobs/{made}"
        assert {api.ask("GET", path)[1]["status"] for _ in range(30)} == {"waiting"}
        api.wait(2.1)  # it changed between 1 and 3
        assert {api.ask("GET", path)[1]["status"] for _ in range(30)} == {"rendering"}
        api.wait(8)  # and between 9 and 11
        assert api.ask("GET", path)[1]["status"] == "done"
        other = api.ask("POST", "/v1/jobs", json={"prompt": "a cow"})[1]["id"]
        api.wait(10.1)
        assert api.ask("GET", f"/v1/jobs/{other}")[1]["status"] == "done"  # asked for once


def test_states_are_named_and_timed_as_they_were_seen() -> None:
    resource = behavior(*RUN)["resources"]["job"]
    assert resource["id"] == {"prefix": "job_", "form": "hex", "length": 12}
    assert resource["states"] == {
        "waiting": {"phase": "queued"}, "rendering": {"phase": "running"}, "done": {"end": "success"},
    }  # fmt: skip
    assert resource["run"] == {"queued": {"fixed": 2}, "running": {"fixed": 8}, "outcomes": {"done": 1}}


def test_jobs_that_took_differently_long_take_as_long_as_any_of_them() -> None:
    second = [
        call(40, "POST", "/v1/jobs", 201, job("waiting", OTHER), body={"prompt": "a cat"}),
        call(45, "GET", f"/v1/jobs/{OTHER}", 200, job("waiting", OTHER)),
        call(47, "GET", f"/v1/jobs/{OTHER}", 200, job("rendering", OTHER)),
        call(51, "GET", f"/v1/jobs/{OTHER}", 200, job("done", OTHER)),
    ]
    run = behavior(*RUN, *second)["resources"]["job"]["run"]
    assert (run["queued"], run["running"]) == ({"uniform": [2, 6]}, {"uniform": [3, 8]})


def test_what_only_requests_of_failed_jobs_said_orders_the_failure(tmp_path: Path) -> None:
    with Played(tmp_path, *RUN, *FAILED) as api:
        for prompt, end, error in (("a dog", "failed", "No dogs are allowed"), ("a cow", "done", None)):
            made = api.ask("POST", "/v1/jobs", json={"prompt": prompt})[1]["id"]
            api.wait(60)
            shown = api.ask("GET", f"/v1/jobs/{made}")[1]
            assert (shown["status"], shown.get("error")) == (end, error)


def test_what_shows_progress_runs_whatever_its_name_says() -> None:
    entries = [
        call(0, "POST", "/v1/jobs", 201, job("pending", progress=0), body={"prompt": "a cat"}),
        call(2, "GET", f"/v1/jobs/{ID}", 200, job("pending", progress=40)),
        call(4, "GET", f"/v1/jobs/{ID}", 200, job("done", progress=100)),
    ]
    made = behavior(*entries)
    assert made["resources"]["job"]["run"] == {"running": {"fixed": 3}, "outcomes": {"done": 1}}
    assert made["operations"]["getJob"]["bindings"]["/progress"] == "progress"


REFUSED = {
    "an id of nobody's": (call(50, "GET", "/v1/jobs/nobody", 404, {"code": 9}), ("GET", "/v1/jobs/somebody"), {}),
    "a field that is missing": (
        call(50, "POST", "/v1/jobs", 422, {"error": "prompt is missing"}, body={}), ("POST", "/v1/jobs"), {"json": {}},
    ),
    "a value": (
        call(50, "POST", "/v1/jobs", 402, {"error": "too dear"}, body={"prompt": "a palace"}), ("POST", "/v1/jobs"),
        {"json": {"prompt": "a palace"}},
    ),
    "a value that is empty": (
        call(50, "POST", "/v1/jobs", 400, {"error": "empty"}, body={"prompt": ""}), ("POST", "/v1/jobs"),
        {"json": {"prompt": ""}},
    ),
    "a path that nobody knows": (call(50, "GET", "/v2", 404, {"no": "way"}), ("GET", "/v3"), {}),
}  # fmt: skip


@pytest.mark.parametrize("why", REFUSED)
def test_what_was_refused_is_refused_again_in_the_same_form(why: str, tmp_path: Path) -> None:
    entry, asked, more = REFUSED[why]
    with Played(tmp_path, *RUN, entry) as api:
        status, answer = api.ask(*asked, **more)
        assert status == entry["response"]["status"]
        assert answer.keys() == json.loads(entry["response"]["content"]["text"]).keys()
        assert api.ask("POST", "/v1/jobs", json={"prompt": "a cat"})[0] == 201


def test_a_move_leads_where_it_was_seen_to_and_is_refused_where_it_was(tmp_path: Path) -> None:
    entries = [
        call(40, "POST", f"/v1/jobs/{ID}/cancel", 409, {"error": "too late"}),
        call(50, "POST", "/v1/jobs", 201, job("waiting", OTHER), body={"prompt": "a cat"}),
        call(51, "POST", f"/v1/jobs/{OTHER}/cancel", 200, job("stopped", OTHER)),
        call(52, "GET", f"/v1/jobs/{OTHER}", 200, job("stopped", OTHER)),
    ]
    with Played(tmp_path, *RUN, *entries) as api:
        made = api.ask("POST", "/v1/jobs", json={"prompt": "a cat"})[1]["id"]
        assert api.ask("POST", f"/v1/jobs/{made}/cancel")[0] == 200
        api.wait(60)
        assert api.ask("GET", f"/v1/jobs/{made}")[1]["status"] == "stopped"
        other = api.ask("POST", "/v1/jobs", json={"prompt": "a cat"})[1]["id"]
        api.wait(60)
        assert api.ask("POST", f"/v1/jobs/{other}/cancel") == (409, {"error": "too late"})


def test_one_job_at_a_time_where_a_second_one_was_refused(tmp_path: Path) -> None:
    busy = call(2, "POST", "/v1/jobs", 409, {"error": "busy"}, body={"prompt": "a cat"})
    with Played(tmp_path, *RUN, busy) as api:
        assert [api.ask("POST", "/v1/jobs", json={"prompt": "a cat"})[0] for _ in range(2)] == [201, 409]
        api.wait(60)
        assert api.ask("POST", "/v1/jobs", json={"prompt": "a cat"})[0] == 201


def test_a_download_at_another_host_is_a_result_of_its_kind() -> None:
    got = call(12, "GET", "/a.mp4", 200, "bytes", media="video/mp4", host="cdn.example")
    made = behavior(*RUN, got)
    assert made["resources"]["job"]["results"] == {"video": {"make": "video", "file": "video.mp4"}}
    assert made["operations"]["getJob"]["bindings"]["/url"] == "result.video"


@pytest.mark.parametrize(
    ("headers", "style", "window"),
    [
        ({"x-ratelimit-limit": "60", "x-ratelimit-remaining": "59", "x-ratelimit-reset": "1000000085"}, "legacy", 60),
        ({"ratelimit-limit": "60", "ratelimit-policy": "60;w=10"}, "draft-6", 10),
        ({"ratelimit": "limit=60, remaining=5, reset=8", "ratelimit-policy": "60;w=300"}, "draft-7", 300),
        ({"ratelimit": '"a"; r=5; t=8', "ratelimit-policy": '"a"; q=60; w=3600'}, "draft-8", 3600),
        ({"ratelimit": '"a";r=5;t=8', "ratelimit-policy": '"a";q=60;w=3600'}, "draft-11", 3600),
    ],
)
def test_limits_are_those_that_headers_tell(headers: dict[str, str], style: str, window: int) -> None:
    made = behavior(*RUN, call(40, "GET", f"/v1/jobs/{ID}", 200, job("done"), answered=headers))
    assert made["limit_headers"] == style
    assert [(row["limit"], row["window"]) for row in made["limits"]] == [(60, window)]


STATES = {
    "a flag": ({"id": ID, "done": False}, {"id": ID, "done": True}, 200),
    "a value that comes": ({"id": ID, "output": None}, {"id": ID, "output": {"a": 1}}, 200),
    "a status of HTTP": ({"id": ID}, {"id": ID}, 202),
}


@pytest.mark.parametrize("how", STATES)
def test_an_end_is_told_by_other_things_than_a_word(how: str, tmp_path: Path) -> None:
    before, after, status = STATES[how]
    entries = [
        call(0, "POST", "/v1/jobs", 202, {"id": ID}, body={"prompt": "a cat"}),
        call(1, "GET", f"/v1/jobs/{ID}", status, before),
        call(5, "GET", f"/v1/jobs/{ID}", 200, after),
    ]
    with Played(tmp_path, *entries) as api:
        made = api.ask("POST", "/v1/jobs", json={"prompt": "a cat"})[1]["id"]
        shown = [api.ask("GET", f"/v1/jobs/{made}")]
        api.wait(4)
        shown.append(api.ask("GET", f"/v1/jobs/{made}"))
    assert [each[0] for each in shown] == [status, 200]
    assert [{**each[1], "id": ID} for each in shown] == [before, after]


def test_no_secret_of_an_archive_that_others_wrote_gets_into_the_contract() -> None:
    entries = [
        call(
            0,
            "POST",
            "/v1/jobs?api_key=TopSecret123",
            201,
            {**job("waiting"), "said": "TopSecret123"},
            body={"prompt": "a"},
        ),
        call(1, "GET", f"/v1/jobs/{ID}", 200, {**job("done"), "session_token": "AnotherSecret456"}),
    ]
    made = contract_of(archive(*entries), "Acme")
    text = json.dumps([made.openapi, made.behavior])
    assert "TopSecret123" not in text
    assert "AnotherSecret456" not in text


ODD: list[Any] = [
    None, 7, {}, {"request": {}}, {"startedDateTime": "yesterday", "request": {"method": "GET", "url": "https://a/"}},
    {**RUN[0], "startedDateTime": 5}, {**RUN[0], "response": None},
    {**RUN[0], "request": {"url": "https://[::1", "method": "GET"}},
    {**RUN[1], "response": {"status": "200", "content": {"text": "x", "encoding": "base64", "mimeType": "a/json"}}},
    {**RUN[1], "response": {"status": 200, "headers": [{}], "content": {"text": "[" * 99_999, "mimeType": "a/json"}}},
    call(3, "GET", "/v1/odd", 200, {"a": "https://[bad", "b": "\ud800", "c": [[[{}]]], "d": 10**30}),
    call(3, "GET", "/v1/{odd}/a.b/%7B", 200, {"status": "running"}),
    call(3, "POST", "/", 200, []), call(4, "DELETE", "/v1/x", 204),
]  # fmt: skip


@pytest.mark.parametrize("odd", range(len(ODD)))
def test_what_is_odd_in_an_archive_does_no_harm_to_the_rest(odd: int, tmp_path: Path) -> None:
    folder = contract_in(tmp_path, archive(ODD[odd], *RUN))
    assert [str(finding) for finding in check(folder)] == []
    assert json.loads((folder / "behavior.json").read_text())["operations"]["createJobs"]["verb"] == "create"


def test_an_archive_without_an_api_is_refused_in_a_sentence() -> None:
    with pytest.raises(UsageError, match="the recording has no entries"):
        contract_of(archive(), "Acme")
    with pytest.raises(UsageError, match=r"no answers of other\.example; hosts in it: api\.acme\.example"):
        contract_of(archive(*RUN), "Acme", "other.example")


def test_of_what_a_form_says_answers_tell_whether_it_is_a_number(tmp_path: Path) -> None:
    entries = []
    for number, (amount, order) in enumerate(((1100, "6735"), (2200, "6736"))):
        name = f"job_1a2b3c4d5e6{number}"
        made = job("waiting", name, amount=amount, metadata={"order": order}, code="007")
        posted = call(number, "POST", "/v1/jobs", 201, made)
        form = f"amount={amount}&metadata%5Border%5D={order}&code=007"
        posted["request"]["postData"] = {"mimeType": "application/x-www-form-urlencoded", "text": form}
        entries += [posted, call(number + 9, "GET", f"/v1/jobs/{name}", 200, {**made, "status": "done"})]
    with Played(tmp_path, *sorted(entries, key=lambda each: str(each["startedDateTime"]))) as api:
        status, made = api.ask("POST", "/v1/jobs", data={"amount": "5", "metadata[order]": "12", "code": "008"})
        assert status == 201
        assert (made["amount"], made["metadata"], made["code"]) == (5, {"order": "12"}, "008")
