"""The plugin where the environment is not plain: proxies in CI, sockets and threads replaced by gevent or eventlet."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from plugin_kit import ROOT, Run

from mockserver import Running
from mockserver.testing.proxies import bypassed

NOWHERE = "http://127.0.0.1:9"
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
URL = "http://127.0.0.1:5000"


@pytest.fixture
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in (*PROXIES, "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    yield
    urllib.request.install_opener(None)  # type: ignore[arg-type]  # it keeps the proxies of the time it was made


CLIENTS = """
import asyncio, os, subprocess, sys, urllib.error, urllib.request
import aiohttp, httpx, pytest, requests

def test_httpx(vidgen):
    assert httpx.get(vidgen.url + "/api/jobs").status_code == 401

def test_requests(vidgen):
    assert requests.get(vidgen.url + "/api/jobs").status_code == 401

def test_urllib(vidgen):
    urllib.request.install_opener(None)  # one is kept by the process, with the proxies of its day
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(vidgen.url + "/api/jobs")

def test_aiohttp(vidgen):
    async def main():
        async with aiohttp.ClientSession(trust_env=True) as session, session.get(vidgen.url + "/api/jobs") as answer:
            return answer.status
    assert asyncio.run(main()) == 401

def test_a_webhook_posted_by_hand(webhook_inbox):
    assert httpx.post(webhook_inbox.http_url).status_code == 200

def test_a_call_to_the_vendors_own_host(mirrago, intercept):
    assert requests.post("https://api.mirrago.com/oauth/token", json={"client_id": "x", "client_secret": "y",
                         "grant_type": "client_credentials"}).status_code == 401

@pytest.fixture
def late(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)

def test_a_proxy_that_a_fixture_names(late, vidgen):
    assert httpx.get(vidgen.url + "/api/jobs").status_code == 401
"""


@pytest.mark.usefixtures("_no_proxy")
@pytest.mark.parametrize("names", [PROXIES[:3], PROXIES[3:], PROXIES, ()], ids=["upper", "lower", "both", "none"])
def test_clients_reach_a_sandbox_past_the_environments_proxy(
    run: Run, monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...]
) -> None:
    for name in names:
        monkeypatch.setenv(name, NOWHERE)
    before = dict(os.environ)
    run(CLIENTS, client=False).assert_outcomes(passed=CLIENTS.count("def test_"))
    assert {name: os.environ.get(name) for name in ("NO_PROXY", "no_proxy")} == {
        name: before.get(name) for name in ("NO_PROXY", "no_proxy")
    }


HERE = "127.0.0.1,localhost"
ROWS: list[tuple[dict[str, str], dict[str, str | None]]] = [
    ({}, {"NO_PROXY": None, "no_proxy": None}),
    ({"NO_PROXY": "corp"}, {"NO_PROXY": "corp", "no_proxy": None}),
    ({"HTTP_PROXY": ""}, {"NO_PROXY": None, "no_proxy": None}),
    ({"HTTP_PROXY": NOWHERE}, {"NO_PROXY": HERE, "no_proxy": HERE}),
    ({"all_proxy": NOWHERE, "NO_PROXY": "corp"}, {"NO_PROXY": f"corp,{HERE}", "no_proxy": f"corp,{HERE}"}),
    ({"https_proxy": NOWHERE, "no_proxy": " a, b ,"}, {"NO_PROXY": f"a,b,{HERE}", "no_proxy": f"a,b,{HERE}"}),
    ({"HTTP_PROXY": NOWHERE, "NO_PROXY": "*"}, {"NO_PROXY": "*", "no_proxy": "*"}),
    ({"HTTP_PROXY": NOWHERE, "NO_PROXY": HERE, "no_proxy": HERE}, {"NO_PROXY": HERE, "no_proxy": HERE}),
]


@pytest.mark.usefixtures("_no_proxy")
@pytest.mark.parametrize(("said", "inside"), ROWS)
def test_exceptions_from_proxies_are_added_and_put_back(
    monkeypatch: pytest.MonkeyPatch, said: dict[str, str], inside: dict[str, str | None]
) -> None:
    for name, text in said.items():
        monkeypatch.setenv(name, text)
    before = dict(os.environ)
    with bypassed(URL):
        assert {name: os.environ.get(name) for name in inside} == inside
    assert dict(os.environ) == before


@pytest.mark.usefixtures("_no_proxy")
def test_what_somebody_else_has_changed_meanwhile_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", NOWHERE)
    monkeypatch.setenv("NO_PROXY", "corp")
    with bypassed("http://elsewhere.test:80"):
        assert os.environ["NO_PROXY"] == f"corp,elsewhere.test,{HERE}"
        monkeypatch.setenv("NO_PROXY", "mine")
    assert os.environ["NO_PROXY"] == "mine"
    assert "no_proxy" not in os.environ


PATCHING = {
    "gevent": "from gevent import monkey; monkey.patch_all()",
    "eventlet": "import warnings; warnings.simplefilter('ignore'); import eventlet; eventlet.monkey_patch()",
}
GREEN = """
import urllib.error, urllib.request
import pytest

def test_answered(vidgen):
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(vidgen.url + "/api/jobs")
    vidgen.clock.advance(5)

def test_fast_forward(vidgen, fast_forward):
    pass
"""


def green(tool: str, folder: Path, *options: str) -> str:
    """What pytest prints in a Python whose sockets and threads the tool has replaced; it is over in time."""
    (folder / "test_green.py").write_text(GREEN)
    plain = ("-p", "no:schemathesis", "-p", "no:randomly", "-p", "no:anyio", "-p", "no:cacheprovider", "-q")
    code = f"{PATCHING[tool]}\nimport sys, pytest\nsys.exit(pytest.main({[*plain, *options]!r}))"
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=100).stdout


@pytest.mark.parametrize("tool", PATCHING)
def test_where_threads_are_greenlets_a_sentence_says_what_to_do(tool: str, tmp_path: Path) -> None:
    told = green(tool, tmp_path)
    assert f"mockserver: {tool} has replaced sockets and threads in this Python" in told
    assert "`pytest --mockserver-url URL`" in told
    assert told.startswith("EE ")


@pytest.mark.parametrize("tool", PATCHING)
def test_where_threads_are_greenlets_a_server_elsewhere_serves(tool: str, tmp_path: Path, elsewhere: Running) -> None:
    told = green(tool, tmp_path, "--mockserver-url", elsewhere.url)
    assert told.startswith(".E ")
    assert f"{tool} has replaced threads and sleeps in this Python, and fast_forward would wait" in told


@pytest.mark.parametrize("tool", PATCHING)
@pytest.mark.parametrize(
    "start",
    ["from mockserver import start; start()", "from mockserver.cli import main; main(['serve', '--port', '0'])"],
)
def test_no_server_starts_where_threads_are_greenlets(tool: str, start: str) -> None:
    code = f"{PATCHING[tool]}\n{start}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=100)
    assert done.returncode == (2 if "cli" in code else 1)
    assert f"{tool} has replaced sockets and threads in this Python, and no server can run in it" in done.stderr
