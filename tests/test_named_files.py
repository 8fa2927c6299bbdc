"""What stands where somebody names a file is read if it is one, and else said to be none, in one sentence."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mockserver.cli import main
from mockserver.cli.annotations import Note, annotation_line
from mockserver.cli.snapshot import snapshot_in
from mockserver.errors import UsageError
from mockserver.files import LARGEST, NO_FILE, bytes_of
from mockserver.loader import load_folder
from mockserver.steering.certificates import pem_of
from mockserver.steering.snapshots import snapshot_of
from mockserver.webhooks.trust import certificates_in
from mockserver.wire import tls_files

KINDS = ("pipe", "folder", "device", "large")


@pytest.fixture(params=KINDS)
def odd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """What is no file, under a name that files have. Who reads the pipe all the same finds it empty."""
    path = tmp_path / "pyproject.toml"
    if request.param == "folder":
        path.mkdir()
    elif request.param == "device":
        path.symlink_to("/dev/zero" if Path("/dev/zero").exists() else os.devnull)
    elif request.param == "large":
        with path.open("wb") as file:
            file.truncate(LARGEST + 1)
    else:
        os.mkfifo(path)
        writer = threading.Thread(target=lambda: os.close(os.open(path, os.O_WRONLY)), daemon=True)
        writer.start()
    yield path
    if request.param == "pipe":
        os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))


READERS: dict[str, Callable[[Path], Any]] = {
    "snapshot of a test": snapshot_of,
    "snapshot of a server": snapshot_in,
    "authority of a test": pem_of,
    "authority of a server": certificates_in,
    "certificate": tls_files,
}


@pytest.mark.parametrize("reader", READERS)
def test_what_is_no_file_is_refused_in_a_sentence(odd: Path, reader: str) -> None:
    with pytest.raises(UsageError) as refused:
        READERS[reader](odd)
    assert NO_FILE in str(refused.value) or f"larger than {LARGEST} bytes" in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize("arguments", [["serve"], ["serve", "--config", "pyproject.toml"]])
def test_settings_that_are_no_file_stop_the_start(
    odd: Path, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(odd.parent)
    found = CliRunner().invoke(main, arguments)
    assert found.exit_code == 2
    assert "pyproject.toml" in found.output


@pytest.mark.parametrize("name", ["openapi.json", "behavior.json"])
def test_a_document_of_a_contract_that_is_no_file_is_a_mistake_without_a_line(odd: Path, name: str) -> None:
    folder = odd.parent / "acme"
    folder.mkdir()
    for each in ("openapi.json", "behavior.json"):
        (folder / each).write_text("{}")
    (folder / name).unlink()
    (folder / name).symlink_to(odd)
    assert [str(each) for each in load_folder(folder)[1] if f"acme/{name}" in str(each)]
    assert "line=" not in annotation_line(Note("a title", "a text", folder / name, "/paths"))


def test_a_file_is_read_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    (tmp_path / "b").symlink_to("a")
    assert bytes_of(tmp_path / "b") == b"abc"
