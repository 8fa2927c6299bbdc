"""Refusals of a recording are those of the same conditions; what nobody saw takes their form."""

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

ID, OTHER = "job_1a2b3c4d5e6f", "job_9z8y7x6w5v4u"
KEY, HOSTED = {"authorization": "Bearer demo-key"}, {"host": HOST}
WORDS = {"prompt": "a cat", "style": "oil"}
RUN = (
    call(0, "POST", "/v1/jobs", 201, job("waiting"), body=WORDS),
    call(2, "GET", f"/v1/jobs/{ID}", 200, job("rendering")),
    call(9, "GET", f"/v1/jobs/{ID}", 200, job("rendering")),
    call(11, "GET", f"/v1/jobs/{ID}", 200, job("done")),
)


def parts(entry: Any) -> tuple[int, Any]:
    return entry["response"]["status"], json.loads(entry["response"]["content"]["text"])


def without_key(entry: Any) -> Any:
    entry["request"]["headers"] = []
    return entry


class Served:
    """A server of the contract of some calls, which is sound."""

    def __init__(self, folder: Path, *entries: Any) -> None:
        self.folder = contract_in(folder, archive(*entries))
        assert [str(finding) for finding in check(self.folder)] == []
        self.document = json.loads((self.folder / "openapi.json").read_text())
        self.running = start(self.folder, clock="manual", hosts={HOST: "again"})
        self.http = httpx.Client(base_url=self.running.url, headers=HOSTED)

    def ask(self, method: str, path: str, key: Any = KEY, **more: Any) -> tuple[int, Any]:
        answer = self.http.request(method, path, headers=key, **more)
        return answer.status_code, answer.json() if answer.content else None

    def __enter__(self) -> Served:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()
        self.running.stop()


DETAIL = {"detail": [{"loc": ["body", "prompt"], "msg": "Field required", "type": "missing"}]}
WITHIN = call(40, "GET", "/v1/status?job=nobody", 404, {"error": "no such job"})
SEEN: dict[str, tuple[Any, tuple[Any, ...], dict[str, Any]]] = {
    "an id of nobody's": (
        call(40, "GET", "/v1/jobs/nobody", 404, {"error": "no such job"}), ("GET", "/v1/jobs/somebody"), {}
    ),
    "no key": (
        without_key(call(40, "GET", f"/v1/jobs/{ID}", 401, {"error": "who are you"})), ("GET", "/v1/jobs/x", {}), {}
    ),
    "no key, and 403": (
        without_key(call(40, "GET", f"/v1/jobs/{ID}", 403, {"error": "who are you"})), ("GET", "/v1/jobs/x", {}), {}
    ),
    "a wrong key, and 403": (
        call(40, "GET", f"/v1/jobs/{ID}", 403, {"error": "wrong"}, headers={"authorization": "Bearer y"}),
        ("GET", "/v1/jobs/x", {"authorization": "Bearer wrong"}), {},
    ),
    "a field that is missing": (
        call(40, "POST", "/v1/jobs", 400, {"error": {"code": "invalid", "message": "style is missing"}},
             body={"prompt": "a cat"}), ("POST", "/v1/jobs"), {"json": {"prompt": "a cat"}},
    ),
}  # fmt: skip


@pytest.mark.parametrize("why", SEEN)
def test_what_was_refused_is_refused_again_for_the_same_reason(why: str, tmp_path: Path) -> None:
    entry, asked, more = SEEN[why]
    with Served(tmp_path, *RUN, entry) as api:
        status, answer = api.ask(*asked, **more)
        wanted, shown = parts(entry)
        assert (status, answer.keys()) == (wanted, shown.keys())
        assert api.ask("POST", "/v1/jobs", json=WORDS)[0] == 201


def test_an_id_of_nobodys_may_stand_in_the_query(tmp_path: Path) -> None:
    shown = [call(at, "GET", f"/v1/status?job={ID}", 200, job(word)) for at, word in ((1, "waiting"), (9, "done"))]
    with Served(tmp_path, RUN[0], *shown, WITHIN) as api:
        assert api.ask("GET", "/v1/status?job=somebody") == (404, {"error": "no such job"})


def test_a_refusal_names_the_field_that_is_wrong_where_it_was_seen_to(tmp_path: Path) -> None:
    both = [
        call(40, "POST", "/v1/jobs", 422, DETAIL, body={"style": "oil"}),
        call(41, "POST", "/v1/jobs", 422, json.loads(json.dumps(DETAIL).replace("prompt", "style")),
             body={"prompt": "a cat"}),
    ]  # fmt: skip
    with Served(tmp_path, *RUN, *both) as api:
        for name in WORDS:
            status, answer = api.ask("POST", "/v1/jobs", json={each: "x" for each in WORDS if each != name})
            assert (status, answer["detail"][0]["loc"]) == (422, ["body", name])
            assert name in answer["detail"][0]["msg"]


