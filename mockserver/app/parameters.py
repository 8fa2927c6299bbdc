"""The parameters of a request in its query, headers and cookies → checked values. Knows no body and no sandbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from mockserver.contract import Contract, Operation
from mockserver.errors import RequestError
from mockserver.header_types import HeaderFields
from mockserver.intake import Parameter
from mockserver.validation import FieldRule, Schemas, coerce_fields, field_rule, parse_json, parse_query
from mockserver.validation.members import gathered

ParameterValues = dict[str, Any]
_PLACES = ("query", "header", "cookie")


class _Read(NamedTuple):
    """How the parameters of one place are read."""

    parameters: tuple[Parameter, ...]
    rules: Mapping[str, FieldRule]
    deep: Mapping[str, Sequence[Any]]


class Parameters:
    """How the parameters of one contract's operations are read, those of the path apart.

    `operations` are the ids of those that have any.
    """

    def __init__(self, contract: Contract, schemas: Schemas, document: Any) -> None:
        self._schemas, self._document = schemas, document
        self._of = {o.id: _reads(o, document) for o in contract.operations.values()}
        self.operations = frozenset(name for name, places in self._of.items() if places)

    def given(
        self, operation: Operation, query: bytes, headers: HeaderFields
    ) -> tuple[ParameterValues, dict[str, ParameterValues]]:
        """The values in the query, and those elsewhere by place. Raises RequestError."""
        values: dict[str, ParameterValues] = {"query": {}}
        for place, reader in self._of[operation.id].items():
            values[place] = self._values(reader, _pairs(place, reader, query, headers))
        return values.pop("query"), values

    def _values(self, reader: _Read, pairs: list[tuple[str, str]]) -> ParameterValues:
        pairs, members = gathered(pairs, reader.deep, self._document) if reader.deep else (pairs, {})
        values = coerce_fields(pairs, reader.rules) | members
        for parameter in reader.parameters:
            name = parameter.name
            if name not in values:
                if parameter.required:
                    raise RequestError(f"/{name}", f"{name} is required", missing=True)
                continue
            if parameter.is_json:
                values[name] = _json(name, values[name])
            error = self._schemas.at(parameter.pointer).check(values[name], name) if parameter.pointer else None
            if error is not None:
                raise error
        return values


def _reads(operation: Operation, document: Any) -> dict[str, _Read]:
    readers = {}
    for place in _PLACES:
        parameters = tuple(p for p in operation.parameters if p.where == place)
        if parameters:
            rules = {p.name: field_rule([p.schema], document) for p in parameters if not p.is_json}
            readers[place] = _Read(parameters, rules, {p.name: [p.schema] for p in parameters if p.is_deep})
    return readers


def _json(name: str, text: Any) -> Any:
    try:
        return parse_json(str(text).encode("utf-8", "surrogatepass"))
    except RequestError:
        raise RequestError(f"/{name}", f"{name} must be JSON") from None


def _pairs(place: str, reader: _Read, query: bytes, headers: HeaderFields) -> list[tuple[str, str]]:
    if place == "query":
        pairs = parse_query(query) if query else []
    elif place == "header":
        headers_by_name = ((p.name, headers.get(p.name.lower().encode())) for p in reader.parameters)
        pairs = [(name, raw.decode("latin-1")) for name, raw in headers_by_name if raw is not None]
    else:
        pairs = [*_cookies(headers.get(b"cookie", b""))]
    split = {p.name: p.separator for p in reader.parameters if p.separator}
    return [(n, value.strip()) if n in split else (n, value) for n, t in pairs for value in _parted(t, split.get(n))]


def _parted(text: str, separator: str | None) -> list[str]:
    """The items of a list that stands in one text."""
    return text.split(separator) if separator else [text]


def _cookies(raw: bytes) -> list[tuple[str, str]]:
    pieces = (piece.strip().partition(b"=") for piece in raw.replace(b",", b";").split(b";"))
    return [(n.decode("latin-1"), v.strip(b'" ').decode("latin-1")) for n, _, v in pieces if n]
