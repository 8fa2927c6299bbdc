"""Tests of `unittest`: each in a sandbox of its own, that is there before `setUp` and after the last cleanup."""

from __future__ import annotations

import functools
import inspect
import unittest
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from mockserver.errors import MockserverError, is_on_purpose
from mockserver.testing.uses import Use
from mockserver.testing.wanted import mock_options

if TYPE_CHECKING:
    from mockserver.steering import ApiHandle, SandboxHandle
    from pytest_plugin.apis import ShippedHandles  # generated: an attribute for each shipped API
else:
    ShippedHandles = object

__tracebackhide__ = is_on_purpose

Case = TypeVar("Case", bound=type[Any])
__unittest = True  # its reports leave frames of this file out
_GIVEN = "_mockserver_given"


def prepared(case: Case, api: str | None, given: Mapping[str, Any]) -> Case:
    """A class of tests with a sandbox for each; options of a base class hold where these say nothing."""
    before_api, *before = getattr(case, _GIVEN, (None,))
    layers = (*before, given)
    mock_options(api or before_api, *layers)  # what cannot be is said at once
    is_new = not hasattr(case, _GIVEN)
    setattr(case, _GIVEN, (api or before_api, *layers))
    if is_new:
        case.run, case.debug = _inside(case, "run"), _inside(case, "debug")
    return case


def _inside(case: type[Any], name: str) -> Callable[..., Any]:
    """A method that runs the class's own, else the next one of that name in line, in a sandbox."""
    own = vars(case).get(name)

    @functools.wraps(getattr(case, name))
    def run(self: unittest.TestCase, *args: Any, **kwargs: Any) -> Any:
        inner = own.__get__(self) if own is not None else getattr(super(case, self), name)
        if _is_skipped(self):
            return inner(*args, **kwargs)
        with _sandbox_of(self):
            return inner(*args, **kwargs)

    return run


def _is_skipped(test: unittest.TestCase) -> bool:
    method = getattr(test, test._testMethodName, None)
    return any(getattr(each, "__unittest_skip__", False) for each in (type(test), method))


@contextmanager
def _sandbox_of(test: unittest.TestCase) -> Iterator[None]:
    api, *given = getattr(test, _GIVEN)
    name = test._testMethodName
    use = Use(mock_options(api, *given), test.id(), f"{type(test).__qualname__}.{name}")
    try:
        use.begin()
    except MockserverError as error:
        with _attributes(test, setUp=_raiser(error)):  # so that it is an error of this test, and no end of the run
            yield
        return
    own = {"sandbox": use.sandbox, **({api: use.handle} if api else {})}
    try:
        with _attributes(test, **own, **{name: _judged(getattr(test, name), use)}):
            yield
    finally:
        use.end()


def _raiser(error: Exception) -> Callable[[], None]:
    def set_up() -> None:
        raise error

    return set_up


def _judged(method: Callable[..., Any], use: Use) -> Callable[..., Any]:
    """A test that fails for what its client did, too."""

    @functools.wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        with use.judged():
            return method(*args, **kwargs)

    @functools.wraps(method)
    async def call_coroutine(*args: Any, **kwargs: Any) -> Any:
        with use.judged():
            return await method(*args, **kwargs)

    return call_coroutine if inspect.iscoroutinefunction(method) else call


@contextmanager
def _attributes(test: unittest.TestCase, **values: Any) -> Iterator[None]:
    """Attributes of a test for a while."""
    before = {name: vars(test)[name] for name in values if name in vars(test)}
    vars(test).update(values)
    try:
        yield
    finally:
        for name in values:
            vars(test).pop(name, None)
        vars(test).update(before)


class MockserverTestCase(unittest.TestCase, ShippedHandles):
    """Tests with a sandbox for each: `self.sandbox`, and its side of any API by name. `@mock(…)` says what it is like.

    For coroutines: `class Test(MockserverTestCase, unittest.IsolatedAsyncioTestCase)`.
    """

    sandbox: SandboxHandle

    def __getattr__(self, name: str) -> ApiHandle:
        sandbox: SandboxHandle | None = vars(self).get("sandbox")
        if sandbox is None or name not in sandbox.names:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)
        return sandbox.api(name)


prepared(MockserverTestCase, None, {})
