"""Fields of a form that are read otherwise than by their text: members of objects, and JSON. Knows no file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mockserver.errors import RequestError
from mockserver.intake import RequestBody
from mockserver.validation import parse_json, properties_of
from mockserver.validation.members import Pairs, gathered


class FormMembers:
    """How such fields of one body are read."""

    def __init__(self, body: RequestBody, document: Any) -> None:
        self._document = document
        schemas = properties_of(body.schema, document) if body.deep or body.types else {}
        self._deep: Mapping[str, Sequence[Any]] = {name: schemas.get(name, [{}]) for name in body.deep}
        self._json = frozenset(name for name, types in body.types.items() if types == ("application/json",))

    def of(self, pairs: Pairs) -> tuple[list[tuple[str, str]], dict[str, Any]]:
        """The pairs that are left, and the values of the others. Raises RequestError."""
        texts_left, values = gathered(pairs, self._deep, self._document)
        if not self._json:
            return texts_left, values
        for name in self._json & {name for name, _ in texts_left}:
            texts = [text for field, text in texts_left if field == name]
            values[name] = _json(name, texts[0]) if len(texts) == 1 else [_json(name, field) for field in texts]
        return [(name, text) for name, text in texts_left if name not in self._json], values


def _json(name: str, text: str) -> Any:
    try:
        return parse_json(text.encode("utf-8", "surrogatepass"))
    except RequestError:
        raise RequestError(f"/{name}", f"{name} must be JSON") from None
