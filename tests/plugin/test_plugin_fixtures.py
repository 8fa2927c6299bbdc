"""Fixtures, seen from outside: a sandbox for each test, with credentials of its own and a clock that stands."""

from __future__ import annotations

import pytest
from plugin_kit import Run

from mockserver.cli import main


def test_a_test_submits_advances_and_reads(run: Run) -> None:
    result = run("""
def test_it(vidgen):
    vidgen.next_job(queued=2, running=30)
    job = submit(vidgen).json()["jobId"]
    assert look(vidgen, job)["status"] == "PENDING"
    vidgen.clock.advance(2)
    assert look(vidgen, job)["status"] == "PROCESSING"
    assert vidgen.clock.run_until(job, "COMPLETED").progress == 100
    assert vidgen.clock.now() == 1_000_000_032
    assert [e.operation for e in vidgen.journal] == ["createJob", "getStatus", "getStatus"]
""")
    result.assert_outcomes(passed=1)


def test_every_test_has_fresh_credentials_and_sees_no_other_tests_jobs(run: Run) -> None:
    result = run("""
keys, jobs = set(), []

@pytest.mark.parametrize("n", range(3))
def test_it(vidgen, n):
    assert vidgen.api_key not in keys
    keys.add(vidgen.api_key)
    assert [httpx.get(f"{vidgen.url}/api/status/{job}", headers={"X-API-Key": vidgen.api_key}).status_code
            for job in jobs] == [404] * n
    jobs.append(submit(vidgen).json()["jobId"])
    assert [job.id for job in vidgen.jobs] == jobs[-1:]
""")
    result.assert_outcomes(passed=3)


def test_all_four_apis_and_any_other_by_name(run: Run) -> None:
    result = run("""
def test_it(sandbox, miragic, miraflow, vidgen, mirrago):
    assert [api.name for api in (miragic, miraflow, vidgen, mirrago)] == ["miragic", "miraflow", "vidgen", "mirrago"]
    assert sandbox.api("vidgen") is vidgen
    assert vidgen.api_key and vidgen.webhook_secret and mirrago.client_id and mirrago.client_secret
    assert vidgen.clock.now() == sandbox.clock.now() == 1_000_000_000
    with pytest.raises(Exception, match="no API 'other'; known: miraflow"):
        sandbox.api("other")
""")
    result.assert_outcomes(passed=1)


def test_a_contract_of_ones_own_is_served_beside_the_shipped_ones(run: Run, pytester: pytest.Pytester) -> None:
    main(["new", "films", "--into", str(pytester.path)], standalone_mode=False)
    result = run(
        """
def test_it(sandbox):
    assert httpx.get(sandbox.api("films").url + "/openapi.json").status_code == 200
""",
        ini="mockserver_contracts = films\n",
    )
    result.assert_outcomes(passed=1)


def test_a_contract_that_cannot_be_served_is_told_without_a_traceback(run: Run, pytester: pytest.Pytester) -> None:
    folder = pytester.mkdir("broken")
    (folder / "openapi.json").write_text("{")
    (folder / "behavior.json").write_text("{}")
    result = run("def test_it(vidgen): pass", ini="mockserver_contracts = broken\n")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["mockserver: *broken*openapi.json*"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_fixtures_of_the_suite_itself_may_have_the_same_names(run: Run) -> None:
    result = run("""
@pytest.fixture
def sandbox():
    return "mine"

@pytest.fixture
def mockserver():
    return "mine too"

def test_it(sandbox, mockserver, vidgen):
    assert (sandbox, mockserver) == ("mine", "mine too")
    assert submit(vidgen).status_code == 201
""")
    result.assert_outcomes(passed=1)


def test_sandboxes_for_each_example_of_a_property(run: Run) -> None:
    result = run("""
from hypothesis import given, settings, strategies

@settings(max_examples=5, deadline=None, database=None)
@given(seconds=strategies.integers(1, 100))
def test_it(mockserver, seconds):
    with mockserver.sandbox(seed=seconds) as sandbox:
        vidgen = sandbox.api("vidgen")
        vidgen.next_job(queued=0, running=seconds)
        job = submit(vidgen).json()["jobId"]
        assert vidgen.clock.run_until(job, "COMPLETED").created + seconds == vidgen.clock.now()
    assert submit(vidgen).status_code == 410
""")
    result.assert_outcomes(passed=1)


def test_nothing_starts_for_a_test_that_asks_for_nothing(run: Run) -> None:
    result = run(
        """
import threading

def test_it():
    assert not [t.name for t in threading.enumerate() if "mockserver" in t.name]
""",
        subprocess=True,
    )
    result.assert_outcomes(passed=1)


def test_a_seed_makes_the_same_jobs_again(run: Run) -> None:
    source = """
def test_it(vidgen):
    job = submit(vidgen).json()["jobId"]
    print("DREW", job, vidgen.clock.run_until(job, "COMPLETED").ended, vidgen.clock.now())

@pytest.mark.mockserver(seed=7)
def test_marked(vidgen):
    print("MARKED", submit(vidgen).json()["jobId"])
"""
    first, again = (_drawn(run(source, "-s")) for _ in range(2))
    other = _drawn(run(source, "-s", "--mockserver-seed=2"))
    assert len(first) == 2
    assert first == again
    assert first[0] != other[0]
    assert first[1] == other[1]


def _drawn(result: pytest.RunResult) -> list[str]:
    return [line.lstrip(".") for line in result.outlines if "DREW" in line or "MARKED" in line]
