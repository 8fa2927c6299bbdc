"""What users meet tells what it is: in one line, without a secret, and without asking a server that may be gone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from mockserver import start
from mockserver.inbox import Received, WebhookInbox
from mockserver.intercept import intercept
from mockserver.reprs import MOST, brief, origin, value
from mockserver.steering import Account, SandboxHandle
from mockserver.steering.connection import Control
from mockserver.steering.records import finding_of
from mockserver.virtual_time import fast_forward

TOKEN = "t0ken-of-control"
HOOK = "https://user:pa55word@127.0.0.1:9/T0000/S3CRET?key=qu3ry"


@pytest.fixture(scope="module")
def things() -> dict[str, Any]:
    """One of each, of a server that is stopped by now."""
    with start(control_token=TOKEN) as server, server.sandbox(seed="a seed") as sandbox:
        return dict(_made(server, sandbox))


def _made(server: Any, sandbox: SandboxHandle) -> Iterator[tuple[str, Any]]:
    vidgen, inbox = sandbox.api("vidgen"), WebhookInbox("https://127.0.0.1:1/in", "http://127.0.0.1:2/in", list)
    job = _submit(vidgen)
    vidgen.clock.advance(1)
    yield "Running", server
    yield "Steering", server.steering
    yield "Control", server.steering.control
    yield "SandboxHandle", sandbox
    yield "ApiHandle", vidgen
    yield "SandboxClock", vidgen.clock
    yield "JournalView", vidgen.journal
    yield "Violations", vidgen.violations
    yield "Fault", vidgen.fault("given_body", body='{"key": "sk-s3cret"}', operation="getStatus", nth=2)
    yield "Account", vidgen.account(credits=3)
    yield "Job", vidgen.clock.run_until(job, "COMPLETED")
    httpx.post(f"{vidgen.url}/api/jobs", headers={"X-API-Key": vidgen.api_key}, json={"a": "b"})
    yield "Entry", vidgen.journal.filter()[0]
    yield "Violation", next(iter(vidgen.violations))
    yield "Delivery", vidgen.webhooks[0]
    yield "Attempt", vidgen.webhooks[0].attempts[0]
    yield "Finding", finding_of({"rule": "no_backoff", "api": "vidgen", "sentence": "it asked\nat once"})
    yield "WebhookInbox", inbox
    signed = {"x-webhook-signature": "s1gned"}
    yield "Received", Received("/in?key=qu3ry", signed, b'{"secret": "b0dy"}', True, 200)
    with intercept({"api.example.com": "http://127.0.0.1:1"}) as intercepted:
        yield "Intercept", intercepted
    with fast_forward(_Time()) as forward:
        yield "FastForward", forward


class _Time:
    def now(self) -> float:
        return 0.0

    def advance(self, seconds: float) -> None: ...

    def in_flight(self) -> int:
        return 0

    def held(self) -> None:
        return None


def _submit(api: Any) -> str:
    files = {"image": ("a.png", b"fake", "image/png"), "audio": ("a.mp3", b"ID3", "audio/mpeg")}
    made = httpx.post(f"{api.url}/api/jobs", files=files, data={"webhookUrl": HOOK}, headers={"X-API-Key": api.api_key})
    return str(made.json()["jobId"])


SHOWN = {
    "Running": r"http://127\.0\.0\.1:\d+: stopped, miraflow, miragic, mirrago, vidgen",
    "Steering": r"http://127\.0\.0\.1:\d+",
    "Control": r"http://127\.0\.0\.1:\d+",
    "SandboxHandle": r"s-\w+: closed, seed 'a seed', miraflow, miragic, mirrago, vidgen",
    "ApiHandle": r"vidgen: closed, http://127\.0\.0\.1:\d+/@s-\w+/vidgen",
    "SandboxClock": r"of s-\w+: manual, 2001-09-09T01:46:\d\d\.\d+Z when last asked",
    "JournalView": r"of s-\w+/vidgen: asks anew at each reading",
    "Violations": r"in <JournalView of s-\w+/vidgen: .*>",
    "Fault": r"vidgen-1: given_body operation='getStatus' body=… nth=2",
    "Account": r"of vidgen: active, 3 credits",
    "Job": r"\w+: vidgen job COMPLETED 100 %",
    "Entry": r"1 1000000000\.000 vidgen\.createJob  POST /api/jobs  201 PENDING",
    "Violation": r"\d+: vidgen createJob \(POST /api/jobs\).*: .+",
    "Delivery": r"of vidgen job \w+ to https://127\.0\.0\.1:9: \w+, 1 attempt",
    "Attempt": r"\w+, without an answer, \d+ characters",
    "Finding": r"vidgen no_backoff: it asked\\nat once",
    "WebhookInbox": r"https://127\.0\.0\.1:1/in: 0 received",
    "Received": r"at /in: 18 bytes, verified, answered 200",
    "Intercept": r"of api\.example\.com",
    "FastForward": r"off",
}


@pytest.mark.parametrize("name", SHOWN)
def test_each_is_one_line_without_secrets_and_asks_nobody(
    name: str, things: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(*_: object) -> None:
        raise AssertionError("a server was asked")

    for kind in (Control, type(things["Control"])):
        monkeypatch.setattr(kind, "_exchange", asked)
    shown = repr(things[name])
    assert re.fullmatch(f"<{name} {SHOWN[name]}>", shown), shown
    assert len(shown.splitlines()) == 1
    assert len(shown) <= MOST + len(name) + 3
    secrets = ["pa55word", "S3CRET", "qu3ry", "sk-s3cret", "s1gned", "b0dy", TOKEN]
    api = things["ApiHandle"]
    for account in (api._account, things["Account"]):
        secrets += [each for each in (account.api_key, account.client_secret, account.webhook_secret) if each]
    assert [secret for secret in secrets if secret in shown] == []


def test_a_living_server_does_not_say_that_it_is_stopped_or_a_sandbox_that_it_is_closed() -> None:
    with start() as server, server.sandbox() as sandbox:
        assert "stopped" not in repr(server)
        assert "closed" not in repr(sandbox) + repr(sandbox.api("vidgen"))
        fault = sandbox.api("vidgen").fault("hang")
        assert repr(fault) == "<Fault vidgen-1: hang>"
        with fault:
            pass
        assert repr(fault) == "<Fault vidgen-1: disarmed, hang>"
        assert "not asked yet" in repr(sandbox.clock)
        sandbox.journal.keep()
        assert "0 entries, kept" in repr(sandbox.journal)


def test_long_and_hostile_text_stays_one_short_line() -> None:
    shown = brief("Thing", "a\nb\x1b[31m", "", None, "x" * 500)
    assert shown.startswith("<Thing a\\nb\\x1b[31m xxx")
    assert len(shown) == MOST + len("<Thing >")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (HOOK, "https://127.0.0.1:9"),
        ("http://[::1]:80/x", "http://[::1]:80"),
        ("http://h:99999/x", "?"),
        ("x", "?"),
        ("http://[x", "?"),
    ],
)
def test_of_a_url_the_origin_is_told(url: str, shown: str) -> None:
    assert origin(url) == shown


def test_of_a_value_a_number_or_a_word_is_told() -> None:
    assert [value(each) for each in (5, 0.5, None, True, "getStatus", "sk-1", "a b", "", {"a": 1})] == [
        "5", "0.5", "None", "True", "'getStatus'", "…", "…", "…", "…",
    ]  # fmt: skip


def test_an_account_without_a_bound_says_so(things: dict[str, Any]) -> None:
    account: Account = replace(things["Account"], credits=None, state="deactivated")
    assert repr(account) == "<Account of vidgen: deactivated, endless credits>"


def test_a_journal_and_violations_are_printed_line_by_line() -> None:
    with start() as server, server.sandbox() as sandbox:
        vidgen = sandbox.api("vidgen")
        assert (str(vidgen.journal), str(vidgen.violations)) == ("nothing", "none")
        httpx.get(f"{vidgen.url}/api/health")
        httpx.get(f"{vidgen.url}/nowhere")
        first, second = str(vidgen.journal).splitlines()
        assert "vidgen.getHealth  GET /api/health  200 ok" in first
        assert "GET /nowhere  404" in second
        assert str(vidgen.violations).startswith("vidgen (GET /nowhere): there is no ")
