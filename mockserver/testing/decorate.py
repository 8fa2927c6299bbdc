"""A function run inside a context whose value it may take as an argument. Knows neither sandbox nor server."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager, aclosing
from typing import Any

from mockserver.errors import is_on_purpose

__tracebackhide__ = is_on_purpose

Function = Callable[..., Any]
Using = Callable[[Function], AbstractContextManager[Any]]


def decorated(function: Function, using: Using, argument: str) -> Function:
    """The function, each call in a new context of `using(function)`; its value is the `argument` of one that takes it.

    Functions, coroutine functions, generator functions and those that are both.
    """
    taken = argument if _is_taken(function, argument) else ""
    call = _around(function, functools.partial(using, function), taken)
    call.__signature__ = _without(function, argument)  # type: ignore[attr-defined]  # pytest asks it for fixtures
    return call


def _around(function: Function, using: Callable[[], AbstractContextManager[Any]], argument: str) -> Function:
    def with_value(value: Any) -> dict[str, Any]:
        return {argument: value} if argument else {}

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        with using() as value:
            return function(*args, **with_value(value), **kwargs)

    @functools.wraps(function)
    async def call_coroutine(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        with using() as value:
            return await function(*args, **with_value(value), **kwargs)

    @functools.wraps(function)
    def generate(*args: Any, **kwargs: Any) -> Any:
        with using() as value:
            return (yield from function(*args, **with_value(value), **kwargs))

    @functools.wraps(function)
    async def generate_in_loop(*args: Any, **kwargs: Any) -> Any:
        with using() as value:
            async with aclosing(function(*args, **with_value(value), **kwargs)) as made:
                async for each in made:
                    yield each

    kinds = (
        (inspect.iscoroutinefunction, call_coroutine),
        (inspect.isasyncgenfunction, generate_in_loop),
        (inspect.isgeneratorfunction, generate),
    )
    return next((made for is_kind, made in kinds if is_kind(function)), call)


def _is_taken(function: Function, argument: str) -> bool:
    parameters = inspect.signature(function).parameters.values()
    return any(parameter.name == argument or parameter.kind is parameter.VAR_KEYWORD for parameter in parameters)


def _without(function: Function, argument: str) -> inspect.Signature:
    """What is left to the caller."""
    signature = inspect.signature(function)
    return signature.replace(
        parameters=[parameter for parameter in signature.parameters.values() if parameter.name != argument]
    )
