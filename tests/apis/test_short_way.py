"""The short way of reading a job and the long one (any query takes it) give the same answer to the last header."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import test_miragic
import test_mirrago
import vidgen_kit
from api_kit import View, connect
from miraflow_kit import SPEECH, started

from mockserver import Running


def both(http: httpx.Client, path: str, *unlike: str) -> Any:
    """Status, headers and body, found equal on both ways; some headers may be `unlike`."""
    short, long = http.get(path), http.get(f"{path}?way=long")
    left = {"ratelimit-remaining", *unlike}
    told = [(a.status_code, {k: v for k, v in a.headers.items() if k not in left}, a.content) for a in (short, long)]
    assert told[0] == told[1]
    return short


@pytest.fixture(params=["vidgen", "miragic", "mirrago", "miraflow"])
def job(request: pytest.FixtureRequest) -> tuple[View, str]:
    """A view and the path of a job in it."""
    view: View = request.getfixturevalue(request.param)
    if request.param == "vidgen":
        return view, f"/api/status/{vidgen_kit.new_job(view)}"
    if request.param == "miragic":
        return view, f"{test_miragic.PAINTINGS}/jobs/{test_miragic.new_job(view)}"
    if request.param == "mirrago":
        return view, f"/v1/mirrago/job/{test_mirrago.new_job(view)}"
    view.plan(queued=2, running=10)
    return view, f"/api/video/{started(view.http.post('/api/video/create', json=SPEECH))}/status"


def test_in_every_state(job: tuple[View, str]) -> None:
    view, path = job
    for seconds in (0, 2, 5, 5):
        view.advance(seconds)
        assert both(view.http, path).status_code == 200


def test_for_every_refusal(job: tuple[View, str], running: Running) -> None:
    view, path = job
    name = view.side.contract.name
    former, stranger = view.side.account(active=False), view.side.account()
    found = [both(view.http, f"{path}x").status_code]
    with connect(view.url) as nobody, connect(view.url, x_api_key="nope", authorization="Bearer nope") as unknown:
        found += [both(nobody, path).status_code, both(unknown, path).status_code]
    if name != "mirrago":
        with connect(view.url, x_api_key=former.key) as old, connect(view.url, x_api_key=stranger.key) as other:
            found += [both(old, path).status_code, both(other, path).status_code]
        assert found == [404, 401, 401, 401, 404]
    with connect(f"{running.url}/@nobody/{name}") as lost:
        assert both(lost, path, "date").status_code == 404  # by the machine's clock, which goes
    view.sandbox.clock.advance(4000)
    assert both(view.http, path).status_code == (401 if name == "mirrago" else 200)
    running.app.sandboxes.close(view.sandbox.name)
    assert both(view.http, path, "date").status_code == 410  # likewise: a sandbox that is closed has no clock


def test_limits_count_both_ways_alike(miragic: View) -> None:
    path = f"{test_miragic.PAINTINGS}/jobs/x"
    for _ in range(30):
        assert both(miragic.http, path).status_code == 404
    assert both(miragic.http, path).status_code == 429
    assert sum(entry.status == 404 for entry in miragic.sandbox.journal) == 60
