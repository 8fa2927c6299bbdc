"""A client that polls while its sandbox's clock stands: what is told, in the report and while the test waits."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Callable

import pytest
from plugin_kit import Run

from mockserver import start
from mockserver.testing.patience import Patience
from pytest_plugin.terminal import Terminal

STOOD = (
    "vidgen: the client asked getStatus {} times at 2001-09-09T01:46:{}Z; the sandbox's clock stands until the test "
    'moves it. Use the fixture fast_forward, or @pytest.mark.mockserver(clock="x60").'
)
POLL = """
def poll(api, times, job=None):
    job = job or submit(api).json()["jobId"]
    for _ in range(times):
        look(api, job)
    return job
"""


def test_a_failing_test_whose_client_polled_at_one_instant_is_told_how_often_and_what_to_do(run: Run) -> None:
    result = run(POLL + "def test_it(vidgen):\n    poll(vidgen, 20)\n    assert 0\n")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*mockserver journal*", "*mockserver hints*", STOOD.format(20, 40)])


def test_the_instant_is_the_one_where_the_clock_stands(run: Run) -> None:
    result = run(
        POLL
        + """
def test_it(vidgen):
    job = poll(vidgen, 7)
    vidgen.clock.advance(1)
    poll(vidgen, 4, job)
    assert 0
"""
    )
    result.stdout.fnmatch_lines([STOOD.format(4, 41)])


FINE = {
    "advanced": "poll(vidgen, 5); vidgen.clock.advance(1)",
    "few": "poll(vidgen, 2)",
    "done": "job = poll(vidgen, 0); vidgen.clock.run_until(job, 'COMPLETED'); poll(vidgen, 5, job)",
    "other jobs": "poll(vidgen, 1); vidgen.clock.advance(60); poll(vidgen, 2)",
    "no job": "[httpx.get(vidgen.url + '/api/health') for _ in range(9)]",
    "pages of a list": "poll(vidgen, 1); [httpx.get(f'{vidgen.url}/api/jobs?limit={n}',"
    " headers={'X-API-Key': vidgen.api_key}) for n in range(1, 9)]",
    "scaled since": "poll(vidgen, 5); vidgen.clock.set('real', rate=60)",
}


@pytest.mark.parametrize("body", FINE.values(), ids=FINE)
def test_no_hint_where_time_moved_or_would_change_nothing(run: Run, body: str) -> None:
    result = run(POLL + f"def test_it(vidgen):\n    {body}\n    assert 0\n")
    result.assert_outcomes(failed=1)
    result.stdout.no_fnmatch_line("*mockserver hints*")


@pytest.mark.parametrize("clock", ["x60", "real", "step:1", "step:0.001"])
def test_no_hint_under_a_clock_that_moves_by_itself(run: Run, clock: str) -> None:
    source = f'@pytest.mark.mockserver(clock="{clock}")\ndef test_it(vidgen):\n    poll(vidgen, 5)\n    assert 0\n'
    result = run(POLL + source)
    result.assert_outcomes(failed=1)
    result.stdout.no_fnmatch_line("*mockserver hints*")


def test_under_fast_forward_the_pauses_move_the_clock_and_a_client_without_any_is_told_so(run: Run) -> None:
    result = run(
        POLL
        + """
import time

def test_pauses(vidgen, fast_forward):
    vidgen.next_job(running=100)
    job = poll(vidgen, 0)
    for _ in range(5):
        poll(vidgen, 1, job)
        time.sleep(1)
    assert 0

def test_none(vidgen, fast_forward):
    poll(vidgen, 5)
    assert 0
"""
    )
    result.assert_outcomes(failed=2)
    hints = [line for line in result.outlines if "the client asked" in line]
    assert hints == [
        "vidgen: the client asked getStatus 5 times at 2001-09-09T01:46:40Z; fast_forward saw no pause of it (made "
        'elsewhere, or none at all). Use @pytest.mark.mockserver(clock="x60").'
    ]


def test_lists_that_show_a_job_and_refusals_that_time_would_lift_are_polls_too(run: Run) -> None:
    result = run(
        POLL
        + """
def test_list(vidgen):
    poll(vidgen, 1)
    for _ in range(4):
        httpx.get(vidgen.url + "/api/jobs", headers={"X-API-Key": vidgen.api_key})
    assert 0

def test_busy(vidgen):
    poll(vidgen, 1)
    assert [submit(vidgen).status_code for _ in range(4)] == [409] * 5
"""
    )
    result.stdout.fnmatch_lines(
        ["vidgen: the client asked listJobs 4 times at *", "vidgen: the client asked createJob 4 times at *"]
    )


@pytest.mark.parametrize("is_closed", [False, True])
def test_sandboxes_that_a_test_makes_itself_are_looked_at_too(run: Run, is_closed: bool) -> None:
    end = "world.close()" if is_closed else "pass"
    result = run(
        POLL
        + f"""
def test_it(mockserver):
    world = mockserver.sandbox()
    poll(world.api("vidgen"), 6)
    {end}
    assert 0
