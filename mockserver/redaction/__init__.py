"""What must never be kept: credentials, tokens, signatures. Found by place, by name and, where issued here, by value.

Applied when something is captured, so that a journal, a log line or an export can hold none. Knows no HTTP server.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TypeVar
from urllib.parse import unquote_plus, unquote_to_bytes

from mockserver.bounds import ALIKE, ALIKE_COUNT, ALIKE_HEADERS, cut_pairs
from mockserver.header_types import RawHeaders
from mockserver.redaction import prose, scan
from mockserver.redaction.issued import Issued
from mockserver.secret_names import sensitive

_HIDDEN = scan.HIDDEN
HIDDEN = _HIDDEN.decode()

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
_LINK = re.compile(rb"signature=[A-Za-z0-9_-]+")
_BOUNDARY = re.compile(rb"(boundary=)[^;,\s]+")  # no secret, but drawn anew for each form: journals shall compare equal
_ESCAPE = re.compile(rb"\\(?:u00(?!22|5[Cc])([2-7][0-9A-Fa-f])|(/))")
_ENCODED = re.compile(rb"""[^\s"'<>\\]++""")
_FEW = 64
_MISSING = object()
AHEAD = 1024
_DEEPEST = 3  # so often may a text be percent-encoded
Text = TypeVar("Text", str, bytes)


def beginning(hide: Callable[[bytes], Text], data: bytes, most: int) -> Text:
    """The first `most` of what `hide` leaves of the data, of which no more is read than that takes.

    It reads some way ahead, and leaves as much out at the end: half a secret would not be known for one.
    """
    if len(data) <= most + AHEAD:
        return hide(data)[:most]
    return hide(data[: most + AHEAD])[:-AHEAD][:most]


