"""A client that asks again and again while its sandbox's clock stands: what it waits for cannot come.

Reads what a sandbox tells of its clock, journal and jobs; knows neither pytest nor threads.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mockserver.errors import MockserverError, is_on_purpose
from mockserver.json_types import Json
from mockserver.steering import SandboxHandle

__tracebackhide__ = is_on_purpose

SEVERAL = 3
"""Fewer looks at one job may be a test that looks twice."""
MOST = 1000
"""So many entries are asked for while a test waits; its report reads them all."""


@dataclass(frozen=True, slots=True)
class Standstill:
    """So many requests to an operation at one moment of a clock that only the test moves."""

    api: str
    operation: str
    requests: int
    moment: str

    def __str__(self) -> str:
        times = f"{self.requests} times{' or more' if self.requests >= MOST else ''}"
        asked = f"{self.api}: the client asked {self.operation} {times} at {self.moment.replace('.000Z', 'Z')}"
        scaled = '@pytest.mark.mockserver(clock="x60")'
        if _is_virtual():
            return f"{asked}; fast_forward saw no pause of it (made elsewhere, or none at all). Use {scaled}."
        return (
            f"{asked}; the sandbox's clock stands until the test moves it. Use the fixture fast_forward, or {scaled}."
        )


def _is_virtual() -> bool:
    module = sys.modules.get("mockserver.virtual_time")
    return module is not None and module.active() is not None


def standstill(clock: Json, entries: Iterable[Json], jobs: Callable[[], Iterable[Json]]) -> Standstill | None:
    """The operation that was asked most often at the moment where a manual clock stands, if waiting would help.

    Clock, entries and jobs are as the control API tells them; jobs are asked for where they matter.
    """
    if clock["mode"] != "manual":
        return None
    asked: dict[tuple[str, ...], list[Json]] = {}
    for entry in entries:
        if entry["at"] == clock["now"] and entry["kind"] == "request" and entry["operation"]:
            asked.setdefault(_what(entry), []).append(entry)
    found = sorted((each for each in asked.values() if len(each) >= SEVERAL), key=len, reverse=True)
    waiting = [job for job in (jobs() if found else ()) if job["changes_in"] is not None]
    for each in found:
        last = each[-1]
        if _would_change(last, waiting):
            return Standstill(last["api"], last["operation"], len(each), clock["now"])
    return None


def _what(entry: Json) -> tuple[str, ...]:
    """The same for requests that ask for the same: of a list, the same page of it."""
    query = (entry.get("sent") or {}).get("query", "")
    return entry["api"], entry["operation"], entry["job"] or f"{entry['path']}?{query}", entry["account"]


def _would_change(entry: Json, waiting: Iterable[Json]) -> bool:
    """Whether time alone would change an answer: one about a job that goes on, or a refusal by one or by a limit."""
    if entry["status"] == 429:
        return True
    shown = (entry.get("answered") or {}).get("text", "")
    return any(
        job["api"] == entry["api"]
        and (job["id"] == entry["job"] or (not entry["job"] and (entry["status"] == 409 or job["id"] in shown)))
        for job in waiting
    )


def standstill_of(sandbox: SandboxHandle, after: int = 0, limit: int | None = None) -> Standstill | None:
    """The same, asked of a sandbox: of its entries behind `after`, the last `limit`. None where it cannot be had."""
    try:
        clock = sandbox.ask("clock")
        if clock["mode"] != "manual":
            return None
        entries = [each for each in sandbox.ask("journal", limit=limit) if each["n"] > after]
        return standstill(clock, entries, lambda: sandbox.ask("jobs"))
    except MockserverError:
        return None
