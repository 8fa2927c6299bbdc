"""In pytest: answers and routes of a test's own, and handlers whose errors fail the test with their traceback."""

from __future__ import annotations

from plugin_kit import Run

from mockserver import Running

RAISES = """
def handler(request):
    assert request.headers["x-api-key"] == "another", "the key is not mine"

def test_it(vidgen):
    vidgen.answer("listJobs", callback=handler)
    assert httpx.get(f"{vidgen.url}/api/jobs", headers={"X-API-Key": vidgen.api_key}).status_code == 500
"""


def test_a_handler_that_raises_fails_its_test_with_its_traceback(run: Run) -> None:
    result = run(RAISES)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([
        "A handler of the test raised, and the client was answered 500:",
        '  File "*test_it.py", line 4, in handler',
        "*AssertionError: the key is not mine",
    ])  # fmt: skip
    assert "arming.py" not in result.stdout.str()


def test_it_is_told_beside_another_failure_and_in_sandboxes_of_the_test_as_well(run: Run) -> None:
    result = run("""
def handler(request):
    raise LookupError("mine")

def test_it(mockserver):
    with mockserver.sandbox() as other:
        other.route("GET", "/x", handler)
        httpx.get(other.url + "/x").raise_for_status()

def test_the_next_is_not_blamed(vidgen):
    pass
""")
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(
        ["*HTTPStatusError*", "*Captured stderr mockserver handlers call*", "LookupError: mine"]
    )


def test_elsewhere_data_can_be_answered_and_callables_are_refused_in_a_sentence(run: Run, elsewhere: Running) -> None:
    result = run(
        """
def test_data(vidgen):
    armed = vidgen.answer("listJobs", text="later", status=503)
    assert httpx.get(f"{vidgen.url}/api/jobs").text == "later"
    assert armed.used == 1

def test_callback(vidgen):
    vidgen.answer("listJobs", callback=print)

def test_route(sandbox):
    sandbox.route("GET", "/x", print)
""",
        f"--mockserver-url={elsewhere.url}",
        "--tb=short",
        subprocess=True,
    )
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(["*UsageError: a callable stays in its own process, and this server runs in another*"])


def test_a_handler_may_sleep_in_virtual_time_and_arm_others(run: Run) -> None:
    result = run("""
import asyncio, time

def test_it(vidgen, fast_forward):
    def late(request):
        time.sleep(0.001)
        vidgen.answer("listJobs", callback=later, unchecked=True)
        return {"n": 1}

    async def later(request):
        await asyncio.sleep(0.001)
        return {"n": 2}

    vidgen.answer("listJobs", callback=late, unchecked=True)
    assert [httpx.get(f"{vidgen.url}/api/jobs").json()["n"] for _ in range(2)] == [1, 2]
""")
    result.assert_outcomes(passed=1)
