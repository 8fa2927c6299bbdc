"""Requests to values: bytes to JSON, forms and queries, text to types, values against schemas.

Every reader raises RequestError, and nothing else, for whatever a client can send. Knows no HTTP
framework, no contract and no API.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver.validation.codings import UNDERSTOOD, Decoder, coding_of
from mockserver.validation.coercion import (
    FieldRule,
    coerce_fields,
    coerce_form,
    coerce_text,
    field_rule,
    field_rules,
)
from mockserver.validation.json_text import parse_json, write_json
from mockserver.validation.media_types import FORMS, is_json, matches, media_type
from mockserver.validation.parts import FormPart, PartRule
from mockserver.validation.query import parse_query, parse_urlencoded
from mockserver.validation.schemas import Schemas, Validator, anything, runs_in_linear_time
from mockserver.validation.shapes import properties_of, resolve, sees_types

if TYPE_CHECKING:
    from mockserver.validation.forms import Form, FormReader

__all__ = [
    "FORMS",
    "UNDERSTOOD",
    "Decoder",
    "FieldRule",
    "Form",
    "FormPart",
    "FormReader",
    "PartRule",
    "Schemas",
    "Validator",
    "anything",
    "coding_of",
    "coerce_fields",
    "coerce_form",
    "coerce_text",
    "field_rule",
    "field_rules",
    "is_json",
    "matches",
    "media_type",
    "parse_json",
    "parse_query",
    "parse_urlencoded",
    "properties_of",
    "resolve",
    "runs_in_linear_time",
    "sees_types",
    "write_json",
]


def __getattr__(name: str) -> Any:
    """The reader of forms and the parser beneath it are imported with the first form."""
    if name in ("Form", "FormReader"):
        from mockserver.validation import forms

        return getattr(forms, name)
    raise AttributeError(name)
