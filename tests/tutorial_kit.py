"""The blocks of contracts/README.md and contracts/HOWTO.md, and the contract that they begin with."""

from __future__ import annotations

import json
import re
from pathlib import Path

from check_kit import Documents

from mockserver.cli.new import TEMPLATE

CONTRACTS = Path(__file__).parent.parent / "contracts"
README, HOWTO = CONTRACTS / "README.md", CONTRACTS / "HOWTO.md"
BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.S | re.M)


def tutorial() -> str:
    """The part of the page that builds an API step by step."""
    text = README.read_text(encoding="utf-8")
    return text[text.index("### 1. ") : text.index("## The rules")]


def headings(page: Path) -> list[tuple[str, str]]:
    """The headings of a page that show something to write, and what stands below each."""
    parts = re.split(r"^#{2,4} (.*)$", page.read_text(encoding="utf-8"), flags=re.M)
    return [(title, text) for title, text in zip(parts[1::2], parts[2::2], strict=True) if "```json " in text]


def new_one() -> Documents:
    """What `mockserver new` writes, with the times that HOWTO.md tells of."""
    made = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in TEMPLATE.glob("*.json")}
    made["behavior.json"]["resources"]["job"]["run"] |= {"queued": {"fixed": 3}, "running": {"fixed": 10}}
    return made
