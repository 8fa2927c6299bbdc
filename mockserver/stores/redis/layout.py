"""What servers of one store must have in common to read what others wrote: the fields of records, and the scripts.

Knows no engine. Two versions of the program that differ in it cannot share a store, and are told so. Whoever writes the
same fields down otherwise counts LAYOUT up.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from hashlib import sha256
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from mockserver.journal import JournalEntry
from mockserver.request_log import KeptRequest
from mockserver.state.configuration import Configuration
from mockserver.state.index_port import Late, SandboxRecord
from mockserver.state.records import ArmedFault, KeyUse, Moved, PlanOrder, Post
from mockserver.state.webhook_records import OwedWebhook, WebhookPage
from mockserver.store import Attachment, JobRecord
from mockserver.stores.redis.calls import LAYOUT
from mockserver.stores.redis.scripts import scripts
from mockserver.stores.redis.uploads import KnownUpload
from mockserver.webhooks import DeliveryAttempt

WRITTEN = (
    ArmedFault, Attachment, Configuration, DeliveryAttempt, JobRecord, JournalEntry, KeptRequest, KeyUse, KnownUpload,
    Late, Moved, OwedWebhook, PlanOrder, Post, SandboxRecord, WebhookPage,
)  # fmt: skip
"""The records that are written as such; what they hold follows from them."""


@cache
def layout() -> str:
    """A digest of it; remarks in scripts make no difference."""
    texts = {name: [*_lines(script.text)] for name, script in scripts().items()}
    description = json.dumps([LAYOUT, shapes(WRITTEN), texts], sort_keys=True)
    return sha256(description.encode()).hexdigest()[:16]


def shapes(kinds: Sequence[Any]) -> dict[str, list[str]]:
    """The fields of records and of those that they hold, in their order, each with its annotation."""
    fields_by_kind: dict[str, list[str]] = {}
    waiting = [*kinds]
    while waiting:
        kind = waiting.pop()
        if kind.__name__ not in fields_by_kind:
            names = [field.name for field in fields(kind)] if is_dataclass(kind) else kind._fields
            hints = get_type_hints(kind)
            fields_by_kind[kind.__name__] = [f"{name}: {_text(hints[name])}" for name in names]
            waiting += [record for name in names for record in _records(hints[name])]
    return fields_by_kind


def _records(hint: Any) -> Iterator[Any]:
    """The records in an annotation."""
    if is_dataclass(hint) or hasattr(hint, "_fields"):
        yield hint
    for inner in get_args(hint) if get_origin(hint) is not Literal else ():
        yield from _records(inner)


def _text(hint: Any) -> str:
    """An annotation, whatever version of Python reads it."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is None:
        return str(getattr(hint, "__name__", hint))
    if origin is Literal:
        return "|".join(map(repr, args))
    if origin in (Union, UnionType):
        return "|".join(map(_text, args))
    return f"{origin.__name__}[{', '.join(map(_text, args))}]"


def _lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if (code := line.strip()) and not code.startswith("--"):
            yield code
