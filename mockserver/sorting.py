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


def direction(order: Any) -> bool | None:
    """Whether oldest come first by what a request says; None where no order is meant.

    `asc`, `newest`, `-created_at`, `created:desc`; true and 1 are ascending, false, 0 and -1 descending.
    """
    if isinstance(order, bool | int | float):
        return order > 0
    text = str(order).strip().lower()
    if text in _ASCENDING or text in _DESCENDING:
        return text in _ASCENDING
    if text in ("1", "0", "-1", "true", "false"):
        return text in ("1", "true")
    match = _SORTED.fullmatch(text)
    if match is None or match["field"] not in _FIELDS:
        return None
    return match["sign"] != "-" if match["word"] is None else match["word"].startswith("asc")
