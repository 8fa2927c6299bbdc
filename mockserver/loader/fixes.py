"""Documents as they are once the mistakes in their words are mended, so that further ones show. Finds none itself."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from mockserver import pointers
from mockserver.errors import Finding, Mend
from mockserver.loader.source import BEHAVIOR, OPENAPI, Source


def mended(source: Source) -> Source | None:
    """The source with all that was found mended; None when something can only be mended by a person."""
    if any(finding.mend is None for finding in source.findings):
        return None
    documents = {OPENAPI: copy.deepcopy(source.openapi), BEHAVIOR: copy.deepcopy(source.behavior)}
    for finding in sorted(source.findings, key=lambda found: -found.pointer.count("/")):
        assert finding.mend is not None, "those without were sorted out"
        mend(documents[finding.file.rpartition("/")[2]], finding.mend)
    return Source(source.name, documents[OPENAPI], documents[BEHAVIOR], others=source.others)


def mend(document: Any, how: Mend) -> None:
    """Change a document as a mend says."""
    above, _, last = how.pointer.rpartition("/")
    parent, key = pointers.get(document, above), pointers.split(f"/{last}")[0] if how.pointer else ""
    if isinstance(parent, list) and key.isdecimal() and int(key) < len(parent):
        parent[int(key)] = how.value
    elif isinstance(parent, dict) and how.how == "write":
        parent[key] = how.value
    elif isinstance(parent, dict) and how.how == "remove":
        parent.pop(key, None)
    elif isinstance(parent, dict) and key in parent:
        members = [(how.value if name == key else name, value) for name, value in parent.items()]
        parent.clear()
        parent.update(members)


def where_they_stand(found: Iterable[Finding], before: Iterable[Finding]) -> list[Finding]:
    """What was found in mended documents, with the pointers of those that were not mended."""
    renamed = [each for each in before if each.mend is not None and each.mend.how == "rename"]
    return [_placed(each, renamed) for each in found]


def _placed(finding: Finding, renamed: Iterable[Finding]) -> Finding:
    pointer = finding.pointer
    for each in renamed:
        assert each.mend is not None, "those that were renamed have one"
        new = pointers.join("#" + each.mend.pointer.rpartition("/")[0], each.mend.value)
        if each.file == finding.file and (pointer == new or pointer.startswith(f"{new}/")):
            pointer = f"#{each.mend.pointer}{pointer[len(new) :]}"
    return replace(finding, pointer=pointer)
