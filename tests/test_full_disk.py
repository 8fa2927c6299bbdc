"""No room for a file: the API answers as it does when it fails, nothing is half kept, and no file stays behind."""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fault_kit import PATIENCE, account_of, quiet
from serve_kit import serving

from mockserver import Running
from mockserver.app.reading import Entrance
from mockserver.errors import StorageError
from mockserver.launch import contracts_in
from mockserver.sandbox import Sandbox
from mockserver.upload_store import FILES, Shelf, Upload
from mockserver.validation import spool
from mockserver.validation.spool import Extent, Scratch, Spool

FIELDS = {"quality": "hd", "sequence": "auto", "fps": "30", "hand_style": "1"}
PNG = b"\x89PNG\r\n\x1a\n" + bytes(3 << 20)
MP3 = b"ID3" + bytes(2 << 20)
NO_SPACE = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
Fill = Callable[[int], None]


class FullFile:
    """A temporary file on a disk that has room for so many bytes, in small pieces."""

    def __init__(self, room: int) -> None:
        self._room = room

    def seek(self, at: int) -> None: ...

    def write(self, data: memoryview) -> int:
        taken = min(len(data), self._room, 4096)
        if not taken:
            raise NO_SPACE
        self._room -= taken
        return taken

    def truncate(self, size: int) -> None: ...

    def close(self) -> None: ...


@pytest.fixture
def fill(monkeypatch: pytest.MonkeyPatch) -> Fill:
    """Leaves room for so many bytes on the disk; none at all lets no file be opened."""

    def fill(room: int) -> None:
        def opened(**options: Any) -> FullFile:
            if not room:
                raise NO_SPACE
            return FullFile(room)

        monkeypatch.setattr(spool, "TemporaryFile", opened)

    return fill


KEEPING = [
    (contract.name, operation, reader.parts)
    for contract in contracts_in()
    for operation, readers in Entrance(contract).readers.items()
    for reader in readers
    if reader.body.media_type == "multipart/form-data" and any(rule.keep for rule in reader.parts.values())
]
"""Every operation that keeps files of a form."""
WHY = f"a file could not be kept: {os.strerror(errno.ENOSPC)}"


def is_told(sandbox: Sandbox, status: int, told: httpx.Response) -> bool:
    """Whether a full disk was answered in the API's own form, and entered in the journal as no fault of the client."""
    entry = next(entry for entry in sandbox.journal if entry.status == status)
    clean = entry.why == WHY and not (entry.extra or {}).get("violation")
    return told.status_code == status and "application/json" in told.headers["content-type"] and clean


@pytest.mark.parametrize("room", [0, 1, 1_500_000])
@pytest.mark.parametrize(("api", "operation", "parts"), KEEPING, ids=lambda value: str(value)[:20])
def test_a_form_for_which_there_is_no_room_is_refused_and_nothing_is_kept(
    running: Running, make_sandbox: Callable[..., Sandbox], fill: Fill, api: str, operation: str, parts: Any, room: int
) -> None:
    sandbox = make_sandbox(limits_on=False)
    side, shelf = sandbox.apis[api], running.app.sandboxes.shelf
    found = side.contract.operations[operation]
    before = shelf.bytes
    with httpx.Client(trust_env=False, timeout=PATIENCE, headers={"X-API-Key": account_of(sandbox, api).key}) as client:
        fill(room)
        files = [(name, ("a.png", PNG, "image/png")) for name, rule in parts.items() if rule.keep]
        told = client.post(sandbox.url(api) + found.path, files=files)
        assert client.get(sandbox.url(api) + "/nowhere").status_code == 404  # the connection is as it should be
    assert is_told(sandbox, 500 if "server_error" in found.examples else 507, told)
    assert side.store.newest(10) == []
    assert shelf.bytes == before


