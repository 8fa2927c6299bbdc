"""Ids that answers handed out: whatever they look like, they are no secrets, for nothing would be known of a job
without its own. Knows no credential.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

from mockserver.bounds import RECORDED_IDS
from mockserver.secret_names import sensitive

SHORTEST, LONGEST = 8, 256
_NAMES = ("id", "ids", "uuid", "guid", "uid", "sid", "name", "names", "slug", "handle")
_PLAIN = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_STATED = re.compile(
    r"""(?i)(?:["']?\b[\w-]*(?:id|ids|name)["']?\s*[:=]\s*["']?|<[\w:-]*(?:id|name)>)([\w.~/-]{8,256})(?=["'<\s,;}&]|$)"""
)


def is_id_name(name: str) -> bool:
    """Whether a field of this name holds an id: `jobId`, `name`."""
    words = _WORDS.findall(name)
    return bool(words) and words[-1].lower() in _NAMES


class HandedOut:
    """What answers called ids, and other values that nobody had said before; bounded."""

    def __init__(self) -> None:
        self._ids: dict[str, bool] = {}  # and whether they were called ids

    def __contains__(self, text: str) -> bool:
        return text in self._ids

    def calls_id(self, text: str) -> bool:
        """Whether an answer had this value under the name of an id."""
        return self._ids.get(text, False)

    def learn(self, answer: Any, own: Collection[str]) -> None:
        """Look through JSON; `own` are the parts of its request's path, which it may repeat as anything."""
        for name, value in _leaves("", answer):
            is_called = is_id_name(name)
            if is_called or value not in own:
                self._add(value, is_called)

    def learn_text(self, text: str) -> None:
        """The same of any other text: what stands behind a name for ids."""
        for found in _STATED.finditer(text):
            self._add(found[1], True)

    def _add(self, value: str, is_called: bool) -> None:
        several = [value] if "://" in value or value.startswith("/") else [value, *value.split("/")]
        for each in several:
            if SHORTEST <= len(each) <= LONGEST and len(self._ids) < RECORDED_IDS and not _PLAIN.fullmatch(each):
                self._ids[each] = is_called or self._ids.get(each, False)


def _leaves(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, each in value.items():
            if not sensitive(key):
                yield from _leaves(key, each)
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(name, each)
    elif isinstance(value, str) and len(value) <= LONGEST and " " not in value:
        yield name, value
