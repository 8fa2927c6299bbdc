"""Which rows of a contract a request asks for by its own words. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mockserver import pointers
from mockserver.api_state import SandboxApi
from mockserver.operations.call import Call
from mockserver.rules import Match
from mockserver.triggers import SCALARS, constant

NONE: Sequence[Match] = ()


def matched(call: Call) -> Sequence[Match]:
    """The rows that a request asks for, as they are written; the value of a file part is its file name."""
    if call.rows is None:
        rows = [*matching(call.api, call.operation.id, call.values), *(_by_names(call) if call.files else ())]
        tested = call.api.tested.get(call.operation.id)
        if tested is not None:
            rows += [row for fits, row in tested if fits(call)]
        call.rows = rows if len(rows) < 2 else _as_written(call.api, rows)
    return call.rows


def _as_written(api: SandboxApi, rows: Sequence[Match]) -> Sequence[Match]:
    """The rows in their order in the contract, of which the first that says something counts."""
    places = {id(row): place for place, row in enumerate(api.contract.matches)}
    return sorted(rows, key=lambda row: places.get(id(row), 0))


def matching(api: SandboxApi, operation: str, values: Any) -> Sequence[Match]:
    """The rows whose exact value stands in a request's values."""
    places, keys, constants = api.matches[operation]
    is_object = type(values) is dict
    if is_object and keys and _has_none(values, keys, constants):
        return NONE
    fitting = []
    for pointer, key, rows in places:
        value = values.get(key) if key and is_object else pointers.get(values, pointer)
        row = rows.get(value if type(value) is str else constant(value)) if isinstance(value, SCALARS) else None
        if row is not None:
            fitting.append(row)
    return fitting if len(fitting) < 2 else _as_written(api, fitting)


def _has_none(values: Mapping[str, Any], keys: Sequence[str], constants: frozenset[Any]) -> bool:
    """Whether none of the constants stands there, as in most requests; quick, and cautious."""
    try:
        return constants.isdisjoint(map(values.get, keys))
    except TypeError:  # a list or an object stands there
        return False


def _by_names(call: Call) -> Iterator[Match]:
    for pointer, _, rows in call.api.matches[call.operation.id].places:
        for upload in call.files.get(pointer[1:], ()):
            row = rows.get(upload.filename) or _by_stem(rows, upload.filename)
            if row is not None:
                yield row


def _by_stem(rows: Mapping[Any, Match], name: Any) -> Match | None:
    """The row of a standard value, which a file may be called with any extension."""
    row = rows.get(name.rpartition(".")[0]) if isinstance(name, str) else None
    return row if row is not None and row.is_standard else None
