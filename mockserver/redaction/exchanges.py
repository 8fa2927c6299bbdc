"""Requests with their answers, without secrets: those that stand under a name that says so, those of a form that does,
and, wherever they stand, those that requests and answers were seen to carry. An id that an answer handed out is none.

Values of JSON keep their kind: a text is hidden as a text, a number as 0. Knows no connection.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import parse_qsl, unquote, unquote_plus

from mockserver.bounds import RECORDED_BODY, RECORDED_SECRETS
from mockserver.header_types import RawHeaders
from mockserver.redaction import HIDDEN, Redaction, beginning
from mockserver.redaction.drawn import is_drawn, is_secret, secrets_of
from mockserver.redaction.gaps import hidden_in
from mockserver.redaction.handed import HandedOut
from mockserver.secret_names import sensitive

NamedSecrets = dict[str, str]
SHORTEST, SHORTEST_ISSUED = 6, 12
"""How long a value of a request, and of an answer, must be to be hidden wherever it stands."""
SHORTEST_PIECE = 8
"""The same of a piece of a credential: letters and digits."""
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
_IN_TEXT = re.compile(r"""[A-Za-z][A-Za-z0-9+.-]*://[^\s"'<>`\\]+""")
_PIECE = re.compile(r"(?=[^0-9]*[0-9])(?=[^A-Za-z]*[A-Za-z])[A-Za-z0-9_-]+")
_WORD = re.compile(r"[a-z]+|[A-Z][a-z]+|[A-Z]+")
_WEAK = re.compile(r"(?i)(?:key|keys|session[-_]?id|session|sess)$")
"""Ends of names under which an id may stand as well."""
_PAIR = ("name", "key", "header", "field")


