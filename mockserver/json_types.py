"""The types of JSON, the one place where what a user touches is `Any`: whoever sent it knows what is in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

JsonValue: TypeAlias = Any
"""Any JSON value: None, bool, int, float, str, or lists and objects of these."""
Json: TypeAlias = Mapping[str, JsonValue]
"""A JSON object."""
JsonObject: TypeAlias = dict[str, Any]
"""A JSON object that may be changed."""

TYPES: Mapping[type, str] = {
    dict: "object",
    list: "array",
    str: "string",
    bool: "boolean",
    type(None): "null",
    int: "integer",
    float: "number",
}
"""What JSON Schema calls the types of values, by those of Python."""
TYPE_NAMES = (*TYPES.values(),)
