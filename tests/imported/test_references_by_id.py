"""References of OpenAPI 3.1 by `$id` and `$anchor` lead where JSON Schema says, else into the document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from imported_kit import jobs, of, passed, thing

STATES = {"enum": ["queued", "done"]}
TEXT = {"type": "string"}
SHARED = {"$ref": "#/components/schemas/State"}
KIDS = {"type": "array", "items": {"$dynamicRef": "#node"}}


@pytest.mark.parametrize("job", [
    {"$id": "https://a.example/job", "$defs": {"s": STATES}, **thing(id=TEXT, status={"$ref": "#/$defs/s"})},
    {"$id": "/job.json", "$defs": {"s": STATES}, **thing(id=TEXT, status={"$ref": "job.json#/$defs/s"})},
    {"$id": "https://a.example/job", "$defs": {"s": STATES | {"$anchor": "own"}},
     **thing(id=TEXT, status={"$ref": "#own"})},
    {"$id": "https://a.example/v1/job", "$defs": {"s": STATES | {"$id": "state"}},
     **thing(id=TEXT, status={"$ref": "https://a.example/v1/state"})},
    {"$id": "https://a.example/job", **thing(id=TEXT, status=SHARED)},
    {"$id": "urn:job", **thing(id=TEXT, status={"$ref": "urn:state"})},
    thing(id=TEXT, status={"$ref": "#word"}),
    {"$dynamicAnchor": "node", **thing(["id", "status"], id=TEXT, status=SHARED, kids=KIDS)},
    {"$id": "https://[bad", **thing(id=TEXT, status=SHARED)},
    thing(["id", "status"], id=TEXT, status=SHARED, **{"$id": TEXT, "$anchor": TEXT}),
])  # fmt: skip
def test_references_below_an_id_lead_where_json_schema_says(job: Any, tmp_path: Path) -> None:
    document = jobs({"$ref": "#/components/schemas/Job"})
    schemas = {"Job": job, "State": STATES | {"$id": "urn:state"}, "Word": STATES | {"$anchor": "word"}}
    made = of(tmp_path, document | {"components": {"schemas": schemas}})
    assert made.left == []
    assert passed(tmp_path, made) == STATES["enum"]


def test_a_reference_that_leads_nowhere_below_an_id_is_told(tmp_path: Path) -> None:
    job = {"$id": "https://a.example/job", **thing(["id"], id=TEXT, status=STATES, more={"$ref": "#/$defs/none"})}
    (row,) = of(tmp_path, jobs(job)).left
    assert "'#/$defs/none' leads nowhere" in row.why


def test_what_a_value_calls_an_id_is_no_name_of_a_schema(tmp_path: Path) -> None:
    job = thing(id=TEXT, status=STATES, more={"const": {"$id": "#x"}})
    made = of(tmp_path, jobs(job | {"$id": "urn:job"}))
    assert '"const": {"$id": "#x"}' in str(made.vendor).replace("'", '"')
