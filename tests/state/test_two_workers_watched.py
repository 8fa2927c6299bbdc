"""Two servers over one state: whoever watches a sandbox at one of them is told what happens at the other."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest
from control_kit import told
from workers_kit import Workers

from mockserver.control.watching import EventStream, watch, watches_of
from mockserver.control.watching.watches import ServerWatch

WORLDS = "/_mock/sandboxes"
PROMPT = {"prompt": "A red kite", "name": "kite", "aspectRatio": "16:9"}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody tells of is looked for at once."""
    monkeypatch.setattr(watch, "PULSE", 0.01)
    monkeypatch.setattr(watch, "GATHER", 0.0)


async def events(stream: EventStream) -> AsyncIterator[tuple[str, Any]]:
    """The events of a stream: name and data."""
    async for piece in stream.pieces():
        for block in piece.decode().split("\n\n"):
            fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
            if "event" in fields:
                yield fields["event"], json.loads(fields["data"])


async def until(found: AsyncIterator[tuple[str, Any]], *names: str) -> dict[str, Any]:
    """The last data of each event, once each of these was told."""
    seen: dict[str, Any] = {}
    async for name, data in found:
        seen[name] = data
        if {*names} <= {*seen}:
            return seen
    raise AssertionError(f"the stream ended with {seen}")


def test_what_happens_at_one_is_told_to_who_watches_at_the_other(workers: Workers) -> None:
    async def both(control: str, access: Any) -> None:
        one, other = workers.one, workers.other
        worlds = other.server.sandboxes
        sandbox: Any = worlds.get(control.rpartition("/")[2])
        key = {"X-API-Key": access["api_key"]}
        async with aclosing(events(watches_of(worlds).stream(sandbox, None))) as found:
            assert (await until(found, "start"))["start"]["journal"] == 0
            told(await one.asked("POST", f"{access['url']}/api/image/generate", json=PROMPT, headers=key), 200)
            seen = await until(found, "jobs", "journal")
            assert [each["operation"] for each in seen["journal"]["entries"]] == ["generateImage"]
            assert [each["api"] for each in seen["jobs"]["jobs"]] == ["miraflow"]
            plan = {"api": "miraflow", "resource": "image", "count": 3}
            told(await one.asked("POST", f"{control}/plans", json=plan), 201)
            assert (await until(found, "settings"))["settings"]["apis"]["miraflow"]["plans"] == 3
            body = {"api": "miraflow", "fault": "status", "operation": "generateImage"}
            told(await one.asked("POST", f"{control}/faults", json=body), 201)
            assert (await until(found, "faults"))["faults"]["faults"][0]["applied"] == 0
            await one.asked("POST", f"{access['url']}/api/image/generate", json=PROMPT, headers=key)
            assert (await until(found, "faults"))["faults"]["faults"][0]["applied"] == 1
            hook = {"api": "vidgen", "url": "https://127.0.0.1:9/hook"}
            told(await one.asked("POST", f"{control}/webhooks/test", json=hook), 200)
            assert (await until(found, "webhooks"))["webhooks"]["webhooks"][0]["outcome"] != "waiting"
            told(await one.asked("POST", f"{control}/reset", json={}), 204)
            await until(found, "reset")
            told(await one.asked("DELETE", control), 204)
            await until(found, "closed")

    made = told(workers.one.ask("POST", WORLDS, json={"clock": {"mode": "manual"}}), 201)
    told(workers.other.ask("GET", f"{WORLDS}/{made['name']}"), 200)
    workers.one.run(both(f"{WORLDS}/{made['name']}", made["apis"]["miraflow"]))


async def blocks(stream: EventStream) -> AsyncIterator[dict[str, str]]:
    """The events of a stream as they are on the wire."""
    async for piece in stream.pieces():
        for block in piece.decode().split("\n\n"):
            fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
            if "event" in fields:
                yield fields


async def up_to(found: AsyncIterator[dict[str, str]], word: str) -> list[dict[str, str]]:
    """All events to the first whose data have a word in them, or of that name."""
    seen = []
    async for each in found:
        seen.append(each)
        if each["event"] == word or word in each["data"]:
            return seen
    raise AssertionError(f"the stream ended with {seen}")