@pytest.mark.parametrize("room", [0, 1_500_000])
def test_bytes_put_to_a_signed_url_for_which_there_is_no_room_can_be_put_again(
    make_sandbox: Callable[..., Sandbox], fill: Fill, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    sandbox = make_sandbox(limits_on=False)
    key = {"X-API-Key": account_of(sandbox, "miraflow").key}
    announced = {"fileName": "a.png", "fileSize": len(PNG), "contentType": "image/png", "fileType": "image"}
    with httpx.Client(trust_env=False, timeout=PATIENCE) as client:
        made = client.post(sandbox.url("miraflow") + "/api/media/initialize", json=announced, headers=key)
        assert made.status_code == 200, made.text
        url = made.json()["uploadUrl"]
        with monkeypatch.context():
            fill(room)
            told = client.put(url, content=PNG, headers={"Content-Type": "image/png"})
        monkeypatch.undo()
        assert is_told(sandbox, 507, told)
        assert client.put(url, content=PNG, headers={"Content-Type": "image/png"}).status_code == 200
        named = {"mediaId": made.json()["mediaId"]}
        final = client.post(sandbox.url("miraflow") + "/api/media/finalize", json=named, headers=key)
        assert final.status_code == 200, final.text


def test_what_no_answer_shows_needs_no_room(make_sandbox: Callable[..., Sandbox], fill: Fill) -> None:
    sandbox = make_sandbox()
    fill(0)
    files = {"image": ("a.png", PNG, "image/png"), "audio": ("a.mp3", MP3, "audio/mpeg")}
    key = {"X-API-Key": account_of(sandbox, "vidgen").key}
    told = httpx.post(sandbox.url("vidgen") + "/api/jobs", files=files, headers=key, trust_env=False, timeout=PATIENCE)
    assert told.status_code == 201


@pytest.mark.parametrize("error", [StorageError("no room"), OSError(errno.ENOSPC, "no room")])
def test_the_control_api_answers_507(running: Running, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def full(*ignored: Any, **also: Any) -> None:
        raise error

    monkeypatch.setattr(running.app.sandboxes, "make", full)
    told = httpx.post(f"{running.url}/_mock/sandboxes", json={}, trust_env=False)
    assert (told.status_code, told.json()["title"]) == (507, "Insufficient Storage")
    assert "no room" in told.json()["detail"]


def test_a_kept_file_that_cannot_be_read_breaks_its_download_off_and_is_named_in_the_journal(
    running: Running, make_sandbox: Callable[..., Sandbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = make_sandbox(limits_on=False)
    key = {"X-API-Key": account_of(sandbox, "miragic").key}
    side = sandbox.apis["miragic"]
    path = side.contract.operations["createSpeedPainting"].path
    with httpx.Client(trust_env=False, timeout=PATIENCE, headers=key) as client:
        made = client.post(sandbox.url("miragic") + path, data=FIELDS, files={"image": ("a.png", PNG, "image/png")})
        assert made.status_code < 300, made.text
        [job] = map(side.planned, side.store.newest(1))
        [(name, handle)] = [each for each in (job.uploads or {}).items() if not each[0].startswith("source.")]
        upload = sandbox.shelf.find(handle.id)
        assert upload is not None
        url = side.links.upload(job, name, True, 0.0)
        assert url is not None
        assert client.get(url).content == PNG
        monkeypatch.setattr(Scratch, "read", lambda self, start, size: b"x" if start < 70_000 else b"")
        with pytest.raises(httpx.RemoteProtocolError):
            client.get(url)
        assert upload.blob.length == len(PNG)
        quiet(running.thread.loop, sandbox)
        assert client.get(sandbox.url("miragic") + "/nowhere").status_code == 404
    assert "a kept file is shorter than it was" in [entry.why for entry in sandbox.journal]


# --- what is kept


def extent(data: bytes) -> Extent:
    spooled = Spool(0)
    spooled.write(data)
    kept = spooled.close()
    assert isinstance(kept, Extent)
    return kept


def test_a_file_without_a_name_is_read_in_parts_and_goes_with_its_last_reader() -> None:
    kept = extent(b"0123456789")
    descriptor = kept.scratch._file.fileno()  # type: ignore[union-attr]
    assert kept.scratch.read(3, 4) == b"3456"
    upload = Upload.of("image/png", "a.png", kept)
    assert b"".join(upload.blob.chunks(2, 5)) == b"234"
    reading = upload.blob.chunks(0, 10, 4)
    assert next(reading) == b"0123"
    upload.discard()
    del kept
    assert next(reading) == b"4567"  # who reads already reads to the end
    reading.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


def test_a_write_of_which_the_disk_takes_a_part_is_gone_on_with(fill: Fill) -> None:
    fill(10_000)
    scratch = Scratch()
    scratch.append(bytes(9_000))
    with pytest.raises(StorageError, match="No space left"):
        scratch.append(bytes(1_001))
    assert scratch.size == 9_000


def test_only_so_many_uploads_lie_on_disk_as_there_are_descriptors_for() -> None:
    shelf = Shelf()
    kept = [Upload.of("image/png", f"{at}.png", extent(b"0123456789")) for at in range(FILES + 3)]
    shelf.offer(kept)
    dropped = [why for upload in kept for why in shelf.keep(upload.id)]
    assert len(dropped) == 3
    assert [upload.gone for upload in kept] == [True] * 3 + [False] * FILES
    assert (shelf.files, shelf.bytes) == (FILES, sum(upload.weight for upload in kept[3:]))
    shelf.clear()
    assert (shelf.files, shelf.bytes) == (0, 0)


# --- for real


def painted(url: str, data: bytes = PNG) -> httpx.Response:
    files, key = {"image": ("a.png", data, "image/png")}, {"X-API-Key": "demo-key"}
    return httpx.post(
        f"{url}/miragic/{PAINT}", data=FIELDS, files=files, headers=key, trust_env=False, timeout=PATIENCE
    )


PAINT = "api/v1/speed-painting/create"


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[dict[int, int]]:
    """A disk of a megabyte where this user may mount one; else the bound of the system that files have then."""
    options = ["-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(["mount", *options], capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    try:
        yield {} if mounted else {resource.RLIMIT_FSIZE: 1 << 20}
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], capture_output=True, check=True)


def test_a_server_whose_disk_is_full_answers_and_goes_on(tmp_path: Path) -> None:
    with small_disk(tmp_path) as limits, serving("--quiet", env={"TMPDIR": str(tmp_path)}, limits=limits) as server:
        assert painted(server.url).status_code == 500
        small = painted(server.url, PNG[: 1 << 19])
        assert small.status_code < 300, small.text
        assert list(tmp_path.iterdir()) == []
        assert server.ended(signal.SIGTERM) == (0, "")


@pytest.fixture
def hangup_ends() -> Iterator[None]:
    """SIGHUP is not ignored: a run of the suite under `nohup` hands that down to what it starts."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("hangup_ends")
@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_no_signal_leaves_a_file_behind(tmp_path: Path, number: int) -> None:
    with serving("--quiet", env={"TMPDIR": str(tmp_path)}) as server:
        assert painted(server.url).status_code < 300
        sent = httpx.Request(
            "POST", f"{server.url}/miragic/{PAINT}", data=FIELDS, files={"image": ("a.png", PNG, "image/png")}
        )
        head = f"POST /miragic/{PAINT} HTTP/1.1\r\nHost: a\r\nX-API-Key: demo-key\r\n"
        head += "".join(f"{name}: {sent.headers[name]}\r\n" for name in ("content-type", "content-length"))
        with server.dial() as sock:
            sock.sendall(f"{head}\r\n".encode() + sent.read()[:2_500_000])
            assert painted(server.url).status_code < 300  # so that what was sent before was read
            assert list(tmp_path.iterdir()) == []
            server.ended(number)
    assert list(tmp_path.iterdir()) == []
