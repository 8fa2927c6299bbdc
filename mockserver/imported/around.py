"""What stands around the operations of a document: addresses and credentials, those of them that can be played."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from mockserver import pointers
from mockserver.imported.addresses import PARAMETER
from mockserver.imported.described import items, members
from mockserver.imported.dialect import Loosened
from mockserver.json_types import JsonObject
from mockserver.loader.security import ANSWERED

PLACES = ("path", "query", "header", "cookie")


def servers_of(said: Any, loosened: Loosened, at: str = "") -> list[JsonObject]:
    """The addresses that can be answered at; what had to be added, or left out, is noted.

    A variable that is not described has its own name as its value, so that the rest of the address stays.
    """
    found: list[JsonObject] = []
    for item in items(said):
        url = item.get("url") if isinstance(item, dict) else None
        if not isinstance(url, str):
            continue
        url = _with_scheme(url.strip(), loosened, at)
        described = {name: made for name, said in members(item.get("variables")) if (made := _variable(said))}
        used = {name: described.get(name) or _named(name) for name in PARAMETER.findall(url)}
        if not _is_url(url, used):
            loosened.note(f"the address {url!r:.80} is none, and was left out", at)
            continue
        for name in used.keys() - described.keys():
            loosened.note(f"the variable {name!r:.40} of an address is not described, and is its own name", at)
        found.append({"url": url, **({"variables": used} if used else {})})
    return found


def _named(name: str) -> JsonObject:
    return {"default": re.sub(r"[^A-Za-z0-9-]+", "-", name).strip("-") or "x"}


def _with_scheme(url: str, loosened: Loosened, at: str) -> str:
    """An address that begins with a host, `api.acme.com/v1`, as one that says so."""
    if not re.match(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(:\d+)?(/|$)", url):
        return url
    loosened.note(f"the address {url!r:.80} says no scheme, and https was taken", at)
    return f"https://{url}"


def _is_url(url: str, described: JsonObject) -> bool:
    """Whether an address with the usual values of its variables is one, a port included."""
    for name, said in described.items():
        url = url.replace(f"{{{name}}}", said["default"])
    try:
        urlsplit(url).port  # noqa: B018 - raises for what is no port
    except ValueError:
        return False
    return "{" not in url


def _variable(said: Any) -> JsonObject:
    """A variable of an address with the texts that it may be; empty where it has no usual one."""
    usual = _text(said.get("default")) if isinstance(said, dict) else None
    listed = list(filter(None, map(_text, items(said.get("enum"))))) if isinstance(said, dict) else []
    usual = usual if usual is not None else next(iter(listed), None)
    return {"default": usual, **({"enum": listed} if usual in listed else {})} if usual is not None else {}


def _text(value: Any) -> str | None:
    """A value as a text: YAML writes ports and versions as numbers."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else None


def schemes_of(document: JsonObject) -> JsonObject:
    """The security schemes that can be played."""
    components = document.get("components")
    found: JsonObject = {}
    for name, said in members(components.get("securitySchemes") if isinstance(components, dict) else None):
        node, _ = pointers.resolve(document, said)
        if isinstance(node, dict) and _is_played(node):
            kept = {word: node[word] for word in ("type", "in", "name", "scheme") if isinstance(node.get(word), str)}
            flows: JsonObject = {"flows": {}} if node["type"] == "oauth2" else {}
            found[name] = kept | flows
    return found


def _is_played(scheme: JsonObject) -> bool:
    kind, word = scheme.get("type"), scheme.get("scheme")
    if kind == "apiKey":
        return isinstance(scheme.get("name"), str) and bool(scheme["name"]) and scheme.get("in") in PLACES[1:]
    if kind == "http":
        return (
            isinstance(word, str) and word.isascii() and bool(word) and " " not in word and word.lower() not in ANSWERED
        )
    return kind == "oauth2"


def security_of(said: Any, schemes: JsonObject) -> list[JsonObject]:
    """Requirements of one scheme each: the first of those that are wanted at once."""
    found: list[JsonObject] = []
    for item in items(said):
        names = [name for name, _ in members(item) if name in schemes]
        made: JsonObject = {names[0]: []} if names else {}
        is_first = not any(_sent_in(schemes, made) == _sent_in(schemes, other) for other in found)
        if isinstance(item, dict) and (names or not item) and is_first:
            found.append(made)
    return found


def _sent_in(schemes: JsonObject, requirement: JsonObject) -> tuple[str, str]:
    """Where the credentials of a requirement stand in a request: what stands in one place is told apart by nothing."""
    scheme = schemes[next(iter(requirement))] if requirement else {}
    place = (scheme.get("in", "header"), str(scheme.get("name", "authorization")).lower())
    return place if requirement else ("", "")


def requirements_of(made: JsonObject) -> list[JsonObject]:
    own = [op for item in made["paths"].values() for op in item.values()]
    return [each for holder in (made, *own) for each in holder.get("security", ())]
