"""A stand-in for the HTTP APIs that render media: jobs, clocks, faults and contracts.

`start` serves all APIs in a thread: `with start() as server: …`. `mock` is a sandbox for a test, whatever runs it:
`with mock("name") as api: …`, or a decorator; `MockserverTestCase` is one for each test of `unittest`. `intercepting`
leads programs in any language to a server: `with intercepting() as env: subprocess.run(…, env=env)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockserver.launch import Running, start
    from mockserver.proxy import intercepting
    from mockserver.testing.testcase import MockserverTestCase
    from pytest_plugin.apis import mock  # generated: what it gives for each name

__all__ = ["MockserverTestCase", "Running", "__version__", "intercepting", "mock", "start"]
__version__ = "0.1.0"

_PLACES = {
    "MockserverTestCase": "mockserver.testing.testcase",
    "Running": "mockserver.launch",
    "intercepting": "mockserver.proxy",
    "mock": "mockserver.testing.mock",
    "start": "mockserver.launch",
}


def __getattr__(name: str) -> Any:
    """Import on demand: `import mockserver` costs nothing until something is started."""
    if name not in _PLACES:
        raise AttributeError(name)
    import importlib

    return getattr(importlib.import_module(_PLACES[name]), name)
