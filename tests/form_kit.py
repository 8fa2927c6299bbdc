"""Multipart bodies by hand, and ways to read them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from mockserver.validation import Form, FormReader, PartRule

HEADER = 'multipart/form-data; boundary="X"'
KEEP = {"image": PartRule(max_bytes=100, keep=True), "audio": PartRule(max_bytes=10)}
MIB = 1024 * 1024


def part(disposition: str, content: bytes = b"", *headers: str) -> bytes:
    lines = [f"Content-Disposition: form-data; {disposition}", *headers]
    return "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n" + content + b"\r\n"


def body(*parts: bytes) -> bytes:
    return b"".join(b"--X\r\n" + one for one in parts) + b"--X--\r\n"


def read(data: bytes, *, rules: Any = KEEP, header: str = HEADER, step: int = 0, **limits: Any) -> Form:
    reader = FormReader(header, rules=rules, **limits)
    for at in range(0, len(data), step or len(data) or 1):
        reader.feed(data[at : at + step] if step else data)
    return reader.finish()


def pieces(data: bytes, cuts: list[int]) -> Iterator[bytes]:
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return (data[a:b] for a, b in pairwise(places))
