"""`python -m mockserver.stubs`: writes the stub files anew; with folders of contracts, prints the stub of these."""

from __future__ import annotations

import sys
from pathlib import Path

from mockserver.launch import contracts_in
from mockserver.loader import load_all
from mockserver.printable import one_line, printable
from mockserver.stubs import apis, faults

ROOT = Path(__file__).resolve().parents[2]


def files() -> dict[Path, str]:
    """Every stub file that is kept in this repository, and what it shall say."""
    return {
        ROOT / "mockserver/steering/checked.pyi": faults.checked(),
        ROOT / "pytest_plugin/apis.pyi": apis.shipped(contracts_in(), faults.COMMAND),
    }


def main(folders: list[str]) -> None:
    """Raises ContractError for what is no contract."""
    if folders:
        command = one_line(" ".join((faults.COMMAND, *folders)))
        print(printable(apis.own(load_all([*map(Path, folders)]), command)), end="")
        return
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
