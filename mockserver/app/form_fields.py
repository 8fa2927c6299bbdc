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
        known = properties_of(body.schema, document) if body.deep or body.types else {}
        self._deep: Mapping[str, Sequence[Any]] = {name: known.get(name, [{}]) for name in body.deep}
        self._json = frozenset(name for name, types in body.types.items() if types == ("application/json",))

    def of(self, pairs: Pairs) -> tuple[list[tuple[str, str]], dict[str, Any]]:
        """The pairs that are left, and the values of the others. Raises RequestError."""
        rest, found = gathered(pairs, self._deep, self._document)
        if not self._json:
            return rest, found
        for name in self._json & {name for name, _ in rest}:
            texts = [text for each, text in rest if each == name]
            found[name] = _json(name, texts[0]) if len(texts) == 1 else [_json(name, each) for each in texts]
        return [(name, text) for name, text in rest if name not in self._json], found


def _json(name: str, text: str) -> Any:
    try:
        return parse_json(text.encode("utf-8", "surrogatepass"))
    except RequestError:
        raise RequestError(f"/{name}", f"{name} must be JSON") from None
