"""A journal as HAR: its structure by the specification's words, and what a network panel shows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema
import pytest
from api_kit import receiving
from control_kit import PNG, WAV, Steered, steered, told

from mockserver.har import har
from mockserver.journal import JournalEntry

TEXT, NUMBER, INTEGER = {"type": "string"}, {"type": "number"}, {"type": "integer"}


def obj(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    """An object of HAR: only the specification's own names, or custom ones with an underscore."""
    return {
        "type": "object",
        "required": [*required],
        "properties": {**required, **optional, "comment": TEXT},
        "patternProperties": {"^_": {}},
        "additionalProperties": False,
    }


def many(item: Any) -> dict[str, Any]:
    return {"type": "array", "items": item}


PAIR = obj({"name": TEXT, "value": TEXT})
PARAMETER = obj({"name": TEXT}, value=TEXT, fileName=TEXT, contentType=TEXT)
REQUEST = obj(
    {
        "method": TEXT, "url": {"type": "string", "format": "uri"}, "httpVersion": TEXT, "cookies": many(PAIR),
        "headers": many(PAIR), "queryString": many(PAIR), "headersSize": INTEGER, "bodySize": INTEGER,
    },
    postData=obj({"mimeType": TEXT, "params": many(PARAMETER), "text": TEXT}),
)  # fmt: skip
RESPONSE = obj(
    {
        "status": INTEGER, "statusText": TEXT, "httpVersion": TEXT, "cookies": many(PAIR), "headers": many(PAIR),
        "content": obj({"size": INTEGER, "mimeType": TEXT}, compression=INTEGER, text=TEXT, encoding=TEXT),
        "redirectURL": TEXT, "headersSize": INTEGER, "bodySize": INTEGER,
    }
)  # fmt: skip
ENTRY = obj(
    {
        "startedDateTime": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"},
        "time": {"type": "number", "minimum": 0}, "request": REQUEST, "response": RESPONSE, "cache": obj({}),
        "timings": obj({"send": NUMBER, "wait": NUMBER, "receive": NUMBER}, blocked=NUMBER, dns=NUMBER, connect=NUMBER),
    },
    pageref=TEXT, serverIPAddress=TEXT, connection=TEXT,
)  # fmt: skip
LOG = obj(
    {"version": {"const": "1.2"}, "creator": obj({"name": TEXT, "version": TEXT}), "entries": many(ENTRY)},
    pages=many({}),
)
SPECIFIED = jsonschema.Draft202012Validator(obj({"log": LOG}))


@pytest.fixture(scope="module")
def control() -> Iterator[Steered]:
    with steered() as made:
        yield made


@pytest.fixture(scope="module")
def exported(control: Steered) -> Any:
    """The HAR of a sandbox in which about everything happened once."""
    path = control.sandbox(insecure_webhooks=True, limits=False)
    access = control.get(path)["apis"]["vidgen"]
    key = {"x-api-key": access["api_key"]}
    with receiving() as receiver:
        files = {"image": ("a.png", PNG, "image/png"), "audio": ("a.wav", WAV, "audio/wav")}
        sent = {"files": files, "data": {"webhookUrl": receiver.url}, "headers": key}
        job = told(control.ask("POST", f"{access['url']}/api/jobs", **sent), 201)["jobId"]
        told(control.ask("POST", f"{path}/clock/advance", json={"seconds": 60}), 200)
    done = control.get(f"{access['url']}/api/status/{job}", headers=key)
    assert control.ask("GET", done["outputVideo"]).status_code == 200
    control.ask("GET", f"{access['url']}/api/jobs?limit=0&status=PENDING%20x", headers=key)
    control.ask("PATCH", f"{access['url']}/api/jobs", content=b"{}")
    answer: httpx.Response = control.ask("GET", f"{path}/journal?format=har")
    assert answer.status_code == 200
    return answer.json()


def test_the_export_is_har_as_it_is_specified(exported: Any) -> None:
    SPECIFIED.validate(exported)
    assert exported["log"]["creator"]["name"] == "mockserver-kit"


