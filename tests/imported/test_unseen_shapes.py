"""Jobs of documents that nobody had in mind: ids in lists and headers, states in prose, actions before the id."""

from __future__ import annotations

from typing import Any

import pytest
from test_inference import JOB, SHOW, STATES, SUBMIT, TEXT, op, roles, verb

from mockserver.imported.facts import Field
from mockserver.imported.inference import lifecycles
from mockserver.imported.stages import meanings, state_field

OBJECT, LIST = Field("object"), Field("array")
ITEMS = {"": LIST, **{f"/*{at}": each for at, each in JOB.items()}}


def made(maker: Any, show: Any = SHOW) -> Any:
    """The role of what creates."""
    (life,) = lifecycles([show, maker])
    (role,) = life.of("create")
    return role


def test_a_creation_may_be_answered_with_a_list_of_what_was_created() -> None:
    assert made(op("post", "/jobs", ITEMS)).id_at == "/0/id"
    wrapped = {"": OBJECT, "/jobs": LIST, **{f"/jobs/*{at}": each for at, each in JOB.items()}}
    assert made(op("post", "/jobs", wrapped)).id_at == "/jobs/0/id"


def test_a_creation_may_say_in_a_header_where_the_job_is() -> None:
    bare = op("post", "/jobs", {}, media=(), status=202, headers=("X-Rate-Limit", "Location"))
    assert made(bare).id_at == "header.Location"
    assert not lifecycles([SHOW, op("post", "/jobs", {}, media=(), headers=("X-Rate-Limit",))])


@pytest.mark.parametrize(("operation", "wanted"), [
    (op("post", "/cancel/{id}"), "move cancelled"), (op("delete", "/cancel/{id}", {}), "move cancelled"),
    (op("post", "/jobs/cancel/{id}"), "move cancelled"),
    (op("get", "/download/{id}", {"": OBJECT}), "show"),
    (op("delete", "/jobs/{id}/cancel", {}), "move cancelled"), (op("delete", "/jobs/{id}/results", {}), "move same"),
    (op("post", "/jobs/{id}/close"), "move success"), (op("post", "/jobs/{id}/frobnicate", {}), "move same"),
    (op("patch", "/jobs/{id}/name", {}, sends={"/name": TEXT}), "update"),
    (op("patch", "/jobs/{id}", {}, title="Cancel a job"), "move cancelled"),
    (op("post", "/jobs/{id}/results", {}, media=(), title="Start a job"), "move run"),
    (op("post", "/jobs/{id}/comments", {}), ""),
    (op("get", "/v2/jobs", {"": LIST, "/*": OBJECT, "/*/id": TEXT}), "list"),
])  # fmt: skip
def test_actions_stand_before_the_id_or_in_the_title_or_are_words_nobody_knows(operation: Any, wanted: str) -> None:
    assert verb(operation) == wanted


def test_what_is_told_by_the_same_parameter_elsewhere_is_about_the_job() -> None:
    show, maker = op("get", "/tasks/{task_id}"), op("post", "/images", {"": OBJECT, "/task_id": TEXT})
    found = roles(show, maker, op("post", "/queue/stop/{task_id}"), op("get", "/files/data/{task_id}", {"": OBJECT}),
                  op("post", "/tasks.delete", {}, sends={"/task_id": TEXT}))  # fmt: skip
    assert found["post /queue/stop/{task_id}"] == "move cancelled"
    assert found["get /files/data/{task_id}"] == "show"
    assert found["post /tasks.delete"] == "move gone"


def test_versions_and_plurals_hide_nothing() -> None:
    show, maker = op("get", "/api/v3/run/{runId}"), op("post", "/api/v3/run", {"": OBJECT, "/id": TEXT})
    found = roles(show, maker, op("get", "/api/v1/runs", ITEMS), op("post", "/api/v2/runs/{runId}/cancel"))
    assert found["get /api/v1/runs"] == "list"
    assert found["post /api/v2/runs/{runId}/cancel"] == "move cancelled"


