"""Forms that are refused: each with a reason, and no bytes raise anything else."""

from __future__ import annotations

import contextlib

import pytest
from form_kit import HEADER, KEEP, MIB, body, part, pieces, read
from hypothesis import given
from hypothesis import strategies as st

from mockserver.errors import RequestError
from mockserver.validation import FormReader

HOSTILE = {
    "nothing": (b"", "holds no boundary"),
    "only a preamble": (b"\r\n\r\n", "holds no boundary"),
    "another body": (b'{"a": 1}', "holds no boundary"),
    "another boundary": (b"--Y\r\n\r\n\r\n--Y--", "holds no boundary"),
    "a boundary within a line": (b"a--X\r\n" + part('name="a"') + b"--X--"[:0], "holds no boundary"),
    "a boundary with a tail": (b"--Xa\r\n" + part('name="a"'), "holds no boundary"),
    "cut in the boundary": (b"--X", "holds no boundary"),
    "cut in a header": (b"--X\r\nContent-Disposition: form-data; na", "closing boundary"),
    "cut in a file": (b"--X\r\n" + part('name="image"', b"abc"), "closing boundary"),
    "cut before the last hyphen": (body(part('name="a"'))[:-3], "closing boundary"),
    "an end that is none": (b"--X\r\nContent-Disposition: form-data; name=a\r\n\r\nb\r\n--X-Y", "closing boundary"),
    "no headers": (b"--X\r\n\r\nabc\r\n--X--", "no Content-Disposition"),
    "no name": (body(part('filename="a"')), "no name"),
    "no disposition": (body(b"Content-Type: text/plain\r\n\r\nx\r\n"), "no Content-Disposition"),
    "another disposition": (body(b'Content-Disposition: attachment; name="a"\r\n\r\n\r\n'), "no Content-Disposition"),
    "a header twice": (body(part('name="a"', b"", 'content-disposition: form-data; name="b"')), "same header twice"),
    "a header without colon": (body(b"Content-Disposition\r\n\r\n\r\n"), "malformed"),
    "a header without name": (body(b": x\r\n\r\n\r\n"), "malformed"),
    "a bare line feed": (body(b"A: x\rB\n\r\n\r\n"), "malformed"),
    "bad bytes in a header name": (body(b"A\x00B: x\r\n\r\n\r\n"), "malformed"),
    "bad UTF-8 in a header": (
        body(b'Content-Disposition: form-data; name="a"\r\nContent-Type: \xff\r\n\r\n\r\n'),
        "not valid UTF-8",
    ),
    "a long header": (body(part('name="a"', b"", "A: " + "x" * 5000)), "header size"),
    "a long header name": (body(part('name="a"', b"", "A" * 5000 + ": x")), "header size"),
    "many headers": (body(part('name="a"', b"", *[f"A{n}: x" for n in range(8)])), "header count"),
    "a default charset nobody knows": (body(part('name="_charset_"', b"klingon")), "charset"),
    "text beyond the default charset": (body(part('name="a"', b"\xe9"), part('name="_charset_"', b"")), "a is"),
    "another charset": (body(part('name="a"', b"", "Content-Type: text/plain; charset=utf-16")), "charset"),
    "bad UTF-8 in a field": (body(part('name="a"', b"\xff")), "a is not valid utf-8 text"),
    "an encoded surrogate": (body(part('name="a"', b"\xed\xa0\x80")), "a is not valid utf-8 text"),
    "ASCII that is not": (body(part('name="a"', b"\xc3\xa9", "Content-Type: text/plain; charset=us-ascii")), "ascii"),
    "long text": (body(part('name="a"', b"x" * (MIB + 1))), "text fields of the form are too long"),
    "long text in many fields": (body(*[part('name="a"', b"x" * 9000)] * 200), "too long"),
    "long names": (body(*[part(f'name="{"x" * 4000}"')] * 300), "too long"),
    "long file names": (body(*[part(f'name="a"; filename="{"x" * 4000}"')] * 300), "too long"),
    "1,001 parts": (body(*[part('name="a"')] * 1001), "more than 1000 parts"),
    "10,000 files": (body(*[part('name="image"; filename="a"')] * 10_000), "more than 1000 parts"),
}


@pytest.mark.parametrize("step", [0, 1000])
@pytest.mark.parametrize(("data", "why"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_form_is_refused_with_a_reason(data: bytes, why: str, step: int) -> None:
    with pytest.raises(RequestError) as refused:
        read(data, step=step)
    assert why in str(refused.value)


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ("multipart/form-data", "no boundary"),
        ("multipart/form-data; boundary=", "no boundary"),
        ('multipart/form-data; boundary=""', "no boundary"),
        ("", "no boundary"),
        ("multipart/form-data; boundary=" + "x" * 201, "too long"),
        ("multipart/form-data; boundary=é", "may not hold"),
        ('multipart/form-data; boundary="a "', "may not hold"),
        ('multipart/form-data; boundary="a\r\nb"', "may not hold"),
    ],
)
def test_a_form_needs_a_usable_boundary(header: str, why: str) -> None:
    with pytest.raises(RequestError, match=why):
        FormReader(header, rules={})


MARKS = [
    b"--X",
    b"\r\n",
    b"--",
    b"\r",
    b"\n",
    b"-",
    b" ",
    b":",
    b"X",
    b"\x00",
    b"\xff",
    b'"',
    b";",
    b"--X\r\n",
    b"\r\n--X--",
]
HEADERS = [b"Content-Type: ", b'Content-Disposition: form-data; name="a"', b'; filename="b"', b"\r\n\r\n"]
FRAGMENTS = st.sampled_from([*MARKS, *HEADERS])


@given(st.lists(FRAGMENTS, max_size=25).map(b"".join) | st.binary(), st.lists(st.integers(0, 500), max_size=6))
def test_no_bytes_raise_anything_but_a_request_error(data: bytes, cuts: list[int]) -> None:
    reader = FormReader(HEADER, rules=KEEP)
    try:
        for piece in pieces(data, cuts):
            reader.feed(piece)
        form = reader.finish()
    except RequestError:
        return
    assert len(form.fields) + len(form.files) <= data.count(b"--X")


@given(st.text(max_size=30) | st.text('multipart/form-data; boundary="X', max_size=40))
def test_no_content_type_raises_anything_but_a_request_error(header: str) -> None:
    with contextlib.suppress(RequestError):
        FormReader(header, rules={}).feed(b"--X--")
