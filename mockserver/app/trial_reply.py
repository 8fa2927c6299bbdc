"""What a trial was answered, and what can be read in it. Asks nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from mockserver import pointers

UNREAD = ("bad_request", "unsupported_body", "too_large")
"""Refusals of what a request says."""


@dataclass
class TrialReply:
    """What was answered, and by which example."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    example: str = ""
    why: str = ""

    @property
    def json(self) -> Any:
        try:
            return json.loads(self.body)
        except ValueError:
            return None


def texts_in(value: Any) -> Iterator[str]:
    """The texts and whole numbers of a JSON value."""
    for _, leaf in pointers.walk(value):
        if isinstance(leaf, str):
            yield leaf
        elif isinstance(leaf, int) and not isinstance(leaf, bool):
            yield str(leaf)


def words(text: str) -> list[str]:
    """A text itself, and, of a URL or a path, its parts."""
    parts = urlsplit(text) if "/" in text else None
    return [text, *(parts.path.split("/") if parts is not None else ())]


def said_by(expression: Any, answer: TrialReply) -> Any:
    """What a link's runtime expression stands for."""
    text = str(expression)
    if text.startswith("$response.body#"):
        return pointers.get(answer.json, text.removeprefix("$response.body#"))
    if text.startswith("$response.header."):
        return answer.headers.get(text.removeprefix("$response.header.").lower())
    return None
