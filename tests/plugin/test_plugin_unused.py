"""What a test armed and took no effect fails it: which things count, what the failure says, how it is switched."""

from __future__ import annotations

import pytest
from plugin_kit import Run

from mockserver import start

HEAD = "What the test armed took no effect:"
HELPERS = """
def poll(vidgen):
    return look(vidgen, submit(vidgen).json()["jobId"])
"""
IN_VAIN = (
    HELPERS
    + """
def test_it(vidgen):
    vidgen.fault("status", operation="listJobs")
    poll(vidgen)
"""
)


def test_a_fault_that_met_no_request_fails_the_test_with_its_line_and_the_nearest_request(run: Run) -> None:
    result = run(IN_VAIN)
    result.assert_outcomes(failed=1)  # in the call phase: no error of setup or teardown
    result.stdout.fnmatch_lines(
        [
            HEAD,
            '  test_it.py:7: vidgen.fault("status", operation="listJobs")',
            "    the fault status of vidgen: getStatus was asked, the fault waits for listJobs",
            "    2 1000000000.000 vidgen.getStatus  GET /api/status/*  200 PENDING",
            'Meant to be so? Disarm it, or @pytest.mark.mockserver(unused="off").',
        ]
    )
    result.stdout.no_fnmatch_line("*judgement.py*")


def test_so_does_a_plan_that_no_job_followed(run: Run) -> None:
    result = run("""
def test_it(vidgen, mirrago):
    vidgen.next_job(
        outcome="FAILED",
        error="No face",
    )
    httpx.get(mirrago.url + "/v1/mirrago/x")
""")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            HEAD,
            '  test_it.py:4: vidgen.next_job( outcome="FAILED", error="No face", )',
            "    the plan for vidgen: no request came to vidgen at all; the last one went to mirrago",
        ]
    )


def test_what_took_effect_was_disarmed_or_left_to_chance_does_not_count(run: Run) -> None:
    result = run(
        HELPERS
        + """
def test_once_of_twice(vidgen):
    vidgen.fault("status", operation="getStatus", times=2)
    vidgen.next_job(count=2, running=1)
    submit(vidgen), httpx.get(vidgen.url + "/api/status/x", headers={"X-API-Key": vidgen.api_key})

def test_disarmed(vidgen):
    vidgen.fault("status").disarm()
    vidgen.next_job(running=1).disarm()
    with vidgen.fault("stuck"), vidgen.next_job(running=2):
        pass

def test_chance(vidgen):
    vidgen.fault("status", probability=0.01, operation="listJobs")
    poll(vidgen)

def test_reset(vidgen, sandbox):
    vidgen.fault("status")
    sandbox.reset()

@pytest.mark.mockserver(scenario="flaky", schedule=[{"api": "vidgen", "fault": "hang", "operation": "listJobs"}])
def test_scenario_and_schedule(vidgen):
    vidgen.scenario("outage")
"""
    )
    result.assert_outcomes(passed=5)


def test_a_fault_taken_back_after_it_was_used_up_is_an_error_as_ever(run: Run) -> None:
    result = run("""
def test_it(vidgen):
    armed = vidgen.fault("status", operation="getHealth", times=1)
    assert httpx.get(vidgen.url + "/api/health").status_code == 503
    with pytest.raises(Exception, match="is armed"):
        armed.disarm()
    with armed:
        pass
""")
    result.assert_outcomes(passed=1)


FIXTURES = """
@pytest.fixture(scope="session")
def world(mockserver):
    with mockserver.sandbox() as made:
        yield made

@pytest.fixture(scope="{scope}")
def armed(request, world):
    return request.getfixturevalue("inner")

@pytest.fixture(scope="{scope}")
def inner(world):
    return world.api("vidgen").fault("status", operation="cancelJob")

def test_it(armed):
    pass
"""


@pytest.mark.parametrize(
    ("scope", "outcome"),
    [("function", "failed"), ("class", "passed"), ("module", "passed"), ("package", "passed"), ("session", "passed")],
)
def test_only_fixtures_of_the_tests_own_count_as_the_test(run: Run, scope: str, outcome: str) -> None:
    run(FIXTURES.format(scope=scope)).assert_outcomes(**{outcome: 1})


def test_setup_of_a_class_is_wider_and_setup_of_a_method_is_not(run: Run) -> None:
    result = run("""
import unittest
from mockserver import start

@pytest.fixture(scope="module", autouse=True)
def world(mockserver):
    with mockserver.sandbox() as made:
        Base.api = made.api("vidgen")
        yield

class Base:
    pass

class TestWide(Base):
    def setup_class(self):
        Base.api.fault("status", operation="listJobs")

    def test_it(self):
        pass

class TestNarrow(Base):
    def setup_method(self):
        Base.api.fault("status", operation="cancelJob")

    def test_it(self):
        pass

class TestUnit(unittest.TestCase):
    def setUp(self):
        Base.api.fault("status", operation="cancelJob")

    def test_it(self):
        pass
""")
    result.assert_outcomes(passed=1, failed=2)


