"""`overlay.json` beside a vendor's document changes it as it is read; the vendor's file stays as it was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from check_kit import write
from cli_kit import call
from language_kit import BEHAVIOR, NAME, OPENAPI, client, documents
from oas_patch.overlay import apply_overlay

from mockserver import pointers
from mockserver.app.reloading import _stamp
from mockserver.check import check
from mockserver.errors import ContractError
from mockserver.launch import start
from mockserver.loader import load_folder
from mockserver.loader.overlay import overlaid
from mockserver.loader.source import OVERLAY

INFO = {"title": "Ours", "version": "1"}


def overlay(*actions: Any, version: str = "1.1.0") -> Any:
    return {"overlay": version, "info": INFO, "extends": "./openapi.json", "actions": list(actions)}


DOCUMENT: Any = {
    "info": {"title": "T", "version": "1"},
    "paths": {
        "/foo": {"get": {"tags": ["a"], "parameters": [{"name": "x"}, {"name": "dummy"}], "description": "old"}},
        "/bar": {"get": {"tags": ["dummy", "b"], "parameters": [{"name": "dummy"}]}, "post": {"x": {"y": 1}}},
    },
    "tags": [1, 2, 3, 4],
}
ACTIONS = [
    [{"target": "$", "update": {"info": {"x-more": [1]}, "paths": {"/new": {"get": {}}}}}],
    [{"target": "$.paths['/foo'].get", "update": {"description": "new", "x": {"y": {"z": None}}}}],
    [{"target": "$.paths.*.get", "update": {"x-safe": True, "tags": ["more"]}}],
    [{"target": "$.paths.*.get.parameters", "update": {"name": "new", "in": "query"}}],
    [{"target": "$.paths.*.get.parameters[?@.name == 'dummy']", "remove": True}],
    [{"target": "$.paths['/bar'].post", "remove": True}, {"target": "$.paths['/bar']", "update": {"put": {}}}],
    [{"target": "$.tags[?@ > 1]", "remove": True}],
    [{"target": "$.nothing.there", "update": {"a": 1}}],
    [{"target": "$..post", "update": {"x": {"y": 2}}, "x-why": "because", "description": "it has to be"}],
]


@pytest.mark.parametrize("actions", ACTIONS)
def test_another_tool_comes_to_the_same_document(actions: list[Any]) -> None:
    said = overlay(*actions, version="1.0.0")
    theirs = apply_overlay(json.loads(json.dumps(DOCUMENT)), json.loads(json.dumps(said)))
    assert overlaid(DOCUMENT, said, OVERLAY) == theirs


def test_words_of_1_1_copy_and_replace_single_values() -> None:
    said = overlay(
        {"target": "$.paths['/foo'].get.description", "update": "new"},
        {"target": "$.paths['/bar']", "copy": "$.paths['/foo']"},
        {"target": "$.paths['/foo']", "remove": True},
        {"target": "$.paths.*.get.tags[?@ == 'dummy']", "remove": True},
    )
    found = overlaid(DOCUMENT, said, OVERLAY)
    assert found["paths"].keys() == {"/bar"}
    assert found["paths"]["/bar"]["get"]["description"] == "new"
    assert found["paths"]["/bar"]["get"]["tags"] == ["b", "a"]
    assert DOCUMENT["paths"]["/foo"]["get"]["description"] == "old"


MISTAKES = [
    ({**overlay({"target": "$", "update": {}}), "overlay": "2.0.0"}, "/overlay", "no version of Overlay"),
    ({**overlay({"target": "$", "update": {}}), "info": {}}, "/info", "missing"),
    (overlay(), "/actions", "no actions"),
    (overlay(3), "/actions/0", "no target"),
    (overlay({"update": {}}), "/actions/0", "no target"),
    (overlay({"target": "$.paths"}), "/actions/0", "does nothing"),
    (overlay({"target": "$.paths", "remove": "yes"}), "/actions/0/remove", "true or false"),
    (overlay({"target": "$.paths", "copy": "$.info"}, version="1.0.0"), "/actions/0/copy", "has no copy"),
    (overlay({"target": "$.paths", "copy": 3}), "/actions/0/copy", "no JSONPath"),
    (overlay({"target": "$.paths[", "update": {}}), "/actions/0/target", "is no JSONPath"),
    (overlay({"target": "$.paths", "copy": "$.none"}), "/actions/0/copy", "0 places"),
    (overlay({"target": "$.paths", "copy": "$.tags[*]"}), "/actions/0/copy", "4 places"),
    (overlay({"target": "$", "remove": True}), "/actions/0/target", "whole document"),
    (overlay({"target": "$", "update": {"info": 3}}), "/actions/0/update", "over an object"),
    (overlay({"target": "$", "update": {"tags": {}}}), "/actions/0/update", "an object is to be written over a list"),
    (overlay({"target": "$.*", "update": {}}), "/actions/0/target", "are selected together"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "pointer", "word"), MISTAKES, ids=lambda each: str(each)[:40])
def test_a_mistake_is_named_with_its_place(said: Any, pointer: str, word: str) -> None:
    with pytest.raises(ContractError) as caught:
        overlaid(DOCUMENT, said, "own/overlay.json")
    found = [each for each in caught.value.findings if word in each.sentence and each.file == "own/overlay.json"]
    assert [each for each in found if each.pointer.startswith(f"#{pointer}")], caught.value.findings


def test_copies_of_copies_have_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.loader.overlay.MOST", 1000)
    said = overlay({"target": "$", "update": {"x": {"a": {}}}}, *[{"target": "$.x", "copy": "$"}] * 40)
    with pytest.raises(ContractError, match="writes more than 1000 values"):
        overlaid(DOCUMENT, said, "own/overlay.json")


def test_copies_that_double_the_depth_end_as_well() -> None:
    said = overlay(*[{"target": "$" + ".x" * 2**n, "copy": "$"} for n in range(12)])
    with pytest.raises(ContractError, match="nest deeper than") as caught:
        overlaid({"x": {}}, said, "own/overlay.json")
    assert [each.pointer for each in caught.value.findings] == ["#/actions/6/copy"]


def test_a_place_within_another_one_keeps_what_was_written_there() -> None:
    said = overlay({"target": "$..a", "update": {"a": {"x": 1}}})
    assert overlaid({"a": {"a": {}}}, said, OVERLAY) == {"a": {"a": {"x": 1, "a": {"x": 1}}}}


def vendors(folder: Path) -> tuple[Path, Any]:
    """A contract of which the vendor's document lacks all that is ours, and the overlay that adds it."""
    made = documents()
    openapi, actions = made[OPENAPI], []
    for at, value in [*pointers.walk(openapi["paths"], "/paths")]:
        if isinstance(value, dict) and "examples" in value and at.rpartition("/")[0].endswith("/content"):
            target = "$" + "".join(f"[{json.dumps(part)}]" for part in pointers.split(at))
            actions.append({"target": target, "update": {"examples": value.pop("examples")}})
    made[OVERLAY] = overlay(*actions)
    return write(folder / NAME, made), made


