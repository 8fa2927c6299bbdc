"""`mock(…)`: a sandbox for a block, a function, a coroutine or a class of tests, whatever runs them.

The server is imported and started with the first use.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, TypeVar, Unpack, cast, overload

from mockserver.errors import UsageError, is_on_purpose
from mockserver.stack import outside
from mockserver.testing.decorate import decorated
from mockserver.testing.wanted import MockOptions, UseOptions, mock_options

if TYPE_CHECKING:
    from mockserver.steering import ApiHandle, SandboxHandle
    from mockserver.testing.uses import Use

__tracebackhide__ = is_on_purpose

Handle = TypeVar("Handle", bound="SandboxHandle | ApiHandle")
Class = TypeVar("Class", bound=type[Any])
Result = TypeVar("Result")


class Mock(Generic[Handle]):
    """What `mock(…)` gives: each `with`, `async with` and call of a decorated function has a sandbox of its own."""

    def __init__(self, api: str | None, given: Mapping[str, Any]) -> None:
        self.api = api
        self.given = given
        self._wanted = mock_options(api, given)
        self._lock = Lock()
        self._use: Use | None = None

    def __enter__(self) -> Handle:
        use = _use(self._wanted, _place(), "0")
        with self._lock:
            if self._use is not None:
                raise UsageError("this mock is in use: each use at the same time wants a `mock(…)` of its own")
            self._use = use
        try:
            return cast("Handle", use.__enter__())
        except BaseException:
            self._use = None
            raise

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        __tracebackhide__ = True
        use, self._use = self._use, None
        if use is not None:
            use.__exit__(kind, error, tb)

    async def __aenter__(self) -> Handle:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        __tracebackhide__ = True
        self.__exit__(kind, error, tb)

    @overload
    def __call__(self, target: Class) -> Class: ...

    @overload
    def __call__(self, target: Callable[..., Result]) -> Callable[..., Result]: ...

    def __call__(self, target: Class | Callable[..., Result]) -> Class | Callable[..., Result]:
        """Decorate a function of any kind, a `unittest.TestCase`, or a class whose methods `test…` are meant."""
        if not isinstance(target, type):
            return decorated(target, self._new_use, self._wanted.argument)
        unittest = sys.modules.get("unittest")
        if unittest is not None and issubclass(target, unittest.TestCase):
            from mockserver.testing.testcase import prepared

            return prepared(target, self.api, self.given)
        for name in dir(target):
            found = inspect.getattr_static(target, name)
            if name.startswith("test") and inspect.isfunction(found):
                setattr(target, name, self(found))
        return target

    def _new_use(self, function: Callable[..., Any]) -> Use:
        return _use(self._wanted, f"{function.__module__}.{function.__qualname__}", function.__qualname__)


def _use(asked: UseOptions, owner: str, seed: str) -> Use:
    from mockserver.testing.uses import Use

    return Use(asked, owner, seed)


def _place() -> str:
    """Where the block of a `with` stands, for the list of requests that came after its end."""
    frame, _ = outside(__file__)
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


@overload
def mock(api: None = None, /, **options: Unpack[MockOptions]) -> Mock[SandboxHandle]: ...


@overload
def mock(api: str, /, **options: Unpack[MockOptions]) -> Mock[ApiHandle]: ...


def mock(api: str | None = None, /, **options: Unpack[MockOptions]) -> Mock[SandboxHandle] | Mock[ApiHandle]:
    """A sandbox of one's own for a while, on a server that all uses of this process share.

    `with mock("name") as api:` gives the sandbox's side of one API, `with mock() as sandbox:` the sandbox; `async with`
    does the same. As a decorator of a function, a coroutine function or a method it passes the handle by name: to the
    parameter that is called as the API, or `sandbox`; `argument` names another one. Each call has a fresh sandbox. A
    `unittest.TestCase` gets `self.sandbox` and `self.name` for each of its tests.

    Options are the keys of `@pytest.mark.mockserver(…)`, and: `intercept=True` leads calls to the vendors' hosts into
    the sandbox (a mapping adds hosts), `fast_forward=True` lets the code under test live in the sandbox's time, and
    `inbox=True` receives its webhooks (`api.inbox`); `contracts` are folders of further contracts; `url` is a server
    that runs elsewhere, `token` its control token.

    At the end ContractViolated is raised for requests that broke the contract, ArmedInVain for what was armed and took
    no effect, and, with `conduct="fail"`, BadConduct; all are AssertionErrors. An error that ends the block gets them
    as notes. Raises UsageError for unknown options.
    """
    return Mock(api, options)
