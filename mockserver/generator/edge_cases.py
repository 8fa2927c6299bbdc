"""Texts and numbers that trip programs. A schema decides which of them are allowed where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TEXTS = (
    "", " ", "0", "-1", "null", "None", "undefined", "NaN", "true", "[]", "{}", "a", "é", "e\u0301", "😀", "👩‍👩‍👧‍👦",
    "\u202eabc", "\u200b", "\ufeffx", "\x00", "\x7f", "\u2028", "İ", "ß", "ﷺ", "Ａ", "𝟘", "\U0010ffff",
    "line\nbreak\r\n\ttab", '"quoted"', "back\\slash", "<script>alert(1)</script>", "<!DOCTYPE html>",
    "'; DROP TABLE jobs;--", "../../etc/passwd", "%00", "%s%n", "{{x}}", "${x}", "COMPLETED", "completed ",
    "x" * 255, "x" * 4096, "😀" * 100,
)  # fmt: skip
TIMES = (
    "1970-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z", "0001-01-01T00:00:00.000Z", "2024-02-29T12:00:00.000Z",
    "2016-12-31T23:59:60.000Z", "2038-01-19T03:14:08.000Z", "2026-03-29T02:30:00.000Z", "1970-01-01T00:00:00Z",
    "2026-05-07T12:34:56+14:00", "2026-05-07T12:34:56.123456789Z", "2026-05-07t12:34:56z",
    "1970-01-01T00:00:00.000001", "9999-12-31T23:59:59.999999",
)  # fmt: skip
URLS = (
    "http://a", "https://127.0.0.1:1/x", "https://[::1]:8443/v.mp4", "https://EXAMPLE.com/Video.MP4",
    "https://user:pass@example.com/v.mp4", "https://example.com/v.mp4?x=1&x=2#t=3", "https://xn--bcher-kva.example/",
    "https://example.com/" + "a" * 1900, "https://example.com/%F0%9F%98%80.mp4", "https://example.com//v.mp4",
    "https://example.com/v.mp4?signature=" + "%2B" * 80, "https://example.com/no-extension",
)  # fmt: skip
NAMES = (
    "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", "-", "_", "A" * 64, "0" * 24, "__proto__", "constructor", "a.b.c", "A_B",
    "9007199254740993", "/a", "/a/b.png", "image/png",
)  # fmt: skip
STRINGS = (*TEXTS, *TIMES, *URLS, *NAMES)
INTEGERS = (
    0, 1, -1, 2, 99, 100, 101, 255, 256, 1000, 32767, 65536, 2**31 - 1, 2**31, -(2**31) - 1, 2**32, 2**53, 2**53 + 1,
    2**63 - 1, 2**63, -(2**63) - 1, 10**18, 1_767_225_600_000,
)  # fmt: skip
NUMBERS = (*INTEGERS, 0.5, 0.1 + 0.2, -0.0, 1e-7, 1e21, 1e308, 5e-324, -1e308, 99.999999999, 1.0)
LETTERS = "aZ09 _-.,:/\\\"'<>&%é\u0301ßİ\u202e\u200b\x00\n😀\U0010ffff"
UNKNOWN_ENUMS = ("ON_HOLD", "", "unknown", "QUEUED_FOR_RETRY", "Completed", "完了")
EXTRA_FIELDS: Mapping[str, Any] = {
    "unexpectedField": "surprise", "_links": {"self": {"href": "/x"}}, "eta": None, "": 0, "__proto__": {},
    "länge": [1], "status2": "COMPLETED", "debug": {"trace": ["a", {"b": None}]},
}  # fmt: skip
