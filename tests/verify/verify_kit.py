"""Mock servers that differ from a contract by a few patches, and walks against them."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mockserver import pointers
from mockserver.app import Mockserver, Settings
from mockserver.clock import Clock
from mockserver.contract import Contract
from mockserver.live import DEMO, Live, live
from mockserver.loader import SHIPPED, load_folder
from mockserver.verify import Report, VerifyOptions, verify
from mockserver.wire import Limits, serve_in_thread

MUTANTS = json.loads((Path(__file__).parent / "mutants.json").read_text())
FILES = ("openapi", "behavior")


def patched(data: Any, steps: list[list[Any]]) -> Any:
    """`["put", pointer, value]`, `["remove", pointer]` or `["rename", pointer, name]`, one after the other."""
    data = copy.deepcopy(data)
    for word, at, *more in steps:
        above, _, last = at.rpartition("/")
        parent, name = pointers.get(data, above), pointers.split(f"/{last}")[0]
        if word == "put":
            parent[name] = more[0]
        elif word == "remove":
            del parent[name]
        else:
            items = [(more[0] if key == name else key, value) for key, value in parent.items()]
            parent.clear()
            parent.update(items)
    return data


def contract_of(api: str, patches: dict[str, list[list[Any]]], folder: Path) -> Contract:
    """A shipped contract after patches by file."""
    (folder / api).mkdir(parents=True)
    for file in FILES:
        data = json.loads((SHIPPED / api / f"{file}.json").read_text())
        (folder / api / f"{file}.json").write_text(json.dumps(patched(data, patches.get(file, []))))
    contract, findings = load_folder(folder / api)
    assert contract is not None, findings
    return contract


@contextmanager
def served(contract: Contract) -> Iterator[tuple[str, Any]]:
    """A server of one contract with a clock that stands; its URL, and a sleep that moves the clock."""
    app = Mockserver([contract], Settings(clock=Clock("manual")))
    thread = serve_in_thread(app, "127.0.0.1", 0, limits=Limits(refuse=app.refuse))
    app.listening(thread.url)

    def sleep(seconds: float) -> None:
        asyncio.run_coroutine_threadsafe(app.sandboxes.default.advance(seconds), thread.loop).result(20)

    try:
        yield f"{thread.url}/{contract.name}", sleep
    finally:
        thread.stop()


def walk(server: Contract, judge: Contract, **options: Any) -> Report:
    """Walk the journeys of `judge` against a server of `server`."""
    with served(server) as (url, sleep):
        client: Live = live(judge, url, DEMO, sleep=sleep)
        return verify(judge, client, VerifyOptions(**options))
