"""One meaning for each public name: a class or an alias of a type is defined in one module of the two packages."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent

SHARED = {
    "Event": "promised by two packages: one that a schedule lists, and one that a watcher of a sandbox reads",
    "Fault": "what a fault does, for whoever adds one; and in `mockserver.steering` the handle of one that is armed",
    "Finding": "what is wrong with a contract; and in `mockserver.steering` what is wrong with a client: both promised",
    "MockserverWarning": "the plugin's is a warning of pytest, which the one for other test runners cannot be",
}
"""Names that two modules define, and why."""


def _defined(tree: ast.Module) -> Iterator[str]:
    """Public classes and aliases at the top of a module; variables of types are not named for what they are."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield node.name
            continue
        targets = node.targets if isinstance(node, ast.Assign) else []
        targets = [node.target] if isinstance(node, ast.AnnAssign) else targets
        value = getattr(node, "value", None)
        is_variable = isinstance(value, ast.Call) and ast.unparse(value.func) in ("TypeVar", "ParamSpec")
        yield from (each.id for each in targets if isinstance(each, ast.Name) and not is_variable)


def _homes() -> dict[str, list[str]]:
    homes: dict[str, list[str]] = defaultdict(list)
    for package in ("mockserver", "pytest_plugin"):
        for path in sorted((ROOT / package).rglob("*.py")):
            for name in _defined(ast.parse(path.read_text(encoding="utf-8"))):
                if name[0].isupper() and not name.isupper():
                    homes[name].append(str(path.relative_to(ROOT)))
    return homes


def test_every_public_name_of_a_class_or_type_is_defined_once() -> None:
    several = {name: places for name, places in _homes().items() if len(places) > 1}
    assert {name: places for name, places in several.items() if name not in SHARED} == {}
    assert several.keys() == SHARED.keys()


def test_what_is_compared_is_what_is_there() -> None:
    homes = _homes()
    assert homes["Contract"] == ["mockserver/contract.py"]
    assert homes["RawHeaders"] == ["mockserver/header_types.py"]
    assert "Item" in homes
    assert "T" not in homes
    assert sum(map(len, homes.values())) > 600
