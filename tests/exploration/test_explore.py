"""`explore`, `schedules` and `answers` as a test suite uses them."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import json
import time
import urllib.request
from typing import Any

import httpx
import pytest
import requests
from exploration_kit import exploration, session_of
from hypothesis import find, given, settings
from hypothesis import strategies as st

import pytest_plugin
from mockserver import Running
from mockserver.errors import UsageError
from mockserver.exploring import jumped
from mockserver.schedules import Alphabet, apply, check_schedule, smallest, written
from mockserver.steering import ControlError
from mockserver.testing.findings import Findings
from mockserver.testing.session import Session
from pytest_plugin import answers, explore, schedules
from pytest_plugin.exploration.explorer import _alphabet
from pytest_plugin.exploration.strategies import contract_of

QUICK = settings(max_examples=25, deadline=None, derandomize=True, database=None)
STUCK = {"api": "vidgen", "fault": "stuck"}
FAILS = {"api": "vidgen", "plan": {"outcome": "FAILED"}}


def test_the_public_names_stay_functions() -> None:
    assert callable(pytest_plugin.explore)
    assert pytest_plugin.explore is explore


def test_a_client_that_does_nothing_passes(running: Running) -> None:
    @explore("vidgen", max_examples=5)
    def nothing(vidgen: Any) -> None:
        assert vidgen.api_key

    assert list(inspect.signature(nothing).parameters) == ["_mockserver_session"]
    nothing(_mockserver_session=session_of(running))


def test_other_arguments_are_fixtures_and_the_first_one_is_the_api(running: Running) -> None:
    seen = []

    @explore("vidgen", max_examples=2)
    def client(view: Any, tmp_path: str) -> None:
        seen.append((view.name, tmp_path))

    assert list(inspect.signature(client).parameters) == ["_mockserver_session", "tmp_path"]
    client(_mockserver_session=session_of(running), tmp_path="x")
    assert seen == [("vidgen", "x")] * 2


def test_a_client_that_raises_fails_with_its_own_line(running: Running) -> None:
    @explore("vidgen", max_examples=3)
    def broken(vidgen: Any) -> None:
        raise KeyError("x")

    with pytest.raises(AssertionError, match=r"raised_KeyError \(test_explore.py:\d+\).*schedule=\[\]"):
        _one_line(broken, session_of(running))


def _one_line(test: Any, session: Any) -> None:
    try:
        test(_mockserver_session=session)
    except AssertionError as error:
        raise AssertionError(str(error).replace("\n", " ")) from None


def test_a_coroutine_is_explored_in_virtual_time(running: Running) -> None:
    @explore("vidgen", max_examples=3, seconds=100)
    async def slow(vidgen: Any) -> None:
        await asyncio.sleep(1000)

    with pytest.raises(AssertionError, match="never_ended"):
        slow(_mockserver_session=session_of(running))


def test_a_client_that_takes_too_long_is_told(running: Running) -> None:
    def waits(vidgen: Any) -> None:
        for _ in range(3):
            vidgen.clock.advance(50)

    found = exploration(1, seconds=100)
    found.run(session_of(running), waits)
    assert [rule for rule, _ in found.found] == ["too_long"]


def test_more_jobs_than_meant_are_told(running: Running) -> None:
    from exploration_kit import AUDIO, IMAGE, NAIVE

    def twice(vidgen: Any) -> None:
        for _ in range(2):
            form = NAIVE._form(image=IMAGE, audio=AUDIO)
            NAIVE._ask("POST", f"{vidgen.url}/api/jobs", vidgen.api_key, form)
            time.sleep(60)

    found = exploration(1, Exception)
    found.run(session_of(running), twice)
    assert [rule for rule, _ in found.found] == ["submitted_twice"]
    allowed = exploration(1, Exception, submits=2)
    allowed.run(session_of(running), twice)
    assert not allowed.found


def test_a_client_that_does_not_heed_retry_after_is_told(running: Running) -> None:
    def hasty(vidgen: Any) -> None:
        for _ in range(2):
            request = urllib.request.Request(f"{vidgen.url}/api/status/x", headers={"X-API-Key": vidgen.api_key})
            with pytest.raises(urllib.error.HTTPError) as raised:
                urllib.request.urlopen(request, timeout=10)
            raised.value.close()
            time.sleep(1)

    found = exploration(40, Exception)
    found.run(session_of(running), hasty)
    assert {rule for rule, _ in found.found} == {"ignored_retry_after"}


def test_a_hang_is_met_by_the_clients_own_time_out_in_no_time(running: Running) -> None:
    waited = []

    def patient(vidgen: Any) -> None:
        began = time.time()
        try:
            urllib.request.urlopen(f"{vidgen.url}/api/health", timeout=40).close()
        except OSError:
            waited.append(time.time() - began)

    found = exploration(2)
    found.alphabet.singles = [{"api": "vidgen", "fault": "hang", "operation": "getHealth", "times": 1}]
    found.run(session_of(running), patient)
    assert not found.found, found.report()
    assert waited == [40]


def test_a_client_without_a_time_out_never_ends(running: Running) -> None:
    def trusting(vidgen: Any) -> None:
        urllib.request.urlopen(f"{vidgen.url}/api/health").close()

    found = exploration(2, OSError)
    found.alphabet.singles = [{"api": "vidgen", "fault": "hang", "operation": "getHealth", "times": 1}]
    found.run(session_of(running), trusting)
    assert [small for _, small, _ in found.found.values()] == [found.alphabet.singles]
    assert [rule for rule, _ in found.found] == ["never_ended"]
    assert next(where for _, where in found.found).startswith("test_explore.py:")


SILENCES = {"stall": [{}], "latency": [{"seconds": 45.0}, {"seconds": 5.0}]}


@pytest.mark.parametrize("fault", SILENCES)
def test_a_client_that_submits_again_after_its_time_out_is_told(running: Running, fault: str) -> None:
    from exploration_kit import AUDIO, IMAGE, NAIVE

    def impatient(vidgen: Any) -> None:
        form = NAIVE._form(image=IMAGE, audio=AUDIO)
        kind = {"Content-Type": f"multipart/form-data; boundary={NAIVE.BOUNDARY}", "X-API-Key": vidgen.api_key}
        for _ in range(2):
            with contextlib.suppress(TimeoutError):
                asked = urllib.request.Request(f"{vidgen.url}/api/jobs", form, kind)
                urllib.request.urlopen(asked, timeout=15).close()
                break

    found = exploration(3, OSError)
    silent = {"api": "vidgen", "fault": fault, "operation": "createJob", "times": 1}
    found.alphabet.singles = [{**silent, **more} for more in SILENCES[fault]]
    found.run(session_of(running), impatient)
    assert [rule for rule, _ in found.found] == ["submitted_twice"], found.report()
    assert [small for _, small, _ in found.found.values()] == [found.alphabet.singles[:1]]


def test_a_client_that_asks_without_a_pause_is_stopped(running: Running) -> None:
    @explore("vidgen", max_examples=1)
    async def restless(vidgen: Any) -> None:
        async with httpx.AsyncClient() as client:
            while True:
                await client.get(f"{vidgen.url}/api/health")

    with pytest.raises(AssertionError, match=r"never_ended \(test_explore.py:\d+\).*asked 200 times without a pause"):
        _one_line(restless, session_of(running))


def test_a_client_that_asks_too_often_is_stopped(running: Running) -> None:
    @explore("vidgen", max_examples=1, requests=250)
    def steady(vidgen: Any) -> None:
        with requests.Session() as session:
            while True:
                session.get(f"{vidgen.url}/api/health")
                time.sleep(0.5)

    with pytest.raises(AssertionError, match=r"never_ended .*made 250 requests"):
        _one_line(steady, session_of(running))


def test_calls_to_the_vendors_own_host_are_led_to_the_sandbox(running: Running) -> None:
    seen = []

    @explore("miraflow", max_examples=1)
    def constant(miraflow: Any) -> None:
        seen.append(httpx.get("https://miraflow.ai/api/avatars", headers={"x-api-key": miraflow.api_key}).status_code)

    constant(_mockserver_session=session_of(running))
    assert seen == [200]


def test_pace_is_left_out_where_it_would_take_real_seconds(running: Running) -> None:
    def paces(session: Session) -> set[str]:
        singles = _alphabet(session, "vidgen", False, ()).singles
        return {event["fault"] for event in singles if "fault" in event} & {"hang", "stall", "latency"}

    elsewhere = Session(running.steering, Findings())
    assert paces(session_of(running)) == {"hang", "stall", "latency"}
    assert paces(elsewhere) == set()
    found = exploration(2, OSError)
    found.run(elsewhere, lambda vidgen: urllib.request.urlopen(f"{vidgen.url}/api/health", timeout=5).close())
    assert not found.found


def test_events_that_do_harm_alone_are_not_drawn_again(running: Running) -> None:
    met = []

    def picky(vidgen: Any) -> None:
        met.append(1)
        try:
            urllib.request.urlopen(f"{vidgen.url}/api/health", timeout=5).close()
        except urllib.error.HTTPError as error:
            error.close()
            raise KeyError("x") from None

    found = exploration(30)
    harm = {"api": "vidgen", "fault": "status", "operation": "getHealth", "times": 1}
    found.alphabet.singles = [harm, STUCK]
    found.run(session_of(running), picky)
    assert [small for _, small, _ in found.found.values()] == [[harm]]
    assert found.examples == 30
    assert len(met) == 30 + 1  # and once without the event


def test_jumps_of_the_clock_are_nobodys_fault() -> None:
    assert jumped([STUCK], 3) == 0
    assert jumped([{"fault": "clock_jump"}, {"fault": "clock_jump", "seconds": 5}], 2) == 7200


# Schedules ---------------------------------------------------------------------------------------------------


@QUICK
@given(schedule=schedules("vidgen", webhooks=True))
def test_schedules_of_chance_can_be_armed(running: Running, schedule: Any) -> None:
    with running.sandbox() as sandbox:
        apply(schedule, sandbox)


@pytest.mark.parametrize("api", ["miraflow", "miragic", "mirrago", "vidgen"])
def test_every_event_of_an_alphabet_can_be_armed(running: Running, api: str) -> None:
    with running.sandbox() as sandbox:
        for event in Alphabet(contract_of(api), webhooks=True).singles:
            apply([event], sandbox)


def test_webhooks_are_mishandled_on_request_only() -> None:
    def faults(**more: bool) -> set[str]:
        return {event.get("fault", "") for event in Alphabet(contract_of("vidgen"), **more).singles}

    assert {f for f in faults(webhooks=True) - faults() if not f.startswith("webhook_")} == set()
    assert "webhook_late" in faults(webhooks=True)


def test_a_schedule_shrinks_to_the_event_that_matters() -> None:
    small = find(schedules("vidgen"), lambda s: any(e.get("fault") == "stuck" for e in s))
    assert small == [STUCK]


def test_zeros_make_the_schedule_in_which_nothing_happens() -> None:
    assert Alphabet(contract_of("vidgen")).make(lambda n: 0) == []


def test_what_does_not_matter_is_left_out() -> None:
    late = {"api": "vidgen", "fault": "status", "operation": "getStatus", "nth": 3, "status": 500}
    plan = {"api": "vidgen", "plan": {"outcome": "FAILED", "running": 3}}
    small = smallest([STUCK, late, plan], lambda s: any(e.get("fault") == "status" for e in s))
    assert small == [{"api": "vidgen", "fault": "status", "operation": "getStatus", "times": 1}]
    small = smallest([STUCK, plan], lambda s: any("plan" in e for e in s))
    assert small == [{"api": "vidgen", "plan": {"outcome": "FAILED"}}]


def test_shrinking_ends() -> None:
    tries: list[Any] = []

    def fails(schedule: Any) -> bool:
        tries.append(schedule)
        return False

    smallest([STUCK, FAILS] * 50, fails, most=10)
    assert len(tries) == 10


@pytest.mark.parametrize(
    ("schedule", "said"),
    [
        ("stuck", "a list of events"),
        ([{"fault": "stuck"}], "which API"),
        ([{"api": "vidgen"}], "either a plan or a fault"),
        ([{**STUCK, "plan": {}}], "either a plan or a fault"),
        ([{"api": "vidgen", "plan": 3}], "is {'api'"),
        ([{"api": "vidgen", "fault": "stuk"}], "there is no fault 'stuk'"),
    ],
)
def test_what_is_no_schedule_is_refused(schedule: Any, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        check_schedule(schedule)


def test_a_schedule_that_cannot_come_true_is_refused(running: Running) -> None:
    with running.sandbox() as sandbox, pytest.raises(ControlError):
        apply([{"api": "vidgen", "plan": {"outcome": "NOWHERE"}}], sandbox)


def test_a_schedule_is_written_as_code_that_reads_back() -> None:
    odd = {"api": "vidgen", "fault": "unknown_enum", "value": 'a"b\\c', "field": "x"}
    code = written([odd, {"api": "vidgen", "plan": {"queued": 1.5}}], seed="s")
    arguments = code.removeprefix("@pytest.mark.mockserver")
    assert eval(f"dict{arguments}") == {"seed": "s", "schedule": [odd, {"api": "vidgen", "plan": {"queued": 1.5}}]}
    assert written([]) == "@pytest.mark.mockserver(schedule=[])"


# Answers -----------------------------------------------------------------------------------------------------


@QUICK
@given(body=answers("vidgen", "getStatus", state="PENDING"))
def test_answers_are_served_by_a_sandbox(running: Running, body: Any) -> None:
    from exploration_kit import AUDIO, IMAGE, NAIVE

    with running.sandbox() as sandbox:
        vidgen = sandbox.api("vidgen")
        form = NAIVE._form(image=IMAGE, audio=AUDIO)
        job = NAIVE._ask("POST", f"{vidgen.url}/api/jobs", vidgen.api_key, form)["jobId"]
        vidgen.fault("given_body", operation="getStatus", state="PENDING", body=json.dumps(body))
        assert NAIVE._ask("GET", f"{vidgen.url}/api/status/{job}", vidgen.api_key) == body
        sandbox.clock.advance(4)
        assert NAIVE._ask("GET", f"{vidgen.url}/api/status/{job}", vidgen.api_key)["status"] == "PROCESSING"


def test_an_answer_shrinks_towards_the_example() -> None:
    strategy = answers("vidgen", "getStatus", state="COMPLETED")
    small = find(strategy, lambda body: len(body["outputVideo"]) > 300)
    shown = contract_of("vidgen").operations["getStatus"].examples["COMPLETED"][0].value
    assert {name for name in shown if small[name] != shown[name]} == {"outputVideo"}


@settings(QUICK, max_examples=50)
@given(data=st.data())
def test_unknown_states_come_on_request(data: st.DataObject) -> None:
    body = data.draw(answers("vidgen", "getStatus", unknown_enums=True, extra_fields=True))
    assert isinstance(body["status"], str)


def test_an_api_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError, match="known: miraflow"):
        schedules("nothing")


def test_without_hypothesis_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "hypothesis", None)
    with pytest.raises(UsageError, match=r"mockserver-kit\[fuzz\]"):
        schedules("vidgen")
