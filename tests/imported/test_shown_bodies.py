"""Bodies that a document shows and does not describe, answers without a body, and what a contract makes of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from imported_kit import of, old
from test_served import client

from mockserver import mock
from mockserver.errors import MockserverError
from mockserver.imported.reading import parsed
from mockserver.imported.shown import shape_of
from mockserver.imported.writing import write


def content_of(document: Any, path: str, method: str, status: str) -> Any:
    return document["paths"][path][method]["responses"][status]["content"]


@pytest.mark.parametrize("schema", [None, {}, {"type": "object"}, {"type": "string"}])
@pytest.mark.parametrize("word", ["example", "examples"])
def test_a_body_that_is_only_shown_is_described_by_what_it_shows(tmp_path: Path, schema: Any, word: str) -> None:
    document = old()
    shown = {"id": "r1", "status": "waiting", "seconds": 1.5, "tags": ["a"], "late": None}
    for path, method, status in (("/renders", "post", "201"), ("/renders/{render_id}", "get", "200")):
        said = {"example": shown} if word == "example" else {"examples": {"one": {"value": shown}}}
        said |= {"schema": schema} if schema is not None else {}
        content_of(document, path, method, status)["application/json"] = said
    made = of(tmp_path, document)
    assert {"createRender", "getRender"} <= made.behavior["operations"].keys()
    properties = content_of(made.vendor, "/renders", "post", "201")["application/json"]["schema"]["properties"]
    assert properties["seconds"] == {"type": "number"}
    assert "r1" not in repr(made.vendor)


def test_a_shape_requires_nothing_and_null_may_be_anything() -> None:
    assert shape_of({"a": [{"b": 1}], "c": None, "d": True}) == {
        "type": "object", "properties": {
            "a": {"type": "array", "items": {"type": "object", "properties": {"b": {"type": "integer"}}}}, "c": {},
            "d": {"type": "boolean"}},
    }  # fmt: skip


def test_any_media_type_is_json(tmp_path: Path) -> None:
    document = old()
    for path, method, status in (("/renders", "post", "201"), ("/renders/{render_id}", "get", "200")):
        content = content_of(document, path, method, status)
        content["*/*"] = content.pop("application/json")
    assert {"createRender", "getRender"} <= of(tmp_path, document).behavior["operations"].keys()


def with_answer(answer: Any) -> Any:
    document = old()
    document["paths"]["/renders"]["post"]["responses"] = {"201": answer}
    return document


def test_a_client_follows_the_location_that_a_creation_answers_with(tmp_path: Path) -> None:
    header = {"Location": {"schema": {"type": "string"}}, "Render-Identifier": {"schema": {"type": "string"}}}
    write(tmp_path / "renders", of(tmp_path, with_answer({"description": "Made", "headers": header})))
    with mock("renders", contracts=str(tmp_path / "renders")) as renders, client(renders.api_key) as http:
        made = http.post(f"{renders.url}/renders", json={"prompt": "A cat"})
        shown = http.get(made.headers["location"]).json()
        assert (made.status_code, made.content) == (201, b"")
        assert shown["id"] == made.headers["render-identifier"]


def test_a_client_takes_the_id_out_of_the_list_that_a_creation_answers_with(tmp_path: Path) -> None:
    listed = {"type": "array", "items": {"$ref": "#/components/schemas/Render"}}
    answer = {"description": "Made", "content": {"application/json": {"schema": listed}}}
    write(tmp_path / "renders", of(tmp_path, with_answer(answer)))
    with mock("renders", contracts=str(tmp_path / "renders")) as renders, client(renders.api_key) as http:
        (made,) = http.post(f"{renders.url}/renders", json={"prompt": "A cat"}).json()
        assert made["status"] == "waiting"
        assert http.get(f"{renders.url}/renders/{made['id']}").json()["id"] == made["id"]


def test_a_name_that_stands_twice_is_refused_with_its_line() -> None:
    pytest.importorskip("yaml")
    with pytest.raises(MockserverError, match=r"vendor\.yaml:3.*'a' stands twice"):
        parsed(b"a: 1\nb: 2\na: 3\n", "vendor.yaml")
    assert parsed(b"x: &x {a: 1}\ny:\n  <<: *x\n  b: 2\n", "vendor.yaml")["y"] == {"a": 1, "b": 2}


@pytest.mark.parametrize("names", [("200", '"200"'), ("true", '"true"')])
def test_names_of_two_types_that_are_one_in_json_are_refused(names: tuple[str, str]) -> None:
    """Else the last one counts, and nobody is told that the other is gone."""
    pytest.importorskip("yaml")
    with pytest.raises(MockserverError, match="stands twice"):
        parsed("".join(f"{name}: {n}\n" for n, name in enumerate(names)).encode(), "vendor.yaml")
