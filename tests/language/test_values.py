"""One kind of value: when it is there, what stands in its place, how it is written, and arrays of rows."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import httpx
import pytest
from check_kit import BEHAVIOR, Mutation, behave, both, show, without, write
from language_kit import Served, documents, findings, serving

from mockserver import start

KEY = {"X-API-Key": "demo-key"}
JOB = "/components/schemas/Job"
EXAMPLES = "/components/examples"
GET = "/operations/getJob/bindings"
STATES = ("Queued", "Running", "Succeeded", "Failed", "Cancelled")
RUN = behave("/resources/job/run", {"queued": {"fixed": 2}, "running": {"fixed": 10}, "outcomes": {"succeeded": 1}})
FLAG = show("/components/schemas/JobRequest/properties/flag", {"type": ["boolean", "integer", "string"]})


def field(name: str, shown: Any, schema: Any = None) -> Mutation:
    """A further field of every job that an answer shows; it may be left out."""
    return both(
        show(f"{JOB}/properties/{name}", {} if schema is None else schema),
        *(show(f"{EXAMPLES}/{state}/value/{name}", shown) for state in STATES),
    )


def bound(name: str, shown: Any, value: Any, schema: Any = None) -> Mutation:
    """The same, with what is written there by the operation that shows a job."""
    return both(field(name, shown, schema), behave(f"{GET}/~1{name}", value))


def asked(own: Served, **values: Any) -> Any:
    return own.show(own.submit(**values).json()["id"])


@pytest.mark.parametrize(
    ("condition", "sent", "holds"),
    [
        ({"request./flag": True}, True, True),
        ({"request./flag": True}, 1, False),
        ({"request./flag": [True, 1]}, 1, True),
        ({"request./flag": None}, None, True),
        ({"request./flag": None}, False, False),
        ({"request./flag": True, "state": "queued"}, True, True),
        ({"request./flag": True, "state": "running"}, True, False),
        ([{"state": "running"}, {"request./flag": "x"}], "x", True),
        ([{"state": "running"}, {"request./flag": "x"}], "y", False),
    ],
)
def test_a_condition_decides_whether_a_field_is_as_shown(
    condition: Any, sent: Any, holds: bool, tmp_path: Path
) -> None:
    value = {"when": condition, "else": "not so"}
    given = {} if sent is None else {"flag": sent}
    with serving(tmp_path, FLAG, bound("told", {"a": [1, ""]}, value)) as own:
        assert asked(own, **given)["told"] == ({"a": [1, ""]} if holds else "not so")


def test_a_list_of_the_request_may_be_looked_into(tmp_path: Path) -> None:
    tags = show("/components/schemas/JobRequest/properties/tags", {"type": "array", "items": {"type": "string"}})
    value = {"fact": "state", "when": {"request./tags": {"has": "loud"}}, "omit": True}
    with serving(tmp_path, tags, bound("told", "x", value)) as own:
        assert asked(own, tags=["quiet", "loud"])["told"] == "queued"
        assert "told" not in asked(own, tags=["quiet"])
        assert "told" not in asked(own)


def test_what_is_bound_within_what_is_shown_is_written_there(tmp_path: Path) -> None:
    value = behave(f"{GET}/~1told~1id", "id")
    with serving(
        tmp_path, FLAG, value, bound("told", {"id": "x", "b": 1}, {"when": {"request./flag": True}, "omit": True})
    ) as own:
        found = asked(own, flag=True)
        assert found["told"] == {"id": found["id"], "b": 1}
        assert "told" not in asked(own, flag=False)


def test_fields_and_items_are_left_out_wherever_they_stand(tmp_path: Path) -> None:
    unless = {"when": {"request./flag": True}, "omit": True}
    first = behave(f"{GET}/~1told~10", unless)
    last = behave(f"{GET}/~1told~12~1b", unless)
    with serving(tmp_path, FLAG, field("told", [{"a": 1}, "x", {"b": 2}]), first, last) as own:
        assert asked(own)["told"] == ["x", {}]
        assert asked(own, flag=True)["told"] == [{"a": 1}, "x", {"b": 2}]


def test_what_is_absent_is_what_else_says_be_it_a_value_of_its_own(tmp_path: Path) -> None:
    other = {"fact": "request./aspect", "of": {"16:9": "wide"}, "else": {"join": ["job ", {"fact": "state"}]}}
    with serving(tmp_path, bound("told", "x", {"fact": "error", "else": other})) as own:
        assert asked(own, aspect="16:9")["told"] == "wide"
        assert asked(own, aspect="1:1")["told"] == "job queued"


@pytest.mark.parametrize(
    ("shown", "value", "written"),
    [
        (1, {"fact": "created", "plus": 86400}, lambda created: created + 86400),
        (1.5, {"fact": "ended", "else": 0}, lambda created: 0),
        ("2026-05-07T12:34:56Z", {"fact": "ended", "else": "never"}, lambda created: "never"),
        ("45%", {"fact": "progress", "when": {"state": "failed"}, "else": "none"}, lambda created: "none"),
        ("x", {"join": [{"fact": "created", "plus": 1, "as": "unix"}, "!"]}, lambda created: f"{created + 1}!"),
        ("x", {"join": [{"fact": "ended", "as": "unix"}, "!"], "else": "open"}, lambda created: "open"),
    ],
)
def test_times_are_moved_and_absent_ones_written_as_else_says(
    shown: Any, value: Any, written: Any, tmp_path: Path
) -> None:
    with serving(tmp_path, bound("told", shown, value)) as own:
        found = asked(own)["told"]
        (job,) = own.sandbox.apis["own"].store.newest(1)
        assert found == written(int(job.created))


@pytest.mark.parametrize(
    ("sent", "times", "written"),
    [
        (2, 3600, 7200),
        (2.5, 2, 5),
        ("3", 60, 180),
        (7, 0.5, 3.5),
        ("x", 60, "none"),
        (True, 60, "none"),
        ([1], 60, "none"),
        (None, 60, "none"),
        (1e306, 1000, "none"),
    ],
)
def test_a_number_is_told_so_many_times(sent: Any, times: float, written: Any, tmp_path: Path) -> None:
    value = {"fact": "request./hours", "times": times, "else": "none"}
    field_of_any_kind = show("/components/schemas/JobRequest/properties/hours", {})
    with serving(tmp_path, field_of_any_kind, bound("told", 1, value, {})) as own:
        assert asked(own, hours=sent)["told"] == written


def test_the_lines_of_a_log_stand_one_by_one_with_their_times(tmp_path: Path) -> None:
    log = behave("/resources/job/run/log", [[0, "Begun"], [50, "Half"], [100, "Done"]])
    lines = {"each": "log", "bindings": {"/text": "log.text", "/at": "log.at", "/of": "id"}}
    shown = [{"text": "x", "at": 1, "of": "x", "level": "info"}]
    with serving(tmp_path, RUN, log, bound("lines", shown, lines)) as own:
        identity = own.submit().json()["id"]
        (job,) = own.sandbox.apis["own"].store.newest(1)
        started = job.created + 2

        def line(text: str, at: float) -> Any:
            return {"text": text, "at": int(started + at), "of": identity, "level": "info"}

        assert own.show(identity)["lines"] == []
        own.advance(2 + 6)
        assert own.show(identity)["lines"] == [line("Begun", 0.1), line("Half", 5)]
        own.advance(10)
        assert own.show(identity)["lines"] == [line("Begun", 0.1), line("Half", 5), line("Done", 10)]


def test_an_answer_shows_what_its_own_request_says(tmp_path: Path) -> None:
    more = show(
        "/paths/~1v1~1jobs~1{jobId}/get/parameters", [{"name": "logs", "in": "query", "schema": {"type": "boolean"}}]
    )
    bad = show("/paths/~1v1~1jobs~1{jobId}/get/responses/400", {"$ref": "#/components/responses/BadRequest"})
    value = {"when": {"call.query.logs": [True, 1]}, "else": None}
    with serving(tmp_path, more, bad, bound("told", ["line"], value)) as own:
        identity = own.submit().json()["id"]
        for _ in range(3):  # an answer that is remembered must not stand in for the other
            assert own.show(identity)["told"] is None
            assert own.show(f"{identity}?logs=true")["told"] == ["line"]


def test_each_answer_has_an_id_of_the_form_that_is_shown(tmp_path: Path) -> None:
    at = "/paths/~1v1~1jobs~1{jobId}/get/responses/200/headers"
    header = show(at, {"X-Request-Id": {"schema": {"type": "string"}, "example": "req_011CSHoEeqs5C35K2UUqR7Fy"}})
    with serving(
        tmp_path,
        header,
        behave(f"{GET}/header.X-Request-Id", "call.id"),
        bound("told", "req_011CSHoEeqs5C35K2UUqR7Fy", "call.id"),
    ) as own:
        url = f"/v1/jobs/{own.submit().json()['id']}"
        answers = [own.http.get(url, headers=KEY) for _ in range(3)]
        found = [answer.headers["x-request-id"] for answer in answers]
        assert len(set(found)) == 3
        assert all(each.startswith("req_") and len(each) == 28 for each in found)
        assert [answer.json()["told"] for answer in answers] == found


def test_an_answer_tells_what_the_account_has_left(tmp_path: Path) -> None:
    costs = both(behave("/resources/job/cost", 2), behave("/account/credits", 10), NO_CREDITS)
    create = behave("/operations/submitJob/bindings/~1left", "account.credits")
    with serving(tmp_path, costs, bound("left", 5, "account.credits"), create) as own:
        made = own.submit().json()
        assert made["left"] == 8
        own.submit()
        assert own.show(made["id"])["left"] == 6


NO_CREDITS = show(
    "/paths/~1v1~1jobs/post/responses/402",
    {"description": "x", "content": {"application/json": {"examples": {"no_credits": {"value": {"message": "x"}}}}}},
)


def test_a_failure_says_more_than_a_message(tmp_path: Path) -> None:
    errors = [{"message": "Broken", "code": "E1", "retry": False}]
    fails = behave(
        "/resources/job/run", {"running": {"fixed": 1}, "outcomes": {"failed": 1}, "errors": {"failed": errors}}
    )
    code = {"fact": "error.code", "omit": True}
    with serving(tmp_path, fails, bound("code", "x", code), behave(f"{GET}/~1error", "error")) as own:
        found = []
        for wishes in ({}, {"error": "Torn"}, {"error": {"code": "E2"}}, {"error": {"message": "Wet", "code": None}}):
            own.sandbox.apis["own"].plan(wishes)
            identity = own.submit().json()["id"]
            assert "code" not in own.show(identity)
            own.advance(10)
            told = own.show(identity)
            found.append((told["error"], told.get("code")))
        assert found == [("Broken", "E1"), ("Torn", "E1"), ("Broken", "E2"), ("Wet", None)]


def test_an_uploaded_part_is_known_by_size_type_name_and_digest(tmp_path: Path) -> None:
    form = {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "properties": {"prompt": {"type": "string"}, "image": {"type": "string", "format": "binary"}},
                "required": ["prompt", "image"],
            },
            "examples": {"least": {"value": {"prompt": "A cliff", "image": "x"}}},
        }
    }
    facts = {"size": 3, "type": "x", "name": "x", "sha256": "x"}
    told = both(*(bound(name, shown, f"upload.image.{name}") for name, shown in facts.items()))
    body = show("/paths/~1v1~1jobs/post/requestBody/content", form)
    aspect = both(behave("/resources/job/results/picture/aspect", {"fact": "id"}), behave("/webhooks", {}))
    with serving(tmp_path, body, told, aspect) as own:
        files = {"image": ("a b.png", b"some bytes", "image/png")}
        made = own.http.post("/v1/jobs", data={"prompt": "A cliff"}, files=files, headers=KEY)
        assert made.status_code == 201, made.text
        found = own.show(made.json()["id"])
        digest = hashlib.sha256(b"some bytes").hexdigest()
        assert [found[name] for name in facts] == [10, "image/png", "a b.png", digest]


TOLD = both(
    without(BEHAVIOR, "/webhooks/ended/like"),
    show(
        "/webhooks/ended/post/requestBody/content/application~1json",
        {"examples": {state: {"value": {"a": "x"}} for state in ("succeeded", "failed")}},
    ),
)


@pytest.mark.parametrize(
    ("mutation", "word"),
    [
        (bound("told", "x", {"fact": "state", "when": {"request./nothing": 1}}), "has a field /nothing"),
        (bound("told", "x", {"fact": "state", "when": {"call.query.nothing": 1}}), "'query.nothing'"),
        (bound("told", "x", {"fact": "state", "when": {"statee": 1}}), "statee"),
        (bound("told", "x", {"fact": "state", "whenn": {"state": 1}}), "whenn"),
        (bound("told", "x", {"fact": "state", "when": {}}), "when"),
        (bound("told", "x", {"fact": "state", "plus": 3}), "plus are seconds"),
        (bound("told", 1, {"fact": "created", "plus": "3"}), "plus"),
        (bound("told", 1, {"fact": "created", "times": 3}), "times is a factor"),
        (bound("told", "x", {"fact": "state", "times": 3}), "times is a factor"),
        (bound("told", 1, {"fact": "request./n", "times": "3"}), "times"),
        (bound("told", 1, {"fact": "request./n", "times": 0}), "times"),
        (bound("told", "x", {"join": ["x"], "times": 2}), "times"),
        (bound("told", "x", {"fact": "log.text"}), "is of a row"),
        (bound("told", ["x"], {"each": "log"}), "bindings"),
        (bound("told", ["x"], {"each": "lines", "bindings": {"/a": "log.text"}}), "lines"),
        (bound("told", "x", {"each": "log", "bindings": {"/a": "log.text"}}), "an array"),
        (bound("told", [], {"each": "log", "bindings": {"/a": "log.text"}}), "an array"),
        (bound("told", [{}], {"each": "log", "bindings": {"/a": "log.text"}}), "no field /a"),
        (bound("told", "x", "error.code"), "no error has a 'code'"),
        (bound("told", "x", "upload.image.size"), "uploads a part 'image'"),
        (bound("told", "x", "upload.image.colour"), "upload.image.colour"),
        (bound("told", 5, "account.credits", {"type": "integer"}), "account.credits can write null"),
        (behave(f"{GET}/~1status", {"fact": "state", "when": {"state": "queued"}, "omit": True}), "required"),
        (both(TOLD, behave("/webhooks/ended/bindings", {"/a": "call.id"})), "a webhook answers none"),
        (bound("told", "x", {"fact": "error", "else": "request./prompt"}), '{"fact": "request./prompt"}'),
        (bound("told", "x", {"fact": "error", "else": "request./promt"}), '{"fact": "request./promt"}'),
        (bound("told", "x", {"fact": "error", "else": "account.id"}), '{"fact": "account.id"}'),
        (bound("told", "x", {"join": ["of ", {"fact": "error", "else": "result.picture"}]}), "name of a fact"),
        (bound("told", "x", {"join": ["request./prompt", "!"]}), "name of a fact"),
    ],
)
def test_a_value_that_cannot_be_is_named(mutation: Mutation, word: str, tmp_path: Path) -> None:
    found = findings(tmp_path, mutation)
    assert any(word in each for each in found), "\n".join(found) or "nothing was found"


@pytest.mark.parametrize("text", ["id", "error.mp3", "result.zip", "no.", "request.", "state of the art", "items.pdf"])
def test_a_text_that_is_no_fact_stands_for_what_is_absent(text: str, tmp_path: Path) -> None:
    assert not findings(tmp_path, bound("told", "x", {"fact": "error", "else": text}))


@pytest.mark.parametrize("empty", [None, ""])
def test_rows_are_written_where_the_example_shows_one_and_nowhere_else(empty: object, tmp_path: Path) -> None:
    value = {"each": "log", "bindings": {"/text": "log.text"}}
    other = show("/components/examples/Failed/value/told", empty)
    log = behave("/resources/job/run/log", [[0, "Begun"]])
    with serving(tmp_path, RUN, log, both(bound("told", [{"text": "x"}], value), other)) as own:
        identity = own.submit().json()["id"]
        own.advance(20)
        assert own.show(identity)["told"] == [{"text": "Begun"}]


def test_a_binding_is_blamed_for_what_it_writes_itself_and_once(tmp_path: Path) -> None:
    left_out = bound("absent", "x", {"fact": "error", "omit": True})
    wrong = bound("told", 5, {"fact": "state", "of": {"failed": 1}, "else": "none"}, {"type": "integer"})
    found = findings(tmp_path, both(left_out, wrong))
    (told,) = [each for each in found if "its schema refuses" in each]
    assert "bindings/~1told" in told
    assert "more: " in told


def test_a_snapshot_holds_what_answers_show_of_requests_uploads_and_errors(tmp_path: Path) -> None:
    errors = [{"message": "Broken", "code": "E1"}]
    fails = behave(
        "/resources/job/run", {"running": {"fixed": 1}, "outcomes": {"failed": 1}, "errors": {"failed": errors}}
    )
    shown = both(
        bound("whole", {"a": 1}, "request.body"),
        bound("tags", ["x"], {"fact": "request.query.tag", "else": []}),
        bound("code", "x", {"fact": "error.code", "omit": True}),
    )
    tag = show("/paths/~1v1~1jobs/post/parameters", [{"name": "tag", "in": "query", "schema": TAGS}])
    contract = write(tmp_path / "own", documents(fails, shown, tag))
    with start(contract) as server:
        own = server.sandbox()
        api = own.api("own")
        api.next_job(error={"code": "E2"})
        headers = {"X-API-Key": api.api_key}
        made = httpx.post(f"{api.url}/v1/jobs?tag=a&tag=b", json={"prompt": "x"}, headers=headers).json()["id"]
        own.clock.advance(30)
        told = httpx.get(f"{api.url}/v1/jobs/{made}", headers=headers).json()
        assert [told[name] for name in ("whole", "tags", "code")] == [{"prompt": "x"}, ["a", "b"], "E2"]
        again = server.sandbox(snapshot=own.snapshot())
        other = again.api("own")
        restored = httpx.get(f"{other.url}/v1/jobs/{made}", headers={"X-API-Key": other.api_key}).json()
        assert {**restored, "picture_url": None} == {**told, "picture_url": None}


TAGS = {"type": "array", "items": {"type": "string"}}


def test_a_field_of_the_answered_request_is_tried_as_a_value_of_its_kind(tmp_path: Path) -> None:
    for kind, shown in (("object", {"a": "x"}), ("array", ["x"])):
        said = show("/components/schemas/JobRequest/properties/tags", {"type": kind})
        schema = show("/components/schemas/Job/properties/tags", {"type": kind})
        example = show("/components/examples/Queued/value/tags", shown)
        value = {"fact": "call./tags", "else": {"when": {"state": "queued"}}}
        told = behave("/operations/submitJob/bindings/~1tags", value)
        assert not findings(tmp_path / kind, said, schema, example, told)