def test_who_comes_back_to_the_other_is_told_what_was_missed_and_nothing_twice(workers: Workers) -> None:
    async def submitted(access: Any, name: str) -> str:
        key, body = {"X-API-Key": access["api_key"]}, {**PROMPT, "name": name}
        asked = workers.one.asked("POST", f"{access['url']}/api/image/generate", json=body, headers=key)
        return str(told(await asked, 200)["jobId"])

    async def both(control: str, access: Any) -> None:
        here, there = (each.server.sandboxes for each in (workers.one, workers.other))
        name = control.rpartition("/")[2]
        async with aclosing(blocks(watches_of(here).stream(here.get(name), None))) as stays:
            async with aclosing(blocks(watches_of(here).stream(here.get(name), None))) as leaves:
                await up_to(stays, "start")
                await up_to(leaves, "start")
                first = (await up_to(leaves, await submitted(access, "one")))[-1]
            second, third = await submitted(access, "two"), ""
            async with aclosing(blocks(watches_of(there).stream(there.get(name), first["id"]))) as comes:
                start, *seen = await up_to(comes, second)
                assert (start["id"], json.loads(start["data"])["resumed"]) == (first["id"], True)
                third = await submitted(access, "three")
                seen += await up_to(comes, third)
            meant = await up_to(stays, third)
            watches_of(there).end()
            watches_of(here).end()
            assert len({each["id"] for each in meant}) == len(meant)
            assert seen == meant[[each["id"] for each in meant].index(first["id"]) + 1 :]

    made = told(workers.one.ask("POST", WORLDS, json={"clock": {"mode": "manual"}, "limits": False}), 201)
    told(workers.other.ask("GET", f"{WORLDS}/{made['name']}"), 200)
    workers.one.run(both(f"{WORLDS}/{made['name']}", made["apis"]["miraflow"]))


def test_who_came_from_one_that_tells_no_more_reads_anew_and_the_end_of_a_sandbox_is_told_by_either(
    workers: Workers,
) -> None:
    async def both(control: str) -> None:
        here, there = (each.server.sandboxes for each in (workers.one, workers.other))
        name = control.rpartition("/")[2]
        async with aclosing(blocks(watches_of(here).stream(here.get(name), None))) as leaves:
            first = (await up_to(leaves, "start"))[-1]
        for lost in (f"{first['id']}9", f"s-aaaaaaaa.{first['id']}", f"x{first['id']}"):
            async with aclosing(blocks(watches_of(there).stream(there.get(name), lost))) as comes:
                assert [each["event"] for each in await up_to(comes, "resync")] == ["start", "resync"]
        async with aclosing(blocks(watches_of(there).stream(there.get(name), first["id"]))) as comes:
            assert json.loads((await up_to(comes, "start"))[0]["data"])["resumed"] is True
            told(await workers.one.asked("DELETE", control), 204)
            assert [each["event"] async for each in comes][-1] == "closed"

    made = told(workers.one.ask("POST", WORLDS, json={"clock": {"mode": "manual"}}), 201)
    told(workers.other.ask("GET", f"{WORLDS}/{made['name']}"), 200)
    workers.one.run(both(f"{WORLDS}/{made['name']}"))


def test_who_begins_to_read_while_the_list_is_looked_at_is_told_of_no_sandbox_as_if_it_were_new(
    workers: Workers,
) -> None:
    async def both() -> None:
        watch = ServerWatch(workers.other.server.sandboxes)
        first, _, second = await asyncio.gather(watch.start(), watch.tell(), watch.start())
        assert first == second == {"sandboxes": 1}
        assert watch.log.newest == 0
        watch.end()

    workers.one.run(both())


def test_sandboxes_that_one_makes_and_closes_are_told_of_at_the_other(workers: Workers) -> None:
    async def both() -> None:
        one, worlds = workers.one, workers.other.server.sandboxes
        async with aclosing(events(watches_of(worlds).stream(None, None))) as found:
            assert (await until(found, "start"))["start"] == {"sandboxes": 1, "resumed": False}
            made = told(await one.asked("POST", WORLDS, json={"owner": "test_it"}), 201)
            opened = (await until(found, "sandboxes"))["sandboxes"]["opened"]
            assert [(each["name"], each["owner"]) for each in opened] == [(made["name"], "test_it")]
            told(await one.asked("DELETE", f"{WORLDS}/{made['name']}"), 204)
            closed = (await until(found, "sandboxes"))["sandboxes"]["closed"]
            assert closed == [{"name": made["name"], "owner": "test_it"}]

    workers.one.run(both())
