"""Which folders hold contracts, and the way from a folder to a Contract."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from mockserver.contract import Contract
from mockserver.errors import ContractError, Finding, is_on_purpose
from mockserver.loader.behavior import build
from mockserver.loader.document import check_document, refuse_older
from mockserver.loader.examples import check_examples
from mockserver.loader.fixes import mended, where_they_stand
from mockserver.loader.flow import check_flow
from mockserver.loader.pieces import check_pieces
from mockserver.loader.places import line_at
from mockserver.loader.served import served
from mockserver.loader.shipped import SHIPPED
from mockserver.loader.sound import as_shipped, digest_of, remember, was_sound
from mockserver.loader.source import BEHAVIOR, OPENAPI, OVERLAY, Source, read_json, text_of
from mockserver.loader.words import Shape, check_words

__tracebackhide__ = is_on_purpose

__all__ = [
    "GALLERY",
    "SCHEMA",
    "SHIPPED",
    "contract_folders",
    "in_gallery",
    "load",
    "load_all",
    "load_folder",
    "texts_of",
]

SCHEMA = "behavior.schema.json"
GALLERY = SHIPPED / "gallery"
"""Contracts of further real APIs, which are loaded when they are named alone."""
Further = Callable[[Contract], list[Finding]]
FolderTexts = Mapping[str, bytes]


class _Served(NamedTuple):
    """A contract, and what its files held when it was read."""

    texts: list[bytes]
    contract: Contract


_SERVED: dict[Path, _Served] = {}
"""The shipped contracts that were read, by folder. Who starts another server in this process has the same ones, with
all that was worked out of them. The other files of another's folder may change, and its contract is read each time."""


@lru_cache(maxsize=1)
def _schema_text() -> bytes:
    return text_of(SHIPPED / SCHEMA, SCHEMA)


@lru_cache(maxsize=1)
def behavior_shape() -> Shape:
    """The schema of behavior.json."""
    return Shape.of(read_json(_schema_text(), SCHEMA))


def contract_folders(folder: Path) -> list[Path]:
    """The folder itself when it holds a contract, else its subfolders that do. Raises ContractError when none does."""
    try:
        if (folder / OPENAPI).exists() or (folder / BEHAVIOR).exists():
            return [folder]
        found = sorted(p.parent for name in (OPENAPI, BEHAVIOR) for p in folder.glob(f"*/{name}"))
    except OSError as error:
        sentence = f"the folder cannot be read: {error.strerror}."
        raise ContractError([Finding(str(folder), "", sentence, "Name another.")]) from None
    if not found:
        sentence = "no contract is here: neither openapi.json nor a folder that holds one."
        raise ContractError([Finding(str(folder), "", sentence, "Name a contract's folder or its parent.")])
    return list(dict.fromkeys(found))


def in_gallery(name: str) -> Path:
    """The folder of a contract of the gallery. Raises ContractError when it has none of that name."""
    known = sorted(path.parent.name for path in GALLERY.glob(f"*/{OPENAPI}"))
    if name not in known:
        remedy = f"The gallery has {', '.join(known)}; folders of contracts are named with --contracts."
        raise ContractError([Finding(f"gallery/{name}", "", "the gallery has no such API.", remedy)])
    return GALLERY / name


def load_folder(
    folder: Path, *, trust: bool = False, further: Further | None = None, texts: FolderTexts | None = None
) -> tuple[Contract | None, list[Finding]]:
    """A contract and all that is wrong with it; no contract when it is too broken to be read.

    `trust`: one that is, to the byte, as it was shipped, or was sound before, is not looked through for mistakes again,
    neither by us nor by those `further` on who know more. `texts` stand in the place of what the files hold.
    """
    read: list[bytes] = []
    try:
        name = _name_of(folder)
        texts = texts_of(folder) if texts is None else texts
        read = [*texts.values()]
        digest = "" if not trust or as_shipped(folder, texts) else digest_of(name, _schema_text(), texts)
        is_checked = trust and (not digest or was_sound(digest))
        if is_checked and (known := _SERVED.get(folder)) is not None and known.texts == read:
            return known.contract, []
        source = _source(name, folder, texts, is_checked)
        contract = build(source) if is_checked else load(source)
        if is_checked and folder.is_relative_to(SHIPPED):
            _SERVED[folder] = _Served(read, contract)
        if is_checked or further is None:
            return contract, []
        findings = with_lines(further(contract), read)
        if digest and not findings:
            remember(digest)
        return contract, findings
    except ContractError as error:
        return None, with_lines(error.findings, read)


