"""The state that a server begins with, of a file. Knows what a sandbox is made of, and nothing of what is in it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mockserver.errors import RequestError, UsageError
from mockserver.files import bytes_of

if TYPE_CHECKING:
    from mockserver.app import Mockserver


def snapshot_in(file: Path) -> Mapping[str, Any]:
    """The JSON object in a file. Raises UsageError."""
    from mockserver.validation import parse_json

    try:
        snapshot = parse_json(bytes_of(file))
    except (OSError, RequestError) as error:
        raise UsageError(f"{file} cannot be read: {error}") from None
    if not isinstance(snapshot, dict):
        raise UsageError(f"{file} holds no snapshot: one is a JSON object")
    return snapshot


async def begin_with(app: Mockserver, file: Path, snapshot: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
    """Make the default sandbox of a snapshot, with `changes` in the place of what it says. Raises UsageError."""
    from mockserver.control.snapshots import AT, restored

    try:
        await restored(app.sandboxes, snapshot, changes, app.sandboxes.make_default)
    except RequestError as error:
        raise UsageError(f"{file}#{error.pointer.removeprefix(AT)}: {error.why}{error.guess}") from None
