"""`mockserver check`: every mistake in contracts, with file, line, JSON pointer and remedy."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from mockserver import check as judge
from mockserver.cli import FOUND
from mockserver.cli.annotations import Note, annotate, by_environment
from mockserver.cli.terminal import tell
from mockserver.errors import Finding
from mockserver.loader import SHIPPED, contract_folders, load_folder
from mockserver.loader.source import BEHAVIOR, OPENAPI, OVERLAY
from mockserver.printable import one_line

Mistake = tuple[Path, Finding]


@click.command()
@click.argument("folders", metavar="[DIR]...", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--format", "form", type=click.Choice(("text", "json", "github")), default=by_environment,
    help="json prints an object a line and nothing else; github adds an annotation for each finding, the default in "
    "GitHub Actions, and text elsewhere.",
)  # fmt: skip
def check(folders: tuple[Path, ...], form: str) -> None:
    """Check contracts, and say how to fix each mistake.

    DIR holds one contract, or several in folders of their own, or is a file of one; without it the shipped contracts
    are checked. The exit code is 1 when something is wrong, and 2 where no contract is.
    """
    contracts = [contract for each in folders or (SHIPPED,) for contract in contract_folders(_folder(each))]
    findings = {folder: judge.check(folder) or _tried(folder) for folder in dict.fromkeys(contracts)}
    mistakes = [(folder, finding) for folder, several in findings.items() for finding in several]
    if form == "json":
        _tell_objects(mistakes)
    else:
        _tell_lines(mistakes, len(findings))
    annotate(form, (_note(folder, finding) for folder, finding in mistakes))
    if mistakes:
        sys.exit(FOUND)


def _tell_lines(mistakes: list[Mistake], contracts: int) -> None:
    for _, finding in mistakes:
        tell(f"{finding.place}: {finding.sentence}\n    {finding.remedy}")
    if mistakes:
        tell(f"{len(mistakes)} {'mistake' if len(mistakes) == 1 else 'mistakes'}", err=True)
    else:
        tell(f"{contracts} {'contract is' if contracts == 1 else 'contracts are'} sound")


def _tell_objects(mistakes: Iterable[Mistake]) -> None:
    for folder, finding in mistakes:
        row: dict[str, Any] = {
            "contract": folder.resolve().name, "file": _file(folder, finding), "line": finding.line or None,
            "pointer": finding.pointer.removeprefix("#"), "sentence": finding.sentence, "remedy": finding.remedy,
        }  # fmt: skip
        if finding.mend is not None:
            row["mend"] = {**finding.mend._asdict(), "pointer": finding.mend.pointer}
        tell(json.dumps(row, ensure_ascii=True))


def _file(folder: Path, finding: Finding) -> str:
    """The file as this command can open it."""
    file = folder / Path(finding.file).name
    return str(file if file.is_file() else folder)


def _tried(folder: Path) -> list[Finding]:
    from mockserver.app.trial_run import tried

    contract, findings = load_folder(folder, further=tried)
    return findings if contract is None or findings else []


def _folder(path: Path) -> Path:
    """The folder of a contract's file; whatever else is named stands for itself."""
    return path.parent if path.name in (OPENAPI, BEHAVIOR, OVERLAY) and path.is_file() else path


def _note(folder: Path, finding: Finding) -> Note:
    file = folder / Path(finding.file).name
    text = f"{one_line(finding.pointer) or finding.file}: {finding.sentence} {finding.remedy}"
    return Note("mockserver check", text, file if file.is_file() else None, finding.pointer)
