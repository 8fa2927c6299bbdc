"""Work that is begun, shown and listed elsewhere than where it is kept: each rule by itself, on reduced shapes."""

from __future__ import annotations

from typing import Any

import pytest
from test_inference import JOB, SHOW, STATES, SUBMIT, TEXT, op, roles, verb

from mockserver.imported.facts import Field
from mockserver.imported.inference import lifecycles
from mockserver.imported.stages import meanings

OBJECT, LIST = Field("object"), Field("array")
STATE = Field("string", STATES)


def answer(**fields: Field) -> dict[str, Field]:
    """The fields of an answer, each at its top."""
    return {"": OBJECT, **{f"/{name}": each for name, each in fields.items()}}


RUN = op("get", "/runs/{run_id}", answer(run_id=TEXT, status=STATE))
START = op("post", "/runs", answer(run_id=TEXT))


def test_an_action_on_another_thing_creates_what_its_answer_names_as_the_parameter_does() -> None:
    for path in ("/tasks/{task_id}/run", "/push/{index}", "/tasks/{task_id}/trigger"):
        maker = op("post", path, answer(run_id=TEXT, created_at=TEXT))
        assert roles(START, RUN, maker)[maker.name] == "create"


def test_an_action_on_the_job_itself_creates_none_though_it_is_answered_with_it() -> None:
    whole = answer(run_id=TEXT, status=STATE, batch_id=TEXT)
    show = op("get", "/v3/runs/{run_id}", whole, models={"": "Run"})
    batch = op("get", "/v1/batches/{batch_id}", answer(batch_id=TEXT, status=STATE))
    later = op("post", "/v1/runs/{run_id}/reschedule", whole, models={"": "Run"})
    found = roles(op("post", "/v1/runs", answer(run_id=TEXT)), op("post", "/v1/batches", answer(batch_id=TEXT)), show,
                  batch, later)  # fmt: skip
    assert found[later.name] == "move same"


@pytest.mark.parametrize("word", ["replay", "duplicate", "clone", "fork"])
def test_a_copy_of_a_job_is_another_one(word: str) -> None:
    maker = op("post", f"/v1/jobs/{{id}}/{word}", answer(id=TEXT))
    assert roles(op("post", "/v1/jobs"), op("get", "/v2/jobs/{id}"), maker)[maker.name] == "create"
    assert verb(op("post", f"/jobs/{{id}}/{word}", {}, media=())) == "move same"


def test_an_id_may_be_a_part_of_the_name_of_its_parameter() -> None:
    inner = {"": OBJECT, "/data": OBJECT, "/data/gid": TEXT, "/data/status": STATE}
    (life,) = lifecycles([op("get", "/jobs/{job_gid}", inner), op("post", "/exports", inner)])
    assert life.of("create")[0].id_at == "/data/gid"


def test_an_id_may_have_the_noun_shortened_where_its_answer_is_accepted_and_no_more() -> None:
    show, other = op("get", "/requests/{id}"), op("get", "/tasks/{id}")
    maker = op("post", "/projects/backup", answer(rq_id=TEXT), status=202)
    lives = {life.name: life for life in lifecycles([show, other, op("post", "/tasks"), maker])}
    assert [each.operation for each in lives["request"].of("create")] == [maker.name]
    assert "request" not in {life.name for life in lifecycles([show, op("post", "/users", answer(org_id=TEXT))])}


def test_a_list_in_an_answer_names_what_it_was_made_for() -> None:
    signer = {"": LIST, "/*": OBJECT, "/*/id": TEXT, "/*/job_id": TEXT, "/*/email": TEXT}
    maker = op("post", "/jobs", signer, models={"/*": "Signer"})
    (life,) = lifecycles([op("get", "/jobs/{id}", models={"": "Job"}), maker])
    assert life.of("create")[0].id_at == "/0/job_id"


def test_a_creation_that_says_more_in_its_path_is_answered_as_the_other_one() -> None:
    maker = op("post", "/conversions", models={"": "Conversion"})
    more = op("post", "/conversions/{from}/{to}", models={"": "Conversion"})
    show = op("get", "/operations/{id}")
    assert roles(show, maker, more)[more.name] == "create"


def test_what_stands_still_until_somebody_ends_it_is_a_life() -> None:
    assert meanings(("running", "paused")) == {"running": "success", "paused": "unknown"}
    assert meanings(("humming", "paused")) == {}
    assert meanings(("enabled", "paused")) == {}


