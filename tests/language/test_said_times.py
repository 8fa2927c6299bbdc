"""Times that no chance draws: ends that come without running, and how long something is there as its request says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from api_kit import receiving
from check_kit import Mutation, behave, both, show
from language_kit import NAME, Served, findings, serving

KEY = {"X-API-Key": "demo-key"}
RUN = behave("/resources/job/run", {"queued": {"fixed": 3}, "running": {"fixed": 10}, "outcomes": {"succeeded": 1}})
FIELDS = both(*(show(f"/components/schemas/JobRequest/properties/{name}", {}) for name in ("window", "keep")))
EARLY = behave("/resources/job/states/failed", {"end": "failure", "during": "queued"})
FAILS = behave("/resources/job/run/outcomes", {"failed": 1})
OPEN = show("/components/schemas/Job", {})
SHOWN = ("Queued", "Running", "Succeeded", "Failed", "Cancelled")
WINDOW = {"fact": "request./window", "of": {"5s": 5, "8s": 8}}


def limited(seconds: Any = WINDOW, then: Any = "cancelled", *more: Mutation) -> Mutation:
    return both(FIELDS, RUN, *more, behave("/resources/job/run/within", {"seconds": seconds, "then": then}))


def stand(own: Served, identity: str) -> tuple[str, int]:
    shown = own.show(identity)
    return shown["status"], shown["progress"]


def test_a_failure_of_the_queue_comes_without_running(tmp_path: Path) -> None:
    with serving(tmp_path, RUN, EARLY, FAILS) as own:
        identity = own.submit().json()["id"]
        own.advance(2.5)
        assert stand(own, identity) == ("queued", 0)
        own.advance(0.5)
        assert stand(own, identity) == ("failed", 0)


@pytest.mark.parametrize(("said", "ends"), [("5s", 5), ("0m4.5s", 4.5), ("0.001h", 3.6), ("4500ms", 4.5), ("6", 6)])
def test_seconds_that_a_request_says_may_be_a_text_with_units(said: str, ends: float, tmp_path: Path) -> None:
    with serving(tmp_path, limited("request./window")) as own:
        identity = own.submit(window=said).json()["id"]
        other = own.submit(window=f"{said} soon").json()["id"]
        own.advance(ends - 0.01)
        assert stand(own, identity)[0] == stand(own, other)[0]
        own.advance(0.02)
        assert [stand(own, each)[0] for each in (identity, other)] == ["cancelled", "running"]


def test_who_waits_for_a_failure_of_the_queue_is_told_of_no_running(tmp_path: Path) -> None:
    told = behave("/webhooks/ended/states", ["running", "succeeded", "failed"])
    with receiving() as receiver, serving(tmp_path, RUN, EARLY, FAILS, told) as own:
        own.submit(callback=receiver.url)
        own.advance(100)
        assert [each.json["status"] for each in receiver.got] == ["failed"]


def test_other_outcomes_run_all_the_same(tmp_path: Path) -> None:
    with serving(tmp_path, RUN, EARLY) as own:
        own.sandbox.apis[NAME].plan({"outcome": "failed"})
        early, usual = (own.submit().json()["id"] for _ in range(2))
        own.advance(4)
        assert stand(own, early)[0] == "failed"
        assert stand(own, usual)[0] == "running"


@pytest.mark.parametrize(("during", "state"), [("queued", "failed"), ("running", "running"), (None, "running")])
def test_a_plan_says_during_which_phase_a_job_fails(during: str | None, state: str, tmp_path: Path) -> None:
    with serving(tmp_path, RUN) as own:
        wish = {"api": NAME, "outcome": "failed", **({"during": during} if during else {})}
        ordered = own.http.post(f"{own.root}/_mock/sandboxes/default/plans", json=wish)
        assert ordered.status_code == 201, ordered.text
        identity = own.submit().json()["id"]
        own.advance(3.5 if during != "running" else 3)
        assert stand(own, identity)[0] == ("running" if during == "running" and state == "running" else state)


@pytest.mark.parametrize(
    "wish", [{"during": "queued"}, {"outcome": "succeeded", "during": "queued"}, {"outcome": "failed", "during": "x"}]
)
def test_a_plan_of_what_cannot_end_early_is_refused(wish: dict[str, str], tmp_path: Path) -> None:
    with serving(tmp_path, RUN) as own:
        answer = own.http.post(f"{own.root}/_mock/sandboxes/default/plans", json={"api": NAME, **wish})
        assert answer.status_code in (400, 409, 422), answer.text


@pytest.mark.parametrize(
    ("sent", "after", "state"),
    [
        ({"window": "5s"}, 4.5, ("running", 15)),
        ({"window": "5s"}, 5, ("cancelled", 20)),
        ({"window": "8s"}, 7.5, ("running", 45)),
        ({"window": "8s"}, 100, ("cancelled", 50)),
        ({"window": "9s"}, 100, ("succeeded", 100)),
        ({}, 100, ("succeeded", 100)),
    ],
)
def test_a_run_ends_with_the_window_that_its_request_names(
    sent: Any, after: float, state: tuple[str, int], tmp_path: Path
) -> None:
    with serving(tmp_path, limited()) as own:
        identity = own.submit(**sent).json()["id"]
        own.advance(after)
        assert stand(own, identity) == state


@pytest.mark.parametrize(
    ("then", "ends"),
    [
        ({"queued": "failed", "running": "cancelled"}, ["failed", "cancelled"]),
        ({"queued": "failed"}, ["failed", "succeeded"]),
        ({"running": "cancelled"}, ["succeeded", "cancelled"]),
    ],
)
def test_a_run_ends_by_the_state_in_which_its_time_is_over(then: Any, ends: list[str], tmp_path: Path) -> None:
    with serving(tmp_path, limited("request./window", then)) as own:
        jobs = [own.submit(window=said).json()["id"] for said in ("2s", "5s")]
        own.advance(100)
        assert [stand(own, each)[0] for each in jobs] == ends


def test_a_window_may_end_in_the_queue_and_a_plan_may_overrun_it(tmp_path: Path) -> None:
    errors = behave("/resources/job/run/errors", {"failed": ["Too late"]})
    with serving(tmp_path, limited(20, "failed", errors)) as own:
        for wishes in ({"queued": 30}, {"running": 40}):
            own.sandbox.apis[NAME].plan(wishes)
        first, second, third = (own.submit().json()["id"] for _ in range(3))
        own.advance(19.9)
        assert [stand(own, each) for each in (first, second, third)] == [
            ("queued", 0), ("running", 42), ("succeeded", 100),
        ]  # fmt: skip
        own.advance(0.2)
        assert [stand(own, each) for each in (first, second)] == [("failed", 0), ("failed", 42)]
        assert own.show(second)["error"] == "Too late"


def test_a_job_that_overran_its_window_is_the_same_out_of_a_snapshot(tmp_path: Path) -> None:
    with serving(tmp_path, limited(8)) as own:
        identity = own.submit().json()["id"]
        own.advance(7)
        taken = own.http.get(f"{own.root}/_mock/sandboxes/default/snapshot").json()
        made = own.http.post(f"{own.root}/_mock/sandboxes", json={"name": "again", "snapshot": taken})
        assert made.status_code == 201, made.text
        again = own.http.get(f"{own.root}/@again/{NAME}/v1/jobs/{identity}", headers=KEY).json()
        assert (again["status"], again["progress"]) == stand(own, identity) == ("running", 40)


def kept(value: Any) -> Mutation:
    return both(
        FIELDS, RUN,
        behave("/resources/job/states/succeeded", {"end": "success", "after": {"seconds": value}, "then": "gone"}),
        behave("/resources/job/states/gone", {"gone": True}),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("value", "sent", "lasts"),
    [
        ("request./keep", {"keep": 60}, 60),
        ("request./keep", {"keep": "60"}, 60),
        ({"fact": "request./keep", "of": {"1m": 60}}, {"keep": "1m"}, 60),
        ({"fact": "request./keep", "else": 30}, {}, 30),
        ("request./keep", {}, None),
        ("request./keep", {"keep": -5}, None),
        ("request./keep", {"keep": "soon"}, None),
        ("request./keep", {"keep": 0}, 0),
        ("request./keep", {"keep": 1e300}, None),
    ],
)
def test_a_state_is_left_when_the_request_says(value: Any, sent: Any, lasts: float | None, tmp_path: Path) -> None:
    with serving(tmp_path, kept(value)) as own:
        identity = own.submit(**sent).json()["id"]
        if lasts:
            own.advance(13 + lasts - 0.5)
            assert own.show(identity)["status"] == "succeeded"
            own.advance(1)
        else:
            own.advance(100_000)
        answer = own.http.get(f"/v1/jobs/{identity}", headers=KEY)
        assert answer.status_code == (200 if lasts is None else 404)


def test_a_time_is_as_many_seconds_later_as_the_request_says(tmp_path: Path) -> None:
    later = behave("/operations/getJob/bindings/~1ended_at", {"fact": "created", "plus": "request./keep"})
    with serving(tmp_path, FIELDS, RUN, later) as own:
        at = {}
        for keep in (60, "90"):
            identity = own.submit(keep=keep).json()["id"]
            own.advance(20)
            at[keep] = own.show(identity)["ended_at"]
        assert at[60].endswith("01:47:40.000Z")
        assert at["90"].endswith("01:48:30.000Z")


@pytest.mark.parametrize(
    ("mutation", "word"),
    [
        (behave("/resources/job/states/succeeded/during", "queued"), "succeeded is a success"),
        (behave("/resources/job/states/failed/during", "waiting"), "'waiting'"),
        (behave("/resources/job/states/failed/durin", "queued"), "'durin'"),
        (limited(5, "expird"), "no state 'expird'"),
        (limited(5, "succeeded"), "'succeeded' is a success"),
        (limited(5, "running"), "'running' is no end"),
        (limited(5, {"queud": "failed"}), "Did you mean 'queued'?"),
        (limited(5, {"queued": "succeeded"}), "then/queued: 'succeeded' is a success"),
        (limited(5, {"succeeded": "failed"}), "no run is found in 'succeeded'"),
        (limited({"fact": "request./windw"}), "/windw"),
        (limited("state"), "no request says state"),
        (kept("request./kep"), "/kep"),
        (kept("id"), "no request says id"),
        (behave("/resources/job/run/within", {"seconds": 5}), "'then' is missing"),
        (behave("/operations/getJob/bindings/~1created_at", {"fact": "created", "plus": "request./kep"}), "/kep"),
        (behave("/matches/0/plan", {"outcome": "succeeded", "during": "queued"}), "no success"),
    ],
)
def test_times_that_cannot_be_are_named(mutation: Mutation, word: str, tmp_path: Path) -> None:
    found = findings(tmp_path, mutation)
    assert any(word in each for each in found), "\n".join(found) or "nothing was found"


def test_hours_of_a_request_are_so_many_seconds(tmp_path: Path) -> None:
    hours = {"fact": "request./window", "times": 3600}
    slow = behave("/resources/job/run/running", {"fixed": 100_000})
    until = behave("/operations/getJob/bindings/~1ended_at", {"fact": "created", "plus": hours})
    shown = both(*(show(f"/components/examples/{each}/value/ended_at", 1) for each in SHOWN))
    with serving(tmp_path, limited({**hours, "else": 60}, "cancelled", slow, until, shown, OPEN)) as own:
        identity = own.submit(window=2).json()["id"]
        assert own.show(identity)["ended_at"] == 1_000_000_000 + 7200
        own.advance(7199)
        assert stand(own, identity)[0] == "running"
        own.advance(1)
        assert stand(own, identity)[0] == "cancelled"
