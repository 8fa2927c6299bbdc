"""Documents that somebody broke, by chance or on purpose: a contract or a sentence, and never a traceback."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from imported_kit import jobs, of, old, thing

from mockserver import pointers
from mockserver.errors import MockserverError
from mockserver.imported.sampling import Sampler
from mockserver.imported.soundness import findings

ODD = (
    None, True, 0, -1, 1e300, "", "x", "null", [], {}, [None], [[]], {"": None}, {"$ref": "#/"}, {"$ref": 7},
    {"$ref": "#/paths"}, {"$ref": "#/components/schemas/Render"}, {"$ref": "#"}, ["a", 1], {"type": ["x"]},
    {"enum": [{}]},
)  # fmt: skip
PLACES = [pointer for pointer, _ in pointers.walk(old()) if pointer]


def broken(changes: list[tuple[str, Any]]) -> dict[str, Any]:
    document = old()
    for pointer, value in changes:
        if pointers.get(document, pointer) is not pointers.MISSING:
            pointers.put(document, pointer, copy.deepcopy(value))
    return document


def try_it(folder: Path, document: Any) -> None:
    """Import it; a sentence is as good as a contract."""
    with suppress(MockserverError):
        of(folder, document)


@settings(max_examples=60, deadline=None, database=None, derandomize=True,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(changes=st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from(ODD)), min_size=1, max_size=3))
def test_a_document_in_which_values_were_exchanged_gives_a_contract_or_a_sentence(
    changes: list[tuple[str, Any]], tmp_path: Path
) -> None:
    try_it(tmp_path, broken(changes))


ANSWERS = [each for each in PLACES if "/responses/" in each or each.startswith("/components/schemas/Page")]
"""Places in what operations other than the one that creates, and the one that shows, are answered with."""
KEPT = [each for each in ANSWERS if not each.startswith(("/paths/~1renders/post", "/paths/~1renders~1{render_id}/get"))]


@settings(max_examples=40, deadline=None, database=None, derandomize=True,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(changes=st.lists(st.tuples(st.sampled_from(KEPT), st.sampled_from(ODD)), min_size=1, max_size=4))
def test_what_is_wrong_elsewhere_takes_neither_who_creates_nor_who_shows_and_the_rest_is_sound(
    changes: list[tuple[str, Any]], tmp_path: Path
) -> None:
    document = broken([(at, value) for at, value in changes if not _leads_abroad(value)])
    made = of(tmp_path, document)
    assert {"createRender", "getRender"} <= made.behavior["operations"].keys()
    assert not findings("renders", made.openapi, made.behavior)


def _leads_abroad(value: Any) -> bool:
    """Whether a value refers to another file, for which the whole document is refused."""
    return isinstance(value, dict) and isinstance(value.get("$ref"), str) and not value["$ref"].startswith("#")


@pytest.mark.parametrize("document", [
    {"openapi": "3.1.0", "paths": {"/a": None}}, {"openapi": "3.1.0", "paths": {"": {"get": {}}}},
    {"openapi": "3.1.0", "paths": {"/a": {"get": None, "post": {"responses": []}}}},
    {"openapi": "3.1.0", "paths": {"/a/{": {"get": {}}}},
    {"openapi": "3.1.0", "paths": {"/a": {"$ref": "#/paths/~1a"}}},
    {"openapi": "3.1.0", "paths": {}, "components": []},
])  # fmt: skip
def test_a_document_of_nothing_gets_a_sentence(tmp_path: Path, document: Any) -> None:
    with pytest.raises(MockserverError):
        of(tmp_path, document)


def test_a_document_that_nests_deeply_gets_a_sentence(tmp_path: Path) -> None:
    deep = '{"not": ' * 3000 + "{}" + "}" * 3000
    text = json.dumps(old()).replace('{"type": "boolean"}', deep)
    with pytest.raises(MockserverError, match=r"nest|recursion"):
        of(tmp_path, text)


@pytest.mark.parametrize("wrapped", [
    lambda inner: {"type": "array", "minItems": 20, "items": inner},
    lambda inner: {"type": "object", "required": [*"abcdefghij"], "properties": dict.fromkeys("abcdefghij", inner)},
])  # fmt: skip
def test_a_sample_of_lists_of_lists_is_bounded(wrapped: Callable[[Any], Any]) -> None:
    schemas = {f"S{n}": wrapped({"$ref": f"#/components/schemas/S{n + 1}"}) for n in range(30)}
    sampler = Sampler({"components": {"schemas": {**schemas, "S30": {"type": "string"}}}})
    made = sampler.value({"$ref": "#/components/schemas/S0"})
    assert sum(1 for _ in pointers.walk(made)) < 60_000


@pytest.mark.parametrize("name", ["a/b", "ä", "%", "a" * 5000, "x~y", "a b"])
def test_components_with_odd_names_are_followed(tmp_path: Path, name: str) -> None:
    document = old()
    document["components"]["schemas"][name] = {"type": "string"}
    document["components"]["schemas"]["Order"]["properties"]["odd"] = {
        "$ref": f"#/components/schemas/{pointers.escape(name)}"
    }
    assert "createRender" in of(tmp_path, document).behavior["operations"]


@pytest.mark.parametrize("bounds", [
    {"multipleOf": 1e-300, "minimum": 1e308}, {"exclusiveMinimum": 1.7e308, "multipleOf": 1e308},
])  # fmt: skip
@pytest.mark.parametrize("kind", ["number", "integer"])
def test_a_number_that_cannot_be_reckoned_is_a_number(tmp_path: Path, kind: str, bounds: dict[str, Any]) -> None:
    status = {"type": "string", "enum": ["queued", "running", "done", "failed"]}
    job = thing(id={"type": "string"}, status=status, size={"type": kind, **bounds})
    assert of(tmp_path, jobs(job)).behavior["operations"]["look"] == {"verb": "show"}
