"""Batches: items of the request or of an uploaded file, their outcomes, counts, and the files of lines they leave."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from check_kit import BEHAVIOR, OPENAPI, Mutation, behave, both, show
from language_kit import SUBMIT, Served, findings, serving
from lives_kit import cancelling, running
from test_offspring import KEY, asked, filed

from mockserver.errors import MockserverError

REQUESTS = {"type": "array", "items": {"type": "object"}}
LINE = {"id": "x", "custom_id": "x", "outcome": "x", "failed": True}
OUTPUT = {"resource": "file", "on": ["succeeded", "cancelled"], "result": "lines", "as": "file"}
ERRORS = {"resource": "file", "on": ["succeeded", "cancelled"], "result": "errors", "as": "file"}


def batch(place: str = "/requests", failed: float = 0, **produces: Any) -> Mutation:
    """A job is a batch: its progress shows how many are done."""

    def make(documents: Any) -> None:
        openapi, behavior = documents[OPENAPI], documents[BEHAVIOR]
        openapi["components"]["schemas"]["JobRequest"]["properties"]["requests"] = REQUESTS
        openapi["components"]["schemas"]["JobRequest"]["properties"]["file"] = {"type": "string"}
        openapi["components"]["schemas"]["Job"] = {}
        openapi["components"]["examples"] |= {
            "item.ok": {"value": {**LINE}},
            "item.bad": {"value": {**LINE, "error": "It broke"}},
        }
        job = behavior["resources"]["job"]
        job["items"] = {"from": place, "outcomes": {"ok": 1, "bad": failed}}
        job["bindings"] = {
            name: {"/custom_id": "item./custom_id", "/outcome": "item.outcome", "/id": "item.id"}
            for name in ("item.ok", "item.bad")
        }
        job["results"] |= {
            "lines": {"make": "jsonl", "file": "output.jsonl", "items": ["ok"]},
            "errors": {"make": "jsonl", "file": "errors.jsonl", "items": ["bad"]},
        }
        shown = {"total": 1, "done": 1, "left": 1, "ok": 1, "bad": 1, "each": [{"name": "x", "at": 1}],
                 "output": "x", "errors": "x"}  # fmt: skip
        for example in ("Queued", "Running", "Succeeded", "Failed", "Cancelled"):
            openapi["components"]["examples"][example]["value"] |= json.loads(json.dumps(shown))
        names = ("total", "done", "left", "ok", "bad")
        rows = {"each": "items", "bindings": {"/name": "item./custom_id", "/at": "item.number"}}
        behavior["operations"]["getJob"]["bindings"] |= {f"/{n}": f"items.{n}" for n in names} | {"/each": rows}
        if produces:
            behavior["operations"]["getJob"]["bindings"] |= {f"/{n}": f"produced.{n}" for n in produces}

    files = filed(produces or {"output": OUTPUT})
    return both(running(0, 10), files, make)


def requests(count: int) -> list[dict[str, Any]]:
    return [{"custom_id": f"request-{n}"} for n in range(count)]


def told(own: Served, identity: str) -> list[int]:
    shown = own.show(identity)
    return [shown[name] for name in ("total", "done", "left", "ok", "bad")]


def lines(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


def test_counts_follow_progress(tmp_path: Path) -> None:
    with serving(tmp_path, batch()) as own:
        identity = own.submit(requests=requests(8)).json()["id"]
        counts = []
        for seconds in (0, 5, 5):
            own.advance(seconds)
            counts.append(told(own, identity))
        assert counts == [[8, 0, 8, 0, 0], [8, 4, 4, 4, 0], [8, 8, 0, 8, 0]]


def test_items_are_listed_as_they_are_done(tmp_path: Path) -> None:
    with serving(tmp_path, batch()) as own:
        identity = own.submit(requests=requests(4)).json()["id"]
        assert own.show(identity)["each"] == []
        own.advance(5)
        assert own.show(identity)["each"] == [{"name": "request-0", "at": 0}, {"name": "request-1", "at": 1}]


def keyed(documents: Any) -> None:
    """The items are the members of an object, and answers show all of them."""
    schema = {"type": "object", "additionalProperties": {"type": "object"}}
    documents[OPENAPI]["components"]["schemas"]["JobRequest"]["properties"]["requests"] = schema
    bindings = documents[BEHAVIOR]["operations"]["getJob"]["bindings"]
    row = {"/name": "item.key", "/at": {"fact": "item.outcome", "of": {"ok": 1, "bad": 2}, "else": 0}}
    bindings["/each"] = {"each": "all-items", "bindings": row}
    documents[BEHAVIOR]["resources"]["job"]["items"]["matches"] = [{"when": {"item./op": "x"}, "outcome": "bad"}]


def test_items_may_be_the_members_of_an_object_and_be_shown_before_they_are_done(tmp_path: Path) -> None:
    with serving(tmp_path, batch(), keyed) as own:
        identity = own.submit(requests={"import": {"op": "x"}, "export": {"op": "y"}}).json()["id"]
        assert own.show(identity)["each"] == [{"name": "import", "at": 0}, {"name": "export", "at": 0}]
        own.advance(5)
        shown = own.show(identity)
        assert shown["each"] == [{"name": "import", "at": 2}, {"name": "export", "at": 0}]
        assert (shown["total"], shown["done"], shown["bad"]) == (2, 1, 1)
        taken = own.http.get(f"{own.root}/_mock/sandboxes/default/snapshot").json()
        made = own.http.post(f"{own.root}/_mock/sandboxes", json={"name": "other", "snapshot": taken})
        assert made.status_code == 201, made.text
        url = made.json()["apis"]["own"]["url"]
        assert own.http.get(f"{url}/v1/jobs/{identity}", headers=KEY).json()["each"] == shown["each"]


def test_a_batch_leaves_a_line_for_each_item_in_the_file_of_its_outcome(tmp_path: Path) -> None:
    with serving(tmp_path, batch(failed=1, output=OUTPUT, errors=ERRORS)) as own:
        identity = own.submit(requests=requests(40)).json()["id"]
        own.advance(10)
        shown = own.show(identity)
        found = {name: lines(asked(own, f"/{shown[name]}/content").text) for name in ("output", "errors")}
        assert [len(found["output"]), len(found["errors"])] == [shown["ok"], shown["bad"]]
        assert min(shown["ok"], shown["bad"]) > 5
        names = sorted(each["custom_id"] for several in found.values() for each in several)
        assert names == sorted(each["custom_id"] for each in requests(40))
        assert {each["outcome"] for each in found["errors"]} == {"bad"}
        assert len({each["id"] for several in found.values() for each in several}) == 40


def test_no_lines_are_no_result(tmp_path: Path) -> None:
    with serving(tmp_path, batch(output=OUTPUT, errors=ERRORS)) as own:
        identity = own.submit(requests=requests(3)).json()["id"]
        own.advance(10)
        shown = own.show(identity)
        assert shown["errors"] is None
        assert [each["id"] for each in asked(own, "").json()["data"]] == [shown["output"]]


def test_a_cancelled_batch_keeps_what_was_done(tmp_path: Path) -> None:
    moved = cancelling({"running": "cancelled", "queued": "cancelled"}, running="Cancelled")
    with serving(tmp_path, batch(output=OUTPUT), moved) as own:
        identity = own.submit(requests=requests(10)).json()["id"]
        own.advance(3)
        own.http.post(f"/v1/jobs/{identity}/cancel", headers=KEY)
        own.advance(100)
        assert told(own, identity) == [10, 3, 7, 3, 0]
        assert len(lines(asked(own, f"/{own.show(identity)['output']}/content").text)) == 3


BAD = [{"item./prompt": "mock:fail"}, {"item./prompt": None}, {"item./tags": {"has": "bad"}}]
MATCHES = behave("/resources/job/items/matches", [{"when": BAD, "outcome": "bad"}])
LEFT = behave("/resources/job/items/left", {"cancelled": "bad", "failed": "bad"})
RESULTS = behave("/resources/job/states/cancelled/results", True)


def test_an_item_comes_to_an_outcome_by_its_own_words(tmp_path: Path) -> None:
    said = [{"prompt": "x"}, {"prompt": "mock:fail"}, {}, {"prompt": "x", "tags": ["good", "bad"]}, "no object"]
    with serving(tmp_path, batch(), MATCHES) as own:
        identity = own.submit(requests=said[:4]).json()["id"]
        own.advance(10)
        assert told(own, identity) == [4, 4, 0, 1, 3]


def test_what_a_cancelled_batch_left_undone_has_an_outcome_of_its_own(tmp_path: Path) -> None:
    moved = cancelling({"running": "cancelled", "queued": "cancelled"}, running="Cancelled")
    with serving(tmp_path, batch(output=OUTPUT, errors=ERRORS), moved, LEFT) as own:
        identity = own.submit(requests=requests(10)).json()["id"]
        own.advance(3)
        assert told(own, identity) == [10, 3, 7, 3, 0]
        own.http.post(f"/v1/jobs/{identity}/cancel", headers=KEY)
        assert told(own, identity) == [10, 10, 0, 3, 7]
        left = lines(asked(own, f"/{own.show(identity)['errors']}/content").text)
        assert [each["custom_id"] for each in left] == [f"request-{n}" for n in range(3, 10)]


def test_a_state_that_says_so_has_results(tmp_path: Path) -> None:
    moved = cancelling({"running": "cancelled", "queued": "cancelled"}, running="Cancelled")
    for mutations, status in (((), 409), ((RESULTS,), 200)):
        with serving(tmp_path / str(status), batch(), moved, CONTENT, *mutations) as own:
            identity = own.submit(requests=requests(10)).json()["id"]
            own.advance(3)
            own.http.post(f"/v1/jobs/{identity}/cancel", headers=KEY)
            answer = own.http.get(f"/v1/jobs/{identity}/content", headers=KEY)
            assert answer.status_code == status
            assert answer.text.count("request-") == (3 if status == 200 else 0)


CONTENT = both(
    show("/paths/~1v1~1jobs~1{jobId}~1content", {
        "parameters": [{"$ref": "#/components/parameters/JobId"}],
        "get": {"operationId": "getContent", "responses": {
            "200": {"description": "x", "content": {"application/jsonl": {}}},
            "409": {"description": "x", "content": {"application/json": {
                "examples": {"other": {"value": {"code": "x"}}}}}},
            **{s: {"$ref": f"#/components/responses/{n}"} for s, n in (
                ("401", "Unauthorized"), ("403", "Deactivated"), ("404", "NotFound"), ("429", "RateLimited"))}}}}),
    behave("/operations/getContent", {"verb": "content", "resource": "job", "result": "lines"}),
)  # fmt: skip
UPLOAD = both(
    show("/paths/~1v1~1files/post", {
        "operationId": "uploadFile",
        "requestBody": {"required": True, "content": {"multipart/form-data": {
            "schema": {"type": "object", "required": ["file"],
                       "properties": {"file": {"type": "string", "format": "binary"}}},
            "examples": {"one": {"value": {"file": "{}"}}}}}},
        "responses": {
            "200": {"description": "x", "content": {"application/json": {"schema": {}, "examples": {
                "processed": {"value": {"id": "x", "status": "processed", "name": "x", "created_at": 1}}}}}},
            **{s: {"$ref": f"#/components/responses/{n}"} for s, n in (
                ("400", "BadRequest"), ("401", "Unauthorized"), ("403", "Deactivated"), ("413", "TooLarge"),
                ("415", "UnsupportedBody"), ("429", "RateLimited"))}}}),
    behave("/operations/uploadFile", {"verb": "create", "resource": "file"}),
    behave("/operations/submitJob/references", [
        {"at": "/file", "resource": "file", "states": ["processed"], "missing": "no_file", "otherwise": "no_file"}]),
    show(f"{SUBMIT}/responses/404", {"description": "x", "content": {"application/json": {"examples": {
        "no_file": {"value": {"code": "x", "message": "x"}}}}}}),
)  # fmt: skip


def test_items_may_stand_in_several_files_and_else_in_the_request(tmp_path: Path) -> None:
    files = show("/components/schemas/JobRequest/properties/files", {"type": ["array", "null"], "items": {}})
    places = behave("/resources/job/items/from", ["/files/*", "/file", "/requests"])
    with serving(tmp_path, batch(), UPLOAD, both(files, places)) as own:
        one, two = (
            own.http.post("/v1/files", files={"file": ("in.jsonl", lines)}, headers=KEY).json()["id"]
            for lines in (b'{"custom_id": "a"}\n{"custom_id": "b"}', b'{"custom_id": "c"}')
        )
        asked_with: list[tuple[Any, list[str]]] = [
            ({"files": [two, one, two]}, ["c", "a", "b", "c"]),
            ({"files": [one, "file-nobody", {"custom_id": "x"}, [{"custom_id": "y"}]]}, ["a", "b", "x", "y"]),
            ({"files": [], "file": two, "requests": requests(1)}, ["c"]),
            ({"files": None, "requests": requests(2)}, ["request-0", "request-1"]),
            ({"requests": []}, []),
            ({}, []),
        ]
        for sent, items in asked_with:
            identity = own.submit(**sent).json()["id"]
            own.advance(10)
            assert [each["name"] for each in own.show(identity)["each"]] == items, sent


def test_each_of_several_places_of_items_is_declared(tmp_path: Path) -> None:
    places = behave("/resources/job/items/from", ["/requests", "/nowhere/*"])
    assert any("has a field /nowhere/*" in each for each in findings(tmp_path, batch(), places))


def test_items_may_stand_in_a_file_that_was_uploaded(tmp_path: Path) -> None:
    data = b'{"custom_id": "a"}\n\nnonsense\n{"custom_id": "b"}\r\n{"custom_id": "c"}'
    with serving(tmp_path, batch("/file"), UPLOAD) as own:
        file = own.http.post("/v1/files", files={"file": ("in.jsonl", data)}, headers=KEY).json()["id"]
        identity = own.submit(file=file).json()["id"]
        assert told(own, identity)[0] == 4
        own.advance(10)
        assert [each["name"] for each in own.show(identity)["each"]] == ["a", None, "b", "c"]
        assert own.submit(file="file-nothing").status_code == 404
        output = asked(own, "").json()["data"][0]["id"]
        again = own.submit(file=output).json()["id"]
        assert told(own, again)[0] == 4


def test_a_batch_of_nothing_is_done_at_once_and_leaves_nothing(tmp_path: Path) -> None:
    with serving(tmp_path, batch(output=OUTPUT)) as own:
        for values in ({}, {"requests": []}):
            identity = own.submit(**values).json()["id"]
            own.advance(10)
            assert told(own, identity) == [0, 0, 0, 0, 0]
        assert asked(own, "").json()["data"] == []


def test_a_snapshot_keeps_what_becomes_of_items(tmp_path: Path) -> None:
    with serving(tmp_path, batch(failed=1, output=OUTPUT)) as own:
        identity = own.submit(requests=requests(20)).json()["id"]
        own.advance(5)
        with own.running.sandbox(snapshot=own.running.default.snapshot()) as other:
            api = other.api("own")
            shown = own.http.get(f"{api.url}/v1/jobs/{identity}", headers={"X-API-Key": api.api_key}).json()
            assert [shown[name] for name in ("total", "done", "left", "ok", "bad")] == told(own, identity)


def test_a_test_weighs_the_outcomes_of_the_next_batch(tmp_path: Path) -> None:
    with serving(tmp_path, batch()) as own:
        api, told_of = own.running.default.api("own"), []
        for weights in ({"bad": 1}, {"ok": 1, "bad": 1}):
            api.next_job(items=weights)
            identity = own.submit(requests=requests(40)).json()["id"]
            own.advance(10)
            told_of.append(told(own, identity)[3:])
        assert told_of[0] == [0, 40]
        assert min(told_of[1]) > 5
        with own.running.sandbox(snapshot=own.running.default.snapshot()) as other:
            shown = own.http.get(
                f"{other.api('own').url}/v1/jobs/{identity}", headers={"X-API-Key": other.api("own").api_key}
            ).json()
            assert [shown["ok"], shown["bad"]] == told_of[1]


@pytest.mark.parametrize(
    ("weights", "sentence"), [({"bda": 1}, "did you mean 'bad'"), ({"ok": 0, "bad": 0}, "every weight of items is 0")]
)
def test_weights_that_no_item_can_have_are_refused(weights: Any, sentence: str, tmp_path: Path) -> None:
    with serving(tmp_path, batch()) as own, pytest.raises(MockserverError, match=sentence):
        own.running.default.api("own").next_job(items=weights)


def test_a_job_that_is_no_batch_has_no_items_to_weigh(tmp_path: Path) -> None:
    with serving(tmp_path, running()) as own, pytest.raises(MockserverError, match="it is no batch"):
        own.running.default.api("own").next_job(items={"ok": 1})


def test_a_trigger_weighs_the_outcomes_of_its_batch(tmp_path: Path) -> None:
    trigger = {"operations": ["submitJob"], "at": "/prompt", "equals": "mock:bad", "plan": {"items": {"bad": 1}}}
    with serving(tmp_path, batch(), behave("/matches", [trigger])) as own:
        identity = own.submit(requests=requests(4), prompt="mock:bad").json()["id"]
        own.advance(10)
        assert told(own, identity)[3:] == [0, 4]


MISTAKES = [
    ("a trigger of no outcome", behave("/matches/0/plan", {"items": {"okay": 1}}), "okay"),
    ("a place that is not declared", behave("/resources/job/items/from", "/request"), "/request"),
    ("a line without an example", behave("/resources/job/items/outcomes", {"ok": 1, "lost": 1}), "'item.lost'"),
    ("no such outcome of lines", behave("/resources/job/results/lines/items", ["okay"]), "okay"),
    (
        "no such outcome by words",
        behave("/resources/job/items/matches", [{"when": {"item./prompt": "x"}, "outcome": "lost"}]),
        "'item.lost'",
    ),
    (
        "words of another",
        behave("/resources/job/items/matches", [{"when": {"request./prompt": "x"}, "outcome": "bad"}]),
        "request./prompt",
    ),
    ("what is left in no state", behave("/resources/job/items/left", {"canceled": "bad"}), "'canceled'"),
    ("results of a job at work", behave("/resources/job/states/running/results", True), "still at work"),
    ("no such count", behave("/operations/getJob/bindings/~1total", "items.okay"), "no items.okay"),
    (
        "a number instead of items",
        show("/components/schemas/JobRequest/properties/requests", {"type": "integer"}),
        "/requests of submitJob is integer, and holds no items",
    ),
    ("no such word of an item", behave("/operations/getJob/bindings/~1total", "item.name"), "item.name"),
]


@pytest.mark.parametrize(("mutation", "word"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES])
def test_a_mistake_in_items_is_named_with_its_remedy(mutation: Mutation, word: str, tmp_path: Path) -> None:
    found = findings(tmp_path, batch(), mutation)
    assert any(word in each for each in found), "\n".join(found) or "nothing was found"


def test_lines_without_items_are_named(tmp_path: Path) -> None:
    found = findings(tmp_path, behave("/resources/job/results/picture", {"make": "jsonl", "file": "x.jsonl"}))
    assert any("has no items" in each for each in found), found


def test_the_bytes_of_an_upload_that_said_no_type_are_sent_as_bytes(tmp_path: Path) -> None:
    with serving(tmp_path, batch("/file"), UPLOAD) as own:
        head = {**KEY, "Content-Type": "multipart/form-data; boundary=x"}
        body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="in"\r\n\r\n{}\r\n--x--\r\n'
        file = own.http.post("/v1/files", content=body, headers=head).json()["id"]
        answer = asked(own, f"/{file}/content")
        assert (answer.content, answer.headers["content-type"]) == (b"{}", "application/octet-stream")
