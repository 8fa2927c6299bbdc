"""Do something with a module: now if it is imported, else when somebody imports it. Imports nothing by itself."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import Any

Callback = Callable[[ModuleType], None]


@contextmanager
def when_imported(callbacks: Mapping[str, Callback]) -> Iterator[None]:
    """Call each callback once with its module: at once, or right after its first import inside this context."""
    for name, callback in callbacks.items():
        if name in sys.modules:
            callback(sys.modules[name])
    waiting = {name: callback for name, callback in callbacks.items() if name not in sys.modules}
    finder = _Finder(waiting)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        waiting.clear()
        sys.meta_path.remove(finder)


class _Finder:
    """Finds nothing itself: it lets the other finders find, and listens to the loader they name."""

    def __init__(self, waiting: dict[str, Callback]) -> None:
        self._waiting = waiting
        self._searching: set[str] = set()

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name not in self._waiting or name in self._searching:
            return None
        self._searching.add(name)  # or the search below would come back here
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self._searching.discard(name)
        if spec is not None and spec.loader is not None:
            _listen(spec.loader, self._waiting)
        return spec


def _listen(loader: Any, waiting: dict[str, Callback]) -> None:
    """The loader belongs to this one spec, so its method can be replaced for good."""
    execute = loader.exec_module

    def exec_module(module: ModuleType) -> None:
        execute(module)
        callback = waiting.pop(module.__name__, None)
        if callback is not None:
            callback(module)

    loader.exec_module = exec_module
