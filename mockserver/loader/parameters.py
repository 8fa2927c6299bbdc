"""The parameters of openapi.json → Parameters: where each stands, how it is parted, which words a path may have.

Reads no request.
"""

from __future__ import annotations

from typing import Any

from mockserver import pointers
from mockserver.intake import Parameter
from mockserver.loader.document import parameters
from mockserver.loader.source import Source

_NO_PARAMETERS = frozenset(("accept", "authorization", "content-type"))
"""Headers that OpenAPI describes elsewhere."""
_SEPARATORS = {"spaceDelimited": " ", "pipeDelimited": "|"}


def declared_parameters(source: Source, pointer: str, operation: Any, item: Any) -> tuple[Parameter, ...]:
    """The parameters, those of the operation in the place of those of its path that have the same name."""
    found = {}
    for at, said in parameters(source, pointer, operation, item):
        if said and not (said["in"] == "header" and said["name"].lower() in _NO_PARAMETERS):
            found[said["name"], said["in"]] = _parameter(source, at, said)
    return tuple(found.values())


def _parameter(source: Source, at: str, said: Any) -> Parameter:
    media_type, content = next(iter(said.get("content", {}).items()), ("", None))
    holder, at = (said, at) if content is None else (content, pointers.join(f"{at}/content", media_type))
    required, schema = bool(said.get("required")), holder.get("schema", {})
    pointer = f"{at}/schema" if "schema" in holder else ""
    is_deep = said["in"] == "query" and said.get("style") == "deepObject"
    separator = _separator(source, said, pointer)
    words = _words_of_path(source, said, pointer)
    return Parameter(
        said["name"], said["in"], required, schema, pointer, separator, "json" in media_type, is_deep, words
    )


def _words_of_path(source: Source, said: Any, pointer: str) -> tuple[str, ...]:
    """The words that a parameter of a path may be, where its schema lists them."""
    schema, _ = source.resolve(said.get("schema", {}), pointer)
    listed = schema.get("enum", ()) if isinstance(schema, dict) and said["in"] == "path" else ()
    return tuple(each for each in listed if isinstance(each, str))


def _separator(source: Source, said: Any, pointer: str) -> str:
    """What stands between the items of a list in one text."""
    schema, _ = source.resolve(said.get("schema", {}), pointer)
    if not isinstance(schema, dict) or schema.get("type") != "array":
        return ""
    style = said.get("style", "form")
    if said["in"] == "header" or (style == "form" and said.get("explode") is False):
        return ","
    return _SEPARATORS.get(style, "")
