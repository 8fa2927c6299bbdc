"""How a run is made: xdist, a server that runs already, random order, a cheap start."""

from __future__ import annotations

import pytest
from plugin_kit import Run

from mockserver import Running, start

MANY = """
@pytest.mark.parametrize("n", range(8))
def test_it(vidgen, n):
    job = submit(vidgen).json()["jobId"]
    vidgen.clock.run_until(job, "COMPLETED")
    assert look(vidgen, job)["progress"] == 100

LEFT = []

@pytest.mark.parametrize("n", range(2))
def test_late(vidgen, n):
    LEFT.append(vidgen)
    httpx.get(LEFT[0].url + "/api/jobs", headers={"X-API-Key": LEFT[0].api_key})
"""


def test_each_xdist_worker_has_a_server_and_the_summary_is_of_all(run: Run) -> None:
    result = run(MANY, "-n", "2", "--dist=loadfile", "--junitxml=out.xml", subprocess=True)
    result.assert_outcomes(passed=10)
    result.stdout.fnmatch_lines(["*::test_late[[]0[]]: GET /vidgen/api/jobs was answered 410*"])


def test_a_violation_under_xdist_fails_with_its_journal(run: Run) -> None:
    result = run("def test_it(vidgen): httpx.get(vidgen.url + '/nowhere')\n", "-n", "1", subprocess=True)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*there is no*/nowhere*", "*mockserver journal*", "*404 unknown_path*"])


def test_the_same_tests_against_a_server_that_runs_already(run: Run, elsewhere: Running) -> None:
    result = run(MANY, f"--mockserver-url={elsewhere.url}")
    result.assert_outcomes(passed=10)
    result.stdout.fnmatch_lines(["*::test_late[[]0[]]: GET /vidgen/api/jobs was answered 410*"])
    assert len(elsewhere.app.sandboxes) == 1  # the default one: all others were closed


def test_a_server_that_is_not_there_is_told_in_one_line(run: Run) -> None:
    result = run("def test_it(vidgen): pass\n", "--mockserver-url=http://127.0.0.1:9")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["mockserver: no mockserver answers at http://127.0.0.1:9: ConnectionRefused*"])


def test_the_address_of_an_api_is_no_servers(run: Run, elsewhere: Running) -> None:
    result = run("def test_it(vidgen): pass\n", f"--mockserver-url={elsewhere.url}/vidgen")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["mockserver: no mockserver control API answers at */vidgen: name the server alone*"])


@pytest.mark.parametrize("by", ["ini", "env", "former", "nothing"])
def test_the_control_token_comes_from_ini_or_environment(run: Run, monkeypatch: pytest.MonkeyPatch, by: str) -> None:
    if by in ("env", "former"):
        monkeypatch.setenv("MOCKSERVER_CONTROL_TOKEN" if by == "env" else "MOCKSERVER_TOKEN", "open-sesame")
    with start(control_token="open-sesame") as server:
        ini = "mockserver_token = open-sesame\n" if by == "ini" else ""
        result = run("def test_it(vidgen): submit(vidgen)\n", f"--mockserver-url={server.url}", ini=ini)
    if by == "nothing":
        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines(["mockserver: *control token*"])
    else:
        result.assert_outcomes(passed=1)


def test_random_order_changes_nothing(run: Run) -> None:
    for seed in ("1", "2"):
        result = run(MANY, f"--randomly-seed={seed}", subprocess=True)
        result.assert_outcomes(passed=10)


OTHERS = ("anyio", "asyncio", "randomly", "xdist", "timeout", "pytest_cov", "valkey")


def test_pytests_start_imports_nothing_heavy(run: Run) -> None:
    alone = [option for name in OTHERS for option in ("-p", f"no:{name}")]
    result = run(
        """
import sys
HEAVY = ["asyncio", "httptools", "jsonschema_rs", "mockserver.launch", "mockserver.steering", "PIL", "starlette",
         "trustme", "uvicorn", "http.client", "ssl", "mockserver.testing.session", "mockserver.virtual_time"]

def test_it():
    assert [name for name in HEAVY if name in sys.modules] == []
""",
        *alone,
        client=False,
        subprocess=True,
    )
    result.assert_outcomes(passed=1)


def test_virtual_time_and_constant_hosts_with_a_server_elsewhere(run: Run, elsewhere: Running) -> None:
    result = run(
        """
import time

def test_it(miragic, fast_forward, intercept):
    before = time.time()
    time.sleep(600)
    assert time.time() == before + 600 == miragic.clock.now()
    url = "https://backend.miragic.ai/api/v1/speed-painting/jobs/x"
    answer = httpx.get(url, headers={"X-API-Key": miragic.api_key})
    assert answer.status_code == 404
    assert miragic.journal.count("getSpeedPaintingJob") == 1
""",
        f"--mockserver-url={elsewhere.url}",
    )
    result.assert_outcomes(passed=1)


def test_a_test_may_refuse_a_result_for_its_size_and_go_on(run: Run) -> None:
    result = run("""
def test_it(vidgen):
    vidgen.next_job(result_bytes=10**12)
    job = submit(vidgen).json()["jobId"]
    vidgen.clock.run_until(job, "COMPLETED")
    for _ in range(3):
        with httpx.stream("GET", look(vidgen, job)["outputVideo"], timeout=10) as film:
            assert int(film.headers["content-length"]) == 10**12
        assert look(vidgen, job)["status"] == "COMPLETED"
""")
    result.assert_outcomes(passed=1)
