"""`mockserver check`: every mistake in contracts, with file, JSON pointer and remedy."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from mockserver import check as judge
from mockserver.cli import FOUND
from mockserver.cli.annotations import Note, annotate, annotates
from mockserver.cli.terminal import tell
from mockserver.errors import Finding
from mockserver.loader import SHIPPED, contract_folders, load_folder
from mockserver.loader.source import BEHAVIOR, OPENAPI
from mockserver.printable import one_line


@click.command()
@click.argument("folders", metavar="[DIR]...", nargs=-1, type=click.Path(exists=True, path_type=Path))
@annotates
def check(folders: tuple[Path, ...], form: str) -> None:
    """Name every mistake in contracts, with the remedy.

    DIR holds one contract, or several in folders of their own, or is a file of one; without it the shipped contracts
    are checked. The exit code is 1 when something is wrong, and 2 where no contract is.
    """
    contracts = [found for each in folders or (SHIPPED,) for found in contract_folders(_folder(each))]
    findings = {folder: judge.check(folder) or _tried(folder) for folder in dict.fromkeys(contracts)}
    mistakes = [(folder, finding) for folder, several in findings.items() for finding in several]
    for _, finding in mistakes:
        where = one_line(f"{finding.file}{finding.pointer}")
        tell(f"{where}: {finding.sentence}\n    {finding.remedy}")
    annotate(form, (_note(folder, finding) for folder, finding in mistakes))
    if mistakes:
        tell(f"{len(mistakes)} {'mistake' if len(mistakes) == 1 else 'mistakes'}", err=True)
        sys.exit(FOUND)
    tell(f"{len(findings)} {'contract is' if len(findings) == 1 else 'contracts are'} sound")


def _tried(folder: Path) -> list[Finding]:
    from mockserver.app.trial import tried

    contract, findings = load_folder(folder)
    return findings if contract is None else tried(contract)


def _folder(path: Path) -> Path:
    """The folder of a contract's file; whatever else is named stands for itself."""
    return path.parent if path.name in (OPENAPI, BEHAVIOR) and path.is_file() else path


def _note(folder: Path, finding: Finding) -> Note:
    file = folder / Path(finding.file).name
    text = f"{finding.pointer or finding.file}: {finding.sentence} {finding.remedy}"
    return Note("mockserver check", text, file if file.is_file() else None, finding.pointer)
