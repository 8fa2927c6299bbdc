"""`overlay.json` beside a vendor's document: an OpenAPI Overlay (1.0, 1.1), whose actions change it as it is read.

The vendor's file stays as the vendor wrote it, and can be replaced by a newer one. Knows no behavior.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Sequence
from typing import Any

from mockserver import pointers
from mockserver.errors import ContractError, Finding
from mockserver.jsonpath import Node, PathError, select
from mockserver.loader.source import DEEPEST, is_deeper

MOST = 100_000
"""So many values may be written by all actions together: a copy of a copy of a copy has no end."""
_DO = ("update", "copy", "remove")
_TOO_DEEP = f"values nest deeper than {DEEPEST} levels then."


class _Wrong(Exception):
    """An action that cannot be done: where in it, why, and the remedy."""

    def __init__(self, word: str, sentence: str, remedy: str) -> None:
        super().__init__(sentence)
        self.word, self.sentence, self.remedy = word, sentence, remedy


def overlaid(document: Any, overlay: Any, shown: str) -> Any:
    """The document after all actions, in their order. Raises ContractError with every one that cannot be done."""
    findings = [*_mistakes(overlay, shown)]
    if findings:
        raise ContractError(findings)
    document, room = copy.deepcopy(document), MOST
    for index, action in enumerate(overlay["actions"]):
        try:
            document, used = _done(document, action, room)
            room -= used
        except _Wrong as error:
            at = f"#/actions/{index}/{error.word}"
            findings.append(Finding(shown, at, error.sentence, error.remedy))
    if not findings and is_deeper(document, DEEPEST):
        findings.append(Finding(shown, "#", _TOO_DEEP, "Write less into it."))
    if findings:
        raise ContractError(findings)
    return document


def _mistakes(overlay: Any, shown: str) -> Iterator[Finding]:
    """What is no Overlay."""
    version = overlay.get("overlay")
    if not isinstance(version, str) or not re.fullmatch(r"1\.[01]\.\d+", version):
        yield Finding(shown, "#/overlay", f"{version!r:.60} is no version of Overlay.", 'Write "1.0.0" or "1.1.0".')
    info = overlay.get("info")
    if not isinstance(info, dict) or not {"title", "version"} <= info.keys():
        yield Finding(shown, "#/info", "title or version is missing.", "Add info.title and info.version.")
    actions = overlay.get("actions")
    if not isinstance(actions, list) or not actions:
        yield Finding(shown, "#/actions", "there are no actions.", "Add one, or remove the file.")
        return
    for index, action in enumerate(actions):
        yield from _mistakes_of(action, index, shown, str(version))


def _mistakes_of(action: Any, index: int, shown: str, version: str) -> Iterator[Finding]:
    at = f"#/actions/{index}"
    if not isinstance(action, dict) or not isinstance(action.get("target"), str):
        yield Finding(shown, at, "the action has no target.", 'Add "target", a JSONPath: "$.paths[\'/v1/jobs\'].get".')
        return
    said = [word for word in _DO if word in action]
    if not said:
        yield Finding(shown, at, "the action does nothing.", f"Add {', '.join(_DO[:-1])} or {_DO[-1]}.")
    if not isinstance(action.get("remove", False), bool):
        yield Finding(shown, f"{at}/remove", "remove is true or false.", "Write true.")
    if "copy" in action and version.startswith("1.0"):
        yield Finding(shown, f"{at}/copy", "Overlay 1.0 has no copy.", 'Write "overlay": "1.1.0".')
    elif not isinstance(action.get("copy", ""), str):
        yield Finding(shown, f"{at}/copy", "copy is no JSONPath.", "Name the place that is copied.")


def _done(document: Any, action: Any, room: int) -> tuple[Any, int]:
    """The document after one action, and how much that wrote. Raises _Wrong."""
    nodes = _selected(document, action["target"], "target")
    if action.get("remove") is True:
        return _without(document, nodes), 0
    if "copy" in action:
        found = _selected(document, action["copy"], "copy")
        if len(found) != 1:
            raise _Wrong("copy", f"{len(found)} places are selected, and one can be copied.", "Select one.")
        word, value = "copy", copy.deepcopy(found[0].value)
    elif "update" in action:
        word, value = "update", action["update"]
    else:
        return document, 0
    used = len(nodes) * sum(1 for _ in pointers.walk(value))
    if used > room:
        raise _Wrong(word, f"the overlay writes more than {MOST} values.", "Select less, or write less.")
    _check_alike(nodes)
    lowest = max((len(pointers.split(node.pointer)) for node in nodes), default=0)
    if is_deeper(value, DEEPEST - lowest):
        raise _Wrong(word, _TOO_DEEP, "Write less into it.")
    for node in nodes:  # a place within another one holds already what was written there
        document = _written(document, node.pointer, _merged(pointers.get(document, node.pointer), value, word))
    return document, used


def _selected(document: Any, query: str, word: str) -> list[Node]:
    """The places, each once. Raises _Wrong."""
    try:
        return list({node.pointer: node for node in select(query, document)}.values())
    except PathError as error:
        raise _Wrong(word, f"{error}.", "Write it as RFC 9535 has it: $.paths['/v1/jobs'].get") from None
    except RecursionError:
        raise _Wrong(word, "the query nests too deep.", "Write a shorter one.") from None


def _check_alike(nodes: Sequence[Node]) -> None:
    kinds = {"object" if isinstance(n.value, dict) else "list" if isinstance(n.value, list) else "value" for n in nodes}
    if len(kinds) > 1:
        sentence = f"{' and '.join(sorted(kinds))} are selected together."
        raise _Wrong("target", sentence, "Select objects alone, or lists, or values.")


def _without(document: Any, nodes: Sequence[Node]) -> Any:
    """Of a list the last first, so that the others stay where they are."""
    for node in sorted(nodes, key=_order, reverse=True):
        if not node.pointer:
            raise _Wrong("target", "the whole document cannot be removed.", "Select what is in it.")
        pointers.remove(document, node.pointer)
    return document


def _order(node: Node) -> list[tuple[int, int, str]]:
    parts = pointers.split(node.pointer)
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]


def _written(document: Any, pointer: str, value: Any) -> Any:
    if not pointer:
        return value
    pointers.put(document, pointer, value)
    return document


def _merged(old: Any, new: Any, word: str) -> Any:
    """What stands at a place after a value was written there, as Overlay merges it. Raises _Wrong."""
    if isinstance(old, list):
        return [*old, *copy.deepcopy(new if isinstance(new, list) else [new])]
    return _joined(old, new, word)


def _joined(old: Any, new: Any, word: str) -> Any:
    if isinstance(old, dict) and isinstance(new, dict):
        more = {
            name: _joined(old[name], each, word) if name in old else copy.deepcopy(each) for name, each in new.items()
        }
        return {**old, **more}
    if isinstance(old, list) and isinstance(new, list):
        return [*old, *copy.deepcopy(new)]
    if isinstance(old, dict | list) or isinstance(new, dict | list):
        kinds = tuple(
            "an object" if isinstance(e, dict) else "a list" if isinstance(e, list) else "a value" for e in (old, new)
        )
        sentence = f"{kinds[1]} is to be written over {kinds[0]}."
        raise _Wrong(word, sentence, "Remove what is there by an action before this one.")
    return new
