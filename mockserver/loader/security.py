"""`security` and `securitySchemes` of openapi.json → how an operation knows its caller. Knows no request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver import pointers
from mockserver.intake import Presented, Security
from mockserver.loader.source import OPENAPI, Source

SCHEMES = "/components/securitySchemes"
ANSWERED = frozenset(
    [
        "digest",
        "dpop",
        "gnap",
        "hoba",
        "mutual",
        "negotiate",
        "oauth",
        "privatetoken",
        "scram-sha-1",
        "scram-sha-256",
        "vapid",
    ]
)
"""Schemes of HTTP in which a client computes each credential anew."""
_PLACES = ("header", "query", "cookie")


def security(source: Source, pointer: str, operation: Any, data: Any) -> Security:
    """How an operation knows its caller; what is declared and cannot be played is a finding."""
    if "signed" in data:
        return Security("signed", expires=data["signed"]["expires"])
    at = f"{pointer}/security" if "security" in operation else "/security"
    wanted = operation.get("security", source.openapi.get("security", ()))
    ways = tuple(dict.fromkeys(_ways(source, at, wanted)))
    if not ways:
        return Security("open")
    return Security(ways[0].kind, ways=ways, is_optional={} in wanted)


def _ways(source: Source, at: str, wanted: Any) -> Iterator[Presented]:
    for requirement in wanted:
        if len(requirement) > 1:
            names = " and ".join(requirement)
            sentence = f"{names} are wanted at once, and a request is known by one credential."
            source.say(OPENAPI, at, sentence, "Let each requirement name one scheme; declare the other as a parameter.")
        for name in requirement:
            place = pointers.join(SCHEMES, name)
            scheme = pointers.get(source.openapi, place)
            if scheme is not pointers.MISSING:
                node, where = source.resolve(scheme, place)
                yield from _presented(source, where, node)


def _presented(source: Source, at: str, scheme: Any) -> Iterator[Presented]:
    kind = scheme.get("type")
    if kind == "apiKey":
        yield from _key(source, at, scheme)
    elif kind == "http":
        yield from _http(source, at, scheme)
    elif kind in ("oauth2", "openIdConnect"):
        yield _bearer(source)
    else:
        sentence = f"a security scheme of the type {kind!r} cannot be played."
        source.say(OPENAPI, f"{at}/type", sentence, "Use apiKey, http, oauth2 or openIdConnect.")


def _key(source: Source, at: str, scheme: Any) -> Iterator[Presented]:
    name, place = scheme.get("name"), scheme.get("in")
    if not isinstance(name, str) or not name:
        source.say(OPENAPI, at, "the key has no name.", "Add the name of its header, query parameter or cookie.")
    elif place not in _PLACES:
        source.say(OPENAPI, f"{at}/in", f"a key cannot be in {place!r}.", f"Use one of {', '.join(_PLACES)}.")
    else:
        yield Presented("key", place, name.lower() if place == "header" else name)


def _http(source: Source, at: str, scheme: Any) -> Iterator[Presented]:
    word = scheme.get("scheme")
    if not isinstance(word, str) or not word or not word.isascii() or " " in word:
        source.say(OPENAPI, at, "the scheme is missing.", 'Add the word before the key: "bearer", "basic", "Key".')
    elif word.lower() in ANSWERED:
        sentence = f"credentials of the scheme {word} are computed for each request and cannot be played."
        source.say(OPENAPI, f"{at}/scheme", sentence, "Declare the scheme that its clients use here: bearer or basic.")
    elif word.lower() == "bearer":
        yield _bearer(source)
    else:
        yield Presented("key", "header", "authorization", word)


def _bearer(source: Source) -> Presented:
    """A token that the verb `token` gave, or, where no operation gives any, the account's key."""
    issues = any(each.get("verb") == "token" for each in source.behavior.get("operations", {}).values())
    return Presented("token" if issues else "key", "header", "authorization", "Bearer")
