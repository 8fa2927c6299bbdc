"""Steering a server from a test: sandboxes, clocks, plans, faults, journals, over the control API.

Imports nothing of the server: `Steering("http://127.0.0.1:8000")` works against one in another process too.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mockserver.expected_silence import Silence
from mockserver.steering.accounts import Account
from mockserver.steering.answers import Answer, Route
from mockserver.steering.armed import Armed, ArmedList, Place, Unused
from mockserver.steering.clock import SandboxClock
from mockserver.steering.connection import ControlError, Unreachable
from mockserver.steering.endpoints import WebhookEndpoint
from mockserver.steering.faults import Fault, Plan
from mockserver.steering.handles import ApiHandle, SandboxHandle
from mockserver.steering.journal import JournalView, Mode, Violations, shown
from mockserver.steering.requests import Requests
from mockserver.steering.server import Steering
from mockserver.steering.watching import Event

if TYPE_CHECKING:
    from mockserver.steering.checked import FaultName
    from mockserver.steering.forms import File
    from mockserver.steering.messages import BodyError, Request, Response
    from mockserver.steering.multidict import Headers, MultiDict
    from mockserver.steering.records import Attempt, Delivery, Entry, Finding, Job, Violation

__all__ = [
    "Account",
    "Answer",
    "ApiHandle",
    "Armed",
    "ArmedList",
    "Attempt",
    "BodyError",
    "ControlError",
    "Delivery",
    "Entry",
    "Event",
    "Fault",
    "FaultName",
    "File",
    "Finding",
    "Headers",
    "Job",
    "JournalView",
    "Mode",
    "MultiDict",
    "Place",
    "Plan",
    "Request",
    "Requests",
    "Response",
    "Route",
    "SandboxClock",
    "SandboxHandle",
    "Silence",
    "Steering",
    "Unreachable",
    "Unused",
    "Violation",
    "Violations",
    "WebhookEndpoint",
    "shown",
]


_PLACES = {
    "BodyError": "messages", "File": "forms", "Headers": "multidict", "MultiDict": "multidict", "Request": "messages",
    "Response": "messages",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Records and messages are imported when something is first told: many dataclasses take their time."""
    if name not in __all__:
        raise AttributeError(name)
    if name == "FaultName":  # a type checker knows them all
        return str
    return getattr(import_module(f"{__name__}.{_PLACES.get(name, 'records')}"), name)
