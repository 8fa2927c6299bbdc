"""`fast_forward` and `intercept`, seen from outside: real pollers with constant base URLs, in no time."""

from __future__ import annotations

import pytest
from plugin_kit import Run

from mockserver import Running

POLLER = """
import time, asyncio, datetime
import httpx

BASE = "https://backend.miragic.ai"

def wait_for(key, job, patience=1200):
    deadline = time.monotonic() + patience
    with httpx.Client(base_url=BASE, headers={"X-API-Key": key}) as client:
        while time.monotonic() < deadline:
            answer = client.get(f"/api/v1/speed-painting/jobs/{job}")
            if answer.json()["data"]["status"] == "COMPLETED":
                return answer
            time.sleep(10)
    raise TimeoutError(job)

async def await_for(key, job, patience=1200):
    async with asyncio.timeout(patience), httpx.AsyncClient(base_url=BASE, headers={"X-API-Key": key}) as client:
        while True:
            answer = await client.get(f"/api/v1/speed-painting/jobs/{job}")
            if answer.json()["data"]["status"] == "COMPLETED":
                return answer
            await asyncio.sleep(10)

def create(api):
    form = {"quality": "hd", "sequence": "auto", "fps": "30", "hand_style": "1"}
    files = {"image": ("a.png", b"\\x89PNG\\r\\n\\x1a\\n" + bytes(64), "image/png")}
    headers = {"X-API-Key": api.api_key}
    answer = httpx.post(f"{BASE}/api/v1/speed-painting/create", data=form, files=files, headers=headers)
    return answer.json()["data"]["jobId"]
"""


