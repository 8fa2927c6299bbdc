"""One API in this process, described by its own contract and asked by Schemathesis, one phase at a time or all.

Knows what a run has found (which operation was answered how often, what failed, what was skipped); judges nothing.
"""

from __future__ import annotations

import copy
import functools
import itertools
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

pytest.importorskip("schemathesis", reason="the extra `fuzz` is not installed")

import schemathesis
from exemptions import EXEMPTIONS, Exemption
from hypothesis import strategies as st
from schemathesis.config import SchemathesisConfig
from schemathesis.core.media_types import MEDIA_TYPE_STRATEGIES
from schemathesis.engine import Status, events, from_schema
from schemathesis.python import asgi

from mockserver.app import Mockserver, Settings
from mockserver.clock import Clock
from mockserver.contract import Contract
from mockserver.launch import contracts_in
from mockserver.sandbox import PlanOrder
from mockserver.webhooks import Attempt
from mockserver.wire import Limits, serve_in_thread

EXAMPLES = int(os.environ.get("MOCKSERVER_CONFORMANCE_EXAMPLES", "25"))
PHASES = ("examples", "coverage", "fuzzing", "stateful")
SAMPLES = Path(__file__).parents[2] / "examples" / "samples"
FILES = {
    "image/png": "portrait.png",
    "image/jpeg": "portrait.jpg",
    "image/webp": "portrait.webp",
    **dict.fromkeys(("audio/mpeg", "audio/mp3"), "voice.mp3"),
    **dict.fromkeys(("audio/wav", "audio/wave", "audio/x-wav"), "voice.wav"),
    **dict.fromkeys(("audio/mp4", "audio/x-m4a", "video/mp4"), "voice.m4a"),
    **dict.fromkeys(("audio/ogg", "application/ogg"), "voice.ogg"),
}
STEP = {"mirrago": 0.5}  # seconds a request takes; its token must outlast the run
WISHES = {"vidgen": {"queued": 20.0, "running": 4.0}}  # long enough to be met, asked about and cancelled
PATIENT = {("POST", "/@default/vidgen/api/jobs")}  # every other of these requests waits until no job is active


@dataclass
class Found:
    """What a run has found; `answered` counts status codes by operation id."""

    answered: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    failures: dict[tuple[str, str, str], str] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    exempted: Counter[Exemption] = field(default_factory=Counter)

    def checks(self) -> set[str]:
        """The names of the checks that failed."""
        return {check for check, _, _ in self.failures}

    def add(self, other: Found) -> None:
        """Count what another run over the same API has found."""
        for operation, statuses in other.answered.items():
            self.answered[operation] += statuses
        self.failures |= other.failures
        self.skipped += other.skipped
        self.errors += other.errors
        self.exempted += other.exempted

    def unanswered(self, operations: Collection[str]) -> list[str]:
        """The operations that were never answered with success."""
        return [o for o in sorted(operations) if not any(200 <= status < 300 for status in self.answered[o])]


@functools.cache
def contracts() -> dict[str, Contract]:
    """The four shipped contracts by name."""
    return {contract.name: contract for contract in contracts_in()}


@contextmanager
def real_files() -> Iterator[None]:
    """Uploads are the sample files, each under the media type it has."""
    for kind, name in FILES.items():
        schemathesis.openapi.media_type(kind, st.just((SAMPLES / name).read_bytes()))
    try:
        yield
    finally:
        MEDIA_TYPE_STRATEGIES.clear()


async def _undelivered(url: str, headers: Any, body: bytes, **options: Any) -> Attempt:
    """Generated targets are anybody's: nothing is ever sent to them."""
    return Attempt(url, "blocked", "conformance tests deliver nothing")


@contextmanager
def serving(api: str) -> Iterator[Mockserver]:
    """A server of one contract: limits off, endless credits, a clock that steps; ended afterwards."""
    app = Mockserver([contracts()[api]], Settings(clock=Clock("step", step=STEP.get(api, 1.0))))
    sandbox = app.sandboxes.default
    sandbox.limits_on = False
    if api in WISHES:
        sandbox.apis[api].orders.append(PlanOrder(None, sys.maxsize, WISHES[api]))
    with patch("mockserver.app.application.deliver", _undelivered):
        try:
            yield app
        finally:
            asgi.shutdown_lifespans()


@contextmanager
def listening(app: Mockserver) -> Iterator[str]:
    """The same server behind a real socket: its origin."""
    limits = Limits(refuse=app.refuse)
    with serve_in_thread(_patient(app), limits=limits) as server:
        app.listening(server.url)
        yield server.url


def described(
    app: Mockserver, api: str, phases: Sequence[str], examples: int, only: Collection[str] = (), origin: str = ""
) -> Any:
    """The contract as Schemathesis reads it, bound to the server in this process, or to the one at `origin`."""
    document = _document(contracts()[api].document, f"/@default/{api}")
    config = SchemathesisConfig.from_dict(
        {
            "seed": 1,
            "workers": 1,
            **({"base-url": f"{origin}/@default/{api}"} if origin else {}),
            "generation": {"deterministic": True, "database": "none", "max-examples": examples},
            "phases": {
                **{name: {"enabled": name in phases} for name in PHASES},
                "stateful": {
                    "enabled": "stateful" in phases,
                    "max-steps": 10,
                    "generation": {"max-examples": 4 * examples},
                },
            },
            **_credentials(app, api, document),
        }
    )
    schema = schemathesis.openapi.from_dict(document, config=config)
    schema.app = None if origin else _patient(app)
    return schema.include(operation_id=list(only)) if only else schema


