"""Multipart forms: what is read, what is kept, and what is refused, however the bytes are cut."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from form_kit import HEADER, MIB, body, part, pieces, read
from hypothesis import given
from hypothesis import strategies as st

from mockserver.errors import RequestError, StorageError
from mockserver.validation import Form, FormReader, PartRule
from mockserver.validation.spool import Extent


def test_fields_and_files_are_told_apart_and_stay_in_order() -> None:
    form = read(
        body(
            part('name="fps"', b"30"),
            part('name="image"; filename="cat.PNG"', b"\x89PNG", "Content-Type: Image/PNG; x=y"),
            part('name="note"', "é\r\n--Y".encode(), "Content-Type: text/plain; charset=UTF-8"),
            part('name="fps"', b""),
        )
    )
    assert form.fields == [("fps", "30"), ("note", "é\r\n--Y"), ("fps", "")]
    [file] = form.files
    assert (file.name, file.filename, file.content_type) == ("image", "cat.PNG", "image/png")
    assert (file.size, file.head, file.body, file.too_large) == (4, b"\x89PNG", b"\x89PNG", False)


def test_a_form_without_parts_is_empty() -> None:
    assert read(b"--X--") == Form([], [])
    assert read(b"\r\n--X--\r\nan epilogue") == Form([], [])


@pytest.mark.parametrize(
    ("name", "headers", "is_file"),
    [
        ('name="other"; filename="a.txt"', [], True),
        ('name="image"; filename="a"', ["Content-Type: text/plain"], True),
        ('name="image"', [], False),
        ('name="image"', ["Content-Type: image/png"], False),
        ('name="other"', ["Content-Type: image/png"], False),
        ('name="other"', ["Content-Type: application/octet-stream"], False),
        ('name="other"', ["Content-Type: multipart/mixed; boundary=Y"], False),
        ('name="other"', ["Content-Type: text/csv"], False),
        ('name="other"', ["Content-Type: application/json"], False),
        ('name="other"', ["Content-Type:"], False),
        ('name="other"', [], False),
    ],
)
def test_a_file_name_alone_makes_a_file(name: str, headers: list[str], is_file: bool) -> None:
    form = read(body(part(name, b"x", *headers)))
    assert (len(form.files), len(form.fields)) == (is_file, not is_file)


@pytest.mark.parametrize(
    ("disposition", "name", "filename"),
    [
        ("name=a; filename=b.png", "a", "b.png"),
        ('name="a;b"; filename="c;d=e.png"', "a;b", "c;d=e.png"),
        ('name="a\\"b"; filename="c\\\\d"', 'a"b', "c\\d"),
        ('name="é"; filename="猫.png"', "é", "猫.png"),
        ("name=\"a\"; filename*=UTF-8''%e7%8c%ab.png", "a", "猫.png"),
        ('name="a"; filename="cat"; filename*=iso-8859-1\'en\'%E9', "a", "é"),
        ('name="a"; filename="cat"; filename*=UTF-8\'\'%ff', "a", "cat"),
        ('name="a"; filename="cat"; filename*=klingon\'\'x', "a", "cat"),
        ('name="a"; filename="cat"; filename*=x', "a", "cat"),
        ('NAME="a"; FileName="b"; name="c"', "a", "b"),
        ('name=""; filename="x"', "", "x"),
    ],
)
def test_names_are_read_as_clients_write_them(disposition: str, name: str, filename: str) -> None:
    [file] = read(body(part(disposition, b"x"))).files
    assert (file.name, file.filename) == (name, filename)


@pytest.mark.parametrize(("sent", "read_as"), [(b"\xe9t\xe9.jpg", "été.jpg"), (b"\x8e\x96.jpg", "\x8e\x96.jpg")])
def test_a_file_name_in_another_charset_is_read_byte_by_byte(sent: bytes, read_as: str) -> None:
    head = b'Content-Disposition: form-data; name="image"; filename="' + sent + b'"\r\nContent-Type: image/jpeg\r\n\r\n'
    [file] = read(body(head + b"x\r\n")).files
    assert (file.name, file.filename) == ("image", read_as)


def test_an_input_without_a_chosen_file_is_no_part() -> None:
    assert read(body(part('name="audio"; filename=""', b"", "Content-Type: application/octet-stream"))).files == []
    assert len(read(body(part('name="audio"; filename=""', b"x"))).files) == 1


def test_an_empty_file_is_none_and_its_name_is_told() -> None:
    form = read(body(part('name="audio"; filename="empty.mp3"'), part('name="image"; filename="a.png"', b"x")))
    assert (form.empty, [file.name for file in form.files]) == (["audio"], ["image"])


def test_a_picture_without_a_file_name_is_a_text_however_long_it_is() -> None:
    form = read(body(part('name="image"', b"\x89PNG\xff" * 400_000, "Content-Type: image/png")), step=65_536)
    [(_, text)] = form.fields
    assert (len(text), form.files) == (8192, [])


def test_a_text_of_another_type_is_kept_to_its_end() -> None:
    form = read(body(part('name="other"', b"\xff" + b"x" * 20_000, "Content-Type: application/octet-stream")))
    assert form.fields == [("other", "\ufffd" + "x" * 20_000)]


@pytest.mark.parametrize("step", [0, 1, 7])
def test_a_file_past_its_limit_is_counted_but_not_kept(step: int) -> None:
    data = body(part('name="image"; filename="a"', b"x" * 101), part('name="image"; filename="b"', b"y" * 100))
    large, fitting = read(data, step=step).files
    assert (large.size, large.too_large, large.body) == (101, True, None)
    assert (fitting.size, fitting.too_large, fitting.body) == (100, False, b"y" * 100)


def test_without_keep_only_the_head_stays() -> None:
    [audio, other] = read(
        body(part('name="audio"; filename="a"', b"z" * 11), part('name="other"; filename="b"', b"w" * 999)), step=100
    ).files
    assert (audio.size, audio.too_large, audio.head, audio.body) == (11, True, b"z" * 11, None)
    assert (other.size, other.too_large, other.head, other.body) == (999, False, b"w" * 256, None)


def test_a_large_file_is_kept_on_disk_without_a_name(tmp_path: Path) -> None:
    content = bytes(range(256)) * 8192
    data = body(part('name="f"; filename="a"', content), part('name="f"; filename="b"', b"small"))
    form = read(data, rules={"f": PartRule(keep=True)}, step=65536, directory=tmp_path)
    large, small = form.files
    assert isinstance(large.body, Extent)
    assert large.body.read_bytes() == content
    assert small.body == b"small"
    assert list(tmp_path.iterdir()) == []
    form.discard()
    form.discard()
    with pytest.raises(StorageError, match="closed file"):
        large.body.read_bytes()


def test_the_kept_files_of_a_form_share_one_memory_limit_and_one_file(tmp_path: Path) -> None:
    files = [part('name="f"; filename="a"', bytes([at]) * (MIB * 2 // 3)) for at in (1, 2, 3)]
    form = read(body(*files), rules={"f": PartRule(keep=True)}, directory=tmp_path)
    kept = [each.body for each in form.files]
    assert isinstance(kept[0], bytes)
    assert isinstance(kept[1], Extent)
    assert isinstance(kept[2], Extent)
    assert kept[1].scratch is kept[2].scratch
    assert [kept[1].read_bytes(), kept[2].read_bytes()] == [bytes([at]) * (MIB * 2 // 3) for at in (2, 3)]
    form.discard()


@pytest.mark.parametrize("end", [b"", b"\r\n--X\r\nnonsense", b"\r\n--X\r\n\x00: x\r\n\r\n"])
def test_a_form_that_fails_leaves_no_file_behind(tmp_path: Path, end: bytes) -> None:
    data = body(part('name="f"; filename="a"', b"x" * (2 * MIB)), part('name="f"; filename="b"', b"x" * (2 * MIB)))
    with pytest.raises(RequestError):
        read(data[:-10] + end, rules={"f": PartRule(keep=True)}, directory=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_outgrows_its_limit_on_disk_makes_room_at_once(tmp_path: Path) -> None:
    reader = FormReader(HEADER, rules={"f": PartRule(2 * MIB, keep=True)}, directory=tmp_path)
    reader.feed(b"--X\r\n" + part('name="f"; filename="a"', b"x" * (2 * MIB))[:-2])
    assert reader._scratch.size == 2 * MIB
    reader.feed(b"x" * 10)
    assert reader._scratch.size == 0
    reader.discard()


def test_a_full_disk_passes_through_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="a file could not be kept: No such file or directory"):
        read(
            body(part('name="f"; filename="a"', b"x" * (2 * MIB))),
            rules={"f": PartRule(keep=True)},
            directory=tmp_path / "missing",
        )


def test_latin_1_is_read_when_declared() -> None:
    latin = part('name="a"', b"\xe9", "Content-Type: text/plain; charset=ISO-8859-1")
    assert read(body(latin)).fields == [("a", "é")]


def test_a_boundary_may_be_padded_and_lines_may_resemble_it() -> None:
    content = b"\r\n--X\r-\r\n--Xy\r\n--"
    data = b"--X\r\n" + part('name="image"; filename="a"', content) + b"--X \t\r\n" + part('name="a"', b"1") + b"--X--"
    for step in range(1, 9):
        form = read(data, step=step)
        assert form.files[0].body == content
        assert form.fields == [("a", "1")]


ONE = part('name="a"', b"1")
AROUND = {
    "a preamble": b"This is a message of several parts.\r\n" + body(ONE),
    "a preamble like a form": b"--\r\n--Y\r\n--Xa\r\n a--X\r\n\r\n" + body(ONE),
    "a long preamble": b"x" * 100_000 + b"\r\n" + body(ONE),
    "empty lines": b"\r\n\n\r\n" + body(ONE),
    "an epilogue": body(ONE) + b"an epilogue\r\n--X\r\nwith parts\r\n--X--",
    "no line end": body(ONE)[:-2],
    "blanks": b"--X \t \r\n" + ONE + b"--X-- \t\r\n",
    "blanks at the end": b"--X\r\n" + ONE + b"--X--  ",
}


@pytest.mark.parametrize("data", AROUND.values(), ids=AROUND)
@pytest.mark.parametrize("step", [0, 1, 3])
def test_what_stands_around_the_parts_of_a_form_is_ignored(data: bytes, step: int) -> None:
    assert read(data, step=step if len(data) < 1000 else step * 1000).fields == [("a", "1")]


@pytest.mark.parametrize("boundary", ["'()+_,-./:=?", "a b", "=_" + "x" * 66, "0", "--", "a.b*c[d]\\e"])
def test_a_boundary_may_hold_odd_characters(boundary: str) -> None:
    mark = b"--" + boundary.encode()
    escaped = boundary.replace("\\", "\\\\")
    data = mark + b"\r\n" + ONE + mark + b"--\r\n"
    assert read(data, header=f'Multipart/Form-Data; charset=utf-8; Boundary="{escaped}"; x=y').fields == [("a", "1")]


@pytest.mark.parametrize("coding", ["binary", "7bit", "8bit", "base64", "quoted-printable", "x-own"])
def test_a_transfer_encoding_of_a_part_is_ignored(coding: str) -> None:
    form = read(body(part('name="a"', b"MQ==", f"content-transfer-encoding: {coding}")))
    assert form.fields == [("a", "MQ==")]


def test_names_of_headers_are_read_in_any_letters() -> None:
    head = b'cONTENT-dISPOSITION:FORM-DATA; NAME="image"; FILENAME="a"\r\nCONTENT-TYPE:Image/PNG\r\n'
    [file] = read(b"--X\r\n" + head + b"\r\n1\r\n--X--").files
    assert (file.name, file.filename, file.content_type) == ("image", "a", "image/png")


def test_a_quotation_mark_is_read_as_browsers_write_it() -> None:
    [file] = read(body(part('name="a%22b"; filename="c%22%20%0Ad.png"', b"x"))).files
    assert (file.name, file.filename) == ('a"b', 'c"%20%0Ad.png')


@pytest.mark.parametrize(("charset", "text"), [("windows-1252", b"\x80"), ("UTF-8", "€".encode()), ("", "€".encode())])
def test_a_field_tells_in_what_the_others_are_written(charset: str, text: bytes) -> None:
    told, said = part('name="_charset_"', charset.encode()), part('name="a"', text)
    own = part('name="b"', b"\xe9", "Content-Type: text/plain; charset=latin1")
    for parts in ([told, said, own], [said, own, told]):
        fields = dict(read(body(*parts)).fields)
        assert (fields["a"], fields["b"]) == ("€", "é")


def test_the_parser_below_says_nothing_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(RequestError):
        read(b"nonsense")
    assert caplog.records == []


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=10)
FIELDS = st.tuples(st.none(), NAMES, st.text(st.characters(codec="utf-8")).map(str.encode))
FILES = st.tuples(st.text("abc.é", min_size=1, max_size=8), NAMES, st.binary(max_size=600))


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@given(st.lists(FIELDS | FILES, max_size=8), st.lists(st.integers(0, 10_000), max_size=12), st.booleans())
def test_a_form_is_read_alike_however_it_is_cut(parts: list[Any], cuts: list[int], keep: bool) -> None:
    boundary = "-----=_Part 7"
    lines = []
    for filename, name, content in parts:
        tail = f"; filename={quoted(filename)}" if filename else ""
        lines.append(part(f"name={quoted(name)}{tail}", content))
    mark = f"--{boundary}".encode()
    data = b"".join(mark + b"\r\n" + one for one in lines) + mark + b"--\r\n"
    files = [(name, filename, content) for filename, name, content in parts if filename and content]
    # Only names of files get a rule: a rule would make a file of a field.
    names = {name for name, _, _ in files} - {name for filename, name, _ in parts if not filename}
    reader = FormReader(
        f'multipart/form-data; boundary="{boundary}"', rules={name: PartRule(keep=keep) for name in names}
    )
    for piece in pieces(data, cuts):
        reader.feed(piece)
    form = reader.finish()
    assert form.fields == [(name, content.decode()) for filename, name, content in parts if not filename]
    assert [(one.name, one.filename, one.size) for one in form.files] == [
        (name, filename, len(content)) for name, filename, content in files
    ]
    for one, (name, _, content) in zip(form.files, files, strict=True):
        assert one.head == content[:256]
        assert one.body == (content if keep and name in names else None)
