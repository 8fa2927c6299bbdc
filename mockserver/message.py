"""A webhook on its way, and what the facts of the family `webhook` say of it. Knows no job and no receiver."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal
from urllib.parse import urlencode

from mockserver.validation.pairs import pairs


@dataclass(slots=True)
class Message:
    """What is sent, and when. `body` is absent while it is written; `signature` is asked for each time it is shown.

    `secret` is what signs, while it does so.
    """

    id: str
    event: str
    due: float
    sent: float
    attempt: int
    body: bytes | None = None
    secret: str = ""
    signature: Callable[[], str | None] = lambda: None


def _text(message: Message) -> str | None:
    return None if message.body is None else message.body.decode()


def _digest(message: Message) -> str | None:
    return None if message.body is None else sha256(message.body).hexdigest()


MessageRow = tuple[Callable[[Message], Any], Literal["text", "time", "count"]]
ROWS: Mapping[str, MessageRow] = {
    "id": (lambda m: m.id, "text"),
    "event": (lambda m: m.event, "text"),
    "due": (lambda m: m.due, "time"),
    "sent": (lambda m: m.sent, "time"),
    "attempt": (lambda m: m.attempt, "count"),
    "body": (_text, "text"),
    "sha256": (_digest, "text"),
    "signature": (lambda m: m.signature(), "text"),
}
"""The facts by name, each with what kind it is of."""
OF_BODY = frozenset({"webhook.body", "webhook.sha256"})
"""Those that no body can show of itself."""


def as_form(body: bytes, deep: Collection[str]) -> bytes:
    """A JSON object as the fields of a form; null is a field that is not there."""
    return urlencode([*pairs(_without_nulls(json.loads(body)), deep)]).encode()


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(member) for name, member in value.items() if member is not None}
    return value
