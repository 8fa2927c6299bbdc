"""`mockserver new NAME --from session.har`: writes the contract of a recording, and says what to look at."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

from mockserver.cli.terminal import tell, tell_table
from mockserver.files import bytes_of, new_folder
from mockserver.loader import SCHEMA, SHIPPED


def archive_in(file: Path) -> Any:
    """The recording in a file; None where it is something else. Raises OSError."""
    from mockserver.observed import is_archive

    data = bytes_of(file)
    if b'"log"' not in data:
        return None
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return _whole(document, data) if is_archive(document) else None


def _whole(document: Any, data: bytes) -> Any:
    """The same without halves of characters, which no file can hold."""
    if not re.search(rb"(?i)\\ud[89a-f]", data):
        return document
    return json.loads(json.dumps(document, ensure_ascii=False).encode("utf-8", "replace"))


def write_observed(folder: Path, name: str, archive: Any, host: str = "") -> None:
    """Make the folder of a contract from HAR. Raises UsageError and OSError."""
    from mockserver.check import check
    from mockserver.imported.layout import laid_out
    from mockserver.observed import contract_of

    made = contract_of(archive, name.title(), host)
    with new_folder(folder):
        (folder / "openapi.json").write_bytes(laid_out(made.openapi).encode())
        (folder / "behavior.json").write_bytes(laid_out(made.behavior).encode())
        (folder / SCHEMA).write_bytes((SHIPPED / SCHEMA).read_bytes())
        for file, data in made.files.items():
            (folder / file).write_bytes(data)
    tell(f"{folder} is written, of what was recorded. What was seen is marked `observed`, the rest `assumed`.")
    tell_table("Found", ("what", "taken for", "look at"), made.notes)
    place = shlex.quote(str(folder))
    tell(f"Check it after each change:\n    mockserver check {place}")
    tell(f"Serve it beside the others:\n    mockserver serve --contracts {place}")
    for finding in check(folder):
        tell(f"Not sound yet: {finding}")
