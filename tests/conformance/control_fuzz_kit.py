"""Schemathesis asks a server everything that its control document allows and forbids, in a process of its own.

What it draws for that document keeps more than a gigabyte until the process ends.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import schemathesis
import trustme
from conformance_kit import PHASES, contracts
from hypothesis import strategies as st
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.openapi.checks import EnsureResourceAvailability
from schemathesis.python import asgi
from schemathesis.specs.openapi.formats import STRING_FORMATS

from mockserver.app import Mockserver, Settings
from mockserver.clock import Clock

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = 3
PEM = trustme.CA().cert_pem.bytes().decode()
# What is well-formed may still name a sandbox that is gone, a name that is taken, or an account nobody may have.
EXPECTED = [200, 201, 204, 404, 409, 410]
REFUSED = [400, 401, 404, 405, 409, 410, 413, 415]
ENDLESS = ("/_mock/events", "/_mock/sandboxes/{name}/events")
"""What does not end is read over sockets, not asked in this process."""
# operation → what it refuses that JSON Schema has no words for
INEXPRESSIBLE = {
    "planJobs": b"the keyframes of the curve do not rise",
    "advanceClock": b"past the year 9900",
    "armAnswer": b"or set `unchecked` to send it as it is",
    "createSandbox": b"the snapshot cannot be restored",
    "testWebhook": b'"pointer":"/url"',
}


@dataclass
class Found:
    """What a run has found: answers by operation and status, what failed, what was not run."""

    answered: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    failures: dict[str, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    @property
    def unanswered(self) -> list[str]:
        """The operations that were never answered with success."""
        return [name for name, seen in self.answered.items() if not any(status[0] == "2" for status in seen)]


@contextmanager
def certificates() -> Iterator[None]:
    """Texts of the format that the document names are real certificates."""
    schemathesis.openapi.format("pem-certificates", st.just(PEM))
    try:
        yield
    finally:
        STRING_FORMATS.pop("pem-certificates")


def fuzzed(
    app: Mockserver, phases: Sequence[str], without: Sequence[str] = (), token: str | None = None, seed: int = 1
) -> Found:
    """Run Schemathesis over the document that the server gives of itself, but for the answers in `without`."""
    found = Found()
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with asgi.get_client(app) as client:
        document = client.get("/_mock/openapi.json", headers=headers).json()
    for each in ENDLESS:
        del document["paths"][each]
    for each in without:
        path, method, status = each.split()
        del document["paths"][path][method]["responses"][status]
    with certificates():
        schema = schemathesis.openapi.from_dict(document, config=_config(phases, token, seed))
        schema.app = app

        @schema.hook("filter_failure")  # type: ignore[untyped-decorator]
        def counts(context: Any, failure: Any, case: Any, response: Any) -> bool:
            name = case.operation.definition.raw["operationId"]
            if name in ("disarmFault", "disarmAnswer") and isinstance(failure, EnsureResourceAvailability):
                return False  # a fault heals when its time is up, and a walk may move the clock
            if isinstance(failure, EnsureResourceAvailability) and b"there is no sandbox" not in response.content:
                return False  # the sandbox is there; the job or the API that the request names is not
            said = INEXPRESSIBLE.get(name)
            return said is None or response.status_code != 400 or said not in response.content

        for event in from_schema(schema).execute():
            _note(found, event, phases)
    return found


def _config(phases: Sequence[str], token: str | None, seed: int) -> Any:
    stateful = {"max-steps": 10, "generation": {"max-examples": 2 * EXAMPLES}}
    return SchemathesisConfig.from_dict(
        {
            "seed": seed,
            "workers": 1,
            "generation": {"deterministic": True, "database": "none", "max-examples": EXAMPLES},
            "phases": {
                name: {"enabled": name in phases, **(stateful if name == "stateful" else {})} for name in PHASES
            },
            "checks": {
                "positive_data_acceptance": {"expected-statuses": EXPECTED},
                "negative_data_rejection": {"expected-statuses": REFUSED},
            },
            **({"auth": {"openapi": {"ControlToken": {"bearer": token}}}} if token else {}),
        }
    )


def _note(found: Found, event: events.EngineEvent, phases: Sequence[str]) -> None:
    if isinstance(event, events.PhaseFinished) and event.phase.name.value in phases and event.phase.skip_reason:
        found.skipped.append(event.phase.name.value)
    elif isinstance(event, events.NonFatalError):
        found.errors.append(f"{event.label}: {event.value}")
    elif isinstance(event, events.FatalError):
        found.errors.append(repr(event.exception))
    elif isinstance(event, events.ScenarioFinished):
        _note_scenario(found, event.recorder)


def _note_scenario(found: Found, recorder: Any) -> None:
    named = {key: case.value.operation.definition.raw["operationId"] for key, case in recorder.cases.items()}
    for key, interaction in recorder.interactions.items():
        if interaction.response is not None and key in named:
            found.answered[named[key]][str(interaction.response.status_code)] += 1
    for key, checks in recorder.checks.items():
        for check in (each for each in checks if each.failure_info is not None):
            info = check.failure_info
            told = f"{info.failure.title}: {info.failure.message}\n{info.code_sample[:1000]}"
            found.failures.setdefault(f"{check.name} {named[key]}", told)


def server(*apis: str, token: str | None = None) -> Mockserver:
    chosen = [contract for name, contract in contracts().items() if name in apis or not apis]
    hosts = frozenset({"testserver"})
    return Mockserver(chosen, Settings(allow_hosts=hosts, clock=Clock("manual"), control_token=token))


def fuzzed_apart(phases: Sequence[str], *apis: str, without: Sequence[str] = (), token: str | None = None) -> Found:
    """As `fuzzed`, of a new server with these APIs (all: none named) in a new process."""
    asked = json.dumps({"phases": phases, "apis": apis, "without": without, "token": token})
    path = [str(Path(__file__).parent), str(ROOT / "tests"), str(ROOT)]
    words = [sys.executable, "-c", f"import sys; sys.path[:0] = {path}; import control_fuzz_kit as it; it.main()"]
    done = subprocess.run(words, cwd=ROOT, input=asked, capture_output=True, text=True, timeout=1800, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-5000:]
    told = json.loads(done.stdout.splitlines()[-1])
    return Found(**{**told, "answered": {name: Counter(seen) for name, seen in told["answered"].items()}})


def main() -> None:
    """Read what is asked from standard input, print what was found."""
    asked = json.load(sys.stdin)
    app = server(*asked["apis"], token=asked["token"])
    found = fuzzed(app, asked["phases"], asked["without"], asked["token"])
    asgi.shutdown_lifespans()
    print(json.dumps(vars(found)))
