"""What users touch has types: no `Any` in it, but for values of JSON, which have a name of their own."""

from __future__ import annotations

import ast
import importlib
import inspect
import textwrap
from collections.abc import Iterator
from typing import Any

import pytest

from mockserver.json_types import Json

PUBLIC = ("mockserver", "mockserver.steering", "mockserver.errors", "pytest_plugin")
OURS = ("mockserver", "pytest_plugin", __name__)
PROTOCOL = {"__getattr__", "__setattr__", "__class_getitem__"}  # Python's own say Any


def _exported(module: str) -> Iterator[tuple[str, Any]]:
    found = importlib.import_module(module)
    names = getattr(found, "__all__", None) or [n for n, each in vars(found).items() if inspect.isclass(each)]
    for name in names:
        yield f"{module}.{name}", getattr(found, name)


def _annotations(named: str, thing: Any) -> Iterator[tuple[str, str]]:
    """Every annotation of a public function, or of a public class with its public members."""
    if inspect.isclass(thing):
        for owner in (each for each in thing.__mro__ if each.__module__.split(".")[0] in OURS):
            yield from _attributes(named, owner)
            for name, member in vars(owner).items():
                if name not in PROTOCOL and (not name.startswith("_") or name in ("__init__", "__call__")):
                    yield from _annotations(f"{named}.{name}", member)
        return
    function = getattr(thing, "fget", None) or getattr(thing, "__func__", thing)  # of a property, of a class method
    if inspect.isfunction(function):
        yield from ((f"{named}({name})", str(written)) for name, written in function.__annotations__.items())


def _is_ours(function: Any) -> bool:
    """Not one that `dataclass` made, which has no source."""
    return str(inspect.unwrap(function).__code__.co_filename).endswith(".py")


def _attributes(named: str, kind: type) -> Iterator[tuple[str, str]]:
    """What it declares, and what its methods write at `self`, where they say of which type."""
    yield from ((f"{named}.{n}", str(w)) for n, w in vars(kind).get("__annotations__", {}).items() if n[0] != "_")
    written = [inspect.getsource(each) for each in vars(kind).values() if inspect.isfunction(each) and _is_ours(each)]
    for node in (node for text in written for node in ast.walk(ast.parse(textwrap.dedent(text)))):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Attribute) and node.target.attr[0] != "_":
            yield f"{named}.{node.target.attr}", ast.unparse(node.annotation)


def _is_any(written: str) -> bool:
    return any(isinstance(node, ast.Name) and node.id == "Any" for node in ast.walk(ast.parse(written, mode="eval")))


class Sample:
    attribute: Any

    def __init__(self, given: dict[str, Any]) -> None:
        self.kept: list[Any] = [given]

    @property
    def told(self) -> Any: ...
    @classmethod
    def made(cls) -> Json: ...
    def _private(self) -> Any: ...


def test_any_is_seen_wherever_it_stands_in_a_class() -> None:
    places = {place for place, written in _annotations("Sample", Sample) if _is_any(written)}
    assert places == {"Sample.attribute", "Sample.__init__(given)", "Sample.kept", "Sample.told(return)"}


@pytest.mark.parametrize("module", PUBLIC)
def test_no_public_name_has_any_in_its_types(module: str) -> None:
    found = [
        f"{place}: {written}"
        for named, thing in _exported(module)
        for place, written in _annotations(named, thing)
        if _is_any(written)
    ]
    assert not found, "\n".join(found)