def _source(name: str, folder: Path, texts: FolderTexts, is_checked: bool) -> Source:
    """What is written in the files of a contract. Raises ContractError."""
    shown = [f"{name}/{text}" for text in texts]
    # What was checked has no such mistakes to name, and the short way is a third of a start's reading.
    read = map(json.loads, texts.values()) if is_checked else map(read_json, texts.values(), shown)
    openapi, behavior, *more = read
    for overlay in more:
        from mockserver.loader.overlay import overlaid  # few contracts have one

        openapi = overlaid(openapi, overlay, f"{name}/{OVERLAY}")
    refuse_older(Source(name, openapi, behavior))
    openapi, others = served(openapi, behavior)
    return Source(name, openapi, behavior, others=others, folder=folder)


_PLACED = 1000
"""Of so many findings the lines are looked up: a text is gone through for each."""


def with_lines(findings: Sequence[Finding], texts: Sequence[bytes]) -> list[Finding]:
    """The findings with the lines at which they stand in the texts of openapi.json, behavior.json and overlay.json."""
    by_name = dict(zip((OPENAPI, BEHAVIOR, OVERLAY), (text.decode(errors="replace") for text in texts), strict=False))
    placed = [_with_line(finding, by_name.get(finding.file.rpartition("/")[2])) for finding in findings[:_PLACED]]
    return [*placed, *findings[_PLACED:]]


def _with_line(finding: Finding, text: str | None) -> Finding:
    if text is None or finding.line or not finding.pointer:
        return finding
    return replace(finding, line=line_at(text, finding.pointer))


def texts_of(folder: Path) -> dict[str, bytes]:
    """What the files of a contract hold, by their names. Raises ContractError."""
    name = _name_of(folder)
    names = (OPENAPI, BEHAVIOR, *((OVERLAY,) if (folder / OVERLAY).exists() else ()))
    return {each: text_of(folder / each, f"{name}/{each}") for each in names}


def _name_of(folder: Path) -> str:
    name = folder.resolve().name
    if not re.fullmatch(r"[a-z][a-z0-9-]*", name):
        sentence = "the folder's name becomes the API's prefix and is not fit for that."
        raise ContractError([Finding(str(folder), "", sentence, "Use lower-case letters, digits and hyphens.")])
    return name


def load(source: Source) -> Contract:
    """Read a contract out of its documents. Raises ContractError with every finding."""
    check_words(source, behavior_shape())
    if not source.findings:
        contract = _read(source)
        source.raise_findings()
        return contract
    further = mended(source)
    if further is None:
        if not any(finding.file.endswith(OPENAPI) for finding in source.findings):
            check_document(source)
    else:
        check_words(further, behavior_shape())
        if not further.findings:
            _read(further)
        source.findings += where_they_stand(further.findings, source.findings)
    raise ContractError(source.findings)


def _read(source: Source) -> Contract:
    """The contract, as far as it can be made out; what is wrong with it is noted."""
    check_document(source)
    contract = build(source)
    if not source.findings:
        check_flow(source, contract)
        check_pieces(source, contract)
    if not source.findings:
        check_examples(source, contract)
    return contract


def load_all(folders: Iterable[Path] | None = None, further: Further | None = None) -> Sequence[Contract]:
    """The contracts in these folders (the shipped ones by default). Raises ContractError with every finding.

    Those that are as they were shipped, or were sound before, are trusted; the others are shown to those `further` on.
    """
    contracts: dict[str, Contract] = {}
    findings: list[Finding] = []
    for folder in folders if folders is not None else [SHIPPED]:
        for each in contract_folders(Path(folder)):
            contract, wrong = load_folder(each, trust=True, further=further)
            findings += wrong
            if contract is not None:
                contracts[contract.name] = contract
    if findings:
        raise ContractError(findings)
    return list(contracts.values())
