"""Sync fixtures in async tests: pytest-asyncio (strict, auto, session loops) and anyio with asyncio and trio."""

from __future__ import annotations

import pytest
from plugin_kit import Run

BODY = """
    vidgen.next_job(queued=1, running=9)
    files = {"image": IMAGE, "audio": SOUND}
    async with httpx.AsyncClient(base_url=vidgen.url, headers={"X-API-Key": vidgen.api_key}) as client:
        job = (await client.post("/api/jobs", files=files, data={"webhookUrl": webhook_inbox.url})).json()["jobId"]
        await vidgen.clock.aadvance(1)
        vidgen.clock.advance(0.5)
        vidgen.clock.run_until(job, "PROCESSING")
        assert (await client.get(f"/api/status/{job}")).json()["status"] == "PROCESSING"
        with pytest.raises(ClockError, match="await clock.aadvance"):
            vidgen.clock.advance(9)
        with pytest.raises(ClockError, match="await clock.arun_until"):
            vidgen.clock.run_until(job, "COMPLETED")
        with pytest.raises(ClockError, match="await webhook_inbox.wait_async"):
            webhook_inbox.wait(1)
        assert (await vidgen.clock.arun_until(job, "COMPLETED")).progress == 100
        assert (await webhook_inbox.wait_async(1))[0].verified
        assert len(webhook_inbox.wait(1)) == 1
"""


@pytest.mark.parametrize(
    ("ini", "mark"),
    [
        ("asyncio_mode = strict\n", "@pytest.mark.asyncio"),
        ("asyncio_mode = auto\n", ""),
        ("asyncio_mode = auto\nasyncio_default_test_loop_scope = session\n", ""),
        ("", "@pytest.mark.anyio"),
    ],
    ids=["strict", "auto", "session-loop", "anyio"],
)
def test_async_tests_steer_with_await(run: Run, ini: str, mark: str) -> None:
    source = f"from mockserver.errors import ClockError\n{mark}\nasync def test_it(vidgen, webhook_inbox):\n{BODY}"
    result = run(source, ini=ini)
    outcomes = result.parseoutcomes()
    assert outcomes == {"passed": 2 if "anyio" in mark else 1}


def test_a_receiver_in_the_tests_own_loop_can_answer_while_the_clock_moves(run: Run) -> None:
    result = run("""
import asyncio

@pytest.mark.asyncio
async def test_it(mockserver):
    got = []

    async def receive(reader, writer):
        got.append(await reader.readuntil(b"\\r\\n\\r\\n"))
        writer.write(b"HTTP/1.1 204 No Content\\r\\nConnection: close\\r\\n\\r\\n")
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(receive, "127.0.0.1", 0)
    url = "http://127.0.0.1:%d/hook" % server.sockets[0].getsockname()[1]
    with mockserver.sandbox(insecure_webhooks=True) as sandbox:
        vidgen = sandbox.api("vidgen")
        assert submit(vidgen, webhookUrl=url).status_code == 201
        await vidgen.clock.aadvance(60)
        assert [w.outcome for w in vidgen.webhooks] == ["delivered"]
    server.close()
    await server.wait_closed()
    assert len(got) == 1
""")
    result.assert_outcomes(passed=1)


CLIENTS = {
    "httpx": "import httpx\nstatus = httpx.get(url, headers=key).status_code",
    "httpx2": "import httpx2\nstatus = httpx2.get(url, headers=key).status_code",
    "requests": "import requests\nstatus = requests.get(url, headers=key).status_code",
    "urllib3": "import urllib3\nstatus = urllib3.PoolManager().request('GET', url, headers=key).status",
    "aiohttp": """
import asyncio, aiohttp
async def ask():
    async with aiohttp.ClientSession() as session, session.get(url, headers=key) as answer:
        return answer.status
status = asyncio.run(ask())""",
}


@pytest.mark.parametrize("client", CLIENTS)
def test_any_client_reaches_the_sandbox(run: Run, client: str) -> None:
    body = CLIENTS[client].replace("\n", "\n    ")
    result = run(f"""
def test_it(vidgen):
    url, key = vidgen.url + "/api/jobs", {{"X-API-Key": vidgen.api_key}}
    {body}
    assert status == 200
    assert vidgen.journal.count("listJobs", status=200) == 1
""")
    result.assert_outcomes(passed=1)
