"""The files of a form: where they belong, which are refused, and what is made of the others. Reads nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from mockserver.contract import Operation
from mockserver.errors import EmptyFile
from mockserver.intake import FileRule
from mockserver.media import accepted_type, mismatch
from mockserver.operations import Breach
from mockserver.upload_store import Upload
from mockserver.validation import FormPart

if TYPE_CHECKING:
    from mockserver.validation import Form


def put_in_place(form: Form, operation: Operation, off: frozenset[str]) -> None:
    """Files in text fields stand for those of another field, unless that has a file of its own."""
    fields = {name: stand.field for name, stand in operation.stands.items() if stand.quirk not in off}
    names = {part.name for part in form.files}
    placed = [replace(part, name=fields.get(part.name, part.name)) for part in form.files]
    form.files[:] = [m for p, m in zip(form.files, placed, strict=True) if m.name == p.name or m.name not in names]
    form.empty[:] = [fields.get(name, name) for name in form.empty if fields.get(name) not in names]


def judged(parts: Sequence[FormPart], operation: Operation, strict: bool) -> list[str]:
    """The accepted media type of each part. Raises the refusal whose turn comes first: 415, then 413, then others."""
    kinds: list[str] = []
    refused: list[Breach] = []
    for part in parts:
        rule = operation.files.get(part.name)
        kind = (
            accepted_type(part.content_type, part.filename, part.head, rule.accept) if rule else part.content_type or ""
        )
        if rule is not None:
            refused += _refusals(part, rule, kind, strict)
        elif part.too_large:
            refused.append(Breach("too_large", f"{part.name} is larger than {operation.max_bytes} bytes", part.name))
        kinds.append(kind or "")
    if refused:
        raise min(refused, key=lambda r: _turn(operation, r.problem))
    return kinds


def _refusals(part: FormPart, rule: FileRule, kind: str | None, strict: bool) -> Iterator[Breach]:
    if kind is None:
        yield Breach(rule.unsupported, f"{part.name} must be one of {', '.join(rule.accept)}", part.name)
    elif strict and (odd := mismatch(kind, part.head)):
        yield Breach(rule.unsupported, f"{part.name} is said to be {kind}, but {odd}", part.name)
    if part.too_large:
        yield Breach(rule.too_large, f"{part.name} is larger than {rule.max_bytes} bytes", part.name)


def refuse_empty(names: Sequence[str], operation: Operation) -> None:
    """Raises EmptyFile for a file of 0 bytes where the contract declares one."""
    for name in names:
        if name in operation.files:
            raise EmptyFile(name)


def _turn(operation: Operation, problem: str) -> int:
    """Which refusal goes before which: a contract is free in the status it gives a file of the wrong kind."""
    status = operation.examples[problem][0].status
    return {415: 0, 413: 1}.get(status, 2)


def uploads(parts: Sequence[FormPart], kinds: Sequence[str]) -> dict[str, list[Upload]]:
    by_name: dict[str, list[Upload]] = {}
    for part, kind in zip(parts, kinds, strict=True):
        body = part.body if part.body is not None else b""
        upload = Upload.of(kind, part.filename or part.name, body, part.size, part.checksum)
        upload.mismatch = mismatch(kind, part.head) if kind else ""
        by_name.setdefault(part.name, []).append(upload)
    return by_name
