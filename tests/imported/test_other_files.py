"""Documents whose parts stand in other files: read below one folder, and nowhere else; told where they are not read."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from cli_kit import call
from imported_kit import passed, put, said, thing

from mockserver.errors import MockserverError
from mockserver.imported import bundling
from mockserver.imported.importing import Imported, imported, opened
from mockserver.imported.updating import update_of
from mockserver.imported.writing import write

TEXT = {"type": "string"}
STATE = {"type": "string", "enum": ["queued", "running", "done", "failed"]}
JOB = thing(id=TEXT, status={"$ref": "../states.yaml#/State"}, parent={"anyOf": [{"$ref": "#"}, {"type": "null"}]})


def root(job: str = "schemas/job.json", **more: Any) -> dict[str, Any]:
    """A document whose paths and schemas stand elsewhere."""
    return {"openapi": "3.1.0", "info": {"title": "Jobs", "version": "1"}, "paths": {
        "/jobs": {"post": {"operationId": "begin", "responses": said({"$ref": job}, "201")}},
        "/jobs/{id}": {"$ref": "paths/one%20job.yaml"}}, **more}  # fmt: skip


def written(folder: Path, document: Any = None) -> Path:
    """The document in a folder, with its other files."""
    for place in ("schemas", "paths"):
        (folder / place).mkdir(exist_ok=True)
    put(folder / "schemas", JOB, "job.json")
    put(folder, {"State": STATE}, "states.yaml")
    one = {"parameters": [{"$ref": "../parts.json#/parameters/id"}],
           "get": {"operationId": "look", "responses": said({"$ref": "../schemas/job.json"})}}  # fmt: skip
    put(folder / "paths", one, "one job.yaml")
    parameter = {"name": "id", "in": "path", "required": True, "schema": TEXT}
    put(folder, {"parameters": {"id": parameter}}, "parts.json")
    return put(folder, document or root())


def of(folder: Path, document: Any = None) -> Imported:
    """What becomes of it."""
    return imported(written(folder, document), "renders")


def test_a_document_of_several_files_is_one(tmp_path: Path) -> None:
    made = of(tmp_path)
    assert made.left == []
    assert set(made.openapi["components"]["schemas"]) == {"job", "State"}
    assert "x-files" not in json.dumps([made.openapi, made.vendor])
    assert passed(tmp_path, made) == ["queued", "running", "done"]


def test_files_may_refer_to_each_other_in_a_circle_and_to_the_document(tmp_path: Path) -> None:
    document = root(components={"schemas": {"job": thing(note=TEXT)}})
    written(tmp_path, document)
    put(tmp_path / "schemas", thing(["id", "status"], id=TEXT, status=STATE, other={"$ref": "b.json"},
        note={"$ref": "../vendor.json#/components/schemas/job"}), "job.json")  # fmt: skip
    put(tmp_path / "schemas", thing([], back={"$ref": "./job.json"}, own={"$ref": "#/properties/back"}), "b.json")
    made = imported(tmp_path / "vendor.json", "renders")
    schemas = made.openapi["components"]["schemas"]
    shown = made.openapi["paths"]["/jobs"]["post"]["responses"]["201"]["content"]["application/json"]["schema"]["$ref"]
    assert shown == "#/components/schemas/job2"  # the document has a schema of that name itself
    assert schemas["job2"]["properties"]["note"]["$ref"] == "#/components/schemas/job"
    assert passed(tmp_path, made) == ["queued", "running", "done"]


def test_values_that_look_like_references_are_none(tmp_path: Path) -> None:
    document = root()
    document["paths"]["/jobs"]["post"]["requestBody"] = {"content": {"application/json": {
        "schema": thing([], value={"$ref": "states.yaml#/State"}, note=TEXT | {"default": {"$ref": "nowhere.json"}}),
        "example": {"$ref": "nowhere.json"}, "examples": {"one": {"value": {"$ref": "nowhere.json"}}}}}}  # fmt: skip
    read = opened(written(tmp_path, document))
    assert bundling.UNREAD not in read
    schema = read["paths"]["/jobs"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert schema["properties"]["value"]["$ref"] == "#/x-files/states.yaml/State"


@pytest.mark.parametrize(("job", "told"), [
    ("schemas/nix.json", "schemas/nix.json: No such file or directory"),
    ("https://a.example/job.json", "leads to the network, which is not asked"),
    ("file:///etc/passwd", "leads to the network, which is not asked"),
    ("//a.example/job.json", "leads to the network, which is not asked"),
    ("../outside.json", "leads out of inner; name a wider folder with --within"),
    ("/etc/passwd", "leads out of inner"), ("schemas/../../outside.json", "leads out of inner"),
    ("link.json", "leads out of inner"), ("schemas", "no file but a pipe, a device, a socket or a folder"),
    ("list.json", "the document is not an object"), ("schemas/job.json#Job", "it names an anchor"),
])  # fmt: skip
def test_what_is_not_read_is_told_with_its_cause(job: str, told: str, tmp_path: Path) -> None:
    folder = tmp_path / "inner"
    folder.mkdir()
    put(tmp_path, thing(id=TEXT, status=STATE), "outside.json")
    os.symlink(tmp_path / "outside.json", folder / "link.json")
    put(folder, "[1]", "list.json")
    with pytest.raises(MockserverError, match=told):
        of(folder, root(job))


def test_a_pointer_that_leads_nowhere_is_told_as_it_was_written(tmp_path: Path) -> None:
    document = root("schemas/job.json#/Nix")
    document["paths"] = {"/things": document["paths"]["/jobs"]}
    with pytest.raises(MockserverError, match=r"schemas/job\.json#/Nix: the document refers to it and does not"):
        of(tmp_path, document)


def test_a_wider_folder_is_read_where_it_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "inner"
    folder.mkdir()
    put(tmp_path, thing(id=TEXT, status=STATE), "outside.json")
    document = written(folder, root("../outside.json"))
    result = call("new", "renders", "--into", tmp_path, "--from", document)
    assert (result.exit_code, "--within" in result.stderr) == (2, True)
    assert call("new", "renders", "--into", tmp_path, "--from", document, "--within", tmp_path).exit_code == 0
    assert call("check", tmp_path / "renders").exit_code == 0
    put(tmp_path, thing(id=TEXT, status=STATE | {"enum": [*STATE["enum"], "lost"]}), "outside.json")
    said = call("update", tmp_path / "renders", "--from", document, "--within", tmp_path, "--dry-run").stdout
    assert "/status of the answer may be lost" in said
    assert call("new", "other", "--within", tmp_path).exit_code == 2


def test_a_reference_that_a_wanted_operation_needs_is_told_at_its_place(tmp_path: Path) -> None:
    document = root()
    document["paths"]["/jobs"]["post"]["requestBody"] = {
        "content": {"application/json": {"schema": {"$ref": "n.json"}}}
    }
    with pytest.raises(MockserverError, match=r"requestBody/.*another file: 'n\.json', and No such file or directory"):
        of(tmp_path, document)


def test_what_no_wanted_operation_refers_to_need_not_be_there(tmp_path: Path) -> None:
    document = root()
    document["paths"]["/fonts"] = {"get": {"responses": said({"$ref": "nowhere.json"})}}
    assert "look" in of(tmp_path, document).behavior["operations"]


def test_files_are_bounded_in_number_and_in_all_their_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundling, "MOST_FILES", 2)
    with pytest.raises(MockserverError, match="more than 2 files"):
        of(tmp_path)
    monkeypatch.undo()
    monkeypatch.setattr(bundling, "MOST", 40)
    with pytest.raises(MockserverError, match="more than 40 values together"):
        of(tmp_path)


def test_an_update_compares_the_files_too(tmp_path: Path) -> None:
    write(tmp_path / "renders", of(tmp_path))
    assert update_of(tmp_path / "renders", tmp_path / "vendor.json").changes == []
    put(tmp_path, {"State": STATE | {"enum": [*STATE["enum"], "lost"]}}, "states.yaml")
    made = update_of(tmp_path / "renders", tmp_path / "vendor.json")
    assert "/status of the answer may be lost" in {each.sentence for each in made.changes}
    assert made.openapi["components"]["schemas"]["State"]["enum"][-1] == "lost"
