"""In pytest: what a test's client sent is at hand, whole, in the fixtures' sandbox and in those it makes itself."""

from __future__ import annotations

from plugin_kit import Run

from mockserver import Running

SENT = """
def test_it(vidgen, sandbox, mockserver):
    job = submit(vidgen, note="mine").json()["jobId"]
    look(vidgen, job)
    sent = vidgen.requests[0]
    assert sent.form["note"] == "mine" and sent.headers["X-API-Key"] == vidgen.api_key
    assert sent.files["image"].content == IMAGE[1]
    vidgen.assert_requested_in_order("createJob", "getStatus")
    assert len(sandbox.requests) == 2
    with mockserver.sandbox(seed=1) as other:
        submit(other.api("vidgen"))
        other.assert_requested("createJob", times=1)

def test_another_has_its_own(vidgen):
    assert not vidgen.requests
"""


def test_requests_are_at_hand_in_every_sandbox_of_a_test(run: Run) -> None:
    run(SENT).assert_outcomes(passed=2)


def test_requests_are_at_hand_where_the_server_runs_elsewhere(run: Run, elsewhere: Running) -> None:
    run(SENT, f"--mockserver-url={elsewhere.url}").assert_outcomes(passed=2)


def test_a_failed_assertion_ends_in_the_test_and_shows_no_secret(run: Run) -> None:
    result = run("""
def test_it(vidgen):
    submit(vidgen, note="mine")
    vidgen.assert_requested("createJob", times=1, form={"note": "yours"}, headers={"X-API-Key": vidgen.api_key[:-1]})
""")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([
        "*expected exactly 1 matching request (createJob), found 0 among 1 requests:",
        "*  nearest: POST /api/jobs → 201 createJob",
        "*    header 'X-API-Key': expected [[]redacted], was [[]redacted]",
        "*    form 'note': expected 'yours', was 'mine'",
        "test_it.py:*: AssertionError",
    ])  # fmt: skip


def test_a_request_that_waits_in_vain_in_virtual_time_counts(run: Run) -> None:
    result = run("""
def test_it(vidgen, fast_forward, intercept):
    vidgen.fault("hang", operation="listJobs", times=2)
    for _ in range(2):
        with pytest.raises(httpx.TimeoutException):
            httpx.get(f"{vidgen.url}/api/jobs", timeout=5)
    found = vidgen.assert_requested("listJobs", times=2)
    assert [(each.fault, each.status, each.path) for each in found] == [("hang", None, "/api/jobs")] * 2
""")
    result.assert_outcomes(passed=1)
