"""Which contracts need not be looked through again: those that are as they were shipped, and those that were sound.

What a wheel brought is listed with digests in the RECORD that its installer wrote; a file that somebody edited there
has another one. In a checkout, and of contracts of one's own, those are remembered in which nothing was found, by the
digest of their files: as empty files in a folder of caches. A folder that cannot be written is no error: then they are
looked through at each start. Reads no contract.
"""

from __future__ import annotations

import os
import sys
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from mockserver.loader.shipped import PACKAGE, STANDARD

FOLDER = "MOCKSERVER_CACHE_DIR"
"""The variable of the environment that names another folder."""
MOST = 500


def as_shipped(folder: Path, texts: Mapping[str, bytes]) -> bool:
    """Whether files in a folder, by their names, are those that a wheel brought, and so is what is written once."""
    folder = folder.resolve()
    if not folder.is_relative_to(PACKAGE):
        return False
    files = {folder / name: text for name, text in texts.items()} | {STANDARD: STANDARD.read_bytes()}
    known = _recorded(PACKAGE)
    return all(known.get(file.relative_to(PACKAGE.parent).as_posix()) == _base64(text) for file, text in files.items())


def _base64(text: bytes) -> str:
    return urlsafe_b64encode(sha256(text).digest()).rstrip(b"=").decode()


@lru_cache(maxsize=1)
def _recorded(package: Path) -> Mapping[str, str]:
    """The digests of the shipped contracts, by path; none where no installer wrote any."""
    found: dict[str, str] = {}
    with suppress(OSError, ValueError):
        for record in package.parent.glob("mockserver_kit-*.dist-info/RECORD"):
            rows = (line.split(",sha256=") for line in record.read_text("utf-8").splitlines() if "/contracts/" in line)
            found |= {row[0]: row[1].partition(",")[0] for row in rows if len(row) == 2}
    return found


def digest_of(name: str, schema: bytes, texts: Mapping[str, bytes]) -> str:
    """What a contract of a name and with these files is known by, as this version of the package reads it."""
    version = sys.modules["mockserver"].__version__  # the package above is there; to import it would be a circle
    found = sha256(f"{version} {name}".encode())
    for each in (schema, STANDARD.read_bytes(), *texts.values()):
        found.update(b"\0%d\0" % len(each) + each)
    return found.hexdigest()


def folder() -> Path:
    """Where it is remembered. Raises RuntimeError where the user has no home."""
    if named := os.environ.get(FOLDER):
        return Path(named)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "mockserver" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "mockserver"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mockserver"


def _path(digest: str) -> Path:
    return folder() / "sound" / digest[:40]


def was_sound(digest: str) -> bool:
    """Whether nothing was found in a contract with this digest; it is remembered as the newest."""
    with suppress(OSError, RuntimeError, ValueError):
        os.utime(_path(digest))
        return True
    return False


def remember(digest: str) -> None:
    """Nothing was found in a contract with this digest. The oldest make room."""
    with suppress(OSError, RuntimeError, ValueError):
        path = _path(digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        known = sorted(path.parent.iterdir(), key=lambda each: each.stat().st_mtime_ns)
        for old in known[:-MOST]:
            old.unlink()
