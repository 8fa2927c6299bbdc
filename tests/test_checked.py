"""Shipped contracts start without being checked again; whatever is not byte for byte theirs is checked in full."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from mockserver.errors import ContractError
from mockserver.loader import SHIPPED, contract_folders, folders, load_all, load_folder
from mockserver.loader.__main__ import made
from mockserver.loader.checked import LIST, checked, digest

NAMES = [folder.name for folder in contract_folders(SHIPPED)]


def test_the_list_holds_the_digests_of_the_shipped_contracts_which_are_sound() -> None:
    assert (SHIPPED / LIST).read_text() == made(), f"run: python -m mockserver.loader > contracts/{LIST}"


@pytest.mark.parametrize("name", NAMES)
def test_a_contract_is_the_same_with_checks_and_without(name: str) -> None:
    assert load_folder(SHIPPED / name, trust=True) == load_folder(SHIPPED / name)


def test_shipped_contracts_are_not_checked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "load", None)
    assert [contract.name for contract in load_all()] == NAMES


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A shipped contract in a folder of its own."""
    return Path(shutil.copytree(SHIPPED / NAMES[0], tmp_path / NAMES[0]))


@pytest.mark.parametrize("file", ["openapi.json", "behavior.json"])
def test_an_edited_file_is_noticed(copy: Path, file: str) -> None:
    document = json.loads((copy / file).read_text())
    document["paths" if file == "openapi.json" else "operations"]["/nowhere"] = {"get": {"responses": {}}}
    (copy / file).write_text(json.dumps(document))
    with pytest.raises(ContractError) as caught:
        load_all([copy])
    assert f"{NAMES[0]}/{file}" in {finding.file for finding in caught.value.findings}
    assert all(finding.pointer.startswith("#/") and finding.remedy for finding in caught.value.findings)


def test_a_contract_under_another_name_is_checked(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(folders, "load", lambda source: asked.append(source.name))
    load_all([copy.rename(copy.with_name("another"))])
    assert asked == ["another"]


@pytest.mark.parametrize("text", [None, "", "[]", "{", '{"a": []}', "\xff"])
def test_a_list_that_cannot_be_read_trusts_nothing(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / LIST).write_text(text, encoding="latin-1")
    assert checked(tmp_path / LIST) == frozenset()


def test_no_two_divisions_of_the_same_bytes_are_one() -> None:
    assert digest("a", b"bc", b"d") != digest("a", b"b", b"cd") != digest("ab", b"", b"cd")