def test_requests_stand_in_order_with_what_was_sent_and_answered(exported: Any) -> None:
    submit, status, video, refused, unrouted = exported["log"]["entries"]
    assert [each["response"]["status"] for each in (submit, status, video, refused, unrouted)] == [
        201,
        200,
        200,
        400,
        405,
    ]
    assert submit["request"]["url"].startswith("http://127.0.0.1:8000/@")
    assert submit["request"]["postData"]["mimeType"] == "multipart/form-data"
    assert json.loads(submit["request"]["postData"]["text"])["image"] == f"a.png (image/png, {len(PNG)} bytes)"
    assert submit["request"]["bodySize"] > len(PNG)
    assert json.loads(status["response"]["content"]["text"])["status"] == "COMPLETED"
    assert video["response"]["content"]["mimeType"] == "video/mp4"
    assert video["response"]["content"]["size"] > 10_000
    assert refused["request"]["queryString"] == [
        {"name": "limit", "value": "0"},
        {"name": "status", "value": "PENDING x"},
    ]
    assert refused["_violation"]["pointer"] == "/limit"
    assert {"name": "x-api-key", "value": "[redacted]"} in refused["request"]["headers"]
    assert unrouted["_example"] == "wrong_method"


def test_deliveries_stand_under_the_request_that_caused_them(exported: Any) -> None:
    submit, *others = exported["log"]["entries"]
    (delivery,) = submit["_webhooks"]
    assert (delivery["outcome"], delivery["status"]) == ("delivered", 200)
    assert "signature=[redacted]" in delivery["body"]
    assert not any("_webhooks" in each for each in others)


def test_the_export_can_be_filtered(control: Steered) -> None:
    path = control.sandbox()
    access = control.get(path)["apis"]["vidgen"]
    for _ in range(3):
        control.ask("GET", f"{access['url']}/api/health")
    assert len(control.get(f"{path}/journal?format=har&limit=2")["log"]["entries"]) == 2
    assert control.get(f"{path}/journal?format=har&operation=createJob")["log"]["entries"] == []
    assert len(control.get(f"{path}/journal?format=json")) == 3


@pytest.mark.parametrize(
    ("accept", "query", "form", "kind"),
    [
        ("application/har+json", "", "har", "application/har+json"),
        ("text/html, application/HAR+json;q=0.9, */*;q=0.1", "", "har", "application/har+json"),
        ("application/har+json", "?format=json", "json", "application/json"),
        ("application/har+json; q=0, */*", "", "json", "application/json"),
        ("*/*", "?format=har", "har", "application/json"),
        ("application/json", "", "json", "application/json"),
    ],
)
def test_har_can_be_asked_for_by_accept(control: Steered, accept: str, query: str, form: str, kind: str) -> None:
    path = control.sandbox()
    answer = control.ask("GET", f"{path}/journal{query}", headers={"accept": accept})
    assert ("har" if "log" in answer.json() else "json") == form
    assert (answer.headers["content-type"], answer.headers["vary"]) == (kind, "accept")


def test_an_entry_of_which_nothing_was_kept_is_still_har() -> None:
    bare = JournalEntry(1, 0.0, "request", "a", "b", "GET", "/x", 599)
    made = har([bare, JournalEntry(2, 0.0, "webhook", "a", "")], "https://mock.test:8443", {})
    SPECIFIED.validate(made)
    (entry,) = made["log"]["entries"]
    assert entry["request"]["url"] == "https://mock.test:8443/x"
    assert entry["response"]["statusText"] == ""


def test_a_body_that_was_cut_says_so(control: Steered) -> None:
    path = control.sandbox(limits=False)
    access = control.get(path)["apis"]["miraflow"]
    key = {"x-api-key": access["api_key"]}
    body = {"prompt": "a" * 3000, "name": "b" * 10}
    for _ in range(20):
        control.ask("POST", f"{access['url']}/api/image/generate", json=body, headers=key)
    control.ask(
        "POST",
        f"{access['url']}/api/image/generate",
        content=b'{"prompt": "' + b"x" * 9000,
        headers={**key, "content-type": "application/json"},
    )
    entries = control.get(f"{path}/journal?format=har")["log"]["entries"]
    assert len(entries[-1]["request"]["postData"]["text"]) == 4096
    assert entries[-1]["request"]["bodySize"] == 9012
