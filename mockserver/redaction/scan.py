"""Text of any form without the secrets that their place or their name betrays. Knows none that was issued here.

Each scan passes over its text once: what a match has looked at is either behind it or never looked at again, and no
repeat can give back what it took. So the time is linear in the text, whatever somebody wrote.
"""

from __future__ import annotations

import re

from mockserver.secret_names import sensitive

HIDDEN = b"[redacted]"

_COLON = re.compile(rb"""(["'])\s*+:\s*+""")
_STRINGS = {
    b'"': re.compile(rb'"(?:[^"\\]++|\\.)*+("?)', re.DOTALL).match,
    b"'": re.compile(rb"'(?:[^'\\]++|\\.)*+('?)", re.DOTALL).match,
}
_BRACKETS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)
_BARE = re.compile(rb"""[^\s,{}\[\]"'\\]*+""").match
_ESCAPED_QUOTE = re.compile(rb"""(?<!\\)(\\*+)["']""")
_NAME_BACKWARDS = re.compile(rb"""[^=&?;#\s"'<>,(){}|/:\\]*+""").match
bare_value = re.compile(rb"""[^&\s"'<>\\]*+(?:\\.[^&\s"'<>\\]*+)*+""", re.DOTALL).match
_AUTHORITY = re.compile(rb"""([:/]/{1,2}+)((?:[^/?#\s"'<>\\]++|\\[^"'])*+)""", re.DOTALL)
_SCHEME = re.compile(rb"(?i)\b(bearer|basic)(?:[ \t:]|\\t)++[A-Za-z0-9._~+/=-]++")
_DOTTED = re.compile(rb"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]++\.[A-Za-z0-9_.-]*+")
_PIECE = re.compile(rb"""[^\s"'<>\\&,]++""")
_PORT = re.compile(rb":[0-9]*+(?=[/?#])").match
_LONGEST_NAME = 256
_NAMELESS = frozenset((b"", b"null"))


def hide_fields(data: bytes) -> bytes:
    """Whatever stands behind a sensitive name in quotes and a colon: text, a number, a whole list or object.

    JSON, what was meant to be, and JSON within a string of JSON; a quote may be missing anywhere.
    """
    shown, at = [], 0
    for colon in _COLON.finditer(data):
        if colon.start() < at:
            continue
        opening = data.rfind(colon[1], at, colon.start())
        name = data[max(opening + 1, at, colon.start() - _LONGEST_NAME) : colon.start()]
        if sensitive(name.decode("utf-8", "replace")):
            escapes = len(name) - len(name.rstrip(b"\\"))
            start, stop = _nested(data, colon.end(), escapes) if escapes % 2 else value(data, colon.end())
            if data[start:stop] not in _NAMELESS:
                quote = b"" if data[start - 1 : start] in (b'"', b"'") else b"\\" * (escapes % 2 * escapes) + b'"'
                shown += [data[at:start], quote, HIDDEN, quote]
                at = stop
    return b"".join([*shown, data[at:]])


def value(data: bytes, start: int) -> tuple[int, int]:
    """From where to where the value reaches that begins at `start`; a string without its quotes."""
    first = data[start : start + 1]
    if first in _STRINGS and first:
        string = _STRINGS[first](data, start)
        assert string is not None
        return (start + 1, string.start(1)) if string[1] else (start, string.end())
    if first in (b"[", b"{"):
        return start, _closed(data, start)
    bare = _BARE(data, start)
    return start, bare.end() if bare else start


def _closed(data: bytes, start: int) -> int:
    """Where the list or object that begins at `start` ends; the end of everything when it is not closed."""
    depth = 0
    for token in _BRACKETS.finditer(data, start):
        depth += {b"[": 1, b"{": 1, b"]": -1, b"}": -1}.get(token[0], 0)
        if not depth:
            return token.end()
    return len(data)


def _nested(data: bytes, start: int, escapes: int) -> tuple[int, int]:
    """The same within a string of JSON, where quotes have that many backslashes before them.

    Of a list or object all is taken to the end of the outer string.
    """
    opening = _ESCAPED_QUOTE.match(data, start)
    if opening is None and data[start : start + 1] not in (b"[", b"{"):
        bare = _BARE(data, start)
        return start, bare.end() if bare else start
    first = start if opening is None else opening.end()
    fewest = escapes if opening else escapes - 1
    ends = (quote.start() for quote in _ESCAPED_QUOTE.finditer(data, first) if len(quote[1]) <= fewest)
    return first, next(ends, len(data))


def hide_parameters(data: bytes) -> bytes:
    """The values of sensitive names before `=`: of queries, forms, cookies, headers with parameters."""
    shown, at, equals = [], 0, data.find(b"=")
    is_json = data[:1] in (b"{", b"[", b'"')
    after = 0
    while equals >= 0:
        name = name_before(data, after, equals)
        after = equals + 1
        if name and sensitive(name.decode("utf-8", "replace")):
            shown += [data[at:after], HIDDEN]
            after = at = _end_of_value(data, after, is_json)
        equals = data.find(b"=", after)
    return b"".join([*shown, data[at:]]) if shown else data


def name_before(data: bytes, since: int, end: int) -> bytes:
    """The name without quotes that ends there."""
    before = data[max(since, end - _LONGEST_NAME) : end]
    length = _NAME_BACKWARDS(before[::-1]).end()  # type: ignore[union-attr]
    return before[len(before) - length :]


def _end_of_value(data: bytes, start: int, is_json: bool) -> int:
    first = data[start : start + 1]
    found = bare_value(data, start) if is_json or first not in (b'"', b"'") else _STRINGS[first](data, start)
    return found.end() if found else start


def hide_schemes(data: bytes) -> bytes:
    """What stands behind the name of a scheme of HTTP's authentication."""
    return _SCHEME.sub(rb"\1 " + HIDDEN, data)


def hide_users(data: bytes) -> bytes:
    """What stands before `@` in the authority of a URL, and `user:password@` without one."""
    return _PIECE.sub(_without_password, _AUTHORITY.sub(_without_user, data)) if b"@" in data else data


def _without_user(found: re.Match[bytes]) -> bytes:
    user, at, host = found[2].rpartition(b"@")
    return b"%b%b@%b" % (found[1], HIDDEN, host) if at and user else found[0]


def _without_password(found: re.Match[bytes]) -> bytes:
    """Not every password is encoded as it should be: one with a slash in it ends the authority of its URL."""
    piece: bytes = found[0]
    at = piece.rfind(b"@")
    begins = piece.find(b"://", 0, at) + 3
    if begins < 3:
        begins = piece.rfind(b"/", 0, max(at, 0)) + 1
    colon = piece.find(b":", begins, max(at, 0))
    if colon < 0 or b"/" in piece[begins:colon] or _PORT(piece, colon) or piece[colon + 1 : at] == HIDDEN:
        return piece
    return piece[: colon + 1] + HIDDEN + piece[at:]


def hide_tokens(data: bytes) -> bytes:
    """What has the form of a JSON Web Token."""
    return _DOTTED.sub(_without_token, data) if b"eyJ" in data else data


def _without_token(found: re.Match[bytes]) -> bytes:
    begins = found[0].find(b"eyJ")
    return found[0][:begins] + HIDDEN if 0 <= begins < found[0].rfind(b".") else found[0]
