"""Streams of events as text → events: `text/event-stream` as the HTML Standard has it, or lines of JSON.

Knows no meaning of an event.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_ENDS = re.compile("\r\n|\n|\r")


class EventText(NamedTuple):
    """What was sent at once: its name, empty where none was said, and its text."""

    name: str
    data: str


def events_of(text: str, *, are_lines: bool = False) -> Iterator[EventText]:
    """The events of a stream, or its lines of JSON; one that is not ended is left out, as it may be a beginning."""
    lines = _ENDS.split(text)
    if are_lines:
        yield from (EventText("", line) for line in lines[:-1] if line.strip())
        return
    name, data = "", list[str]()
    for line in lines[:-1]:
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            name = value
        elif field == "data":
            data.append(value)
        elif not line:
            if data:
                yield EventText(name, "\n".join(data))
            name, data = "", []
