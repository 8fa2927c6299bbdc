"""What a handle does with single jobs and webhooks, and hears of them while they happen."""

from __future__ import annotations

import pytest
from api_kit import receiving

from mockserver import start
from mockserver.steering import ControlError, SandboxHandle, Unreachable


def test_events_are_heard_while_they_happen_to_the_end_of_the_sandbox(sandbox: SandboxHandle) -> None:
    heard = []
    for event in sandbox.events():
        heard.append(event)
        if event.name == "start":
            sandbox.clock.advance(5)
        elif event.name == "clock":
            assert event.data["epoch"] == 1_000_000_005.0
            sandbox.close()
    assert [event.name for event in heard] == ["start", "clock", "closed"]


def test_who_stops_listening_goes_on_behind_the_last_event(sandbox: SandboxHandle) -> None:
    events = sandbox.events()
    first = next(events)
    events.close()  # type: ignore[attr-defined]
    sandbox.clock.advance(5)
    again = sandbox.events(first.id)
    assert (next(again).data["resumed"], next(again).name) == (True, "clock")


def test_a_refusal_is_told_as_any_other(sandbox: SandboxHandle) -> None:
    sandbox.close()
    with pytest.raises(ControlError, match="was closed"):
        next(sandbox.events())


def test_a_stream_of_a_server_that_is_gone_is_unreachable() -> None:
    with start() as server:
        sandbox = server.steering.sandbox()
    with pytest.raises(Unreachable):
        next(sandbox.events())


def test_a_test_webhook_arrives_and_can_be_sent_again(sandbox: SandboxHandle) -> None:
    with receiving() as inbox:
        delivery = sandbox.api("vidgen").test_webhook(inbox.url, event="FAILED")
        assert (delivery.outcome, inbox.got[0].json["status"]) == ("delivered", "FAILED")
        (again,) = sandbox.resend_webhook(str(delivery.raw["id"]))
        assert len(again.attempts) == len(inbox.got) == 2


def test_a_job_that_is_not_there_cannot_be_moved(sandbox: SandboxHandle) -> None:
    with pytest.raises(ControlError, match="no job 'x'"):
        sandbox.move_job("x", "finish")
