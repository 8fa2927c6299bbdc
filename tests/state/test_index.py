"""The index of sandboxes: the one in this process never suspends; two servers over one that does see the same."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from control_kit import refused, told
from state_kit import SlowIndex
from workers_kit import Workers

from mockserver import sandboxes as sandboxes_module
from mockserver.clock import Clock
from mockserver.journal import Journal
from mockserver.sandbox import Sandbox
from mockserver.state import memory_index
from mockserver.state.configuration import Configuration
from mockserver.state.index_port import ClosedSandbox, Index, Late, SandboxRecord
from mockserver.state.memory_index import MemoryIndex
from mockserver.time_slices import at_once

READING = Clock("manual").reading()
KEYS = (("api", "key"), ("api", "client"))
JOBS = "vidgen/api/jobs"
WORLDS = "/_mock/sandboxes"


class Home:
    """A home of which nothing is asked but what the index has to know."""

    def __init__(self) -> None:
        self.clock, self.journal, self.used, self.is_closed = Clock("manual"), Journal(), 0.0, False

    def close(self) -> None:
        self.is_closed = True


def record(name: str, owner: str = "test_it") -> SandboxRecord:
    return SandboxRecord(name, owner, "0", 1.5, Configuration(secret=name), READING, {})


def made(index: MemoryIndex, name: str, *keys: tuple[str, str]) -> str:
    index.homes.setdefault(name, Home())
    return at_once(index.create(record(name), keys))


@pytest.fixture
def index() -> MemoryIndex:
    return MemoryIndex()


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    moment = {"now": 100.0}
    monkeypatch.setattr(memory_index, "monotonic", lambda: moment["now"])
    return moment


def test_no_method_of_the_index_in_this_process_ever_suspends(index: MemoryIndex) -> None:
    index.homes["world"] = Home()
    calls: dict[str, Any] = {
        "create": lambda: index.create(record("world"), KEYS),
        "find": lambda: index.find("world", True),
        "by_credential": lambda: index.by_credential(*KEYS[0]),
        "know": lambda: index.know("world", (("api", "more"),)),
        "count": lambda: index.count(),
        "page": lambda: index.page(0, 9),
        "idle": lambda: index.idle(5.0),
        "close": lambda: index.close("world"),
        "note_late": lambda: index.note_late(Late("world", "test_it", "GET", "/x")),
        "late": lambda: index.late("world"),
        "examples": lambda: index.examples(""),
        "leave": lambda: index.leave(),
    }
    index.opens(lambda name: at_once(None))  # it is told who opens sandboxes, and asks for nothing
    calls_and_more = {*calls, "opens"}
    assert calls_and_more == {name for name in vars(Index) if not name.startswith("_")}
    assert calls_and_more == {name for name in vars(SlowIndex) if not name.startswith("_")}
    for call in calls.values():
        at_once(call())


def test_the_first_to_give_a_name_gives_all_that_the_record_says(index: MemoryIndex) -> None:
    assert made(index, "world", *KEYS) == "made"
    assert at_once(index.create(record("world", "another")._replace(seed="7"), (("api", "other"),))) == "taken"
    assert at_once(index.find("world")) == record("world")._replace(n=1)
    assert [at_once(index.by_credential("api", each)) for each in ("key", "client", "other")] == [
        "world",
        "world",
        None,
    ]


def test_a_name_is_not_given_twice_and_what_was_closed_stays_known(index: MemoryIndex) -> None:
    made(index, "world", *KEYS)
    home = index.homes["world"]
    assert [at_once(index.close("world")) for _ in range(2)] == [True, False]
    assert home.is_closed  # type: ignore[attr-defined]
    assert at_once(index.find("world")) == ClosedSandbox("world", "test_it")
    assert at_once(index.by_credential(*KEYS[0])) == "world"
    assert made(index, "world") == "taken"
    assert (at_once(index.find("nobody")), at_once(index.close("nobody")), at_once(index.count())) == (None, False, 0)


def test_there_are_so_many_at_once_and_no_more(index: MemoryIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_index, "SANDBOXES", 2)
    assert [made(index, name) for name in ("a", "b", "c")] == ["made", "made", "full"]
    at_once(index.close("a"))
    assert made(index, "c") == "made"
    assert [each.name for each in at_once(index.page(0, 9))] == ["b", "c"]


def test_they_are_listed_by_pages_whatever_is_closed_between_them(index: MemoryIndex) -> None:
    for name in "abcde":
        made(index, name)
    first = at_once(index.page(0, 2))
    at_once(index.close("b"))
    at_once(index.close("c"))
    assert [(each.name, each.owner, each.made, each.clock.mode) for each in first][1] == ("b", "test_it", 1.5, "manual")
    assert [each.name for each in at_once(index.page(first[-1].n, 9))] == ["d", "e"]


def test_a_credential_leads_to_one_sandbox_as_long_as_it_is_open_and_then_to_the_next(index: MemoryIndex) -> None:
    made(index, "first", *KEYS)
    made(index, "second", ("api", "fresh"))
    at_once(index.know("second", KEYS, instead=True))
    assert [at_once(index.by_credential("api", each)) for each in ("key", "fresh")] == ["first", None]
    at_once(index.close("first"))
    assert at_once(index.by_credential("api", "key")) == "second"
    at_once(index.know("nobody", (("api", "more"),)))
    assert at_once(index.by_credential("api", "more")) is None


def test_what_nobody_used_for_long_is_idle_and_is_closed_where_it_is_so_still(
    index: MemoryIndex, now: dict[str, float]
) -> None:
    for name in "ab":
        made(index, name)
    now["now"] += 60.0
    assert at_once(index.idle(60.0)) == []
    now["now"] += 1.0
    assert at_once(index.idle(60.0)) == ["a", "b"]
    at_once(index.find("a"))
    at_once(index.find("b", used=True))
    assert [at_once(index.close(name, 60.0)) for name in "ab"] == [True, False]


def test_examples_of_closed_sandboxes_count_together(index: MemoryIndex) -> None:
    seen = ("api", "op", "ok")
    for name in "ab":
        made(index, name)
        index.homes[name].journal.see("api", "op", {"ok": 2})
    assert [at_once(index.examples(name)) for name in ("a", "")] == [{seen: 2}, {}]
    at_once(index.close("a"))
    assert [at_once(index.examples(name)) for name in ("a", "b", "")] == [{}, {seen: 2}, {seen: 2}]
    assert index.seen() == {seen: 4}


# --- two servers


def test_a_server_that_starts_second_has_the_secret_and_the_accounts_of_the_first(workers: Workers) -> None:
    one, other = workers.one, workers.other
    told(one.ask("GET", f"/{JOBS}", headers={"X-API-Key": "demo-key"}), 200)
    told(other.ask("GET", f"/{JOBS}", headers={"X-API-Key": "demo-key"}), 200)
    both = [each.server.sandboxes.default for each in (one, other)]
    assert both[0].secret == both[1].secret
    assert [each.get(f"{WORLDS}/default")["made"] for each in (one, other)] == [one.get(WORLDS)[0]["made"]] * 2


def world(made: Any) -> tuple[str, str, dict[str, str]]:
    """Where a sandbox is steered, where one of its APIs is, and the key to that."""
    access = made["apis"]["vidgen"]
    return f"{WORLDS}/{made['name']}", access["url"], {"X-API-Key": access["api_key"]}


def test_a_sandbox_that_one_made_is_used_at_the_other_by_its_path_and_by_its_key(workers: Workers) -> None:
    one, other = workers.one, workers.other
    wanted = {"clock": {"mode": "manual"}, "seed": 7, "owner": "test_it", "limits": False, "strict": True}
    made = told(one.ask("POST", WORLDS, json=wanted), 201)
    control, url, key = world(made)
    for path in (url + "/api/jobs", f"/{JOBS}"):
        answer = other.ask("GET", path, headers=key)
        told(answer, 200)
        assert "Sep 2001" in answer.headers["date"], "of its own clock"
    assert len(one.get(f"{control}/journal")) == 2
    assert one.get(control) == other.get(control)
    assert [each["name"] for each in other.get(WORLDS)] == ["default", made["name"]]
    assert one.get(WORLDS)[1] == other.get(WORLDS)[1]
    refused(other.ask("POST", WORLDS, json={"name": made["name"]}), 409)


def test_an_account_that_one_made_in_a_sandbox_of_the_other_leads_there_from_both(workers: Workers) -> None:
    control, _, _ = world(told(workers.one.ask("POST", WORLDS, json={}), 201))
    made = told(workers.other.ask("POST", f"{control}/accounts", json={"api": "vidgen"}), 201)
    for worker in (workers.one, workers.other):
        told(worker.ask("GET", f"/{JOBS}", headers={"X-API-Key": made["api_key"]}), 200)
    assert len(workers.one.get(f"{control}/journal")) == 2


def test_a_sandbox_that_is_closed_at_one_is_gone_at_the_other_and_who_comes_late_is_listed_at_both(
    workers: Workers,
) -> None:
    one, other = workers.one, workers.other
    made = told(one.ask("POST", WORLDS, json={"owner": "test_it"}), 201)
    control, url, key = world(made)
    told(other.ask("GET", url + "/api/jobs", headers=key), 200)
    told(one.ask("DELETE", control), 204)
    paths = (url + "/api/jobs", f"/{JOBS}", url + "/nothing")
    assert [other.ask("GET", path, headers=key).status_code for path in paths] == [410] * 3
    assert "it belonged to test_it" in refused(one.ask("GET", paths[0], headers=key), 410)["detail"]
    gone = [refused(each.ask("GET", control), 410) for each in (one, other)]
    assert gone[0] == gone[1]
    own = f"/@{made['name']}"
    late = [f"{own}/{JOBS}", f"/{JOBS}", f"{own}/vidgen/nothing", f"{own}/{JOBS}"]
    assert (gone[0]["owner"], [each["path"] for each in gone[0]["late"]]) == ("test_it", late)
    assert [[each["name"] for each in worker.get(WORLDS)] for worker in (one, other)] == [["default"]] * 2
    assert other.server.sandboxes.get(made["name"]) is None
    assert one.get("/_mock/coverage") == other.get("/_mock/coverage")
    refused(other.ask("POST", WORLDS, json={"name": made["name"]}), 409)


def test_what_is_under_way_at_one_ends_when_the_other_closes_its_sandbox(workers: Workers) -> None:
    async def both(control: str, url: str, key: dict[str, str]) -> tuple[Any, Any]:
        sandbox: Any = workers.other.server.sandboxes.get(control.rpartition("/")[2])
        committing, is_over = asyncio.Event(), asyncio.Event()
        commit = sandbox.state.commit

        async def held(*effects: Any) -> bool:
            committing.set()
            await is_over.wait()
            return bool(await commit(*effects))

        sandbox.state.commit = held
        post = asyncio.create_task(workers.other.asked("POST", url, json={"prompt": "x", "name": "k"}, headers=key))
        await committing.wait()
        closed = await workers.one.asked("DELETE", control)
        is_over.set()
        return closed, await post

    made = told(workers.one.ask("POST", WORLDS, json={}), 201)
    access = made["apis"]["miraflow"]
    key = {"X-API-Key": access["api_key"]}
    told(workers.other.ask("GET", f"{WORLDS}/{made['name']}"), 200)
    url = f"{access['url']}/api/image/generate"
    closed, late = workers.one.run(both(f"{WORLDS}/{made['name']}", url, key))
    assert closed.status_code == 204
    assert "was closed while this was under way" in refused(late, 410)["detail"]


def test_what_was_closed_elsewhere_takes_no_room_here(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandboxes_module, "MANY", 2)
    worlds = workers.other.server.sandboxes
    worlds._many = 3
    for _ in range(9):
        control, _, _ = world(told(workers.one.ask("POST", WORLDS, json={}), 201))
        workers.other.get(control)
        told(workers.one.ask("DELETE", control), 204)
    assert len(worlds) <= 4
    assert not {*worlds._names.values()} - {each.name for each in worlds.open()}


def test_a_snapshot_that_one_restored_is_the_same_sandbox_at_the_other(workers: Workers) -> None:
    one, other = workers.one, workers.other
    made = told(one.ask("POST", WORLDS, json={"clock": {"mode": "manual"}}), 201)
    control, _, key = world(made)
    told(one.ask("POST", f"{control}/clock/advance", json={"seconds": 60}), 200)
    taken = other.get(f"{control}/snapshot")
    again = told(other.ask("POST", WORLDS, json={"snapshot": taken}), 201)
    assert again["apis"]["vidgen"]["api_key"] == key["X-API-Key"]
    told(one.ask("GET", f"/{JOBS}", headers=key), 200)
    assert len(other.get(f"{control}/journal")) == 1, "a key leads to the one that had it first"
    told(one.ask("DELETE", control), 204)
    for worker in (one, other):
        told(worker.ask("GET", f"/{JOBS}", headers=key), 200)
    assert len(one.get(f"{WORLDS}/{again['name']}/journal")) == 2, "and then to the next"
    assert isinstance(one.server.sandboxes.get(again["name"]), Sandbox)
    assert one.get(f"{WORLDS}/{again['name']}/clock") == other.get(f"{WORLDS}/{again['name']}/clock")


PROMPT = {"prompt": "A red kite", "name": "kite", "aspectRatio": "16:9"}


def test_whole_requests_to_one_are_read_at_both_and_forgotten_with_a_reset(workers: Workers) -> None:
    one, other = workers.one, workers.other
    made = told(one.ask("POST", WORLDS, json={"requests": True, "clock": {"mode": "manual"}}), 201)
    control, url, key = world(made)
    told(other.ask("POST", f"{url.replace('vidgen', 'miraflow')}/api/image/generate", json=PROMPT), 401)
    told(one.ask("GET", f"{url}/api/jobs", headers=key), 200)
    other.ask("GET", f"{url}/nothing", headers=key)
    seen = [each.get(f"{control}/requests") for each in (one, other)]
    assert seen[0] == seen[1]
    shown = [(each["n"], each["api"], each["over"], each["response"]["status"]) for each in seen[0]["requests"]]
    assert shown == [(1, "miraflow", True, 401), (2, "vidgen", True, 200), (3, "vidgen", True, 404)]
    assert [len(other.get(f"{control}/requests?{part}")["requests"]) for part in ("after=1", "api=miraflow")] == [2, 1]
    assert [each.get(control)["dropped"]["requests"] for each in (one, other)] == [0, 0]
    told(other.ask("POST", f"{control}/reset", json={}), 204)
    assert one.get(f"{control}/requests") == {"dropped": 0, "first": 4, "requests": []}


def test_a_request_that_is_under_way_at_one_is_seen_at_the_other_as_far_as_it_has_come(workers: Workers) -> None:
    async def both(control: str, url: str, key: dict[str, str]) -> Any:
        going = asyncio.create_task(workers.other.asked("POST", url, content=b"x" * 9, headers=key))
        seen: Any = {"requests": []}
        for _ in range(100):
            if seen["requests"] and seen["requests"][0]["content"]:
                break
            seen = (await workers.one.asked("GET", f"{control}/requests")).json()
        going.cancel()
        return seen["requests"]

    made = told(workers.one.ask("POST", WORLDS, json={"requests": True}), 201)
    control, url, key = world(made)
    told(workers.one.ask("POST", f"{control}/faults", json={"api": "vidgen", "fault": "latency", "seconds": 3600}), 201)
    key |= {"content-type": "text/csv"}
    (seen,) = workers.one.run(both(control, f"{url}/api/jobs", key))
    assert (seen["over"], seen["response"], seen["content"]) == (False, None, "eHh4eHh4eHh4")
