"""One grammar for clocks and one set of bounds, wherever one is named: what is refused is refused everywhere alike."""

from __future__ import annotations

import json
import math
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from fault_kit import PATIENCE, Caller, Httpx, account_of
from hypothesis import given
from hypothesis import strategies as st

from mockserver import Running, start
from mockserver.cli import main
from mockserver.clock import BOUNDS, LAST, LONGEST_LEAP, WORDS, Clock, ClockMode, clock_settings
from mockserver.control.document import plain
from mockserver.errors import ClockError, UsageError
from mockserver.faults import fault_of
from mockserver.steering import ControlError

NO_CLOCKS = [
    "", "sundial", "Real", " real", "manual:", "manual:5", "x", "xinf", "xnan", "x-1", "x0", "x1e300", "x1e3", "x+5",
    "x 5", "x1_0", "x٣", "x100001", "x0.0001", "x" + "9" * 400, "step", "step:", "step:0", "step:-1", "step:1e300",
    "step:inf", "step:nan", "step:soon", "step:86401", "step:5:5",
]  # fmt: skip
NO_SETTINGS: list[Any] = [
    {}, {"mode": "sundial"}, {"rate": 5}, {"mode": "real", "rate": 0}, {"mode": "real", "rate": 1e300},
    {"mode": "real", "rate": "5"}, {"mode": "real", "rate": True}, {"mode": "real", "rate": None},
    {"mode": "step", "step": -1}, {"mode": "step", "step": 86_401}, {"mode": "manual", "pace": 1},
]  # fmt: skip
MEANT = {"Real": "did you mean 'real'?"}
CLOCKS = [
    ("real", {"mode": "real"}), ("manual", {"mode": "manual"}), ("x60", {"mode": "real", "rate": 60.0}),
    ("x0.5", {"mode": "real", "rate": 0.5}), ("x100000", {"mode": "real", "rate": 100_000.0}),
    ("step:5", {"mode": "step", "step": 5.0}), ("step:0.001", {"mode": "step", "step": 0.001}),
]  # fmt: skip


@pytest.mark.parametrize(("words", "settings"), CLOCKS)
def test_words_are_read_as_the_control_api_has_them(words: str, settings: dict[str, Any]) -> None:
    assert clock_settings(words) == clock_settings(settings) == settings


@pytest.mark.parametrize("words", NO_CLOCKS)
def test_what_is_no_clock_is_refused_everywhere_with_one_sentence(running: Running, words: str) -> None:
    told = f"{words!r} is no clock; {MEANT.get(words, WORDS)}" if len(words) < 70 else WORDS
    command = CliRunner().invoke(main, ["serve", "--port", "0", "--clock", words])
    assert command.exit_code != 0
    assert told in command.output
    for refusing in (lambda: start(clock=words), lambda: running.sandbox(clock=words)):
        with pytest.raises(UsageError) as caught:
            refusing()
        assert told in str(caught.value)


@pytest.mark.parametrize(
    "settings", [*NO_SETTINGS, {"mode": "real", "rate": math.inf}, {"mode": "step", "step": math.nan}]
)
def test_settings_out_of_bounds_are_refused_before_they_are_sent(running: Running, settings: Any) -> None:
    for refusing in (lambda: start(clock=settings), lambda: running.sandbox(clock=settings)):
        with pytest.raises(ClockError, match="is no clock; use real"):
            refusing()


@pytest.mark.parametrize("settings", [*NO_SETTINGS, *NO_CLOCKS[:8]])
def test_the_control_api_refuses_the_same(running: Running, settings: Any) -> None:
    with running.sandbox() as made:
        place = f"{running.url}/_mock/sandboxes"
        for method, url, body in (
            ("PUT", f"{place}/{made.name}/clock", settings),
            ("POST", place, {"clock": settings}),
        ):
            assert httpx.request(method, url, json=body, trust_env=False).status_code == 400
        assert made.ask("clock")["mode"] == "manual"


def test_the_control_api_documents_the_same_bounds() -> None:
    said = plain([])["components"]["schemas"]["ClockSetting"]["properties"]
    assert {name: (said[name]["minimum"], said[name]["maximum"]) for name in BOUNDS} == BOUNDS
    assert plain([])["components"]["schemas"]["Advance"]["properties"]["seconds"]["maximum"] == LONGEST_LEAP


@given(st.text() | st.from_regex(r"(x|step:)[0-9.e+-]*"))
def test_any_text_is_a_clock_within_bounds_or_refused(words: str) -> None:
    try:
        clock = Clock(**clock_settings(words))
    except ClockError:
        return
    assert 0.001 <= clock.rate <= 100_000
    assert 0.001 <= clock.step <= 86_400


