"""A client's flow against an API, recorded, made a contract, and played again against that: what it saw both times.

Time is that of the sandboxes, which the flow moves: nothing here depends on how fast the machine is.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from recorder_kit import recorded_at, tls_of

from mockserver import intercepting, start
from mockserver.cli.observed import write_observed
from mockserver.imported.lexicon import STATE_FIELDS, letters
from mockserver.wire import Tls

_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*")
FILES = "files.acme.example"
Flow = Callable[["Client"], None]


@dataclass(slots=True)
class Client:
    """What flows are written with: `ask` sends and notes down what came back, `wait` lets time pass."""

    http: httpx.Client
    move: Callable[[float], object]
    seen: list[tuple[Any, ...]] = field(default_factory=list)

    def ask(self, method: str, target: str, **more: Any) -> httpx.Response:
        answer = self.http.request(method, target, **more)
        self.seen.append((method, answer.status_code, _media(answer), _shown(answer)))
        return answer

    def wait(self, seconds: float) -> None:
        self.move(seconds)

    def poll(self, target: str, at: str, pause: float = 1.0, **more: Any) -> dict[str, Any]:
        """Ask until nothing changes any more, a while; the last answer."""
        last: Any = None
        for _ in range(60):
            answer = self.ask("GET", target, **more).json()
            last = answer
            for name in at.split("/"):
                assert name in answer, self.seen
                answer = answer[name]
            if answer.lower().rstrip("c") in ENDS:
                break
            self.wait(pause)
        return dict(last)


ENDS = {
    "completed", "failed", "succeeded", "success", "error", "inference_complete", "inference_failed", "cancelled",
    "canceled", "ready", "ended", "complete", "done", "expired", "paid",
}  # fmt: skip


def _media(answer: httpx.Response) -> str:
    return str(answer.headers.get("content-type", "")).partition(";")[0]


def _shown(answer: httpx.Response) -> Any:
    """The shape of a body: of JSON its names and kinds, and the words that are states; else whether there is one."""
    if "json" not in _media(answer):
        return "bytes" if answer.content else "nothing"
    return _shape(answer.json(), "")


def _shape(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return {key: _shape(each, key) for key, each in sorted(value.items())}
    if isinstance(value, list):
        return [_shape(value[0], name)] if value else []
    if isinstance(value, str):
        is_state = letters(name) in STATE_FIELDS
        return value if is_state else "url" if "://" in value else "time" if _TIME.fullmatch(value) else "text"
    # A percentage that comes to be within a state is one of a state that has none.
    return "percentage" if letters(name) == "progress" else type(value).__name__


@contextmanager
def _client(environment: Any, host: str, move: Callable[[float], object]) -> Iterator[Client]:
    trust = ssl.create_default_context(cafile=environment["SSL_CERT_FILE"])
    with httpx.Client(
        base_url=f"https://{host}", proxy=environment["HTTPS_PROXY"], verify=trust, trust_env=False, timeout=None
    ) as http:
        yield Client(http, move)


def recorded_flow(api: str, host: str, flow: Flow, **settings: Any) -> tuple[Any, list[tuple[Any, ...]]]:
    """The archive of a flow against a contract of ours, with files at another host; and what its client saw."""
    hosts = (host, FILES)
    with start(clock="manual", hosts={host: api}, tls=Tls(tls_of(*hosts)), **settings) as running:
        running.app.listening(f"https://{FILES}")
        clock, to = running.app.sandboxes.default.clock, [f"{each}=127.0.0.1:{running.port}" for each in hosts]
        urls = [f"https://{each}" for each in hosts]
        with (
            recorded_at(running.port, urls=urls, connect_to=to, now=clock.now) as found,
            _client(found, host, running.default.clock.advance) as client,
        ):
            flow(client)
        return found.tape.har(), client.seen


def played_again(folder: Path, host: str, flow: Flow) -> list[tuple[Any, ...]]:
    """What the client of the same flow sees of a contract."""
    with intercepting(contracts=[folder], hosts={host: folder.name}, clock="manual") as environment:
        with _client(environment, host, environment.running.default.clock.advance) as client:
            flow(client)
        return client.seen


def collapsed(seen: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Equal answers that follow each other count once."""
    return [each for n, each in enumerate(seen) if not n or each != seen[n - 1]]


def contract_in(folder: Path, archive: Any, name: str = "again", host: str = "") -> Path:
    write_observed(folder / name, name, archive, host)
    return folder / name
