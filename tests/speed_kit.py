"""Whether the time a reader takes is linear in what it reads: ratios of CPU time, so that no machine is too slow."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

SMALL = 1000
"""Bytes of the smallest text; the others have four and sixteen times as many."""
TOLERANCE = 2.5
"""So much more than in proportion may a larger text take: caches, other load."""
NOISE = 30e-6
"""Seconds below which a clock of CPU time says little."""
REPEATS = 5
DOUBTS = 30
"""So often a reading that seems too long is tried again: other threads may have held each of a few up."""
HOPELESS = 2.0
"""Seconds from which a reading is not repeated: no other load of a machine makes so much of milliseconds."""

# (what begins it, what is repeated, what ends it)
Shape = tuple[bytes, bytes, bytes]
SHAPES: tuple[Shape, ...] = (
    (b"", b";key", b""),
    (b"", b"&key", b""),
    (b"?", b"token;", b"="),
    (b"", b"key; token; secret; ", b""),
    (b"", b"key=", b""),
    (b"", b"key:", b""),
    (b"", b"key: ", b""),
    (b"", b'key:"', b""),
    (b"", b"cookie:a ", b""),
    (b"key", b" \t", b":"),
    (b"", b"<key", b""),
    (b"", b"<key>", b""),
    (b"<key", b" a", b">"),
    (b"", b'"name":"key","value":', b""),
    (b"", b'"name":"key","value":[', b""),
    (b"", b"-----BEGIN PRIVATE KEY-----", b""),
    (b"-----BEGIN PRIVATE KEY-----", b"-----EN", b""),
    (b"", b"whsec_", b""),
    (b"", b"u:p@", b""),
    (b"", b"://u:p/", b"@"),
    (b"", b"=&", b""),
    (b"", b"a=&", b""),
    (b"a=", b"=", b""),
    (b"", b"a", b""),
    (b"", b"a ", b""),
    (b"a", b" ", b"b"),
    (b"token", b" ", b""),
    (b"bearer", b" ", b""),
    (b"", b"bearer ", b""),
    (b"", b"basic  ", b""),
    (b"", b"eyJ", b""),
    (b"", b"eyJa.", b""),
    (b"", b"eyJ-", b"."),
    (b"", b".", b""),
    (b"", b"-", b""),
    (b"", b"signature=", b""),
    (b"", b"signature%3D", b""),
    (b"", b"%", b""),
    (b"", b"%25", b""),
    (b"", b"%41", b"%"),
    (b"", b"%74oken=", b""),
    (b'"', b"a", b""),
    (b"", b'"', b""),
    (b"", b'""', b""),
    (b'"', b"\\", b""),
    (b"", b"\\", b""),
    (b"", b'\\"', b""),
    (b'"', b'\\"', b""),
    (b"", b'"a":', b""),
    (b"", b'"key":', b""),
    (b"", b'"key":"', b""),
    (b"", b'"key" ', b""),
    (b'"key"', b" ", b""),
    (b'"key":"', b"\\", b""),
    (b"", b'"key":[', b""),
    (b"", b'{"key":[{"a":"', b""),
    (b'"', b'\\"key\\":', b'"'),
    (b'"', b'\\"key\\":\\"', b'"'),
    (b'"', b'\\"key\\":[', b'"'),
    (b'"', b'\\"key\\":null,', b'"'),
    (b'"\\"key\\":', b"\\", b""),
    (b'"', b"':", b""),
    (b"'key':", b"'", b""),
    (b"", b"[", b""),
    (b"[", b"[],", b"1]"),
    (b"[", b"0,", b"1]"),
    (b"", b"{", b""),
    (b"", b'{"a":', b"1"),
    (b"{", b'"a":1,', b'"b":2}'),
    (b"", b"\\u0061", b""),
    (b'"', b"\\ud800", b'"'),
    (b"", b"1", b""),
    (b"1e", b"1", b""),
    (b"0.", b"1", b""),
    (b"", b"://", b""),
    (b"", b"://a", b""),
    (b"https://", b"a:", b""),
    (b"https://", b"@", b""),
    (b"", b"//@", b""),
    (b"", b"/", b""),
    (b"/", b"a/", b""),
    (b"", b"../", b""),
    (b"", b"/%2F", b""),
    (b"", b":", b""),
    (b"", b";", b""),
    (b"", b"; ", b"a"),
    (b"", b";\t", b""),
    (b"a;", b"a", b""),
    (b"a;", b" a", b"="),
    (b"", b';a="', b""),
    (b"", b';a="\\"', b""),
    (b"", b";a=b", b""),
    (b"", b"boundary=", b""),
    (b"", b",", b""),
    (b"", b", ", b""),
    (b"bytes=", b"0-1,", b"0-2"),
    (b"bytes=", b"9", b"-"),
    (b"", b'"a",', b""),
    (b"", b'W/"', b""),
    (b"", b'W/"a", ', b""),
    (b"text/html", b";q=0.5,a/b", b""),
    (b"", b"a.b", b""),
    (b"", b"\r\n", b""),
    (b"", b"\n", b""),
    (b"", b"\r", b""),
    (b"", b"a:b\r\n", b""),
    (b"", b"\r\n--", b""),
    (b"", b"--frontier\r\n", b""),
    (b"", b"\0", b""),
    (b"", b"\xff", b""),
    (b"", b"\xe2\x80\xae", b""),
    (b"", b"aA", b""),
    (b"", b"A", b"a"),
    (b"", b"_", b""),
    (b"", b"auth", b"or"),
)  # fmt: skip


def grown(shape: Shape, size: int) -> bytes:
    """A text of this shape of about `size` bytes."""
    first, repeated, last = shape
    return first + repeated * (size // len(repeated)) + last


def seconds(read: Callable[[Any], object], text: Any, repeats: int = REPEATS) -> float:
    """The least CPU time of several readings; whatever is raised is an answer, too.

    The cyclic collector stands meanwhile: it looks at all that lives, which is not what is read.
    """
    gc.disable()
    try:
        return min(_reading(read, text) for _ in range(repeats))
    finally:
        gc.enable()


def _reading(read: Callable[[Any], object], text: Any) -> float:
    began = time.thread_time()
    with suppress(Exception):
        read(text)
    return time.thread_time() - began


def excess(read: Callable[[Any], object], make: Callable[[int], Any]) -> str:
    """How much more than in proportion larger texts take; "" when they do not. Stops at the first that does."""
    least = max(seconds(read, make(SMALL)), NOISE)
    for times in (4, 16):
        allowed = least * times * TOLERANCE
        text = make(SMALL * times)
        took, again = seconds(read, text, 1), DOUBTS
        while allowed < took < HOPELESS and again:
            took, again = min(took, seconds(read, text, 1)), again - 1
        if took > allowed:
            return f"{times} times as long took {took / least:.0f} times as long ({took * 1000:.1f} ms)"
    return ""


def excesses(read: Callable[[bytes], object]) -> Iterator[str]:
    """Every shape whose reading is not linear."""
    for shape in SHAPES:
        found = excess(read, lambda size, shape=shape: grown(shape, size))  # type: ignore[misc]
        if found:
            yield f"{shape}: {found}"
