"""The same calls as different tools save them, between what else these save: the contract is the same."""

from __future__ import annotations

import base64
import copy
import gzip
import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from archive_kit import HOST, archive, call, job
from cli_kit import call as run

from mockserver.observed import contract_of
from mockserver.observed.left import NO_ANSWER, UNCHANGED

ID = "job_1a2b3c4d5e6f"
Entries = list[dict[str, Any]]
BODY = {"prompt": "a cat", "size": 512}
RUN = [
    call(0, "POST", "/v1/jobs", 201, job("queued", prompt="a cat"), body=BODY),
    call(3, "GET", f"/v1/jobs/{ID}", 200, job("running", prompt="a cat")),
    call(9, "GET", f"/v1/jobs/{ID}", 200, job("done", prompt="a cat", url="https://cdn.acme.example/a/video.mp4")),
    call(10, "GET", "/a/video.mp4", 200, "bytes", media="video/mp4", host="cdn.acme.example"),
    call(11, "GET", "/v1/jobs", 200, {"jobs": [job("done", prompt="a cat")]}),
    call(12, "GET", f"/v1/jobs/{ID[:-1]}0", 404, {"error": "not found"}),
]


def plain() -> Entries:
    return copy.deepcopy(RUN)


def in_base64(entry: dict[str, Any], *, is_gzip: bool = False) -> None:
    content = entry["response"]["content"]
    data = content["text"].encode()
    content |= {"encoding": "base64", "text": base64.b64encode(gzip.compress(data) if is_gzip else data).decode()}


def chrome() -> Entries:
    """HTTP/2 with its pseudo headers, preflights, what was blocked, blobs, pictures, answers out of the cache."""
    made: Entries = []
    for entry in plain():
        request, response = entry["request"], entry["response"]
        path = request["url"].partition(".example")[2]
        pseudo = {":authority": HOST, ":method": request["method"], ":path": path, ":scheme": "https"}
        request["headers"] += [{"name": name, "value": value} for name, value in pseudo.items()]
        request |= {"httpVersion": "http/2.0", "cookies": [], "queryString": [], "headersSize": -1, "bodySize": -1}
        response |= {"httpVersion": "http/2.0", "_transferSize": 100, "_error": None, "redirectURL": ""}
        entry |= {"_initiator": {"type": "script"}, "_priority": "High", "_resourceType": "fetch", "connection": "443"}
        asked = {**entry, "request": {**request, "method": "OPTIONS"}, "response": {**response, "status": 204}}
        made += [asked, entry]
    last = made[-1]
    made.append({**last, "response": {"status": 0, "headers": [], "content": {"size": 0, "mimeType": "x-unknown"}}})
    made.append({**last, "request": {**last["request"], "url": "blob:https://app.example/1"}})
    made.append({**last, "request": {**last["request"], "url": "data:image/png;base64,AAAA"}})
    made.append({**last, "request": {**last["request"], "url": f"wss://{HOST}/socket"}, "_webSocketMessages": []})
    nothing_new = {"status": 304, "headers": [], "content": {"size": 0, "mimeType": "application/json"}}
    made.append({**made[3], "response": nothing_new, "startedDateTime": made[5]["startedDateTime"]})
    return made


def firefox() -> Entries:
    """Local time, media types with parameters, names of headers in capitals, timings that are none."""
    made = plain()
    for entry in made:
        at = datetime.fromisoformat(entry["startedDateTime"]).astimezone(timezone(timedelta(hours=2)))
        entry |= {
            "startedDateTime": at.isoformat(timespec="milliseconds"),
            "pageref": "page_1",
            "timings": {"wait": -1},
        }
        content = entry["response"]["content"]
        content["mimeType"] += "; charset=utf-8" * bool(content["mimeType"])
        for each in entry["request"]["headers"]:
            each["name"] = each["name"].title()
    return made


