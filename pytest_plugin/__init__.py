"""The pytest plugin. Its fixtures' types are imported from here: `from pytest_plugin import WebhookInbox`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockserver.inbox import Received, WebhookInbox
    from mockserver.intercept import Intercept
    from mockserver.steering import ApiHandle, FaultName, Request, Response, SandboxHandle, Steering
    from mockserver.virtual_time import ClockRanAway, FastForward
    from pytest_plugin.apis import Miraflow, Miragic, Mirrago, Vidgen
    from pytest_plugin.exploration import answers, explore, schedules

__all__ = [
    "ApiHandle",
    "ClockRanAway",
    "FastForward",
    "FaultName",
    "Intercept",
    "Miraflow",
    "Miragic",
    "Mirrago",
    "Received",
    "Request",
    "Response",
    "SandboxHandle",
    "Steering",
    "Vidgen",
    "WebhookInbox",
    "answers",
    "explore",
    "schedules",
]

_TYPED = ("Miraflow", "Miragic", "Mirrago", "Vidgen")  # to a type checker; else they are like any other API
_PLACES = {
    "ApiHandle": "mockserver.steering",
    "ClockRanAway": "mockserver.virtual_time",
    "FastForward": "mockserver.virtual_time",
    "FaultName": "mockserver.steering",
    "Intercept": "mockserver.intercept",
    "Received": "mockserver.inbox",
    "Request": "mockserver.steering",
    "Response": "mockserver.steering",
    "SandboxHandle": "mockserver.steering",
    "Steering": "mockserver.steering",
    "WebhookInbox": "mockserver.inbox",
    "answers": "pytest_plugin.exploration",
    "explore": "pytest_plugin.exploration",
    "schedules": "pytest_plugin.exploration",
}


def __getattr__(name: str) -> Any:
    """Import on demand: pytest imports this package at every start."""
    place = "ApiHandle" if name in _TYPED else name
    if place not in _PLACES:
        raise AttributeError(name)
    import importlib

    return getattr(importlib.import_module(_PLACES[place]), place)
