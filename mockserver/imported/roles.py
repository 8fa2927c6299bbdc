"""What the other operations around a job do: lists, moves, contents, updates, further views. Told by their paths.

A part of `inference`; knows no document.
"""

from __future__ import annotations

from collections.abc import Sequence

from mockserver.imported.addresses import PARAMETER, above, last_parameter, segments, tail, turned
from mockserver.imported.changes import AFTER, action, change, deletion
from mockserver.imported.facts import Field, Lifecycle, OperationFacts, OperationRole, is_json
from mockserver.imported.lexicon import CONTENTS, FILLERS, TOLD, letters, parts
from mockserver.imported.listing import is_called_list, listed
from mockserver.imported.stages import state_field


def further_roles(lives: Sequence[Lifecycle], operations: Sequence[OperationFacts]) -> None:
    """Give each operation that has no role yet the one that its place says, in the life that it is nearest to."""
    by_name = {operation.name: operation for operation in operations}
    paths = [operation.path for operation in operations]
    makers = {life.name: [by_name[each.operation].path for each in life.of("create")] for life in lives}
    for is_loose in (False, True):  # what is the same path goes before what is alike
        taken = {role.operation for life in lives for role in life.roles}
        for operation in operations:
            if operation.name in taken:
                continue
            found = [
                (life, role)
                for life in lives
                if (role := _role(operation, life, by_name[life.show], makers[life.name], paths, is_loose)) is not None
            ]
            if found:
                life, role = max(found, key=lambda row: len(by_name[row[0].show].path))
                life.roles.append(role)


def _role(
    operation: OperationFacts,
    life: Lifecycle,
    show: OperationFacts,
    makers: Sequence[str],
    paths: Sequence[str],
    is_loose: bool,
) -> OperationRole | None:
    """What an operation does in a life; None where it is not about it. `paths` are those of the document."""
    base = life.base
    below = tail(operation.path, base, is_loose=is_loose) if last_parameter(base) else None
    below = [each for each in below if letters(each) not in FILLERS] if below and len(below) > 1 else below
    if below is None and is_loose:
        word = turned(operation.path, base) if last_parameter(base) else ""
        below = [word] if action(word) or letters(word) in CONTENTS | TOLD else None
        below = below or _elsewhere(operation, life)
        if below is None and (named := _named(operation, life)):
            return named
    if below is None and not last_parameter(base):
        return _beside(operation, life, show)
    if below is None:
        places = [above(base), *makers]
        if is_loose and is_called_list(operation, base):
            places = [operation.path]
        elif operation.method != "get":
            return None
        return listed(operation, life, show, places, is_loose)
    if operation.method == "delete":
        return deletion(operation, life, [] if operation.path == show.path else below)
    if operation.method == "get":
        return _view(operation, life, below)
    return change(operation, life, below, paths)


def _elsewhere(operation: OperationFacts, life: Lifecycle) -> list[str] | None:
    """The word that says what is done, where a path ends with the job's own parameter: `/download/data/{export_id}`."""
    names = life.id_names
    found = segments(operation.path)
    index = next((n for n, each in enumerate(found) if "{" in each and letters(each) in names), -1)
    if index < 0:
        return None
    if index + 1 < len(found):
        return found[index + 1 :]
    before = ["", *found[:index]]
    words = [each for each in reversed(before) if "{" not in each and each]
    if operation.method == "get":
        return next(([word] for word in words if letters(word) in CONTENTS), words[:1] or None)
    is_set = operation.method in ("patch", "put") and bool(operation.sends)
    return next(([word] for word in words if action(word)), words[:1] if is_set and words else None)


