"""Answers that are held back: a request that creates or shows a job waits for its end, or for its next state."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from api_kit import receiving
from check_kit import Mutation, behave, both, show
from flow_kit import ALL, KEY, keyed, parameter, waiting_create, waiting_show
from language_kit import NAME, SUBMIT, Served, findings, serving
from running_kit import on_loop
from steered_kit import everywhere

from mockserver import held_requests
from mockserver.app.waiting import seconds_of, waited
from mockserver.testing.times import ThreadTime
from mockserver.virtual_time import fast_forward


@contextmanager
def asking(own: Served, *requests: Any) -> Iterator[list[Future[httpx.Response]]]:
    """Requests that are under way, each in a thread, once all of them are held."""
    with ThreadPoolExecutor(len(requests)) as pool:
        asked = [pool.submit(request) for request in requests]
        held(own, len(requests))
        yield asked


def held(own: Served, count: int) -> None:
    """Return once so many requests are held; a time-out of the run ends what never comes."""
    each = everywhere(own.sandbox)
    on_loop(own.running, until(lambda: sum(one.moments.held for one in each) >= count))


async def until(is_so: Callable[[], bool]) -> None:
    while not is_so():  # noqa: ASYNC110 - nothing tells of a count
        await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test depends on how fast this machine is: the clock may stand for a minute."""
    monkeypatch.setattr(held_requests, "PATIENCE", 60.0)


def submitted(own: Served, prefer: str = "wait=60", **more: Any) -> httpx.Response:
    headers = {**KEY, "Prefer": prefer, **more}
    return own.http.post("/v1/jobs", json={"prompt": "x"}, headers=headers, timeout=60)


def test_a_submission_waits_for_the_end_of_its_job(tmp_path: Path) -> None:
    with serving(tmp_path, waiting_create()) as own, asking(own, lambda: submitted(own)) as (asked,):
        own.advance(5)
        assert not asked.done()
        own.advance(20)
        told = asked.result()
        assert (told.status_code, told.json()["status"], told.json()["ended_at"]) == (
            201, "succeeded", "2001-09-09T01:46:50.000Z",
        )  # fmt: skip
        assert told.headers["date"].endswith("01:46:50 GMT")
        assert own.http.get(told.json()["picture_url"]).status_code == 200
        (entry,) = (e for e in own.running.default.api(NAME).journal if e.operation == "submitJob")
        assert (entry.raw["waited"], entry.at) == (10.0, 1_000_000_000.0)


def test_without_a_place_every_answer_waits(tmp_path: Path) -> None:
    """Whatever the status of the state in which a job is created: it is the answer of one that took too long."""
    always = both(waiting_create(), behave("/operations/submitJob/wait", {"most": 60}), show(
        f"{SUBMIT}/responses/504", {"description": "It took too long", "content": {"application/json": {"examples": {
            name: ALL[name] for name in ("queued", "running")}}}},
    ), show(f"{SUBMIT}/responses/201/content/application~1json/examples", {
        name: said for name, said in ALL.items() if name not in ("queued", "running")}))  # fmt: skip
    with serving(tmp_path, always) as own:
        with asking(own, own.submit) as (asked,):
            own.advance(20)
            assert (asked.result().status_code, asked.result().json()["status"]) == (201, "succeeded")
        own.running.default.api(NAME).next_job(running=600)
        with asking(own, own.submit) as (asked,):
            own.advance(60)
            assert (asked.result().status_code, asked.result().json()["status"]) == (504, "running")


def test_it_waits_no_longer_than_it_wants_to(tmp_path: Path) -> None:
    with (
        serving(tmp_path, waiting_create()) as own,
        asking(own, lambda: submitted(own, "respond-async, wait=5")) as (asked,),
    ):
        own.advance(4.9)
        assert not asked.done()
        own.advance(0.1)
        assert (asked.result().json()["status"], asked.result().json()["progress"]) == ("running", 37)


def test_a_refusal_is_not_held_back(tmp_path: Path) -> None:
    with serving(tmp_path, waiting_show(until="change")) as own:
        identity = own.submit().json()["id"]
        api = own.sandbox.apis[NAME]
        job = api.planned(api.store.get(identity))
        wait = api.contract.operations["getJob"].wait
        assert wait is not None
        call: Any = SimpleNamespace(job=job, query={"wait": "30"}, parameters={"query.wait": "30"}, values={})
        refusal: Any = SimpleNamespace(status=409)
        place = "mockserver.app.waiting.value_at"
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(place, lambda *_: "30")
            assert asyncio.run(waited(call, refusal, wait)).answer is refusal


