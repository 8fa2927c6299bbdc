"""What a test has of a server, whatever runs it: a sandbox of its own, tools beside it, and a judgement at the end.

Knows no test runner; `pytest_plugin` makes fixtures of it, `mock` makes blocks and decorators.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockserver.testing.judgement import (
        ArmedInVain,
        BadConduct,
        ContractViolated,
        Failure,
        HandlerRaised,
        MockserverWarning,
    )

__all__ = ["ArmedInVain", "BadConduct", "ContractViolated", "Failure", "HandlerRaised", "MockserverWarning"]


def __getattr__(name: str) -> object:
    """Import on demand: pytest imports this package at every start."""
    if name not in __all__:
        raise AttributeError(name)
    from mockserver.testing import judgement

    return getattr(judgement, name)
