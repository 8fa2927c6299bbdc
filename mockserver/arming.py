"""Callables of a test on a server in its own process, armed as answers and routes.

A callable that raises is told to whoever armed it; its client gets a 500.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from mockserver import pointers
from mockserver.app import Mockserver
from mockserver.app.own_routes import add_route, check_route, note_requests, routes_of, side_of
from mockserver.clock import date_header
from mockserver.control.answers import arm
from mockserver.control.preparing import answer_of_bytes, check, operation_of
from mockserver.control.requests import show_request
from mockserver.errors import UsageError
from mockserver.faults import Reply
from mockserver.faults.given import GivenAnswer
from mockserver.handlers import Handlers
from mockserver.local import LocalCall, OnFailure
from mockserver.problems import MEDIA_TYPE, problem
from mockserver.request_log import RecordedRequest
from mockserver.sandbox import Sandbox
from mockserver.steering.messages import Request, Response, response_of
from mockserver.validation import parse_json

T = TypeVar("T")
_handlers: WeakKeyDictionary[Sandbox, Handlers] = WeakKeyDictionary()


class LocalArms:
    """What a server takes of its own process; called from any thread but the server's. Raises UsageError."""

    def __init__(self, app: Mockserver, loop: asyncio.AbstractEventLoop) -> None:
        self._app = app
        self._loop = loop

    def answer(self, sandbox: str, settings: Mapping[str, Any], call: LocalCall, failed: OnFailure) -> str:
        """Answer an operation by a callable; gives the answer's name."""
        return self._on_loop(self._answer(self._sandbox(sandbox), settings, call, failed))

    def route(self, sandbox: str, method: str, path: str, call: LocalCall, failed: OnFailure) -> str:
        """Answer a path by a callable; gives the route's name."""
        return self._on_loop(self._route(self._sandbox(sandbox), method.upper(), path, call, failed))

    def disarm_route(self, sandbox: str, identity: str) -> None:
        """Answer it no more."""
        self._on_loop(self._disarm(sandbox, identity))

    async def _disarm(self, sandbox: str, identity: str) -> None:
        home = self._app.sandboxes.get(sandbox)
        if home is not None:
            await home.change(routes_of(home).removing(identity))

    def _sandbox(self, name: str) -> Sandbox:
        found = self._app.sandboxes.get(name)
        if found is None:
            raise UsageError(f"the sandbox {name!r} was closed")
        return found

    def _on_loop(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _answer(self, sandbox: Sandbox, settings: Mapping[str, Any], call: LocalCall, failed: OnFailure) -> str:
        side, operation = side_of(sandbox, str(settings["api"])), str(settings["operation"])
        contract, unchecked = side.contract, bool(settings["unchecked"])
        times = settings["times"]
        if times is not None and (not isinstance(times, int) or times < 1):
            raise UsageError(f"times is a whole number, 1 or more, or None for always, not {times!r:.40}")

        meant = operation_of(contract, operation)

        def found(response: Response) -> GivenAnswer:
            is_json = "json" in response.content_type and bool(response.content)
            value = parse_json(response.content) if is_json and not unchecked else pointers.MISSING
            if is_json and not unchecked:
                check(contract, meant, response.status, value)
            return answer_of_bytes(meant, response.status, response.content, value, response.headers.multi_items())

        async def handler(record: RecordedRequest) -> GivenAnswer:
            answer = await _handled(sandbox, record, call, found, failed)
            return answer or GivenAnswer(500, ((b"content-type", MEDIA_TYPE.encode()),), _problem())

        note_requests(sandbox)
        return (await arm(side, GivenAnswer(handler=handler), operation, times)).id

    async def _route(self, sandbox: Sandbox, method: str, path: str, call: LocalCall, failed: OnFailure) -> str:
        apis = self._app.apis
        api, own = check_route(sandbox, lambda name, rest: apis[name].routes.match(rest), method, path)

        async def handler(record: RecordedRequest) -> Reply:
            reply = await _handled(sandbox, record, call, _reply, failed)
            reply = reply or Reply.of(500, MEDIA_TYPE.encode(), _problem())
            return reply.with_headers(date_header(int(sandbox.clock.now())))

        return await add_route(sandbox, api, method, own, handler)


async def _handled(
    sandbox: Sandbox, record: RecordedRequest, call: LocalCall, convert: Callable[[Response], T], failed: OnFailure
) -> T | None:
    """What becomes of the answer of a callable; None when it raised, or gave what cannot be sent."""
    request = Request(show_request(record.kept, sandbox.redaction))
    try:
        return convert(response_of(await _handlers.setdefault(sandbox, Handlers()).run(lambda: call(request))))
    except asyncio.CancelledError:
        raise
    except BaseException as error:
        failed(error)
        return None


def _reply(response: Response) -> Reply:
    """A response of a route as it is sent. Raises UsageError for one that cannot be."""
    answer = answer_of_bytes(None, response.status, response.content, pointers.MISSING, response.headers.multi_items())
    return Reply.of(answer.status, b"", response.content, "", answer.headers)


def _problem() -> bytes:
    return problem(500, "the handler of the test raised: see the test's report")
