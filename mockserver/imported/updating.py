"""A newer document of the vendor → what has changed for a contract that was imported, and its files anew.

What was written into openapi.json by hand, or by the import, stays: it lies over the newer document as it lay over
the older one. behavior.json stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mockserver.errors import Finding, UsageError
from mockserver.files import replace
from mockserver.imported.cutting import cut
from mockserver.imported.described import described, free, operations
from mockserver.imported.dialect import Loosened
from mockserver.imported.differences import DocumentChange, changes
from mockserver.imported.drafting import sample
from mockserver.imported.facts import is_json
from mockserver.imported.importing import is_chosen
from mockserver.imported.importing import opened as document_of
from mockserver.imported.inference import lifecycles
from mockserver.imported.layout import laid_out
from mockserver.imported.merging import merged
from mockserver.imported.refusals import fits
from mockserver.imported.soundness import findings, prune
from mockserver.imported.writing import NOTES, VENDOR, only_of, opened
from mockserver.json_types import JsonObject
from mockserver.loader.source import BEHAVIOR, OPENAPI


@dataclass
class ContractUpdate:
    """What a newer document means for a contract: the changes, where both sides changed, and what breaks by it."""

    changes: list[DocumentChange]
    conflicts: list[str]
    broken: list[Finding]
    openapi: JsonObject
    vendor: JsonObject
    notes: JsonObject


def update_of(folder: Path, newer: Path, within: Path | None = None) -> ContractUpdate:
    """Compare a contract with a newer document, whose other files stand in `within` or beside it. Writes nothing.

    Raises ContractError or UsageError.
    """
    name = folder.resolve().name
    ours, behavior, base, notes = (
        opened(folder / each, f"{name}/{each}") for each in (OPENAPI, BEHAVIOR, VENDOR, NOTES)
    )
    _check(base, name)
    document = document_of(newer, within)
    known = {(path, method): each["operationId"] for path, method, each, _ in operations(base)}
    _rename(document, known)
    wanted = [each["operationId"] for path, method, each, _ in operations(document) if (path, method) in known]
    if not wanted:
        raise UsageError(f"{newer.name} has none of the operations of {name}: is it a document of the same API?")
    vendor = cut(document, wanted, Loosened(), newer.name)
    found, conflicts = merged(base, ours, vendor)
    _examples_anew(base, ours, found)
    prune(found)
    said = changes(base, vendor) + _further(document, known, only_of(notes))
    after = notes | {"document": newer.name, "version": vendor["info"]["version"]}
    return ContractUpdate(said, conflicts, findings(name, found, behavior), found, vendor, after)


def _check(base: Any, name: str) -> None:
    paths = base.get("paths")
    for item in paths.values() if isinstance(paths, dict) else [None]:
        for each in item.values() if isinstance(item, dict) else [None]:
            if (
                not isinstance(each, dict)
                or not isinstance(each.get("operationId"), str)
                or not isinstance(each.get("responses"), dict)
            ):
                raise UsageError(f"{name}/{VENDOR} is not what an import has written; import the document anew")


def _examples_anew(base: JsonObject, ours: JsonObject, found: JsonObject) -> None:
    """Let examples of requests that the import has made, and nobody has changed, be of the newer schemas."""
    for path, method, operation, _ in operations(found):
        for kind, content in _contents(operation).items() if method in ours["paths"].get(path, {}) else ():
            schema, (old, own) = (
                content.get("schema", {}),
                (_contents(each["paths"].get(path, {}).get(method, {})).get(kind, {}) for each in (base, ours)),
            )
            made = sample(base, old.get("schema", {}))
            shown = content.get("examples", {}).get("one")
            is_made = own.get("examples", {}).get("one") == {"x-evidence": "assumed", "value": made}
            if is_json(kind) and is_made and isinstance(shown, dict) and not fits(found, schema, made):
                shown["value"] = sample(found, schema)


def _contents(operation: JsonObject) -> JsonObject:
    found: JsonObject = operation.get("requestBody", {}).get("content", {})
    return found


def _rename(document: JsonObject, known: dict[tuple[str, str], str]) -> None:
    """Let the operations of the contract have the names that they have in it."""
    names = {*known.values()}
    taken = names | {operation["operationId"] for *_, operation, _ in operations(document)}
    for path, method, operation, _ in operations(document):
        if (path, method) in known:
            operation["operationId"] = known[path, method]
        elif operation["operationId"] in names:
            operation["operationId"] = free(taken, operation["operationId"])
            taken.add(operation["operationId"])


def _further(document: JsonObject, known: dict[tuple[str, str], str], only: Sequence[str]) -> list[DocumentChange]:
    """Operations about jobs that the contract does not have."""
    facts = [each for each in described(document) if is_chosen(each.path, only)]
    by_name = {fact.name: fact for fact in facts}
    found: list[DocumentChange] = []
    for life in lifecycles(facts):
        for role in life.roles:
            each = by_name[role.operation]
            if (each.path, each.method) not in known:
                sentence = f"the contract does not have it: it looks like {role.verb} of a {life.name}"
                found.append(DocumentChange(f"{each.method.upper()} {each.path}", sentence))
    return found


def write(folder: Path, update: ContractUpdate) -> None:
    """Put the newer document in the place of the older one. All or nothing. Raises OSError."""
    files = {OPENAPI: update.openapi, VENDOR: update.vendor, NOTES: update.notes}
    replace({folder / name: laid_out(document).encode() for name, document in files.items()})
