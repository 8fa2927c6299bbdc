"""Faults of webhooks: one story each, with jobs that three real clients create. Time is the test's own."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from fault_kit import CLIENTS, PATIENCE, Caller, Files, account_of, video_files
from inbox_kit import Inbox, Letter

from mockserver.errors import UsageError
from mockserver.faults import CATALOGUE, fault_of
from mockserver.sandbox import Sandbox

Story = Callable[["Desk"], None]
STORIES: dict[str, Story] = {}
END = 20.0  # seconds after which every job has ended


@dataclass
class Desk:
    """A client, the receiver it names, and the clock."""

    caller: Caller
    inbox: Inbox
    move: Callable[[Sandbox, float], None]

    def arm(self, name: str, **data: Any) -> Any:
        return self.caller.api.faults.arm(*fault_of({"fault": name, **data}))

    def create(self, files: Files | None = None) -> str:
        whole = {**(files or video_files())}
        client, url = self.caller.client, self.caller.url("/api/jobs")
        return str(client.ask("POST", url, whole, hook=self.inbox.url).json()["jobId"])

    def advance(self, seconds: float) -> None:
        self.move(self.caller.sandbox, seconds)

    def is_signed(self, letter: Letter) -> bool:
        """Whether the letter's signature fits its body."""
        secret = account_of(self.caller.sandbox, "vidgen").webhook_secret.encode()
        digest = hmac.new(secret, letter.body, hashlib.sha256).hexdigest()
        given = letter.headers.get("X-Webhook-Signature", "")
        return given.removeprefix("sha256=") == digest

    @property
    def senders(self) -> list[str]:
        return [letter.json()["jobId"] for letter in self.inbox.letters]


def story(name: str) -> Callable[[Story], Story]:
    def enter(told: Story) -> Story:
        STORIES[name] = told
        return told

    return enter


@pytest.fixture(params=CLIENTS)
def desk(
    request: pytest.FixtureRequest, make_sandbox: Callable[..., Sandbox], advance: Callable[[Sandbox, float], None]
) -> Iterator[Desk]:
    sandbox = make_sandbox(limits_on=False, insecure_webhooks=True)
    client = CLIENTS[request.param]({"X-API-Key": account_of(sandbox, "vidgen").key}, PATIENCE)
    with Inbox() as inbox:
        yield Desk(Caller(sandbox, "vidgen", client), inbox, advance)
    client.close()


@pytest.mark.parametrize(
    "name", [name for name, kind in CATALOGUE.items() if kind.category == "webhook" and not kind.registered]
)
def test_a_webhook_under_a_fault_behaves_as_its_name_says(desk: Desk, name: str) -> None:
    STORIES[name](desk)
    entries = [e for e in desk.caller.sandbox.journal if e.kind == "webhook" and e.extra]
    assert any(entry.extra["fault"] == name for entry in entries if entry.extra and "fault" in entry.extra)


def test_without_a_fault_a_webhook_comes_once_whole_and_signed(desk: Desk) -> None:
    job = desk.create()
    desk.advance(END)
    assert desk.senders == [job]
    assert desk.is_signed(desk.inbox.letters[0])


@story("webhook_duplicate")
def _(desk: Desk) -> None:
    desk.arm("webhook_duplicate", copies=3)
    job = desk.create()
    desk.advance(END)
    assert desk.senders == [job] * 3
    assert len({letter.body for letter in desk.inbox.letters}) == 1
    assert all(map(desk.is_signed, desk.inbox.letters))


@story("webhook_reorder")
def _(desk: Desk) -> None:
    desk.arm("webhook_reorder", times=1, seconds=500)
    first = desk.create()
    desk.advance(END)
    assert desk.senders == []
    second = desk.create()
    desk.advance(END)
    assert desk.senders == [second, first]


@story("webhook_replayed")
def _(desk: Desk) -> None:
    desk.arm("webhook_replayed", seconds=100)
    job = desk.create()
    desk.advance(END)
    assert desk.senders == [job]
    desk.advance(500)
    assert desk.senders == [job] * 2
    first, second = desk.inbox.letters
    assert first == second


@story("webhook_late")
def _(desk: Desk) -> None:
    desk.arm("webhook_late", seconds=100)
    job = desk.create()
    desk.advance(END)
    assert desk.senders == []
    desk.advance(100)
    assert desk.senders == [job]


@story("webhook_never")
def _(desk: Desk) -> None:
    desk.arm("webhook_never")
    desk.create()
    desk.advance(10_000)
    assert desk.senders == []


@story("webhook_before_answer")
def _(desk: Desk) -> None:
    desk.arm("webhook_before_answer")
    job = desk.create()
    assert desk.senders == [job]
    assert desk.inbox.letters[0].json()["status"] == "COMPLETED"
    desk.advance(END)
    assert desk.senders == [job]


@story("webhook_bad_signature")
def _(desk: Desk) -> None:
    desk.arm("webhook_bad_signature")
    desk.create()
    desk.advance(END)
    (letter,) = desk.inbox.letters
    assert len(letter.headers["X-Webhook-Signature"]) >= 64
    assert not desk.is_signed(letter)


@story("webhook_missing_signature")
def _(desk: Desk) -> None:
    desk.arm("webhook_missing_signature")
    desk.create()
    desk.advance(END)
    assert "X-Webhook-Signature" not in desk.inbox.letters[0].headers


@story("webhook_body_mismatch")
def _(desk: Desk) -> None:
    desk.arm("webhook_body_mismatch")
    desk.create()
    desk.advance(END)
    (letter,) = desk.inbox.letters
    assert letter.json()["tampered"] is True
    assert not desk.is_signed(letter)


@story("webhook_cut")
def _(desk: Desk) -> None:
    desk.arm("webhook_cut", times=1)
    desk.create()
    desk.advance(END)
    desk.inbox.wait(1)
    assert not desk.inbox.letters[0].is_whole


@story("webhook_retried_after_success")
def _(desk: Desk) -> None:
    desk.arm("webhook_retried_after_success", seconds=5)
    job = desk.create()
    desk.advance(END + 10)
    assert desk.senders == [job, job]


def test_the_webhook_of_a_lost_answer_still_goes_out(desk: Desk) -> None:
    desk.arm("answer_lost", times=1)
    with pytest.raises(Exception, match=r"."):
        desk.create()
    desk.advance(END)
    assert len(desk.senders) == 1


def test_a_held_webhook_goes_out_at_the_latest_when_its_time_is_over(desk: Desk) -> None:
    desk.arm("webhook_reorder", seconds=30)
    job = desk.create()
    desk.advance(END + 31)
    assert desk.senders == [job]


def test_faults_of_webhooks_are_refused_where_there_are_none(make_sandbox: Callable[..., Sandbox]) -> None:
    apis = make_sandbox().apis
    with pytest.raises(UsageError, match="no webhook goes out"):
        apis["miragic"].faults.arm(*fault_of({"fault": "webhook_never"}))
    with pytest.raises(UsageError, match="not signed"):
        apis["mirrago"].faults.arm(*fault_of({"fault": "webhook_bad_signature"}))
