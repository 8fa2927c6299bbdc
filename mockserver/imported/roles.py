"""What the other operations around a job do: lists, moves, contents, updates, further views. Told by their paths.

A part of `inference`; knows no document.
"""

from __future__ import annotations

from collections.abc import Sequence

from mockserver.imported.addresses import above, last_parameter, noun, segments, tail, turned
from mockserver.imported.facts import Field, Lifecycle, OperationFacts, Role, is_json
from mockserver.imported.lexicon import ACTIONS, ASKS, CONTENTS, TOLD, letters, meaning_of, parts, stem
from mockserver.imported.stages import state_field

_FILLERS = frozenset(["action", "actions", "operations"])
"""Words of a path that say nothing before the one that does."""
_LISTS = frozenset(["list", "all", "active", "workspace", "search", "history", "recent"])


def further_roles(lives: Sequence[Lifecycle], operations: Sequence[OperationFacts]) -> None:
    """Give each operation that has no role yet the one that its place says, in the life that it is nearest to."""
    by_name = {each.name: each for each in operations}
    paths = [each.path for each in operations]
    makers = {life.name: [by_name[each.operation].path for each in life.of("create")] for life in lives}
    for is_loose in (False, True):  # what is the same path goes before what is alike
        taken = {role.operation for life in lives for role in life.roles}
        for each in operations:
            if each.name in taken:
                continue
            found = [
                (life, role)
                for life in lives
                if (role := _role(each, life, by_name[life.show], makers[life.name], paths, is_loose)) is not None
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
) -> Role | None:
    """What an operation does in a life; None where it is not about it. `paths` are those of the document."""
    base = life.base
    below = tail(operation.path, base, is_loose=is_loose) if last_parameter(base) else None
    below = [each for each in below if letters(each) not in _FILLERS] if below and len(below) > 1 else below
    if below is None and is_loose:
        word = turned(operation.path, base) if last_parameter(base) else ""
        below = [word] if _action(word) or letters(word) in CONTENTS | TOLD else None
        below = below or _elsewhere(operation, life)
        if below is None and (named := _named(operation, life)):
            return named
    if below is None and not last_parameter(base):
        return _beside(operation, life, show)
    if below is None:
        places = [above(base), *makers]
        if is_loose and _is_called_list(operation, base):
            places = [operation.path]
        elif operation.method != "get":
            return None
        return _list(operation, life, show, places, is_loose)
    if operation.method == "delete":
        return _deletion(operation, life, [] if operation.path == show.path else below)
    if operation.method == "get":
        return _view(operation, life, below)
    return _change(operation, life, below, paths)


def _is_called_list(operation: OperationFacts, base: str) -> bool:
    """Whether it is called a list of what is shown: `/list-calls` beside `/get-call/{id}`, also one that is posted."""
    word = operation.path.rstrip("/").rpartition("/")[2]
    own, shown = list(map(stem, parts(word))), parts(segments(above(base))[-1]) if segments(above(base)) else []
    beside = above(operation.path) == above(above(base))
    return (
        operation.method in ("get", "post") and beside and own[:1] == ["list"] and own[1:] == list(map(stem, shown[1:]))
    )


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
        return next(([each] for each in words if letters(each) in CONTENTS), words[:1] or None)
    is_set = operation.method in ("patch", "put") and bool(operation.sends)
    return next(([each] for each in words if _action(each)), words[:1] if is_set and words else None)


def _named(operation: OperationFacts, life: Lifecycle) -> Role | None:
    """An action that names the job in its query or its body: `/videos.delete?video_id=…`."""
    wanted = letters(life.id_parameter)
    word = next((each for each in parts(operation.path.rpartition("/")[2]) if _action(each)), "")
    if "{" in operation.path or operation.method == "get" or not word or wanted in ("id", "uuid", "sid", "name"):
        return None
    query = [f"query.{each}" for each in operation.query if letters(each) == wanted]
    body = [at for at in operation.sends if at.count("/") == 1 and letters(at) == wanted]
    at = next(iter([*query, *body]), "")
    to = _action(word) or "same"
    why = f"{word} is done to what {at} names"
    return Role(operation.name, "move", why, _AFTER, id_at=at, to=to) if at else None


