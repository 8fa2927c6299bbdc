"""Answers without a body have none on the wire, and need no example; declared headers go out as they are shown."""

from __future__ import annotations

import http.client
from pathlib import Path
from typing import Any

import pytest
from check_kit import OPENAPI, Mutation, behave, both, show, without
from language_kit import SUBMIT, Served, findings, serving

SHOW = "/paths/~1v1~1jobs~1{jobId}/get"
CANCEL = "/paths/~1v1~1jobs~1{jobId}~1cancel/post"
KEY = {"X-API-Key": "demo-key"}
STATES = ("queued", "running", "succeeded", "failed", "cancelled")


def silent_cancel(status: int) -> Mutation:
    """Cancelling is answered with this status alone, whatever is found."""
    return both(
        show(f"{CANCEL}/responses/{status}", {"description": "Done"}),
        *(without(OPENAPI, f"{CANCEL}/responses/{each}") for each in ("200", "409") if each != str(status)),
        behave("/operations/cancelJob/bindings", {}),
    )


def three_on_one_connection(own: Served, method: str, path: str) -> list[tuple[int, bytes, str | None]]:
    """The same request twice, then one that has a body, over one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", own.running.port)
    found = []
    for verb, target in ((method, path), (method, path), ("GET", "/own/v1/jobs")):
        connection.request(verb, target, headers=KEY)
        answer = connection.getresponse()
        found.append((answer.status, answer.read(), answer.headers["content-length"]))
    connection.close()
    return found


@pytest.mark.parametrize("status", [202, 204, 205, 303])
def test_a_response_without_content_answers_every_state_with_no_body(status: int, tmp_path: Path) -> None:
    with serving(tmp_path, silent_cancel(status)) as own:
        identity = own.submit().json()["id"]
        first, second, last = three_on_one_connection(own, "POST", f"/own/v1/jobs/{identity}/cancel")
        length = None if status == 204 else "0"
        assert first == second == (status, b"", length)
        assert last[0] == 200
        assert own.show(identity)["status"] == "cancelled"


@pytest.mark.parametrize("status", ["204", "205"])
def test_an_example_under_a_status_without_a_body_says_when_and_is_not_sent(status: str, tmp_path: Path) -> None:
    queued = {"$ref": "#/components/examples/Queued"}
    content = {"application/json": {"schema": {}, "examples": {"queued": queued}}}
    moved = both(
        without(OPENAPI, f"{CANCEL}/responses/200"),
        show(f"{CANCEL}/responses/{status}", {"description": "Done", "content": content}),
        behave("/operations/cancelJob/bindings", {}),
    )
    with serving(tmp_path, moved) as own:
        identity = own.submit().json()["id"]
        first, second, last = three_on_one_connection(own, "POST", f"/own/v1/jobs/{identity}/cancel")
        assert first == (int(status), b"", None if status == "204" else "0")
        assert (second[0], last[0]) == (409, 200)


def test_a_job_may_be_shown_and_made_without_a_body(tmp_path: Path) -> None:
    silent = both(
        show(f"{SUBMIT}/responses", {status: {"$ref": f"#/components/responses/{n}"} for status, n in REFUSED.items()}),
        show(f"{SUBMIT}/responses/204", {"description": "Made", "headers": {"Location": {"schema": {}}}}),
        behave("/operations/submitJob/bindings", {"header.Location": {"join": ["/v1/jobs/", {"fact": "id"}]}}),
    )  # fmt: skip
    with serving(tmp_path, silent) as own:
        made = own.submit()
        assert (made.status_code, made.content) == (204, b"")
        assert not {"content-length", "content-type"} & set(made.headers)
        assert own.show(made.headers["location"].rpartition("/")[2])["status"] == "queued"


REFUSED = {
    "400": "BadRequest", "401": "Unauthorized", "403": "Deactivated", "413": "TooLarge", "415": "UnsupportedBody",
    "429": "RateLimited",
}  # fmt: skip


def test_a_declared_head_operation_needs_no_example(tmp_path: Path) -> None:
    document: dict[str, Any] = {
        "operationId": "hasJob",
        "responses": {
            "200": {"description": "There"},
            "401": {"$ref": "#/components/responses/Unauthorized"},
            "403": {"$ref": "#/components/responses/Deactivated"},
            "404": {"$ref": "#/components/responses/NotFound"},
            "429": {"$ref": "#/components/responses/RateLimited"},
        },
    }
    made = both(
        show("/paths/~1v1~1jobs~1{jobId}/head", document),
        behave("/operations/hasJob", {"verb": "show", "resource": "job"}),
    )
    with serving(tmp_path, made) as own:
        identity = own.submit().json()["id"]
        first, second, last = three_on_one_connection(own, "HEAD", f"/own/v1/jobs/{identity}")
        assert first == second
        assert first[:2] == (200, b"")
        assert three_on_one_connection(own, "HEAD", "/own/v1/jobs/x")[0][:2] == (404, b"")
        assert last[0] == 200


def test_of_two_silent_responses_each_says_what_it_answers(tmp_path: Path) -> None:
    two = both(
        silent_cancel(202),
        show(f"{CANCEL}/responses/204", {"description": "Gone", "x-answers": ["queued"]}),
    )
    with serving(tmp_path, two) as own:
        path = f"/v1/jobs/{own.submit().json()['id']}/cancel"
        assert [own.http.post(path, headers=KEY).status_code for _ in range(2)] == [204, 202]
    three = both(two, show(f"{CANCEL}/responses/205", {"description": "Gone"}))
    assert any("does not answer the state running" in each for each in findings(tmp_path / "three", three))


HEADERS = {
    "Retry-After": {"schema": {"type": "integer"}, "example": 5},
    "ETag": {"schema": {"type": "string"}, "example": '"1"'},
    "Content-Disposition": {"schema": {"type": "string"}, "example": "inline"},
    "Allow": {"schema": {"type": "string"}, "example": "GET"},
    "X-RateLimit-Remaining-Jobs": {"schema": {"type": "integer"}, "example": 3},
    "X-On": {"schema": {"type": "boolean"}, "example": True},
}


def test_each_declared_header_with_an_example_is_sent_once(tmp_path: Path) -> None:
    with serving(tmp_path, show(f"{SHOW}/responses/200/headers", HEADERS)) as own:
        answer = own.http.get(f"/v1/jobs/{own.submit().json()['id']}", headers=KEY)
        expected = {
            name: ["true" if node["example"] is True else str(node["example"])] for name, node in HEADERS.items()
        }
        assert {name: answer.headers.get_list(name) for name in HEADERS} == expected


def test_what_a_passed_limit_says_is_computed_and_not_what_the_example_shows(tmp_path: Path) -> None:
    limits = behave("/limits", [{"name": "few", "per": "ip", "operations": "*", "limit": 1, "window": 60}])
    with serving(tmp_path, limits) as own:
        own.http.get("/v1/jobs/x", headers=KEY)
        refused = own.http.get("/v1/jobs/x", headers=KEY)
        assert refused.status_code == 429
        assert refused.headers.get_list("retry-after") == ["60"]


@pytest.mark.parametrize("example", ["a\r\nb: c", "猫"])
def test_what_no_header_can_hold_is_named(example: str, tmp_path: Path) -> None:
    odd = show(f"{SHOW}/responses/200/headers", {"X-Odd": {"schema": {}, "example": example}})
    assert any("no header can hold" in each for each in findings(tmp_path, odd))