class Hiding:
    """What one recording hides."""

    def __init__(self) -> None:
        self._redaction, self._carried = Redaction(), Redaction()
        self._handed = HandedOut()
        self._known: set[str] = set()
        self._used: set[str] = set()

    # --- what was seen

    def hand_out(self, answer: Any, text: str, path: str, location: str = "") -> None:
        """Take what an answer calls ids for ids: of JSON, and of another text; `path` is what was asked for, `location`
        where something is that was created.
        """
        self._handed.learn(answer, {*unquote(path).split("/")})
        self._handed.learn_text(text)
        self._handed.learn({"id": [*unquote(location.partition("?")[0]).split("/")]}, ())

    def learn(self, headers: RawHeaders, query: bytes, shortest: int = SHORTEST) -> None:
        """Hide the credentials of a request from now on, but for those that are too short."""
        for name, value in headers:
            text = value.decode("latin-1")
            if name == b"cookie":
                self._carry((part.partition("=")[2].strip() for part in text.split(";")), shortest)
            elif sensitive(name.decode("latin-1")):
                self._carry([_SCHEMES.sub("", text), *_of_basic(text)], shortest)
                self._carry(self._pieces(" ".join([text, *_of_basic(text, whole=True)])), shortest)
        asked = parse_qsl(query.decode("latin-1"))
        self._carry((value for name, value in asked if sensitive(name)), shortest)

    def say(self, text: str) -> None:
        """Hide what a request says of secrets in a text of any form."""
        self._free(text, is_answer=False)

    def _pieces(self, credential: str) -> Iterator[str]:
        """What of a credential may stand elsewhere by itself, in a path, say: numbers of accounts, digests."""
        for piece in re.split(r"[^A-Za-z0-9_-]+", credential):
            if len(piece) >= SHORTEST_PIECE and _PIECE.fullmatch(piece) and not self._handed.calls_id(piece):
                yield piece

    def learn_issued(self, headers: RawHeaders) -> None:
        """Hide the cookies that an answer sets."""
        cookies = [value.decode("latin-1") for name, value in headers if name == b"set-cookie"]
        self._know((cookie.partition(";")[0].partition("=")[2].strip() for cookie in cookies), SHORTEST_ISSUED)

    def _learn(self, secrets: Iterable[str], *, is_answer: bool) -> None:
        if is_answer:
            self._know(secrets, SHORTEST_ISSUED)
        else:
            self._carry(secrets, SHORTEST)

    def _carry(self, secrets: Iterable[str], shortest: int) -> None:
        """Hide these in what came before, too, but for short words: others say them as well."""
        for secret in secrets:
            self._know([secret], shortest)
            is_plain = len(secret) < SHORTEST_ISSUED and _WORD.fullmatch(secret)
            if secret in self._known and secret not in self._used and not is_plain:
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
                "value": self.url(value.decode("latin-1"), is_answer=True)
                if OF_ANSWERS.fullmatch(name.decode("latin-1"))
                else hidden.get(name, HIDDEN.encode()).decode("latin-1"),
            }
            for name, value in headers
        ]

    def url(self, url: str, *, is_answer: bool = False) -> str:
        """A URL, or the part of one from its path on; part by part, so that its form stays."""
        found = _URL.fullmatch(url)
        if found is None:
            return self._free(url, is_answer=is_answer)
        origin, path, query, fragment = found.groups("")
        scheme, slashes, authority = origin.partition("//")
        user, at, host = authority.rpartition("@")
        self._learn([unquote(user.rpartition(":")[2])], is_answer=is_answer)
        parts = path.split("/")
        shown = "/".join(self._part(part, parts[:n], is_answer) for n, part in enumerate(parts))
        asked = "&".join(self._asked(part, is_answer) for part in query[1:].split("&"))
        return f"{scheme}{slashes}{'redacted@' * bool(at)}{host}{shown}{query[:1]}{asked}{self.text(fragment)}"

    def _part(self, part: str, before: Sequence[str], is_answer: bool) -> str:
        """A part of a path. An `@` in one is no user's."""
        name, dot, ending = unquote(part).partition(".")
        if part.startswith("@") or name in self._handed or unquote(part) in self._handed:
            return part if part.startswith("@") else self.text(part)
        if not is_secret(unquote(part), before):
            return self._said(part, is_answer)
        self._learn([part, *secrets_of(unquote(part))], is_answer=is_answer)
        return HIDDEN + (dot + ending if dot and is_drawn(name) and ending.isalnum() and len(ending) < 6 else "")

    def _asked(self, part: str, is_answer: bool) -> str:
        """A parameter of a query."""
        name, _, value = part.partition("=")
        plain = unquote_plus(value)
        if value and plain not in self._handed and (sensitive(unquote_plus(name)) or is_drawn(plain)):
            self._learn([plain], is_answer=is_answer)
            return f"{self.text(name)}={HIDDEN}"
        return self._redaction.query(part.encode())

    def text(self, text: str) -> str:
        """Any text."""
        return self._redaction.text(text)

    def _said(self, text: str, is_answer: bool) -> str:
        """Any text; what it says of secrets in a request is hidden elsewhere, too."""
        shown = self._redaction.text(text)
        if shown != text and not is_answer:
            self._carry((each for each in hidden_in(text, shown) if not self._handed.calls_id(each)), SHORTEST)
        return shown

    def _free(self, text: str, *, is_answer: bool) -> str:
        """The same, with URLs in it."""
        if "://" in text:
            text = _IN_TEXT.sub(lambda found: self.url(found[0], is_answer=is_answer), text)
        return self._said(text, is_answer)

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
            pairs = parse_qsl(data.decode("utf-8", "replace"))
            self._learn((value for name, value in pairs if sensitive(name)), is_answer=is_answer)
            self.fields(pairs, is_answer=is_answer)  # for what they teach
            return beginning(self._redaction.query, data, RECORDED_BODY)
        if is_whole:
            try:
                shown = json.dumps(self._hidden(json.loads(data), is_answer), ensure_ascii=False)
                return shown if len(shown) <= 2 * RECORDED_BODY else shown[:RECORDED_BODY]
            except (ValueError, RecursionError):
                pass  # no JSON, or none that anybody reads
        return beginning(
            lambda kept: self._free(kept.decode("utf-8", "replace"), is_answer=is_answer), data, RECORDED_BODY
        )

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
        return self._text_of(value, is_answer) if isinstance(value, str) else value

    def _text_of(self, text: str, is_answer: bool) -> str:
        is_url = text.startswith(("https://", "http://", "/")) and not re.search(r"\s", text)
        return self.url(text, is_answer=is_answer) if is_url else self._free(text, is_answer=is_answer)

    def _field(self, name: str, value: Any, is_answer: bool) -> Any:
        is_id = isinstance(value, str) and _WEAK.search(name) and self._handed.calls_id(value)
        if name.lower() not in KINDS and sensitive(name) and not is_id:
            return self._masked(value, is_answer)
        return self._hidden(value, is_answer)

    def _masked(self, value: Any, is_answer: bool) -> Any:
        """A secret in the form that it has."""
        if isinstance(value, dict):
            return {self.text(name): self._masked(each, is_answer) for name, each in value.items()}
        if isinstance(value, list):
            return [self._masked(each, is_answer) for each in value]
        if isinstance(value, str):
            self._learn([value], is_answer=is_answer)
            return HIDDEN if value else value
        return value if value is None or isinstance(value, bool) else 0


def _scheme(name: str, value: bytes) -> str:
    found = (
        _SCHEMES.match(value.decode("latin-1")) if name.lower() in ("authorization", "proxy-authorization") else None
    )
    return f"{found[1]} " if found else ""


def _of_basic(value: str, *, whole: bool = False) -> list[str]:
    """The password behind `Basic`; the user where a key stands in its place, or both."""
    scheme, _, coded = value.partition(" ")
    if scheme.lower() != "basic":
        return []
    try:
        user, _, password = base64.b64decode(coded).decode("utf-8", "replace").partition(":")
    except (binascii.Error, ValueError):
        return []
    return [user, password] if whole else [password or user]
