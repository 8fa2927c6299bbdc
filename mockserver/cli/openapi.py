"""`mockserver openapi`: a contract's document for other tools, complete."""

from __future__ import annotations

import json
from pathlib import Path

import click

from mockserver.cli.terminal import tell
from mockserver.errors import ContractError
from mockserver.loader import SHIPPED, contract_folders, load_folder
from mockserver.loader.folders import GALLERY, in_gallery


@click.command()
@click.argument("name", metavar="NAME|DIR")
def openapi(name: str) -> None:
    """Print the OpenAPI document of an API, with every answer at each operation that may give it.

    NAME is a shipped contract or one of the gallery, DIR the folder of one.
    """
    from mockserver.completion import complete

    contract, findings = load_folder(_folder(name))
    if contract is None or findings:
        raise ContractError(findings)
    tell(json.dumps(complete(contract), indent=2, ensure_ascii=False))


def _folder(name: str) -> Path:
    if Path(name).is_dir() and Path(name).resolve() not in (SHIPPED, GALLERY):
        return contract_folders(Path(name))[0]
    return SHIPPED / name if (SHIPPED / name / "openapi.json").is_file() else in_gallery(name)