def test_a_contract_is_the_vendors_document_with_ours_over_it(tmp_path: Path) -> None:
    folder, made = vendors(tmp_path)
    assert len(made[OVERLAY]["actions"]) > 3
    assert not check(folder), check(folder)
    whole, _ = load_folder(write(tmp_path / "whole" / NAME, documents()))
    contract, _ = load_folder(folder)
    assert contract is not None
    assert whole is not None
    assert {name: [*o.examples] for name, o in contract.operations.items()} == {
        name: [*o.examples] for name, o in whole.operations.items()
    }
    with start(contracts=folder) as server, client(f"{server.url}/{NAME}") as http:
        told = http.post("/v1/jobs", json={"prompt": "x"}, headers={"x-api-key": "demo-key"})
        assert (told.status_code, told.json()["status"]) == (201, "queued")
    assert json.loads((folder / OPENAPI).read_text()) == made[OPENAPI]


def test_check_names_the_overlay_and_its_line(tmp_path: Path) -> None:
    folder, _ = vendors(tmp_path)
    said = overlay({"target": "$.paths[", "remove": True})
    (folder / OVERLAY).write_text(json.dumps(said, indent=2))
    ran = call("check", folder / OVERLAY)
    assert ran.exit_code == 1
    assert f"{NAME}/overlay.json:10: #/actions/0/target: '$.paths[' is no JSONPath" in ran.output


def test_what_is_wrong_in_the_result_stands_in_the_document(tmp_path: Path) -> None:
    folder = write(tmp_path / NAME, {**documents(), OVERLAY: overlay({"target": "$.info", "remove": True})})
    assert [(f.file, f.pointer) for f in check(folder)] == [(f"{NAME}/{OPENAPI}", "#/info")]


def test_an_edit_of_the_overlay_is_seen_by_a_server_that_reloads(tmp_path: Path) -> None:
    folder, _ = vendors(tmp_path)
    before = _stamp(folder)
    (folder / OVERLAY).write_text("{}")
    assert _stamp(folder) != before


def test_behavior_stays_behavior(tmp_path: Path) -> None:
    folder, made = vendors(tmp_path)
    assert json.loads((folder / BEHAVIOR).read_text()) == made[BEHAVIOR]
