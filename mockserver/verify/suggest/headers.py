"""Which change of a contract says what headers a server sends, or leaves out. Raises NoWay where there is none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mockserver import pointers
from mockserver.json_patch import PatchOperation
from mockserver.loader.headers import X_HEADERS
from mockserver.loader.source import BEHAVIOR, OPENAPI
from mockserver.ratelimit import style_of
from mockserver.verify.compare import response_of
from mockserver.verify.drift import Drift
from mockserver.verify.schema_drift import body_drifts
from mockserver.verify.suggest.draft import DraftChanges, PatchDraft, SeenDrift
from mockserver.verify.suggest.responses import NoWay, due_of
from mockserver.verify.suggest.schemas import loosened

_LIMITS = ("ratelimit", "x-ratelimit")


def missing_header(draft: PatchDraft, seen: SeenDrift) -> list[DraftChanges]:
    """A header that need not be there, or is not; of limits, the draft by which the server writes them."""
    if seen.drift.at.lower().startswith(_LIMITS) and draft.contract.limit_headers != "none":
        return [{BEHAVIOR: [PatchOperation("replace", "/limit_headers", _style(draft, seen))]}]
    document = draft.openapi
    at = _in_file(document, seen.drift.pointer, seen.drift.at)
    said = pointers.get(document, at)
    optional = isinstance(said, dict) and said.get("required")
    ways: list[DraftChanges] = [{OPENAPI: [PatchOperation("remove", f"{at}/required")]}] if optional else []
    own = {pointers.join(response_of(e), "headers", seen.drift.at) for x in seen.exchanges for e in due_of(draft, x)}
    there = [place for place in own if pointers.get(document, place) is not pointers.MISSING]
    if len(there) == 1:
        ways.append({OPENAPI: [PatchOperation("remove", there[0])]})
    if not ways:
        raise NoWay(f"ambiguous: {X_HEADERS} gives the header to every answer, and it is one that lacks it")
    return ways


def _style(draft: PatchDraft, seen: SeenDrift) -> str:
    styles = {style_of(exchange.reply.headers) for exchange in seen.exchanges}
    if len(styles) != 1:
        raise NoWay("ambiguous: some answers tell of the limit in another way than others")
    style = styles.pop()
    if style == draft.contract.limit_headers:
        raise NoWay("the server leaves out one of several headers that belong together")
    return style


def other_header(draft: PatchDraft, seen: SeenDrift) -> DraftChanges:
    """A schema of a header that lets what came through."""
    changes: list[PatchOperation] = []
    pointer, document = seen.drift.pointer, draft.openapi
    for value in seen.values:
        for drift in _drifts(draft, f"{pointer}/schema", str(value)):
            at = _in_file(document, drift.pointer, seen.drift.at, pointer)
            changes += loosened(document, replace(drift, pointer=at), [_value(drift, str(value))])
    unique = list({repr(change): change for change in changes}.values())
    if len(unique) != len({change.path for change in unique}):
        raise NoWay("the values that came differ in kind: the header's schema has to be written anew")
    if not unique:
        raise NoWay("the file says nothing of it at that place")
    return {OPENAPI: unique}


def _drifts(draft: PatchDraft, pointer: str, text: str) -> list[Drift]:
    """What a header breaks as a number, if it is one that may be there, else as a text."""
    as_text = body_drifts(draft.contract, "", pointer, text)
    if not text.strip().lstrip("-").isdigit():
        return as_text
    as_number = body_drifts(draft.contract, "", pointer, int(text))
    return as_text if any(drift.word == "type" for drift in as_number) else as_number


def _value(drift: Drift, text: str) -> Any:
    is_number = "minimum" in drift.word.lower() or "maximum" in drift.word.lower() or drift.word == "multipleOf"
    return int(text) if is_number and text.strip().lstrip("-").isdigit() else text


def _in_file(document: Any, pointer: str, name: str, header: str = "") -> str:
    """Where the file says what stands at a pointer of the contract: `x-headers` are at every answer there."""
    header = header or pointer
    if pointers.get(document, header) is not pointers.MISSING:
        return pointer
    return pointers.join(f"/{X_HEADERS}", name) + pointer.removeprefix(header)
