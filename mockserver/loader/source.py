"""The two documents of a contract as they were read, and the list of what is wrong with them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mockserver import pointers
from mockserver.errors import ContractError, Finding

OPENAPI = "openapi.json"
BEHAVIOR = "behavior.json"


@dataclass(slots=True)
class Source:
    """One contract's documents; `say` collects findings about them."""

    name: str
    openapi: dict[str, Any]
    behavior: dict[str, Any]
    findings: list[Finding] = field(default_factory=list)

    def say(self, file: str, pointer: str, sentence: str, remedy: str) -> None:
        """Note a mistake at a JSON pointer of `openapi.json` or `behavior.json`."""
        finding = Finding(f"{self.name}/{file}", f"#{pointer}", sentence, remedy)
        if finding not in self.findings:
            self.findings.append(finding)

    def raise_findings(self) -> None:
        """Raise ContractError when anything is wrong."""
        if self.findings:
            raise ContractError(self.findings)

    def resolve(self, node: Any, at: str) -> tuple[Any, str]:
        """Follow `$ref`s in openapi.json; a dangling one is a finding and gives an empty object."""
        found, where = pointers.resolve(self.openapi, node, at)
        if found is pointers.MISSING:
            self.say(OPENAPI, at, f"the reference leads nowhere: {where}.", "Mend the reference or add what it names.")
            return {}, at
        return found, where


def text_of(path: Path, shown: str) -> bytes:
    """The bytes of a contract's file. Raises ContractError with its name when there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise ContractError(
            [Finding(shown, "#", "the file is missing.", "`mockserver new NAME` writes both.")]
        ) from None


def read_json(text: bytes, shown: str) -> dict[str, Any]:
    """An object from the text of a JSON file. Raises ContractError with the place when there is none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        sentence = f"this is not JSON: {error}."
        raise ContractError([Finding(shown, "#", sentence, "Mend the text at that place.")]) from None
    if not isinstance(value, dict):
        raise ContractError([Finding(shown, "#", "the document is not an object.", "Begin it with `{`.")])
    return value
