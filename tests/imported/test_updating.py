"""A newer document of the vendor: what it changes for the contract, in words; what was written by hand stays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from check_kit import drop
from check_kit import put as set_at
from cli_kit import call
from imported_kit import of, old, put

from mockserver import pointers
from mockserver.imported.merging import merged
from mockserver.imported.updating import ContractUpdate, update_of
from mockserver.imported.writing import write

RENDER = "/components/schemas/Render"
POST = "/paths/~1renders/post"
GET = "/paths/~1renders~1{render_id}/get"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "renders", of(tmp_path, old()))
    return tmp_path / "renders"


def newer(folder: Path, *changes: tuple[str, Any]) -> Path:
    """The document with these changes: a value at a pointer, or nothing in its place."""
    document = old()
    for pointer, value in changes:
        if value is None:
            drop(document, pointer)
        else:
            set_at(document, pointer, value)
    return put(folder.parent, document, "newer.json")


def update(folder: Path, *changes: tuple[str, Any]) -> ContractUpdate:
    return update_of(folder, newer(folder, *changes))


def told(folder: Path, *changes: tuple[str, Any]) -> list[str]:
    return [
        f"{'! ' if each.is_breaking else ''}{each.operation}: {each.sentence}"
        for each in update(folder, *changes).changes
    ]


def test_the_same_document_changes_nothing(folder: Path) -> None:
    found = update(folder)
    assert (found.changes, found.conflicts, found.broken) == ([], [], [])
    assert found.openapi == json.loads((folder / "openapi.json").read_text())


STATES = ["done", "waiting", "rendering", "failed", "cancelled"]


@pytest.mark.parametrize(("change", "sentence"), [
    ((f"{RENDER}/properties/status/enum", [*STATES, "paused"]),
     "! GET /renders/{render_id}: /status of the answer may be paused"),
    ((f"{RENDER}/properties/status/enum", STATES[:-1]),
     "GET /renders/{render_id}: /status of the answer is no more cancelled"),
    ((f"{RENDER}/properties/owner", {"type": "string"}), "GET /renders/{render_id}: the answer has more: /owner"),
    ((f"{RENDER}/properties/prompt", None), "! GET /renders/{render_id}: the answer has no more: /prompt"),
    ((f"{RENDER}/properties/progress", {"type": "string"}),
     "! GET /renders/{render_id}: /progress of the answer is string, and was integer"),
    (("/components/schemas/Order/required", ["prompt", "seconds"]), "! POST /renders: the request must have /seconds"),
    (("/components/schemas/Order/required", []), "POST /renders: the request need not have any more /prompt"),
    (("/components/schemas/Order/properties/style", {"enum": ["a"]}), "POST /renders: the request has more: /style"),
    ((f"{POST}/responses/402", {"description": "Pay"}), "POST /renders: new statuses: 402"),
    ((f"{GET}/responses/404", None), "GET /renders/{render_id}: statuses are gone: 404"),
    ((f"{POST}/parameters", [{"name": "v", "in": "header", "required": True, "schema": {}}]),
     "! POST /renders: new parameters that must be given: header.v"),
    ((f"{POST}/security", []), "! POST /renders: it wants other credentials"),
    (("/paths/~1renders~1{render_id}~1cancel", None), "! POST /renders/{render_id}/cancel: the operation is gone"),
    (("/servers", [{"url": "https://api.renders.example/v2"}]), "document: other addresses"),
    (("/paths/~1renders~1{render_id}~1pause", {"post": {"operationId": "pause",
     "responses": {"200": {"description": ""}}}}),
     "POST /renders/{render_id}/pause: the contract does not have it: it looks like move of a render"),
])  # fmt: skip
def test_a_change_is_told_in_words(folder: Path, change: tuple[str, Any], sentence: str) -> None:
    assert sentence in told(folder, change)


def test_what_was_written_by_hand_stays(folder: Path) -> None:
    mine = json.loads((folder / "openapi.json").read_text())
    set_at(mine, "/components/examples/render.other/value/prompt", "A lighthouse")
    set_at(mine, "/info/title", "My renders")
    (folder / "openapi.json").write_text(json.dumps(mine))
    found = update(folder, (f"{RENDER}/properties/owner", {"type": "string"}), ("/info/version", "8"))
    assert found.openapi["components"]["examples"]["render.other"]["value"]["prompt"] == "A lighthouse"
    assert found.openapi["info"] == {"title": "My renders", "version": "8"}
    assert "owner" in found.openapi["components"]["schemas"]["Render"]["properties"]
    assert not found.broken


def test_what_both_have_changed_is_told_and_ours_stays() -> None:
    base, ours, theirs = (
        {"a": 1, "b": 1, "c": {"d": 1}},
        {"a": 2, "b": 1, "c": {"d": 2}},
        {"a": 3, "b": 4, "c": {"d": 1, "e": 5}},
    )
    assert merged(base, ours, theirs) == ({"a": 2, "b": 4, "c": {"d": 2, "e": 5}}, ["/a"])
    assert merged({"a": 1}, {}, {"a": 2}) == ({}, [])
    assert merged({}, {"a": 1}, {"a": True}) == ({"a": 1}, ["/a"])


def test_the_command_replaces_the_document_where_the_contract_stays_sound(folder: Path) -> None:
    result = call(
        "update",
        folder,
        "--from",
        newer(folder, ("/info/version", "8"), (f"{RENDER}/properties/owner", {"type": "string"})),
    )
    assert (result.exit_code, result.stderr) == (0, "")
    assert "the answer has more: /owner" in result.stdout
    assert json.loads((folder / "imported.json").read_text())["version"] == "8"
    assert "owner" in (folder / "vendor.json").read_text()
    assert call("check", folder).exit_code == 0


BREAKS = (f"{RENDER}/properties/created_at", {"type": "integer"})


def test_the_command_says_what_breaks_and_replaces_nothing(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    result = call("update", folder, "--from", newer(folder, BREAKS))
    assert result.exit_code == 1
    assert "created_at" in result.stdout
    assert "as it was" in result.stderr
    assert "--force" in result.stderr
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


WANTS_MORE = (
    ("/components/schemas/Order/properties/seconds", {"type": "integer", "minimum": 5}),
    ("/components/schemas/Order/required", ["prompt", "seconds"]),
)
ONE = "/paths/~1renders/post/requestBody/content/application~1json/examples/one/value"


def test_a_request_that_the_import_has_made_has_what_the_newer_document_wants(folder: Path) -> None:
    found = update(folder, *WANTS_MORE)
    assert pointers.get(found.openapi, ONE) == {"prompt": "prompt", "seconds": 5}
    assert not found.broken


def test_a_request_that_was_written_by_hand_stays(folder: Path) -> None:
    mine = json.loads((folder / "openapi.json").read_text())
    set_at(mine, ONE, {"prompt": "A lighthouse"})
    (folder / "openapi.json").write_text(json.dumps(mine))
    found = update(folder, *WANTS_MORE)
    assert pointers.get(found.openapi, ONE) == {"prompt": "A lighthouse"}
    assert any("seconds" in each.sentence for each in found.broken)


def test_an_operation_that_is_gone_is_said_to_be_and_stays(folder: Path) -> None:
    result = call("update", folder, "--from", newer(folder, ("/paths/~1renders~1{render_id}~1file", None)))
    assert "the operation is gone" in result.stdout
    assert "taken away by the vendor" in result.stdout
    assert "changed here and by the vendor" not in result.stdout


def test_force_replaces_it_all_the_same(folder: Path) -> None:
    assert call("update", folder, "--from", newer(folder, BREAKS), "--force").exit_code == 1
    assert call("check", folder).exit_code == 1
    assert call("update", folder, "--from", newer(folder)).exit_code == 0
    assert call("check", folder).exit_code == 0


def test_a_dry_run_changes_nothing(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert call("update", folder, "--from", newer(folder, ("/info/version", "8")), "--dry-run").exit_code == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize(("file", "text", "word"), [
    ("vendor.json", None, "imported"), ("vendor.json", "[]", "object"), ("vendor.json", '{"paths": {"/a": 1}}',
     "import"),
    ("imported.json", None, "imported"),
])  # fmt: skip
def test_a_contract_that_was_not_imported_gets_one_sentence(
    folder: Path, file: str, text: str | None, word: str
) -> None:
    (folder / file).unlink()
    if text is not None:
        (folder / file).write_text(text)
    result = call("update", folder, "--from", newer(folder))
    assert result.exit_code == 2
    assert word in result.stderr


def test_a_document_of_another_api_gets_one_sentence(folder: Path) -> None:
    other = put(folder.parent, {"openapi": "3.1.0", "paths": {"/a": {"get": {"responses": {}}}}}, "other.json")
    result = call("update", folder, "--from", other)
    assert (result.exit_code, "none of the operations" in result.stderr) == (2, True)


def test_a_newer_operation_takes_no_name_of_the_contract(tmp_path: Path) -> None:
    before = old()
    set_at(before, "/paths/~1renders/get/operationId", "createRender_2")
    write(tmp_path / "renders", of(tmp_path, before))
    after = json.loads(json.dumps(before))
    set_at(after, f"{POST}/operationId", "makeRender")
    after["paths"]["/else"] = {"get": {**before["paths"]["/fonts"]["get"], "operationId": "createRender"}}
    found = update_of(tmp_path / "renders", put(tmp_path, after, "newer.json"))
    assert "/else" not in found.vendor["paths"]
    assert found.vendor["paths"]["/renders"]["get"]["operationId"] == "createRender_2"


def test_paths_that_only_begin_as_those_that_were_named_are_not_told(tmp_path: Path) -> None:
    write(tmp_path / "renders", of(tmp_path, old(), "/renders"))
    after = old()
    after["paths"] |= {
        path.replace("/renders", "/renders-of-others"): json.loads(json.dumps(item).replace('Render"', 'Other"'))
        for path, item in old()["paths"].items()
        if path.startswith("/renders")
    }
    after["components"]["schemas"]["Other"] = after["components"]["schemas"]["Render"]
    assert update_of(tmp_path / "renders", put(tmp_path, after, "newer.json")).changes == []
