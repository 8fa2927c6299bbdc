"""Which operations show how one thing stands, by which field, and what names the thing. A part of `inference`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from mockserver.imported.addresses import PARAMETER, above, base_of, last_parameter, noun, segments
from mockserver.imported.facts import Field, OperationFacts
from mockserver.imported.lexicon import CREATES, DONE, JOBS, NAMES, STATE_FIELDS, TOLD, WORK, letters, parts
from mockserver.imported.stages import StateField, listed_field, meanings, state_field

_THINGS = frozenset(["video", "asset", "upload", "evaluation"])
"""Nouns of what takes its time in some APIs, and is just there in others."""
_SHOWS = ("get", "fetch", "retrieve", "check", "poll", "status", "query", "read")


@dataclass
class ShowOperation:
    """An operation that shows how one thing stands."""

    facts: OperationFacts
    told: StateField
    base: str
    parameter: str
    is_bare: bool = False
    is_posted: bool = False
    """Whether something is posted where such things are."""
    makers: list[tuple[int, OperationFacts, str, str]] = field(default_factory=list)

    @property
    def collection(self) -> str:
        return above(self.base)

    @property
    def model(self) -> str:
        """The shape of the object that has the state."""
        return self.facts.models.get(above(self.told.at), "")

    @property
    def whole(self) -> str:
        """The shape of the whole answer."""
        return self.facts.models.get("", "")

    @property
    def is_number(self) -> bool:
        """Whether its states are seen as whole numbers."""
        field = self.facts.shows.get(self.told.at)
        return bool(self.told.at) and field is not None and field.kind in ("integer", "number")


def found_shows(operations: Sequence[OperationFacts]) -> list[ShowOperation]:
    """What shows one thing with a state; of several about the same thing the one at its own path, else the first."""
    found: dict[str, ShowOperation] = {}
    singles = {each.path for each in operations if each.method == "get" and "{" in each.path.rpartition("/")[2]}
    for each in (_of_first(operation, operations) for operation in operations):
        if (made := _part(each, singles) or _called(each, operations)) is not None:
            found.setdefault(made.base, made)
            continue
        parameter = last_parameter(each.path) or _id_of_query(each)
        told_by = state_field(each.shows, parameter) if each.gives_json else None
        is_bare = told_by is None and _may_be_a_job(each)
        told_by = StateField("/status", {}, 0) if is_bare else told_by
        if told_by is None and each.gives_json and parameter and _is_told_apart(each):
            told_by = listed_field(each.shows, parameter)
        if told_by is None or not parameter or not _only_shows(each):
            continue
        base = base_of(each.path) if last_parameter(each.path) else each.path
        made = ShowOperation(each, told_by, base, parameter, is_bare)
        before = found.get(base)
        if (
            before is None
            or (before.is_bare and not is_bare)
            or (not before.told.is_sure and told_by.is_sure)
            or (not before.told.at and told_by.at)
            or (each.path == base and before.facts.path != base and told_by.states and not told_by.is_guess)
        ):
            found[base] = made
    return [*found.values()]


def _of_first(operation: OperationFacts, operations: Sequence[OperationFacts]) -> OperationFacts:
    """The same, of a list that is the whole answer about one thing what its first item shows.

    Where one of several is shown below that path, it is a list of them: `/jobs/{owner}` above `/jobs/{owner}/{id}`.
    """
    if any(each.path.startswith(f"{operation.path.rstrip('/')}/{{") for each in operations):
        return operation
    is_list = operation.shows.get("", Field("")).kind == "array" and any(at[:3] == "/*/" for at in operation.shows)
    if operation.method != "get" or not is_list or not last_parameter(operation.path):
        return operation
    shows = {_in_first(at): each for at, each in operation.shows.items()}
    return replace(operation, shows=shows, models={_in_first(at): model for at, model in operation.models.items()})


def _in_first(at: str) -> str:
    return f"/0{at[2:]}" if at[:2] == "/*" else at


def _part(operation: OperationFacts, singles: Collection[str]) -> ShowOperation | None:
    """A part of one thing that tells its id and its state, where nothing else shows the thing: `/files/{id}/manifest`.

    `singles` are the paths that show one thing.
    """
    base, _, word = operation.path.rpartition("/")
    named = PARAMETER.fullmatch(base.rpartition("/")[2])
    if named is None or "{" in word or operation.method != "get" or base in singles or letters(word) in TOLD:
        return None
    told_by = state_field(operation.shows, named[1])
    at = next((at for at in operation.shows if at.count("/") == 1 and letters(at) == letters(named[1])), "")
    return ShowOperation(operation, told_by, base, named[1]) if told_by is not None and at else None


def _called(operation: OperationFacts, operations: Sequence[OperationFacts]) -> ShowOperation | None:
    """What is asked by its name, the thing named in the body: `POST /report/get` beside `POST /report/create`."""
    *_, word = ["", *segments(operation.path)]
    if operation.method != "post" or "{" in operation.path or letters(word) not in _SHOWS or not operation.gives_json:
        return None
    beside = [
        each for each in operations if each.method == "post" and above(each.path) == above(operation.path)
        and (parts(each.path) or [""])[-1] in CREATES
    ]  # fmt: skip
    told = {at for each in beside for at, field in each.shows.items() if at.count("/") == 1 and at not in each.sends}
    named = [at for at in operation.sends if at in told and letters(at) not in NAMES]
    told_by = state_field(operation.shows) or listed_field(operation.shows)
    return ShowOperation(operation, told_by, operation.path, named[0][1:]) if named else None


def _answers_later(operation: OperationFacts) -> bool:
    """Whether its status tells that a job has ended: it is answered 202 until then."""
    return operation.method == "get" and {200, 202} <= {*operation.successes}


def _may_be_a_job(operation: OperationFacts) -> bool:
    """Whether it shows one thing that takes its time by its noun, and the document does not say how it looks."""
    is_of_one = "{" in operation.path.rpartition("/")[2] and operation.method == "get"
    return is_of_one and operation.is_bare and noun(above(operation.path)).rpartition("_")[2] in JOBS


def _is_told_apart(operation: OperationFacts) -> bool:
    """Whether it shows a job, though no field tells a state."""
    return _is_of_work(operation) or _tells_done(operation) or _answers_later(operation)


def _is_of_work(operation: OperationFacts) -> bool:
    """Whether it shows a job by its noun, though nothing in its answer tells a state."""
    *_, last = ["", *segments(operation.path)]
    collection = above(operation.path) if "{" in last else ""
    words = {*noun(collection).split("_")[-1:]}
    return operation.method == "get" and bool(
        words & (WORK | JOBS - _THINGS) or (collection and _tells_otherwise(operation))
    )


def _tells_otherwise(operation: OperationFacts) -> bool:
    """Whether a state is told that cannot be written: by a number, or of each part in a list."""
    for at, each in operation.shows.items():
        is_state = letters(at.rpartition("/")[2]) in STATE_FIELDS
        if is_state and (each.kind in ("integer", "number") or (each.kind == "string" and "*" in at)):
            return True
        if "*" in at and "status" in parts(at.rpartition("/")[2]) and meanings(each.values):
            return True
    return False


def _tells_done(operation: OperationFacts) -> bool:
    """Whether a flag tells that a job has ended, where no field tells a state."""
    flags = [at for at, each in operation.shows.items() if each.kind == "boolean" and at.count("/") < 3]
    return operation.method == "get" and any(letters(at.rpartition("/")[2]) in DONE for at in flags)


def _only_shows(operation: OperationFacts) -> bool:
    """Whether an operation asks, and does nothing: a GET, or a POST that names one thing and says so."""
    if operation.method == "get":
        return True
    words = {*parts(operation.name), *parts(operation.title)}
    return operation.method == "post" and len(operation.sends) < 4 and bool(words & {*_SHOWS})


def _id_of_query(operation: OperationFacts) -> str:
    """The parameter of a query that names one thing, where the path names none."""
    if "{" in operation.path.rpartition("/")[2] or operation.method != "get":
        return ""
    named = [each for each in operation.query if letters(each).endswith(("id", "uuid"))]
    return named[0] if len(named) == 1 or letters((*named, "")[0]) == "id" else ""
