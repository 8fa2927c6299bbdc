"""Assertions on what the client sent, for handles that have `requests`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from mockserver.errors import UsageError, is_on_purpose
from mockserver.json_types import Json, JsonValue
from mockserver.printable import printable
from mockserver.steering.multidict import without

if TYPE_CHECKING:
    from mockserver.steering.expectations import Expectation
    from mockserver.steering.messages import Request
    from mockserver.steering.requests import Requests

__tracebackhide__ = is_on_purpose
__unittest = True  # its reports leave frames of this file out

ExpectedStep = str | Json
_UNSAID: Any = object()
MOST_SHOWN = 10


class RequestAssertions:
    """`json`, `form` and `content` have to be equal to what was sent; `headers` and `query` have to be among it.

    In headers, queries and forms a list means several values of a name, None that it is missing; whatever compares
    equal fits (`unittest.mock.ANY`). `path` may be a pattern, `where` is a test of one's own.
    """

    requests: Requests

    def assert_requested(
        self,
        operation: str | None = None,
        *,
        times: int | None = None,
        method: str | None = None,
        path: str | re.Pattern[str] | None = None,
        status: int | None = None,
        json: JsonValue = _UNSAID,
        form: Json | None = None,
        content: bytes | None = None,
        headers: Json | None = None,
        query: Json | None = None,
        where: Callable[[Request], bool] | None = None,
    ) -> list[Request]:
        """Such a request was sent, exactly `times` times if that is said; gives them. Raises AssertionError."""
        expected = _expectation(operation, method, path, status, json, form, content, headers, query, where)
        return self._required(expected, times)

    def assert_not_requested(
        self,
        operation: str | None = None,
        *,
        method: str | None = None,
        path: str | re.Pattern[str] | None = None,
        status: int | None = None,
        json: JsonValue = _UNSAID,
        form: Json | None = None,
        content: bytes | None = None,
        headers: Json | None = None,
        query: Json | None = None,
        where: Callable[[Request], bool] | None = None,
    ) -> None:
        """No such request was sent. Raises AssertionError."""
        expected = _expectation(operation, method, path, status, json, form, content, headers, query, where)
        self._required(expected, 0)

    def assert_requested_in_order(self, *steps: ExpectedStep) -> list[Request]:
        """Such requests were sent in this order, others between them or not; gives them. Raises AssertionError.

        A step is an operation, a method and a path (`"GET /x"`), or a mapping of what `assert_requested` takes.
        """
        all_requests = list(self.requests)
        requests: list[Request] = []
        waiting = iter(all_requests)
        for n, expected in enumerate(map(_step, steps)):
            self.requests.check_operation(expected.operation, all_requests)
            request = next((each for each in waiting if not expected.differences(each)), None)
            if request is None:
                raise AssertionError(_out_of_order(n, expected, requests, all_requests))
            requests.append(request)
        return requests

    def _required(self, expected: Expectation, times: int | None) -> list[Request]:
        requests = list(self.requests)
        self.requests.check_operation(expected.operation, requests)
        fitting = [request for request in requests if not expected.differences(request)]
        if len(fitting) != times if times is not None else not fitting:
            raise AssertionError(_failure(expected, times, fitting, requests, self.requests.dropped))
        return fitting


def _expectation(
    operation: str | None, method: str | None, path: Any, status: int | None, json: Any, form: Any, content: Any,
    headers: Any, query: Any, where: Any,
) -> Expectation:  # fmt: skip
    from mockserver.steering.expectations import Expectation

    body = {} if json is _UNSAID else {"json": json}
    return Expectation(operation, method, path, status, form=form, content=content, headers=headers, query=query,
                       where=where, **body)  # fmt: skip


def _step(step: ExpectedStep) -> Expectation:
    from mockserver.steering.expectations import Expectation

    if isinstance(step, str):
        method, blank, path = step.partition(" ")
        return Expectation(method=method, path=path) if blank else Expectation(step)
    try:
        return Expectation(**step)
    except TypeError as error:
        raise UsageError(f"a step is an operation, 'GET /path' or what assert_requested takes: {error}") from None


def _failure(
    expected: Expectation, times: int | None, fitting: Sequence[Request], requests: Sequence[Request], dropped: int
) -> str:
    amount = {None: "at least 1", 0: "no"}.get(times, f"exactly {times}")
    several = "s" if times is not None and times > 1 else ""
    count = f"found {len(fitting)} among {len(requests)} requests"
    lines = [f"expected {amount} matching request{several} ({expected.named}), {count}:"]
    if fitting:
        lines += _lines(fitting)
    else:
        lines += _nearest(expected, requests)
    if dropped:
        lines.append(f"{dropped} older requests are no longer kept")
    return printable("\n".join(lines))


def _nearest(expected: Expectation, requests: Sequence[Request]) -> Iterator[str]:
    from mockserver.steering.expectations import MOST, nearest

    closest = nearest(expected, requests)
    if closest is None:
        yield "  the client sent none"
        return
    request, differences = closest
    yield f"  nearest: {request.line}"
    yield from (f"    {line}" for line in _hidden(differences[:MOST], requests))
    if len(differences) > MOST:
        yield f"    and {len(differences) - MOST} more differences"


def _out_of_order(n: int, expected: Expectation, matched: Sequence[Request], requests: Sequence[Request]) -> str:
    behind = f" behind {matched[-1].line}" if matched else ""
    lines = [f"step {n + 1}, {expected.named}, did not come{behind}; the client sent:", *_lines(requests)]
    return printable("\n".join(lines))


def _lines(requests: Sequence[Request]) -> list[str]:
    before = [f"  … {len(requests) - MOST_SHOWN} before"] if len(requests) > MOST_SHOWN else []
    return [*before, *(f"  {request.line}" for request in requests[-MOST_SHOWN:])] or ["  nothing"]


def _hidden(lines: Sequence[str], requests: Sequence[Request]) -> Iterator[str]:
    """Lines without the secrets that some request holds, wherever they stand."""
    from mockserver.steering.secrets import secrets_of

    secrets = secrets_of(requests)
    return (without(secrets, line) for line in lines)
