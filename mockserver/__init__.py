"""A stand-in for the HTTP APIs that render media: jobs, clocks, faults and contracts.

`start` serves all APIs in a thread: `with start() as server: …`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockserver.launch import Running, start

__all__ = ["Running", "__version__", "start"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Import on demand: `import mockserver` costs nothing until something is started."""
    if name in ("Running", "start"):
        from mockserver import launch

        return getattr(launch, name)
    raise AttributeError(name)