def test_too_many_requests_are_those_that_were_too_many(tmp_path: Path) -> None:
    entries = [
        call(n, "POST", "/v1/jobs", 201, job("waiting", f"job_{n:012x}"), body=WORDS) for n in range(3)
    ] + [
        call(3, "POST", "/v1/jobs", 429, {"error": "slow down"}, body=WORDS,
             answered={"retry-after": "57", "x-error-code": "E17"}),
        call(70, "POST", "/v1/jobs", 201, job("waiting", "job_00000000000f"), body=WORDS),
    ]  # fmt: skip
    made = contract_of(archive(*entries), "Acme")
    assert made.behavior["limits"] == [
        {"name": "requests", "per": "account", "operations": ["createJobs"], "limit": 3, "window": 60}
    ]
    assert ("createJobs: limit", "3 in 60 s, assumed: so many were taken before one was refused",
            "the number, the seconds, what else counts") in made.notes  # fmt: skip
    with Served(tmp_path, *entries) as api:
        assert [api.ask("POST", "/v1/jobs", json=WORDS)[0] for _ in range(4)] == [201, 201, 201, 429]
        answer = api.http.post("/v1/jobs", headers=KEY, json=WORDS)
        assert (answer.json(), answer.headers["x-error-code"]) == ({"error": "slow down"}, "E17")
        api.running.default.clock.advance(61)
        assert api.ask("POST", "/v1/jobs", json=WORDS)[0] == 201


def test_a_second_job_is_one_too_many_whatever_the_status_is(tmp_path: Path) -> None:
    busy = call(3, "POST", "/v1/jobs", 429, {"error": "one at a time"}, body=WORDS)
    with Served(tmp_path, *RUN[:2], busy, *RUN[2:]) as api:
        assert [api.ask("POST", "/v1/jobs", json=WORDS)[0] for _ in range(2)] == [201, 429]
        api.running.default.clock.advance(60)
        assert api.ask("POST", "/v1/jobs", json=WORDS)[0] == 201


MADE_UP = {
    "a code and a message": ({"error": {"code": "not_found", "message": "no"}}, ("error", "code"), "rate_limited"),
    "in upper case": ({"code": "NOT_FOUND", "message": "no"}, ("code",), "RATE_LIMITED"),
    "as names of classes": ({"type": "NotFound", "message": "no"}, ("type",), "RateLimited"),
    "with hyphens": ({"error": "not-found", "message": "no"}, ("error",), "rate-limited"),
    "a problem document": ({"title": "Not found", "detail": "no", "status": 404}, ("title",), "Too Many Requests"),
}  # fmt: skip


@pytest.mark.parametrize("how", MADE_UP)
def test_what_nobody_saw_has_the_form_of_what_was_seen(how: str) -> None:
    body, place, word = MADE_UP[how]
    made = contract_of(archive(*RUN, call(40, "GET", "/v1/jobs/nobody", 404, body)), "Acme")
    response = made.openapi["x-responses"]["429"]["content"]["application/json"]
    example = response["examples"]["rate_limited"]
    shown = example["value"]
    for name in place:
        shown = shown[name]
    assert (shown, example["x-evidence"]) == (word, "assumed")
    assert "no" not in json.dumps(example["value"]).split('"')


def test_what_says_why_is_the_form_and_not_what_looks_like_a_job() -> None:
    odd = call(40, "GET", "/v1/jobs/nobody", 404, {"id": "nobody", "status": "unknown", "result": None})
    plain = without_key(call(41, "GET", f"/v1/jobs/{ID}", 401, {"code": "no_key", "message": "no"}))
    made = contract_of(archive(*RUN, odd, plain), "Acme")
    shown = made.openapi["x-responses"]["405"]["content"]["application/json"]["examples"]["wrong_method"]["value"]
    assert shown == {"code": "wrong_method", "message": "The method is not allowed"}


def test_a_move_that_nobody_tried_too_late_says_so() -> None:
    moved = [
        call(20, "POST", "/v1/jobs", 201, job("waiting", OTHER), body=WORDS),
        call(21, "POST", f"/v1/jobs/{OTHER}/cancel", 200, job("cancelled", OTHER)),
        call(22, "GET", f"/v1/jobs/{OTHER}", 200, job("cancelled", OTHER)),
        call(40, "POST", "/v1/jobs", 422, {"code": "invalid", "message": "style is missing"}, body={"prompt": "x"}),
    ]
    made = contract_of(archive(*RUN, *moved), "Acme")
    responses = made.openapi["paths"]["/v1/jobs/{jobId}/cancel"]["post"]["responses"]
    shown = responses["409"]["content"]["application/json"]["examples"]["done"]["value"]
    assert shown == {"code": "conflict", "message": "It is too late for that"}


def test_refusals_that_no_operation_can_give_are_left_out() -> None:
    made = contract_of(archive(*RUN), "Acme")
    names = {
        name
        for response in made.openapi["x-responses"].values()
        for name in response["content"]["application/json"]["examples"]
    }
    assert not names & {"invalid_client", "unsupported_grant_type", "bad_signature", "expired_link"}
    assert {"missing_key", "unknown_key", "not_found", "bad_request"} <= names
