"""The header fields of a request by name. Knows no meaning of any."""

from __future__ import annotations

from collections.abc import Sequence

Headers = dict[bytes, bytes]


def by_name(lines: Sequence[tuple[bytes, bytes]]) -> Headers:
    """The values by name (names in lower case already); of a name with several lines, they make one list."""
    fields = dict(lines)
    if len(fields) == len(lines):
        return fields
    return {name: b", ".join([value for each, value in lines if each == name]) for name in fields}
