"""A JSON Schema of some samples: the kinds that were seen, and what every sample had. Knows no operation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from mockserver.json_types import TYPES, JsonValue

_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)")
_URL = re.compile(r"https?://(?:[^\s\[\]{}<>\"|\\^`]|\[redacted\])+")
DEEPEST = 40


def schema_of(samples: Sequence[JsonValue], *, required: bool = True, depth: int = 0) -> dict[str, Any]:
    """What holds for all samples; `required`: fields that each of them has are always there."""
    kinds = sorted({TYPES.get(type(sample), "object") for sample in samples})
    if "number" in kinds and "integer" in kinds:
        kinds.remove("integer")
    made: dict[str, Any] = {"type": kinds[0] if len(kinds) == 1 else kinds} if kinds and depth < DEEPEST else {}
    if depth >= DEEPEST:
        return made
    objects = [sample for sample in samples if isinstance(sample, dict)]
    if objects:
        values: dict[str, list[JsonValue]] = {}
        for each in objects:
            for name, value in each.items():
                values.setdefault(name, []).append(value)
        always = [name for name, several in values.items() if len(several) == len(objects)]
        if required and always:
            made["required"] = always
        made["properties"] = {
            name: schema_of(several, required=required, depth=depth + 1) for name, several in values.items()
        }
    rows = [sample for sample in samples if isinstance(sample, list)]
    if rows:
        made["items"] = schema_of([item for row in rows for item in row], required=required, depth=depth + 1)
    texts = [sample for sample in samples if isinstance(sample, str)]
    if texts and all(map(_TIME.fullmatch, texts)):
        made["format"] = "date-time"
    elif texts and all(map(_URL.fullmatch, texts)):
        made["format"] = "uri"
    return made


def loosened(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema of requests: further fields are taken."""
    if "properties" in schema:
        schema["additionalProperties"] = True
        for below in schema["properties"].values():
            loosened(below)
    if isinstance(schema.get("items"), dict):
        loosened(schema["items"])
    return schema