def test_who_does_not_ask_to_wait_does_not_wait(tmp_path: Path) -> None:
    with serving(tmp_path, waiting_create()) as own:
        assert own.submit().json()["status"] == "queued"
        for prefer in ("respond-async", "wait=0", "await=5", "wait=soon", "wait=-5", ""):
            assert submitted(own, prefer).json()["status"] == "queued"


def test_a_long_poll_ends_with_the_next_state_and_not_before(tmp_path: Path) -> None:
    with serving(tmp_path, waiting_show(until="change")) as own:
        identity = own.submit().json()["id"]

        def ask() -> httpx.Response:
            return own.http.get(f"/v1/jobs/{identity}?wait=30s", headers=KEY, timeout=60)

        for seconds, state in ((2, "running"), (8, "succeeded")):
            with asking(own, ask) as (asked,):
                own.advance(seconds - 0.1)
                assert not asked.done()
                own.advance(0.1)
                assert asked.result().json()["status"] == state
        assert ask().json()["status"] == "succeeded"


def test_a_job_that_is_cancelled_meanwhile_ends_the_waiting(tmp_path: Path) -> None:
    with serving(tmp_path, waiting_show()) as own:
        identity = own.submit().json()["id"]
        with asking(own, lambda: own.http.get(f"/v1/jobs/{identity}?wait=60", headers=KEY, timeout=60)) as (asked,):
            own.advance(1)
            assert own.http.post(f"/v1/jobs/{identity}/cancel", headers=KEY).status_code == 200
            assert (asked.result().json()["status"], asked.result().json()["ended_at"]) == (
                "cancelled", "2001-09-09T01:46:41.000Z",
            )  # fmt: skip


def test_a_job_that_is_moved_wakes_those_alone_that_wait_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[str] = []
    usual = held_requests.JobPause.wake

    def noted(pause: held_requests.JobPause, is_time: bool = True) -> None:
        woken.append(pause.job)
        usual(pause, is_time)

    with serving(tmp_path, waiting_show()) as own:
        jobs = [own.submit().json()["id"] for _ in range(3)]

        def polled(job: str) -> httpx.Response:
            return own.http.get(f"/v1/jobs/{job}?wait=60", headers=KEY, timeout=60)

        with asking(own, *(lambda job=each: polled(job) for each in jobs)) as asked:
            monkeypatch.setattr(held_requests.JobPause, "wake", noted)
            own.http.post(f"/v1/jobs/{jobs[1]}/cancel", headers=KEY)
            assert asked[1].result(60).json()["status"] == "cancelled"
            assert set(woken) == {jobs[1]}
            assert [each.done() for each in asked] == [False, True, False]
            own.advance(100)


def test_a_clock_that_goes_by_itself_ends_the_waiting(tmp_path: Path) -> None:
    with serving(tmp_path, waiting_create()) as own:
        own.running.default.clock.set("real", rate=1000)
        told = submitted(own)
        assert told.json()["status"] == "succeeded"


def test_a_clock_that_steps_ends_it_with_the_requests_of_others(tmp_path: Path) -> None:
    with serving(tmp_path, waiting_show()) as own:
        identity = own.submit().json()["id"]
        own.running.default.clock.set("step", step=5)
        with asking(own, lambda: own.http.get(f"/v1/jobs/{identity}?wait=60", headers=KEY, timeout=60)) as (asked,):
            own.show(own.submit().json()["id"])
            assert asked.result().json()["status"] == "succeeded"


def test_on_a_clock_that_stands_it_is_let_go_with_a_hint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_requests, "PATIENCE", 0.01)
    with serving(tmp_path, waiting_create()) as own:
        assert submitted(own).json()["status"] == "queued"
        (entry,) = (e for e in own.running.default.api(NAME).journal if e.operation == "submitJob")
        assert "fast_forward" in entry.raw["hint"]
        assert own.sandbox.in_flight == 0


def test_too_many_are_not_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_requests, "HELD", 2)
    with serving(tmp_path, waiting_create()) as own, asking(own, *[lambda: submitted(own)] * 2) as asked:
        assert submitted(own).json()["status"] == "queued"
        own.advance(10)
        assert [each.result().json()["status"] for each in asked] == ["succeeded"] * 2


def test_many_wait_at_once_and_each_is_told_of_its_own_job(tmp_path: Path) -> None:
    with serving(tmp_path, waiting_create()) as own, asking(own, *[lambda: submitted(own)] * 40) as asked:
        assert own.sandbox.in_flight == 0
        own.advance(10)
        told = [each.result().json() for each in asked]
        assert {each["status"] for each in told} == {"succeeded"}
        assert len({each["id"] for each in told}) == 40


