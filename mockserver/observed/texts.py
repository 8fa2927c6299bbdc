"""Texts of an archive: as JSON, and without secrets. Knows no entry."""

from __future__ import annotations

import json
import re

from mockserver.intake import EVENT_STREAM, STREAMS
from mockserver.json_types import JsonValue
from mockserver.loader.source import fraction, is_deeper, whole
from mockserver.pointers import MISSING
from mockserver.redaction.exchanges import Hiding
from mockserver.validation.events import EventText, events_of

DEEPEST = 40
"""A body in which values nest deeper is nobody's, and no contract could say it."""


def shown_text(text: str, media: str, hiding: Hiding) -> str:
    """An answer that is a text, without secrets; of a stream its events, of which those in JSON have names for them."""
    if media not in STREAMS:
        return hiding.text(text)
    are_lines, ticks = (
        media != EVENT_STREAM,
        ": \n" * (media == EVENT_STREAM and re.search(r"(?m)^:", text) is not None),
    )
    return ticks + "".join(_event(each, hiding, are_lines) for each in events_of(text, are_lines=are_lines))


def _event(event: EventText, hiding: Hiding, is_line: bool) -> str:
    value = json_in(event.data)
    data = hiding.text(event.data) if value is MISSING else json.dumps(hiding.json(value, is_answer=True))
    if is_line:
        return f"{data}\n"
    name = f"event: {hiding.text(event.name)}\n" if event.name else ""
    return name + "".join(f"data: {line}\n" for line in data.split("\n")) + "\n"


def json_in(text: str) -> JsonValue:
    """What a text is as JSON; MISSING for what is none, or too deep."""
    try:
        found = json.loads(text, parse_int=whole, parse_float=fraction, parse_constant=fraction)
    except (ValueError, RecursionError):
        return MISSING
    return MISSING if is_deeper(found, DEEPEST) else found
