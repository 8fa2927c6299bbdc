"""Time of a program in another Python goes faster while it sleeps, and not while an answer is under way."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from proxy_kit import output_of

from mockserver import Running
from mockserver.proxy import python_client
from mockserver.virtual_time import python_time

WAITS = """
import asyncio, datetime, json, queue, socket, threading, time
from datetime import datetime as Date

LONG = 120
CLOCKS = [time.time, time.monotonic, time.perf_counter, lambda: time.time_ns() / 1e9, lambda: Date.now().timestamp(),
          lambda: datetime.datetime.now(datetime.timezone.utc).timestamp()]


async def among_others():
    await asyncio.gather(asyncio.sleep(LONG), asyncio.sleep(LONG / 2))


async def in_vain():
    try:
        await asyncio.wait_for(asyncio.get_running_loop().create_future(), LONG)
    except asyncio.TimeoutError:
        pass


def unheard():
    one, other = socket.socketpair()
    one.settimeout(LONG)
    try:
        one.recv(1)
    except socket.timeout:
        waits["unheard"] = None  # a socket's own time-out skips no time, it is only shorter


def empty():
    try:
        queue.Queue().get(timeout=LONG)
    except queue.Empty:
        pass


def threads():
    several = [threading.Thread(target=time.sleep, args=(LONG,)) for _ in range(3)]
    for each in several:
        each.start()
    for each in several:
        each.join()


waits = {"sleep": lambda: time.sleep(LONG), "asyncio": lambda: asyncio.run(among_others()),
         "wait_for": lambda: asyncio.run(in_vain()), "event": lambda: threading.Event().wait(LONG), "queue": empty,
         "threads": threads, "unheard": unheard}
found = {}
for name, wait in list(waits.items()):
    before = [clock() for clock in CLOCKS]
    wait()
    passed = [clock() - at for clock, at in zip(CLOCKS, before)]
    found[name] = waits[name] is None or all(LONG - 0.01 <= each < 100 * LONG for each in passed) or passed
print(json.dumps(found))
"""
PLAIN = """
import copy, json, pickle, time
from datetime import datetime, timedelta, timezone

now = datetime.now()
text = datetime.fromisoformat("2026-11-28T12:00:00+00:00")
said = [isinstance(now, datetime), type(now + timedelta(1)) is datetime, pickle.loads(pickle.dumps(now)) == now,
        copy.deepcopy(text) == text, (text - datetime(2026, 11, 28, tzinfo=timezone.utc)).seconds, time.sleep(0)]
try:
    time.sleep(-1)
except ValueError as error:
    said.append(str(error))
print(json.dumps(said))
"""
ASK = """
import json, os, time, urllib.request
began = time.monotonic()
try:
    with urllib.request.urlopen(os.environ["ADDRESS"], timeout=5) as answer:
        print(json.dumps(answer.status))
except OSError as error:
    print(json.dumps("timed out" in str(error)))
"""


def told(folder: Path, script: str, grace: int = 20, **more: str) -> Any:
    """What a script prints whose time goes a thousand times faster while it sleeps."""
    (folder / "python").mkdir()
    shutil.copyfile(python_client.__file__, folder / "python" / "sitecustomize.py")
    shutil.copyfile(python_time.__file__, folder / "python" / "mockserver_time.py")
    way = {"port": 1, "tls_port": 1, "hosts": [], "passthrough": ["*"], "rate": 1000, "grace": grace}
    (folder / "way.json").write_text(json.dumps(way))
    (folder / "ca-bundle.pem").write_text("")
    env = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    return json.loads(output_of({**env, **more, "PYTHONPATH": str(folder / "python")}, sys.executable, "-c", script))


def test_whatever_waits_for_minutes_sees_them_pass(tmp_path: Path) -> None:
    found = told(tmp_path, WAITS)
    assert set(found.values()) == {True}, found


def test_sleeps_and_dates_are_as_they_always_were(tmp_path: Path) -> None:
    assert told(tmp_path, PLAIN) == [True, True, True, True, 43_200, None, "sleep length must be non-negative"]


@pytest.mark.parametrize(("fault", "grace", "answer"), [("latency", 60_000, 200), ("hang", 20, True)])
def test_a_slow_machine_is_not_taken_for_a_slow_server(
    running: Running, tmp_path: Path, fault: str, grace: int, answer: object
) -> None:
    with running.sandbox() as sandbox:
        vidgen = sandbox.api("vidgen")
        vidgen.fault(fault, operation="getHealth", **({"seconds": 0.2} if fault == "latency" else {}))
        assert told(tmp_path, ASK, grace=grace, ADDRESS=f"{vidgen.url}/api/health") == answer
