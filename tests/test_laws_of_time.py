"""Laws of time and chance: any plan, any curve, any moves, any seed."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tier_kit import scaled

from mockserver.clock import MANUAL_START, Clock, ClockMode
from mockserver.curves import percent
from mockserver.draws import IDS, Draw, Draws, digest
from mockserver.lifecycle import Curve
from mockserver.timeline import MOST_MOVES, Move, TimelinePlan, TimelineStep, entered, rest, status, with_move

EXAMPLES = scaled("examples of a law of time", test=50, ci=150, full=500)
LAWS = settings(derandomize=True, deadline=None, max_examples=EXAMPLES, database=None)
ENDS = ("success", "failure", None)


@st.composite
def curves(draw: st.DrawFn) -> Curve:
    """Every kind of curve a contract may name."""
    kind = draw(st.sampled_from(["linear", "ease-in-out", "steps", "stall", "keyframes"]))
    if kind == "steps":
        return Curve("steps", (draw(st.integers(1, 50)),))
    if kind == "stall":
        return Curve("stall", (draw(st.floats(1, 99)), draw(st.floats(0, 0.99))))
    if kind == "keyframes":
        inner = draw(
            st.lists(st.tuples(st.floats(0.01, 0.99), st.floats(0, 100)), max_size=5, unique_by=lambda p: p[0])
        )
        times, percents = sorted(t for t, _ in inner), sorted(p for _, p in inner)
        return Curve("keyframes", (), ((0.0, 0.0), *zip(times, percents, strict=True), (1.0, 100.0)))
    return Curve(kind)  # type: ignore[arg-type]


@st.composite
def plans(draw: st.DrawFn) -> TimelinePlan:
    """Up to two timed states and an outcome."""
    phases = draw(st.sampled_from([(), ("queued",), ("running",), ("queued", "running")]))
    until, steps = 0.0, []
    for phase in phases:
        until += draw(st.floats(0, 1000))
        steps.append(TimelineStep(phase.upper(), phase, until))
    return TimelinePlan(tuple(steps), "OUTCOME", draw(st.sampled_from(ENDS)), draw(curves()))


CREATED = st.floats(0, 4e9)
MOMENTS = st.lists(st.floats(0, 3000), min_size=2, max_size=20).map(sorted)


@LAWS
@given(curves(), MOMENTS)
def test_every_curve_rises_from_0_to_100_and_never_falls(curve: Curve, moments: list[float]) -> None:
    shown = [percent(curve, t / 3000) for t in moments]
    assert all(a <= b + 1e-9 for a, b in pairwise(shown))
    assert all(-1e-9 <= p <= 100 + 1e-9 for p in shown)
    assert percent(curve, 1.0) == 100.0 or curve.kind == "stall"
    assert abs(percent(curve, 1.0) - 100.0) < 1e-6 or curve.kind == "stall"


@LAWS
@given(plans(), CREATED, MOMENTS)
def test_states_come_in_order_and_progress_never_falls(
    plan: TimelinePlan, created: float, moments: list[float]
) -> None:
    order = [*(step.state for step in plan.steps), plan.outcome]
    seen = [status(plan, created, (), created + m) for m in moments]
    places = [order.index(s.state) for s in seen]
    assert places == sorted(places)
    for before, after in pairwise(seen):
        assert before.updated <= after.updated
        assert before.progress <= after.progress
    for found, moment in zip(seen, moments, strict=True):
        assert found.updated <= created + moment
        assert 0 <= found.progress <= (99 if found.state != "OUTCOME" or plan.end != "success" else 100)


@LAWS
@given(plans(), CREATED)
def test_every_plan_ends_exactly_when_it_says(plan: TimelinePlan, created: float) -> None:
    end = status(plan, created, (), created + plan.seconds)
    assert end.state == plan.outcome
    assert end == status(plan, created, (), created + plan.seconds + 1e9)
    assert end.ended == (created + plan.seconds if plan.end else None)
    assert (end.progress == 100) == (plan.end == "success")


@LAWS
@given(plans(), st.floats(0, 2000), st.floats(0, 1e6))
def test_a_move_outlasts_the_plan_and_keeps_the_progress(plan: TimelinePlan, at: float, later: float) -> None:
    before = status(plan, 0.0, (), at)
    moved = status(plan, 0.0, (Move(at, "MOVED"),), at + later)
    assert moved == ("MOVED", before.progress, at, at if before.ended is None else before.ended)


@LAWS
@given(plans(), st.lists(st.floats(0, 2000), min_size=1, max_size=4).map(sorted))
def test_the_last_of_several_moves_decides(plan: TimelinePlan, times: list[float]) -> None:
    moves = tuple(Move(t, f"MOVE-{n}") for n, t in enumerate(times))
    assert status(plan, 0.0, moves, 1e6).state == moves[-1].state


@LAWS
@given(st.text("abc/ü"), st.text("abc.0"), st.integers(0, 1000))
def test_a_draw_depends_on_seed_purpose_and_number_alone(seed: str, purpose: str, n: int) -> None:
    draws = Draws(seed)
    for other in range(n % 7):
        draws.digest(f"{purpose} other {other}")
    assert draws.digest(purpose) == digest(seed, purpose, 0)
    reserved = draws.reserve(purpose)
    assert draws.digest(purpose) == digest(seed, purpose, 2) != digest(seed, purpose, 1)
    assert draws.reserved(purpose, reserved) == digest(seed, purpose, 1)


@LAWS
@given(st.binary(min_size=64, max_size=64), st.floats(0, 100), st.floats(0, 100), st.floats(0.01, 100))
def test_numbers_drawn_stay_in_their_bounds(source: bytes, low: float, span: float, median: float) -> None:
    draw = Draw(source)
    assert all(0 <= draw.unit() < 1 for _ in range(20))
    assert low <= draw.uniform(low, low + span) <= low + span
    assert draw.lognormal(median, 0.5) > 0
    assert draw.choice("abc") in "abc"
    assert draw.weighted({"never": 0, "always": 1, "no": 0}) == "always"
    assert draw.weighted({"first": 0, "second": 0}) == "first"


FORMS = {"cuid": r"c[0-9a-z]{24}", "uuid": r"[0-9a-f-]{36}", "hex": r"[0-9a-f]{24}", "number": r"[1-9]\d{11}"}


@LAWS
@given(st.binary(min_size=64, max_size=64), st.sampled_from(sorted(kind for kind in IDS if isinstance(kind, str))))
def test_ids_have_the_form_of_their_kind(source: bytes, kind: str) -> None:
    assert re.fullmatch(FORMS[kind], IDS[kind](source))
    assert IDS[kind](source) == IDS[kind](source)


@pytest.mark.parametrize("mode", ["manual", "step"])
@pytest.mark.parametrize("step", [0.1, 0.7, 0.001, 1 / 3])
def test_many_small_steps_of_a_clock_come_to_one_long_one(mode: ClockMode, step: float) -> None:
    clock = Clock(mode, step=step)
    for _ in range(1000):
        if mode == "step":
            clock.tick()
        else:
            clock.advance(step)
    assert clock.now() == pytest.approx(MANUAL_START + 1000 * step, abs=0.001)
    if step != 1 / 3:
        assert clock.now() == round(MANUAL_START + 1000 * step, 6)


def test_a_job_that_was_moved_a_hundred_thousand_times_keeps_few_moves_and_tells_how_it_stands() -> None:
    plan, moves = TimelinePlan((TimelineStep("RUNNING", "running", 10.0),), "DONE", "success"), tuple[Move, ...]()
    moves = with_move(moves, Move(4.0, "RARE"))
    for n in range(100_000):
        moves = with_move(moves, Move(5.0 + n, ("TO", "FRO")[n % 2]))
    assert len(moves) <= MOST_MOVES
    assert status(plan, 0.0, moves, 2e5)[:3] == ("FRO", 40, 100_004.0)
    seen = [entered(plan, 0.0, moves, state, 2e5) for state in ("RARE", "TO", "FRO", "RUNNING", "DONE")]
    assert seen == [4.0, 100_003.0, 100_004.0, 0.0, None]
    whole = tuple(Move(5.0 + n, ("TO", "FRO")[n % 2]) for n in range(100_000))
    assert status(plan, 0.0, whole, 2e5)[:2] == ("FRO", 50)


@LAWS
@given(plans(), st.lists(st.tuples(st.floats(0, 2000), st.sampled_from("ABC")), min_size=1, max_size=8))
def test_a_moved_job_stands_where_it_was_moved_last_with_the_progress_of_its_first_move(
    plan: TimelinePlan, said: Any
) -> None:
    moves = tuple(Move(at, state) for at, state in sorted(said))
    found, before = status(plan, 0.0, moves, 5000.0), status(plan, 0.0, (), moves[0].at)
    first_end = moves[0].at if before.ended is None else before.ended
    assert found == (moves[-1].state, before.progress, moves[-1].at, first_end)


FINITE = st.floats(-1e15, 1e15)


@LAWS
@given(FINITE, FINITE)
def test_what_is_left_of_a_span_never_passes_its_end(total: float, part: float) -> None:
    left = rest(total, part)
    assert left + part <= total
    assert left == pytest.approx(total - part, abs=1e-15 * (abs(total) + abs(part)))


@pytest.mark.parametrize(("total", "part"), [(1e-9, 34.2), (5e-324, 1e9), (0.1, 0.3), (1e9 + 0.1, 0.1), (0.0, 0.0)])
def test_neither_does_it_near_the_beginning_of_time(total: float, part: float) -> None:
    assert rest(total, part) + part <= total
