"""`verify --suggest` and `--apply`: what they print, what they write, and what they leave alone."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonpatch
import pytest
from cli_kit import broken_promise, call
from click.testing import Result
from verify_kit import served

import mockserver.verify
from mockserver.check import check
from mockserver.errors import UsageError
from mockserver.launch import contracts_in
from mockserver.loader import SHIPPED, texts_of
from mockserver.verify.suggest.writing import check_writable, write

VIDGEN = next(contract for contract in contracts_in() if contract.name == "vidgen")
NARROW = ("--operation", "getHealth", "--limit-requests", "0")


@pytest.fixture(scope="module")
def vendor() -> Iterator[str]:
    """Where the shipped contract is served."""
    with served(VIDGEN) as (url, _):
        yield url


def verify(folder: Path, url: str, *words: str) -> Result:
    return call("verify", "vidgen", "--contracts", folder, "--url", url, *NARROW, *words)


def test_suggestions_are_printed_and_nothing_is_written(vendor: str, tmp_path: Path) -> None:
    folder = broken_promise(tmp_path)
    before = texts_of(folder)
    ran = verify(folder, vendor, "--suggest")
    assert ran.exit_code == 1
    assert "patch: remove openapi.json#/paths/~1api~1health/get/responses/200" in ran.output
    assert "\n+++ b/" in ran.output
    assert "vidgen: 2 things differ" in ran.output
    assert texts_of(folder) == before


def test_what_is_applied_is_what_the_json_patches_say_and_the_server_keeps_it(vendor: str, tmp_path: Path) -> None:
    folder = broken_promise(tmp_path)
    document = json.loads((folder / "openapi.json").read_text())
    told = json.loads(verify(folder, vendor, "--suggest", "--format", "json").output)
    assert {each["kind"] for each in told["drift"]} == {"missing_field", "unknown_field"}
    for suggestion in told["suggestions"]:
        for each in suggestion["patches"]:
            assert each["file"] == str(folder / "openapi.json")
            document = jsonpatch.JsonPatch(each["patch"]).apply(document)
    ran = verify(folder, vendor, "--apply")
    assert ran.exit_code == 0, ran.output
    assert f"{folder / 'openapi.json'} is changed" in ran.output
    assert json.loads((folder / "openapi.json").read_text()) == document
    assert not check(folder)
    assert verify(folder, vendor).exit_code == 0


def test_a_contract_that_comes_with_the_package_is_not_changed(vendor: str) -> None:
    before = texts_of(SHIPPED / "vidgen")
    ran = call("verify", "vidgen", "--url", vendor, *NARROW, "--apply")
    assert ran.exit_code == 2
    assert ran.output.startswith("Error: vidgen comes with mockserver and is not changed: copy ")
    assert len(ran.output.strip().splitlines()) == 1
    assert texts_of(SHIPPED / "vidgen") == before


def test_a_file_that_is_read_only_is_not_changed(vendor: str, tmp_path: Path) -> None:
    folder = broken_promise(tmp_path)
    (folder / "openapi.json").chmod(0o444)
    ran = verify(folder, vendor, "--apply")
    assert (ran.exit_code, len(ran.output.strip().splitlines())) == (2, 1)
    assert "openapi.json is read-only" in ran.output


def test_who_edits_a_file_while_the_server_is_asked_loses_nothing(
    vendor: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, real = broken_promise(tmp_path), mockserver.verify.verify

    def walk(*given: Any) -> Any:
        (folder / "behavior.json").write_text("{}")
        return real(*given)

    monkeypatch.setattr(mockserver.verify, "verify", walk)
    before = (folder / "openapi.json").read_bytes()
    ran = verify(folder, vendor, "--apply")
    assert (ran.exit_code, len(ran.stderr.strip().splitlines())) == (2, 1)
    assert "behavior.json was changed while the server was asked; nothing is written: run it again" in ran.stderr
    assert "vidgen: 2 things differ" in ran.stdout
    assert files(folder) == {"openapi.json": before, "behavior.json": b"{}"}


def test_an_api_that_is_not_known_is_named_before_anything_is_read(vendor: str) -> None:
    ran = call("verify", "vidgan", "--url", vendor, "--suggest")
    assert (ran.exit_code, "did you mean 'vidgen'?" in ran.output) == (2, True)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "openapi.json").write_bytes(b"{}")
    (folder / "behavior.json").write_bytes(b"[]")
    return folder


def test_a_file_that_was_changed_meanwhile_stays_as_it_is(own: Path) -> None:
    before = files(own)
    (own / "behavior.json").write_bytes(b"[1]")
    changed = files(own)
    with pytest.raises(UsageError, match="was changed while the server was asked; nothing is written"):
        write(own, before, {"openapi.json": b"{1}", "behavior.json": b"[]"})
    (own / "behavior.json").unlink()
    with pytest.raises(UsageError, match="was changed"):
        write(own, before, {"openapi.json": b"{1}", "behavior.json": b"[]"})
    assert files(own) == {"openapi.json": changed["openapi.json"]}


def test_all_files_are_written_or_none(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, real = files(own), Path.replace

    def replace(path: Path, target: Path) -> Path:
        if target.name == "behavior.json":
            raise OSError(28, "No space left on device")
        return real(path, target)

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(UsageError, match="No space left on device; nothing is changed"):
        write(own, before, {"openapi.json": b"{1}", "behavior.json": b"[1]"})
    assert files(own) == before


def test_a_disk_that_is_full_leaves_no_file_behind(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    before = files(own)
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(UsageError, match="No space left on device; nothing is changed"):
        write(own, before, {"openapi.json": b"{1}", "behavior.json": b"[1]"})
    assert files(own) == before


def test_a_file_keeps_its_mode_and_the_link_that_leads_to_it(own: Path, tmp_path: Path) -> None:
    real = tmp_path / "real.json"
    (own / "openapi.json").rename(real)
    real.chmod(0o640)
    (own / "openapi.json").symlink_to(real)
    assert write(own, files(own), {"openapi.json": b"{1}", "behavior.json": b"[]"}) == [own / "openapi.json"]
    assert (own / "openapi.json").is_symlink()
    assert (real.read_bytes(), stat.S_IMODE(real.stat().st_mode)) == (b"{1}", 0o640)


def test_a_link_into_the_package_is_not_followed(own: Path) -> None:
    (own / "openapi.json").unlink()
    (own / "openapi.json").symlink_to(SHIPPED / "vidgen" / "openapi.json")
    with pytest.raises(UsageError, match="comes with mockserver"):
        check_writable(own, files(own))
