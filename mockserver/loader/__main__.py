"""`python -m mockserver.loader > contracts/checked.json`: the shipped contracts without a mistake, by their digests."""

from __future__ import annotations

from mockserver.errors import ContractError
from mockserver.loader.checked import listed
from mockserver.loader.folders import SHIPPED, contract_folders, digest_of, load_folder


def made() -> str:
    """The text of the list. Raises ContractError when a shipped contract has mistakes."""
    folders = contract_folders(SHIPPED)
    findings = [finding for folder in folders for finding in load_folder(folder)[1]]
    if findings:
        raise ContractError(findings)
    return listed((folder.name, digest_of(folder)) for folder in folders)


if __name__ == "__main__":
    print(made(), end="")
