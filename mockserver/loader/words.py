"""Unknown words and wrong shapes in behavior.json and openapi.json, each judged by a schema."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema_rs

from mockserver.loader.keywords import check_keywords, nodes
from mockserver.loader.kinds import check_kinds
from mockserver.loader.source import BEHAVIOR, OPENAPI, Source, read_json, text_of
from mockserver.loader.spread import check_spread

SHAPES = Path(__file__).parent / "openapi.schema.json"


class Shape(NamedTuple):
    """A schema, and what judges by it: to compile one takes longer than to judge many documents."""

    schema: dict[str, Any]
    validator: Any

    @classmethod
    def of(cls, schema: dict[str, Any]) -> Shape:
        """With the schema compiled."""
        return cls(schema, jsonschema_rs.validator_for(schema))


def check_words(source: Source, shape: Shape) -> None:
    """Note every word and shape of behavior.json that `shape` refuses, and of openapi.json what cannot be read."""
    _judge(source, BEHAVIOR, source.behavior, shape)
    _judge(source, OPENAPI, source.openapi, openapi_shape())
    check_keywords(source)
    check_spread(source)
    check_kinds(source, openapi_shape().schema, nodes(source.openapi))


def is_readable(openapi: dict[str, Any]) -> bool:
    """Whether a document has the shapes that the readers of openapi.json rely on."""
    return bool(openapi_shape().validator.is_valid(openapi))


@lru_cache(maxsize=1)
def openapi_shape() -> Shape:
    """The shapes that the readers of openapi.json rely on."""
    return Shape.of(read_json(text_of(SHAPES, SHAPES.name), SHAPES.name))


def _judge(source: Source, file: str, document: dict[str, Any], shape: Shape) -> None:
    if shape.validator.is_valid(document):
        return
    from mockserver.loader.explained import explain  # slow to import, and needed for a mistake only

    for told in explain(document, shape.schema):
        source.say(file, *told)
