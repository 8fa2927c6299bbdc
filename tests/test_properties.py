"""Laws that hold for any plan, any walk and any seed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import httpx
import pytest
from api_kit import MP3, PNG, View, connect
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver import Running
from mockserver.clock import MANUAL_START, Clock, Mode
from mockserver.contract import Curve
from mockserver.draws import IDS, Draw, Draws, digest
from mockserver.timeline import Move, Plan, Step, percent, status

LAWS = settings(derandomize=True, deadline=None, max_examples=150, database=None)
WALKS = settings(
    derandomize=True,
    deadline=None,
    max_examples=20,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # `advance` keeps nothing
)
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
def plans(draw: st.DrawFn) -> Plan:
    """Up to two timed states and an outcome."""
    phases = draw(st.sampled_from([(), ("queued",), ("running",), ("queued", "running")]))
    until, steps = 0.0, []
    for phase in phases:
        until += draw(st.floats(0, 1000))
        steps.append(Step(phase.upper(), phase, until))
    return Plan(tuple(steps), "OUTCOME", draw(st.sampled_from(ENDS)), draw(curves()))


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
def test_states_come_in_order_and_progress_never_falls(plan: Plan, created: float, moments: list[float]) -> None:
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
def test_every_plan_ends_exactly_when_it_says(plan: Plan, created: float) -> None:
    end = status(plan, created, (), created + plan.seconds)
    assert end.state == plan.outcome
    assert end == status(plan, created, (), created + plan.seconds + 1e9)
    assert end.ended == (created + plan.seconds if plan.end else None)
    assert (end.progress == 100) == (plan.end == "success")


@LAWS
@given(plans(), st.floats(0, 2000), st.floats(0, 1e6))
def test_a_move_outlasts_the_plan_and_keeps_the_progress(plan: Plan, at: float, later: float) -> None:
    before = status(plan, 0.0, (), at)
    moved = status(plan, 0.0, (Move(at, "MOVED"),), at + later)
    assert moved == ("MOVED", before.progress, at, at)


@LAWS
@given(plans(), st.lists(st.floats(0, 2000), min_size=1, max_size=4).map(sorted))
def test_the_last_of_several_moves_decides(plan: Plan, times: list[float]) -> None:
    moves = tuple(Move(t, f"MOVE-{n}") for n, t in enumerate(times))
    assert status(plan, 0.0, moves, 1e6).state == moves[-1].state


@LAWS
@given(st.text("abc/ü"), st.text("abc.0"), st.integers(0, 1000))
def test_a_draw_depends_on_seed_purpose_and_number_alone(seed: str, purpose: str, n: int) -> None:
    draws = Draws(seed)
    for other in range(n % 7):
        draws.bytes(f"{purpose} other {other}")
    assert draws.bytes(purpose) == digest(seed, purpose, 0)
    assert draws.bytes(purpose) == digest(seed, purpose, 1) != digest(seed, purpose, 0)


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
@given(st.binary(min_size=64, max_size=64), st.sampled_from(sorted(IDS)))
def test_ids_have_the_form_of_their_kind(source: bytes, kind: str) -> None:
    assert re.fullmatch(FORMS[kind], IDS[kind](source))
    assert IDS[kind](source) == IDS[kind](source)


@pytest.mark.parametrize("mode", ["manual", "step"])
@pytest.mark.parametrize("step", [0.1, 0.7, 0.001, 1 / 3])
def test_many_small_steps_of_a_clock_come_to_one_long_one(mode: Mode, step: float) -> None:
    clock = Clock(mode, step=step)
    for _ in range(1000):
        if mode == "step":
            clock.tick()
        else:
            clock.advance(step)
    assert clock.now() == pytest.approx(MANUAL_START + 1000 * step, abs=0.001)
    if step != 1 / 3:
        assert clock.now() == round(MANUAL_START + 1000 * step, 6)


# Walks over the running server ---------------------------------------------------------------------------------


@contextmanager
def walk(running: Running, advance: Callable[[Any, float], None], seed: str, api: str) -> Iterator[View]:
    """A sandbox for one walk."""
    sandbox = running.app.sandboxes.create(seed=seed, clock=Clock("manual"), limits_on=False)
    side = sandbox.apis[api]
    account = next(iter(side.accounts.values()))
    with connect(sandbox.url(api), x_api_key=account.key) as http:
        if api == "mirrago":
            asked = {"client_id": account.client_id, "client_secret": account.client_secret}
            answer = http.post("/oauth/token", json=asked | {"grant_type": "client_credentials"})
            http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        try:
            yield View(side, http, lambda seconds: advance(sandbox, seconds))
        finally:
            running.app.sandboxes.close(sandbox.name)


IMAGE, AUDIO = ("a.png", PNG, "image/png"), ("a.mp3", MP3, "audio/mpeg")
PAINTING = {"quality": "hd", "sequence": "auto", "fps": "30", "hand_style": "0"}
SPEECH = {"avatarId": "cm2yaz9j10008l0qg9npyjgs3", "voiceId": "cm1lgilny0005m2lnvv3vgtgv", "text": "Hello"}
URLS = {"target_image_url": "https://a.b/c.jpg", "garment_image_url": "https://a.b/d.png"}
CREATE: dict[str, list[dict[str, Any]]] = {
    "vidgen": [{"url": "/api/jobs", "files": {"image": IMAGE, "audio": AUDIO}}],
    "miragic": [{"url": "/api/v1/speed-painting/create", "files": {"image": IMAGE}, "data": PAINTING}],
    "mirrago": [{"url": "/v1/mirrago/generate-image", "json": URLS}],
    "miraflow": [
        {"url": "/api/video/create", "json": SPEECH},
        {"url": "/api/image/generate", "json": {"prompt": "A", "name": "B"}},
        {"url": "/api/media/initialize", "json": {"fileName": "a", "contentType": "image/png", "fileSize": 3}},
    ],
}
READ = {
    "vidgen": ["/api/jobs", "/api/jobs?limit=1", "/api/status/{}"],
    "miragic": ["/api/v1/speed-painting/jobs/{}"],
    "mirrago": ["/v1/mirrago/job/{}", "/v1/getJobStatus/{}"],
    "miraflow": ["/api/videos", "/api/avatars", "/api/video/{}", "/api/video/{}/status", "/api/image/{}"],
}
CHANGE = {
    "vidgen": [("DELETE", "/api/jobs/{}"), ("POST", "/api/jobs/{}/cancel"), ("POST", "/api/cancel/{}")],
    "miraflow": [("POST", "/api/media/finalize")],
}
ENDED = {"COMPLETED", "FAILED", "CANCELLED", "completedc", "failed", "inference_complete", "inference_failed"}
APIS = st.sampled_from(sorted(CREATE))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("create"), st.integers(0, 2)),
        st.tuples(st.just("read"), st.integers(0, 30)),
        st.tuples(st.just("change"), st.integers(0, 30)),
        st.tuples(st.just("advance"), st.floats(0, 20).map(lambda s: round(s, 3))),
    ),
    max_size=12,
)


class Walker:
    """Takes the steps of a walk at one API and remembers ids and answers."""

    def __init__(self, view: View, api: str) -> None:
        self.view, self.api = view, api
        self.ids = ["unknown"]
        self.answers: list[tuple[int, bytes]] = []

    def take(self, step: tuple[str, Any]) -> None:
        kind, n = step
        if kind == "advance":
            self.view.advance(n)
        elif kind == "create":
            self._create(n)
        elif kind == "read":
            self.keep(self.view.http.get(self._path(READ[self.api], n)))
        elif self.api in CHANGE:
            method, path = CHANGE[self.api][n % len(CHANGE[self.api])]
            body = {"json": {"mediaId": self.ids[n % len(self.ids)]}} if self.api == "miraflow" else {}
            self.keep(self.view.http.request(method, path.format(self.ids[n % len(self.ids)]), **body))

    def _create(self, n: int) -> None:
        answer = self.view.http.post(**CREATE[self.api][n % len(CREATE[self.api])])
        self.keep(answer)
        found = re.search(r'"(?:jobId|job_id|mediaId)":"([^"]+)"', answer.text)
        if found:
            self.ids.append(found[1])

    def _path(self, paths: list[str], n: int) -> str:
        return paths[n % len(paths)].format(self.ids[n % len(self.ids)])

    def keep(self, answer: httpx.Response) -> None:
        assert answer.status_code < 500, answer.text
        self.answers.append((answer.status_code, answer.content))

    def everything(self) -> list[tuple[int, bytes]]:
        """What all views say of everything."""
        paths = {path.format(each) for path in READ[self.api] for each in self.ids}
        return [(a.status_code, a.content) for a in map(self.view.http.get, sorted(paths))]


@WALKS
@given(APIS, STEPS)
def test_reading_never_changes_what_is_read(
    running: Running, advance: Callable[[Any, float], None], api: str, steps: list[tuple[str, Any]]
) -> None:
    with walk(running, advance, "1", api) as view:
        walker = Walker(view, api)
        for step in steps:
            walker.take(step)
        assert walker.everything() == walker.everything() == walker.everything()


@WALKS
@given(APIS, STEPS)
def test_progress_never_falls_and_every_walk_ends(
    running: Running, advance: Callable[[Any, float], None], api: str, steps: list[tuple[str, Any]]
) -> None:
    with walk(running, advance, "2", api) as view:
        walker = Walker(view, api)
        seen: dict[str, int] = {}
        for step in [("create", 0), *steps]:
            walker.take(step)
            for path, found in _progress(walker):
                assert found >= seen.get(path, -1), path
                seen[path] = found
        view.advance(15)
        for path in READ[api][-1:]:
            for each in walker.ids[1:]:
                answer = view.http.get(path.format(each))
                assert answer.status_code == 404 or _state(answer.json()) in ENDED


def _progress(walker: Walker) -> Iterator[tuple[str, int]]:
    for template in READ[walker.api]:
        for each in walker.ids[1:]:
            answer = walker.view.http.get(template.format(each))
            found = re.search(rb'"progress":"?(\d+)', answer.content)
            if found:
                yield template.format(each), int(found[1])


def _state(body: Any) -> str:
    found: str = body.get("status") or body.get("data", {}).get("status")
    return found


MASKS = [
    (re.compile(rb"http://127\.0\.0\.1:\d+"), b"BASE"),
    (re.compile(rb"@s-[a-z0-9]+"), b"@SANDBOX"),
    (re.compile(rb"signature=[A-Za-z0-9_-]+"), b"signature=MASKED"),
]


def masked(answers: list[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
    """Answers without base URL, sandbox name and signatures."""
    out = []
    for code, body in answers:
        for pattern, word in MASKS:
            body = pattern.sub(word, body)
        out.append((code, body))
    return out


@WALKS
@given(APIS, STEPS, st.text("abc123", max_size=4))
def test_the_same_seed_and_requests_give_the_same_bytes(
    running: Running, advance: Callable[[Any, float], None], api: str, steps: list[tuple[str, Any]], seed: str
) -> None:
    told = []
    for _ in range(2):
        with walk(running, advance, seed, api) as view:
            walker = Walker(view, api)
            for step in [("create", 0), *steps]:
                walker.take(step)
            told.append(masked([*walker.answers, *walker.everything()]))
    assert told[0] == told[1]


def test_another_seed_gives_other_ids(running: Running, advance: Callable[[Any, float], None]) -> None:
    ids = []
    for seed in ("1", "2"):
        with walk(running, advance, seed, "vidgen") as view:
            ids.append(json.loads(view.http.post(**CREATE["vidgen"][0]).content)["jobId"])
    assert ids[0] != ids[1]
