"""A process that stood still until others thought it gone: its first answers are by what they did meanwhile.

The requests have come to it before it goes on, so that nothing else is done first.
"""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from http.client import HTTPConnection
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from engine_kit import Engine, found, running_engine
from process_kit import Process, processes
from until_kit import until

ENGINES = found()
SANDBOXES = "/_mock/sandboxes"
PROMPT = {"prompt": "A red kite", "name": "kite"}


class Own(NamedTuple):
    """A sandbox that both have open, with a job in it: its control, its path, the key, and the job."""

    control: str
    path: str
    key: dict[str, str]
    job: str


class Row(NamedTuple):
    """What is done at another process, what is asked of the one that stands still, and what of its answer is wanted."""

    done: tuple[str, str, Any]
    asked: tuple[str, str, Any]
    wanted: Callable[[int, Any], Any]


SHOW = ("GET", "{path}/api/image/{job}", None)
SUBMIT = ("POST", "{path}/api/image/generate", PROMPT)
FAULT = {"api": "miraflow", "fault": "status", "status": 503}
ROWS = {
    "a fault was armed": Row(("POST", "/faults", FAULT), SHOW, lambda status, _: status == 503),
    "the clock was moved": Row(
        ("POST", "/clock/advance", {"seconds": 3600}), SHOW, lambda _, body: body["status"] == "inference_complete"
    ),
    "the clock was switched": Row(
        ("PUT", "/clock", {"mode": "step", "step": 7}), ("GET", "{control}/clock", None), lambda _, body: body["step"]
    ),
    "plans were ordered": Row(
        ("POST", "/plans", {"api": "miraflow", "outcome": "inference_failed"}), SUBMIT,
        lambda status, body: status == 200 and body["jobId"],
    ),
    "it was reset": Row(("POST", "/reset", {}), SHOW, lambda status, _: status == 404),
    "it was closed": Row(("DELETE", "", None), SHOW, lambda status, _: status == 410),
    "its faults are listed": Row(
        ("POST", "/faults", FAULT), ("GET", "{control}/faults", None), lambda _, body: len(body) == 1
    ),
}  # fmt: skip


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with running_engine(ENGINES[request.param]) as made:
        yield made


def made(both: tuple[Process, Process]) -> Own:
    """One that was made at the first process, and asked for at the second."""
    answer = both[0].client.post(SANDBOXES, json={"clock": {"mode": "manual"}, "limits": False})
    access = answer.json()["apis"]["miraflow"]
    control, path = f"{SANDBOXES}/{answer.json()['name']}", urlsplit(access["url"]).path
    key = {"X-API-Key": access["api_key"]}
    job = both[1].client.post(f"{path}/api/image/generate", json=PROMPT, headers=key).json()["jobId"]
    return Own(control, path, key, job)


def connected(process: Process, own: Own) -> HTTPConnection:
    """A connection on which something was answered already."""
    url = process.client.base_url
    connection = HTTPConnection(url.host, url.port, timeout=60)
    ask(connection, own, SHOW)
    connection.getresponse().read()
    return connection


def ask(connection: HTTPConnection, own: Own, asked: tuple[str, str, Any]) -> None:
    method, path, body = asked
    path = path.format(**own._asdict())
    headers = {**own.key, **({} if body is None else {"Content-Type": "application/json"})}
    connection.request(method, path, None if body is None else json.dumps(body), headers)


def is_gone(engine: Engine) -> bool:
    """Whether one of the two is there no more, as the other one has told."""
    return engine.asked(b"ZCARD ms1:{workers}:beats\r\n").startswith(b":1")


def test_the_first_answers_are_by_what_others_did_meanwhile(engine: Engine) -> None:
    with processes(engine) as both, ExitStack() as stack:
        stopped, other = both[1], both[0]
        sandboxes = {name: made(both) for name in ROWS}
        connections = {name: connected(stopped, own) for name, own in sandboxes.items()}
        for each in connections.values():
            stack.callback(each.close)
        stopped.process.send_signal(signal.SIGSTOP)
        until(partial(is_gone, engine))
        for name, own in sandboxes.items():
            method, path, body = ROWS[name].done
            assert other.client.request(method, own.control + path, json=body).is_success, name
            ask(connections[name], own, ROWS[name].asked)
        stopped.process.send_signal(signal.SIGCONT)
        for name, connection in connections.items():
            answer = connection.getresponse()
            text = answer.read()
            assert ROWS[name].wanted(answer.status, json.loads(text or b"null")), (name, answer.status, text)
        own = sandboxes["plans were ordered"]
        assert other.client.post(f"{own.control}/clock/advance", json={"seconds": 3600}).is_success
        outcomes = [job["outcome"] for job in other.client.get(f"{own.control}/jobs").json()]
        assert sorted(outcomes) == ["inference_complete", "inference_failed"]
