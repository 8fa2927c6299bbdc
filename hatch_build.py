"""The package's page: the README, whose links to files of the repository lead there, or say so where there is none.

`[project.urls] Source` of `pyproject.toml` is the repository's address.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_LINK = re.compile(r"(?<!!)\[(?P<text>[^\]]*)\]\((?P<target>(?![a-z]+:|#)[^)\s]+)\)")


def page(readme: str, source: str | None, version: str) -> str:
    """The README as it is read away from its files."""

    def lead(found: re.Match[str]) -> str:
        text, target = found["text"], found["target"]
        if source:
            return f"[{text}]({source.rstrip('/')}/blob/v{version}/{target})"
        return f"{text} (`{target.partition('#')[0]}`)"

    return _LINK.sub(lead, readme)


class PackagePage(MetadataHookInterface):
    """Makes the description of the package."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Called by hatchling."""
        readme = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        text = page(readme, metadata.get("urls", {}).get("Source"), metadata["version"])
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
