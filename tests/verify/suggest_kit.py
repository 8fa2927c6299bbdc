"""Contracts in folders of their own, walked against a vendor that does otherwise, and mended by what is suggested."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, NamedTuple

from verify_kit import FILES, patched, walk

from mockserver.contract import Contract
from mockserver.loader import SHIPPED, load_folder, texts_of
from mockserver.verify import Report
from mockserver.verify.suggest import Suggestion, suggested
from mockserver.verify.suggest.draft import encoded
from mockserver.verify.suggest.trying import sound
from mockserver.verify.suggest.writing import write


def own(api: str, folder: Path, patches: dict[str, Any] | None = None) -> Path:
    """A copy of a shipped contract, to the byte where nothing is patched."""
    (folder / api).mkdir(parents=True)
    for file in FILES:
        shutil.copyfile(SHIPPED / api / f"{file}.json", folder / api / f"{file}.json")
        if patches and file in patches:
            data = json.loads((folder / api / f"{file}.json").read_text())
            (folder / api / f"{file}.json").write_text(json.dumps(patched(data, patches[file]), indent=2))
    return folder / api


def loaded(folder: Path) -> Contract:
    contract, findings = load_folder(folder)
    assert contract is not None, findings
    return contract


class Mended(NamedTuple):
    """What was suggested and written, and what a walk found before and after."""

    several: tuple[Suggestion, ...]
    before: Report
    after: Report


def mend(folder: Path, vendor: Contract, **options: Any) -> Mended:
    """Walk the contract of a folder against a vendor, write what is suggested, and walk again."""
    texts = texts_of(folder)
    before = walk(vendor, loaded(folder), **options)
    several, new = sound(suggested(before, folder, texts))
    write(folder, texts, encoded(new))
    return Mended(several, before, walk(vendor, loaded(folder), **options))
