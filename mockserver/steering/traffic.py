"""Journal entries as plain values that stay the same from run to run, for snapshot tests of a client's traffic.

What differs by chance is masked: ids (numbered as they appear), times, tokens, ports and the sandbox's name. Secrets,
signatures and boundaries of forms are masked by the journal already.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from mockserver.errors import is_on_purpose
from mockserver.json_types import Json, JsonValue

if TYPE_CHECKING:
    from mockserver.steering.records import Entry

__tracebackhide__ = is_on_purpose

ALWAYS_SENT = frozenset(
    ("host", "user-agent", "accept", "accept-encoding", "accept-language", "connection", "content-length", "date")
)
"""Headers that a library sends by itself, in each version others."""
NOT_KEPT = "<not kept>"
_DECADE = 315_576_000
_IDS = r"\bc[a-z0-9]{24}\b|\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{24,64}\b"
_TIMES = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?|\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT"
_TOKENS = r"\beyJ[\w-]+\.[\w-]+\.[\w-]+"
_PORTS = r"(?<=localhost):\d+|(?<=127\.0\.0\.1):\d+|(?<=\[::1\]):\d+"


def masked(entries: Iterable[Entry], sandbox: str) -> list[dict[str, JsonValue]]:
    """What was asked and answered in a sandbox, oldest first."""
    entries = list(entries)
    mask = Mask(sandbox, (str(entry.raw.get(name) or "") for entry in entries for name in ("job", "account")))
    return [_request(entry, mask) if entry.method else _other(entry, mask) for entry in entries]


class Mask:
    """Puts placeholders in the place of what differs by chance; the same value has the same one."""

    def __init__(self, sandbox: str, ids: Iterable[str]) -> None:
        self._numbers: dict[str, int] = {}
        alternatives = "|".join(re.escape(identity) for identity in dict.fromkeys(ids) if identity)
        rules: tuple[tuple[str, str, Callable[[str], str]], ...] = (
            ("sandbox", re.escape(sandbox), lambda _: "<sandbox>"),
            ("token", _TOKENS, lambda _: "<token>"),
            ("time", _TIMES, lambda _: "<time>"),
            ("port", _PORTS, lambda _: ":<port>"),
            ("id", f"{alternatives}|{_IDS}" if alternatives else _IDS, self._id),
        )
        self._told = {name: write for name, _, write in rules}
        self._pattern = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern, _ in rules))

    def _id(self, text: str) -> str:
        return f"<id {self._numbers.setdefault(text, len(self._numbers) + 1)}>"

    def text(self, text: str) -> str:
        """A text with placeholders."""
        return self._pattern.sub(lambda match: self._told[str(match.lastgroup)](match[0]), text)

    def value(self, value: JsonValue, at: float) -> JsonValue:
        """A JSON value with placeholders; numbers that are times near `at` are masked, too."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(key): self.value(item, at) for key, item in value.items()}
        if isinstance(value, list):
            return [self.value(item, at) for item in value]
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return "<time>" if is_number and any(abs(value / unit - at) < _DECADE for unit in (1, 1000)) else value


def _request(entry: Entry, mask: Mask) -> dict[str, JsonValue]:
    from mockserver.steering.records import vendor_path

    message: Json = entry.raw.get("sent") or {}
    query = f"?{message['query']}" if message.get("query") else ""
    row: dict[str, JsonValue] = {
        "operation": entry.operation or entry.kind,
        "request": mask.text(f"{entry.method} {vendor_path(entry.path, entry.api)}{query}"),
        "headers": {n: mask.text(v) for n, v in sorted(message.get("headers", ())) if n not in ALWAYS_SENT},
        "body": _body(message, entry.at, mask),
        "status": entry.status,
        "example": entry.example,
        "answer": _body(entry.raw.get("answered") or {}, entry.at, mask),
    }
    if entry.fault:
        row["fault"] = entry.fault
    if entry.violation is not None:
        row["violation"] = mask.text(f"{entry.violation.pointer}: {entry.violation.sentence}".removeprefix(": "))
    return row


def _other(entry: Entry, mask: Mask) -> dict[str, JsonValue]:
    """A delivery of a webhook, or a note of the server's own."""
    raw = entry.raw
    names = ("url", "job", "outcome")
    fields = {name: mask.text(str(raw[name])) for name in names if raw.get(name)}
    status = {"status": entry.status} if entry.status else {}
    return {"event": entry.kind, **fields, **status, **({} if fields else {"why": mask.text(entry.why)})}


def _body(message: Json, at: float, mask: Mask) -> JsonValue:
    """A body: JSON as its value, else text; None where there was none."""
    text = message.get("text")
    if not text:
        return NOT_KEPT if message.get("size") else None
    try:
        value = json.loads(text)
    except ValueError:
        return mask.text(text)
    return mask.value(value, at)
