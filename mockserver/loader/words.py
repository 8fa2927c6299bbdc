"""Unknown words and wrong shapes in behavior.json and openapi.json, each judged by a schema."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from mockserver import pointers
from mockserver.loader.source import BEHAVIOR, OPENAPI, Source, read_json, text_of
from mockserver.suggestions import mend_word

SHAPES = Path(__file__).parent / "openapi.schema.json"


def check_words(source: Source, schema: dict[str, Any]) -> None:
    """Note every word and shape of behavior.json that the schema refuses, and of openapi.json what cannot be read."""
    _judge(source, BEHAVIOR, source.behavior, schema)
    _judge(source, OPENAPI, source.openapi, openapi_schema())


@lru_cache(maxsize=1)
def openapi_schema() -> dict[str, Any]:
    """The shapes that the readers of openapi.json rely on."""
    return read_json(text_of(SHAPES, SHAPES.name), SHAPES.name)


def _judge(source: Source, file: str, document: dict[str, Any], schema: dict[str, Any]) -> None:
    if jsonschema_rs.validator_for(schema).is_valid(document):
        return
    import jsonschema  # explains better than the fast validator, and is needed for a mistake only

    for error in jsonschema.Draft202012Validator(schema).iter_errors(document):
        for each in _causes(error):
            source.say(file, pointers.join("", *each.absolute_path), *_explained(each))


def _causes(error: Any) -> Iterable[Any]:
    """The deepest causes of an error: those of the branch that fits best."""
    if not error.context:
        return [error]
    depth = max(len(e.absolute_path) for e in error.context)
    deepest = [e for e in error.context if len(e.absolute_path) == depth]
    if depth == len(error.absolute_path) and error.validator in ("oneOf", "anyOf"):
        return [error]
    return [cause for e in deepest[:1] for cause in _causes(e)]


def _explained(error: Any) -> tuple[str, str]:
    if error.validator in ("additionalProperties", "propertyNames") and isinstance(
        error.schema.get("properties"), dict
    ):
        return _unknown_word(error)
    if error.validator == "enum":
        return (
            f"{error.instance!r} is not one of the words.",
            mend_word(error.instance, map(str, error.validator_value)),
        )
    if error.validator == "required":
        return f"{error.message}.", "Add it."
    return f"{error.message[:300]}.", "contracts/README.md shows the form."


def _unknown_word(error: Any) -> tuple[str, str]:
    known = sorted(error.schema["properties"])
    unknown = [key for key in error.instance if key not in known]
    word = unknown[0] if unknown else "?"
    return f"unknown word {', '.join(map(repr, unknown))}.", mend_word(word, known)
