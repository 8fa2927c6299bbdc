"""What stands around the operations of a document: addresses and credentials, those of them that can be played."""

from __future__ import annotations

from typing import Any

from mockserver import pointers
from mockserver.imported.addresses import PARAMETER
from mockserver.imported.described import items, members
from mockserver.json_types import JsonObject
from mockserver.loader.security import ANSWERED

PLACES = ("path", "query", "header", "cookie")


def servers_of(said: Any) -> list[JsonObject]:
    """The addresses whose variables are all described."""
    found: list[JsonObject] = []
    for each in items(said):
        url = each.get("url") if isinstance(each, dict) else None
        described = {name: made for name, said in members(each.get("variables") if isinstance(each, dict) else None)
                     if (made := _variable(said))}  # fmt: skip
        if isinstance(url, str) and {*PARAMETER.findall(url)} <= described.keys():
            found.append({"url": url, **({"variables": described} if described else {})})
    return found


def _variable(said: Any) -> JsonObject:
    """A variable of an address with the texts that it may be; empty where it has no usual one."""
    usual = said.get("default") if isinstance(said, dict) else None
    listed = [each for each in items(said.get("enum")) if isinstance(each, str)] if isinstance(said, dict) else []
    usual = usual if isinstance(usual, str) else next(iter(listed), None)
    return {"default": usual, **({"enum": listed} if usual in listed else {})} if usual is not None else {}


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
    for each in items(said):
        names = [name for name, _ in members(each) if name in schemes]
        made: JsonObject = {names[0]: []} if names else {}
        is_first = not any(_sent_in(schemes, made) == _sent_in(schemes, other) for other in found)
        if isinstance(each, dict) and (names or not each) and is_first:
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
