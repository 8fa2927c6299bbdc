"""Time of a program in Node goes faster while it waits, and stands while an answer is under way."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from proxy_kit import Tool, output_of

from mockserver import Running
from mockserver.proxy.variables import NODE_TIME

WAITS = """
import { setTimeout as sleep, setInterval as ticks, scheduler } from 'node:timers/promises'
import { promisify } from 'node:util'
const LONG = 120_000
const clocks = { date: () => Date.now(), made: () => +new Date(), performance: () => performance.now(),
  bigint: () => Number(process.hrtime.bigint()) / 1e6,
  hrtime: () => process.hrtime()[0] * 1e3 + process.hrtime()[1] / 1e6 }
const ways = { sleep: () => sleep(LONG), timer: () => new Promise((resolve) => setTimeout(resolve, LONG)),
  promisified: () => promisify(setTimeout)(LONG), scheduler: () => scheduler.wait(LONG),
  tick: async () => { for await (const _ of ticks(LONG)) break },
  interval: () => new Promise((resolve) => {
    const timer = setInterval(() => { clearInterval(timer); resolve() }, LONG)
  }),
  aborted: () => new Promise((resolve) => AbortSignal.timeout(LONG).addEventListener('abort', resolve)) }
const kept = setInterval(() => {}, 1e9) // the signal's own timer keeps no program alive
const found = {}
for (const [name, wait] of Object.entries(ways)) {
  const before = Object.values(clocks).map((now) => now())
  await wait()
  found[name] = Object.values(clocks).every((now, n) => now() - before[n] >= LONG - 1)
}
clearInterval(kept)
console.log(JSON.stringify(found))
"""
PLAIN = """
const said = []
clearTimeout(setTimeout(() => said.push('never'), 10))
clearTimeout(+setTimeout(() => said.push('never'), 10))
setTimeout((...words) => said.push(words.join(' ')), 20, 'one', 'two')
const late = setTimeout(() => said.push('late'), 60_000)
setTimeout(() => said.push('early'), 30_000)
setTimeout(() => {}, 3_000_000).unref()
said.push(late.hasRef(), new Date(0).toISOString(), new Date() instanceof Date, typeof Date(), Date.UTC(1970, 0))
const signal = AbortSignal.abort(new Error('enough'))
require('timers/promises').setTimeout(9, null, { signal }).catch((error) => said.push(error.name, error.cause.message))
try { setTimeout('text') } catch (error) { said.push(error.code) }
process.on('exit', () => console.log(JSON.stringify(said)))
"""
ASK = """
const answer = await fetch(process.env.ADDRESS, { signal: AbortSignal.timeout(5_000) }).catch((error) => error.name)
console.log(JSON.stringify(answer.status ?? answer))
"""


def told(folder: Path, script: str, kind: str = "mjs", grace: int = 60_000, **more: str) -> Any:
    """What a script prints whose time goes a thousand times faster."""
    shutil.copyfile(NODE_TIME, folder / NODE_TIME.name)
    (folder / "way.json").write_text(json.dumps({"rate": 1000, "grace": grace}))
    (folder / f"script.{kind}").write_text(script)
    words = [Tool("node", "nodejs").path, "--require", str(folder / NODE_TIME.name), str(folder / f"script.{kind}")]
    return json.loads(output_of({**os.environ, **more}, *words))


def test_whatever_waits_for_minutes_sees_them_pass(tmp_path: Path) -> None:
    found = told(tmp_path, WAITS)
    assert len(found) == 7
    assert all(found.values()), found


def test_timers_and_dates_are_as_they_always_were(tmp_path: Path) -> None:
    assert told(tmp_path, PLAIN, "cjs") == [
        True, "1970-01-01T00:00:00.000Z", True, "string", 0, "ERR_INVALID_ARG_TYPE", "AbortError", "enough", "one two",
        "early", "late",
    ]  # fmt: skip


@pytest.mark.parametrize(("fault", "grace", "answer"), [("latency", 60_000, 200), ("hang", 100, "TimeoutError")])
def test_a_slow_machine_is_not_taken_for_a_slow_server(
    running: Running, tmp_path: Path, fault: str, grace: int, answer: object
) -> None:
    with running.sandbox() as sandbox:
        vidgen = sandbox.api("vidgen")
        more = {"seconds": 0.2} if fault == "latency" else {}
        vidgen.fault(fault, operation="getHealth", **more)
        assert told(tmp_path, ASK, grace=grace, ADDRESS=f"{vidgen.url}/api/health") == answer
