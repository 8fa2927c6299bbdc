"""A disk without room: what somebody had stays as it was, and of what is new nothing is left."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from imported_kit import of, old, put

from mockserver.cli.record import write as write_recording
from mockserver.files import new_folder, replace
from mockserver.imported.updating import update_of
from mockserver.imported.updating import write as write_update
from mockserver.imported.writing import write as write_imported


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk on which the second file finds no room, and of which the beginning is written."""
    whole, written = Path.write_bytes, list[Path]()

    def write(path: Path, data: bytes) -> int:
        written.append(path)
        if len(written) < 2:
            return whole(path, data)
        whole(path, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", write)


def held(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_an_update_that_has_no_room_changes_nothing(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    write_imported(tmp_path / "renders", of(tmp_path, old()))
    document = old() | {"info": {"title": "Renders", "version": "8"}}
    made = update_of(tmp_path / "renders", put(tmp_path, document, "newer.json"))
    before = held(tmp_path / "renders")
    request.getfixturevalue("full")
    with pytest.raises(OSError, match="No space"):
        write_update(tmp_path / "renders", made)
    assert held(tmp_path / "renders") == before


def test_an_import_that_has_no_room_leaves_no_folder(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    made = of(tmp_path, old())
    request.getfixturevalue("full")
    with pytest.raises(OSError, match="No space"):
        write_imported(tmp_path / "renders", made)
    assert not (tmp_path / "renders").exists()


def test_a_folder_that_was_there_stays(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(FileExistsError), new_folder(tmp_path):
        pass
    assert held(tmp_path) == {"mine": "mine"}


def test_a_recording_that_has_no_room_leaves_the_one_before(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    file = tmp_path / "session.har"
    write_recording(file, "before")
    request.getfixturevalue("full")
    write_recording(file, "first")
    with pytest.raises(OSError, match="No space"):
        write_recording(file, "second")
    assert held(tmp_path) == {"session.har": "first"}


def test_a_recording_is_its_owners_alone_whatever_the_file_was_before(tmp_path: Path) -> None:
    file, link = tmp_path / "session.har", tmp_path / "link.har"
    file.write_text("before")
    file.chmod(0o644)
    link.symlink_to(file)
    write_recording(link, "after")
    assert (file.read_text(), file.stat().st_mode & 0o777, link.is_symlink()) == ("after", 0o600, True)


def test_files_that_are_replaced_keep_their_modes(tmp_path: Path) -> None:
    file = tmp_path / "openapi.json"
    file.write_text("before")
    file.chmod(0o640)
    replace({file: b"after"})
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("after", 0o640)
