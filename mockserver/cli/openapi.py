"""`mockserver openapi`: a contract's document for other tools, complete."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from mockserver.cli.terminal import tell
from mockserver.completion import complete
from mockserver.contract import Contract
from mockserver.errors import ContractError
from mockserver.loader import SHIPPED, contract_folders, load_folder
from mockserver.loader.folders import GALLERY, in_gallery


@click.command()
@click.argument("name", metavar="NAME|DIR")
@click.option("--arazzo", "as_arazzo", is_flag=True, help="Print the journeys of `verify` instead, as Arazzo 1.1.")
def openapi(name: str, as_arazzo: bool) -> None:
    """Print the OpenAPI document of an API, with every answer at each operation that may give it.

    NAME is a shipped contract or one of the gallery, DIR the folder of one. With --arazzo: how jobs are created,
    watched to their end and moved, for whatever runs Arazzo; it reads the other document as ./openapi.json.
    """
    contract, findings = load_folder(_folder(name))
    if contract is None or findings:
        raise ContractError(findings)
    tell(json.dumps(_arazzo(contract) if as_arazzo else complete(contract), indent=2, ensure_ascii=False))


def _arazzo(contract: Contract) -> dict[str, Any]:
    from mockserver.verify.arazzo.written import arazzo

    document, left_out = arazzo(contract)
    for sentence in left_out:
        tell(f"left out: {sentence}", err=True)
    return document


def _folder(name: str) -> Path:
    if Path(name).is_dir() and Path(name).resolve() not in (SHIPPED, GALLERY):
        return contract_folders(Path(name))[0]
    return SHIPPED / name if (SHIPPED / name / "openapi.json").is_file() else in_gallery(name)