class Redaction:
    """What one sandbox hides: what everybody hides, and the secrets that were issued in it."""

    def __init__(self) -> None:
        self._secrets: dict[str, None] = {}  # in lower case; few, and looked for one by one
        self._silent: list[str] = []  # those among them that no suspicious word betrays
        self._more: Issued | None = None
        self._heads: dict[bytes | RawHeaders, tuple[RawHeaders, int]] = {}
        self.version = 0  # it grows with what has to be hidden

    def know(self, *secrets: str) -> None:
        """Hide these wherever they stand."""
        for secret in (each.encode().decode("latin-1").lower() for each in secrets if each):
            if secret in self._secrets or (len(self._secrets) >= _FEW and self._is_one_of_many(secret)):
                continue
            self._secrets[secret] = None
            if not _suspicious(secret):
                self._silent.append(secret)
        self._heads.clear()
        self.version += 1

    def forget(self, secrets: Iterable[str]) -> None:
        """Hide these no more: they open nothing."""
        for secret in (each.encode().decode("latin-1").lower() for each in secrets):
            if self._secrets.pop(secret, _MISSING) is None and secret in self._silent:
                self._silent.remove(secret)
            elif self._more is not None:
                self._more.remove(secret)
        self._heads.clear()
        self.version += 1

    def _is_one_of_many(self, secret: str) -> bool:
        self._more = self._more or Issued()
        return self._more.add(secret)

    def issued(self, data: bytes) -> set[str]:
        """The secrets issued here that stand in it, in lower case."""
        lower = data.decode("latin-1").lower()
        found = {secret for secret in self._secrets if secret in lower}
        if self._more is not None:
            found.update(self._more.found(lower))
        return found

    def _known(self, data: bytes) -> bytes:
        """Without the secrets issued here, in capitals or not."""
        found = self.issued(data)
        if not found:
            return data
        longest_first = sorted(found, key=len, reverse=True)
        any_of_them = b"|".join(re.escape(secret.encode("latin-1")) for secret in longest_first)
        return re.sub(any_of_them, _HIDDEN, data, flags=re.IGNORECASE)

    def without_issued(self, text: str) -> str:
        """Text that was looked through before, without the secrets that were issued since."""
        data = text.encode("utf-8", "surrogatepass")
        hidden = self._known(data)
        return text if hidden is data else hidden.decode("utf-8", "replace")

    def clean(self, data: bytes) -> bool:
        """Whether there is nothing to hide in it; quick, and rather wrong in being cautious."""
        return self._is_clean(data.decode("latin-1").lower())  # a search in str takes a third of one in bytes

    def plain(self, data: bytes) -> bool:
        """The same, and that there are no escapes in it in which something could be hidden."""
        lower = data.decode("latin-1").lower()
        if "%" in lower or ("\\" in lower and "\\u" in lower):
            return False
        return self._is_clean(lower)

    def _is_clean(self, lower: str) -> bool:
        for secret in self._silent:
            if secret in lower:
                return False
        if self._more is not None and any(self._more.found(lower)):
            return False
        return not _suspicious(lower)

    def body(self, data: bytes) -> bytes:
        """Text of any form without secrets: of fields, parameters, URLs, tokens, and those issued here."""
        if self._is_harmless(data):
            return data
        clean, encoded = self.clean(data), b"%" in data
        if clean and encoded:
            clean = self.clean(unquote_to_bytes(data))  # names may be written in escapes
        shown = data if clean else _hide(self._known(data))
        if b"\\" in data and (read := _ESCAPE.sub(_unescaped, data)) != data:
            hidden = _hide(self._known(read))
            shown = hidden if hidden != read else shown
        return _ENCODED.sub(self._chunk, shown) if b"%" in shown else shown

    def _is_harmless(self, data: bytes) -> bool:
        """Whether there is nothing to hide in it, and nothing that is percent-encoded in it; quick, and cautious."""
        for _ in range(_DEEPEST + 1):
            if b"\\" in data or not self.clean(data):
                return False
            if b"%" not in data and b"+" not in data:
                return True
            data = unquote_to_bytes(data.replace(b"+", b" "))
        return False

    def _chunk(self, found: re.Match[bytes]) -> bytes:
        """A piece without blanks and quotes; nothing of it when a secret stands in it percent-encoded."""
        chunk = plain = found[0]
        for _ in range(_DEEPEST):
            encoded, plain = plain, unquote_to_bytes(plain.replace(b"+", b" ")) if b"%" in plain else plain
            if plain == encoded:
                break
            if not self.clean(plain) and _hide(self._known(plain)) != plain:
                return _HIDDEN
        else:
            return _HIDDEN if b"%" in plain and unquote_to_bytes(plain) != plain else chunk
        return chunk

    def links(self, data: bytes) -> bytes:
        """An answer in which nothing stands that a client wrote, without the signatures of its links."""
        return _LINK.sub(b"signature=" + _HIDDEN, data)

    def answer(self, data: bytes) -> bytes:
        """An answer of an API: its links are ours; what it repeats of a request may be anything."""
        lower = data.decode("latin-1").lower()
        plain = "=" not in lower and "@" not in lower and "eyj" not in lower and "%" not in lower
        if plain and self._more is None and not any(map(lower.__contains__, self._secrets)):
            return data
        data = scan.hide_tokens(scan.hide_users(scan.hide_parameters(self._known(data))))
        return _ENCODED.sub(self._chunk, data) if b"%" in data else data

    def text(self, data: str) -> str:
        """The same for text."""
        return self.body(data.encode("utf-8", "surrogatepass")).decode("utf-8", "replace") if data else data

    def query(self, raw: bytes) -> str:
        """A query string or a urlencoded form, without the values of sensitive names."""
        if self._is_harmless(raw):
            return raw.decode("latin-1")
        return "&".join(map(self._pair, raw.split(b"&")))

    def _pair(self, part: bytes) -> str:
        name, equals, value = part.partition(b"=")
        if not equals:
            return self.body(part).decode("latin-1")
        if not sensitive(_unquoted(name)):
            plain = _unquoted(value).encode("utf-8", "surrogatepass")
            if self.body(plain) == plain and self.body(part) == part:
                return part.decode("latin-1")
        return f"{self.body(name).decode('latin-1')}={HIDDEN}"

    def headers(self, pairs: Iterable[tuple[bytes, bytes]]) -> RawHeaders:
        """Headers; the values of all but harmless ones are hidden, and long ones cut."""
        key = tuple(pairs)
        return self.shared(key, key)[0]

    def shared(self, key: bytes | RawHeaders, pairs: Iterable[tuple[bytes, bytes]]) -> tuple[RawHeaders, int]:
        """The same, remembered by `key`: a client sends the same headers again and again, and entries share them.

        With them, how many bytes they take that were not there before.
        """
        return self._heads.get(key) or self._remember(key, tuple(pairs))

    def _remember(self, key: bytes | RawHeaders, pairs: RawHeaders) -> tuple[RawHeaders, int]:
        found, weight = cut_pairs(self._hide(pairs))
        if len(self._heads) >= ALIKE_COUNT:
            self._heads.clear()
        if len(pairs) <= ALIKE_HEADERS and sum(len(name) + len(value) for name, value in pairs) < ALIKE:
            self._heads[key] = found, 0
        return found, weight

    def _hide(self, pairs: RawHeaders) -> RawHeaders:
        shown = tuple([(self._known(name), value if name in _SHOWN else _HIDDEN) for name, value in pairs])
        values = b"\n".join([value for _, value in shown])
        if b"boundary=" not in values and self.body(values) is values:
            return shown
        return tuple([(name, _BOUNDARY.sub(rb"\1...", self.body(value))) for name, value in shown])


def _hide(data: bytes) -> bytes:
    """Without values of fields and parameters of sensitive names, passwords in URLs, credentials and tokens."""
    data = scan.hide_parameters(scan.hide_fields(prose.hide_pairs(data)))
    return scan.hide_tokens(prose.hide(scan.hide_schemes(scan.hide_users(data))))


def _suspicious(lower: str) -> bool:
    """Whether a word stands in it that is in whatever `scan` finds. Written out: a loop takes twice as long.

    A search for one letter takes a tenth of one for a word, so words with rare letters stand behind these.
    """
    return (
        ("k" in lower and ("key" in lower or ("ok" in lower and ("token" in lower or "cookie" in lower))))
        or ("j" in lower and ("jwt" in lower or "eyj" in lower))
        or ("ss" in lower and ("pass" in lower or "sess" in lower))
        or ("cre" in lower and ("cred" in lower or "secret" in lower))
        or ("b" in lower and ("bearer" in lower or "basic" in lower))
        or "@" in lower or "sig" in lower or "auth" in lower or "pw" in lower or "whsec" in lower
        or "hmac" in lower or "otp" in lower or "pin" in lower or "srf" in lower
    )  # fmt: skip


def _unquoted(data: bytes) -> str:
    return unquote_plus(data.decode("latin-1"), "latin-1")


def _unescaped(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 16)]) if found[1] else b"/"
