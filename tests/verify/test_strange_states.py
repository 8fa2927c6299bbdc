"""A state that the contract does not know is told wherever an answer shows it: created, moved, listed, told of."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from check_kit import OPENAPI, Mutation, behave, both, good, show, write
from flow_kit import EVENTS, streaming
from language_kit import NAME
from verify_kit import walk

from mockserver.contract import Contract
from mockserver.live import LiveReply
from mockserver.loader import load_folder
from mockserver.verify.compare import compare

ANY_WORD = show("/components/schemas/Job/properties/status", {"type": "string"})
SHOWN = good()[OPENAPI]["components"]["examples"]
OK = "content/application~1json/examples"
ITEMS = f"/paths/~1v1~1jobs/get/responses/200/{OK}/ok/value/items"


def contract(folder: Path, *mutations: Mutation) -> Contract:
    documents = good()
    for mutation in (ANY_WORD, *mutations):
        mutation(documents)
    made, found = load_folder(write(folder / NAME, documents))
    assert made is not None, found
    return made


def paused(state: str) -> Any:
    return {"value": {**SHOWN[state]["value"], "status": "paused"}}


def streamed(word: str) -> Mutation:
    examples = deepcopy(EVENTS)
    examples["succeeded"]["value"]["status"] = word
    return streaming(examples=examples)


def listed(word: str) -> Mutation:
    """A list whose items show one state by another word."""
    items = [deepcopy(SHOWN[name]["value"]) for name in ("Queued", "Running", "Succeeded", "Failed", "Cancelled")]
    shown = {"queued": "queued", "running": "running", "succeeded": word, "failed": "failed", "cancelled": "cancelled"}
    bound = behave("/operations/listJobs/bindings/~1status", {"fact": "state", "of": shown})
    return both(show(ITEMS, items), bound)


CASES: dict[str, tuple[Mutation, Mutation, str, str]] = {
    "what is created": (
        show(f"/paths/~1v1~1jobs/post/responses/201/{OK}/queued", paused("Queued")), both(), "submitJob", "/status",
    ),
    "what is moved": (
        show(f"/paths/~1v1~1jobs~1{{jobId}}~1cancel/post/responses/200/{OK}/queued", paused("Cancelled")), both(),
        "cancelJob", "/status",
    ),
    "an item of a list": (listed("paused"), both(), "listJobs", "/items/0/status"),
    "an event of a stream": (streamed("paused"), streamed("succeeded"), "streamJob", "/status"),
}  # fmt: skip


@pytest.mark.parametrize("where", CASES)
def test_a_word_of_no_state_is_told_where_it_stands(where: str, tmp_path: Path) -> None:
    theirs, ours, operation, at = CASES[where]
    server, judge = contract(tmp_path / "server", theirs), contract(tmp_path / "judge", ours)
    (drift,) = walk(server, judge, longest=60, limit=0).drifts.values()
    assert (drift.kind, drift.judgement, drift.operation, drift.at) == (
        "new_enum_value", "contract too strict", operation, at,
    )  # fmt: skip
    assert drift.sentence == f"{at} is 'paused', and no state of behavior.json is shown so"


@pytest.mark.parametrize("where", CASES)
def test_a_word_of_another_state_is_none_that_is_strange(where: str, tmp_path: Path) -> None:
    theirs, _, _, _ = CASES[where]
    server = contract(tmp_path / "server", theirs)
    assert not walk(server, server, longest=60, limit=0).drifts


def test_where_the_state_is_bound_each_word_that_is_written_is_known(tmp_path: Path) -> None:
    words = {"queued": "a", "running": "b", "succeeded": "c", "failed": "d", "cancelled": "e"}
    bound = behave("/resources/job/bindings", {"/id": "id", "/status": {"fact": "state", "of": words}})
    server, judge = contract(tmp_path / "server", bound), contract(tmp_path / "judge")
    told = {(each.operation, each.kind) for each in walk(server, judge, longest=60, limit=0).drifts.values()}
    assert ("submitJob", "new_enum_value") in told
    assert not walk(server, server, longest=60, limit=0).drifts


def test_a_journey_of_others_tells_of_it_where_a_job_is_shown(tmp_path: Path) -> None:
    own = contract(tmp_path, behave("/resources/job/bindings", {"/id": "id", "/status": "state"}))
    operation = own.operations["getJob"]
    body = {**SHOWN["Running"]["value"], "status": "paused"}
    reply = LiveReply(200, {"content-type": "application/json"}, json.dumps(body).encode())
    due = [example for several in operation.examples.values() for example in several]
    found = [(each.kind, each.at) for each in compare(own, operation, "getJob", due, reply)]
    assert ("new_enum_value", "/status") in found