def test_paths_may_say_what_is_done() -> None:
    show, maker = op("get", "/v2/get-call/{call_id}"), op("post", "/v2/create-call", {"": OBJECT, "/call_id": TEXT})
    listed = op("post", "/v2/list-calls", {"": LIST, "/*": OBJECT, "/*/call_id": TEXT})
    changed = op("patch", "/v2/update-call/{call_id}", sends={"/name": TEXT})
    found = roles(show, maker, listed, changed, op("delete", "/v2/delete-call/{call_id}", {}))
    assert [found[each.name] for each in (maker, listed, changed)] == ["create", "list", "update"]
    assert found["delete /v2/delete-call/{call_id}"] == "move gone"


def test_a_list_stands_beside_a_show_that_is_asked_by_its_query() -> None:
    show = op("get", "/runs/get", query=("run_id",))
    maker = op("post", "/runs/submit", {"": OBJECT, "/run_id": TEXT})
    found = roles(
        show, maker, op("get", "/runs/list", ITEMS), op("get", "/runs/output", {"": OBJECT}, query=("run_id",))
    )
    assert (found["get /runs/list"], found["get /runs/output"]) == ("list", "show")


def test_the_state_of_the_job_goes_before_that_of_the_envelope() -> None:
    fields = {"": OBJECT, "/status": TEXT, "/data": OBJECT, "/data/task_id": TEXT, "/data/status": TEXT}
    found = state_field(fields, "task_id")
    assert found is not None
    assert found.at == "/data/status"


@pytest.mark.parametrize(("prose", "states"), [
    ("One of `queued`, `running`, `succeeded` or `failed`.", ["queued", "running", "succeeded", "failed"]),
    ("pending | processing | completed | error", ["pending", "processing", "completed", "error"]),
    ("The state of the job.", []), ("Present once the job has completed.", []),
])  # fmt: skip
def test_states_are_read_in_the_description_of_their_field(prose: str, states: list[str]) -> None:
    found = state_field({"/id": TEXT, "/status": Field("string", said=prose)})
    assert found is not None
    assert [*found.states] == states


def test_states_are_read_where_another_operation_lists_them_and_it_is_told() -> None:
    free = {"": OBJECT, "/id": TEXT, "/status": TEXT}
    (life,) = lifecycles([op("post", "/jobs", free), op("get", "/jobs/{id}", free), op("get", "/jobs", ITEMS)])
    assert [*life.states] == [*STATES]
    assert "get /jobs" in life.guesses[0].why


def test_work_is_shown_though_no_state_is_told_and_a_flag_may_tell_the_end() -> None:
    plain = {"": OBJECT, "/id": TEXT, "/url": TEXT}
    assert roles(op("post", "/jobs", plain), op("get", "/jobs/{id}", plain))["get /jobs/{id}"] == "show"
    assert not roles(op("post", "/fonts", plain), op("get", "/fonts/{id}", plain))
    flagged = plain | {"/done": Field("boolean")}
    assert roles(op("post", "/songs", flagged), op("get", "/songs/{id}", flagged))["post /songs"] == "create"


def test_an_operation_that_says_that_it_begins_work_creates_it_by_another_name() -> None:
    maker = op("post", "/prompt", {"": OBJECT, "/prompt_id": TEXT}, title="Submit a workflow")
    assert roles(op("get", "/api/jobs/{job_id}"), maker)[maker.name] == "create"
    assert not roles(op("get", "/api/jobs/{job_id}"), op("post", "/prompt", {"": OBJECT, "/prompt_id": TEXT}))


def test_of_two_as_likely_the_one_is_created_whose_words_are_said() -> None:
    shows = [op("get", f"/ai/{kind}/{{inference_id}}") for kind in ("audio", "video", "logo")]
    answer = {"": OBJECT, "/inference_id": TEXT}
    lives = lifecycles([*shows, op("post", "/ai/text2video", answer), op("post", "/ai/text2audio", answer)])
    made = {life.show: [each.operation for each in life.of("create")] for life in lives}
    assert made == {shows[0].name: ["post /ai/text2audio"], shows[1].name: ["post /ai/text2video"]}
    assert {each.operation for life in lives for each in life.of("show")} == {each.name for each in shows}


