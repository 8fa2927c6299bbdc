"""The phase `journeys`: the contract is walked as `verify` does, so that every operation once answers with success."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from mockserver.clock import Clock, monotonic
from mockserver.fuzz.found import FuzzFailure, FuzzResult
from mockserver.fuzz.options import FuzzOptions, Progress
from mockserver.fuzz.server import own_server
from mockserver.launch import start_app
from mockserver.live import DEMO, Live, live
from mockserver.verify import VerifyOptions as Ways
from mockserver.verify import verify


def walk(
    found: FuzzResult, options: FuzzOptions, given: Live | None, progress: Progress, until: float | None = None
) -> None:
    """Walk the contract, `until` a moment that `clock.monotonic` tells, and enter what differs as failures."""
    contract = found.contract
    ways = Ways(limit=0, operations=options.operations)
    with _client(found, given) as client:
        client.until = until
        report = verify(contract, client, ways)
    for drift in report.drifts.values():
        told = f"{drift.sentence} ({drift.judgement})\n{drift.pointer}"
        failure = FuzzFailure(drift.kind, drift.operation, "journeys", told, "")
        found.failures.setdefault((drift.kind, f"{drift.operation}{drift.at}"), failure)
    well = {
        operation.id
        for operation in contract.operations.values()
        for name, several in operation.examples.items()
        if report.answered[(operation.id, name)] and any(e.status < 300 for e in several)
    }
    bytes_of = {operation for operation, name in report.answered if name == "bytes"}
    found.walked = frozenset(well | bytes_of)
    found.phases["journeys"] = ""
    found.out_of_time |= until is not None and monotonic() >= until
    progress(f"{contract.name}: journeys done, {report.requests} requests")


@contextmanager
def _client(found: FuzzResult, given: Live | None) -> Iterator[Live]:
    """The live server that was given, or one of our own whose clock moves when the walk waits."""
    if given is not None:
        yield given
        return
    with start_app(own_server(found.contract, Clock("manual"), limits=True)) as running:
        outbox, loop = running.app.sandboxes.default.outbox, running.thread.loop

        def sleep(seconds: float) -> None:
            asyncio.run_coroutine_threadsafe(outbox.advance(seconds), loop).result()

        yield live(found.contract, f"{running.url}/{found.contract.name}", DEMO, sleep=sleep)
