"""Operations of a document that the contract of its jobs does not have, each with the reason. Guesses nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from mockserver.imported.described import METHODS, followed, members
from mockserver.imported.facts import Guess, OperationFacts, listing
from mockserver.imported.lexicon import letters, parts
from mockserver.imported.shows import found_shows

_BECAME, _LOOK = "not served", "whether a client needs it: --only PATH takes it"
_FURTHER = ("head", "options", "trace", "query")
"""Methods of OpenAPI that no operation of a contract has."""


def others(facts: Sequence[OperationFacts], served: Collection[str]) -> list[Guess]:
    """A row for each operation that has no role in any life, by its name. `served` are those that have one."""
    left = [fact for fact in facts if fact.name not in served]
    shows = {each.facts.name: each.told.at for each in found_shows(facts)} if left else {}
    return [Guess(each.name, _BECAME, _why(each, shows.get(each.name)), _LOOK) for each in left]


def _why(operation: OperationFacts, shown: str | None) -> str:
    if shown is not None:
        told = f", with the state {shown}" if shown else ""
        return f"it shows one thing{told}, and nothing was found that begins such a thing"
    if operation.media and not operation.gives_json:
        return f"it is about no job, and answers with {operation.media[0]}"
    if operation.method == "post" and any(_is_id(at) for at in operation.shows):
        return "it is answered with an id, and nothing was found that shows how such a thing stands"
    return "it is about no job"


def _is_id(at: str) -> bool:
    return at.count("/") == 1 and (letters(at) in ("id", "uuid") or parts(at)[-1:] == ["id"])


def in_rows(rows: Sequence[Guess]) -> list[Guess]:
    """The same with one row for each reason, for a table that somebody reads."""
    whys = dict.fromkeys(row.why for row in rows)
    return [
        Guess(listing(row.subject for row in rows if row.why == why), _BECAME, why, _LOOK) for why in whys
    ]  # fmt: skip


def of_further_methods(document: Any) -> list[Guess]:
    """Operations of methods that no contract has: those of `additionalOperations`, HEAD, QUERY …"""
    found: dict[str, None] = {}
    for path, item in members(document.get("paths")):
        node = followed(document, item)
        said = [each for each in _FURTHER if isinstance(node, dict) and isinstance(node.get(each), dict)]
        more = members(node.get("additionalOperations")) if isinstance(node, dict) else []
        found |= dict.fromkeys(f"{each.upper()} {path}" for each in [*said, *(name for name, _ in more)])
    why = f"operations of a contract are {', '.join(map(str.upper, METHODS))}"
    return [Guess(each, _BECAME, why) for each in found]
