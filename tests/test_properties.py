"""Laws of any walk over the running server: reading changes nothing, progress never falls, all ends, seeds decide."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from api_kit import MP3, PNG, View, connect
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver import Running
from mockserver.clock import Clock

WALKS = settings(
    derandomize=True,
    deadline=None,
    max_examples=20,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # `advance` keeps nothing
)


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
