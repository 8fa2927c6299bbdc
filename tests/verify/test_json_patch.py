"""Changes of a document (RFC 6902), in a file whose other text stays as it was."""

from __future__ import annotations

import difflib
import json
from typing import Any

import jsonpatch
import pytest

from mockserver import pointers
from mockserver.json_patch import PatchError, PatchOperation, patched
from mockserver.loader import SHIPPED
from mockserver.loader.rewriting import rewritten

VIDGEN = (SHIPPED / "vidgen" / "openapi.json").read_text()

TEXTS = [
    # before, changes, after
    ('{"a": 1}', [PatchOperation("add", "/b", 2)], '{"a": 1, "b": 2}'),
    ('{"a":1,"c":3}', [PatchOperation("add", "/b", 2)], '{"a":1,"c":3,"b": 2}'),
    ("{}", [PatchOperation("add", "/b", [1, 2])], '{"b": [1, 2]}'),
    ('{\n  "a": 1\n}\n', [PatchOperation("add", "/b", 2)], '{\n  "a": 1,\n  "b": 2\n}\n'),
    ('{\n\t"a": {}\n}', [PatchOperation("add", "/a/x", "y")], '{\n\t"a": {"x": "y"}\n}'),
    ('{\r\n  "a": 1\r\n}\r\n', [PatchOperation("add", "/b", 2)], '{\r\n  "a": 1,\r\n  "b": 2\r\n}\r\n'),
    ('{"a": [1, 2, 3]}', [PatchOperation("remove", "/a/1")], '{"a": [1, 3]}'),
    ('{"a": [1, 2, 3]}', [PatchOperation("remove", "/a/2")], '{"a": [1, 2]}'),
    ('{"a": [ 1 ]}', [PatchOperation("remove", "/a/0")], '{"a": []}'),
    ('{"a": [1]}', [PatchOperation("add", "/a/0", 0)], '{"a": [0, 1]}'),
    ('{"a": [1]}', [PatchOperation("add", "/a/-", 2)], '{"a": [1, 2]}'),
    ('{"a": [1]}', [PatchOperation("add", "/a/1", 2)], '{"a": [1, 2]}'),
    ('{"a": "x", "b": 1}', [PatchOperation("replace", "/a", None)], '{"a": null, "b": 1}'),
    ('{"a": "x", "b": 1}', [PatchOperation("add", "/a", None)], '{"a": null, "b": 1}'),
    ('{"a": 1, "b": 2}', [PatchOperation("move", "/c", source="/a")], '{"c": 1, "b": 2}'),
    ('{"a": 1, "b": {}}', [PatchOperation("move", "/b/a", source="/a")], '{"b": {"a": 1}}'),
    ('{"a/b": {"~": 1}}', [PatchOperation("replace", "/a~1b/~0", 2)], '{"a/b": {"~": 2}}'),
    ('{"é": 1}', [PatchOperation("replace", "/é", "ü")], '{"é": "ü"}'),
    ('{"a": 1}', [PatchOperation("replace", "/a", "ü")], '{"a": "\\u00fc"}'),
    ('{"a": 1}', [PatchOperation("test", "/a", 1), PatchOperation("remove", "/a")], "{}"),
    ('{"a": 1}', [PatchOperation("replace", "", {"b": 2})], '{"b": 2}'),
    ('{\n  "a": 1,\n  "b": 2\n}', [PatchOperation("remove", "/b")], '{\n  "a": 1\n}'),
    ('{\n  "a": 1,\n  "b": 2\n}', [PatchOperation("remove", "/a")], '{\n  "b": 2\n}'),
    ('{"a": 1.0, "b": 1e3, "c": "\\u0041"}', [PatchOperation("remove", "/a")], '{"b": 1e3, "c": "\\u0041"}'),
]


@pytest.mark.parametrize(("before", "changes", "after"), TEXTS)
def test_a_text_is_changed_at_its_place_alone(before: str, changes: list[PatchOperation], after: str) -> None:
    assert rewritten(before, changes) == after


@pytest.mark.parametrize(("before", "changes", "after"), TEXTS)
def test_another_library_applies_the_same_patch(before: str, changes: list[PatchOperation], after: str) -> None:
    theirs = jsonpatch.JsonPatch([each.data() for each in changes]).apply(json.loads(before))
    assert theirs == json.loads(after) == patched(json.loads(before), changes)


def test_a_long_value_goes_over_several_lines() -> None:
    value = {"items": [f"number {index}" for index in range(20)]}
    text = rewritten('{\n  "a": {\n    "b": 1\n  }\n}', [PatchOperation("add", "/a/c", value)])
    assert text.splitlines()[3:6] == ['    "c": {', '      "items": [', '        "number 0",']
    assert json.loads(text)["a"]["c"] == value


def test_what_is_renamed_keeps_its_place() -> None:
    changes = [PatchOperation("move", "/a/2", source="/a/1")]
    document = {"a": {"1": "x", "3": "y"}}
    assert [*patched(document, changes)["a"]] == ["2", "3"]
    assert rewritten(json.dumps(document), changes) == '{"a": {"2": "x", "3": "y"}}'


@pytest.mark.parametrize(
    "change",
    [
        PatchOperation("remove", "/b"),
        PatchOperation("replace", "/b", 1),
        PatchOperation("add", "/b/c", 1),
        PatchOperation("add", "/a/9", 1),
        PatchOperation("add", "/a/x", 1),
        PatchOperation("move", "/c", source="/b"),
        PatchOperation("test", "/a", 2),
        PatchOperation("remove", "/a/-"),
    ],
)
def test_what_the_document_does_not_allow_is_refused(change: PatchOperation) -> None:
    with pytest.raises(PatchError):
        rewritten('{"a": [1]}', [change])


def test_a_change_of_a_contract_touches_the_lines_of_its_place_alone() -> None:
    document = json.loads(VIDGEN)
    places = [at for at, value in pointers.walk(document) if at and not isinstance(value, dict | list)][::60]
    assert len(places) > 8
    for at in places:
        for change in (PatchOperation("replace", at, "new"), PatchOperation("remove", at)):
            text = rewritten(VIDGEN, [change])
            assert json.loads(text) == patched(document, [change])
            before, after = VIDGEN.splitlines(), text.splitlines()
            lines = [line for line in difflib.unified_diff(before, after, n=0) if line[:3] not in ("---", "+++", "@@ ")]
            assert len(lines) <= 4, (at, lines)


def test_changes_are_written_as_rfc_6902_has_them() -> None:
    several: list[Any] = [
        PatchOperation("add", "/a", None),
        PatchOperation("remove", "/a"),
        PatchOperation("move", "/b", source="/a"),
    ]
    assert [each.data() for each in several] == [
        {"op": "add", "path": "/a", "value": None},
        {"op": "remove", "path": "/a"},
        {"op": "move", "path": "/b", "from": "/a"},
    ]
