"""Webhooks among the calls: requests to an address that a client had named before, as a callback.

Most recordings have none, for they are of the client's own requests. Knows no contract.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from mockserver.imported.lexicon import is_callback, stem
from mockserver.imported.lexicon import parts as words_of
from mockserver.observed.archive import ObservedCall, url_in
from mockserver.observed.flow import looks_like_id, sent
from mockserver.pointers import MISSING

REGISTERED = frozenset(("webhook", "hook", "callback", "endpoint", "subscription", "notification", "subscriber"))
"""Last words of paths below which endpoints for webhooks are registered, without the ending of a plural."""
STANDARD = ("webhook-id", "webhook-timestamp", "webhook-signature")
_SIGNED = re.compile(r"(?i)(?:^|-)(?:signature|hmac)(?:-|$)")
_FORMS = (
    (re.compile(r"[0-9a-f]{40}"), "hmac-sha1", "hex"), (re.compile(r"[0-9a-f]{64}"), "hmac-sha256", "hex"),
    (re.compile(r"[0-9a-f]{128}"), "hmac-sha512", "hex"), (re.compile(r"[A-Za-z0-9+/]{43}="), "hmac-sha256", "base64"),
    (re.compile(r"[A-Za-z0-9+/]{27}="), "hmac-sha1", "base64"),
    (re.compile(r"[A-Za-z0-9+/]{86}=="), "hmac-sha512", "base64"),
    (re.compile(r"[A-Za-z0-9_-]{43}"), "hmac-sha256", "base64url"),
)  # fmt: skip
"""What a signature looks like: with which algorithm, and how it is written."""


class Named(NamedTuple):
    """A URL that a request named as a callback, and where."""

    call: ObservedCall
    at: str
    place: str


def callbacks_in(call: ObservedCall) -> Iterator[Named]:
    """The URLs that a request names as callbacks: by the name of their field, or of what that is in."""
    fields = [*sent(call), *((f"query.{name}", value) for name, value in call.query.items())]
    for at, value in fields:
        url = url_in(value)
        if url is not None and call.method == "POST" and is_callback(at):
            yield Named(call, at, f"{url.netloc.rpartition('@')[2].lower()}{url.path or '/'}")


def registers(call: ObservedCall) -> bool:
    """Whether a request is one that registers an endpoint for webhooks, by the last word of its path."""
    words = [words_of(part) for part in call.path if part and not looks_like_id(part)]
    return call.method in ("POST", "PUT") and bool(words) and stem(words[-1][-1] if words[-1] else "") in REGISTERED


def endpoints_in(call: ObservedCall) -> Iterator[Named]:
    """The URLs that such a request names."""
    for at, value in sent(call) if registers(call) else ():
        url = url_in(value)
        if url is not None and not any(part.isdigit() for part in at.split("/")):
            yield Named(call, at, f"{url.netloc.rpartition('@')[2].lower()}{url.path or '/'}")


def parted(
    calls: Sequence[ObservedCall], lost: Sequence[ObservedCall]
) -> tuple[list[ObservedCall], list[ObservedCall]]:
    """The calls of clients, and the deliveries of webhooks; `lost` are calls that nobody answered."""
    named = ((*callbacks_in(call), *endpoints_in(call)) for call in reversed(calls))
    places = {each.place: each.call.at for several in named for each in several}
    told = [call for call in (*calls, *lost) if places.get(_place(call), call.at) < call.at and is_delivery(call)]
    numbers = {id(call) for call in told}
    return [call for call in calls if id(call) not in numbers], sorted(told, key=lambda call: call.at)


def _place(call: ObservedCall) -> str:
    return f"{call.host}{call.url.path or '/'}"


def is_delivery(call: ObservedCall) -> bool:
    """Whether it can be one: it is posted, with a body of JSON."""
    return call.method == "POST" and call.body is not MISSING and isinstance(call.body, dict)


# --- how they are signed


def signed(calls: Sequence[ObservedCall]) -> tuple[Any, dict[str, Any]]:
    """The word `sign` and the bindings of headers, by what signatures look like; what is hidden tells the header."""
    if calls and all(name in call.headers for call in calls for name in STANDARD):
        return "standard-webhooks", {}
    header = next((name for call in calls for name in call.headers if _SIGNED.search(name)), "")
    if not header:
        return "none", {}
    value = next(call.headers[header] for call in calls if header in call.headers)
    return _form(value), {f"header.{shown_name(header)}": "webhook.signature"}


def _form(value: str) -> Mapping[str, str]:
    """How one is made: of what a header held, its value stays out."""
    before, equals, rest = value.partition("=")
    each = f"{before}=" if equals and re.fullmatch(r"[a-z][a-z0-9-]{1,11}", before) and rest.strip("=") else ""
    for like, algorithm, encoding in _FORMS:
        if like.fullmatch(value.removeprefix(each)):
            made = {"algorithm": algorithm, "encoding": encoding}
            return {**made, "each": each} if each else made
    return {"algorithm": "hmac-sha256"}


def shown_name(header: str) -> str:
    """`X-Acme-Signature`."""
    return "-".join(part.capitalize() for part in header.split("-"))


def pauses(calls: Sequence[ObservedCall]) -> list[float]:
    """The seconds between attempts: those behind one that was not taken, with the same body."""
    several: dict[str, list[ObservedCall]] = {}
    for call in calls:
        several.setdefault(json.dumps(call.body, sort_keys=True), []).append(call)
    tries = max(several.values(), key=lambda each: (not each[0].is_good, len(each)), default=[])
    found: list[float] = []
    for call, again in pairwise(tries):
        if call.is_good:
            break
        found.append(round(again.at - call.at, 1 if again.at - call.at < 10 else 0))
    return found
