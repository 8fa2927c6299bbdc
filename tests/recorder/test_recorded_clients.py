"""Real clients, unchanged, reach a real upstream over TLS by way of the recorder, which keeps what both said."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from proxy_kit import Tool, output_of
from recorder_kit import HOST, ca_pem, entries, recorded_at, tls_of
from serve_kit import ROOT
from wire_kit import PATIENCE

from mockserver import start
from mockserver.wire import Tls

CREATE = f"https://{HOST}/api/jobs"
CLIENTS = {
    "httpx": "import httpx; print(httpx.get({url!r}, headers={{'X-API-Key': 'demo-key'}}).status_code)",
    "requests": "import requests; print(requests.get({url!r}, headers={{'X-API-Key': 'demo-key'}}).status_code)",
    "aiohttp": (
        "import aiohttp, asyncio\n"
        "async def main():\n"
        "    async with aiohttp.ClientSession() as session, session.get({url!r}) as answer:\n"
        "        print(answer.status)\n"
        "asyncio.run(main())"
    ),
}


@pytest.mark.parametrize("client", CLIENTS)
def test_clients_of_python_are_recorded(client: str) -> None:
    with start(hosts={HOST: "vidgen"}, tls=Tls(tls_of(HOST))) as running, recorded_at(running.port) as found:
        script = CLIENTS[client].format(url=f"https://{HOST}/api/health?a=1")
        assert output_of(found, sys.executable, "-c", script) == "200\n"
    (entry,) = entries(found)
    assert entry["request"]["url"] == f"https://{HOST}/api/health?a=1"
    assert (entry["response"]["status"], json.loads(entry["response"]["content"]["text"])) == (200, {"status": "ok"})


def test_a_program_runs_under_the_command_and_its_recording_is_written(tmp_path: Path) -> None:
    curl, out, pem = Tool("curl", "curl").path, tmp_path / "session.har", tmp_path / "ca.pem"
    pem.write_text(ca_pem())
    (tmp_path / "tmp").mkdir()
    with start(hosts={HOST: "vidgen"}, tls=Tls(tls_of(HOST))) as running:
        script = (
            f"{curl} -sS https://{HOST}/api/health; {curl} -sS https://{HOST}/api/jobs -H 'X-API-Key: demo-key' "
            "-o /dev/null; curl -sS https://elsewhere.example; env | grep -c MOCKSERVER_URL; exit 7"
        )
        done = subprocess.run(
            [sys.executable, "-m", "mockserver", "record", "--upstream", f"https://{HOST}", "--out", out,
             "--connect-to", f"{HOST}=127.0.0.1:{running.port}", "--upstream-ca", pem, "--", "sh", "-c", script],
            env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path / "tmp")}, capture_output=True,
            text=True,
            timeout=PATIENCE * 5,
        )  # fmt: skip
    assert (done.returncode, done.stdout) == (7, '{"status":"ok"}0\n'), done.stderr
    assert f"Recorded: 2 requests in {out}" in done.stderr
    assert "Refused: elsewhere.example:443 (1); --upstream records a host" in done.stderr
    assert out.stat().st_mode & 0o777 == 0o600
    assert not [*(tmp_path / "tmp").iterdir()]
    text = out.read_text()
    assert [each["response"]["status"] for each in json.loads(text)["log"]["entries"]] == [200, 200]
    assert "demo-key" not in text


def test_a_killed_recorder_leaves_no_process_and_no_file(tmp_path: Path) -> None:
    out = tmp_path / "session.har"
    (tmp_path / "tmp").mkdir()
    words = [
        sys.executable, "-m", "mockserver", "record", "--upstream", f"https://{HOST}", "--out", str(out), "--",
        "sh", "-c", "setsid sleep 10000 & echo $! $$; wait",
    ]  # fmt: skip
    env = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path / "tmp")}
    with subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        pids = [int(pid) for pid in process.stdout.readline().split()]
        assert len(pids) == 2
        (folder,) = (tmp_path / "tmp").iterdir()
        assert "PRIVATE KEY" not in "".join(each.read_text("latin-1") for each in folder.rglob("*") if each.is_file())
        process.kill()
        process.communicate(timeout=PATIENCE * 5)  # both ends of the pipe are closed: all have ended
    assert [each.name for each in tmp_path.rglob("*")] == ["tmp"]
