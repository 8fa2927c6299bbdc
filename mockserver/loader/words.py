"""Unknown words and wrong shapes in behavior.json and openapi.json, each judged by a schema."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from mockserver.loader.keywords import check_keywords, nodes
from mockserver.loader.kinds import check_kinds
from mockserver.loader.source import BEHAVIOR, OPENAPI, Source, read_json, text_of
from mockserver.loader.spread import check_spread

SHAPES = Path(__file__).parent / "openapi.schema.json"


def check_words(source: Source, schema: dict[str, Any]) -> None:
    """Note every word and shape of behavior.json that the schema refuses, and of openapi.json what cannot be read."""
    _judge(source, BEHAVIOR, source.behavior, schema)
    _judge(source, OPENAPI, source.openapi, openapi_schema())
    check_keywords(source)
    check_spread(source)
    check_kinds(source, openapi_schema(), nodes(source.openapi))


def is_readable(openapi: dict[str, Any]) -> bool:
    """Whether a document has the shapes that the readers of openapi.json rely on."""
    return jsonschema_rs.validator_for(openapi_schema()).is_valid(openapi)


@lru_cache(maxsize=1)
def openapi_schema() -> dict[str, Any]:
    """The shapes that the readers of openapi.json rely on."""
    return read_json(text_of(SHAPES, SHAPES.name), SHAPES.name)


def _judge(source: Source, file: str, document: dict[str, Any], schema: dict[str, Any]) -> None:
    if jsonschema_rs.validator_for(schema).is_valid(document):
        return
    from mockserver.loader.explained import explain  # slow to import, and needed for a mistake only

    for told in explain(document, schema):
        source.say(file, *told)