def test_a_client_that_leaves_undoes_nothing_and_its_webhook_goes_out(tmp_path: Path) -> None:
    with receiving() as receiver, serving(tmp_path, waiting_create()) as own:
        body = {"prompt": "x", "callback": receiver.url}
        with pytest.raises(httpx.ReadTimeout):
            own.http.post("/v1/jobs", json=body, headers={**KEY, "Prefer": "wait"}, timeout=httpx.Timeout(5, read=0.05))
        on_loop(own.running, until(lambda: not own.sandbox.home.in_flight))
        assert (own.sandbox.moments.held, own.sandbox.apis[NAME].store.number) == (0, 1)
        own.advance(10)
        receiver.wait(1)
        assert receiver.got[0].json["status"] == "succeeded"


def test_the_webhook_of_the_end_comes_behind_the_answer_and_within_the_same_move_of_the_clock(tmp_path: Path) -> None:
    with receiving() as receiver, serving(tmp_path, waiting_create()) as own:

        def ask() -> httpx.Response:
            body = {"prompt": "x", "callback": receiver.url}
            return own.http.post("/v1/jobs", json=body, headers={**KEY, "Prefer": "wait"}, timeout=60)

        with asking(own, ask) as (asked,):
            own.advance(10)
            assert len(receiver.got) == 1
            assert asked.result().json()["status"] == "succeeded"


def test_a_webhook_that_is_queued_wakes_no_request_that_is_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(tmp_path, waiting_create()) as own, asking(own, lambda: submitted(own)) as (asked,):
        woken = list[Any]()
        with monkeypatch.context() as patch:
            patch.setattr(held_requests.JobPause, "wake", lambda *given: woken.append(given))
            own.submit(callback="https://127.0.0.1:1/").raise_for_status()
        own.advance(10)
        assert not woken
        assert asked.result().json()["status"] == "succeeded"


def test_a_reset_ends_the_waiting(tmp_path: Path) -> None:
    with serving(tmp_path, waiting_create()) as own, asking(own, lambda: submitted(own)) as (asked,):
        own.running.default.reset()
        assert asked.result().status_code == 410
        assert not own.sandbox.moments.pauses


def test_a_server_that_stops_answers_what_waits(tmp_path: Path) -> None:
    with serving(tmp_path, waiting_create()) as own, asking(own, lambda: submitted(own)) as (asked,):
        own.running.stop()
        assert asked.result().json()["status"] == "queued"


WAITING_KEYED = both(
    keyed(),
    waiting_create(),
    show(f"{SUBMIT}/parameters", [parameter("Prefer"), parameter("Idempotency-Key")]),
)


def test_a_client_that_leaves_and_asks_again_under_its_key_makes_no_other_job(tmp_path: Path) -> None:
    with serving(tmp_path, WAITING_KEYED) as own:
        headers, body = {**KEY, "Idempotency-Key": "k"}, {"prompt": "x"}
        patience = httpx.Timeout(5, read=0.05)
        with pytest.raises(httpx.ReadTimeout):
            own.http.post("/v1/jobs", json=body, headers={**headers, "Prefer": "wait"}, timeout=patience)
        on_loop(own.running, until(lambda: not own.sandbox.home.in_flight))
        again = own.http.post("/v1/jobs", json=body, headers=headers)
        assert (again.status_code, again.json()["status"]) == (201, "queued")
        assert own.sandbox.apis[NAME].store.number == 1


def test_a_key_is_busy_while_its_first_request_waits_and_keeps_what_that_was_told(tmp_path: Path) -> None:
    with serving(tmp_path, WAITING_KEYED) as own:

        def ask() -> httpx.Response:
            return submitted(own, **{"Idempotency-Key": "k"})

        with asking(own, ask) as (asked,):
            assert ask().status_code == 409
            own.advance(10)
            assert ask().content == asked.result().content
        assert own.sandbox.apis[NAME].store.number == 1


def test_faults_of_pace_come_behind_the_waiting(tmp_path: Path) -> None:
    with serving(tmp_path, waiting_create()) as own:
        own.running.default.api(NAME).fault("latency", operation="submitJob", seconds=0.01)
        with asking(own, lambda: submitted(own)) as (asked,):
            own.advance(10)
            told = asked.result()
            assert (told.json()["status"], told.headers["x-mock-fault"]) == ("succeeded", "latency")


