"""Replacing functions, and putting back what was there. Knows nothing of time."""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from mockserver.virtual_time.frames import Caller, kind_of_file

__tracebackhide__ = True

_ABSENT = object()


class Patches:
    """What was replaced, and how to undo it; undone in reverse order."""

    def __init__(self) -> None:
        self._undo: list[Callable[[], object]] = []
        self._copies: dict[int, tuple[object, object]] = {}
        self._gathered: dict[int, tuple[object, object]] | None = None

    @contextmanager
    def together(self) -> Iterator[None]:
        """Look through the code under test once for all functions that are replaced meanwhile: it may be large."""
        gathered = self._gathered = {}
        try:
            yield
        finally:
            self._gathered = None
            replace_names(gathered)

    def attribute(self, owner: Any, name: str, replacement: Any) -> None:
        """Replace an attribute of a module or a class."""
        before = vars(owner).get(name, _ABSENT)
        setattr(owner, name, replacement)
        self._undo.append(lambda: _restore(owner, name, before))

    def function(self, module: ModuleType, name: str, replacement: Any) -> None:
        """Replace a function of a module, also where the code under test holds it under a name of its own."""
        before = getattr(module, name)
        self._copies[id(before)] = (before, replacement)
        self.attribute(module, name, replacement)
        if self._gathered is None:
            replace_names({id(before): (before, replacement)})
        else:
            self._gathered[id(before)] = (before, replacement)

    def built_in_method(self, type_: type, name: str, replacement: Any) -> None:
        """Replace a method of a type written in C, in place: the type stays itself for `isinstance`, pickles and
        everybody who holds it. (A subclass in its place would be none of these.) CPython only."""
        namespace: dict[str, Any] = gc.get_referents(type_.__dict__)[0]
        before = namespace[name]
        _put(type_, namespace, name, replacement)
        self._undo.append(lambda: _put(type_, namespace, name, before))

    def undo(self) -> None:
        """Put everything back, also in modules that were imported meanwhile."""
        while self._undo:
            self._undo.pop()()
        if self._copies:
            replace_names({id(after): (after, before) for before, after in self._copies.values()})


def _restore(owner: Any, name: str, before: object) -> None:
    if before is _ABSENT:
        delattr(owner, name)
    else:
        setattr(owner, name, before)


def _put(type_: type, namespace: dict[str, Any], name: str, value: Any) -> None:
    namespace[name] = value
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(type_))  # the interpreter caches methods by type


def replace_names(pairs: Mapping[int, tuple[object, object]]) -> None:
    """In all modules of the code under test, let names that hold the first of a pair hold the second; by identity."""
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if not isinstance(file, str) or kind_of_file(file) is not Caller.CODE:
            continue
        names = vars(module)
        for name, value in list(names.items()):
            found = pairs.get(id(value))
            if found is not None and found[0] is value:
                names[name] = found[1]