def test_a_part_that_tells_of_its_whole_shows_it() -> None:
    show = op("get", "/files/{urn}/manifest", answer(urn=TEXT, status=TEXT, progress=TEXT))
    several = [
        show, op("post", "/files/job", answer(urn=TEXT)), op("get", "/files/{urn}/metadata", answer(data=OBJECT)),
        op("get", "/files/{urn}/metadata/{guid}", answer(data=OBJECT)), op("delete", show.path, {}),
        op("post", "/files/{urn}/metadata/{guid}/properties:query", answer(data=OBJECT)),
    ]  # fmt: skip
    assert [*roles(*several).values()] == ["show", "create", "show", "show", "move gone", "show"]
    whole = op("get", "/files/{urn}", answer(urn=TEXT))
    assert not roles(whole, *several)


def test_a_status_of_http_tells_a_state() -> None:
    plain = answer(handle=TEXT, data=LIST)
    maker = op("post", "/statements", plain, models={"": "Statement"})
    show = op("get", "/statements/{handle}", plain, models={"": "Statement"}, successes=(200, 202))
    assert roles(maker, show) == {show.name: "show", maker.name: "create"}
    assert not roles(maker, op("get", "/statements/{handle}", plain, models={"": "Statement"}, successes=(200,)))


def test_what_is_asked_by_its_name_has_its_id_in_the_body() -> None:
    said = {"": OBJECT, "/report_token": TEXT, "/secret": TEXT}
    get, pdf = op("post", "/report/get", answer(report=OBJECT), sends=said), "application/pdf"
    several = [
        op("post", "/report/create", answer(report_token=TEXT), sends={"/secret": TEXT}), get,
        op("post", "/report/refresh", answer(report_token=TEXT), sends=said),
        op("post", "/report/pdf/get", {}, media=(pdf,), sends=said),
        op("post", "/report/remove", answer(removed=Field("boolean")), sends=said),
    ]  # fmt: skip
    assert [roles(*several)[each.name] for each in several] == ["create", "show", "create", "content", "move gone"]
    assert not roles(op("post", "/item/get", answer(item=OBJECT), sends=said))


def test_a_read_that_is_posted_creates_nothing() -> None:
    found = op("post", "/accounts/search", answer(id=TEXT))
    assert found.name not in roles(SUBMIT, SHOW, found)
    assert roles(op("post", "/accounts", answer(id=TEXT)), SHOW)["post /accounts"] == "create"


PAGE = {"": OBJECT, "/items": LIST, "/items/*": OBJECT, "/items/*/id": TEXT, "/items/*/status": STATE}


@pytest.mark.parametrize(("operation", "wanted"), [
    (op("get", "/accounts/{account}/jobs", PAGE, models={"/items/*": "Job"}), "list"),
    (op("get", "/accounts/{account}/jobs", PAGE, models={"/items/*": "Vacancy"}), ""),
    (op("get", "/jobs/successful", PAGE), "list"), (op("get", "/jobs/{id}/steps/{step}/log", {}, media=()), ""),
    (op("post", "/jobs/{id}/tags", {}, sends={"/tags": LIST}), "update"),
    (op("post", "/jobs/{id}/timeout", {}, sends={"/timeout": Field("integer")}), "update"),
    (op("patch", "/jobs/{id}/steps/{step}", sends={"/state": TEXT}), "update"),
    (op("post", "/jobs/{id}/actions/cancel"), "move cancelled"), (op("post", "/jobs/{id}/reopen"), "move run"),
    (op("get", "/jobs/{id}/raw", {"": Field("string", (), "byte")}), "content"),
])  # fmt: skip
def test_further_operations_are_told_by_what_they_send_and_answer(operation: Any, wanted: str) -> None:
    show = op("get", "/jobs/{id}", models={"": "Job"})
    assert roles(SUBMIT, show, operation).get(operation.name, "") == wanted


def test_the_id_by_the_name_that_a_creation_gives_it_names_the_job() -> None:
    maker = op("post", "/prompt", answer(prompt_id=TEXT), title="Submit a prompt")
    page = {"": OBJECT, "/history": LIST, "/history/*": OBJECT, "/history/*/prompt_id": TEXT}
    several = [
        op("get", "/jobs/{job_id}", JOB), maker, op("get", "/history/{prompt_id}", {"": OBJECT}),
        op("get", "/history", page), op("get", "/prompt/{prompt_id}/events", {}, media=("text/event-stream",)),
    ]  # fmt: skip
    assert [roles(*several)[each.name] for each in several] == ["show", "create", "show", "list", "stream"]
