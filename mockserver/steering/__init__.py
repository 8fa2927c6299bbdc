"""Steering a server from a test: sandboxes, clocks, plans, faults, journals, over the control API.

Imports nothing of the server: `Steering("http://127.0.0.1:8000")` works against one in another process too.
"""

from mockserver.steering.clock import SandboxClock
from mockserver.steering.connection import ControlError, Unreachable
from mockserver.steering.handles import ApiHandle, Fault, SandboxHandle, Steering
from mockserver.steering.journal import JournalView, Mode, Violations, shown
from mockserver.steering.records import Account, Attempt, Delivery, Entry, Finding, Job, Violation

__all__ = [
    "Account",
    "ApiHandle",
    "Attempt",
    "ControlError",
    "Delivery",
    "Entry",
    "Fault",
    "Finding",
    "Job",
    "JournalView",
    "Mode",
    "SandboxClock",
    "SandboxHandle",
    "Steering",
    "Unreachable",
    "Violation",
    "Violations",
    "shown",
]
