"""What behavior.json may leave out because one thing alone can be meant: the resource, the state it begins in."""

from __future__ import annotations

from typing import Any

from mockserver import pointers
from mockserver.loader.source import BEHAVIOR, Source

_WITHOUT = ("answer", "token")
"""The verbs that are about no resource."""


def fill(source: Source) -> None:
    """Write what was left out into the document as it is in memory."""
    data = source.behavior
    resources = data.get("resources", {})
    for resource in resources.values():
        resource.setdefault("initial", next(iter(resource["states"])))
    for name, said in data.get("operations", {}).items():
        if said["verb"] not in _WITHOUT and not {"resource", "resources"} & said.keys():
            _fill(source, pointers.join("/operations", name), said, resources)


def _fill(source: Source, at: str, said: dict[str, Any], resources: dict[str, Any]) -> None:
    if len(resources) != 1:
        known = ", ".join(resources) or "none"
        remedy = "Add resource." if resources else "Declare one under resources, and name it here if there are more."
        source.say(BEHAVIOR, at, f"which resource is meant is not said; there is {known}.", remedy)
    said["resource"] = next(iter(resources), "")
