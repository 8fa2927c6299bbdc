"""What a request should have been, and in which way one is otherwise. Knows requests, not where they come from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from mockserver.errors import UsageError, is_on_purpose
from mockserver.secret_names import sensitive
from mockserver.steering.messages import NOTHING, BodyError, Request
from mockserver.steering.multidict import HIDDEN, MultiDict, report_value
from mockserver.steering.requests import is_path

__tracebackhide__ = is_on_purpose

ExpectedValues = Mapping[str, Any]
MOST = 6
_MISSING: Any = object()


@dataclass(frozen=True, slots=True)
class Expectation:
    """`json`, `form` and `content` are equal to what was sent; `headers` and `query` are among it."""

    operation: str | None = None
    method: str | None = None
    path: str | re.Pattern[str] | None = None
    status: int | None = None
    json: Any = NOTHING
    form: ExpectedValues | None = None
    content: bytes | None = None
    headers: ExpectedValues | None = None
    query: ExpectedValues | None = None
    where: Callable[[Request], bool] | None = None

    def __post_init__(self) -> None:
        bodies = [name for name in ("form", "content") if getattr(self, name) is not None]
        bodies += ["json"] if self.json is not NOTHING else []
        if len(bodies) > 1:
            raise UsageError(f"a request has one body: expect one of {', '.join(bodies)}")

    @property
    def named(self) -> str:
        """Which requests are meant: an operation, else a method and a path."""
        path = self.path.pattern if isinstance(self.path, re.Pattern) else self.path
        return self.operation or " ".join(part for part in (self.method, path) if part) or "any request"

    def is_meant(self, request: Request) -> bool:
        """Whether it is about such a request, whatever it holds."""
        return (
            self.operation in (None, request.operation)
            and (self.method is None or self.method.upper() == request.method)
            and (self.path is None or is_path(request.path, self.path))
        )

    def differences(self, request: Request) -> list[str]:
        """In which way a request is otherwise, a line each; empty when it is what was expected."""
        lines = [*self._of_head(request), *self._of_body(request)]
        if not lines and self.where is not None and not self.where(request):  # it may rely on all the rest
            lines.append("where: it says no")
        return lines

    def _of_head(self, request: Request) -> Iterator[str]:
        for name in ("operation", "method"):
            expected, was = getattr(self, name), getattr(request, name)
            if expected is not None and (expected.upper() if name == "method" else expected) != was:
                yield f"{name}: expected {expected!r}, was {was!r}"
        if self.path is not None and not is_path(request.path, self.path):
            yield f"path: expected {report_value('path', getattr(self.path, 'pattern', self.path))}"
        if self.status is not None and self.status != request.status:
            yield f"status: expected {self.status}, was {request.status}"
        yield from _contained("header", self.headers, request.headers)
        yield from _contained("query", self.query, request.query)

    def _of_body(self, request: Request) -> Iterator[str]:
        if self.json is not NOTHING:
            try:
                yield from unlike(self.json, request.json(), "json")
            except BodyError as error:
                yield f"json: {error}"
        if self.form is not None:
            yield from _contained("form", self.form, request.form)
            others = [(name, value) for name, value in request.form.multi_items() if name not in self.form]
            yield from (f"form {name!r}: not expected, was {report_value(name, value)}" for name, value in others)
        if self.content is not None and self.content != request.content:
            sizes = f"expected {len(self.content)} bytes, was {len(request.content)}"
            yield f"content: {sizes} ({_where(self.content, request.content)})"


def _contained(kind: str, expected: ExpectedValues | None, was: MultiDict[str]) -> Iterator[str]:
    for name, value in (expected or {}).items():
        several = was.get_list(name)
        if value is None and not several:
            continue
        if isinstance(value, list | tuple):
            is_same = [*map(_text, value)] == several
        else:
            is_same = any(_text(value) == text for text in [*several, *([was[name]] if several else [])])
        if not is_same:
            yield f"{kind} {name!r}: {_told(name, value, several)}"


def _told(name: str, value: Any, several: Sequence[str]) -> str:
    expected = "none" if value is None else report_value(name, value)
    if not several:
        return f"expected {expected}, was missing"
    return f"expected {expected}, was {', '.join(report_value(name, text) for text in several)}"


def _text(value: Any) -> Any:
    """A value as it is sent in a form, a query or a header; one that compares by itself stays what it is."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


def unlike(expected: Any, was: Any, at: str) -> Iterator[str]:
    """Where one JSON value differs from another, by pointer."""
    if expected == was and _same_kind(expected, was):
        return
    if isinstance(expected, Mapping) and isinstance(was, Mapping):
        for key in dict.fromkeys((*expected, *was)):
            yield from unlike(expected.get(key, _MISSING), was.get(key, _MISSING), f"{at}/{key}")
    elif isinstance(expected, list) and isinstance(was, list):
        for index, (left, right) in enumerate(zip_longest(expected, was, fillvalue=_MISSING)):
            yield from unlike(left, right, f"{at}/{index}")
    elif expected is _MISSING:
        yield f"{at}: not expected, was {_shown(at, was)}"
    elif was is _MISSING:
        yield f"{at}: expected {_shown(at, expected)}, was missing"
    else:
        yield f"{at}: expected {_shown(at, expected)}, was {_shown(at, was)}"


def _same_kind(expected: Any, was: Any) -> bool:
    """JSON's true is not 1."""
    return not (isinstance(expected, bool) ^ isinstance(was, bool)) or not isinstance(expected, bool | int | float)


def _shown(at: str, value: Any) -> str:
    """A value as a report may show it: no name on the way to it tells of a secret."""
    return HIDDEN if any(map(sensitive, at.split("/")[1:])) else report_value("", value)


def _where(expected: bytes, was: bytes) -> str:
    first = next((n for n, (left, right) in enumerate(zip(expected, was, strict=False)) if left != right), None)
    return f"they part at byte {min(len(expected), len(was)) if first is None else first}"


def nearest(expected: Expectation, requests: Sequence[Request]) -> tuple[Request, list[str]] | None:
    """The request that is least otherwise, the newest of several, and in which way."""
    ranked = [(expected.differences(each), each) for each in reversed(requests)]
    if not ranked:
        return None
    differences, request = min(ranked, key=lambda pair: (not expected.is_meant(pair[1]), len(pair[0])))
    return request, differences
