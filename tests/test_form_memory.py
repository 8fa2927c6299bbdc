"""How much memory a form takes: never more than its limits, whatever is sent."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterable
from itertools import chain, repeat
from pathlib import Path

import pytest

from mockserver.errors import RequestError
from mockserver.validation import FormReader, PartRule

MIB = 1024 * 1024
CHUNK = b"x" * 65536


def start(name: str, *, filename: str = "f") -> bytes:
    return f'\r\n--X\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n\r\n'.encode()


def peak(work: Callable[[], object]) -> int:
    """The most bytes that `work` held at one time."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def reading(chunks: Iterable[bytes], rule: PartRule, directory: Path) -> Callable[[], object]:
    def work() -> None:
        reader = FormReader("multipart/form-data; boundary=X", rules={"kept": rule}, directory=directory)
        try:
            for chunk in chunks:
                reader.feed(chunk)
            reader.finish().discard()
        except RequestError:
            reader.discard()

    return work


@pytest.mark.parametrize(
    ("name", "rule", "limit"),
    [
        ("dropped", PartRule(), MIB // 2),
        ("kept", PartRule(max_bytes=40 * MIB), MIB // 2),
        ("kept", PartRule(max_bytes=MIB, keep=True), 4 * MIB),
        ("kept", PartRule(keep=True), 4 * MIB),
    ],
)
def test_a_file_of_50_mib_is_not_held(name: str, rule: PartRule, limit: int, tmp_path: Path) -> None:
    chunks = chain([start(name)[2:]], repeat(CHUNK, 800), [b"\r\n--X--"])
    assert peak(reading(chunks, rule, tmp_path)) < limit
    assert list(tmp_path.iterdir()) == []


def test_a_thousand_kept_files_are_not_held(tmp_path: Path) -> None:
    files = chain.from_iterable((start("kept"), b"y" * 20_000) for _ in range(990))
    chunks = chain([b"\r\n"], files, [b"\r\n--X--"])
    assert peak(reading(chunks, PartRule(keep=True), tmp_path)) < 5 * MIB
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "chunks",
    [
        chain([b'--X\r\nContent-Disposition: form-data; name="a"\r\n\r\n'], repeat(CHUNK, 400)),
        chain([b"--X\r\nContent-Disposition: "], repeat(CHUNK, 400)),
        chain([b"--X\r\n"], repeat(CHUNK, 400)),
        repeat(b"\r\n" * 30_000, 100),
        chain([b"\r\n"], repeat(start("a"), 10_000)),
        chain([b"\r\n"], repeat(start("a", filename="x" * 4000), 10_000)),
        chain([b"--X--"], repeat(CHUNK, 400)),
    ],
    ids=["text", "header", "header name", "preamble", "parts", "file names", "epilogue"],
)
def test_no_endless_form_fills_the_memory(chunks: Iterable[bytes], tmp_path: Path) -> None:
    assert peak(reading(chunks, PartRule(), tmp_path)) < 5 * MIB