def test_a_job_that_is_stuck_is_waited_for_no_longer_than_was_wanted(tmp_path: Path) -> None:
    with serving(tmp_path, waiting_show()) as own:
        own.running.default.api(NAME).fault("stuck")
        identity = own.submit().json()["id"]
        with asking(own, lambda: own.http.get(f"/v1/jobs/{identity}?wait=30", headers=KEY, timeout=60)) as (asked,):
            own.advance(29)
            assert not asked.done()
            own.advance(1)
            assert asked.result().json()["status"] == "running"


def test_fast_forward_moves_the_clock_to_the_moment_that_a_held_request_waits_for(tmp_path: Path) -> None:
    """With httpx, in this thread: nothing else waits for anything."""
    with serving(tmp_path, waiting_create(), waiting_show(until="change")) as own:
        time = ThreadTime(own.running.default, own.running)
        with fast_forward(time) as forward:
            told = submitted(own)
            assert (told.json()["status"], forward.elapsed) == ("succeeded", 10.0)
            told = submitted(own, "wait=5")
            assert (told.json()["status"], forward.elapsed) == ("running", 15.0)


def test_fast_forward_moves_the_clock_for_requests_of_tasks_as_well(tmp_path: Path) -> None:
    with serving(tmp_path, waiting_create()) as own:

        async def client() -> None:
            async with httpx.AsyncClient(base_url=f"{own.root}/{NAME}", trust_env=False, timeout=60) as http:

                async def ask(seconds: int) -> tuple[str, float]:
                    headers = {**KEY, "Prefer": f"wait={seconds}"}
                    told = await http.post("/v1/jobs", json={"prompt": "x"}, headers=headers)
                    return told.json()["status"], forward.elapsed

                assert await asyncio.gather(ask(60), ask(5), ask(1)) == [
                    ("succeeded", 10.0), ("running", 5.0), ("queued", 1.0),
                ]  # fmt: skip
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(ask(60), 3)

        with fast_forward(ThreadTime(own.running.default, own.running)) as forward:
            asyncio.run(client())


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (5, 5), (5.5, 5.5), ("5", 5), ("5s", 5), ("5 s", 5), ("500ms", 0.5), ("wait=5", 5), ("wait = 5", 5),
        ("respond-async, wait=5", 5), ("wait=5, respond-async", 5), ('wait="5"', 5), ("Wait=5; q=1", 5), ("wait", 60),
        ("respond-async,wait", 60), (True, 60), ("true", 60), (False, 0), (-1, 0), ("-1", 0), ("", 0), ("nan", 0),
        ("inf", 0), ("1e9", 0), (10**30, 60), ("99999", 60), (None, 0), ({}, 0), (["respond-async", "wait=5"], 5),
        ("29.999999999999996", 29.999999999999996), ("wait=0.30000000000000004", 0.30000000000000004),
        ("5m", 0), ("waiting=5", 0), ("nowait=5", 0), ("٣", 0), ("wait=" + "9" * 5000, 0), ("," * 10_000, 0),
    ],
)  # fmt: skip
def test_how_long_a_request_wants_to_wait_is_read_in_every_form(value: Any, seconds: float) -> None:
    assert seconds_of(value, 60.0) == seconds


MISTAKES: list[tuple[str, Mutation, str, str]] = [
    ("a place that no request has", both(waiting_show(), behave("/operations/getJob/wait/for", "query.wayt")),
     "#/operations/getJob/wait/for", "query.wayt"),
    ("a word written wrong", both(waiting_show(), behave("/operations/getJob/wait/untill", "end")),
     "#/operations/getJob/wait", "Did you mean 'until'"),
    ("an end that is none", waiting_show(until="ende"), "#/operations/getJob/wait/until", "Did you mean 'end'"),
    ("no bound", both(waiting_show(), behave("/operations/getJob/wait/most", 0)), "wait/most", "minimum"),
    ("states that are not answered", both(waiting_create(), show(
        f"{SUBMIT}/responses/201/content/application~1json/examples", {"queued": ALL["queued"]})),
     f"#{SUBMIT}/responses", "does not answer the state succeeded"),
    ("a verb that does not wait", behave("/operations/cancelJob/wait", {"for": "query.wait", "most": 5}),
     "#/operations/cancelJob", "'wait'"),
]  # fmt: skip


@pytest.mark.parametrize(("mutation", "at", "word"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES])
def test_a_mistake_is_named_with_its_remedy(mutation: Mutation, at: str, word: str, tmp_path: Path) -> None:
    found = findings(tmp_path, mutation)
    assert any(at in each and word in each for each in found), found
