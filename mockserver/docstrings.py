"""What a class or function says of itself, also where Python threw it away (`python -OO`, PYTHONOPTIMIZE=2)."""

from __future__ import annotations

import ast
import inspect
import sys
from typing import Any


def docstring(thing: Any) -> str:
    """The docstring, from the source where Python keeps none; empty where there is no source either."""
    has_docstrings = sys.flags.optimize < 2  # a dataclass without one is given its signature for it
    return (inspect.getdoc(thing) or "" if has_docstrings else _written(thing)).strip()


def _written(thing: Any) -> str:
    try:
        tree = ast.parse(inspect.getsource(sys.modules[thing.__module__]))
    except (OSError, TypeError, KeyError, SyntaxError):
        return ""
    kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = (node for node in ast.walk(tree) if isinstance(node, kinds) and node.name == thing.__name__)
    return next((ast.get_docstring(node) or "" for node in nodes), "")
