"""An imported contract as files: the two of every contract, and what an update has to know. Guesses nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mockserver.errors import UsageError
from mockserver.files import bytes_of, new_folder
from mockserver.imported.importing import Imported
from mockserver.imported.layout import laid_out
from mockserver.loader import SCHEMA, SHIPPED
from mockserver.loader.source import BEHAVIOR, OPENAPI, read_json

VENDOR = "vendor.json"
"""The part of the vendor's document that the contract was made from, to compare a newer one with."""
NOTES = "imported.json"
"""Which document it was, and all that was guessed."""


def write(folder: Path, made: Imported) -> None:
    """Write an imported contract into a new folder. Raises OSError."""
    said = notes(made)
    files = {OPENAPI: made.openapi, BEHAVIOR: made.behavior, VENDOR: made.vendor, NOTES: said}
    with new_folder(folder):
        for name, document in files.items():
            (folder / name).write_bytes(laid_out(document).encode())
        (folder / SCHEMA).write_bytes((SHIPPED / SCHEMA).read_bytes())


def notes(made: Imported) -> dict[str, Any]:
    """What an update has to know, and what a reader shall look at; every guess is assumed."""
    rows = [{**guess._asdict(), "evidence": "assumed"} for guess in made.guesses]
    said = {"document": made.file, "version": made.vendor["info"]["version"], "only": list(made.only)}
    left, others = ([each._asdict() for each in several] for several in (made.left, made.others))
    return said | {"guesses": rows, "left_out": left, "others": others}


def opened(path: Path, shown: str) -> Any:
    """A document of an imported contract. Raises UsageError where there is none."""
    try:
        return read_json(bytes_of(path), shown)
    except OSError as error:
        raise UsageError(f"{shown} cannot be read: {error.strerror}; is this a contract that was imported?") from None


def only_of(said: Any) -> tuple[str, ...]:
    """The paths that were named when it was imported."""
    listed = said.get("only") if isinstance(said, dict) else None
    return tuple(each for each in listed if isinstance(each, str)) if isinstance(listed, list) else ()
