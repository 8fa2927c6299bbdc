"""Suggestions written into a contract's files: all of them or none; what somebody wrote meanwhile is not lost."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from mockserver.errors import UsageError
from mockserver.files import bytes_of, replace
from mockserver.loader import SHIPPED


def check_writable(folder: Path, names: Mapping[str, bytes]) -> None:
    """Raises UsageError for a contract that comes with the package, and for files that may not be written."""
    for name in names:
        path = (folder / name).resolve()
        if path.is_relative_to(SHIPPED.resolve()):
            raise UsageError(
                f"{folder.name} comes with mockserver and is not changed: copy {folder} and name the copy's parent"
                " with --contracts"
            )
        if not path.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(path, os.W_OK):
            raise UsageError(f"{folder / name} is read-only: make it writable, or leave out --apply")
        if not os.access(path.parent, os.W_OK):
            raise UsageError(f"{path.parent} is read-only: make it writable, or leave out --apply")


def write(folder: Path, before: Mapping[str, bytes], after: Mapping[str, bytes]) -> list[Path]:
    """Replace what files held by what they shall hold; those that changed. Raises UsageError, with nothing written."""
    changed = [name for name in after if after[name] != before[name]]
    try:
        replace({folder / name: after[name] for name in changed}, lambda: _check_unchanged(folder, before))
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}; nothing is changed") from None
    return [folder / name for name in changed]


def _check_unchanged(folder: Path, before: Mapping[str, bytes]) -> None:
    """Raises UsageError for a file that does not hold any more what it held."""
    for name, held in before.items():
        try:
            now = bytes_of(folder / name)
        except OSError:
            now = None
        if now != held:
            raise UsageError(
                f"{folder / name} was changed while the server was asked; nothing is written: run it again"
            )
