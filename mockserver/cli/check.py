"""`mockserver check`: every mistake in contracts, with file, JSON pointer and remedy."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from mockserver import check as judge
from mockserver.cli.terminal import tell
from mockserver.errors import ContractError, Finding
from mockserver.loader import SHIPPED, contract_folders, load_folder


@click.command()
@click.argument("folders", metavar="[DIR]...", nargs=-1, type=click.Path(path_type=Path))
def check(folders: tuple[Path, ...]) -> None:
    """Name every mistake in contracts, with the remedy.

    DIR holds one contract, or several in folders of their own; without it the shipped contracts are checked.
    The exit code is 1 when something is wrong.
    """
    findings: list[Finding] = []
    sound = 0
    for folder in _contracts(folders or (SHIPPED,), findings):
        found = judge.check(folder) or _tried(folder)
        findings += found
        sound += not found
    for finding in findings:
        tell(f"{finding.file}{finding.pointer}: {finding.sentence}\n    {finding.remedy}")
    if findings:
        tell(f"{len(findings)} {'mistake' if len(findings) == 1 else 'mistakes'}", err=True)
        sys.exit(1)
    tell(f"{sound} {'contract is' if sound == 1 else 'contracts are'} sound")


def _tried(folder: Path) -> list[Finding]:
    from mockserver.trial import tried

    contract, findings = load_folder(folder)
    return findings if contract is None else tried(contract)


def _contracts(folders: tuple[Path, ...], findings: list[Finding]) -> list[Path]:
    found: list[Path] = []
    for folder in folders:
        try:
            found += contract_folders(folder)
        except ContractError as error:
            findings += error.findings
    return list(dict.fromkeys(found))
