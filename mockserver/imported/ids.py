"""How the ids of a resource look, by the schema of the parameter that takes them, or of the field that shows them."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from mockserver.draws import IDS, Form, Kind
from mockserver.imported.drafting import Draft
from mockserver.imported.facts import Guess, Lifecycle, OperationFacts
from mockserver.imported.sampling import allows, lengths_of, prefix_of


def id_form(draft: Draft, life: Lifecycle) -> Any:
    facts = draft.facts[life.show]
    names = [each["name"] for each in draft.operation(life.show).get("parameters", ()) if each["in"] == "path"]
    for each in draft.operation(life.show).get("parameters", ()):
        if each["name"] == (names[-1] if names else life.id_parameter):
            said = draft.sampler.shapes.said(each.get("schema", {}))
            if said.get("type") == "integer":
                return "number"
            if isinstance(said.get("pattern"), str):
                return _id_by_pattern(draft, life, said["pattern"])
            return "uuid" if said.get("format") == "uuid" else _id_by_schema(facts, life)
    return _id_by_schema(facts, life)


def _id_by_pattern(draft: Draft, life: Lifecycle, pattern: str) -> Any:
    """The form of ids that a pattern allows; where none is known, the pattern is left out."""
    prefix, lengths = prefix_of(pattern), lengths_of(pattern)
    words: list[Kind] = [] if prefix else ["uuid", "cuid"]
    forms: list[Kind] = [
        Form(prefix, form, length)
        for length in lengths
        for form in ("base62", "base32", "hex", "number")
        if 10 <= length <= 64
    ]
    for each in words + forms:
        if allows(pattern, [IDS[each](blake2b(bytes([n])).digest()) for n in range(40)]):
            return each if isinstance(each, str) else each._asdict()
    _without_pattern(draft.openapi, pattern)
    why = f"no form of ids that is known here matches {pattern}, which was left out"
    life.guesses.append(Guess(f"{life.name} ids", "cuid", why, "how ids look"))
    return "cuid"


def _without_pattern(node: Any, pattern: str) -> None:
    """Take a pattern away wherever a document has it."""
    if isinstance(node, dict):
        if node.get("pattern") == pattern:
            del node["pattern"]
        for each in node.values():
            _without_pattern(each, pattern)
    elif isinstance(node, list):
        for each in node:
            _without_pattern(each, pattern)


def _id_by_schema(facts: OperationFacts, life: Lifecycle) -> Any:
    places = [at for at in (f"{life.at}/id", f"{life.at}/{life.id_parameter}") if at in facts.shows]
    is_uuid = any(facts.shows[at].form == "uuid" for at in places)
    return "uuid" if is_uuid else "cuid"
