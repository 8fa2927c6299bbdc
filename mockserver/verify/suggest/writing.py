"""Suggestions written into a contract's files: all of them or none; what somebody wrote meanwhile is not lost."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp

from mockserver.errors import UsageError
from mockserver.files import bytes_of
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
    paths = {name: (folder / name).resolve() for name in changed}
    new: dict[str, Path] = {}
    try:
        for name, path in paths.items():
            new[name] = _beside(path, after[name])
        _check_unchanged(folder, before)
        _replace(paths, new, before)
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}; nothing is changed") from None
    finally:
        for path in new.values():
            with suppress(OSError):
                path.unlink(missing_ok=True)
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


def _beside(path: Path, content: bytes) -> Path:
    """A new file in the same folder, as it shall be in the other's place. Raises OSError, with no file left."""
    descriptor, name = mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(stat.S_IMODE(path.stat().st_mode))
    except OSError:
        with suppress(OSError):
            Path(name).unlink()
        raise
    return Path(name)


def _replace(paths: Mapping[str, Path], new: Mapping[str, Path], before: Mapping[str, bytes]) -> None:
    """One file after the other; where one cannot be, those before it are as they were."""
    done: list[str] = []
    try:
        for name, path in paths.items():
            new[name].replace(path)
            done.append(name)
    except OSError:
        for name in done:
            paths[name].write_bytes(before[name])
        raise
