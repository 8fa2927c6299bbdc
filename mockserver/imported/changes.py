"""Which operations change a job: moves by their names, deletions, new values. A part of `roles`; knows no document."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mockserver.imported.facts import Lifecycle, OperationFacts, OperationRole, is_state_word
from mockserver.imported.lexicon import ACTIONS, AGAIN, ASKS, CONTENTS, letters, meaning_of, parts, stem

_FIRST = re.compile(r"[.!?\n]")
AFTER = "in which states it is taken, and what is answered in others"


def action(word: str) -> str:
    """What becomes of a job by an action of this name."""
    found = [_become(part) for part in parts(word)[:1] if part in ACTIONS]
    return found[0] if found else ""


def _become(word: str) -> str:
    return "again" if word in AGAIN else ACTIONS[word]


def deletion(operation: OperationFacts, life: Lifecycle, below: list[str]) -> OperationRole | None:
    """A DELETE of one job, or an action on it that is sent as one, or of what it led to."""
    cancels = bool({*life.states.values()} & {"cancelled", "cancelling"}) and _says_it_cancels(operation)
    to = "cancelled" if cancels else "gone"
    if not below:
        why = f"a DELETE of one {life.name}" + (", which says that it cancels" if cancels else "")
        return OperationRole(operation.name, "move", why, AFTER, to=to)
    if len(below) > 1 or "{" in below[0]:
        return None
    known = action(below[0]) or ("cancelled" if cancels else "same" if letters(below[0]) in CONTENTS else "")
    why = f"a DELETE of {below[0]} of one {life.name}"
    return OperationRole(operation.name, "move", why, AFTER, to=known) if known else None


_CANCELS = ("cancel", "stop", "abort", "terminat", "dismiss")
_DELETES = ("delet", "remov", "purg", "destroy", "eras")


def _says_it_cancels(operation: OperationFacts) -> bool:
    """Whether a DELETE says that it cancels: its title, else its own name, else the first sentence about it.

    The first of them that tells either decides; what says that it deletes, too, does.
    """
    named = "" if letters(operation.name).startswith(f"{operation.method}{letters(operation.path)}") else operation.name
    for said in (operation.title, named, _FIRST.split(operation.prose, maxsplit=1)[0]):
        words = parts(said)
        cancels, deletes = (any(word.startswith(known) for word in words) for known in (_CANCELS, _DELETES))
        if cancels or deletes:
            return not deletes
    return False


def change(
    operation: OperationFacts, life: Lifecycle, below: list[str], paths: Sequence[str] = ()
) -> OperationRole | None:
    """What changes a job: an action by its name, or new values. `paths` are those of the document."""
    if len(below) > 1:
        return _change_of_part(operation, life, below)
    if below and "{" in below[0]:
        return None
    if below and operation.media and not operation.gives_json:
        return OperationRole(
            operation.name, "content", f"it answers with {operation.media[0]}", "of what kind the bytes are"
        )
    to = action(below[0] if below else operation.name)
    if to:
        word = parts(below[0] if below else operation.name)[0]
        return OperationRole(operation.name, "move", f"{word} is done to one {life.name}", AFTER, to=to)
    if not below and (at := _state_to_cancel(operation)):
        why = f"{at} of its request may only say that it is cancelled"
        return OperationRole(operation.name, "move", why, AFTER, to="cancelled")
    said = next((part for part in parts(operation.title)[:1] if part in ACTIONS), "")
    if _sends_values(operation, life, below, said):
        return OperationRole(
            operation.name, "update", f"it sends values for one {life.name}", "which values it changes"
        )
    if said and (below or not operation.sends):
        return OperationRole(
            operation.name, "move", f"its title says {said}, of one {life.name}", AFTER, to=_become(said)
        )
    if not below or _adds(operation, below[0], paths):
        return None
    return OperationRole(
        operation.name, "move", f"{below[0]} is done to one {life.name}", "what becomes of it", to="same"
    )


def _state_to_cancel(operation: OperationFacts) -> str:
    """The state in a request that sets one, where it can be set to nothing but cancelled; empty where there is none."""
    listed = (at for at, send in operation.sends.items() if send.values)
    states = [at for at in listed if at.count("/") == 1 and is_state_word(at[1:])]
    told = {meaning_of(value) for at in states for value in operation.sends[at].values}
    return states[0] if told and told <= {"cancelled", "cancelling"} else ""


def _sends_values(operation: OperationFacts, life: Lifecycle, below: list[str], said: str) -> bool:
    """Whether a request says new values: at the job itself, or for what its last word names."""
    is_set = operation.method in ("patch", "put")
    if not below:
        return bool(operation.sends) or (life.is_bare and is_set and not said)
    return f"/{below[0]}" in operation.sends or (is_set and bool(operation.sends))


def _change_of_part(operation: OperationFacts, life: Lifecycle, below: list[str]) -> OperationRole | None:
    """What is posted or set behind more than one word: a question about one job, new values for a part of it."""
    if operation.method == "post" and letters(below[-1]) in ASKS and operation.gives_json:
        return OperationRole(
            operation.name, "show", f"{'/'.join(below)} of one job", "what it shows of what is asked for"
        )
    if operation.method not in ("patch", "put") or not operation.sends or len(below) > 3 or "{" not in below[1]:
        return None
    return OperationRole(
        operation.name, "update", f"it sends values for a part of one {life.name}", "which values it changes"
    )


def _adds(operation: OperationFacts, word: str, paths: Sequence[str]) -> bool:
    """Whether bytes, or one of several things, are added to a job."""
    is_file = any(send.form == "binary" for send in operation.sends.values())
    return is_file or _is_collection(operation, word, paths)


def _is_collection(operation: OperationFacts, word: str, paths: Sequence[str]) -> bool:
    """Whether something is added below a job: there are such things, or the word is of several."""
    inner = [path for path in paths if path.startswith(f"{operation.path.rstrip('/')}/{{")]
    return bool(inner) or stem(letters(word)) != letters(word)
