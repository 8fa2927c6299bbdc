"""Steering a server from a test: sandboxes, clocks, plans, faults, journals, over the control API.

Imports nothing of the server: `Steering("http://127.0.0.1:8000")` works against one in another process too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver.silence import Silence
from mockserver.steering.accounts import Account
from mockserver.steering.clock import SandboxClock
from mockserver.steering.connection import ControlError, Unreachable
from mockserver.steering.faults import Fault
from mockserver.steering.handles import ApiHandle, SandboxHandle
from mockserver.steering.journal import JournalView, Mode, Violations, shown
from mockserver.steering.server import Steering

if TYPE_CHECKING:
    from mockserver.steering.checked import FaultName
    from mockserver.steering.records import Attempt, Delivery, Entry, Finding, Job, Violation

__all__ = [
    "Account",
    "ApiHandle",
    "Attempt",
    "ControlError",
    "Delivery",
    "Entry",
    "Fault",
    "FaultName",
    "Finding",
    "Job",
    "JournalView",
    "Mode",
    "SandboxClock",
    "SandboxHandle",
    "Silence",
    "Steering",
    "Unreachable",
    "Violation",
    "Violations",
    "shown",
]


def __getattr__(name: str) -> Any:
    """The records are imported when something is first told, as many dataclasses take their time."""
    if name not in __all__:
        raise AttributeError(name)
    if name == "FaultName":  # a type checker knows them all
        return str
    from mockserver.steering import records

    return getattr(records, name)
