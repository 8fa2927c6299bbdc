"""The header fields of a request by name. Knows no meaning of any."""

from __future__ import annotations

from collections.abc import Sequence

FieldDict = dict[bytes, bytes]
_ONE_ONLY = frozenset((b"authorization", b"content-type"))  # of a second line nothing is made, as servers in Node do


def by_name(lines: Sequence[tuple[bytes, bytes]]) -> FieldDict:
    """The values by name (names in lower case already); of a name with several lines, they make one list.

    Of those that can be no list, the first counts.
    """
    fields = dict(lines)
    if len(fields) == len(lines):
        return fields
    several: dict[bytes, list[bytes]] = {}
    for name, value in lines:
        several.setdefault(name, []).append(value)
    return {name: values[0] if name in _ONE_ONLY else b", ".join(values) for name, values in several.items()}