def _patient(app: Mockserver) -> Any:
    """The application, but for time that passes before some requests."""
    calls = itertools.count()

    async def asgi_app(scope: Any, receive: Any, send: Any) -> None:
        if (scope.get("method"), scope.get("path")) in PATIENT and next(calls) % 2:
            app.sandboxes.default.clock.advance(60)
        await app(scope, receive, send)

    asgi_app.at_once = app.at_once  # type: ignore[attr-defined]
    return asgi_app


def _document(contract: Any, url: str) -> Any:
    """A copy with the address filled in, and with bytes where JSON can only show bytes as text."""
    document = copy.deepcopy(contract)
    document["servers"] = [{"url": url}]
    for item in document["paths"].values():
        for operation in item.values():
            bodies = operation.get("requestBody", {}).get("content", {}) if isinstance(operation, dict) else {}
            for example in (e for kind in bodies.keys() & FILES.keys() for e in _examples(bodies[kind])):
                example["value"] = example["value"].encode("latin-1")
    return document


def _examples(body: Any) -> list[Any]:
    return list(body.get("examples", {}).values())


def _credentials(app: Mockserver, api: str, document: Any) -> dict[str, Any]:
    """API keys by the security scheme that asks for them; a token is fetched once."""
    keys, headers = {}, {}
    for name, scheme in document["components"]["securitySchemes"].items():
        if scheme["type"] == "apiKey":
            keys[name] = {"api_key": "demo-key"}
        else:
            headers["Authorization"] = f"Bearer {_token(app, scheme['flows']['clientCredentials']['tokenUrl'])}"
    return {"auth": {"openapi": keys}} if keys else {"headers": headers}


def _token(app: Mockserver, path: str) -> str:
    asked = {"client_id": "demo-client", "client_secret": "demo-secret", "grant_type": "client_credentials"}
    with asgi.get_client(app) as client:
        return str(client.post(path, json=asked).json()["access_token"])


def conform(
    api: str,
    phases: Sequence[str] = PHASES,
    *,
    examples: int = EXAMPLES,
    only: Collection[str] = (),
    wired: bool = False,
) -> Found:
    """Run Schemathesis' checks over an API in these phases, over sockets if `wired`, and say what was found."""
    found = Found()
    with real_files(), serving(api) as app, listening(app) if wired else nullcontext("") as origin:
        schema = described(app, api, phases, examples, only, origin)

        @schema.hook("filter_failure")  # type: ignore[untyped-decorator]
        def counts(context: Any, failure: Any, case: Any, response: Any) -> bool:
            return _counts(api, found, failure, case, response)

        for event in from_schema(schema).execute():
            _note(found, event, phases)
    return found


def _counts(api: str, found: Found, failure: Any, case: Any, response: Any) -> bool:
    """Whether a failure counts: not when a row of the exemptions covers it."""
    row = next((e for e in EXEMPTIONS if e.api in ("", api) and e.covers(failure, case, response)), None)
    if row is not None:
        found.exempted[row] += 1
    return row is None


def _note(found: Found, event: events.EngineEvent, phases: Sequence[str]) -> None:
    if isinstance(event, events.PhaseFinished) and event.phase.name.value in phases:
        if event.phase.skip_reason is not None or event.status in (Status.SKIP, Status.INTERRUPTED):
            found.skipped.append(f"{event.phase.name.value}: {event.phase.skip_reason or event.status}")
    elif isinstance(event, events.NonFatalError):
        found.errors.append(f"{event.label}: {event.value}")
    elif isinstance(event, events.FatalError):
        found.errors.append(repr(event.exception))
    elif isinstance(event, events.ScenarioFinished):
        _note_scenario(found, event)


def _note_scenario(found: Found, event: events.ScenarioFinished) -> None:
    recorder = event.recorder
    for case_id, interaction in recorder.interactions.items():
        if interaction.response is not None and case_id in recorder.cases:
            operation = recorder.cases[case_id].value.operation
            found.answered[operation.definition.raw["operationId"]][interaction.response.status_code] += 1
    for case_id, checks in recorder.checks.items():
        operation = recorder.cases[case_id].value.operation.label
        for check in (c for c in checks if c.failure_info is not None):
            key = (check.name, operation, event.phase.value)
            found.failures.setdefault(key, _told(check, recorder.interactions.get(case_id)))


def _told(check: Any, interaction: Any) -> str:
    answer = interaction.response if interaction is not None else None
    shown = f"{answer.status_code} {answer.content[:300]!r}" if answer is not None else "no answer"
    code = check.failure_info.code_sample
    code = code if len(code) < 1500 else f"{code[:700]} … {code[-700:]}"
    return f"{check.failure_info.failure.title}: {check.failure_info.failure.message}\n{code}\n→ {shown}"
