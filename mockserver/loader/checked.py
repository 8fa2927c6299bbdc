"""Contracts that were checked before they were shipped, known by a digest of their files. Checks nothing itself.

The list is made by `python -m mockserver.loader > contracts/checked.json`, from contracts without a mistake
alone; a test holds it to the files. Whoever edits a file changes its digest, and the contract is checked again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

LIST = "checked.json"


def digest(name: str, *files: bytes) -> str:
    """What a contract of that name and with these files is known by."""
    found = sha256(name.encode())
    for each in files:
        found.update(b"\0%d\0" % len(each) + each)
    return found.hexdigest()


@lru_cache(maxsize=1)
def checked(path: Path) -> frozenset[str]:
    """The digests in a list; none when there is no list that can be read."""
    try:
        return frozenset(json.loads(path.read_bytes()).values())
    except (OSError, ValueError, AttributeError, TypeError):
        return frozenset()


def listed(digests: Iterable[tuple[str, str]]) -> str:
    """The text of a list of (name, digest)."""
    return json.dumps(dict(sorted(digests)), indent=2) + "\n"
