"""What contracts/HOWTO.md shows of requests and answers, read and asked of a contract that is served.

POST /v1/jobs {"prompt": "A lighthouse"}    a request; below it its headers
201 {"id": "…"}                             its answer: fields that are not shown may be there, … is any text
Location: …                                 a header of the answer
> data: …                                   a line of the answer
+12 s                                       time passes
webhook {"id": "{id}"}                      the next webhook; below it its headers
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from inbox_kit import Inbox, Letter
from language_kit import Served

_ASKED = re.compile(r"(GET|POST|PUT|PATCH|DELETE|HEAD) (\S+) ?(.*)", re.S)
_HEADER = re.compile(r"([A-Za-z][\w-]*): ?(.*)")
_ANSWER = re.compile(r"(\d{3}|webhook)(?: (.*))?$", re.S)
_TIME = re.compile(r"\+(\d+) s$")
_NAME = re.compile(r"\{(\w+)\}")
KEY = {"X-API-Key": "demo-key"}


def steps(text: str) -> Iterator[tuple[str, list[str]]]:
    """Each line that begins a step, with the lines below it that belong to it."""
    found: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if not line.strip():
            continue
        if _ASKED.match(line) or _ANSWER.match(line) or _TIME.match(line):
            found.append((line, []))
        else:
            found[-1][1].append(line)
    return iter(found)


def is_asked(text: str) -> bool:
    """Whether a block of text is one of these."""
    return bool(_ASKED.match(text) or _TIME.match(text))


@dataclass
class Asker:
    """Asks a contract, and remembers the fields of what it was told by their names."""

    served: Served
    inbox: Inbox
    known: dict[str, str] = field(default_factory=dict)
    answer: httpx.Response | None = None
    letters: int = 0

    def play(self, text: str) -> None:
        for line, below in steps(text):
            if waited := _TIME.match(line):
                self.served.advance(float(waited[1]))
            elif asked := _ASKED.match(line):
                self._ask(asked[1], asked[2], asked[3], below)
            elif told := _ANSWER.match(line):
                self._expect(told[1], told[2] or "", below)

    def _ask(self, method: str, url: str, body: str, below: list[str]) -> None:
        sent = dict(_HEADER.match(self._filled(line)).groups() for line in below)  # type: ignore[union-attr]
        if not {"x-api-key", "authorization", "cookie"} & {name.lower() for name in sent}:
            sent = {**KEY, **sent}
        data = self._filled(body).replace("\\r\\n", "\r\n").encode()
        if data and "content-type" not in {name.lower() for name in sent}:
            sent["Content-Type"] = "application/json"
        sent = {name: value for name, value in sent.items() if value}
        self.answer = self.served.http.request(method, self._filled(url), content=data, headers=sent)

    def _expect(self, what: str, body: str, below: list[str]) -> None:
        if what == "webhook":
            self.inbox.wait(self.letters + 1)
            letter = self.inbox.letters[self.letters]
            self.letters += 1
            self._judge(letter, letter.body.decode(), body, below)
            self._note(letter.body.decode(), letter.headers)
        else:
            assert self.answer is not None
            assert self.answer.status_code == int(what), self.answer.text
            self._judge(self.answer, self.answer.text, body, below)
            self._note(self.answer.text, self.answer.headers)

    def _judge(self, told: httpx.Response | Letter, text: str, shown: str, below: list[str]) -> None:
        if shown:
            assert is_like(json.loads(text), json.loads(self._filled(shown))), f"{text}\nis not like\n{shown}"
        headers, lines = httpx.Headers(dict(told.headers)), iter(text.splitlines())
        for line in below:
            if line.startswith("> "):
                assert any(is_like(each, self._filled(line[2:])) for each in lines), f"{line}\nis not in\n{text}"
            else:
                name, value = _HEADER.match(self._filled(line)).groups()  # type: ignore[union-attr]
                assert is_like(headers.get(name, ""), value), f"{name}: {headers.get(name)} is not {value}"

    def _note(self, text: str, headers: Mapping[str, str]) -> None:
        self.known.update({name.lower().replace("-", "_"): value for name, value in headers.items()})
        try:
            told = json.loads(text)
        except ValueError:
            return
        if isinstance(told, dict):
            self.known.update({name: str(value) for name, value in told.items() if isinstance(value, str | int)})

    def _filled(self, text: str) -> str:
        known = {**self.known, "inbox": self.inbox.url, "root": self.served.root}
        return _NAME.sub(lambda found: known.get(found[1], found[0]), text)


def is_like(told: Any, shown: Any) -> bool:
    """Whether what was told is as the page shows it."""
    if isinstance(shown, dict):
        return isinstance(told, dict) and all(name in told and is_like(told[name], shown[name]) for name in shown)
    if isinstance(shown, list):
        return isinstance(told, list) and len(told) == len(shown) and all(map(is_like, told, shown))
    if isinstance(shown, str) and isinstance(told, str):
        return re.fullmatch(".*".join(map(re.escape, shown.split("…"))), told, re.S) is not None
    return bool(told == shown and isinstance(told, bool) is isinstance(shown, bool))