def test_what_is_put_below_a_job_creates_nothing_and_what_is_posted_to_its_holder_does() -> None:
    show = op("get", "/jobs/{owner}/{jobId}", models={"": "Job"})
    found = roles(show, op("post", "/jobs/{owner}", models={"": "Job"}),
                  op("put", "/jobs/{owner}/{jobId}/labels", models={"": "Job"}, sends={"/labels": TEXT}))  # fmt: skip
    assert found["post /jobs/{owner}"] == "create"
    assert found["put /jobs/{owner}/{jobId}/labels"] == "update"


def test_an_action_that_is_answered_as_the_job_creates_none() -> None:
    several = [op("post", "/jobs", models={"": "Job"}), op("get", "/jobs/{id}", models={"": "Job"})]
    other = op("get", "/other/{id}", models={"": "Job"})
    assert roles(*several, other, op("post", "/jobs/{id}/cancel", models={"": "Job"}))["post /jobs/{id}/cancel"] == (
        "move cancelled"
    )


@pytest.mark.parametrize(("values", "wanted"), [
    (("active", "closed", "error"), "running success failure"),
    (("idle", "pending", "running", "paused"), "queued running unknown success"),
    (("PENDING", "RUNNING", "TERMINATED", "INTERNAL_ERROR"), "queued running success failure"),
])  # fmt: skip
def test_an_end_of_which_nobody_says_how_it_went_is_success(values: tuple[str, ...], wanted: str) -> None:
    assert " ".join(meanings(values).values()) == wanted


def test_an_exact_id_is_enough_for_work_of_which_no_states_are_listed() -> None:
    fields = {"": OBJECT, "/data": OBJECT, "/data/task_id": TEXT, "/data/status": TEXT, "/code": Field("integer")}
    others = [op("post", f"/mesh/{each}", fields) for each in ("cut", "fill")]
    found = roles(op("get", "/tasks/{task_id}", fields), *others, SUBMIT, SHOW)
    assert [found[each.name] for each in others] == ["create", "create"]


def test_a_state_of_each_part_and_a_state_by_number_are_states_that_nobody_sees() -> None:
    parts = {"": OBJECT, "/id": TEXT, "/versions": LIST, "/versions/*": OBJECT, "/versions/*/status": TEXT}
    numbered = {"": OBJECT, "/id": TEXT, "/status": Field("integer")}
    for fields in (parts, numbered):
        (life,) = lifecycles([op("post", "/songs", fields), op("get", "/songs/{id}", fields)])
        assert (life.state_at, [each.verb for each in life.roles]) == ("", ["show", "create"])
    bare = {"": OBJECT, "/id": TEXT}
    assert not roles(op("post", "/songs", bare), op("get", "/songs/{id}", bare))


def test_several_that_were_created_tell_the_id_by_the_name_of_what_they_belong_to() -> None:
    parties = {"": LIST, "/*": OBJECT, "/*/id": TEXT, "/*/deal_id": TEXT, "/*/email": TEXT}
    show = op("get", "/deals/{id}", models={"": "Deal"})
    (life,) = lifecycles([show, op("post", "/deals", parties, models={"/*": "Party"})])
    assert life.of("create")[0].id_at == "/0/deal_id"
    assert not lifecycles([show, op("post", "/deals/search", parties, models={"/*": "Party"})])


def test_a_path_that_ends_with_the_word_of_what_is_shown_creates_it() -> None:
    inner = {"": OBJECT, "/response": OBJECT, "/response/id": TEXT}
    show = op("get", "/edit/render/{id}", {"": OBJECT, "/response": OBJECT, "/response/id": TEXT, "/response/status":
                                           Field("string", STATES)})  # fmt: skip
    assert roles(show, op("post", "/edit/templates/render", inner))["post /edit/templates/render"] == "create"
