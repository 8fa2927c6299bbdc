"""Methods of the handles as a stub file has them, where a contract's names stand in the place of any text.

The signatures are those of the code: a parameter that a method gains is in the stub when it is made anew.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mockserver.stubs.words import laid_out, text

Names = Mapping[str, str]
"""A parameter's name → what stands in the place of `str`, or of `Wanted` among keywords, in its type."""


def methods(kind: type, names: Mapping[str, Names]) -> Iterator[str]:
    """The methods of a class that are named, each with the types of some parameters replaced."""
    for name, replaced in names.items():
        yield method(getattr(kind, name), replaced)


def method(function: Callable[..., Any], replaced: Names) -> str:
    """One method, indented."""
    signature = inspect.signature(function)
    strange = [name for name in replaced if name not in signature.parameters]
    assert not strange, f"{function.__qualname__} has no parameter {', '.join(strange)}"
    parts, is_keyword = [], False
    for each in signature.parameters.values():
        if each.kind is each.KEYWORD_ONLY and not is_keyword:
            is_keyword = True
            parts.append("*")
        parts.append(_parameter(each, replaced.get(each.name)))
    word = "async def" if inspect.iscoroutinefunction(function) else "def"
    returned = f") -> {signature.return_annotation}: ..."
    return laid_out(f"{word} {function.__name__}(", parts, returned, "    ")


def _parameter(each: inspect.Parameter, word: str | None) -> str:
    stars = "**" if each.kind is each.VAR_KEYWORD else "*" if each.kind is each.VAR_POSITIONAL else ""
    if each.annotation is each.empty:
        return f"{stars}{each.name}"
    written = "Wanted" if stars else "str"
    kind = re.sub(rf"\b{written}\b", word or written, str(each.annotation))
    default = "" if each.default is each.empty else f" = {_default(each.default)}"
    return f"{stars}{each.name}: {kind}{default}"


def _default(value: Any) -> str:
    if isinstance(value, str):
        return text(value)
    return repr(value) if value is None or isinstance(value, bool | int | float) else "..."
