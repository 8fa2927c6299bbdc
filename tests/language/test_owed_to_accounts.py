"""What a job comes to later is told to each endpoint of its account once, and what knows of that is bounded."""

from __future__ import annotations

from pathlib import Path

import pytest
from api_kit import receiving
from language_kit import Served, serving
from test_webhook_endpoints import register, registering
from webhook_words_kit import KEY, RUN, event_of, told

from mockserver import owed

EVENTS = {"queued": "job.created", "cancelled": "job.cancelled"}
WORDS = (told("account", events=EVENTS), registering, RUN)


def cancel(own: Served, identity: str) -> None:
    own.http.post(f"/v1/jobs/{identity}/cancel", headers=KEY).raise_for_status()
    own.advance(0)


def test_an_endpoint_that_was_told_of_one_state_is_told_of_the_next_one_once(tmp_path: Path) -> None:
    with receiving() as receiver, serving(tmp_path, *WORDS) as own:
        register(own, receiver.url)
        identity = own.submit().json()["id"]
        own.advance(1)
        cancel(own, identity)
        own.advance(100)
        assert [event_of(each) for each in receiver.got] == [("job.created", 0), ("job.cancelled", 1)]


def test_in_a_restored_sandbox_an_endpoint_is_told_of_a_move_at_once(tmp_path: Path) -> None:
    with receiving() as receiver, serving(tmp_path, *WORDS) as own:
        register(own, receiver.url)
        identity = own.submit().json()["id"]
        own.advance(1)
        with own.running.sandbox(snapshot=own.running.default.snapshot()) as other:
            api = other.api("own")
            own.http.post(f"{api.url}/v1/jobs/{identity}/cancel", headers=KEY).raise_for_status()
            other.clock.advance(0)
            assert [event_of(each) for each in receiver.got] == [("job.created", 0), ("job.cancelled", 1)]


def test_what_is_owed_to_accounts_without_an_endpoint_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owed, "POSTINGS_COUNT", 3)
    with receiving() as receiver, serving(tmp_path, *WORDS) as own:
        jobs = [own.submit().json()["id"] for _ in range(5)]
        own.advance(1)
        register(own, receiver.url)
        table = own.sandbox.outbox._owed._firsts
        assert len(table) == 3
        assert {*table} <= {*jobs}
        cancel(own, jobs[-1])
        assert [event_of(each) for each in receiver.got] == [("job.cancelled", 1)]
