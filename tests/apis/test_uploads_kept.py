"""What becomes of the bytes of uploads: kept while an answer shows them, gone with everything else."""

from __future__ import annotations

import socket
import tempfile
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import httpx
import pytest
from api_kit import View, connect
from miraflow_kit import PICTURE, begin, finalize, put, started
from test_miragic import JPEG, PAINTINGS, submit
from vidgen_kit import submit as submit_to_vidgen

from mockserver import Running
from mockserver.validation import spool

LARGE = JPEG + bytes(2 << 20)  # above what stays in memory
IMAGE = ("a.jpg", LARGE, "image/jpeg")


Opened = list[weakref.ref[IO[bytes]]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    """The temporary files that were opened, none of which has a name."""
    opened: Opened = []

    def remembered(**options: Any) -> IO[bytes]:
        file = tempfile.TemporaryFile(**{**options, "dir": tmp_path})  # noqa: SIM115
        opened.append(weakref.ref(file))
        return file

    monkeypatch.setattr(spool, "TemporaryFile", remembered)
    yield opened
    assert list(tmp_path.iterdir()) == []


def files(opened: Opened) -> int:
    """How many of them are still there."""
    alive = [each() for each in opened]
    return sum(1 for each in alive if each is not None and not each.closed)


def test_bytes_that_an_answer_shows_stay_until_the_sandbox_closes(
    running: Running, miragic: View, folder: Opened
) -> None:
    url = submit(miragic.http, IMAGE).json()["data"]["originalImageUrl"]
    assert files(folder) == 1
    assert httpx.get(url).content == LARGE
    before = running.app.sandboxes.shelf.bytes
    running.app.sandboxes.close(miragic.sandbox.name)
    assert files(folder) == 0
    assert 0 <= running.app.sandboxes.shelf.bytes <= before - len(LARGE)


def test_bytes_that_no_answer_shows_are_not_kept(vidgen: View, folder: Opened) -> None:
    assert submit_to_vidgen(vidgen.http, IMAGE).status_code == 201
    assert files(folder) == 0


@pytest.mark.parametrize(
    ("status", "fields"), [(402, {}), (400, {"fps": "1"}), (415, {"audio": ("a.txt", b"x", "text/plain")})]
)
def test_bytes_of_a_refused_request_are_not_kept(
    miragic: View, folder: Opened, status: int, fields: dict[str, Any]
) -> None:
    with connect(miragic.url, x_api_key=miragic.side.account(credits=0).key) as poor:
        assert submit(poor, IMAGE, **fields).status_code == status
    assert files(folder) == 0


def test_a_put_replaces_the_bytes_of_the_one_before_and_a_refused_one_leaves_none(
    miraflow: View, folder: Opened
) -> None:
    media, url = begin(miraflow.http, LARGE, "image/jpeg")
    for _ in range(3):
        assert put(url, LARGE, "image/jpeg").status_code == 200
        assert files(folder) == 1
    assert put(url, LARGE + b"x", "image/jpeg").status_code == 400
    assert put(url, LARGE, "image/png").status_code == 400
    assert finalize(miraflow.http, media).status_code == 200
    assert put(url, LARGE, "image/jpeg").status_code == 409
    assert files(folder) == 1


def test_of_several_references_only_the_one_in_use_is_kept(miraflow: View, folder: Opened) -> None:
    parts = [("image", IMAGE)] * 3
    started(miraflow.http.post("/api/image/edit", data=PICTURE, files=parts))
    assert files(folder) == 1


def test_a_reset_lets_uploads_go(miragic: View, folder: Opened) -> None:
    submit(miragic.http, IMAGE)
    miragic.sandbox.reset()
    assert files(folder) == 0


def test_the_oldest_uploads_make_room_and_are_gone_from_memory_and_disk(
    running: Running, miragic: View, miraflow: View, folder: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit = started(miraflow.http.post("/api/image/edit", data=PICTURE, files={"image": ("a.jpg", JPEG, "image/jpeg")}))
    miraflow.advance(15)
    edited = miraflow.http.get(f"/api/image/{edit}").json()["downloadUrl"]
    urls = [submit(miragic.http, IMAGE).json()["data"]["originalImageUrl"]]
    monkeypatch.setattr(running.app.sandboxes.shelf, "_bound", len(LARGE) + 100)
    urls.append(submit(miragic.http, IMAGE).json()["data"]["originalImageUrl"])
    assert [httpx.get(url).status_code for url in (edited, *urls)] == [404, 404, 200]
    assert files(folder) == 1
    assert running.app.sandboxes.shelf.bytes <= len(LARGE) + 2048
    dropped = [e.why for e in miragic.sandbox.journal if e.kind == "dropped"]
    assert f"a.jpg: {len(LARGE)} uploaded bytes made room for newer ones" in dropped


def test_a_client_that_leaves_halfway_leaves_nothing(running: Running, miragic: View, folder: Opened) -> None:
    with connect(miragic.url, x_api_key=miragic.mine.key) as http:
        request = http.build_request("POST", f"{PAINTINGS}/create", files={"image": IMAGE})
        body = request.read()
        head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
        with socket.create_connection(("127.0.0.1", running.port)) as sock:
            sock.sendall(
                f"POST {request.url.raw_path.decode()} HTTP/1.1\r\n{head}\r\n".encode() + body[: len(body) // 2]
            )
        for _ in range(10_000):
            assert http.get(f"{PAINTINGS}/jobs/x").status_code in (404, 429)
            if any("left" in entry.why for entry in miragic.sandbox.journal):
                break
        else:
            pytest.fail("nobody noticed that the client left")
    assert files(folder) == 0
