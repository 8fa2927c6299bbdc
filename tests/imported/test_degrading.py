"""An oddity of a document costs itself: a field before an answer, an answer before an operation, told each time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from imported_kit import of, old

from mockserver import pointers
from mockserver.imported.importing import Imported
from mockserver.imported.soundness import findings, made_sound

ALL = {"createRender", "listRenders", "getRender", "deleteRender", "cancelRender", "getFile"}
RENDER = "/components/schemas/Render/properties/"


def imported_with(folder: Path, at: str, value: Any) -> Imported:
    """The document with another value at a pointer, imported."""
    document = old()
    above, _, name = at.rpartition("/")
    pointers.get(document, above)[pointers.split(f"/{name}")[0]] = value
    return of(folder, document)


@pytest.mark.parametrize(("at", "value"), [
    (f"{RENDER}error", {"type": "string", "enum": ["boom"], "nullable": True}),
    (f"{RENDER}odd", {"oneOf": [{"type": "object"}, {"type": "object"}]}),
    (f"{RENDER}odd", {"type": "string", "pattern": "^zq{7}$"}), (f"{RENDER}odd", {"not": {}}),
    (f"{RENDER}id", {"type": "integer"}), (f"{RENDER}id", {"type": "string", "maxLength": 3}),
    (f"{RENDER}created_at", {"type": "string", "format": "date-time", "maxLength": 4}),
    (f"{RENDER}progress", {"type": "integer", "minimum": 90}), (f"{RENDER}status", {"enum": [1, 2, 3]}),
    ("/components/schemas/Page/properties/next_cursor", {"type": "string", "format": "uri"}),
    ("/components/schemas/Page/properties/extra", {"type": "string", "format": "ipv4", "maxLength": 2}),
    ("/components/schemas/Order/properties/prompt", {"not": {}}),
    ("/components/schemas/Error", {"type": "object", "required": ["x"], "properties": {"x": {"not": {}}}}),
    ("/servers", [{"url": "https://{region}.example.com"}]), ("/servers", [{"url": 7}, "x", None]),
    ("/paths/~1renders/get/parameters/0/schema", {"not": {}}),
    ("/paths/~1renders/post/security", [{"key": []}, {"other": []}]),
])  # fmt: skip
def test_one_odd_place_loses_no_operation_and_the_contract_is_sound(tmp_path: Path, at: str, value: Any) -> None:
    document = old()
    assert pointers.get(document, at.rpartition("/")[0]) is not pointers.MISSING
    made = imported_with(tmp_path, at, value)
    assert made.behavior["operations"].keys() == ALL
    assert not findings("renders", made.openapi, made.behavior)


def test_a_field_that_nothing_fits_may_be_anything_while_the_others_stay_as_they_are(tmp_path: Path) -> None:
    document = old()
    render = document["components"]["schemas"]["Render"]
    render["properties"]["odd"] = {"type": "object", "required": ["a"], "properties": {"a": {"not": {}}}}
    render["required"].append("odd")
    made = of(tmp_path, document)
    properties = made.openapi["components"]["schemas"]["Render"]["properties"]
    assert {"a": {}} in (properties["odd"].get("properties"), None) or properties["odd"] == {}
    assert properties["prompt"] == {"type": "string"}
    assert any("odd" in each.subject and each.meaning == "anything may stand there" for each in made.left)


def test_a_refusal_with_a_status_of_its_own_takes_no_binding_of_successes(tmp_path: Path) -> None:
    document = old()
    error = {"type": "object", "required": ["status", "message"],
             "properties": {"status": {"type": "integer"}, "message": {"type": "string"}}}  # fmt: skip
    document["components"]["schemas"]["Error"] = error
    made = of(tmp_path, document)
    assert made.behavior["resources"]["render"]["bindings"]["/status"] == "state"
    shown = made.openapi["paths"]["/renders/{render_id}/file"]["get"]["responses"]["409"]["content"]
    assert shown["application/json"]["examples"]["other"]["value"]["status"] == 1


def test_the_next_page_is_an_address_where_its_schema_wants_one(tmp_path: Path) -> None:
    document = old()
    document["components"]["schemas"]["Page"]["properties"]["next"] = {
        "type": "string", "format": "uri", "nullable": True,
    }  # fmt: skip
    bound = of(tmp_path, document).behavior["operations"]["listRenders"]["bindings"]
    assert bound["/next"] == "page.next_url"


def test_credentials_that_stand_in_one_place_are_one(tmp_path: Path) -> None:
    document = old()
    document["components"]["securitySchemes"] |= {
        "plain": {"type": "apiKey", "in": "header", "name": "Authorization"}, "oauth": {"type": "oauth2", "flows": {}},
    }  # fmt: skip
    document["security"] = [{"plain": []}, {"oauth": []}, {"key": []}]
    made = of(tmp_path, document)
    assert made.openapi["security"] == [{"plain": []}, {"key": []}]
    assert made.behavior["operations"].keys() == ALL


def test_a_cancel_is_refused_as_the_document_says_once_a_job_has_ended(tmp_path: Path) -> None:
    document = old()
    cancel = document["paths"]["/renders/{render_id}/cancel"]["post"]["responses"]
    cancel["409"] = {"description": "Late", "content": {"application/json": {"schema": {
        "$ref": "#/components/schemas/Error"}}}}  # fmt: skip
    made = of(tmp_path, document)
    refused = made.openapi["paths"]["/renders/{render_id}/cancel"]["post"]["responses"]["409"]
    assert {*refused["content"]["application/json"]["examples"]} == {"done", "failed", "cancelled"}
    assert "409" not in of(tmp_path, old()).openapi["paths"]["/renders/{render_id}/cancel"]["post"]["responses"]


def test_two_names_that_become_equal_once_cleaned_stay_apart(tmp_path: Path) -> None:
    document = old()
    schemas = document["components"]["schemas"]
    schemas |= {"a b": {"type": "string"}, "a/b": {"type": "integer"}, "a_b": {"type": "boolean"}}
    for name, reference in (("one", "a b"), ("two", "a~1b"), ("three", "a_b")):
        schemas["Render"]["properties"][name] = {"$ref": f"#/components/schemas/{reference}"}
    made = of(tmp_path, document).openapi
    said = made["components"]["schemas"]["Render"]["properties"]
    kinds = [pointers.resolve(made, said[name])[0]["type"] for name in ("one", "two", "three")]
    assert kinds == ["string", "integer", "boolean"]


def test_an_operation_of_which_several_things_are_wrong_takes_no_other_of_its_path_along(tmp_path: Path) -> None:
    made = of(tmp_path, old())
    content = {"application/json": {"schema": {}, "examples": {"waiting": {"value": {"id": "x"}}}}}
    delete = made.openapi["paths"]["/renders/{render_id}"]["delete"]
    delete["responses"] = {"200": {"description": "Gone", "content": content}}
    before = {*made.behavior["operations"]}
    made_sound("renders", made.openapi, made.behavior)
    assert before - {*made.behavior["operations"]} == {"deleteRender"}
