"""Lives of jobs from plain facts about operations: each rule by itself."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.imported.facts import Field, OperationFacts
from mockserver.imported.inference import lifecycles
from mockserver.imported.stages import meanings, state_field

TEXT = Field("string")
STATES = ("queued", "running", "succeeded", "failed")
JOB = {"": Field("object"), "/id": TEXT, "/status": Field("string", STATES)}


def op(method: str, path: str, shows: Any = None, **more: Any) -> OperationFacts:
    """An operation that is answered with JSON, named after its method and path."""
    name = more.pop("name", f"{method} {path}")
    media = more.pop("media", ("application/json",))
    return OperationFacts(name, method, path, shows=JOB if shows is None else shows, media=media, **more)


SUBMIT, SHOW = op("post", "/jobs"), op("get", "/jobs/{id}")


def roles(*operations: OperationFacts) -> dict[str, str]:
    """By operation the verb that it was given, and where a move leads."""
    found = {role.operation: role for life in lifecycles(operations) for role in life.roles}
    return {name: f"{role.verb} {role.to}".strip() for name, role in found.items()}


def verb(operation: OperationFacts) -> str:
    """The verb of an operation beside one that submits and one that shows."""
    return roles(SUBMIT, SHOW, operation).get(operation.name, "")


def test_what_shows_one_thing_with_a_state_is_a_show_and_what_is_posted_beside_it_creates() -> None:
    (life,) = lifecycles([SUBMIT, SHOW])
    assert (life.name, life.show, life.state_at, life.id_parameter) == ("job", SHOW.name, "/status", "id")
    assert [(each.operation, each.verb, each.id_at) for each in life.roles] == [
        (SHOW.name, "show", ""), (SUBMIT.name, "create", "/id"),
    ]  # fmt: skip
    assert all(each.why for each in life.roles)


@pytest.mark.parametrize(("operation", "wanted"), [
    (op("get", "/jobs", {"": Field("object"), "/data": Field("array"), "/data/*": Field("object"),
     "/data/*/id": TEXT}), "list"),
    (op("get", "/jobs/list", {"": Field("array"), "/*": Field("object"), "/*/id": TEXT}), "list"),
    (op("post", "/jobs/{id}/cancel"), "move cancelled"),
    (op("post", "/jobs/{job}:cancel"), "move cancelled"),
    (op("put", "/jobs/{id}/stop"), "move cancelled"),
    (op("delete", "/jobs/{id}", {}), "move gone"),
    (op("delete", "/jobs/{id}", {}, name="cancelJob"), "move gone"),
    (op("post", "/jobs/{id}", name="cancelJob"), "move cancelled"),
    (op("post", "/jobs/{id}/resume"), "move run"),
    (op("post", "/jobs/{id}/pause"), "move held"),
    (op("post", "/jobs/{id}/complete"), "move success"),
    (op("patch", "/jobs/{id}", sends={"/name": TEXT}), "update"),
    (op("post", "/jobs/{id}", sends={"/name": TEXT}), "update"),
    (op("get", "/jobs/{id}/content", {}, media=("video/mp4",)), "content"),
    (op("get", "/jobs/{id}/audio/{language}", {}, media=("audio/mpeg",)), "content"),
    (op("post", "/jobs/{id}/download", {}, media=("application/octet-stream",)), "content"),
    (op("get", "/jobs/{id}/stream", {}, media=("text/event-stream",)), "stream"),
    (op("get", "/jobs/{id}/status"), "show"),
    (op("get", "/jobs/{id}/events", {"": Field("object")}), "show"),
    (op("get", "/jobs/{id}/{subtitle_format}", {"": Field("object")}), "show"),
    (op("post", "/jobs/{id}/remix"), "create"),
    (op("post", "/jobs/batch", {"": Field("object"), "/job_id": TEXT}), "create"),
    (op("get", "/jobs/{id}/steps/{step}", {"": Field("object")}), "show"),
    (op("delete", "/jobs/{id}/steps", {}), ""),
    (op("post", "/fonts", {"": Field("object"), "/id": TEXT}), ""),
    (op("get", "/fonts", {"": Field("array"), "/*": Field("object"), "/*/id": TEXT}), ""),
    (op("post", "/jobs/{id}/source", sends={"/file": Field("string", (), "binary")}), ""),
])  # fmt: skip
def test_what_stands_around_a_job_is_told_by_its_place(operation: OperationFacts, wanted: str) -> None:
    assert verb(operation) == wanted


def test_an_answer_of_the_same_shape_creates_from_elsewhere() -> None:
    show = op("get", "/tasks/{id}", models={"": "Task"})
    maker = op("post", "/models/{name}/runs", models={"": "Task"})
    assert roles(show, maker)[maker.name] == "create"
    assert maker.name not in roles(show, op("post", "/models/{name}/runs", {"/id": TEXT}), SUBMIT, SHOW)


def test_an_action_on_something_else_creates_what_it_is_answered_with() -> None:
    show = op("get", "/jobs/{id}", models={"": "Job"})
    run = op("post", "/workflows/{workflow}/run", models={"": "Job"})
    assert roles(show, run)[run.name] == "create"


def test_the_only_field_of_an_answer_is_the_id() -> None:
    maker = op("post", "/jobs", {"": Field("object"), "/result": TEXT})
    (life,) = lifecycles([SHOW, maker])
    assert life.of("create")[0].id_at == "/result"


def test_a_name_may_have_the_whole_path_in_the_place_of_an_id() -> None:
    shows = {"": Field("object"), "/name": TEXT, "/title": TEXT, "/state": Field("string", STATES)}
    several = [op(*each, shows, models={"": "Job"}) for each in (("post", "/me/jobs"), ("get", "/me/jobs/{job_id}"))]
    (life,) = lifecycles(several)
    assert life.of("create")[0].id_at == "/name"


def test_a_list_may_stand_where_they_are_created() -> None:
    show = op("get", "/runs/{run_id}", models={"": "Run"})
    maker = op("post", "/acts/{act}/runs", models={"": "Run"})
    listed = op("get", "/acts/{act}/runs", {"": Field("object"), "/items": Field("array"), "/items/*": Field("object"),
                                             "/items/*/id": TEXT})  # fmt: skip
    assert roles(show, maker, listed)[listed.name] == "list"


def test_where_nothing_is_known_of_answers_paths_and_nouns_tell() -> None:
    bare = [
        op("post", "/predictions", {}),
        op("get", "/predictions/{id}", {}),
        op("post", "/predictions/{id}/cancel", {}),
    ]
    assert roles(*bare) == {bare[1].name: "show", bare[0].name: "create", bare[2].name: "move cancelled"}
    assert not roles(op("post", "/users", {}), op("get", "/users/{id}", {}))


def test_an_id_named_as_the_parameter_creates_from_elsewhere() -> None:
    show, maker = op("get", "/tasks/{task_id}"), op("post", "/images", {"": Field("object"), "/task_id": TEXT})
    assert roles(show, maker, SUBMIT, SHOW)[maker.name] == "create"


def test_the_only_show_of_a_document_takes_every_post_that_is_answered_with_an_id() -> None:
    show = op("get", "/tasks/{id}")
    makers = [op("post", f"/{each}", {"": Field("object"), "/id": TEXT}) for each in ("text_to_video", "upscale")]
    assert [roles(show, *makers)[each.name] for each in makers] == ["create", "create"]


def test_the_id_may_stand_in_the_query_or_in_the_body() -> None:
    show = op("get", "/queue/status", query=("request_id",))
    maker = op("post", "/queue/submit", {"": Field("object"), "/request_id": TEXT})
    stop = op("post", "/queue/cancel", {}, sends={"/request_id": TEXT})
    found = {role.operation: role for life in lifecycles([show, maker, stop]) for role in life.roles}
    assert [found[each.name].verb for each in (show, maker, stop)] == ["show", "create", "move"]
    assert (found[stop.name].id_at, found[maker.name].id_at) == ("/request_id", "/request_id")


def test_a_post_that_asks_for_the_state_is_a_show() -> None:
    show = op("post", "/document/{document_id}", sends={"/key": TEXT}, name="getDocumentStatus")
    maker = op("post", "/document", {"": Field("object"), "/document_id": TEXT})
    assert roles(show, maker) == {show.name: "show", maker.name: "create"}


def test_an_envelope_hides_neither_id_nor_state() -> None:
    inner = {"": Field("object"), "/data": Field("object"), "/data/id": TEXT, "/data/status": Field("string", STATES)}
    (life,) = lifecycles([op("post", "/jobs", inner), op("get", "/jobs/{id}", inner)])
    assert (life.state_at, life.of("create")[0].id_at, life.of("show")[0].at) == ("/data/status", "/data/id", "/data")


def test_the_path_of_the_thing_goes_before_that_of_its_status() -> None:
    status = op("get", "/jobs/{id}/status")
    for several in ([SUBMIT, status, SHOW], [SUBMIT, SHOW, status]):
        (life,) = lifecycles(several)
        assert life.show == SHOW.name
        assert {each.operation for each in life.of("show")} == {SHOW.name, status.name}
    (life,) = lifecycles([SUBMIT, op("get", "/jobs/{id}", {"/id": TEXT}), status])
    assert life.show == status.name


def test_a_state_without_listed_values_has_the_usual_ones_and_says_so() -> None:
    free = {"": Field("object"), "/job_id": TEXT, "/status": TEXT}
    (life,) = lifecycles([op("post", "/jobs", free), op("get", "/jobs/{job_id}", free)])
    assert [*life.states.values()] == ["queued", "running", "success", "failure"]
    assert "usual words" in life.guesses[0].why


def test_two_things_of_one_noun_have_names_of_their_own() -> None:
    several = [
        op(m, f"/{kind}/jobs{rest}") for kind in ("batch", "tuning") for m, rest in (("post", ""), ("get", "/{id}"))
    ]
    assert [each.name for each in lifecycles(several)] == ["job", "tuning_job"]


@pytest.mark.parametrize(("values", "wanted"), [
    (("succeeded", "queued", "failed", "running"), "queued running success failure"),
    (("PENDING", "IN_PROGRESS", "COMPLETED", "ERROR", "CANCELLED"), "queued running success failure cancelled"),
    (("Task not found", "Pending", "Ready", "Request Moderated"), "queued success failure failure"),
    (("JOB_STATE_PENDING", "JOB_STATE_RUNNING", "JOB_STATE_SUCCEEDED", "JOB_STATE_FAILED"),
     "queued running success failure"),
    (("validating", "in_progress", "finalizing", "completed", "failed", "expired", "cancelling", "cancelled"),
     "queued running running cancelling success failure failure cancelled"),
    (("in_progress", "canceling", "ended"), "running cancelling success"),
    (("creating", "in_queue", "converting", "default"), "queued queued running success"),
    (("queued", "mixing", "completed"), "queued unknown success"),
    (("processing", "completed", "deleted"), "running success gone"),
    (("active", "archived"), ""), (("enabled", "disabled"), ""), (("open", "closed"), ""), (("draft", "published"), ""),
    (("active", "expired"), ""), (("low", "high"), ""),
])  # fmt: skip
def test_states_stand_in_the_order_in_which_jobs_come_to_them(values: tuple[str, ...], wanted: str) -> None:
    assert " ".join(meanings(values).values()) == wanted


@pytest.mark.parametrize(("fields", "at"), [
    ({"/id": TEXT, "/state": Field("string", STATES)}, "/state"),
    ({"/processing_status": Field("string", STATES)}, "/processing_status"),
    ({"/type": Field("string", STATES)}, ""), ({"/status": Field("integer")}, ""),
    ({"/data/*/status": Field("string", STATES)}, ""),
    ({"/child/status": Field("string", STATES), "/status": Field("string", STATES)}, "/status"),
    ({"/status": TEXT, "/state": Field("string", STATES)}, "/state"),
])  # fmt: skip
def test_the_field_of_the_state_is_known_by_its_name_and_its_values(fields: dict[str, Field], at: str) -> None:
    found = state_field(fields)
    assert (found.at if found else "") == at


def test_a_word_that_nobody_knows_is_told_with_what_to_look_at() -> None:
    shows = {"": Field("object"), "/id": TEXT, "/status": Field("string", ("queued", "mixing", "completed", "failed"))}
    (life,) = lifecycles([op("post", "/jobs", shows), op("get", "/jobs/{id}", shows)])
    (row,) = [each for each in life.guesses if "mixing" in each.subject]
    assert row.look


def test_what_nobody_creates_is_no_life() -> None:
    assert not lifecycles([SHOW])
    assert not lifecycles([SUBMIT])
    assert not lifecycles([])
