"""Refusals that a contract needs and nobody saw, in the form of those that were seen. Knows no request."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus

from mockserver.imported.lexicon import letters
from mockserver.json_types import JsonValue
from mockserver.observed.archive import ObservedCall
from mockserver.observed.flow import leaves
from mockserver.pointers import put

SENTENCES = {
    "bad_request": (400, "The request is not as it should be"),
    "malformed_request": (400, "The request is malformed"),
    "missing_key": (401, "Credentials are missing"),
    "unknown_key": (401, "The credentials are not known"),
    "deactivated_key": (401, "The credentials were switched off"),
    "expired_key": (401, "The token has expired"),
    "invalid_client": (401, "The client is not known"),
    "unsupported_grant_type": (400, "The grant type is not supported"),
    "bad_signature": (403, "The signature is wrong"),
    "expired_link": (403, "The link has expired"),
    "not_found": (404, "There is no such thing"),
    "unknown_path": (404, "There is nothing here"),
    "wrong_method": (405, "The method is not allowed"),
    "too_large": (413, "The request is too large"),
    "unsupported_body": (415, "The media type is not supported"),
    "rate_limited": (429, "Too many requests"),
    "headers_too_large": (431, "The headers are too large"),
    "server_error": (500, "Something went wrong"),
}
"""What every contract may need: the usual status, and a sentence."""
POOR = (402, "There are not enough credits")
_MESSAGES = ("message", "detail", "error", "errormessage", "errordescription", "msg", "title", "description", "reason")
_CODES = ("code", "type", "errorcode", "kind", "error", "errortype", "name", "slug")


@dataclass(slots=True)
class MadeUpRefusal:
    """An answer that refuses: `call` is where it was seen, None where it was made up."""

    status: int
    media: str
    body: JsonValue
    call: ObservedCall | None = None


def invented(seen: Iterable[MadeUpRefusal], status: int, problem: str, sentence: str) -> MadeUpRefusal:
    """One with a status, a code and a sentence of its own; all else is as in the likest of those that were seen."""
    usable = [each for each in seen if isinstance(each.body, dict)]
    if not usable:
        return MadeUpRefusal(status, "application/json", {"error": {"code": problem, "message": sentence}})
    like = min(usable, key=lambda each: (_depth(message_at(each.body)), abs(each.status - status)))
    body = copy.deepcopy(like.body)
    at = message_at(body)
    if at:
        put(body, at, sentence)
    for place, value in [*leaves(body)]:
        name = letters(place.rpartition("/")[2])
        if type(value) is int and value == like.status:
            put(body, place, status)
        elif isinstance(value, str) and place != at and name == "title":
            put(body, place, HTTPStatus(status).phrase)
        elif isinstance(value, str) and place != at and name in _CODES and re.fullmatch(r"[\w.-]+", value):
            put(body, place, _written_like(value, problem))
    return MadeUpRefusal(status, like.media, body)


def _depth(at: str) -> int:
    """Those that say why go before those that do not, and before those that say so within a list."""
    return 2 if not at else int(any(part.isdigit() for part in at.split("/")))


def _written_like(word: str, problem: str) -> str:
    """The name of a problem as the vendor writes such words: `NOT_FOUND`, `NotFound`, `not-found`."""
    if word.isupper():
        return problem.upper()
    if re.fullmatch(r"(?:[A-Z][a-z0-9]+)+", word):
        return "".join(part.capitalize() for part in problem.split("_"))
    return problem.replace("_", "-") if "-" in word and "_" not in word else problem


def message_at(body: JsonValue) -> str:
    """Where a refusal says why, for people: in a list where it does not elsewhere; empty where it does not at all."""
    named = [
        (at, letters(at.rpartition("/")[2]))
        for at, value in leaves(body)
        if isinstance(value, str) and all(part == "0" for part in at.split("/") if part.isdigit())
    ]
    ranked = sorted(
        (any(part.isdigit() for part in at.split("/")), _MESSAGES.index(name), at.count("/"), at)
        for at, name in named
        if name in _MESSAGES
    )
    return ranked[0][3] if ranked else ""
