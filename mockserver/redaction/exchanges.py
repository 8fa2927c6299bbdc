"""Requests with their answers, without secrets: those that stand under a name that says so, those of a form that does,
and, wherever they stand, those that requests and answers were seen to carry.

Values of JSON keep their kind: a text is hidden as a text, a number as 0. Knows no connection.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from mockserver.bounds import RECORDED_BODY, RECORDED_SECRETS
from mockserver.header_types import RawHeaders
from mockserver.redaction import HIDDEN, Redaction, beginning
from mockserver.secret_names import sensitive

NamedSecrets = dict[str, str]
SHORTEST, SHORTEST_ISSUED = 6, 12
"""How long a value of a request, and of an answer, must be to be hidden wherever it stands."""
KINDS = frozenset(("token_type", "tokentype"))
"""Fields whose names say `token`, and that say which kind of token it is."""
_SCHEMES = re.compile(r"(?i)(bearer|basic|digest|token|key|api-?key|hmac)[ \t]+(?=\S)")
OF_ANSWERS = re.compile(
    r"(?i)retry-after|(?:x-)?rate-?limit(?:-[\w-]+)?|location|content-(?:location|range|disposition|language)|link|"
    r"etag|last-modified|age|vary|allow|accept-ranges|server|www-authenticate|deprecation|sunset|warning|"
    r"idempotency?-replayed|idempotent-replayed|x-total(?:-count)?|x-(?:next-)?page|(?:x-)?total-count"
)
"""Headers of answers that tell clients when to come back, where to go and how much is left: no secrets."""
_URL = re.compile(r"((?:https?:)?//[^/?#\s]*)?([^?#\s]*)(\?[^#\s]*)?(#\S*)?")
_PAIR = ("name", "key", "header", "field")


class Hiding:
    """What one recording hides."""

    def __init__(self) -> None:
        self._redaction, self._carried = Redaction(), Redaction()
        self._known: set[str] = set()
        self._used: set[str] = set()

    # --- what was seen

    def learn(self, headers: RawHeaders, query: bytes, shortest: int = SHORTEST) -> None:
        """Hide the credentials of a request from now on, but for those that are too short."""
        for name, value in headers:
            text = value.decode("latin-1")
            if name == b"cookie":
                self._carry((part.partition("=")[2].strip() for part in text.split(";")), shortest)
            elif sensitive(name.decode("latin-1")):
                self._carry([_SCHEMES.sub("", text), *_of_basic(text)], shortest)
        asked = parse_qsl(query.decode("latin-1"))
        self._carry((value for name, value in asked if sensitive(name)), shortest)

    def learn_issued(self, headers: RawHeaders) -> None:
        """Hide the cookies that an answer sets."""
        cookies = [value.decode("latin-1") for name, value in headers if name == b"set-cookie"]
        self._know((each.partition(";")[0].partition("=")[2].strip() for each in cookies), SHORTEST_ISSUED)

    def _carry(self, secrets: Iterable[str], shortest: int) -> None:
        for secret in secrets:
            self._know([secret], shortest)
            if secret in self._known and secret not in self._used and len(secret) >= SHORTEST_ISSUED:
                self._used.add(secret)
                self._carried.know(secret)

    def _know(self, secrets: Iterable[str], shortest: int = SHORTEST) -> None:
        for secret in secrets:
            is_new = HIDDEN not in secret and secret not in self._known
            if is_new and len(secret) >= shortest and len(self._known) < RECORDED_SECRETS:
                self._known.add(secret)
                self._redaction.know(secret)

    @property
    def version(self) -> int:
        """It grows with the credentials that requests carried."""
        return self._carried.version

    # --- what is kept

    def request_headers(self, headers: RawHeaders) -> list[NamedSecrets]:
        """Their names; the values of those alone that are harmless, and the scheme of credentials."""
        kept, weighed = self._redaction.headers(headers), dict(headers)
        shown = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in kept]
        return [{"name": n, "value": _scheme(n, weighed.get(n.encode("latin-1"), b"")) + v} for n, v in shown]

    def answer_headers(self, headers: RawHeaders) -> list[NamedSecrets]:
        """The same, with those that tell clients when to come back, where to go and how much is left."""
        hidden = dict(self._redaction.headers(headers))
        return [
            {
                "name": self.text(name.decode("latin-1")),
                "value": self.url(value.decode("latin-1"))
                if OF_ANSWERS.fullmatch(name.decode("latin-1"))
                else hidden.get(name, HIDDEN.encode()).decode("latin-1"),
            }
            for name, value in headers
        ]

    def url(self, url: str) -> str:
        """A URL, or the part of one from its path on; part by part, so that its form stays."""
        found = _URL.fullmatch(url)
        if found is None:
            return self.text(url)
        origin, path, query, fragment = found.groups("")
        scheme, slashes, authority = origin.partition("//")
        host = authority.rpartition("@")[2]
        user = "redacted@" if "@" in authority else ""
        shown = "/".join(self._part(part) for part in path.split("/"))
        asked = f"?{self._redaction.query(query[1:].encode())}" if query else ""
        return f"{scheme}{slashes}{user}{host}{shown}{asked}{self.text(fragment)}"

    def _part(self, part: str) -> str:
        """A part of a path. An `@` in one is no user's."""
        return part if part.startswith("@") else self.text(part)

    def text(self, text: str) -> str:
        """Any text."""
        return self._redaction.text(text)

    def anew(self, entry: Any) -> Any:
        """An entry of HAR without the credentials of requests that came since: they may have been told before."""
        if isinstance(entry, dict):
            return {name: self._told_anew(name, each) for name, each in entry.items()}
        return [self.anew(each) for each in entry] if isinstance(entry, list) else entry

    def _told_anew(self, name: str, value: Any) -> Any:
        is_told = isinstance(value, str) and name in ("text", "value", "url", "redirectURL")
        return self._carried.without_issued(value) if is_told else self.anew(value)

    def fields(self, pairs: Iterable[tuple[str, str]], *, is_answer: bool = False) -> list[tuple[str, str]]:
        """The fields of a form."""
        return [(self.text(name), str(self._field(name, value, is_answer))) for name, value in pairs]

    def json(self, value: Any, *, is_answer: bool) -> Any:
        """A body of JSON."""
        return self._hidden(value, is_answer)

    def body(self, data: bytes, content_type: str, *, is_whole: bool, is_answer: bool) -> str:
        """The beginning of a body that is a text."""
        if "x-www-form-urlencoded" in content_type.lower():
            self._know(value for name, value in parse_qsl(data.decode("utf-8", "replace")) if sensitive(name))
            return beginning(self._redaction.query, data, RECORDED_BODY)
        if is_whole:
            try:
                shown = json.dumps(self._hidden(json.loads(data), is_answer), ensure_ascii=False)
                return shown if len(shown) <= 2 * RECORDED_BODY else shown[:RECORDED_BODY]
            except (ValueError, RecursionError):
                pass  # no JSON, or none that anybody reads
        return beginning(self._redaction.body, data, RECORDED_BODY).decode("utf-8", "replace")

    def _hidden(self, value: Any, is_answer: bool) -> Any:
        if isinstance(value, dict):
            is_pair = "value" in value and any(isinstance(n := value.get(w), str) and sensitive(n) for w in _PAIR)
            return {
                self.text(name): self._masked(each, is_answer) if is_pair and name == "value"
                else self._field(name, each, is_answer)
                for name, each in value.items()
            }  # fmt: skip
        if isinstance(value, list):
            return [self._hidden(each, is_answer) for each in value]
        return self._text_of(value) if isinstance(value, str) else value

    def _text_of(self, text: str) -> str:
        is_url = text.startswith(("https://", "http://", "/")) and not re.search(r"\s", text)
        return self.url(text) if is_url else self.text(text)

    def _field(self, name: str, value: Any, is_answer: bool) -> Any:
        if name.lower() not in KINDS and sensitive(name):
            return self._masked(value, is_answer)
        return self._hidden(value, is_answer)

    def _masked(self, value: Any, is_answer: bool) -> Any:
        """A secret in the form that it has."""
        if isinstance(value, dict):
            return {self.text(name): self._masked(each, is_answer) for name, each in value.items()}
        if isinstance(value, list):
            return [self._masked(each, is_answer) for each in value]
        if isinstance(value, str):
            self._know([value], SHORTEST_ISSUED if is_answer else SHORTEST)
            return HIDDEN if value else value
        return value if value is None or isinstance(value, bool) else 0


def _scheme(name: str, value: bytes) -> str:
    found = (
        _SCHEMES.match(value.decode("latin-1")) if name.lower() in ("authorization", "proxy-authorization") else None
    )
    return f"{found[1]} " if found else ""


def _of_basic(value: str) -> list[str]:
    """The password behind `Basic`; the user where a key stands in its place."""
    scheme, _, coded = value.partition(" ")
    if scheme.lower() != "basic":
        return []
    try:
        user, _, password = base64.b64decode(coded).decode("utf-8", "replace").partition(":")
    except (binascii.Error, ValueError):
        return []
    return [password or user]