def _named(operation: OperationFacts, life: Lifecycle) -> OperationRole | None:
    """An action that names the job in its query or its body: `/videos.delete?video_id=…`."""
    wanted = letters(life.id_parameter)
    word = next((part for part in parts(operation.path.rpartition("/")[2]) if action(part)), "")
    if "{" in operation.path or operation.method == "get" or not word or wanted in ("id", "uuid", "sid", "name"):
        return None
    query = [f"query.{each}" for each in operation.query if letters(each) == wanted]
    body = [at for at in operation.sends if at.count("/") == 1 and letters(at) == wanted]
    at = next(iter([*query, *body]), "")
    to = action(word) or "same"
    why = f"{word} is done to what {at} names"
    return OperationRole(operation.name, "move", why, AFTER, id_at=at, to=to) if at else None


def _beside(operation: OperationFacts, life: Lifecycle, show: OperationFacts) -> OperationRole | None:
    """What stands beside a show whose path names nothing: an action that names the job as that one does; a list."""
    word = operation.path.rpartition("/")[2]
    at = f"/{life.id_parameter}"
    if operation.method == "get" and above(operation.path) == above(show.path):
        if life.id_parameter in operation.query and "{" not in word:
            return _view(operation, life, [word])
        return listed(operation, life, show, [above(show.path)], False)
    is_within = operation.path.startswith(f"{above(show.path)}/") and at in operation.sends
    if is_within and operation.media and not operation.gives_json:
        why = f"it answers with {operation.media[0]}, of what {at} names"
        return OperationRole(operation.name, "content", why, "of what kind the bytes are", id_at=at)
    if above(operation.path) != above(show.path) or action(word) not in ("cancelled", "gone"):
        return None
    if operation.method in ("post", "put") and at in operation.sends:
        return OperationRole(
            operation.name, "move", f"{word} is done to what {at} names", AFTER, id_at=at, to=action(word)
        )
    return None


def _view(operation: OperationFacts, life: Lifecycle, below: list[str]) -> OperationRole | None:
    """What can be read of a job: bytes, or a further answer about it."""
    inner = [each for each in below if "{" in each]
    if "text/event-stream" in operation.media and not operation.gives_json:
        return OperationRole(operation.name, "stream", "it answers with server-sent events", "what each event says")
    is_text = operation.shows.get("", Field("")).form in ("byte", "binary")
    bytes_of = [each for each in operation.media if not is_json(each) or is_text]
    if bytes_of and (not operation.gives_json or is_text or letters(below[-1] if below else "") in CONTENTS):
        why = f"it answers with {bytes_of[0]}"
        return OperationRole(operation.name, "content", why, "of what kind the bytes are, and when they are there")
    if inner:
        return _of_parts(operation, below)
    told_by = state_field(operation.shows)
    word = letters(below[-1]) if below else ""
    if told_by is not None and told_by.states:
        at = told_by.at.removesuffix(life.state_in) if told_by.at.endswith(life.state_in) else above(told_by.at)
        return OperationRole(operation.name, "show", f"it tells {told_by.at} of one job", at=at)
    if not operation.media and not life.is_bare:
        return None
    why = "it shows one job" if not below else f"{below[-1]} of one job"
    look = "what it shows in each state" if word in CONTENTS or not below else "what it shows; it is the same each time"
    return OperationRole(operation.name, "show", why, look)


def _of_parts(operation: OperationFacts, below: list[str]) -> OperationRole | None:
    """What a job led to, in the form that a last parameter chooses; one of its parts."""
    is_form = any(letters(below[-1]).endswith(each) for each in ("format", "language", "languagecode", "type"))
    if is_form and "{" in below[-1]:
        why = f"{below[-1]} chooses what is shown of one job"
        return OperationRole(operation.name, "show", why, "what it shows in each state")
    if not operation.gives_json or len(below) > 4:
        return None
    part = PARAMETER.findall(below[-1])[-1:] or PARAMETER.findall("".join(below))[-1:]
    why = f"{'/'.join(below)}: a part of one job, no state of the job itself"
    return OperationRole(operation.name, "show", why, "what it shows; it is the same for each part", part=part[0])
