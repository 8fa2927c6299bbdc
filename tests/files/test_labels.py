"""What a file is said to be, and what it is: which labels are believed, which are refused, and what is noted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from entrances_kit import CONTRACTS, GOOD, Entrance, Visitor, entrances, family, form_of, part_of, reference_of
from kinds_kit import File, ftyp, phone_sound, plain_jpeg, plain_png, sample

from mockserver import Running, start
from mockserver.journal import JournalEntry

Visit = Callable[..., Visitor]
BY_NAME = {contract.name: contract for contract in CONTRACTS}
PARTS = [each for each in entrances() if each.part]
OTHERS = {"image": File("a.png", "image/png", plain_jpeg()), "audio": File("a.mp3", "audio/mpeg", sample("voice.wav"))}
FAKES = {"image": File("a.png", "image/png", b"fake"), "audio": File("a.mp3", "audio/mpeg", b"fake")}
STRANGE = {"image": File("a.png", "image/png", b"%PDF-1.7"), "audio": File("a.mp3", "audio/mpeg", plain_png())}
OCTETS = "application/octet-stream"
PNG, JPEG, M4A = plain_png(), plain_jpeg(), sample("voice.m4a")
LABELS = {
    "image": [
        File("a", "image/png", PNG), File("a", "IMAGE/PNG", PNG), File("a", "image/png; charset=binary", PNG),
        File("a", "image/jpg", JPEG), File("a", "image/pjpeg", JPEG), File("a", "image/x-png", PNG),
        File("a.png", OCTETS, PNG), File("a.PNG", None, PNG), File("a.jpeg", "binary/octet-stream", JPEG),
        File("a", None, PNG), File("a.bin", OCTETS, JPEG), File("a.txt", OCTETS, PNG), File("a.png", None, b"fake"),
    ],
    "audio": [
        File("a", "audio/mpeg", b"fake"), File("a", "audio/mp3", b"fake"), File("a", "audio/mpeg; foo=bar", b"fake"),
        File("a", "audio/x-wav", b"fake"), File("a", "audio/wave", b"fake"), File("a", "audio/mp4", M4A),
        File("a", "audio/x-m4a", M4A), File("a", "application/ogg", b"OggS"), File("a.m4a", "video/mp4", M4A),
        File("a.m4a", "audio/3gpp", phone_sound(b"3gp4")), File("a.m4a", OCTETS, phone_sound(b"3gp4")),
        *(File("a.m4a", OCTETS, phone_sound(b)) for b in (b"3gp5", b"isom", b"mp42", b"M4A ", b"M4B ", b"qt  ")),
        File("a.MP3", OCTETS, b"fake"), File("a.ogg", None, b"fake"), File("a", OCTETS, sample("voice.mp3")),
        File("a", "audio/mp4", phone_sound(b"3gp4")), File("a.ogg", "video/ogg", sample("voice.ogg")),
    ],
}  # fmt: skip
REFUSED = {
    "image": [
        File("a.gif", "image/gif", b"GIF89a"), File("a.png", "text/plain", PNG), File("a.txt", None, b"fake"),
        File("a", None, b"fake"), File("a.gif", OCTETS, b"fake"), File("a.png", "audio/mpeg", PNG),
        File("a.png", None, b"%PDF-1.7"), File("a.png", OCTETS, b"GIF89a"), File("a.png", "nonsense", PNG),
    ],
    "audio": [
        File("a.flac", "audio/flac", b"fLaC"), File("a.mp4", "video/mp4", ftyp(b"isom")), File("a.txt", None, b"fake"),
        File("a.mp3", "image/png", b"fake"), File("a.mp3", None, PNG), File("a.mp3", OCTETS, PNG),
    ],
}  # fmt: skip


def kind_of(entrance: Entrance) -> str:
    return family(BY_NAME[entrance.api], entrance)


def last(visitor: Visitor) -> JournalEntry:
    return visitor.journal[-1]


def noted(visitor: Visitor) -> list[str]:
    """What the journal says of files that are not what they were said to be."""
    return [each for entry in visitor.journal for each in (entry.extra or {}).get("mismatches", ())]


def unsupported(entrance: Entrance) -> int:
    """The status by which the vendor refuses a file of another type."""
    operation = BY_NAME[entrance.api].operations[entrance.operation]
    return operation.examples[operation.files[entrance.part].unsupported][0].status


@pytest.mark.parametrize("entrance", PARTS, ids=str)
def test_a_file_passes_by_its_type_else_its_name_else_its_bytes(visit: Visit, entrance: Entrance) -> None:
    visitor = visit(entrance.api)
    for file in LABELS[kind_of(entrance)]:
        assert visitor.create(entrance, file, twins=True) is not None, (file, visitor.refused)
        visitor.side.sandbox.clock.advance(15)


@pytest.mark.parametrize("entrance", PARTS, ids=str)
def test_a_file_that_nothing_makes_an_accepted_one_is_refused(visit: Visit, entrance: Entrance) -> None:
    visitor = visit(entrance.api)
    files = REFUSED[kind_of(entrance)]
    assert [visitor.create(entrance, file) for file in files] == [None] * len(files)
    assert set(visitor.refused) == {unsupported(entrance)}


@pytest.mark.parametrize("entrance", entrances(), ids=str)
def test_a_file_under_the_label_of_another_is_accepted_and_noted(visit: Visit, entrance: Entrance) -> None:
    visitor, kind = visit(entrance.api), kind_of(entrance)
    for file, odd in ((OTHERS[kind], "/"), (FAKES[kind], "of no known type"), (STRANGE[kind], "/")):
        assert visitor.create(entrance, file, twins=True) is not None
        visitor.side.sandbox.clock.advance(15)
        said = f"{entrance.part or 'body'} is said to be {file.declared}, but its bytes are "
        assert any(each.startswith(said) and odd in each for each in noted(visitor))
    before = noted(visitor)
    assert visitor.create(entrance, GOOD[kind], twins=True) is not None
    assert noted(visitor) == before


@pytest.mark.parametrize("entrance", entrances(), ids=str)
def test_a_strict_sandbox_refuses_what_is_not_as_it_is_labelled(visit: Visit, entrance: Entrance) -> None:
    visitor, kind = visit(entrance.api, strict=True), kind_of(entrance)
    for file in (OTHERS[kind], FAKES[kind], STRANGE[kind], File(FAKES[kind].name, None, b"fake")):
        assert visitor.create(entrance, file) is None
    assert visitor.create(entrance, GOOD[kind], twins=True) is not None
    visitor.side.sandbox.clock.advance(15)
    visitor.side.sandbox.strict = False
    assert visitor.create(entrance, FAKES[kind]) is not None


@pytest.mark.parametrize("entrance", PARTS, ids=str)
def test_a_strict_refusal_is_the_vendors_and_says_what_the_bytes_are(visit: Visit, entrance: Entrance) -> None:
    visitor = visit(entrance.api, strict=True)
    assert visitor.create(entrance, OTHERS[kind_of(entrance)]) is None
    assert visitor.refused == [unsupported(entrance)]
    assert "but its bytes are" in last(visitor).why


@pytest.mark.parametrize("entrance", PARTS, ids=str)
def test_an_empty_file_is_refused_as_a_missing_one(visit: Visit, entrance: Entrance) -> None:
    visitor = visit(entrance.api)
    for declared in (GOOD[kind_of(entrance)].declared, None, OCTETS, "text/plain"):
        assert visitor.create(entrance, File("a.bin", declared, b"")) is None
        entry = last(visitor)
        assert (entry.status, entry.extra and entry.extra["empty_file"]) == (400, entrance.part)
        assert entry.why == f"{entrance.part} is required: the file that was sent is empty"


@pytest.mark.parametrize("entrance", PARTS, ids=str)
@pytest.mark.parametrize("content", [b"fake", PNG, bytes(2 << 20), b"\xff\xd8\xff"])
def test_a_part_without_a_file_name_is_a_text_and_no_file(visit: Visit, entrance: Entrance, content: bytes) -> None:
    visitor = visit(entrance.api)
    operation = BY_NAME[entrance.api].operations[entrance.operation]
    for more in (b"", b"Content-Type: image/png\r\n"):
        part = part_of(entrance.part, content).replace(b"\r\n\r\n", b"\r\n" + more + b"\r\n", 1)
        kind, body = form_of(BY_NAME[entrance.api], entrance, part)
        answer = visitor.ask(operation.method, operation.path, content=body, headers={"Content-Type": kind})
        assert answer.status_code == 400, answer.text
        assert last(visitor).why.startswith(f"{entrance.part} is required")


@pytest.mark.parametrize("entrance", [each for each in entrances() if each.reference], ids=str)
def test_a_bucket_takes_an_empty_body_and_finalize_refuses_it(visit: Visit, entrance: Entrance) -> None:
    visitor = visit(entrance.api)
    operation = BY_NAME[entrance.api].operations[entrance.operation]
    assert visitor.uploaded(reference_of(operation, entrance), GOOD[kind_of(entrance)], b"") is None
    _, put, finalize = visitor.journal
    assert (put.method, put.status, put.sent and put.sent.size) == ("PUT", 200, 0)
    assert (finalize.status, visitor.refused) == (400, [400])


@pytest.fixture(scope="module")
def strict_server() -> Iterator[Running]:
    with start(strict=True) as server:
        yield server


def test_a_strict_server_has_a_strict_default_sandbox(strict_server: Running) -> None:
    assert strict_server.default.ask()["strict"] is True
    with strict_server.steering.sandbox() as made:
        assert made.ask()["strict"] is True
        made.strict(False)
        assert made.ask()["strict"] is False
    with strict_server.steering.sandbox(strict=False) as made:
        assert made.ask()["strict"] is False


def test_mismatches_stand_in_the_journal_that_a_test_reads(strict_server: Running) -> None:
    with strict_server.steering.sandbox(strict=False) as made:
        api: Any = made.api("vidgen")
        files = {"image": ("a.png", JPEG, "image/png"), "audio": ("a.mp3", b"fake", "audio/mpeg")}
        httpx.post(api.url + "/api/jobs", headers={"X-API-Key": api.api_key}, files=files).raise_for_status()
        (entry,) = made.journal
        assert entry.mismatches == (
            "image is said to be image/png, but its bytes are image/jpeg",
            "audio is said to be audio/mpeg, but its bytes are of no known type",
        )