def test_a_factory_from_a_wider_fixture_arms_for_the_test_that_calls_it(run: Run) -> None:
    result = run("""
@pytest.fixture(scope="session")
def breaker():
    return lambda api: api.fault("status", operation="listJobs")

def test_it(vidgen, breaker):
    breaker(vidgen)
""")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([HEAD, '  test_it.py:5: return lambda api: api.fault("status", operation="listJobs")'])


def test_async_tests_and_fixtures_count_as_sync_ones(run: Run) -> None:
    result = run(
        """
import pytest_asyncio

@pytest_asyncio.fixture
async def own(vidgen):
    vidgen.fault("status", operation="listJobs")

@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def wide(mockserver):
    with mockserver.sandbox() as made:
        made.api("vidgen").fault("status", operation="cancelJob")
        yield made

@pytest.mark.asyncio
async def test_fixture(own):
    pass

@pytest.mark.asyncio(loop_scope="module")
async def test_wide(wide):
    pass

@pytest.mark.asyncio
async def test_body(vidgen):
    vidgen.next_job(running=3)
""",
    )
    result.assert_outcomes(passed=1, failed=2)
    assert "cancelJob" not in result.stdout.str()


def test_draws_of_hypothesis_do_not_count(run: Run) -> None:
    result = run("""
from hypothesis import given, settings, strategies as st
from mockserver.schedules import apply
from pytest_plugin import schedules

@settings(max_examples=3, deadline=None, database=None)
@given(status=st.sampled_from([500, 503]), schedule=schedules("vidgen"))
def test_it(mockserver, status, schedule):
    with mockserver.sandbox() as world:
        world.api("vidgen").fault("status", status=status)
        apply(schedule, world)

def test_find(mockserver):
    with mockserver.sandbox() as world:
        apply([{"api": "vidgen", "fault": "hang"}], world)
""")
    result.assert_outcomes(passed=2)


def test_sandboxes_that_a_test_makes_itself_count_open_closed_and_shared(run: Run) -> None:
    result = run("""
def test_closed(mockserver):
    for n in range(9):
        with mockserver.sandbox() as world:
            if n == 2:
                world.api("vidgen").fault("status", operation="listJobs")

def test_open(mockserver):
    mockserver.sandbox().api("vidgen").next_job(running=1)

def test_default(mockserver):
    mockserver.default.api("vidgen").fault("status", operation="listJobs")

def test_after_it(mockserver, vidgen):
    mockserver.default.reset()
    submit(vidgen)
""")
    result.assert_outcomes(failed=3, passed=1)
    assert result.stdout.str().count(f"\n{HEAD}") == 3


def test_each_test_answers_for_what_it_armed_itself(run: Run) -> None:
    result = run("""
@pytest.fixture(scope="module")
def world(mockserver):
    with mockserver.sandbox() as made:
        yield made

def test_arms(world):
    world.api("vidgen").fault("status", operation="listJobs")

def test_skips(world):
    world.api("vidgen").fault("status", operation="cancelJob")
    pytest.skip("not today")

def test_after_them(world):
    submit(world.api("vidgen"))
""")
    result.assert_outcomes(failed=1, passed=1, skipped=1)


MODES = [
    ("", "", "failed"),
    ("mockserver_unused = warn\n", "", "warnings"),
    ("mockserver_unused = off\n", "", "passed"),
    ("mockserver_unused = off\n", '@pytest.mark.mockserver(unused="fail")', "failed"),
    ("", '@pytest.mark.mockserver(unused="warn")', "warnings"),
    ("", '@pytest.mark.mockserver(unused="off")', "passed"),
]


@pytest.mark.parametrize(("ini", "marker", "outcome"), MODES)
def test_it_is_switched_by_ini_and_marker(run: Run, ini: str, marker: str, outcome: str) -> None:
    result = run(f"{marker}\ndef test_it(vidgen):\n    vidgen.fault('status', operation='listJobs')\n", ini=ini)
    counts = {"warnings": {"passed": 1, "warnings": 1}}.get(outcome, {outcome: 1})
    result.assert_outcomes(**counts)
    assert (HEAD in result.stdout.str()) == (outcome != "passed")


