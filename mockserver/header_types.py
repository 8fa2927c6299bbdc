"""The types of header fields, each form once. It knows nothing of what the fields say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

RawHeaders: TypeAlias = tuple[tuple[bytes, bytes], ...]
"""Fields as they stand on the wire, in their order; a name may come twice."""
HeaderList: TypeAlias = list[tuple[bytes, bytes]]
"""Fields that whoever holds them may add to."""
HeaderFields: TypeAlias = Mapping[bytes, bytes]
"""The first field of each name; names are in lower case."""
RefusalAnswer: TypeAlias = tuple[int, HeaderList, bytes]
"""Status, fields and body of an answer to what is no request that could be read."""
