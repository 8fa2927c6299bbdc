"""Uploads that come in pieces: by ranges, by offsets, by commands and as numbered parts; with clients over HTTP."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from hashlib import md5, sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from check_kit import BEHAVIOR, OPENAPI, Mutation, behave, both, show, without, write
from flow_kit import KEY
from language_kit import NAME, Served, documents, findings, serving
from steered_kit import KeptUpload, forget_upload, kept_uploads
from until_kit import until
from upload_kit import DATA, HOW, made, uploading

from mockserver.app.trial_run import tried
from mockserver.bounds import PIECES
from mockserver.loader import load_folder
from mockserver.operations import pieces

Serve = Callable[[str], Served]


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """A server for each style that is asked for, which `check` finds sound."""
    with ExitStack() as stack:
        known: dict[str, Served] = {}

        def served(style: str) -> Served:
            if style not in known:
                known[style] = stack.enter_context(serving(tmp_path_factory.mktemp(style), uploading(style)))
            return known[style]

        yield served


@pytest.fixture
def served(servers: Serve) -> Serve:
    """The same, with nothing in it."""

    def fresh(style: str) -> Served:
        own = servers(style)
        own.running.default.reset()
        return own

    return fresh


RAW = {"Content-Type": "application/octet-stream"}


def put(own: Served, url: str, data: bytes = b"", **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return own.http.put(url, content=data, headers={**RAW, **named})


def shown(own: Served, file: Any) -> Any:
    return own.http.get(f"/v1/files/{file['id']}", headers=KEY).json()


def read(own: Served, file: Any) -> bytes:
    answer = own.http.get(f"/v1/files/{file['id']}/bytes", headers=KEY)
    assert answer.status_code == 200, answer.text
    return answer.content


def assert_whole(own: Served, file: Any, data: bytes = DATA) -> None:
    told = shown(own, file)
    assert (told["status"], told["size"], told["digest"]) == ("uploaded", len(data), sha256(data).hexdigest())
    assert read(own, file) == data
    assert [upload.size for upload in kept(own)] == [len(data)]  # what it was made of was let go


def kept(own: Served) -> list[KeptUpload]:
    return kept_uploads(own.sandbox)


# --- by ranges: what asks for the rest is answered with what is there


def by_range(own: Served, url: str, start: int, stop: int, total: int | str = len(DATA)) -> httpx.Response:
    return put(own, url, DATA[start:stop], Content_Range=f"bytes {start}-{stop - 1}/{total}")


def test_ranges_are_kept_until_the_last_one(served: Serve) -> None:
    own = served("range")
    file = made(own.http)
    first = by_range(own, file["at"], 0, 4000)
    assert (first.status_code, first.headers["range"]) == (308, "bytes=0-3999")
    asked = put(own, file["at"], Content_Range="bytes */10240")
    assert (asked.status_code, asked.headers["range"]) == (308, "bytes=0-3999")
    assert shown(own, file)["status"] == "waiting"
    last = by_range(own, file["at"], 4000, len(DATA))
    assert (last.status_code, last.json()["status"]) == (200, "waiting")  # the state that was found
    assert_whole(own, file)
    assert put(own, file["at"], Content_Range="bytes */*").json()["status"] == "uploaded"


def test_nothing_yet_is_told_without_a_range(served: Serve) -> None:
    own = served("range")
    asked = put(own, made(own.http)["at"], Content_Range="bytes */*")
    assert (asked.status_code, asked.headers.get("range")) == (308, None)


def test_a_total_that_is_told_later_ends_it(served: Serve) -> None:
    own = served("range")
    file = made(own.http)
    assert by_range(own, file["at"], 0, len(DATA), "*").status_code == 308
    assert put(own, file["at"], Content_Range=f"bytes */{len(DATA)}").status_code == 200
    assert_whole(own, file)


def test_a_request_without_a_range_is_the_whole(served: Serve) -> None:
    own = served("range")
    file = made(own.http)
    assert put(own, file["at"], DATA).status_code == 200
    assert_whole(own, file)


WRONG = (
    "bytes 0-9/5",
    "bytes 5-4/9",
    "bytes 0-5/*",
    "items 0-9/10",
    "bytes a-b/c",
    "bytes 0-9",
    "",
    f"bytes 0-{'9' * 20}/*",
)


@pytest.mark.parametrize("written", WRONG)
def test_a_range_that_is_not_what_was_sent_is_refused(served: Serve, written: str) -> None:
    own = served("range")
    refused = put(own, made(own.http)["at"], b"0123456789", Content_Range=written)
    assert (refused.status_code, refused.json()["code"]) == (400, "bad_request")
    assert not kept(own)


def test_a_piece_that_does_not_begin_where_the_others_end_is_refused(served: Serve) -> None:
    own = served("range")
    file = made(own.http)
    by_range(own, file["at"], 0, 100)
    for start in (0, 99, 101):
        refused = by_range(own, file["at"], start, 200)
        assert (refused.status_code, refused.json()["code"]) == (409, "offset_mismatch")
    assert shown(own, file)["size"] == 100


# --- by offsets: what was announced ends it


def by_offset(own: Served, url: str, start: int, stop: int) -> httpx.Response:
    return put(own, url, DATA[start:stop], Upload_Offset=str(start))


def test_offsets_lead_to_the_length_that_was_announced(served: Serve) -> None:
    own = served("offset")
    file = made(own.http)
    told = [by_offset(own, file["at"], at, at + 2048) for at in range(0, len(DATA), 2048)]
    assert [each.status_code for each in told] == [308, 308, 308, 308, 200]
    assert [each.headers["upload-offset"] for each in told] == ["2048", "4096", "6144", "8192", "10240"]
    assert_whole(own, file)


def test_more_than_was_announced_is_refused(served: Serve) -> None:
    own = served("offset")
    file = made(own.http, 10)
    refused = by_offset(own, file["at"], 0, 11)
    assert (refused.status_code, refused.json()["code"]) == (409, "size_mismatch")
    assert by_offset(own, file["at"], 0, 10).status_code == 200


# --- by commands


def command(own: Served, url: str, said: str, offset: int | None = None, data: bytes = b"") -> httpx.Response:
    return put(own, url, data, X_Command=said, **({} if offset is None else {"X_Offset": str(offset)}))


def test_commands_upload_ask_and_finalize(served: Serve) -> None:
    own = served("commands")
    file = made(own.http)
    assert command(own, file["at"], "upload", 0, DATA[:5000]).status_code == 308
    asked = command(own, file["at"], "query")
    assert (asked.status_code, asked.headers["upload-offset"]) == (308, "5000")
    assert command(own, file["at"], "upload, finalize", 5000, DATA[5000:]).status_code == 200
    assert_whole(own, file)
    assert command(own, file["at"], "query").json()["status"] == "uploaded"


def test_a_finalization_without_bytes_ends_it(served: Serve) -> None:
    own = served("commands")
    file = made(own.http)
    command(own, file["at"], "upload", 0, DATA)
    assert command(own, file["at"], "finalize").status_code == 200
    assert_whole(own, file)


def test_an_upload_that_is_cancelled_lets_its_pieces_go(tmp_path: Path) -> None:
    with serving(tmp_path, uploading("commands", cancels="dropped")) as own:
        file = made(own.http)
        assert command(own, file["at"], "upload", 0, DATA[:5000]).status_code == 308
        assert len(kept(own)) == 1
        assert command(own, file["at"], "cancel").status_code == 200
        assert not kept(own)
        assert own.http.get(f"/v1/files/{file['id']}", headers=KEY).status_code == 404
        assert command(own, file["at"], "query").status_code == 404


@pytest.mark.parametrize("said", ["cancel, upload", "upload, cancel"])
def test_to_cancel_goes_with_no_other_command(tmp_path: Path, said: str) -> None:
    with serving(tmp_path, uploading("commands", cancels="dropped")) as own:
        file = made(own.http)
        assert command(own, file["at"], said, 0, b"x").status_code == 400
        assert shown(own, file)["status"] == "waiting"


@pytest.mark.parametrize(
    ("said", "offset"), [("", 0), ("start", 0), ("upload,destroy", 0), ("upload", None), ("cancel", None)]
)
def test_a_command_that_is_none_is_refused(served: Serve, said: str, offset: int | None) -> None:
    own = served("commands")
    refused = command(own, made(own.http)["at"], said, offset, b"x")
    assert (refused.status_code, refused.json()["code"]) == (400, "bad_request")


# --- as parts


def part(own: Served, url: str, number: int | str, data: bytes) -> httpx.Response:
    return own.http.put(f"{url}&part={number}", content=data, headers=RAW)


def join(own: Served, file: Any, *parts: tuple[int, str]) -> httpx.Response:
    said = [{"number": number, "tag": tag} for number, tag in parts]
    return own.http.post(f"/v1/files/{file['id']}/complete", json={"parts": said}, headers=KEY)


def test_parts_come_in_any_order_and_are_joined_by_number(served: Serve) -> None:
    own = served("parts")
    file, pieces = made(own.http), {1: DATA[:4000], 2: DATA[4000:8000], 7: DATA[8000:]}
    tags = {number: part(own, file["at"], number, pieces[number]).headers["etag"] for number in (7, 1, 2)}
    assert tags[2] == f'"{md5(DATA[4000:8000]).hexdigest()}"'
    assert join(own, file, *sorted(tags.items())).status_code == 200
    assert_whole(own, file)


def test_a_part_that_is_sent_again_takes_the_place_of_the_first(served: Serve) -> None:
    own = served("parts")
    file = made(own.http)
    part(own, file["at"], 1, b"wrong")
    tag = part(own, file["at"], 1, DATA).headers["etag"]
    assert len(kept(own)) == 1
    assert join(own, file, (1, tag)).status_code == 200
    assert_whole(own, file)


def test_parts_that_are_not_there_are_not_joined(served: Serve) -> None:
    own = served("parts")
    file = made(own.http)
    one, two = (part(own, file["at"], number, b"abc").headers["etag"] for number in (1, 2))
    for wrong in ([], [(3, one)], [(1, "x")], [(2, two), (1, one)], [(1, one), (1, one)]):
        refused = join(own, file, *wrong)
        assert (refused.status_code, refused.json()["code"]) == (409, "part_mismatch"), wrong
    assert shown(own, file)["status"] == "waiting"
    assert part(own, file["at"], 0, b"x").status_code == 400
    assert part(own, file["at"], 10_001, b"x").status_code == 400


# --- bounds


def test_many_pieces_are_made_one(served: Serve) -> None:
    own = served("range")
    file = made(own.http)
    for at in range(0, len(DATA), 100):
        by_range(own, file["at"], at, min(at + 100, len(DATA)))
        assert len(kept(own)) <= PIECES
    assert_whole(own, file)


def test_an_upload_may_be_as_large_as_the_operation_says(tmp_path: Path) -> None:
    with serving(tmp_path, uploading("range", max_bytes=1000)) as own:
        file = made(own.http)
        assert by_range(own, file["at"], 0, 800).status_code == 308
        refused = by_range(own, file["at"], 800, 1001)
        assert (refused.status_code, refused.json()["code"]) == (413, "too_large")
        assert by_range(own, file["at"], 800, 1000, 1000).status_code == 200


def test_what_is_moved_away_lets_its_pieces_go(served: Serve) -> None:
    own = served("range")
    file = made(own.http)
    by_range(own, file["at"], 0, 800)
    assert len(kept(own)) == 1
    assert own.http.delete(f"/v1/files/{file['id']}", headers=KEY).status_code == 204
    assert not kept(own)
    assert by_range(own, file["at"], 800, 1001).status_code == 404


def test_a_reset_lets_all_go(served: Serve) -> None:
    own = served("range")
    by_range(own, made(own.http)["at"], 0, 800)
    own.running.default.reset()
    until(lambda: not kept(own))


def test_pieces_that_made_room_for_others_are_asked_for_again(served: Serve) -> None:
    own = served("range")
    file = made(own.http)
    by_range(own, file["at"], 0, 800)
    forget_upload(own.sandbox, NAME, kept(own)[0].id)
    asked = by_range(own, file["at"], 800, len(DATA))
    assert (asked.status_code, asked.headers.get("range")) == (308, None)
    assert by_range(own, file["at"], 0, len(DATA)).status_code == 200
    assert_whole(own, file)


# --- a client that goes on after a cut


def cut_off(own: Served, url: str, head: str, length: int, data: bytes) -> None:
    """A client that leaves in the middle of its piece; returns once the server has noticed."""
    where = urlsplit(url)
    with socket.create_connection((where.hostname or "", where.port or 0)) as sent:
        target = f"{where.path}?{where.query}"
        lines = f"PUT {target} HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\n{head}\r\n"
        sent.sendall(f"{lines}Content-Length: {length}\r\n\r\n".encode() + data)
    until(lambda: (last := own.sandbox.journal.last()) is not None and last.status == 0)


@pytest.mark.parametrize("style", ["range", "offset", "commands"])
def test_what_had_arrived_of_a_piece_is_kept_when_its_client_leaves(served: Serve, style: str) -> None:
    heads = {"range": "Content-Range: bytes 0-10239/10240", "offset": "Upload-Offset: 0",
             "commands": "X-Command: upload, finalize\r\nX-Offset: 0"}  # fmt: skip
    own = served(style)
    file = made(own.http)
    cut_off(own, file["at"], heads[style], len(DATA), DATA[:3000])
    assert (shown(own, file)["status"], shown(own, file)["size"]) == ("waiting", 3000)
    go_on = {
        "range": lambda: by_range(own, file["at"], 3000, len(DATA)),
        "offset": lambda: by_offset(own, file["at"], 3000, len(DATA)),
        "commands": lambda: command(own, file["at"], "upload, finalize", 3000, DATA[3000:]),
    }
    assert go_on[style]().status_code == 200
    assert_whole(own, file)


def test_half_a_part_is_kept_by_nobody(served: Serve) -> None:
    own = served("parts")
    file = made(own.http)
    cut_off(own, f"{file['at']}&part=1", "X: y", len(DATA), DATA[:3000])
    assert not kept(own)
    assert join(own, file).status_code == 409


def test_a_fault_cuts_an_upload_in_the_middle_and_a_client_goes_on(served: Serve) -> None:
    own = served("offset")
    file = made(own.http)
    own.running.default.api(NAME).fault("upload_cut", operation="putBytes", at=0.25, times=2)
    cuts, at = 0, 0
    while at < len(DATA):
        try:
            by_offset(own, file["at"], at, len(DATA))
        except httpx.TransportError:
            cuts += 1
        at = shown(own, file)["size"]
    assert cuts == 2
    assert_whole(own, file)
    api = own.running.default.api(NAME)
    assert [each.raw["fault"] for each in api.journal if each.status == 0] == ["upload_cut", "upload_cut"]
    assert {each.rule for each in api.conduct} <= {"polled_too_fast"}  # nothing was sent again that was there


def test_it_cuts_nothing_else(served: Serve) -> None:
    with pytest.raises(Exception, match="no bytes are uploaded to it"):
        served("offset").running.default.api(NAME).fault("upload_cut", operation="createFile")


def test_half_an_upload_is_in_a_snapshot(tmp_path: Path, served: Serve) -> None:
    own = served("range")
    file = made(own.http)
    by_range(own, file["at"], 0, 100)
    taken = own.running.default.snapshot()
    restored = own.running.sandbox(snapshot=taken).api(NAME)
    path = f"{restored.url}/v1/files/{file['id']}"
    told = httpx.get(path, headers={"X-API-Key": restored.api_key}, trust_env=False)
    assert (told.json()["status"], told.json()["size"]) == ("waiting", 100)
    rest = {**RAW, "Content-Range": f"bytes 100-{len(DATA) - 1}/{len(DATA)}"}
    assert httpx.put(told.json()["at"], content=DATA[100:], headers=rest, trust_env=False).status_code == 200


# --- mistakes


PUT, PIECES_OF = "/operations/putBytes", "/paths/~1v1~1files~1{fileId}~1bytes/put"
REFUSED = "/x-responses/409/content/application~1json/examples/offset_mismatch"
MISTAKES: list[tuple[str, str, Mutation, str]] = [
    ("an offset whose end is never told", "offset", behave(f"{PUT}/announced", {"type": "header.Upload-Length"}),
     f"#{PUT}/style: nothing says how many bytes there will be"),
    ("a place that the style does not know", "offset", behave(f"{PUT}/places", {"command": "header.Upload-Offset"}),
     f"#{PUT}/places/command: the style 'offset' asks for no command"),
    ("a place that no request has", "offset", behave(f"{PUT}/places", {"offset": "header.Nowhere"}),
     f"#{PUT}/places/offset: no request of putBytes has a field header.Nowhere"),
    ("commands without places", "commands", without(BEHAVIOR, f"{PUT}/places"), "says its command is not said"),
    ("parts that nothing joins", "parts", without(BEHAVIOR, "/operations/joinParts/joins"), "are never made one"),
    ("a join without parts", "range", behave("/operations/dropFile/joins", True), "dropFile joins parts, and nothing"),
    ("no answer to a piece", "range", without(OPENAPI, f"{PIECES_OF}/responses/308"), "does not answer"),
    ("a style of forms for bytes", "range", behave(f"{PUT}/style", "form"), "the style of putBytes is 'form'"),
    ("a style that there is not", "range", behave(f"{PUT}/style", "rage"), "'rage' is not one of"),
    ("a fact of pieces where none come", "range", behave("/operations/getJob/bindings/~1prompt", "received.bytes"),
     "no upload of job comes in pieces"),
    ("the digest of no piece", "range", behave("/operations/getFile/bindings", {"/digest": "received.md5"}),
     "received.md5 is of a piece"),
    ("a way to cancel where there are no commands", "range", behave(f"{PUT}/cancels", "dropped"),
     f"#{PUT}/cancels: cancels is where the command `cancel` leads"),
    ("a state that nobody can cancel to", "commands", behave(f"{PUT}/cancels", "droped"), "Did you mean 'dropped'?"),
    ("no refusal of another offset", "range", without(OPENAPI, REFUSED), "putBytes can refuse with offset_mismatch"),
]  # fmt: skip


@pytest.mark.parametrize(("style", "mutation", "said"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES])
def test_mistakes_are_named(tmp_path: Path, style: str, mutation: Mutation, said: str) -> None:
    found = findings(tmp_path, uploading(style), mutation)
    assert any(said in each for each in found), found


@pytest.mark.parametrize("style", HOW)
def test_the_trial_uploads_in_pieces(tmp_path: Path, style: str, monkeypatch: pytest.MonkeyPatch) -> None:
    contract, found = load_folder(write(tmp_path / NAME, documents(uploading(style))))
    assert contract is not None, found
    assert not tried(contract)
    monkeypatch.setattr(pieces, "_complete", lambda *said: pieces._incomplete(said[0], said[2]))
    assert any("putBytes is not complete with its last piece" in str(each) for each in tried(contract))


def test_the_trial_cancels_an_upload(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    contract, found = load_folder(write(tmp_path / NAME, documents(uploading("commands", cancels="dropped"))))
    assert contract is not None, found
    assert not tried(contract)
    monkeypatch.setattr(pieces, "_CANCEL", "abort")
    assert any("putBytes is cancelled with 400" in str(each) for each in tried(contract))


def whole(style: str) -> Mutation:
    """The upload comes in one request, as it is or in a form."""
    picture = {"type": "object", "required": ["file"], "properties": {"file": {"type": "string", "format": "binary"}}}
    form = {"multipart/form-data": {"schema": picture, "examples": {"all": {"value": {"file": "some bytes"}}}}}
    return both(
        uploading("range"),
        behave(f"{PUT}/style", style),
        behave(f"{PUT}/bindings", {}),
        behave("/resources/file/bindings", {"/id": "id", "/at": "url.putBytes"}),
        without(OPENAPI, f"{PIECES_OF}/responses/308"),
        *([show(f"{PIECES_OF}/requestBody/content", form)] if style == "form" else []),
    )


@pytest.mark.parametrize("style", ["put", "form"])
def test_the_trial_uploads_in_one_request(tmp_path: Path, style: str, monkeypatch: pytest.MonkeyPatch) -> None:
    contract, found = load_folder(write(tmp_path / NAME, documents(whole(style))))
    assert contract is not None, found
    assert not tried(contract)
    lost = lambda call, found: pieces.moves.moved_to(call, found, pieces.own_job(call, found), "")  # noqa: E731
    monkeypatch.setattr(pieces.moves, "upload", lost)
    assert any("takes a file, and its file is waiting, not uploaded" in str(each) for each in tried(contract))
