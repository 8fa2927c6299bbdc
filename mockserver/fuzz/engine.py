"""Schemathesis, driven: the contract as it reads it, the server it asks, and what its events say."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import strategies as st
from schemathesis.config import SchemathesisConfig
from schemathesis.core.media_types import MEDIA_TYPE_STRATEGIES
from schemathesis.engine import Status, StopReason, events, from_schema, observations
from schemathesis.python import asgi

from mockserver.clock import Clock, monotonic
from mockserver.completion import complete
from mockserver.contract import Contract
from mockserver.fuzz.bridge import WITHHELD, Bridge
from mockserver.fuzz.exemptions import covering
from mockserver.fuzz.found import FuzzFailure, FuzzResult
from mockserver.fuzz.options import ENGINE, FuzzOptions, Progress
from mockserver.fuzz.server import own_server
from mockserver.live import DEMO, Credentials, Live, token_request
from mockserver.live.files import files
from mockserver.validation.nullable import with_nulls

LOOK = "_same_origin_path"
"""What takes a text of an answer for an address, in `schemathesis.engine.observations`."""
_PLACES = 6
_LONGEST = 1500  # characters of a command that is shown


def run(contract: Contract, options: FuzzOptions, live: Live | None, progress: Progress) -> FuzzResult:
    """One run over one contract."""
    found, began = FuzzResult(contract), monotonic()
    with real_files(), odd_addresses(), _target(contract, options, live) as (app, prefix, credentials):
        schema = described(contract, options, app, prefix, credentials)
        shown = live.url.rstrip("/") if live is not None else "http://127.0.0.1:8000"

        @schema.hook("filter_failure")  # type: ignore[untyped-decorator]
        def counts(context: Any, failure: Any, case: Any, response: Any) -> bool:
            return _counts(found, failure, case, response)

        for event in _once(from_schema(schema).execute()):
            _note(found, event, options, shown, progress)
        if isinstance(app, Bridge):
            found.withheld = app.withheld
            found.out_of_time |= app.is_out_of_time
    found.seconds = monotonic() - began
    return found


def _once(stream: Any) -> Iterator[events.EngineEvent]:
    """The events of a run up to where it would begin anew: given a time, the engine fills it with repetitions."""
    begun: set[str] = set()
    for event in stream:
        if isinstance(event, events.PhaseStarted):
            name = event.phase.name.value
            if name in begun and name in ("fuzzing", "stateful"):
                stream.stop()
                return
            begun.add(name)
        yield event


@contextmanager
def odd_addresses() -> Iterator[None]:
    """Answers may repeat a text like `https://[`: looking for links in them, Schemathesis 4.32 ends the run over it."""
    look = getattr(observations, LOOK, None)

    def looked(value: str, origin: tuple[str, str]) -> str | None:
        with suppress(ValueError):
            return None if look is None else look(value, origin)
        return None

    setattr(observations, LOOK, looked)
    try:
        yield
    finally:
        setattr(observations, LOOK, look)


@contextmanager
def _target(contract: Contract, options: FuzzOptions, live: Live | None) -> Iterator[tuple[Any, str, Credentials]]:
    """Who is asked, below which prefix, with which credentials."""
    try:
        if live is not None:
            yield Bridge(live), "", live.credentials
        else:
            app = own_server(contract, Clock("step", step=options.step))
            yield app, f"/{contract.name}", _with_token(app, contract)
    finally:
        asgi.shutdown_lifespans()


def _with_token(app: Any, contract: Contract) -> Credentials:
    asked = token_request(contract, DEMO)
    if asked is None:
        return DEMO
    issuer, body, kind = asked
    with asgi.get_client(app) as client:
        path = f"/{contract.name}{issuer.path}"
        reply = client.request(issuer.method, path, data=body, headers={"Content-Type": kind})
    return replace(DEMO, token=str(reply.json()["access_token"]))


@contextmanager
def real_files() -> Iterator[None]:
    """Uploads are real files of the media type they say; those registered by others come back afterwards."""
    before = dict(MEDIA_TYPE_STRATEGIES)
    for kind, data in files().items():
        schemathesis.openapi.media_type(kind, st.just(data))
    try:
        yield
    finally:
        MEDIA_TYPE_STRATEGIES.clear()
        MEDIA_TYPE_STRATEGIES.update(before)


def described(contract: Contract, options: FuzzOptions, app: Any, prefix: str, credentials: Credentials) -> Any:
    """The contract as Schemathesis reads it, bound to the server that is asked."""
    document = _document(complete(contract), prefix + contract.base)
    config = SchemathesisConfig.from_dict(
        {
            "seed": options.seed,
            "workers": 1,
            **({"max-time": max(1, options.max_seconds)} if options.max_seconds is not None else {}),
            "generation": {"deterministic": True, "database": "none", "max-examples": options.max_examples},
            "phases": {
                **{name: {"enabled": name in options.phases} for name in ENGINE},
                "stateful": {"enabled": "stateful" in options.phases, "max-steps": 10},
            },
            **_authentication(document, contract, credentials),
        }
    )
    schema = schemathesis.openapi.from_dict(document, config=config)
    schema.app = app
    return schema.include(operation_id=list(options.operations)) if options.operations else schema


def _document(original: Any, prefix: str) -> Any:
    """A copy with the address filled in, and with bytes where JSON can only show bytes as text."""
    document: Any = with_nulls(original)
    document["servers"] = [{"url": prefix or "/"}]
    for item in document["paths"].values():
        for operation in item.values():
            bodies = operation.get("requestBody", {}).get("content", {}) if isinstance(operation, dict) else {}
            for kind in bodies.keys() & files().keys():
                for example in bodies[kind].get("examples", {}).values():
                    example["value"] = example["value"].encode("latin-1")
    return document


def _authentication(document: Any, contract: Contract, credentials: Credentials) -> dict[str, Any]:
    """Keys and tokens by the security scheme that asks for them."""
    schemes, headers = {}, {}
    issues = any(operation.verb == "token" for operation in contract.operations.values())
    for name, scheme in document.get("components", {}).get("securitySchemes", {}).items():
        kind, word = scheme["type"], str(scheme.get("scheme", "")).lower()
        bearer = credentials.token if issues else credentials.api_key
        if kind == "apiKey" and credentials.api_key is not None:
            schemes[name] = {"api_key": credentials.api_key}
        elif kind == "http" and word == "basic" and credentials.api_key is not None:
            schemes[name] = {"username": credentials.api_key, "password": ""}
        elif kind == "http" and word == "bearer" and bearer is not None:
            schemes[name] = {"bearer": bearer}
        elif kind == "http" and word not in ("basic", "bearer") and credentials.api_key is not None:
            headers["Authorization"] = f"{scheme['scheme']} {credentials.api_key}"
        elif kind in ("oauth2", "openIdConnect") and bearer is not None:
            headers["Authorization"] = f"Bearer {bearer}"
    return {"auth": {"openapi": schemes}} if schemes else {"headers": headers} if headers else {}


def _counts(found: FuzzResult, failure: Any, case: Any, response: Any) -> bool:
    """Whether a failure counts: not when the request was withheld, or a rule says why it is none."""
    if WITHHELD in response.headers:
        return False
    row = covering(found.contract, failure, case, response)
    if row is not None:
        found.exempted[row.name] += 1
    return row is None


def _note(found: FuzzResult, event: events.EngineEvent, options: FuzzOptions, shown: str, progress: Progress) -> None:
    if isinstance(event, events.PhaseFinished) and event.phase.name.value in options.phases:
        _note_phase(found, event, options, progress)
    elif isinstance(event, events.NonFatalError):
        of = event.phase.value if event.phase is not None else ""
        if of == "stateful" and options.operations and len(options.phases) > 1:
            return  # the operations that were chosen may have no links among them
        found.errors.append(f"{event.label}: {crash(event.value)}")
    elif isinstance(event, events.FatalError):
        found.errors.append(crash(event.exception))
    elif isinstance(event, events.ScenarioFinished):
        _note_scenario(found, event, shown)
    elif isinstance(event, events.EngineFinished):
        found.out_of_time |= event.stop_reason == StopReason.MAX_TIME


def crash(error: BaseException) -> str:
    """What broke, and where: its kind, its words, and the last places it came through."""
    frames = traceback.extract_tb(error.__traceback__)[-_PLACES:]
    places = "".join(f"\n    {Path(f.filename).name}:{f.lineno} in {f.name}" for f in frames)
    return f"{type(error).__name__}: {error}{places}"


def _note_phase(found: FuzzResult, event: events.PhaseFinished, options: FuzzOptions, progress: Progress) -> None:
    name = event.phase.name.value
    stopped = event.phase.skip_reason or (
        event.status.value if event.status in (Status.SKIP, Status.INTERRUPTED) else None
    )
    if options.operations and event.status == Status.SKIP:
        stopped = None  # one operation alone gives some phases nothing to do
    found.phases[name] = f"did not run ({getattr(stopped, 'value', stopped)})" if stopped else ""
    asked = sum(sum(each.values()) for each in found.answered.values())
    failed = f", {len(found.failures)} failures" if found.failures else ""
    progress(f"{found.contract.name}: {name} {found.phases[name] or 'done'}, {asked} answers{failed}")


def _note_scenario(found: FuzzResult, event: events.ScenarioFinished, shown: str) -> None:
    recorder = event.recorder
    for case_id, interaction in recorder.interactions.items():
        if interaction.response is not None and case_id in recorder.cases:
            operation = recorder.cases[case_id].value.operation.definition.raw["operationId"]
            found.answered[operation][interaction.response.status_code] += 1
            found.asked |= {operation}
    for case_id, checks in recorder.checks.items():
        operation = recorder.cases[case_id].value.operation.definition.raw["operationId"]
        for check in (c for c in checks if c.failure_info is not None):
            told, command = _told(check, recorder.interactions.get(case_id), shown)
            made = FuzzFailure(check.name, operation, event.phase.value, told, command)
            found.failures.setdefault((check.name, operation), made)


def _told(check: Any, interaction: Any, shown: str) -> tuple[str, str]:
    answer = interaction.response if interaction is not None else None
    got = f"{answer.status_code} {answer.content[:300]!r}" if answer is not None else "no answer"
    info = check.failure_info
    command = info.code_sample.replace("http://testserver", shown)
    half = _LONGEST // 2
    command = command if len(command) < _LONGEST else f"{command[:half]} … {command[-half:]}"
    return f"{info.failure.title}: {info.failure.message}\nanswered: {got}", command