def test_a_marker_or_ini_value_that_is_no_mode_is_refused(run: Run) -> None:
    result = run("@pytest.mark.mockserver(unused='loud')\ndef test_it(vidgen): pass\n")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*unused is one of fail, warn, off, not 'loud'"])
    result = run("def test_it(vidgen): pass\n", ini="mockserver_unused = loud\n")
    result.stdout.fnmatch_lines(["*mockserver_unused is one of fail, warn, off, not 'loud'*"])


def test_a_broken_contract_and_an_unused_fault_are_told_together(run: Run) -> None:
    result = run("""
def test_it(vidgen):
    vidgen.fault("status", operation="listJobs")
    httpx.get(vidgen.url + "/nowhere")
""")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["A request broke the contract:", HEAD])


def test_an_expected_failure_may_be_one(run: Run) -> None:
    result = run("@pytest.mark.xfail(strict=True)\ndef test_it(vidgen): vidgen.fault('status')\n")
    result.assert_outcomes(xfailed=1)


def test_the_same_with_a_server_elsewhere(run: Run) -> None:
    with start() as server:
        result = run(IN_VAIN, f"--mockserver-url={server.url}")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [HEAD, "  test_it.py:7: *", "    the fault status of vidgen: getStatus was asked, the fault waits for listJobs"]
    )


def test_a_server_that_cannot_tell_fails_nothing(run: Run) -> None:
    result = run("""
from mockserver.steering import SandboxHandle

real = SandboxHandle.ask_if_known
SandboxHandle.ask_if_known = lambda self, *path: None if path == ("unused",) else real(self, *path)

def test_it(vidgen):
    vidgen.fault("status")

def teardown_module():
    SandboxHandle.ask_if_known = real
""")
    result.assert_outcomes(passed=1)


def test_another_kind_of_thing_enters_itself_and_says_what_it_lacked(run: Run) -> None:
    result = run("""
from mockserver.steering import Armed

class Page(Armed):
    def lack(self, told):
        return {"why": "nobody turned it", "entry": 1}

def test_it(vidgen, sandbox):
    httpx.get(vidgen.url + "/api/health")
    sandbox.armed.add(Page(sandbox, "3"))
""")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            '  test_it.py:11: sandbox.armed.add(Page(sandbox, "3"))',
            "    the page 3: nobody turned it",
            "    1 1000000000.000 vidgen.getHealth  GET /api/health  200 ok",
        ]
    )


def test_code_without_source_is_named_all_the_same(run: Run) -> None:
    result = run("exec('def test_it(vidgen):\\n    vidgen.fault(\"hang\")')\n")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["  <string>:2", "    the fault hang of vidgen: no request came to vidgen at all"])


def test_answers_and_routes_that_nobody_asked_for_fail_the_test_too(run: Run) -> None:
    result = run("""
def test_used(vidgen, sandbox):
    vidgen.answer("getHealth", json={"status": "ok"}, unchecked=True, times=2)
    sandbox.route("GET", "/here/{name}", lambda request: "yes")
    httpx.get(vidgen.url + "/api/health"), httpx.get(sandbox.url + "/here/x")

def test_disarmed(vidgen, sandbox):
    vidgen.answer("getHealth", status=500).disarm()
    with sandbox.route("GET", "/here", lambda request: "yes"), vidgen.answer("getHealth", status=500):
        pass

def test_answers(vidgen):
    vidgen.answer("listJobs", status=500)
    vidgen.answer("getHealth", callback=lambda request: "x")
    vidgen.answer("getHealth", text="second", unchecked=True)
    httpx.get(vidgen.url + "/api/health")

def test_route(sandbox):
    sandbox.route("GET", "/vidgen/here/{name}", lambda request: "yes")
    sandbox.route("GET", "/there", lambda request: "yes")
    with sandbox.violations.off():
        httpx.post(sandbox.url + "/vidgen/here/x")
""")
    result.assert_outcomes(passed=2, failed=2)
    result.stdout.fnmatch_lines(
        [
            '  test_it.py:*: vidgen.answer("listJobs", status=500)',
            "    the answer vidgen.listJobs: getHealth was asked, the answer waits for listJobs",
            '  test_it.py:*: vidgen.answer("getHealth", text="second", unchecked=True)',
            "    the answer vidgen.getHealth: getHealth met another answer, which went first",
            "  test_it.py:*: sandbox.route(*",
            "    the route GET /vidgen/here/{name}: it was asked by POST",
            "    the route GET /there: nobody asked for it, the last request was another",
        ]
    )


def test_a_route_that_was_never_asked_for_is_named_where_no_request_came_at_all(run: Run) -> None:
    result = run("def test_it(sandbox): sandbox.route('GET', '/x', lambda request: 1)\n")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["    the route GET /x: nobody asked for it"])