def _beside(operation: OperationFacts, life: Lifecycle, show: OperationFacts) -> Role | None:
    """What stands beside a show whose path names nothing: an action that names the job as that one does; a list."""
    word = operation.path.rpartition("/")[2]
    at = f"/{life.id_parameter}"
    if operation.method == "get" and above(operation.path) == above(show.path):
        if life.id_parameter in operation.query and "{" not in word:
            return _view(operation, life, [word])
        return _list(operation, life, show, [above(show.path)], False)
    is_within = operation.path.startswith(f"{above(show.path)}/") and at in operation.sends
    if is_within and operation.media and not operation.gives_json:
        why = f"it answers with {operation.media[0]}, of what {at} names"
        return Role(operation.name, "content", why, "of what kind the bytes are", id_at=at)
    if above(operation.path) != above(show.path) or _action(word) not in ("cancelled", "gone"):
        return None
    if operation.method in ("post", "put") and at in operation.sends:
        return Role(operation.name, "move", f"{word} is done to what {at} names", _AFTER, id_at=at, to=_action(word))
    return None


_AFTER = "in which states it is taken, and what is answered in others"


def _action(word: str) -> str:
    """What becomes of a job by an action of this name."""
    found = [ACTIONS[each] for each in parts(word)[:1] if each in ACTIONS]
    return found[0] if found else ""


def _deletion(operation: OperationFacts, life: Lifecycle, below: list[str]) -> Role | None:
    """A DELETE of one job, or an action on it that is sent as one, or of what it led to."""
    words = {*parts(operation.name), *parts(operation.title)}
    cancels = bool(words & {"cancel", "stop", "abort", "terminate", "dismiss"}) and "delete" not in words
    to = "cancelled" if cancels else "gone"
    if not below:
        return Role(operation.name, "move", f"a DELETE of one {life.name}", _AFTER, to=to)
    if len(below) > 1 or "{" in below[0]:
        return None
    known = _action(below[0]) or ("cancelled" if cancels else "same" if letters(below[0]) in CONTENTS else "")
    why = f"a DELETE of {below[0]} of one {life.name}"
    return Role(operation.name, "move", why, _AFTER, to=known) if known else None


def _view(operation: OperationFacts, life: Lifecycle, below: list[str]) -> Role | None:
    """What can be read of a job: bytes, or a further answer about it."""
    inner = [each for each in below if "{" in each]
    if "text/event-stream" in operation.media and not operation.gives_json:
        return Role(operation.name, "stream", "it answers with server-sent events", "what each event says")
    is_text = operation.shows.get("", Field("")).form in ("byte", "binary")
    bytes_of = [each for each in operation.media if not is_json(each) or is_text]
    if bytes_of and (not operation.gives_json or is_text or letters(below[-1] if below else "") in CONTENTS):
        why = f"it answers with {bytes_of[0]}"
        return Role(operation.name, "content", why, "of what kind the bytes are, and when they are there")
    if inner:
        return _of_parts(operation, below)
    told_by = state_field(operation.shows)
    word = letters(below[-1]) if below else ""
    if told_by is not None and told_by.states:
        at = told_by.at.removesuffix(life.state_in) if told_by.at.endswith(life.state_in) else above(told_by.at)
        return Role(operation.name, "show", f"it tells {told_by.at} of one job", at=at)
    if not operation.media and not life.is_bare:
        return None
    why = "it shows one job" if not below else f"{below[-1]} of one job"
    look = "what it shows in each state" if word in CONTENTS or not below else "what it shows; it is the same each time"
    return Role(operation.name, "show", why, look)