def test_an_unmodified_poller_waits_twenty_minutes_in_no_time(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(poller=POLLER)
    result = run("""
import poller, time

def test_it(miragic, fast_forward, intercept):
    miragic.next_job(running=1185)
    began = time.perf_counter()
    job = poller.create(miragic)
    answer = poller.wait_for(miragic.api_key, job)
    assert time.perf_counter() - began < 100
    assert fast_forward.elapsed == 1190
    assert miragic.journal.count("getSpeedPaintingJob") == 120
    assert answer.headers["Date"] == "Sun, 09 Sep 2001 02:06:30 GMT"
    print('took', time.perf_counter() - began)
    assert time.time() == miragic.clock.now()

def test_it_times_out(miragic, fast_forward, intercept):
    miragic.next_job(running=100_000)
    with pytest.raises(TimeoutError):
        poller.wait_for(miragic.api_key, poller.create(miragic))
    assert fast_forward.elapsed == 1200

@pytest.mark.asyncio
async def test_async_too(miragic, fast_forward, intercept):
    miragic.next_job(running=100_000)
    with pytest.raises(TimeoutError):
        await poller.await_for(miragic.api_key, poller.create(miragic))
    assert fast_forward.elapsed == 1200

def test_afterwards_time_is_real():
    assert time.time() > 1_600_000_000
""")
    result.assert_outcomes(passed=4)


def test_a_poller_without_patience_is_stopped_where_it_sleeps(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(poller=POLLER)
    result = run("""
import poller
from pytest_plugin import ClockRanAway

def test_it(miragic, fast_forward, intercept):
    miragic.next_job(running=1e7)
    with pytest.raises(ClockRanAway, match="poller.py:1[0-9]: this sleep"):
        miragic.clock.advance(6.99 * 86400)
        poller.wait_for(miragic.api_key, poller.create(miragic), patience=1e9)
""")
    result.assert_outcomes(passed=1)


CALLS = {
    "httpx": "import httpx\nstatus = httpx.get(url, headers=key).status_code",
    "httpx2": "import httpx2\nstatus = httpx2.get(url, headers=key).status_code",
    "requests": "import requests\nstatus = requests.get(url, headers=key).status_code",
    "urllib3": "import urllib3\nstatus = urllib3.request('GET', url, headers=key).status",
    "aiohttp": """
import asyncio, aiohttp
async def ask():
    async with aiohttp.ClientSession() as session, session.get(url, headers=key) as answer:
        return answer.status
status = asyncio.run(ask())""",
}


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("client", CALLS)
def test_constant_hosts_reach_the_sandbox(run: Run, client: str, scheme: str) -> None:
    body = CALLS[client].replace("\n", "\n    ")
    result = run(f"""
def test_it(miraflow, intercept):
    url, key = "{scheme}://miraflow.ai/api/avatars", {{"x-api-key": miraflow.api_key}}
    {body}
    assert status == 200
    assert miraflow.journal.count("listAvatars") == 1
""")
    result.assert_outcomes(passed=1)


def test_more_hosts_by_marker_and_no_others(run: Run) -> None:
    result = run("""
@pytest.mark.mockserver(hosts={"render.example": "vidgen"})
def test_marked(vidgen, intercept):
    answer = httpx.get("https://render.example/api/jobs", headers={"X-API-Key": vidgen.api_key})
    assert answer.status_code == 200
    with pytest.raises(httpx.ConnectError, match=r"@pytest.mark.mockserver\\(hosts=.*elsewhere.example"):
        httpx.get("https://elsewhere.example/")

@pytest.mark.mockserver(hosts={"through.invalid": ...})
def test_through(intercept):
    with pytest.raises(httpx.ConnectError) as caught:
        httpx.get("http://through.invalid/")
    assert "intercept" not in str(caught.value)

@pytest.mark.mockserver(hosts={"render.example": "other"})
def test_unknown(intercept):
    pass
""")
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["mockserver: the server has no API 'other'; known: *mockserver_contracts)"])


SILENT = {
    "httpx": "with pytest.raises(httpx.ReadTimeout):\n        httpx.get(url, headers=key, timeout=15)",
    "httpx2": "import httpx2\n    with pytest.raises(httpx2.ReadTimeout):\n"
    "        httpx2.get(url, headers=key, timeout=15)",
    "requests": "import requests\n    with pytest.raises(requests.ReadTimeout):\n"
    "        requests.get(url, headers=key, timeout=15)",
    "aiohttp": """import asyncio, aiohttp
    async def ask():
        limits = aiohttp.ClientTimeout(sock_read=15)
        async with aiohttp.ClientSession(timeout=limits) as session, session.get(url, headers=key):
            pass
    with pytest.raises(aiohttp.SocketTimeoutError):
        asyncio.run(ask())""",
}


def silent(client: str, fault: str) -> str:
    return f"""
import time

def test_it(miraflow, intercept, fast_forward):
    miraflow.fault({fault}, operation="listAvatars", times=1)
    url, key = "https://miraflow.ai/api/avatars", {{"x-api-key": miraflow.api_key}}
    began = time.perf_counter()
    {SILENT[client]}
    assert time.perf_counter() - began < 14
    assert fast_forward.elapsed == 15
    assert httpx.get(url, headers=key).status_code == 200
    assert [(e.status, bool(e.fault)) for e in miraflow.journal] == [(0, True), (200, False)]
"""


@pytest.mark.parametrize("fault", ['"hang"', '"stall"', '"latency", seconds=20'])
@pytest.mark.parametrize("client", SILENT)
def test_silence_beyond_the_clients_patience_ends_at_once(run: Run, client: str, fault: str) -> None:
    run(silent(client, fault)).assert_outcomes(passed=1)


@pytest.mark.parametrize("client", SILENT)
def test_so_it_does_with_a_server_elsewhere(run: Run, elsewhere: Running, client: str) -> None:
    run(silent(client, '"hang"'), f"--mockserver-url={elsewhere.url}").assert_outcomes(passed=1)


def test_a_request_in_flight_elsewhere_holds_the_clock(run: Run, elsewhere: Running) -> None:
    result = run(
        """
import socket, threading, time
from urllib.parse import urlsplit

def test_it(miraflow, fast_forward, _mockserver_session, sandbox):
    miraflow.fault("latency", operation="listAvatars", seconds=0.3)
    place = urlsplit(miraflow.url)
    with socket.create_connection((place.hostname, place.port)) as raw:  # a client that nobody here watches
        head = f"GET {place.path}/api/avatars HTTP/1.1\\r\\nHost: x\\r\\nx-api-key: {miraflow.api_key}\\r\\n\\r\\n"
        raw.sendall(head.encode())
        while not _mockserver_session.time_of(sandbox).in_flight():
            pass
        began = time.perf_counter()
        time.sleep(600)
        assert time.perf_counter() - began > 0.1
        assert raw.recv(100).startswith(b"HTTP/1.1 200")
""",
        f"--mockserver-url={elsewhere.url}",
    )
    result.assert_outcomes(passed=1)


def test_without_fast_forward_the_clock_moves_as_well(run: Run) -> None:
    result = run("""
def test_it(miraflow, intercept):
    miraflow.fault("hang", operation="listAvatars")
    with pytest.raises(httpx.ReadTimeout):
        httpx.get("https://miraflow.ai/api/avatars", headers={"x-api-key": miraflow.api_key}, timeout=30)
    assert miraflow.clock.now() == 1_000_000_030
""")
    result.assert_outcomes(passed=1)
