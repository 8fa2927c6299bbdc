"""What a request says that brings a piece of an upload, in the style of its operation. Sends nothing."""

from __future__ import annotations

from typing import Any

from mockserver.contract import Operation
from mockserver.live.requests import Sample


def bringing(asked: Sample, start: int, stop: int, total: int, number: int = 1) -> Sample:
    """The request with the words for the bytes from `start` to `stop` of so many; of parts, for one of this number."""
    for place, value in _words(asked.operation, start, stop, total, number).items():
        asked = asked.having(place, value)
    return asked


def asking(asked: Sample, total: int) -> Sample | None:
    """The request that asks how much has arrived; None where a style has none."""
    pieces = asked.operation.pieces
    if pieces is None or pieces.style not in ("range", "commands"):
        return None
    place, value = ("range", f"bytes */{total}") if pieces.style == "range" else ("command", "query")
    return asked.having(pieces.places[place], value)


def _words(operation: Operation, start: int, stop: int, total: int, number: int) -> dict[str, Any]:
    pieces = operation.pieces
    if pieces is None:
        return {}
    command = "upload, finalize" if stop == total else "upload"
    said = {"range": f"bytes {start}-{stop - 1}/{total}", "offset": start, "command": command, "number": number}
    return {place: said[word] for word, place in pieces.places.items()}
