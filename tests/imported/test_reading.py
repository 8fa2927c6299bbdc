"""Documents of others as values: JSON and YAML, and one sentence for what is neither."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from imported_kit import old, put

from mockserver.errors import ContractError, MockserverError, UsageError
from mockserver.imported.importing import opened
from mockserver.imported.reading import parsed, read


def test_yaml_is_the_same_as_json(tmp_path: Path) -> None:
    assert read(put(tmp_path, old(), "a.yaml")) == read(put(tmp_path, old()))


@pytest.mark.parametrize(("text", "value"), [
    ("a: no", "no"), ("a: on", "on"), ("a: 2026-05-07", "2026-05-07"), ("a: 12:30", "12:30"), ("a: 0777", "0777"),
    ("a: 1_000", "1_000"), ("a: 0o7", "0o7"), ("a: 3.0", 3.0), ("a: 1e3", 1000.0), ("a: true", True), ("a: ~", None),
    ("a: .inf", ".inf"), ("a:", None), ("a: '1'", "1"),
])  # fmt: skip
def test_the_words_of_yaml_are_those_of_json(text: str, value: Any) -> None:
    assert parsed(text.encode(), "a.yaml") == {"a": value}


def test_names_are_texts() -> None:
    assert parsed(b"responses: {200: a, true: b, null: c}", "a.yaml") == {
        "responses": {"200": "a", "true": "b", "null": "c"}
    }


def test_a_number_of_any_length_may_be_a_name() -> None:
    assert parsed(b"a: {? !!int 0x" + b"f" * 9000 + b" : 1}", "a.yaml") == {"a": {"0x" + "f" * 9000: 1}}


def test_what_is_merged_is_there() -> None:
    assert parsed(b"a: &x {b: 1}\nc:\n  <<: *x\n  d: 2\n", "a.yaml")["c"] == {"b": 1, "d": 2}


@pytest.mark.parametrize(("text", "word"), [
    (b"a: &x [*x]", "hold themselves"), (b"a: [1, 2", "no YAML"), (b"- 1", "no object"), (b"\xff\xfe", "UTF-8"),
    (b"a: !!python/object:os.system x", "no YAML"), (b"a: !!binary aGk=", "bytes"), (b"a: !!set {x}", "set"),
    (b"{", "not JSON"), (b"[" * 5000, "no YAML"), (b"", "not JSON"), (b'{"a": 1e999}', "not JSON"), (b"a: *x",
     "no YAML"),
    (b"a: !!bool maybe", "its tag names"), (b'a: !!int ""', "its tag names"), (b"a: !!timestamp x", "its tag names"),
    (b"a: !!int 0x" + b"f" * 9000, "cannot be counted with"), (b"a: 1" + b"0" * 400, "cannot be counted with"),
    (b'a: "\\uD800"', ""), (b"? {a: b}\n: c", "no YAML"),
])  # fmt: skip
def test_what_cannot_be_read_gets_one_sentence(text: bytes, word: str) -> None:
    with pytest.raises(ContractError) as caught:
        parsed(text, "a.yaml")
    (found,) = caught.value.findings
    assert word in found.sentence


def test_aliases_that_multiply_are_stopped() -> None:
    lines = ["a0: &a0 [1,1,1,1,1,1,1,1,1]", *(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12))]
    with pytest.raises(ContractError, match="more than"):
        parsed("\n".join(lines).encode(), "a.yaml")


def test_without_pyyaml_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(UsageError, match=r"mockserver-kit\[yaml\]"):
        parsed(b"a: 1", "a.yaml")
    assert parsed(b'{"a": 1}', "a.json") == {"a": 1}


@pytest.mark.parametrize(("document", "word"), [
    ({"swagger": "2.0", "paths": {}}, "Swagger 2.0"), ({"openapi": "2.1", "paths": {}}, "2.1"), ({"openapi": 3}, "3"),
    ({}, "no OpenAPI document"), ({"openapi": "3.1.0"}, "no paths"), ({"openapi": "3.1.0", "paths": []}, "no paths"),
    ({"openapi": "3.1.0", "paths": {"/a": {"$ref": "./a.yaml"}}}, "another file"),
])  # fmt: skip
def test_what_is_no_document_of_these_versions_gets_one_sentence(tmp_path: Path, document: Any, word: str) -> None:
    with pytest.raises(MockserverError, match=word):
        opened(put(tmp_path, document))


def test_a_file_that_is_not_there_gets_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read(tmp_path / "nix.json")
