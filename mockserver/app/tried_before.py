"""Which contracts were tried without finding anything, by the digest of their files: a trial is done once for each.

What is remembered stands in a folder of caches, as empty files. A folder that cannot be written is no error: then
contracts are tried at each start. Knows no contract.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

FOLDER = "MOCKSERVER_CACHE_DIR"
"""The variable of the environment that names another folder."""
MOST = 500


def folder() -> Path:
    """Where it is remembered. Raises RuntimeError where the user has no home."""
    if named := os.environ.get(FOLDER):
        return Path(named)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "mockserver" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "mockserver"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mockserver"


def version_here() -> str:
    """The version of this package."""
    from importlib.metadata import PackageNotFoundError, version  # slow to import, and contracts as shipped need none

    try:
        return version("mockserver-kit")
    except PackageNotFoundError:
        return ""


def _path(digest: str) -> Path:
    return folder() / "tried" / sha256(f"{version_here()} {digest}".encode()).hexdigest()[:40]


def was_tried(digest: str) -> bool:
    """Whether a contract with these files was tried by this version."""
    with suppress(OSError, RuntimeError, ValueError):
        return bool(digest) and _path(digest).exists()
    return False


def remember(digest: str) -> None:
    """A contract with these files was tried, and sound. The oldest make room."""
    with suppress(OSError, RuntimeError, ValueError):
        path = _path(digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        known = sorted(path.parent.iterdir(), key=lambda each: each.stat().st_mtime_ns)
        for old in known[:-MOST]:
            old.unlink()
