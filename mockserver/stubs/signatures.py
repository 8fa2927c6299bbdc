"""Methods of the handles as a stub file has them, where a contract's names stand in the place of any text.

The signatures are those of the code: a method or a parameter that a handle gains is in the stub when it is made anew.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from mockserver.faults import MEDIA
from mockserver.stubs.words import laid_out, literal, text

WORDS: Mapping[str, str] = {
    "operation": "Operation",
    "state": "State",
    "outcome": "Outcome",
    "resource": "Resource",
    "fault": "FaultName",
}
"""What a parameter of such a name is one of, where the code says `str`."""
ALSO_MEDIA = {
    "Answering.answer",
    "RequestAssertions.assert_requested",
    "RequestAssertions.assert_not_requested",
    "Requests.filter",
}
"""The methods whose `operation` may be the downloads of results as well."""
NAMES: Mapping[str, str] = {"scenario": "Scenario", "quirk": "Quirk"}
"""What the parameter `name` of such a method is one of."""
Method = Callable[..., Any]


def methods_of(kind: type, *, without: str = "") -> list[Method]:
    """The public methods of a class that take one of the words."""
    found = [each for name, each in inspect.getmembers(kind, inspect.isfunction) if name[0] != "_" and name != without]
    return [each for each in found if method_text(each) != method_text(each, is_replaced=False)]


def method_text(method: Method, *, is_replaced: bool = True) -> str:
    """One method, indented."""
    signature = inspect.signature(method)
    parts, is_keyword = [], False
    for parameter in signature.parameters.values():
        is_keyword |= parameter.kind is parameter.VAR_POSITIONAL
        if parameter.kind is parameter.KEYWORD_ONLY and not is_keyword:
            is_keyword = True
            parts.append("*")
        parts.append(_parameter(parameter, _replacement(method, parameter.name) if is_replaced else None))
    word = "async def" if inspect.iscoroutinefunction(method) else "def"
    return laid_out(f"{word} {method.__name__}(", parts, f") -> {signature.return_annotation}: ...", "    ")


def _replacement(method: Method, parameter: str) -> str | None:
    if parameter == "operation" and method.__qualname__ in ALSO_MEDIA:
        return f"Operation | {literal([MEDIA])}"
    return NAMES.get(method.__name__) if parameter == "name" else WORDS.get(parameter)


def _parameter(each: inspect.Parameter, word: str | None) -> str:
    stars = "**" if each.kind is each.VAR_KEYWORD else "*" if each.kind is each.VAR_POSITIONAL else ""
    if each.annotation is each.empty:
        return f"{stars}{each.name}"
    kind = str(each.annotation).replace("Unpack[", "Unpack[Checked") if stars == "**" else str(each.annotation)
    kind = re.sub(r"\bstr\b", word, kind) if word else kind
    default = "" if each.default is each.empty else f" = {_default(each.default)}"
    return f"{stars}{each.name}: {kind}{default}"


def _default(value: Any) -> str:
    if isinstance(value, str):
        return text(value)
    return repr(value) if value is None or isinstance(value, bool | int | float) else "..."


def imports_for(methods: Iterable[Method], known: Iterable[str]) -> Iterator[str]:
    """Where the names in the methods' types come from, but for those that are `known`."""
    wanted: dict[str, set[str]] = {}
    whole: set[str] = set()
    for method in methods:
        places = _places(method.__module__)
        names = {
            node.id for node in ast.walk(ast.parse(inspect.cleandoc(method_text(method)))) if isinstance(node, ast.Name)
        }
        for name in names - {*known, *vars(builtins)}:
            if places[name] == name:
                whole.add(name)
            else:
                wanted.setdefault(places[name], set()).add(name)
    yield from (f"import {name}" for name in sorted(whole))
    yield from (f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(wanted.items()))


def _places(module: str) -> dict[str, str]:
    """Where each name at the top of a module comes from, those for type checkers alone included."""
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            found.update({alias.asname or alias.name: node.module or "" for alias in node.names})
        elif isinstance(node, ast.Import):
            found.update({alias.name: alias.name for alias in node.names})
    for top in tree.body:
        names = [top.name] if isinstance(top, ast.ClassDef) else []
        names += [
            each.id for each in getattr(top, "targets", [getattr(top, "target", None)]) if isinstance(each, ast.Name)
        ]
        found.update(dict.fromkeys(names, module))
    return found
