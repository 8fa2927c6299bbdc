"""What a test answers itself: once, in place of an operation, or on a path that no contract has."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from mockserver import local
from mockserver.errors import UsageError, is_on_purpose
from mockserver.json_types import Json, JsonValue
from mockserver.steering.armed import Armed, ArmingSandbox
from mockserver.steering.connection import ControlError

if TYPE_CHECKING:
    from mockserver.steering.messages import HeaderPairs, Request

Handler: TypeAlias = "Callable[[Request], JsonValue]"
"""Gives JSON (a dict, a list …), text, bytes, (status, body) or a Response, or a coroutine of one of them."""
__tracebackhide__ = is_on_purpose

UNSAID: Any = object()


class Answer(Armed):
    """An answer that was armed in place of an operation."""

    @property
    def used(self) -> int:
        """How often it was given."""
        return next((int(answer["applied"]) for answer in self._sandbox.ask("answers") if answer["id"] == self.id), 0)

    def _take_back(self) -> None:
        try:
            self._sandbox.tell("DELETE", "answers", self.id)
        except ControlError as refused:
            if refused.status not in (404, 410):  # 404: it was given as often as it was to
                raise


class Route(Armed):
    """A path of a sandbox that a test answers itself."""

    def __init__(self, sandbox: ArmingSandbox, method: str, path: str) -> None:
        super().__init__(sandbox, f"{method} {path}")
        self._path = path
        self.calls = 0

    @property
    def used(self) -> int:
        """How often it was asked."""
        return self.calls

    def lack(self, told: Mapping[str, Json]) -> Json | None:
        if self.calls:
            return None
        requests = [each for each in self._sandbox.journal.filter() if each.method]
        if not requests:
            return {"why": "nobody asked for it", "entry": None}
        last = next((request for request in reversed(requests) if self._is_at(request.path)), requests[-1])
        why = (
            f"it was asked by {last.method}"
            if self._is_at(last.path)
            else "nobody asked for it, the last request was another"
        )
        return {"why": why, "entry": last.n}

    def _is_at(self, path: str) -> bool:
        """Whether a request for a path, the sandbox's name before it, is for this one."""
        pattern, parts = self._path.split("/"), path.removeprefix(f"/@{self._sandbox.name}").split("/")
        fits = (want == part or want.startswith("{") for want, part in zip(pattern, parts, strict=False))
        return len(pattern) == len(parts) and all(fits)

    def _take_back(self) -> None:
        arms = local.arms_of(self._sandbox._control.url, self._sandbox.name)
        if arms is not None:
            arms.disarm_route(self._sandbox.name, self.id)


class Routing:
    """What answers paths of a sandbox."""

    def route(self, method: str, path: str, handler: Handler) -> Route:
        """Answer a path that no contract has, below `url`; `{name}` stands for one part, found in `path_params`.

        The handler, sync or async, is given the Request and returns JSON, text, bytes, (status, body) or a Response.
        Raises UsageError for a path that a contract has, and where the server runs in another process.
        """
        return _arm_route(cast(ArmingSandbox, self), method, path, handler)


class Answering:
    """What answers in place of an API's operations."""

    name: str
    _sandbox: ArmingSandbox

    def answer(
        self,
        operation: str,
        *,
        json: JsonValue = UNSAID,
        text: str | None = None,
        content: bytes | None = None,
        status: int | None = None,
        headers: HeaderPairs = (),
        times: int | None = 1,
        callback: Handler | None = None,
        unchecked: bool = False,
    ) -> Answer:
        """Answer the next `times` requests to an operation so (None: all of them), and do nothing of what they ask.

        Without a status the operation's usual one; without a body, the contract's own for a refusal, else none. A
        callback, sync or async, is given the Request and returns what a handler of `sandbox.route` does. JSON has to
        fit the contract's schema of that status, unless `unchecked`. Raises ControlError and UsageError.
        """
        body = _body_settings(json, text, content, status, headers)
        return _arm_answer(self._sandbox, self.name, operation, body, times, unchecked, callback)


def _arm_answer(
    sandbox: ArmingSandbox, api: str, operation: str, body: Mapping[str, Any], times: int | None, unchecked: bool,
    callback: Handler | None,
) -> Answer:  # fmt: skip
    """Arm an answer. Raises ControlError and UsageError."""
    settings = {"api": api, "operation": operation, "times": times, "unchecked": unchecked, **body}
    armed = Answer(sandbox, f"{api}.{operation}")
    if callback is None:
        armed.id = str(sandbox._control.request("POST", *sandbox._path, "answers", body=settings)["id"])
    elif body:
        raise UsageError(f"a callback says all of the answer itself: leave {', '.join(body)} out")
    else:
        armed.id = _arms_of(sandbox, callback).answer(sandbox.name, settings, callback, sandbox.handler_errors.append)
    return sandbox.armed.add(armed)


def _arm_route(sandbox: ArmingSandbox, method: str, path: str, handler: Handler) -> Route:
    """Answer a path by a handler. Raises UsageError."""
    arms, armed = _arms_of(sandbox, handler), Route(sandbox, method, path)

    def call(request: Request) -> Any:
        armed.calls += 1
        return handler(request)

    armed.id = arms.route(sandbox.name, method, path, call, sandbox.handler_errors.append)
    return sandbox.armed.add(armed)


def _arms_of(sandbox: ArmingSandbox, call: Any) -> local.Arms:
    if not callable(call):
        raise UsageError(f"a handler is called with the request, and {call!r:.80} cannot be called")
    if sandbox.is_closed:
        raise UsageError(f"the sandbox {sandbox.name!r} was closed")
    arms = local.arms_of(sandbox._control.url, sandbox.name)
    if arms is None:
        raise UsageError(
            "a callable stays in its own process, and this server runs in another one: answer with json=, text= or "
            "content=, or let the server run here (start(), or pytest without --mockserver-url)"
        )
    return arms


def _body_settings(json: Any, text: str | None, content: bytes | None, status: int | None, headers: HeaderPairs) -> Any:
    """What of an answer is said, as the control API takes it. Raises UsageError for what is no JSON."""
    from mockserver.steering.messages import as_json, bytes_of, pairs_of

    settings: dict[str, Any] = {} if status is None else {"status": status}
    if json is not UNSAID:
        as_json(json)
        settings["json"] = json
    if text is not None:
        settings["text"] = text
    if content is not None:
        settings["content"] = b64encode(bytes_of(content)).decode()
    lines: dict[str, list[str]] = {}
    for name, value in pairs_of(headers):
        lines.setdefault(name, []).append(value)
    return {**settings, "headers": lines} if lines else settings
