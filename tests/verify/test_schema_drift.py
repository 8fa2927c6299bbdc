"""Where a body breaks a schema: of alternatives the nearest one counts, and a schema that describes nothing is kept."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from mockserver.verify.schema_drift import body_drifts

FAR = {"type": "object", "required": ["a", "b", "c"]}
NEAR = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}


def drifts(schema: Any, body: Any) -> list[tuple[str, str]]:
    contract: Any = SimpleNamespace(document={"schema": schema}, examples=(), operations={})
    return [(each.kind, each.at) for each in body_drifts(contract, "getJob", "/schema", body)]


@pytest.mark.parametrize("order", [1, -1])
def test_of_alternatives_the_one_that_comes_nearest_is_held_against_the_body(order: int) -> None:
    assert drifts({"anyOf": [FAR, NEAR][::order]}, {"a": "x"}) == [("other_type", "/a")]


def test_a_schema_that_describes_no_field_lets_all_of_them_through() -> None:
    assert drifts({"type": "object"}, {"x": 1}) == []
    assert drifts({"type": "object", "properties": {"a": {}}}, {"x": 1}) == [("unknown_field", "/x")]
