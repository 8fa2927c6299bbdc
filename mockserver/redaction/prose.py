"""Text that people and programs write without quotes around its names: lines of headers, YAML, tags, commands, keys.

Linear like `scan`, and with its means. Knows no secret that was issued here.
"""

from __future__ import annotations

import re

from mockserver.redaction import scan
from mockserver.secret_names import sensitive

_SAYS = re.compile(rb"(?<![ \t])(?:[ \t]*+:|[ \t]++=)[ \t]*+")
_REST_OF_LINE = re.compile(rb"""[^\r\n"'\\]*+(?:\\[^nr][^\r\n"'\\]*+)*+""").match
_WHOLE_LINES = re.compile(rb"(?i)auth|cookie")
_TAG = re.compile(rb"""(<([A-Za-z_][^\s<>/"']*+)[^<>]*+>)([^<"'\\]++)""")
_PAIR = re.compile(rb'"(?:name|key|header|field)"\s*+:\s*+"([^"\\]++)"\s*+,\s*+"value"\s*+:\s*+')
_PRIVATE_KEY = re.compile(rb'(-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----)(?:[^"-]++|-(?!----END))*+')
_ISSUED = re.compile(rb"(?i)(whsec_)[a-z0-9+/=_-]++")
_CLOSES = frozenset((b"", b",", b"}", b"]", b")", b":", b" ", b"\r", b"\n"))


def hide(data: bytes) -> bytes:
    """Without private keys, and without what stands in a sensitive tag or behind a sensitive name and a colon."""
    data = _ISSUED.sub(rb"\1" + scan.HIDDEN, data) if b"hsec_" in data else data
    data = _PRIVATE_KEY.sub(rb"\1" + scan.HIDDEN, data) if b"-----BEGIN" in data else data
    return hide_stated(_TAG.sub(_without_content, data))


def hide_pairs(data: bytes) -> bytes:
    """The values of lists of names and values, as archives of requests and settings of containers have them."""
    shown, at = [], 0
    for pair in _PAIR.finditer(data):
        if pair.start() >= at and sensitive(pair[1].decode("utf-8", "replace")):
            start, stop = scan.value(data, pair.end())
            quote = b"" if data[start - 1 : start] in (b'"', b"'") else b'"'
            shown += [data[at:start], quote, scan.HIDDEN, quote]
            at = stop
    return b"".join([*shown, data[at:]])


def hide_stated(data: bytes) -> bytes:
    """`password: x`, `{token: "x"}`, `key = x`; of credentials and cookies the rest of the line."""
    shown, at = [], 0
    for said in _SAYS.finditer(data):
        name = scan.name_before(data, at, said.start())
        if said.start() >= at and name and sensitive(name.decode("utf-8", "replace")):
            stop = _end(data, said.end(), whole_line=_WHOLE_LINES.search(name) is not None)
            if stop > said.end():
                shown += [data[at : said.end()], scan.HIDDEN]
                at = stop
    return b"".join([*shown, data[at:]]) if shown else data


def _end(data: bytes, start: int, *, whole_line: bool) -> int:
    """Where the value ends that begins at `start`; there when a quote stands there that closes what is around."""
    if data[start : start + 1] in (b'"', b"'"):
        return start if data[start + 1 : start + 2] in _CLOSES else scan.value(data, start)[1] + 1
    found = _REST_OF_LINE(data, start) if whole_line else scan.bare_value(data, start)
    return found.end() if found else start


def _without_content(found: re.Match[bytes]) -> bytes:
    return found[1] + scan.HIDDEN if sensitive(found[2].decode("utf-8", "replace")) else found[0]