"""
    )
    result.stdout.fnmatch_lines(["*mockserver hints*", STOOD.format(6, 40)])


def test_a_server_elsewhere_is_asked_the_same(run: Run) -> None:
    with start() as server:
        result = run(
            POLL + "def test_it(vidgen):\n    poll(vidgen, 5)\n    assert 0\n", f"--mockserver-url={server.url}"
        )
    result.stdout.fnmatch_lines([STOOD.format(5, 40)])


@pytest.mark.parametrize("logging", ["no", "all"])
def test_junit_has_the_hint_beside_the_journal(run: Run, pytester: pytest.Pytester, logging: str) -> None:
    source = POLL + "def test_it(vidgen):\n    poll(vidgen, 5)\n    assert 0\n"
    run(source, "--junitxml=out.xml", ini=f"junit_logging = {logging}\n").assert_outcomes(failed=1)
    (output,) = [e.text or "" for e in ElementTree.parse(pytester.path / "out.xml").iter("system-out")]
    assert output.count(STOOD.format(5, 40)) == 1
    assert "vidgen.createJob" in output


def test_a_failing_test_shows_what_it_armed_in_vain_unless_that_is_switched_off(run: Run) -> None:
    source = "def test_it(vidgen):\n    vidgen.fault('status', operation='listJobs')\n    assert 0\n"
    result = run(source)
    result.stdout.fnmatch_lines(["*mockserver hints*", "What the test armed took no effect:", "  test_it.py:3: *"])
    result = run(source, ini="mockserver_unused = off\n")
    result.assert_outcomes(failed=1)
    result.stdout.no_fnmatch_line("*mockserver hints*")


# --- while the test waits

WATCHED = (
    POLL
    + """
from pytest_plugin.plugin import PATIENCE

NOW = [100.0]

@pytest.fixture
def wait(request, _mockserver_session):
    patience = request.config.stash[PATIENCE]
    patience.end()  # its thread goes by real time
    patience._clock, patience._seconds = lambda: NOW[0], 5
    patience.begin(request.node.nodeid)

    def wait(seconds):
        NOW[0] += seconds
        patience.check()

    return wait
"""
)
WAITS = (
    WATCHED
    + """
def test_waits(vidgen, wait):
    poll(vidgen, 4)
    wait(4)
    poll(vidgen, 4, vidgen.jobs[0].id)
    for _ in range(3):
        wait(2)

def test_does_not(vidgen, wait):
    poll(vidgen, 4)
    wait(1)
"""
)
TOLD = "mockserver: test_it.py::test_waits: " + STOOD.format(8, 40)
SUMMARY = ["*mockserver: tests that waited while a clock stood*", "test_it.py::test_waits: " + STOOD.format(8, 40)]


@pytest.mark.parametrize("options", [(), ("-n", "1")], ids=["captured", "xdist"])
def test_while_a_test_waits_it_is_told_once_on_the_terminal_though_output_is_captured(
    run: Run, options: tuple[str, ...]
) -> None:
    result = run(WAITS, *options, subprocess=True)
    result.assert_outcomes(passed=2)
    assert [line for line in result.errlines if "the client asked" in line] == [TOLD]
    result.stdout.fnmatch_lines(SUMMARY)
    assert str(result.stdout).count("the client asked") == 1


def test_a_test_that_ends_between_two_looks_is_looked_at_when_it_ends(run: Run) -> None:
    result = run(
        WATCHED
        + """
def test_waits(vidgen, wait):
    wait(6)
    poll(vidgen, 8)
"""
    )
    result.assert_outcomes(passed=1)
    assert [line for line in result.errlines if line] == [TOLD]
    result.stdout.fnmatch_lines(SUMMARY)


def test_tests_that_make_their_own_sandboxes_are_looked_after_too(run: Run) -> None:
    result = run(
        WATCHED
        + """
def test_waits(mockserver, wait):
    poll(mockserver.sandbox().api("vidgen"), 8)
    wait(5)
"""
    )
    result.assert_outcomes(passed=1)
    assert [line for line in result.errlines if line] == [TOLD]


class Told(list[tuple[str, str]]):
    def __call__(self, test: str, sentence: str) -> None:
        self.append((test, sentence))


def patience(now: Callable[[], float], looks: list[list[str]]) -> tuple[Patience, Told]:
    told = Told()
    return Patience(lambda: looks.pop(0), told, clock=now, seconds=5), told


def test_a_test_is_looked_at_after_five_seconds_then_ever_more_rarely_until_something_was_told() -> None:
    now, looks = [100.0], [[], [], ["a", "b"], ["c"]]
    made, told = patience(lambda: now[0], looks)
    made.begin("test")
    left = []
    for now[0] in (104.9, 105, 106, 109, 110, 119, 120, 300):
        made.check()
        left.append(len(looks))
    assert left == [4, 3, 3, 3, 2, 2, 1, 1]
    assert told == [("test", "a"), ("test", "b")]


def test_nothing_is_told_of_a_test_that_has_ended() -> None:
    now = [100.0]
    made, told = patience(lambda: now[0], [["a"]])
    made.begin("test")
    now[0] = 200
    made.begin("")
    made.check(is_last=True)
    assert told == []
    made.begin("next")
    now[0] = 204
    made.check(is_last=True)
    assert told == []


def test_a_thread_looks_while_the_test_waits_and_ends_with_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.testing.patience.TICK", 0.001)
    import threading

    done, told = threading.Event(), Told()

    def tell(test: str, sentence: str) -> None:
        told(test, sentence)
        done.set()

    made = Patience(lambda: ["a"], tell, seconds=0)
    made.begin("test")
    made.watch()
    assert done.wait(60)
    made.end()
    assert told == [("test", "a")]
    assert "mockserver-patience" not in {thread.name for thread in threading.enumerate()}


def test_a_terminal_that_is_gone_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal(None)
    terminal.close()
    terminal.line("nobody reads this")