def _of_parts(operation: OperationFacts, below: list[str]) -> Role | None:
    """What a job led to, in the form that a last parameter chooses; one of its parts."""
    is_form = any(letters(below[-1]).endswith(each) for each in ("format", "language", "languagecode", "type"))
    if is_form and "{" in below[-1]:
        why = f"{below[-1]} chooses what is shown of one job"
        return Role(operation.name, "show", why, "what it shows in each state")
    if not operation.gives_json or len(below) > 4:
        return None
    return Role(operation.name, "show", f"{'/'.join(below)} of one job", "what it shows; it is the same for each part")


def _change(operation: OperationFacts, life: Lifecycle, below: list[str], paths: Sequence[str] = ()) -> Role | None:
    """What changes a job: an action by its name, or new values."""
    if len(below) > 1 and operation.method == "post" and letters(below[-1]) in ASKS and operation.gives_json:
        return Role(operation.name, "show", f"{'/'.join(below)} of one job", "what it shows of what is asked for")
    is_set = operation.method in ("patch", "put") and bool(operation.sends)
    if len(below) in (2, 3) and is_set and "{" in below[1]:
        return Role(operation.name, "update", f"it sends values for a part of one {life.name}", "which values it changes")
    if any("{" in each for each in below) or len(below) > 1:
        return None
    if below and operation.media and not operation.gives_json:
        return Role(operation.name, "content", f"it answers with {operation.media[0]}", "of what kind the bytes are")
    word = below[0] if below else operation.name
    to = _action(word)
    if to:
        return Role(operation.name, "move", f"{parts(word)[0]} is done to one {life.name}", _AFTER, to=to)
    if below and f"/{below[0]}" in operation.sends:
        return Role(operation.name, "update", f"it sends {below[0]} for one {life.name}", "which values it changes")
    said = next((each for each in parts(operation.title)[:1] if each in ACTIONS), "")
    if said and not below and not operation.sends:
        return Role(operation.name, "move", f"its title says {said}, of one {life.name}", _AFTER, to=ACTIONS[said])
    is_set = operation.method in ("patch", "put")
    if (not below and (operation.sends or (life.is_bare and is_set))) or (below and is_set and operation.sends):
        return Role(operation.name, "update", f"it sends values for one {life.name}", "which values it changes")
    if not below:
        return None
    if said:
        why = f"its title says {said}, of one {life.name}"
        return Role(operation.name, "move", why, _AFTER, to=ACTIONS[said])
    if any(form == "binary" for form in (each.form for each in operation.sends.values())) or _is_collection(
        operation, below[0], paths
    ):
        return None
    return Role(operation.name, "move", f"{below[0]} is done to one {life.name}", "what becomes of it", to="same")


def _is_collection(operation: OperationFacts, word: str, paths: Sequence[str]) -> bool:
    """Whether something is added below a job: there are such things, or the word is of several."""
    inner = [each for each in paths if each.startswith(f"{operation.path.rstrip('/')}/{{")]
    return bool(inner) or stem(letters(word)) != letters(word)


def _is_of_named(operation: OperationFacts, life: Lifecycle, arrays: Sequence[str]) -> bool:
    """Whether its items have the id by the name under which it was created, and no parameter chooses one."""
    names = life.id_names
    held = [at for at in operation.shows if at.count("*") == 1 and letters(at.rpartition("/")[2]) in names]
    own = [at for at in held if at.rpartition("/*/")[0] in arrays and "/" not in at.rpartition("/*/")[2]]
    return bool(own) and "{" not in operation.path and not any(f"{at.rpartition('/')[0]}/id" in operation.shows for at in own)


def _chooses(word: str) -> bool:
    """Whether a word behind a collection says that it is listed, or which of it: those that succeeded."""
    return letters(word) in _LISTS or ("{" not in word and bool(meaning_of(word)))


def _list(
    operation: OperationFacts, life: Lifecycle, show: OperationFacts, places: Sequence[str], is_loose: bool
) -> Role | None:
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
    return Role(operation.name, "list", f"a list at {collection}, whose items are at {at or 'its top'}", look, at=at)
