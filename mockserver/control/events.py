"""The streams of events of the control API: of one sandbox, and of the list of sandboxes."""

from __future__ import annotations

from mockserver.control.request import ControlRequest
from mockserver.control.watching import EventStream, watches_of


async def read_events(request: ControlRequest) -> EventStream:
    """What happens in a sandbox, from now on or behind the last event that was read."""
    sandbox = request.sandbox()
    return watches_of(request.sandboxes).stream(sandbox, request.last_event_id)


async def read_all_events(request: ControlRequest) -> EventStream:
    """Which sandboxes are made and closed."""
    return watches_of(request.sandboxes).stream(None, request.last_event_id)
