"""A job's life as a chain: states that are left by themselves, occasions, what is gone, moves by what is found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from api_kit import receiving
from check_kit import Mutation, behave, both, show
from language_kit import NAME, SUBMIT, Served, findings, serving
from lives_kit import before, cancelling, running, state

from mockserver.errors import MockserverError
from mockserver.steering import SandboxHandle

KEY = {"X-API-Key": "demo-key"}
ASYNC = both(
    running(),
    state("cancelling", after={"fixed": 4}, then="cancelled"),
    cancelling({"queued": "cancelling", "running": "cancelling"}, running="cancelling", queued="cancelling"),
)
EXPIRY = both(
    running(),
    state("expired", "Failed", gone=True),
    behave("/resources/job/states/succeeded", {"end": "success", "after": {"fixed": 100}, "then": "expired"}),
)


def cancel(own: Served, identity: str) -> Any:
    return own.http.post(f"/v1/jobs/{identity}/cancel", headers=KEY)


def page(own: Served) -> list[str]:
    return [each["id"] for each in own.http.get("/v1/jobs", headers=KEY).json()["items"]]


def test_a_cancellation_may_take_its_time(tmp_path: Path) -> None:
    with serving(tmp_path, ASYNC) as own:
        identity, told = own.submit().json()["id"], []
        own.advance(7)
        assert cancel(own, identity).json()["status"] == "cancelling"
        for seconds in (0, 3.9, 0.1, 100):
            own.advance(seconds)
            shown = own.show(identity)
            told.append((shown["status"], shown["progress"], shown["ended_at"]))
        assert [each for each, *_ in told] == ["cancelling", "cancelling", "cancelled", "cancelled"]
        assert {progress for _, progress, _ in told} == {50}, "a job that was moved makes no progress"
        assert told[2][2] == told[3][2] == "2001-09-09T01:46:51.000Z", "the end is where the cancellation came to it"


def test_a_cancellation_that_is_under_way_is_answered_as_its_example_says_and_moves_nothing(tmp_path: Path) -> None:
    with serving(tmp_path, ASYNC) as own:
        identity = own.submit().json()["id"]
        cancel(own, identity)
        own.advance(3)
        assert cancel(own, identity).status_code == 409
        own.advance(1)
        assert own.show(identity)["status"] == "cancelled"


def test_a_state_that_the_table_does_not_name_stays_where_success_is_answered(tmp_path: Path) -> None:
    again = both(ASYNC, cancelling({"queued": "cancelling"}, running="Running", queued="cancelling"))
    with serving(tmp_path, again) as own:
        identity = own.submit().json()["id"]
        own.advance(3)
        assert cancel(own, identity).status_code == 200
        own.advance(9)
        assert own.show(identity)["status"] == "succeeded"


def test_each_state_that_is_found_may_lead_elsewhere(tmp_path: Path) -> None:
    to = both(ASYNC, cancelling({"queued": "cancelled", "running": "cancelling"}, queued="Cancelled"))
    with serving(tmp_path, to) as own:
        first = own.submit().json()["id"]
        cancel(own, first)
        assert own.show(first)["status"] == "cancelled"
        second = own.submit().json()["id"]
        own.advance(3)
        cancel(own, second)
        assert own.show(second)["status"] == "cancelling"


def test_what_is_gone_is_found_nowhere(tmp_path: Path) -> None:
    with serving(tmp_path, EXPIRY) as own:
        identity = own.submit().json()["id"]
        own.advance(12)
        picture = own.show(identity)["picture_url"]
        assert own.http.get(picture).status_code == 200
        other = own.submit().json()["id"]
        assert page(own) == [other, identity]
        own.advance(99.9)
        assert page(own) == [other, identity]
        own.advance(0.1)
        assert own.http.get(f"/v1/jobs/{identity}", headers=KEY).status_code == 404
        assert cancel(own, identity).status_code == 404
        assert own.http.get(picture).status_code == 404
        assert page(own) == [other]


def test_what_is_deleted_is_answered_once(tmp_path: Path) -> None:
    deleting = both(
        running(),
        state("deleted", gone=True),
        cancelling({"queued": "cancelled", "succeeded": "deleted"}, succeeded="Succeeded"),
    )
    with serving(tmp_path, deleting) as own:
        identity = own.submit().json()["id"]
        own.advance(12)
        assert cancel(own, identity).json()["status"] == "succeeded"
        assert cancel(own, identity).status_code == 404
        assert page(own) == []


def test_an_end_that_passes_later_stays_the_end(tmp_path: Path) -> None:
    archived = both(
        running(),
        state("archived", "Succeeded"),
        behave("/resources/job/states/succeeded", {"end": "success", "after": {"fixed": 50}, "then": "archived"}),
        behave("/operations/getJob/bindings/~1created_at", "updated"),
    )
    with serving(tmp_path, archived) as own:
        identity = own.submit().json()["id"]
        own.advance(70)
        shown = own.show(identity)
        assert (shown["status"], shown["ended_at"]) == ("archived", "2001-09-09T01:46:52.000Z")
        assert shown["created_at"] == "2001-09-09T01:47:42.000Z"


OCCASION = both(
    running(2, 12),
    state("throttled", phase="running", share=2, chance=0),
    before("throttled", "succeeded"),
)


def lived(own: Served, sandbox: SandboxHandle, **plan: Any) -> list[str]:
    """The states of a job, second by second, each once."""
    api = sandbox.api(NAME)
    if plan:
        api.next_job(**plan)
    key = {"X-API-Key": api.api_key}
    identity, told = own.http.post("/v1/jobs", json={"prompt": "x"}, headers=key).json()["id"], []
    for _ in range(16):
        told.append(own.http.get(f"/v1/jobs/{identity}", headers=key).json()["status"])
        sandbox.clock.advance(1)
    return told


def test_an_occasion_is_passed_when_a_test_says_so(tmp_path: Path) -> None:
    with serving(tmp_path, OCCASION) as own, own.running.sandbox() as sandbox:
        usual = ["queued"] * 2 + ["running"] * 12 + ["succeeded"] * 2
        assert lived(own, sandbox) == usual
        assert lived(own, sandbox, passes=["throttled"]) == (
            ["queued"] * 2 + ["running"] * 4 + ["throttled"] * 8 + ["succeeded"] * 2
        )
        assert lived(own, sandbox, passes=["throttled"], running=3)[2:6] == [
            "running",
            "throttled",
            "throttled",
            "succeeded",
        ]
        assert lived(own, sandbox, passes=[]) == usual
        with pytest.raises(MockserverError, match="passes"):
            sandbox.api(NAME).next_job(passes=["succeeded"])


@pytest.mark.parametrize(("chance", "least", "most"), [(0, 0, 0), (0.5, 5, 35), (1, 40, 40)])
def test_chance_decides_over_an_occasion_by_the_seed(chance: float, least: int, most: int, tmp_path: Path) -> None:
    with serving(tmp_path, OCCASION, behave("/resources/job/states/throttled/chance", chance)) as own:
        made = [own.submit().json()["id"] for _ in range(40)]
        own.advance(10)
        passed = [own.show(each)["status"] for each in made].count("throttled")
        assert least <= passed <= most


def test_a_run_may_end_in_a_cancellation_of_the_service(tmp_path: Path) -> None:
    ends = behave("/resources/job/run/outcomes", {"succeeded": 0, "cancelled": 1})
    with serving(tmp_path, running(), ends) as own:
        identity = own.submit().json()["id"]
        own.advance(12)
        shown = own.show(identity)
        assert (shown["status"], shown["ended_at"]) == ("cancelled", "2001-09-09T01:46:52.000Z")


def test_a_test_may_order_any_end_that_the_outcomes_name(tmp_path: Path) -> None:
    named = behave("/resources/job/run/outcomes", {"succeeded": 1, "cancelled": 0})
    with serving(tmp_path, running(), named) as own, own.running.sandbox() as sandbox:
        assert lived(own, sandbox, outcome="cancelled", queued=1, running=1)[2] == "cancelled"


TOLD = behave("/webhooks/ended/states", ["running", "cancelling", "succeeded", "cancelled"])


def test_webhooks_of_a_chain_are_due_when_its_states_are_entered(tmp_path: Path) -> None:
    with receiving() as receiver, serving(tmp_path, ASYNC, TOLD) as own:
        identity = own.submit(callback=receiver.url).json()["id"]
        own.advance(5)
        cancel(own, identity)
        own.advance(1)
        assert [each.json["status"] for each in receiver.got] == ["running", "cancelling"]
        own.advance(2.9)
        assert len(receiver.got) == 2
        own.advance(0.1)
        assert [each.json["status"] for each in receiver.got] == ["running", "cancelling", "cancelled"]
        own.advance(1000)
        assert len(receiver.got) == 3, "what the run would have told is never told"


def test_a_webhook_tells_of_what_follows_an_end_by_itself(tmp_path: Path) -> None:
    later = both(
        running(),
        state("expired", "Failed", end="failure"),
        behave("/resources/job/states/succeeded", {"end": "success", "after": {"fixed": 100}, "then": "expired"}),
        behave("/webhooks/ended/states", ["succeeded", "expired"]),
    )
    with receiving() as receiver, serving(tmp_path, later) as own:
        own.submit(callback=receiver.url)
        own.advance(111)
        assert [each.json["status"] for each in receiver.got] == ["succeeded"]
        own.advance(1)
        assert [each.json["status"] for each in receiver.got] == ["succeeded", "expired"]
        assert receiver.got[0].json["ended_at"] == receiver.got[1].json["ended_at"]


def test_a_webhook_that_is_tried_again_tells_what_it_told(tmp_path: Path) -> None:
    later = both(
        EXPIRY,
        behave("/resources/job/states/succeeded/after", {"fixed": 1}),
        behave("/webhooks/ended/states", ["succeeded"]),
    )
    with receiving([503]) as receiver, serving(tmp_path, later) as own:
        own.submit(callback=receiver.url)
        own.advance(100)
        assert [each.json["status"] for each in receiver.got] == ["succeeded", "succeeded"]


def moments(own: Served) -> Any:
    job = own.running.default.jobs[0]
    return job.state, job.changes_in


def test_the_control_api_knows_when_a_chain_goes_on(tmp_path: Path) -> None:
    with serving(tmp_path, ASYNC) as own:
        identity = own.submit().json()["id"]
        cancel(own, identity)
        assert moments(own) == ("cancelling", 4)
        own.advance(4)
        assert moments(own) == ("cancelled", None)


def test_a_clock_runs_until_a_state_that_follows_a_move(tmp_path: Path) -> None:
    with serving(tmp_path, ASYNC) as own:
        identity = own.submit().json()["id"]
        cancel(own, identity)
        job = own.running.default.clock.run_until(identity, "cancelled")
        assert job.state == "cancelled"
        assert own.show(identity)["ended_at"] == "2001-09-09T01:46:44.000Z"


def test_a_snapshot_keeps_when_a_chain_goes_on(tmp_path: Path) -> None:
    spread = behave("/resources/job/states/cancelling/after", {"uniform": [1, 1000]})
    with receiving() as receiver, serving(tmp_path, ASYNC, TOLD, spread) as own:
        identity = own.submit(callback=receiver.url).json()["id"]
        cancel(own, identity)
        left = moments(own)
        with own.running.sandbox(snapshot=own.running.default.snapshot()) as other:
            assert (other.jobs[0].state, other.jobs[0].changes_in) == left
            other.clock.advance(1000)
        assert [each.json["status"] for each in receiver.got][-1] == "cancelled"


def test_who_may_have_one_job_may_have_another_once_the_chain_has_left_its_states(tmp_path: Path) -> None:
    busy = both(
        ASYNC,
        behave("/resources/job/exclusive", {"states": ["queued", "running", "cancelling"], "problem": "active_job"}),
        refusal("active_job"),
    )
    with serving(tmp_path, busy) as own:
        identity = own.submit().json()["id"]
        assert own.submit().status_code == 409
        cancel(own, identity)
        own.advance(3.9)
        assert own.submit().status_code == 409
        own.advance(0.1)
        assert own.submit().status_code == 201


def test_so_many_jobs_may_be_active_at_once(tmp_path: Path) -> None:
    several = {"states": ["queued", "running"], "problem": "active_job", "most": 3}
    with serving(tmp_path, running(), behave("/resources/job/exclusive", several), refusal("active_job")) as own:
        first = own.submit().json()["id"]
        own.advance(1)
        assert [own.submit().status_code for _ in range(3)] == [201, 201, 409]
        with own.running.sandbox(snapshot=own.running.default.snapshot()) as other:
            key = {"X-API-Key": other.api(NAME).api_key}
            url = f"{other.api(NAME).url}/v1/jobs"
            assert own.http.post(url, json={"prompt": "x"}, headers=key).status_code == 409
            other.clock.advance(11)
            told = [own.http.post(url, json={"prompt": "x"}, headers=key).status_code for _ in range(2)]
            assert told == [201, 409]
        cancel(own, first)
        assert [own.submit().status_code for _ in range(2)] == [201, 409]
        own.advance(12)
        assert [own.submit().status_code for _ in range(4)] == [201, 201, 201, 409]


def refusal(problem: str) -> Mutation:
    """What submitting may be refused with."""
    error = {"value": {"code": problem, "message": "x"}}
    schema = {"$ref": "#/components/schemas/Error"}
    content = {"application/json": {"schema": schema, "examples": {problem: error}}}
    return lambda documents: documents["openapi.json"]["paths"]["/v1/jobs"]["post"]["responses"].update(
        {"409": {"description": "No", "content": content}}
    )


STATES = "/resources/job/states"
BORN = show(f"{SUBMIT}/responses/201/content/application~1json/examples/a", {"$ref": "#/components/examples/Queued"})
GONE_AT_FIRST = both(state("a", gone=True), behave("/resources/job/initial", "a"), BORN)
LEFT = {"after": {"fixed": 1}, "then": "failed"}
MISTAKES = [
    ("nowhere", state("a", after={"fixed": 1}, then="succeded"), "no state 'succeded'"),
    ("into a run", state("a", after={"fixed": 1}, then="running"), "a run begins with its job or a move"),
    ("to itself", state("a", after={"fixed": 1}, then="a"), "for ever"),
    (
        "round and round",
        both(state("a", after={"fixed": 0}, then="b"), state("b", after={"fixed": 0}, then="a")),
        "for ever",
    ),
    ("after without then", state("a", after={"fixed": 1}), "then"),
    ("then without after", state("a", then="failed"), "after"),
    ("a phase that is left", behave(f"{STATES}/queued", {"phase": "queued", **LEFT}), "when it is left"),
    ("what is gone leaves", state("a", gone=True, after={"fixed": 1}, then="failed"), "does not come back"),
    ("a chance without a run", state("a", chance=0.5), "has a chance and no phase"),
    ("a chance above 1", behave(f"{STATES}/running/chance", 2), "2"),
    ("a beginning by chance", behave(f"{STATES}/queued/chance", 0.5), "every job begins in queued"),
    ("a beginning that is gone", GONE_AT_FIRST, "never found"),
    ("nothing leads there", state("a", gone=True), "nothing leads to the state 'a'"),
    ("a move from nowhere", cancelling({"quued": "cancelled"}), "no state 'quued'"),
    ("a move to nowhere", cancelling({"queued": "canceled"}), "no state 'canceled'"),
    ("a move that is refused", cancelling({"running": "cancelled"}), "answers running with 409"),
    ("a plan passes no state", behave("/matches/0/plan", {"passes": ["runing"]}), "passes no state 'runing'"),
]  # fmt: skip


@pytest.mark.parametrize(("mutation", "word"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES])
def test_a_mistake_in_a_chain_is_named_with_its_remedy(mutation: Mutation, word: str, tmp_path: Path) -> None:
    found = findings(tmp_path, mutation)
    assert any(word in each for each in found), "\n".join(found) or "nothing was found"
