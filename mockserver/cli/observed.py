"""`mockserver new NAME --from session.har`: writes the contract of a recording, and says what to look at."""

from __future__ import annotations

import copy
import json
import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mockserver.cli.terminal import tell, tell_table
from mockserver.errors import ContractError, UsageError
from mockserver.files import bytes_of, new_folder
from mockserver.json_types import TYPES
from mockserver.loader import SCHEMA, SHIPPED

if TYPE_CHECKING:
    from mockserver.imported.facts import Guess
    from mockserver.observed import ObservedContract


def archive_in(file: Path) -> Any:
    """The recording in a file; None where it is something else. Raises OSError, and UsageError for a file that is
    called one and is none.
    """
    from mockserver.observed import is_archive

    data = bytes_of(file)
    is_called_one = file.suffix.lower() == ".har"
    if b'"log"' not in data and not is_called_one:
        return None
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        if is_called_one:
            why = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
            raise UsageError(f"{file} is no recording: HAR is JSON, and this is none: {why}") from None
        return None
    if is_called_one and not is_archive(document) and not _describes(document):
        raise UsageError(f"{file} is no recording: {_lack(document)}")
    return _whole(document, data) if is_archive(document) else None


def _describes(document: Any) -> bool:
    """Whether it is a description of an API, whatever its file is called."""
    return isinstance(document, dict) and bool({"openapi", "swagger"} & document.keys())


def _lack(document: Any) -> str:
    """What HAR has and this has not."""
    if not isinstance(document, dict):
        return f"HAR is an object, and this is {TYPES[type(document)]}"
    if not isinstance(document.get("log"), dict):
        return "HAR has an object `log`, and this has none"
    return "HAR has a list of what was asked, `log.entries`, and this has none"


def _whole(document: Any, data: bytes) -> Any:
    """The same without halves of characters, which no file can hold."""
    if not re.search(rb"(?i)\\ud[89a-f]", data):
        return document
    return json.loads(json.dumps(document, ensure_ascii=False).encode("utf-8", "replace"))


def write_observed(folder: Path, name: str, archive: Any, host: str = "") -> bool:
    """Make the folder of a contract from HAR; whether that is sound. Raises UsageError and OSError."""
    from mockserver.check import check
    from mockserver.imported.layout import laid_out
    from mockserver.observed import contract_of

    contract = contract_of(archive, name.title(), host)
    with new_folder(folder):
        for file, data in contract.files.items():
            (folder / file).write_bytes(data)
        omitted, openapi, behavior = _mended(folder, contract)
        (folder / "openapi.json").write_bytes(laid_out(openapi).encode())
        (folder / "behavior.json").write_bytes(laid_out(behavior).encode())
        (folder / SCHEMA).write_bytes((SHIPPED / SCHEMA).read_bytes())
    tell(f"{folder} is written, of what was recorded. What was seen is marked `observed`, the rest `assumed`.")
    tell_table("Found", ("what", "taken for", "look at"), contract.notes)
    if omitted:
        tell_table("Left out", ("what", "became", "why", "look at"), omitted)
    place = shlex.quote(str(folder))
    tell(f"Check it after each change:\n    mockserver check {place}")
    tell(f"Serve it beside the others:\n    mockserver serve --contracts {place}")
    findings = check(folder) if omitted is None else []
    for finding in findings:
        tell(f"Not sound yet: {finding}")
    return not findings


def _mended(folder: Path, contract: ObservedContract) -> tuple[Sequence[Guess] | None, Any, Any]:
    """What had to be left out for a contract to be sound, and its two files; None and these as they are, where nothing
    helps.
    """
    from mockserver.imported.soundness import made_sound

    openapi, behavior = copy.deepcopy(contract.openapi), copy.deepcopy(contract.behavior)
    try:
        return made_sound(folder.name, openapi, behavior, folder), openapi, behavior
    except ContractError:
        return None, contract.openapi, contract.behavior
