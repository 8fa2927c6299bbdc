"""A sandbox's state as a test has it: a JSON value, or a file of one. The server judges it."""

from __future__ import annotations

import json
from pathlib import Path

from mockserver.errors import UsageError, is_on_purpose
from mockserver.files import text_of
from mockserver.json_types import Json

__tracebackhide__ = is_on_purpose


def snapshot_of(source: Json | Path | None) -> Json | None:
    """The JSON value. Raises UsageError for a file that cannot be read, or holds something else."""
    if not isinstance(source, Path):
        return source
    try:
        snapshot = json.loads(text_of(source))
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"the snapshot cannot be read: {error}") from None
    if not isinstance(snapshot, dict):
        raise UsageError(f"{source} holds no snapshot: one is a JSON object")
    return snapshot
