"""Types and their layout as the text of a stub file. Knows neither faults nor contracts."""

from __future__ import annotations

import json
import types
from collections.abc import Iterable
from typing import Annotated, Any, Literal, Union, get_args, get_origin

WIDTH = 120
HEAD = """# Made by `{command}`{fresh}.
# A handle of one API takes fewer texts than one of any: that is its use, though it breaks the rule of subclasses.
# mypy: disable-error-code="override"
# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false
# ruff: noqa
# fmt: off
"""


def type_text(kind: Any) -> str:
    """A type of a parameter as it is written: bounds are left to the server."""
    origin, args = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return type_text(args[0])
    if origin in (Union, types.UnionType):
        return " | ".join(map(type_text, args))
    if origin is Literal:
        return literal(args)
    return "None" if kind is type(None) else str(kind.__name__)


def literal(words: Iterable[str]) -> str:
    """One of these words; `Never` where there are none."""
    told = ", ".join(text(word) for word in words)
    return f"Literal[{told}]" if told else "Never"


def text(word: str) -> str:
    """A text as Python has it, in double quotes."""
    return json.dumps(word, ensure_ascii=False)


def laid_out(before: str, parts: Iterable[str], after: str, indent: str = "") -> str:
    """`before` parts `after`, on one line if that is short enough, else on lines of their own."""
    parts = list(parts)
    line = f"{indent}{before}{', '.join(parts)}{after}"
    if len(line) <= WIDTH:
        return line
    lines, inner = [""], indent + "    "
    for part in parts:
        if lines[-1] and len(inner + lines[-1]) + len(part) + 2 > WIDTH:
            lines.append("")
        lines[-1] += f"{' ' if lines[-1] else ''}{part},"
    body = "\n".join(inner + line for line in lines)
    return f"{indent}{before}\n{body}\n{indent}{after}"


def alias(name: str, words: Iterable[str]) -> str:
    """A name for one of these words."""
    told = [text(word) for word in words]
    return laid_out(f"{name}: TypeAlias = Literal[", told, "]") if told else f"{name}: TypeAlias = Never"
