"""Words for an order of time. Knows no list."""

from __future__ import annotations

import re
from typing import Any

_ASCENDING = frozenset(("asc", "ascending", "oldest", "oldest_first", "oldest-first", "forward"))
_DESCENDING = frozenset(("desc", "descending", "newest", "newest_first", "newest-first", "latest", "backward"))
_FIELDS = frozenset(
    ("created", "created_at", "createdat", "create_time", "createtime", "date", "time", "id", "timestamp")
)
_SORTED = re.compile(r"(?P<sign>[+-]?)(?P<field>[a-z_]+?)(?:[ :.,_-](?P<word>asc|ascending|desc|descending))?")


def direction(given: Any) -> bool | None:
    """Whether oldest come first by what a request says; None where no order is meant.

    `asc`, `newest`, `-created_at`, `created:desc`; true and 1 are ascending, false, 0 and -1 descending.
    """
    if isinstance(given, bool | int | float):
        return given > 0
    text = str(given).strip().lower()
    if text in _ASCENDING or text in _DESCENDING:
        return text in _ASCENDING
    if text in ("1", "0", "-1", "true", "false"):
        return text in ("1", "true")
    found = _SORTED.fullmatch(text)
    if found is None or found["field"] not in _FIELDS:
        return None
    return found["sign"] != "-" if found["word"] is None else found["word"].startswith("asc")
