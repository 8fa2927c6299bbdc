"""Contracts whose webhooks are written in words of their own, for the tests of these words."""

from __future__ import annotations

from typing import Any

from api_kit import Got
from check_kit import Documents, Mutation, behave, both, show

KEY = {"X-API-Key": "demo-key"}
RUN = behave("/resources/job/run", {"queued": {"fixed": 3}, "running": {"fixed": 10}})
STATES = ("queued", "running", "succeeded", "failed", "cancelled")
START = 1_000_000_000


def body_of(*states: str) -> dict[str, Any]:
    """A webhook's request body, with an example for each state."""
    shown = {"event": "x", "job": {"id": "x"}, "at": 1, "token": "x"}
    return {"content": {"application/json": {"examples": {name: {"value": {**shown}} for name in states or STATES}}}}


def told(to: Any = "request./callback", **more: Any) -> Mutation:
    """One webhook with examples of its own, which goes where `to` says."""
    bindings = {"/job/id": "id", "/event": "webhook.event", "/at": "updated", **more.pop("bindings", {})}
    webhook = {"to": to, "bindings": bindings, **more}
    return both(
        show("/webhooks", {"told": {"post": {"requestBody": body_of()}}}),
        behave("/webhooks", {"told": webhook}),
    )


def at_end(**more: Any) -> Mutation:
    """A webhook that tells of the success alone."""
    return told(states=["succeeded"], **more)


def event_of(got: Got) -> tuple[str, int]:
    """What a webhook tells, and how many seconds after the start."""
    return got.json["event"], got.json["at"] - START


def without(file: str, *path: str) -> Mutation:
    """Something less."""

    def change(documents: Documents) -> None:
        node: Any = documents[file]
        for part in path[:-1]:
            node = node[part]
        del node[path[-1]]

    return change
