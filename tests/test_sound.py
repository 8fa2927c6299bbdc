"""A contract starts without being looked through again where it is as shipped, or was sound before; else it is not."""

from __future__ import annotations

import json
import os
import shutil
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path

import pytest

from mockserver.app.options import contracts_in, wrong_with
from mockserver.errors import ContractError, Finding
from mockserver.loader import SHIPPED, contract_folders, folders, load_all, load_folder, sound, texts_of

NAMES = [folder.name for folder in contract_folders(SHIPPED)]
NAME = NAMES[0]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which nothing is remembered yet."""
    folder = tmp_path / "cache"
    monkeypatch.setenv(sound.FOLDER, str(folder))
    return folder


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The contracts that are looked through from now on."""
    names: list[str] = []
    load = folders.load

    def counted(source: folders.Source) -> folders.Contract:
        names.append(source.name)
        return load(source)

    monkeypatch.setattr(folders, "load", counted)
    return names


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The package as a wheel installs it, with its contracts inside and the RECORD beside."""
    site = tmp_path / "site-packages"
    contracts = site / "mockserver" / "contracts"
    shutil.copytree(SHIPPED, contracts)
    files = [path for path in contracts.rglob("*") if path.is_file()]
    record = site / "mockserver_kit-1.0.dist-info" / "RECORD"
    record.parent.mkdir()
    record.write_text("".join(_row(path, site) for path in files) + "RECORD,,\n")
    monkeypatch.setattr(sound, "PACKAGE", site / "mockserver")
    monkeypatch.setattr(sound, "STANDARD", contracts / "standard.json")
    sound._recorded.cache_clear()
    return contracts


def _row(path: Path, site: Path) -> str:
    text = path.read_bytes()
    digest = urlsafe_b64encode(sha256(text).digest()).rstrip(b"=").decode()
    return f"{path.relative_to(site).as_posix()},sha256={digest},{len(text)}\n"


def edit(folder: Path, file: str) -> None:
    document = json.loads((folder / file).read_text())
    document["paths" if file == "openapi.json" else "operations"]["/nowhere"] = {"get": {"responses": {}}}
    (folder / file).write_text(json.dumps(document))


def test_shipped_contracts_are_sound() -> None:
    assert [load_folder(SHIPPED / name, further=wrong_with)[1] for name in NAMES] == [[] for _ in NAMES]


@pytest.mark.parametrize("name", NAMES)
def test_a_contract_is_the_same_with_checks_and_without(name: str, looked: list[str]) -> None:
    contracts = [load_folder(SHIPPED / name, trust=True, further=lambda contract: []) for _ in range(2)]
    assert contracts[0] == contracts[1]
    assert looked == [name]


def test_what_a_wheel_brought_is_not_looked_through(installed: Path, cache: Path, looked: list[str]) -> None:
    assert [contract.name for contract in load_all([installed])] == NAMES
    gallery = contract_folders(installed / "gallery")
    assert [contract.name for contract in load_all(gallery)] == [each.name for each in gallery]
    assert looked == []
    assert not cache.exists()


def test_who_starts_again_has_the_same_contracts_until_their_files_are_edited(
    installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "SHIPPED", installed)
    first, second = load_all([installed]), load_all([installed])
    assert all(one is other for one, other in zip(first, second, strict=True))
    behavior = installed / NAME / "behavior.json"
    behavior.write_text(behavior.read_text() + "\n")
    (third,) = load_all([installed / NAME])
    assert third == first[0]
    assert third is not first[0]


def test_a_contract_of_ones_own_is_read_each_time(tmp_path: Path) -> None:
    copy = Path(shutil.copytree(SHIPPED / NAME, tmp_path / NAME))
    several = [load_all([copy], lambda contract: [])[0] for _ in range(3)]
    assert several[1] == several[2]
    assert several[1] is not several[2]


@pytest.mark.parametrize("file", ["openapi.json", "behavior.json"])
def test_a_file_that_was_edited_where_it_was_installed_is_noticed(installed: Path, file: str) -> None:
    edit(installed / NAME, file)
    with pytest.raises(ContractError) as caught:
        load_all([installed])
    assert {finding.file for finding in caught.value.findings} >= {f"{NAME}/{file}"}
    assert all(finding.pointer.startswith("#/") and finding.remedy for finding in caught.value.findings)


def test_an_overlay_beside_them_is_noticed(installed: Path) -> None:
    (installed / NAME / "overlay.json").write_text("{}")
    with pytest.raises(ContractError):
        load_all([installed / NAME])


def test_what_is_written_once_for_all_counts_as_well(installed: Path, looked: list[str]) -> None:
    (installed / "standard.json").write_text((installed / "standard.json").read_text() + "\n")
    load_all([installed])
    assert looked == NAMES


def test_a_copy_of_what_was_installed_elsewhere_is_looked_through(
    installed: Path, tmp_path: Path, looked: list[str]
) -> None:
    load_all([shutil.copytree(installed / NAME, tmp_path / NAME)])
    assert looked == [NAME]


@pytest.mark.parametrize("text", [None, "", "\xff", "mockserver/contracts/x", ",sha256=\n/contracts/,sha256=a,1\n"])
def test_a_record_that_says_nothing_trusts_nothing(installed: Path, looked: list[str], text: str | None) -> None:
    (record,) = installed.parent.parent.glob("*/RECORD")
    record.unlink()
    if text is not None:
        record.write_text(text, encoding="latin-1")
    sound._recorded.cache_clear()
    load_all([installed / NAME])
    assert looked == [NAME]


def test_in_a_checkout_they_are_looked_through_once(looked: list[str]) -> None:
    for _ in range(3):
        load_all([SHIPPED], lambda contract: [])
    assert looked == NAMES


def test_a_contract_in_which_something_was_found_is_looked_through_each_time(looked: list[str]) -> None:
    finding = Finding("a file", "", "a sentence.", "a remedy.")
    for _ in range(2):
        assert load_folder(SHIPPED / NAME, trust=True, further=lambda contract: [finding])[1] == [finding]
    assert looked == [NAME] * 2


def test_who_asks_nobody_further_remembers_nothing(looked: list[str]) -> None:
    for _ in range(2):
        load_folder(SHIPPED / NAME, trust=True)
    assert looked == [NAME] * 2


def test_the_same_files_under_another_name_are_looked_through(tmp_path: Path, looked: list[str]) -> None:
    copy = Path(shutil.copytree(SHIPPED / NAME, tmp_path / NAME))
    load_all([SHIPPED / NAME], lambda contract: [])
    load_all([copy], lambda contract: [])
    load_all([copy.rename(copy.with_name("another"))], lambda contract: [])
    assert looked == [NAME, "another"]


def test_of_many_that_are_remembered_the_longest_unused_make_room(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound, "MOST", 2)
    for n, digest in enumerate(("a", "b")):
        sound.remember(digest)
        os.utime(cache / "sound" / digest, (n, n))
    assert sound.was_sound("a")  # used again: it is the newest
    sound.remember("c")
    assert sorted(path.name for path in (cache / "sound").iterdir()) == ["a", "c"]


def test_no_two_divisions_of_the_same_bytes_are_one() -> None:
    files = ({"x": b"bc", "y": b"d"}, {"x": b"b", "y": b"cd"})
    assert sound.digest_of("a", b"", files[0]) != sound.digest_of("a", b"", files[1])
    assert sound.digest_of("a", b"bc", {}) != sound.digest_of("a", b"b", {"x": b"c"})


def test_what_a_start_serves_is_sound() -> None:
    assert [contract.name for contract in contracts_in()] == NAMES
    assert sound.was_sound(sound.digest_of(NAME, (SHIPPED / folders.SCHEMA).read_bytes(), texts_of(SHIPPED / NAME)))