def charles() -> Entries:
    """All bodies in base64, some still folded; no times that were not measured, no parts that are empty."""
    made = plain()
    for n, entry in enumerate(made):
        in_base64(entry, is_gzip=n % 2 == 0)
        entry |= {"time": None, "cache": {}}
        entry["startedDateTime"] = entry["startedDateTime"].replace("+00:00", ".000Z")
        entry["response"]["content"]["compression"] = 0
    return made


def mitmproxy() -> Entries:
    """Names in small letters, addresses, parameters beside the text, files in base64."""
    made = plain()
    for entry in made:
        entry |= {"serverIPAddress": "192.0.2.1", "_clientReplay": False}
        if "postData" in entry["request"]:
            entry["request"]["postData"]["params"] = []
        if "video" in entry["response"]["content"]["mimeType"]:
            in_base64(entry)
    return made


def by_hand() -> Entries:
    """As little as there can be, in another order."""
    made = plain()
    for entry in made:
        for part, names in (("request", ("method", "url", "headers", "postData")), ("response", ("status", "content"))):
            entry[part] = {name: entry[part][name] for name in names if name in entry[part]}
        entry["response"]["content"].pop("size")
        entry.pop("time")
    return made[::-1]


TOOLS: dict[str, Callable[[], Entries]] = {
    "Chrome": chrome, "Firefox": firefox, "Charles": charles, "mitmproxy": mitmproxy, "by hand": by_hand,
}  # fmt: skip


@pytest.mark.parametrize("tool", TOOLS)
def test_the_contract_is_the_same_whatever_saved_the_calls(tool: str) -> None:
    wanted, made = contract_of(archive(*RUN), "Acme"), contract_of(archive(*TOOLS[tool]()), "Acme")
    assert made.behavior == wanted.behavior
    assert made.openapi == wanted.openapi


def test_what_a_browser_saves_beside_them_is_told(tmp_path: Path) -> None:
    (tmp_path / "s.har").write_text(json.dumps(archive(*chrome())))
    done = run("new", "acme", "--into", tmp_path, "--from", tmp_path / "s.har")
    assert done.exit_code == 0, done.output
    whys = [why for _, why, _ in contract_of(archive(*chrome()), "Acme").notes if why.startswith("left out: ")]
    assert {why.removeprefix("left out: ") for why in whys} >= {
        NO_ANSWER, UNCHANGED, "OPTIONS is not of an API's clients", "blob: is no address of HTTP",
        "data: is no address of HTTP", "wss: is no address of HTTP",
    }  # fmt: skip
    assert len(whys) == len({*whys})


# --- what is broken


def broken() -> dict[str, Any]:
    """By name: an entry in which one part is something else."""
    made: dict[str, Any] = {}
    odd = (None, 7, "x", [], {}, [1], {"a": [None]}, float("nan"), "", -1, True)
    places = (
        ("request",), ("response",), ("startedDateTime",), ("time",), ("request", "url"), ("request", "method"),
        ("request", "headers"), ("request", "postData"), ("request", "postData", "text"), ("response", "status"),
        ("request", "postData", "mimeType"), ("response", "headers"), ("response", "content"),
        ("response", "content", "text"), ("response", "content", "size"), ("response", "content", "mimeType"),
        ("response", "content", "encoding"), ("request", "postData", "params"), ("request", "headers", 0),
    )  # fmt: skip
    for place in places:
        for n, value in enumerate(odd):
            entry = copy.deepcopy(RUN[0])
            within = entry
            for part in place[:-1]:
                within = within[part]  # type: ignore[index]
            within[place[-1]] = value  # type: ignore[index]
            made[f"{'/'.join(map(str, place))} {n}"] = entry
    return made


def test_whatever_stands_in_an_entry_the_others_become_a_contract() -> None:
    for name, entry in broken().items():
        made = contract_of(archive(entry, *RUN), "Acme")
        assert made.behavior["operations"]["createJobs"]["verb"] == "create", name
        assert json.dumps(made.openapi, allow_nan=False), name