@pytest.mark.parametrize("wrong", [-1, -1e-9, 1e300, LONGEST_LEAP + 1, math.nan, math.inf, -math.inf])
def test_no_clock_is_moved_back_or_out_of_bounds(running: Running, wrong: float) -> None:
    with running.sandbox() as made:
        with pytest.raises(UsageError):
            made.clock.advance(wrong)
        for body in (json.dumps({"seconds": wrong}), '{"seconds": 1e999}', '{"seconds": "5"}', '{"seconds": null}'):
            told = httpx.post(
                f"{running.url}/_mock/sandboxes/{made.name}/clock/advance",
                content=body,
                headers={"Content-Type": "application/json"},
                trust_env=False,
            )
            assert told.status_code == 400
        assert made.clock.now() == 1_000_000_000


@pytest.mark.parametrize("wrong", [-1, math.nan, -math.inf])
def test_no_job_is_waited_for_in_vain_time(running: Running, wrong: float) -> None:
    with running.sandbox() as made, pytest.raises(ClockError, match="a timeout is a number of seconds, 0 or more"):
        made.clock.run_until("nobody", "COMPLETED", timeout=wrong)


def test_clocks_are_switched_within_the_same_bounds(running: Running) -> None:
    with running.sandbox() as made:
        for wrong in (0, -1, 1e300, math.nan):
            with pytest.raises(ClockError, match="is no clock"):
                made.clock.set("step", step=wrong)
            with pytest.raises(ClockError, match="is no clock"):
                Clock().set("real", rate=wrong)


@pytest.mark.parametrize("mode", ["step", "real", "manual"])
def test_at_the_last_moment_time_stands_still_and_all_is_answered(make_sandbox: Any, mode: ClockMode) -> None:
    clock = Clock(mode, start=LAST - 86_400, step=86_400.0, rate=1e9)
    sandbox = make_sandbox(clock=clock, limits_on=False)
    client = Httpx({"X-API-Key": account_of(sandbox, "vidgen").key}, PATIENCE)
    caller = Caller(sandbox, "vidgen", client)
    armed = caller.api.faults.arm(*fault_of({"fault": "clock_jump", "seconds": 86_400, "times": 5}))
    job = caller.job()
    assert {caller.get(f"/api/status/{job}").status for _ in range(5)} == {200}
    client.close()
    assert armed.applied == 5
    assert clock.now() == LAST
    with pytest.raises(ClockError, match="past the year 9900"):
        clock.advance(1)


def test_an_advance_past_the_last_moment_is_refused_over_the_control_api(running: Running, make_sandbox: Any) -> None:
    made = make_sandbox(clock=Clock("manual", start=LAST - 1))
    url = f"{running.url}/_mock/sandboxes/{made.name}/clock/advance"
    told = httpx.post(url, json={"seconds": 2}, trust_env=False)
    assert (told.status_code, "year 9900" in told.json()["detail"]) == (400, True)


def test_a_control_error_is_still_what_the_server_says(running: Running) -> None:
    with running.sandbox() as made, pytest.raises(ControlError):
        made.clock.advance(-1)


FOREIGN: list[tuple[dict[str, Any], str]] = [
    ({"mode": "manual", "rate": 2}, 'a clock of the mode manual has no rate; write {"mode": "real", "rate": 2}'),
    ({"mode": "step", "rate": 60}, 'a clock of the mode step has no rate; write {"mode": "real", "rate": 60}'),
    ({"mode": "real", "step": 5}, 'a clock of the mode real has no step; write {"mode": "step", "step": 5}'),
    ({"mode": "manual", "step": 5}, 'a clock of the mode manual has no step; write {"mode": "step", "step": 5}'),
]


@pytest.mark.parametrize(("settings", "told"), FOREIGN)
def test_a_number_that_a_mode_does_not_go_by_is_refused_with_the_mode_that_does(
    running: Running, settings: dict[str, Any], told: str
) -> None:
    for refusing in (lambda: start(clock=settings), lambda: running.sandbox(clock=settings)):
        with pytest.raises(ClockError) as caught:
            refusing()
        assert told in str(caught.value)
    number = next(name for name in settings if name != "mode")
    with running.sandbox() as made:
        answer = httpx.put(f"{running.url}/_mock/sandboxes/{made.name}/clock", json=settings, trust_env=False)
    assert (answer.status_code, answer.json()["pointer"]) == (400, f"/{number}")


@pytest.mark.parametrize("mode", ["real", "manual", "step"])
def test_what_a_clock_shows_of_itself_sets_one(running: Running, mode: str) -> None:
    with running.sandbox(clock={"mode": mode, "rate": 1, "step": 1.0}) as made:
        shown = httpx.get(f"{running.url}/_mock/sandboxes/{made.name}/clock", trust_env=False).json()
        assert (shown["mode"], shown["rate"], shown["step"]) == (mode, 1, 1)
