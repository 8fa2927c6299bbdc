"""Sandboxes that a test makes itself, with `mockserver.sandbox(…)`: they count as the fixtures' own does."""

from __future__ import annotations

import pytest
from plugin_kit import Run

from mockserver import start

BREAKS = "vidgen (GET /nowhere): there is no */nowhere*"


def test_a_broken_contract_fails_the_test_that_made_the_sandbox(run: Run) -> None:
    result = run("""
def test_it(mockserver):
    with mockserver.sandbox(seed="mine") as world:
        assert httpx.get(world.api("vidgen").url + "/nowhere").status_code == 404

def test_next(mockserver, vidgen):
    with mockserver.sandbox() as world:
        assert submit(world.api("vidgen")).status_code == 201
""")
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(["*A request broke the contract:", f"*{BREAKS}", "*mockserver journal*"])
    made = ["sandbox s-*, clock 1000000000.000", "seed 'mine', made by the test", "*404 unknown_path*"]
    result.stdout.fnmatch_lines(made)


def test_one_that_is_still_open_counts_as_well(run: Run) -> None:
    result = run("""
def test_it(mockserver):
    httpx.get(mockserver.sandbox().api("vidgen").url + "/nowhere")
""")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"*{BREAKS}"])


def test_sandboxes_of_the_test_and_of_its_fixture_are_told_together(run: Run) -> None:
    result = run("""
@pytest.fixture
def world(mockserver):
    with mockserver.sandbox() as made:
        yield made

def test_it(world, vidgen):
    httpx.get(vidgen.url + "/here")
    httpx.get(world.api("vidgen").url + "/there")
""")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*2 requests broke the contract:", "*GET /here*", "*GET /there*"])
    result.stdout.fnmatch_lines(
        ["*to replay: pytest 'test_it.py::test_it'", "*404 unknown_path*", "*made by the test*"]
    )


def test_switches_hold_in_them_too(run: Run) -> None:
    result = run("""
def broken(world):
    httpx.get(world.api("vidgen").url + "/nowhere")

def test_by_context(mockserver):
    with mockserver.sandbox() as world, world.violations.off():
        broken(world)

def test_by_warning(mockserver):
    with mockserver.sandbox() as world:
        with world.violations.warn():
            broken(world)

@pytest.mark.mockserver(contract_violations="off")
def test_by_marker(mockserver):
    with mockserver.sandbox() as world:
        broken(world)
""")
    result.assert_outcomes(passed=3, warnings=1)


def test_a_sandbox_for_many_tests_blames_only_the_one_that_broke_the_contract(run: Run) -> None:
    result = run("""
@pytest.fixture(scope="module")
def world(mockserver):
    with mockserver.sandbox() as made:
        yield made

def test_before(world):
    submit(world.api("vidgen"))

def test_that_breaks_and_fails(world):
    httpx.get(world.api("vidgen").url + "/nowhere")
    assert not "its own reason"

def test_that_breaks(world):
    httpx.get(world.api("vidgen").url + "/elsewhere")

def test_after(world):
    submit(world.api("vidgen"))
""")
    result.assert_outcomes(passed=2, failed=2)
    text = result.stdout.str()
    assert "GET /elsewhere" in text
    assert "(GET /nowhere)" not in text
    assert "createJob" not in text.partition("contract coverage")[0]  # it belongs to another test


def test_of_many_sandboxes_some_are_shown_and_every_violation_counts(run: Run) -> None:
    result = run("""
def test_it(mockserver):
    for n in range(30):
        with mockserver.sandbox(seed=n) as world:
            if n == 2:
                httpx.get(world.api("vidgen").url + "/nowhere")
""")
    result.assert_outcomes(failed=1)
    lines = [line for line in result.outlines if line.endswith("made by the test")]
    assert lines == [f"seed '{n}', made by the test" for n in (2, 26, 27, 28, 29)]


def test_they_are_in_junits_output(run: Run, pytester: pytest.Pytester) -> None:
    run(
        "def test_it(mockserver):\n    with mockserver.sandbox(seed='mine') as world:\n        assert not world.name\n",
        "--junitxml=out.xml",
    ).assert_outcomes(failed=1)
    assert "seed 'mine', made by the test" in (pytester.path / "out.xml").read_text()


def test_against_a_server_elsewhere_too(run: Run) -> None:
    source = """
def test_it(mockserver):
    with mockserver.sandbox() as world:
        httpx.get(world.api("vidgen").url + "/nowhere")
"""
    with start() as server:
        result = run(source, f"--mockserver-url={server.url}")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"*{BREAKS}"])


def test_a_server_that_is_gone_fails_nothing_more(run: Run) -> None:
    result = run("""
def test_it(mockserver, _mockserver_session):
    world = mockserver.sandbox()
    _mockserver_session.running.stop()
    with pytest.raises(Exception, match="no mockserver answers"):
        world.close()
""")
    result.assert_outcomes(passed=1, errors=0)
