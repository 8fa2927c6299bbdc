"""Webhooks tell of a job that goes on: of lines of its log and of progress, as often as they say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from api_kit import receiving
from check_kit import Mutation, behave, both, show
from language_kit import NAME, findings, serving
from webhook_words_kit import KEY, RUN, STATES, body_of, event_of, told

LOG = both(RUN, behave("/resources/job/run/log", [[10, "Loading"], [15, "Still"], [50, "Sampling"], [100, "Done"]]))
EVENTS = {"log": "logs", "progress": "output", "succeeded": "completed"}


def updating(**more: Any) -> Mutation:
    """A webhook that tells of updates, each by an example of its own."""
    shown = body_of(*STATES, "log", "progress")
    for name, example in shown["content"]["application/json"]["examples"].items():
        example["value"]["name"] = name
    made = told(**{"events": EVENTS, "every": 25, **more})
    return both(LOG, made, show("/webhooks", {"told": {"post": {"requestBody": shown}}}))


def seen(receiver: Any) -> list[tuple[str, int]]:
    return [event_of(each) for each in receiver.got]


ALL = [("logs", 4), ("logs", 4), ("output", 5), ("logs", 8), ("output", 8), ("output", 10), ("completed", 13)]


def bound_to_now(**more: Any) -> Mutation:
    """The same, telling when each was due."""
    return updating(bindings={"/at": "webhook.due"}, **more)


def test_updates_of_a_running_job_go_out_when_they_happen_each_once(tmp_path: Path) -> None:
    with receiving() as receiver, serving(tmp_path, bound_to_now()) as own:
        own.submit(callback=receiver.url)
        own.advance(3.9)
        assert not receiver.got
        own.advance(0.2)
        assert seen(receiver) == ALL[:1]
        own.advance(100)
        assert seen(receiver) == ALL
        names = [each.json["name"] for each in receiver.got]
        assert names == ["log", "log", "progress", "log", "progress", "progress", "succeeded"]
        ids = [each["id"] for each in own.webhooks()]
        assert len({*ids}) == len(ids) == len(ALL)


def test_one_that_comes_too_soon_behind_another_is_left_out_and_no_state_ever(tmp_path: Path) -> None:
    with receiving() as receiver, serving(tmp_path, bound_to_now(throttle=4)) as own:
        own.submit(callback=receiver.url)
        own.advance(100)
        assert seen(receiver) == [("logs", 4), ("logs", 8), ("completed", 13)]


@pytest.mark.parametrize("wanted", [["logs"], ["output"], ["completed"], ["logs", "completed"], [], ["other"]])
def test_a_request_asks_for_events_by_the_vendors_names(wanted: list[str], tmp_path: Path) -> None:
    asked = show("/components/schemas/JobRequest/properties/events", {"type": "array"})
    with receiving() as receiver, serving(tmp_path, asked, bound_to_now(filter="request./events")) as own:
        own.submit(callback=receiver.url, events=wanted)
        own.advance(100)
        assert seen(receiver) == [each for each in ALL if each[0] in wanted]


def test_of_a_job_that_was_cancelled_no_update_is_told_any_more(tmp_path: Path) -> None:
    with receiving() as receiver, serving(tmp_path, bound_to_now(events={**EVENTS, "cancelled": "over"})) as own:
        identity = own.submit(callback=receiver.url).json()["id"]
        own.advance(1)
        own.http.post(f"/v1/jobs/{identity}/cancel", headers=KEY).raise_for_status()
        own.advance(100)
        assert seen(receiver) == [("over", 1)]


def test_an_update_is_what_another_operation_would_answer_at_that_moment(tmp_path: Path) -> None:
    like = behave("/webhooks/ended/states", ["log", "succeeded"])
    with receiving() as receiver, serving(tmp_path, LOG, like) as own:
        own.submit(callback=receiver.url)
        own.advance(100)
        told = [(each.json["status"], each.json["progress"]) for each in receiver.got]
        assert told == [("running", 10), ("running", 15), ("running", 50), ("succeeded", 100)]


def test_endpoints_of_an_account_are_told_of_the_updates_they_want(tmp_path: Path) -> None:
    with receiving() as receiver, serving(tmp_path, bound_to_now(to="account")) as own:
        own.running.default.api(NAME).webhook_endpoint(receiver.url, events=["logs"])
        own.submit()
        own.advance(100)
        assert seen(receiver) == [each for each in ALL if each[0] == "logs"]


def test_a_snapshot_keeps_the_updates_that_wait(tmp_path: Path) -> None:
    with receiving() as receiver, serving(tmp_path, bound_to_now()) as own:
        own.submit(callback=receiver.url)
        own.advance(6)
        kept = own.running.default.snapshot()
        del receiver.got[:]
        restored = own.running.steering.sandbox(snapshot=kept)
        restored.clock.advance(100)
        assert seen(receiver) == ALL[3:]


SILENT = show("/webhooks", {"told": {"post": {"requestBody": body_of("succeeded")}}})
MISTAKES: list[tuple[str, Mutation, str, str]] = [
    ("no log", both(updating(), behave("/resources/job/run", {"running": {"fixed": 1}})), "/webhooks/told", "run.log"),
    ("progress at no percent", both(updating(), told(events=EVENTS)), "/webhooks/told", '"every"'),
    ("no body", both(LOG, told(states=["log"], events=EVENTS), SILENT), "/webhooks/told", "no example 'log'"),
    ("a throttle of nothing", told(states=["succeeded"], throttle=1), "/webhooks/told/throttle", "no such event"),
    ("percent of nothing", told(states=["succeeded"], every=10), "/webhooks/told/every", "no such event"),
    ("a throttle of no time", updating(throttle=0), "/webhooks/told/throttle", "0"),
    ("a word misspelt", updating(events={"logs": "x", "succeeded": "y"}), "/webhooks/told/states", "logs"),
]


@pytest.mark.parametrize(("mutation", "at", "word"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES])
def test_a_mistake_is_named_with_its_remedy(mutation: Mutation, at: str, word: str, tmp_path: Path) -> None:
    found = findings(tmp_path, mutation)
    assert any(at in each and word in each for each in found), found
