"""What must never be kept: credentials, tokens, signatures. Found by place, by name and, where issued here, by value.

Applied when something is captured, so that a journal, a log line or an export can hold none. Knows no HTTP server.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote_plus

HIDDEN = "[redacted]"
_HIDDEN = HIDDEN.encode()
Pairs = tuple[tuple[bytes, bytes], ...]

# Any other header keeps its name and loses its value: a key in a header nobody thought of is a key all the same.
_SHOWN = frozenset(
    (
        b"host", b"accept", b"accept-encoding", b"accept-language", b"cache-control", b"connection",
        b"content-encoding",
        b"content-length", b"content-type", b"date", b"expect", b"if-match", b"if-modified-since", b"if-none-match",
        b"if-range", b"if-unmodified-since", b"keep-alive", b"origin", b"pragma", b"range", b"te", b"traceparent",
        b"transfer-encoding", b"upgrade-insecure-requests", b"user-agent", b"x-request-id",
    )
)  # fmt: skip
_NAMES = re.compile(r"(?i)api-?_?key|(^|[-_.])key$|access-?_?key|secret|token|passw|signature|auth|credential|cookie")
_WORDS = "key", "secret", "token", "passw", "signature", "auth", "credential", "cookie", "eyj", "bearer", "basic "
_FIELD = re.compile(rb'"((?:[^"\\]|\\.){1,80})"(\s*:\s*)("(?:[^"\\]|\\.)*"?|[^\s,{}\[\]"]+)')
_SIGNATURE = re.compile(rb"(?i)(signature(?:=|%3D))[A-Za-z0-9_%+/=-]*")
_LINK = re.compile(rb"signature=[A-Za-z0-9_-]+")
_TOKEN = re.compile(rb"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_.-]*")
_SCHEME = re.compile(rb"(?i)\b(bearer|basic) +[A-Za-z0-9._~+/=-]+")
_PARAMETER = re.compile(
    rb"(?i)([?&;]|^)([^=&?\s\"']*(?:key|secret|token|passw|signature|auth|credential)[^=&?\s\"']*)=([^&\s\"'<>]*)"
)
_LONG = re.compile(rb"[A-Za-z0-9-]{8,}")
_BOUNDARY = re.compile(rb"(boundary=)[^;,\s]+")  # no secret, but drawn anew for each form: journals shall compare equal
_FEW = 64
_REMEMBERED = 256
_SHORT = 2048


def sensitive(name: str) -> bool:
    """Whether a field, parameter or header of this name holds a secret."""
    return _NAMES.search(name) is not None


class Redaction:
    """What one sandbox hides: what everybody hides, and the secrets that were issued in it."""

    def __init__(self) -> None:
        self._secrets: set[bytes] = set()
        self._texts: tuple[str, ...] = ()
        self._heads: dict[bytes | Pairs, Pairs] = {}

    def know(self, *secrets: str) -> None:
        """Hide these wherever they stand."""
        self._secrets.update(secret.encode() for secret in secrets if secret)
        self._texts = tuple(secret.decode("latin-1").lower() for secret in self._secrets)
        self._heads.clear()

    def _known(self, data: bytes) -> bytes:
        """Without the secrets issued here. Many of them are looked for as whole words only, or it would take long."""
        if len(self._secrets) > _FEW:
            return _LONG.sub(lambda m: _HIDDEN if m[0] in self._secrets else m[0], data)
        lower = data.decode("latin-1").lower()
        if not any(map(lower.__contains__, self._texts)):
            return data
        longest_first = sorted(self._secrets, key=len, reverse=True)
        return re.compile(b"|".join(map(re.escape, longest_first)), re.IGNORECASE).sub(_HIDDEN, data)

    def clean(self, data: bytes) -> bool:
        """Whether there is nothing to hide in it; quick, and rather wrong in being cautious."""
        lower = data.decode("latin-1").lower()  # a search in str takes a third of one in bytes
        for secret in self._texts:
            if secret in lower:
                return False
        for word in _WORDS:  # noqa: SIM110 (a generator would take twice as long)
            if word in lower:
                return False
        return True

    def body(self, data: bytes) -> bytes:
        """Text of any form without secrets: of JSON fields, parameters, tokens, signatures, and those issued here."""
        if self.clean(data):
            return data
        data = self._known(data)
        data = _FIELD.sub(_field, data)
        data = _PARAMETER.sub(_parameter, data)
        data = _SIGNATURE.sub(rb"\1" + _HIDDEN, data)
        return _TOKEN.sub(_HIDDEN, _SCHEME.sub(rb"\1 " + _HIDDEN, data))

    def links(self, data: bytes) -> bytes:
        """An answer in which nothing stands that a client wrote, without the signatures of its links."""
        return _LINK.sub(b"signature=" + _HIDDEN, data)

    def answer(self, data: bytes) -> bytes:
        """An answer of an API: its links are ours; what it repeats of a request may be anything."""
        data = self._known(data)
        if b"?" in data:
            data = _PARAMETER.sub(_parameter, data)
        return _TOKEN.sub(_HIDDEN, data) if b"eyJ" in data else data

    def text(self, data: str) -> str:
        """The same for text."""
        return self.body(data.encode("utf-8", "surrogatepass")).decode("utf-8", "replace") if data else data

    def query(self, raw: bytes) -> str:
        """A query string or a urlencoded form, without the values of sensitive names."""
        if not raw:
            return ""
        return "&".join(self._pair(part) for part in raw.split(b"&"))

    def _pair(self, part: bytes) -> str:
        name, equals, value = part.partition(b"=")
        plain_name, plain = _unquoted(name), _unquoted(value).encode("utf-8", "surrogatepass")
        if equals and (sensitive(plain_name) or self.body(plain) != plain):
            return f"{name.decode('latin-1')}={HIDDEN}"
        return self.body(part).decode("latin-1")

    def headers(self, pairs: Iterable[tuple[bytes, bytes]]) -> Pairs:
        """Headers; the values of all but harmless ones are hidden."""
        key = tuple(pairs)
        return self._heads.get(key) or self._remember(key, key)

    def head(self, raw: bytes, pairs: Iterable[tuple[bytes, bytes]]) -> Pairs:
        """The same for the headers that were read off these bytes."""
        return self._heads.get(raw) or self._remember(raw, tuple(pairs))

    def _remember(self, key: bytes | Pairs, pairs: Pairs) -> Pairs:
        """Hide, and remember it: a client sends the same headers again and again, and entries can share them."""
        found = self._hide(pairs)
        if len(self._heads) >= _REMEMBERED:
            self._heads.clear()
        if sum(len(name) + len(value) for name, value in pairs) < _SHORT:
            self._heads[key] = found
        return found

    def _hide(self, pairs: Pairs) -> Pairs:
        shown = tuple([(name, value if name in _SHOWN else _HIDDEN) for name, value in pairs])
        values = b"\n".join([value for _, value in shown])
        if self._known(values) is values and b"boundary=" not in values:
            return shown
        return tuple([(name, _BOUNDARY.sub(rb"\1...", self._known(value))) for name, value in shown])


def _unquoted(data: bytes) -> str:
    return unquote_plus(data.decode("latin-1"), "latin-1")


def _field(found: re.Match[bytes]) -> bytes:
    if not sensitive(found[1].decode("utf-8", "replace")) or found[3] in (b"null", b'""'):
        return found[0]
    return b'"%b"%b"%b"' % (found[1], found[2], _HIDDEN)


def _parameter(found: re.Match[bytes]) -> bytes:
    if not sensitive(found[2].decode("utf-8", "replace")):
        return found[0]
    return b"%b%b=%b" % (found[1], found[2], _HIDDEN)
