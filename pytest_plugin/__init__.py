"""The pytest plugin. Its fixtures' types are imported from here: `from pytest_plugin import WebhookInbox`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockserver.steering import ApiHandle, SandboxHandle, Steering
    from pytest_plugin.exploration import answers, explore, schedules
    from pytest_plugin.inbox import Received, WebhookInbox
    from pytest_plugin.intercept import Intercept
    from pytest_plugin.virtual_time import ClockRanAway, FastForward

__all__ = [
    "ApiHandle",
    "ClockRanAway",
    "FastForward",
    "Intercept",
    "Received",
    "SandboxHandle",
    "Steering",
    "WebhookInbox",
    "answers",
    "explore",
    "schedules",
]

_PLACES = {
    "ApiHandle": "mockserver.steering",
    "ClockRanAway": "pytest_plugin.virtual_time",
    "FastForward": "pytest_plugin.virtual_time",
    "Intercept": "pytest_plugin.intercept",
    "Received": "pytest_plugin.inbox",
    "SandboxHandle": "mockserver.steering",
    "Steering": "mockserver.steering",
    "WebhookInbox": "pytest_plugin.inbox",
    "answers": "pytest_plugin.exploration",
    "explore": "pytest_plugin.exploration",
    "schedules": "pytest_plugin.exploration",
}


def __getattr__(name: str) -> Any:
    """Import on demand: pytest imports this package at every start."""
    if name not in _PLACES:
        raise AttributeError(name)
    import importlib

    return getattr(importlib.import_module(_PLACES[name]), name)
