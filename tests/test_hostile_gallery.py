"""Requests that no lawful client sends, to every operation of the gallery's contracts: no 5xx, nothing lost or kept."""

from __future__ import annotations

import gc
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fault_kit import on_loop
from garbage_kit import uncollected
from hostile_gallery_kit import LONG, hostile, sent
from wire_kit import ask, status_of

from mockserver import Running, bounds, start
from mockserver.bounds import weigh
from mockserver.contract import Contract, Operation
from mockserver.live.requests import plain, requests_of_examples
from mockserver.loader.folders import GALLERY
from mockserver.validation import Schemas

APIS = sorted(folder.name for folder in GALLERY.iterdir() if folder.is_dir())
MEGABYTE = 1 << 20


@pytest.fixture(scope="module")
def gallery() -> Iterator[Running]:
    """A server of all of them, without limits."""
    with start(apis=APIS, clock="x5000") as running:  # what is waited for comes at once
        running.app.sandboxes.default.limits_on = False
        yield running


def contract_of(running: Running, api: str) -> Contract:
    return running.app.apis[api].contract


def made(running: Running, contract: Contract) -> dict[str, str]:
    """A job of each resource that a request creates, by its example."""
    for operation in contract.operations.values():
        for asked in requests_of_examples(contract, operation) if operation.verb == "create" else ():
            kind, body = asked.encoded()
            lines = [f"{name}: {value}".encode() for name, value in asked.headers]
            lines += [f"Content-Type: {kind}".encode()] if kind else []
            ask(running.thread, sent(contract, operation, asked.target.encode(), *lines, body=body))
    side = running.app.sandboxes.default.apis[contract.name]

    async def newest() -> dict[str, str]:
        return {job.resource: job.id for job in await side.state.newest(contract.name, 100)}

    return on_loop(running.thread.loop, newest())


def views(running: Running, contract: Contract, jobs: dict[str, str]) -> Any:
    """What is known of the jobs."""
    side = running.app.sandboxes.default.apis[contract.name]

    async def found() -> Any:
        known = await side.state.look_up(contract.name, tuple(jobs.values()))
        return {identity: known[identity].job for identity in jobs.values()}

    return on_loop(running.thread.loop, found())


def about(operation: Operation, jobs: dict[str, str]) -> str:
    return next((jobs[name] for name in operation.resources if name in jobs), "none")


def judged(contract: Contract, operation: Operation, answer: bytes) -> str:
    """What is wrong with a refusal; empty when it is one of the API's own."""
    head, _, body = answer.partition(b"\r\n\r\n")
    if b"application/json" not in head.lower() or b"\r\ntransfer-encoding" in head.lower():
        return ""
    said, status = json.loads(body), str(status_of(answer))
    document, responses = contract.document, contract.document["components"].get("responses", {})
    every = [*contract.unrouted.values(), *operation.examples.values()]
    pointers = {each.schema for several in every for each in several if str(each.status) == status and each.schema}
    known = [Schemas(document).at(pointer) for pointer in pointers]
    return "" if not known or any(each.is_valid(said) for each in known) else f"{status} {said} {list(responses)}"


@pytest.mark.parametrize("api", APIS)
def test_hostile_requests_are_refused_in_the_form_of_their_api(
    gallery: Running, api: str, caplog: pytest.LogCaptureFixture
) -> None:
    contract, wrong, most = contract_of(gallery, api), list[str](), 0
    jobs = made(gallery, contract)
    before = views(gallery, contract, jobs)
    gc.collect()
    start_size = _resident()
    for operation in contract.operations.values():
        for name, request in hostile(contract, operation, about(operation, jobs)):
            answer = ask(gallery.thread, request)
            most = max(most, _resident())
            status = status_of(answer)
            if not 100 < status < 500:
                wrong.append(f"{operation.id}, {name}: {answer[:300]!r}")
            elif status >= 400 and (why := judged(contract, operation, answer)):
                wrong.append(f"{operation.id}, {name}: {why}")
    assert not wrong, "\n".join(wrong)
    assert not caplog.records
    assert most - start_size < 60 * MEGABYTE
    after = views(gallery, contract, jobs)
    assert {identity for identity, job in after.items() if job is None} == set()
    assert before.keys() == after.keys()
    assert gallery.app.sandboxes.default.in_flight == 0


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize("api", APIS)
def test_an_entry_of_a_long_request_is_cut_and_weighed_whole(gallery: Running, api: str) -> None:
    contract, journal = contract_of(gallery, api), gallery.app.sandboxes.default.journal
    for operation in contract.operations.values():
        asked = next(requests_of_examples(contract, operation), plain(operation))
        kind, _ = asked.encoded()
        body = json.dumps({name: LONG.decode() for name in ("prompt", "input", "text", LONG.decode())}).encode()
        lines = [b"Content-Type: " + kind.encode()] if kind else []
        lines += [b"X-%d: %s" % (n, b"v" * 200) for n in range(100)]  # a longer head is refused before it is an entry
        target = asked.target.encode() + b"?" + LONG
        before, last = journal.kept, journal.last()
        ask(gallery.thread, sent(contract, operation, target, *lines, body=body))
        entry = journal.last()
        assert entry is not None
        assert entry is not last
        assert weigh(entry) < 60 * bounds.KIB
        assert journal.kept - before <= weigh(entry) + 2 * bounds.ENTRY


@pytest.mark.parametrize("api", APIS)
def test_nothing_of_a_refused_body_waits_for_the_collector(gallery: Running, api: str) -> None:
    contract = contract_of(gallery, api)
    creating = (o for o in contract.operations.values() if o.verb == "create")
    operation, kind = next(
        (o, b.media_type) for o in creating for b in o.bodies if "json" in b.media_type or "form" in b.media_type
    )
    asked = next(requests_of_examples(contract, operation), plain(operation))
    data = b'{"prompt": "' + b"a" * 900_000 if "json" in kind else b"%" * 900_000
    line = f"Content-Type: {kind}".encode() + (b"; boundary=x" if "multipart" in kind else b"")
    request = sent(contract, operation, asked.target.encode(), line, body=data)

    def refuse() -> None:
        assert 400 <= status_of(ask(gallery.thread, request)) < 500

    assert uncollected(refuse) < 2 * 900_000  # of six; the last connection may not have been closed yet
