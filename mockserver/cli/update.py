"""`mockserver update`: what a vendor's newer document changes for a contract that was imported, and its files anew."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from mockserver import pointers
from mockserver.cli import FOUND
from mockserver.cli.terminal import complaint, tell
from mockserver.imported.updating import ContractUpdate, update_of, write
from mockserver.loader import contract_folders
from mockserver.loader.source import OPENAPI

_BOTH = "changed here and by the vendor; what stands here was kept"
_GONE = "taken away by the vendor; what the import or you have written there was kept. Take it away here, too"


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--from", "newer", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
    help="The vendor's newer OpenAPI document, 3.0 to 3.2, JSON or YAML.",
)  # fmt: skip
@click.option(
    "--within", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of the files that the document refers to; its own unless it is said.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@click.option("--force", is_flag=True, help="Replace the document even if the contract is not sound with it.")
def update(folder: Path, newer: Path, within: Path | None, *, dry_run: bool, force: bool) -> None:
    """Bring a contract that was imported up to date with a newer document.

    DIR is the folder of a contract that `new --from` has written. What was changed in its openapi.json since then
    stays; behavior.json stays as it is. The exit code is 1 when the contract would not be sound: then nothing is
    replaced, unless --force says so.
    """
    paths = contract_folders(folder)
    if len(paths) > 1:
        raise complaint(f"{folder} holds {len(paths)} contracts; name one")
    newer_contract = update_of(paths[0], newer, within)
    _tell(newer_contract, newer)
    is_replaced = not dry_run and (force or not newer_contract.broken)
    if is_replaced:
        try:
            write(paths[0], newer_contract)
        except OSError as error:
            raise complaint(f"{paths[0]} cannot be written: {error.strerror}") from None
    tell(f"{paths[0] / OPENAPI} is {'up to date' if is_replaced else 'as it was'}", err=not is_replaced)
    if newer_contract.broken:
        if not (is_replaced or dry_run):
            tell("--force replaces it all the same, to be mended there", err=True)
        sys.exit(FOUND)


def _tell(newer_contract: ContractUpdate, newer: Path) -> None:
    if not newer_contract.changes:
        tell(f"Nothing has changed in {newer.name} for this contract.")
    for change in sorted(newer_contract.changes, key=lambda change: not change.is_breaking):
        tell(f"{'! ' if change.is_breaking else '  '}{change.operation}: {change.sentence}")
    for at in newer_contract.conflicts:
        is_gone = pointers.get(newer_contract.vendor, at) is pointers.MISSING
        tell(f"! {OPENAPI}#{at}: {_GONE if is_gone else _BOTH}")
    for finding in newer_contract.broken:
        tell(f"{finding.place}: {finding.sentence}\n    {finding.remedy}")
