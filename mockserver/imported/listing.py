"""Which operations are pages of jobs: told by their paths and by their items. A part of `roles`; knows no document."""

from __future__ import annotations

from collections.abc import Sequence

from mockserver.imported.addresses import above, noun, segments, tail
from mockserver.imported.facts import Lifecycle, OperationFacts, OperationRole
from mockserver.imported.lexicon import letters, meaning_of, parts, stem

_LISTS = frozenset(["list", "all", "active", "workspace", "search", "history", "recent"])


def listed(
    operation: OperationFacts, life: Lifecycle, show: OperationFacts, places: Sequence[str], is_loose: bool
) -> OperationRole | None:
    """A page of them: at the collection or where they are created, or right below by a word that says so."""
    found = [(tail(operation.path, each, is_loose=is_loose), each) for each in places if each]
    collection = next((each for below, each in found if below == [] or (below and _chooses(below[0]))), None)
    model = show.models.get(life.at, "")
    arrays = [at for at, each in operation.shows.items() if each.kind == "array" and "*" not in at]
    same = [at for at in arrays if model and operation.models.get(f"{at}/*") == model]
    if collection is None and is_loose and same and noun(operation.path) == noun(above(life.base)):
        collection = operation.path  # of another holder: of an account, of a project
    if collection is None and is_loose and _is_of_named(operation, life, arrays):
        collection = operation.path
    if collection is None or len(tail(operation.path, collection, is_loose=is_loose) or ()) > 1:
        return None
    named = [at for at in arrays if any(place.startswith(f"{at}/*/") for place in operation.shows)]
    marks = ("/id", f"/{life.id_parameter}", life.state_in)
    own = [at for at in named if any(f"{at}/*{mark}" in operation.shows for mark in marks)]
    at = next(iter([*same, *own, *named]), "/data" if life.is_bare and operation.is_bare else None)
    if at is None:
        return None
    look = "which parameters choose the page, and its default size"
    return OperationRole(
        operation.name, "list", f"a list at {collection}, whose items are at {at or 'its top'}", look, at=at
    )


def _is_of_named(operation: OperationFacts, life: Lifecycle, arrays: Sequence[str]) -> bool:
    """Whether its items have the id by the name under which it was created, and no parameter chooses one."""
    names = life.id_names
    held = [at for at in operation.shows if at.count("*") == 1 and letters(at.rpartition("/")[2]) in names]
    own = [at for at in held if at.rpartition("/*/")[0] in arrays and "/" not in at.rpartition("/*/")[2]]
    has_own = any(f"{at.rpartition('/')[0]}/id" in operation.shows for at in own)
    return bool(own) and "{" not in operation.path and not has_own


def _chooses(word: str) -> bool:
    """Whether a word behind a collection says that it is listed, or which of it: those that succeeded."""
    return letters(word) in _LISTS or ("{" not in word and bool(meaning_of(word)))


def is_called_list(operation: OperationFacts, base: str) -> bool:
    """Whether it is called a list of what is shown: `/list-calls` beside `/get-call/{id}`, also one that is posted."""
    word = operation.path.rstrip("/").rpartition("/")[2]
    own, shown = list(map(stem, parts(word))), parts(segments(above(base))[-1]) if segments(above(base)) else []
    beside = above(operation.path) == above(above(base))
    return (
        operation.method in ("get", "post") and beside and own[:1] == ["list"] and own[1:] == list(map(stem, shown[1:]))
    )
