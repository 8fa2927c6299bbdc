"""What the client sent in a test: whole requests in order, asked of the server anew with each look."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any, overload

from mockserver.errors import UsageError, is_on_purpose
from mockserver.steering.connection import Control
from mockserver.suggestions import hint

if TYPE_CHECKING:
    from mockserver.steering.messages import Request

__tracebackhide__ = is_on_purpose


class RequestStore:
    """The requests of one sandbox. Those that are over are fetched once; those that the server dropped go here, too."""

    def __init__(self, control: Control, sandbox: str) -> None:
        self._control = control
        self._path = ("sandboxes", sandbox, "requests")
        self._over: list[Request] = []
        self._lock = threading.Lock()
        self.dropped = 0

    def read(self) -> list[Request]:
        """All that the server keeps. Raises ControlError where it keeps none."""
        from mockserver.steering.messages import Request

        with self._lock:
            after = self._over[-1].n if self._over else 0
            page = self._control.get(*self._path, after=after)
            self.dropped = int(page["dropped"])
            self._over = [request for request in self._over if request.n >= page["first"]]
            requests = [Request(request) for request in page["requests"]]
            is_over = [request.is_over for request in requests]
            self._over += requests[: is_over.index(False) if False in is_over else None]
            return [*self._over, *requests[len(requests) if False not in is_over else is_over.index(False) :]]


class Requests(Sequence["Request"]):
    """The requests to one API, or to all of a sandbox, oldest first: `len(…)`, `[-1]`, iteration, `filter(…)`."""

    def __init__(self, store: RequestStore, known: Callable[[], Collection[str]], api: str | None = None) -> None:
        self._store = store
        self._known = known
        self._api = api

    def _all(self) -> list[Request]:
        return [request for request in self._store.read() if self._api in (None, request.api)]

    @overload
    def __getitem__(self, index: int) -> Request: ...
    @overload
    def __getitem__(self, index: slice) -> list[Request]: ...
    def __getitem__(self, index: int | slice) -> Request | list[Request]:
        __tracebackhide__ = True
        requests = self._all()
        try:
            return requests[index]
        except IndexError:
            raise IndexError(f"there is no request [{index}]: the client sent {len(requests)}") from None

    def __len__(self) -> int:
        return len(self._all())

    def __iter__(self) -> Iterator[Request]:
        return iter(self._all())

    @property
    def dropped(self) -> int:
        """How many requests to the sandbox are no longer kept: they made room for newer ones."""
        self._store.read()
        return self._store.dropped

    def filter(
        self,
        operation: str | None = None,
        *,
        method: str | None = None,
        path: str | re.Pattern[str] | None = None,
        status: int | None = None,
        where: Callable[[Request], bool] | None = None,
    ) -> list[Request]:
        """The requests that agree with everything given; `path` is the vendor's own, or a pattern for the whole of it.

        `where` is a test of one's own. Raises UsageError for an operation that the contract does not have.
        """
        requests = self._all()
        self.check_operation(operation, requests)
        fields: dict[str, Any] = {"operation": operation, "method": method and method.upper(), "status": status}
        fields = {name: value for name, value in fields.items() if value is not None}
        return [
            request
            for request in requests
            if all(getattr(request, name) == value for name, value in fields.items())
            and (path is None or is_path(request.path, path))
            and (where is None or where(request))
        ]

    def check_operation(self, operation: str | None, found: Sequence[Request]) -> None:
        """Raises UsageError for a name that no operation has: what is never there would be found missing for ever."""
        if operation is None or any(request.operation == operation for request in found):
            return
        operations = self._known()
        if operation not in operations:
            raise UsageError(f"there is no operation {operation!r}; {hint(operation, operations)}")

    def __repr__(self) -> str:
        lines = [f"  {request.line}" for request in self._all()]
        return "\n".join([f"<Requests: {len(lines)}>", *lines[-20:]])


def is_path(path: str, pattern: str | re.Pattern[str]) -> bool:
    """Whether a path is the one that is wanted, or fits its pattern."""
    return path == pattern if isinstance(pattern, str) else pattern.fullmatch(path) is not None
