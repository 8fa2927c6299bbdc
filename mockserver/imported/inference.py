"""Which operations make up the life of a job: who submits, shows, lists, cancels it, who delivers what it led to.

From what is known of operations (`facts`) to lifecycles with a reason for every guess. Knows no document and no
contract: whatever can say how operations look, a document or a recording, can ask.

An operation that shows one thing, with a field that tells a state, is a `show`. What is posted, and answered with the
id of such a thing, creates it. Everything else is told by its path, its method and its words (`roles`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from mockserver.imported.addresses import above, base_of, last_parameter, noun, segments, shared, tail
from mockserver.imported.facts import NAME, Lifecycle, OperationFacts, Role
from mockserver.imported.lexicon import ACTIONS, BEGINS, DONE, JOBS, WORK, letters, parts, stem, tells_job
from mockserver.imported.roles import further_roles
from mockserver.imported.stages import USUAL, StateField, state_field, states_anywhere, told

_LEAST = 5
"""A creation scores at least so much: half of what all signs together give."""
_LEAST_UNLISTED = 7
"""The same where the states of what it is thought to create are listed nowhere."""
_FEW = 5
_PLAIN = ("id", "uuid", "sid")
_SHOWS = ("get", "fetch", "retrieve", "check", "poll", "status", "query", "read")


@dataclass
class _Shown:
    """An operation that shows how one thing stands."""

    facts: OperationFacts
    told: StateField
    base: str
    parameter: str
    is_bare: bool = False
    is_posted: bool = False
    """Whether something is posted where such things are."""
    makers: list[tuple[float, OperationFacts, str, str]] = field(default_factory=list)

    @property
    def collection(self) -> str:
        return above(self.base)

    @property
    def model(self) -> str:
        """The shape of the object that has the state."""
        return self.facts.models.get(above(self.told.at), "")


def lifecycles(operations: Sequence[OperationFacts]) -> list[Lifecycle]:
    """The lives of jobs that these operations tell, in the order of the operations that show them."""
    shows = _shows(operations)
    for shown in shows:
        posted = (each.path for each in operations if each.method == "post")
        shown.is_posted = any(tail(path, shown.collection) == [] for path in posted)
    for each in operations:
        if _may_create(each, shows):
            found = [(_score(each, shown, shows), shown) for shown in shows]
            best_row = max(found, key=lambda row: (row[0][0], _words_shared(each, row[1])), default=None)
            (score, at, why), best = best_row or ((0, "", ""), None)
            if best is not None and score:
                best.makers.append((score, each, at, why))
    taken: set[str] = set()
    lives = [_life(each, taken, operations) for each in shows if each.makers]
    _further_shows(lives, shows)
    further_roles(lives, operations)
    return lives


def _may_create(operation: OperationFacts, shows: Sequence[_Shown]) -> bool:
    """Whether it may create anything: it is posted, or put where nothing is yet."""
    if operation.method == "put":
        return not any(tail(operation.path, shown.base) is not None for shown in shows)
    return operation.method == "post" and not any(operation is shown.facts for shown in shows)


def _further_shows(lives: Sequence[Lifecycle], shows: Sequence[_Shown]) -> None:
    """What shows the same job elsewhere, which nothing of its own creates: by its states, its noun, its parameter."""
    known = [(life, each) for life in lives for each in shows if each.facts.name == life.show]
    for other in [each for each in shows if not each.makers]:
        found = [
            (shared(other.facts.path, shown.facts.path), life) for life, shown in known if _shows_the_same(other, shown)
        ]
        if found:
            life = max(found, key=lambda row: row[0])[1]
            at = other.told.at.removesuffix(life.state_in)
            at = at if other.told.at.endswith(life.state_in) else above(other.told.at)
            why = f"it tells {other.told.at} of what {life.show} shows"
            life.roles.append(Role(other.facts.name, "show", why, "whether it is about the same jobs", at=at))


def _shows_the_same(other: _Shown, shown: _Shown) -> bool:
    is_named = letters(other.parameter) == letters(shown.parameter) and letters(other.parameter) not in _PLAIN
    is_alike = noun(other.collection) == noun(shown.collection)
    states = bool(other.told.states) and {*other.told.states} == {*shown.told.states}
    same_model = bool(shown.model) and other.model == shown.model
    return (is_named and (states or is_alike or same_model)) or (is_alike and (states or same_model or is_named))


def _shows(operations: Sequence[OperationFacts]) -> list[_Shown]:
    """What shows one thing with a state; of several about the same thing the one at its own path, else the first."""
    found: dict[str, _Shown] = {}
    for each in operations:
        parameter = last_parameter(each.path) or _id_of_query(each)
        told_by = state_field(each.shows, parameter) if each.gives_json else None
        is_bare = told_by is None and _may_be_a_job(each)
        told_by = StateField("/status", {}, 0) if is_bare else told_by
        if told_by is None and each.gives_json and parameter and (_is_of_work(each) or _tells_done(each)):
            told_by = StateField("", {}, 0, "no field tells one: the usual words")
        if told_by is None or not parameter or not _only_shows(each):
            continue
        base = base_of(each.path) if last_parameter(each.path) else each.path
        made = _Shown(each, told_by, base, parameter, is_bare)
        before = found.get(base)
        if (
            before is None
            or (before.is_bare and not is_bare)
            or (not before.told.at and told_by.at)
            or (each.path == base and before.facts.path != base and told_by.states)
        ):
            found[base] = made
    return [*found.values()]


def _may_be_a_job(operation: OperationFacts) -> bool:
    """Whether it shows one thing that takes its time by its noun, and the document does not say how it looks."""
    is_of_one = "{" in operation.path.rpartition("/")[2] and operation.method == "get"
    return is_of_one and operation.is_bare and noun(above(operation.path)).rpartition("_")[2] in JOBS


def _is_of_work(operation: OperationFacts) -> bool:
    """Whether it shows a job by its noun, though nothing in its answer tells a state."""
    *_, last = segments(operation.path)
    collection = above(operation.path) if "{" in last else ""
    return operation.method == "get" and bool({*noun(collection).split("_")[-1:]} & WORK)


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


def _score(maker: OperationFacts, shown: _Shown, shows: Sequence[_Shown]) -> tuple[int, str, str]:
    """How likely a request creates what is shown there: points, where its answer has the id, and why."""
    below = tail(maker.path, shown.base)
    if _is_of_one(maker) and not _is_posted_to(maker, shown, shows):
        if below is not None or not _is_begun_by(maker, shown):
            return 0, "", ""
    if shown.is_bare and maker.is_bare:
        return _score_of_bare(maker, shown)
    if not maker.gives_json:
        return _score_of_headers(maker, shown)
    if below and any(each.form == "binary" for each in maker.sends.values()):
        return 0, "", ""  # bytes for something that is there
    points, at = _id_in(maker, shown, shows)
    if not at:
        return 0, "", ""
    signs = [(points, f"it is answered with {at}"), *_signs(maker, shown, points)]
    if len(shows) == 1 and len(maker.shows) <= _FEW and not shown.is_posted:
        signs.append((3, "nothing else shows a state"))
    signs.append((4 if not shown.is_bare and _begins(maker, shown) else 0, "its words say that it begins work"))
    if points < 3 and not any(each > 2 for each, _ in signs):
        return 0, "", ""
    score = sum(each for each, _ in signs) - (0 if shown.told.at else 2)
    if score < (_LEAST if shown.told.states else _LEAST_UNLISTED):
        return 0, "", ""
    return score, at, "; ".join(why for each, why in signs if each)


def _score_of_bare(maker: OperationFacts, shown: _Shown) -> tuple[int, str, str]:
    """The same where nothing is known of either answer: told by the paths alone."""
    below = tail(maker.path, shown.collection)
    if below == []:
        return 5, "/id", f"it is posted to {shown.collection}; the document does not say how it is answered"
    if maker.path.rpartition("/")[2] == shown.collection.rpartition("/")[2]:
        return 4, "/id", f"its path ends as {shown.collection}; the document does not say how it is answered"
    if below:
        return 3, "/id", f"its path is below {shown.collection}; the document does not say how it is answered"
    return 0, "", ""


def _score_of_headers(maker: OperationFacts, shown: _Shown) -> tuple[int, str, str]:
    """The same where an answer has no body, and a header says where the job is, or which it is."""
    below = tail(maker.path, shown.collection)
    found = [each for each in maker.headers if tells_job(each)]
    if maker.media or not found or not (below == [] or shared(maker.path, shown.facts.path)):
        return 0, "", ""
    return 6 if below == [] else 5, f"header.{found[0]}", f"its answer has the header {found[0]}"


def _begins(maker: OperationFacts, shown: _Shown) -> bool:
    """Whether an operation says that it begins work, and work is what is shown."""
    words = {*parts(maker.title), *parts(maker.name), *parts(maker.path.rpartition("/")[2])}
    is_of_work = bool({*noun(shown.collection).split("_")} & WORK)
    return is_of_work and bool(words & BEGINS) and maker.method == "post"


def _words_shared(maker: OperationFacts, shown: _Shown) -> int:
    """How many of the words of a collection's path the maker says in its path or its title."""
    said = letters(maker.path + maker.title + maker.name)
    words = {word for each in segments(shown.collection) if "{" not in each for word in map(stem, parts(each))}
    return 100 * sum(len(each) > 2 and each in said for each in words) - len(words)


def _is_of_one(operation: OperationFacts) -> bool:
    """Whether a request is about a thing that is there: it names it last, or does something to it."""
    *before, last = ["", *segments(operation.path)]
    return "{" in last or ("{" in before[-1] and (parts(last) or [""])[0] in ACTIONS)


def _is_posted_to(maker: OperationFacts, shown: _Shown, shows: Sequence[_Shown]) -> bool:
    """Whether it is posted where such things are, by a path that ends with what holds them: `/jobs/{account}`."""
    is_one = any(tail(maker.path, each.base) is not None for each in shows)
    return tail(maker.path, shown.collection) == [] and "{" in maker.path.rpartition("/")[2] and not is_one


def _is_begun_by(maker: OperationFacts, shown: _Shown) -> bool:
    """Whether an action on something else is answered with what is shown there: `/workflows/{id}/run` with a job."""
    *_, last = segments(maker.path)
    is_begun = ACTIONS.get((parts(last) or [""])[0], "run") == "run"
    return "{" not in last and is_begun and bool(shown.model) and maker.models.get("") == shown.model


def _signs(maker: OperationFacts, shown: _Shown, named: int) -> list[tuple[int, str]]:
    own = state_field(maker.shows, shown.parameter)
    same_model = bool(shown.model) and shown.model in maker.models.values()
    same_states = own is not None and bool(own.states) and own.states == shown.told.states
    below = tail(maker.path, shown.collection) if shown.base != shown.facts.path or "{" in shown.base else None
    is_near = bool(below) or (below is None and shared(maker.path, shown.facts.path) > 0)
    return [
        (5 if below == [] else 0, f"it is posted to {shown.collection}"),
        (
            (3 if same_model or same_states or named > 2 or not maker.models else 1) if is_near else 0,
            "its path is near",
        ),
        (4 if same_model else 0, f"it is answered as {shown.facts.name} answers"),
        (3 if same_states else 0, "its answer tells the same states"),
        (2 if named > 2 and own is not None and not same_states else 0, "its answer tells a state"),
        (2 if named > 2 and not shown.told.states and noun(shown.collection) in WORK else 0, "such things are work"),
        (2 if _names(maker, shown) else 0, f"its answer is about a {noun(shown.collection)}"),
    ]


def _names(maker: OperationFacts, shown: _Shown) -> bool:
    """Whether the answer names the kind of thing: `job_id`, `TaskResponse`."""
    word = noun(shown.collection).rpartition("_")[2]
    said = [each.rpartition("/")[2] for each in (*maker.shows, *maker.models.values()) if not each.startswith("[")]
    return bool(word) and any(word in map(stem, parts(each)) for each in said)


def _id_in(maker: OperationFacts, shown: _Shown, shows: Sequence[_Shown]) -> tuple[int, str]:
    """Where an answer has the id that the other takes, and how sure that is."""
    wanted, word = letters(shown.parameter), letters(noun(shown.collection))
    found = [(0, "")]
    for at, each in maker.shows.items():
        names = at.split("/")[1:]
        if not names or len(names) > 3 or each.kind not in ("string", "integer", ""):
            continue
        if "*" in names and not _is_of_created(maker, shown, at):
            continue
        points = _points(letters(names[-1]), letters(stem(names[-2])) if len(names) > 1 else "", wanted, word)
        found.append((4 * points - len(names) if points else 0, at.replace("/*", "/0")))
    points, at = max(found, key=lambda row: row[0])
    if not points:
        others = {letters(each.parameter) for each in shows if letters(each.parameter) not in _PLAIN}
        points, at = _lone_id(maker, shown)
        return (points, at) if letters(at) not in others else (0, "")
    return ((points + len(at.split("/")) - 1) // 4, at) if points else (0, "")


def _is_of_created(maker: OperationFacts, shown: _Shown, at: str) -> bool:
    """Whether a list in an answer is of what was created: posted where they are, each as one of them is shown."""
    above_all = at.partition("/*")[0]
    if at.count("*") > 1 or tail(maker.path, shown.collection) is None or above_all.count("/") > 1:
        return False
    return not shown.model or maker.models.get(f"{above_all}/*", "") in ("", shown.model)


def _lone_id(maker: OperationFacts, shown: _Shown) -> tuple[int, str]:
    """An id by another name: the only field that ends so, the only field at all, or the name of a whole path."""
    tops = [at for at in maker.shows if at.count("/") == 1]
    ids = [at for at in tops if letters(at).endswith(("id", "uuid"))]
    if len(ids) == 1:
        return 1, ids[0]
    if len(tops) == 1 and maker.shows[tops[0]].kind == "string":
        return 1, tops[0]
    at = f"{above(shown.told.at)}/{NAME}"
    same = bool(shown.model) and shown.model in maker.models.values()
    return (1, at) if same and at in maker.shows else (0, "")


def _points(name: str, holder: str, wanted: str, word: str) -> int:
    if name == wanted and name not in _PLAIN:
        return 3
    if name in _PLAIN:
        return 3 if holder and holder in (word, wanted.removesuffix("id")) else 2
    if name in (f"{word}id", f"{word}uuid", f"{word}sid") and word:
        return 3
    return 1 if name in ("taskid", "jobid", "requestid", "operationid") else 0


def _states(shown: _Shown, operations: Sequence[OperationFacts]) -> tuple[dict[str, str], str]:
    """What the states mean, and where they were read if not beside the state itself."""
    if shown.told.states:
        return shown.told.states, shown.told.why
    name = shown.told.at.rpartition("/")[2]
    around = [each for each in operations if not shown.is_bare and tail(each.path, shown.collection) is not None]
    for each in [*(maker for _, maker, *_ in shown.makers), *around]:
        found = states_anywhere(each.shows, name)
        if found and (each.models.keys() or each.shows):
            return found, f"what {each.name} lists"
    return dict(USUAL), ""


def _life(shown: _Shown, taken: set[str], operations: Sequence[OperationFacts]) -> Lifecycle:
    states, read = _states(shown, operations)
    life = Lifecycle(
        _name(shown, taken, states),
        shown.facts.name,
        shown.told.at,
        states,
        id_parameter=shown.parameter,
        is_bare=shown.is_bare,
    )
    why = "it names one thing that takes its time" if shown.is_bare else f"it names one thing and tells {shown.told.at}"
    look = "how it is answered: the document does not say" if shown.is_bare else ""
    life.roles.append(Role(shown.facts.name, "show", why, look, at=life.at))
    for _, maker, at, reason in sorted(shown.makers, key=lambda row: -row[0]):
        life.roles.append(Role(maker.name, "create", reason, id_at=at))
    life.guesses = told(states, shown.told.at, is_listed=bool(shown.told.states), why=read)
    return life


def _name(shown: _Shown, taken: set[str], states: dict[str, str]) -> str:
    """A name of its own for what is shown: its noun, with the word before it where that is taken."""
    base = noun(shown.collection) or "job"
    before = noun(above(shown.collection))
    several = (base, f"{before}_{base}" if before else f"{base}_job", *(f"{base}_{n}" for n in range(2, 100)))
    free = next(each for each in several if each[:1].isalpha() and each not in taken and each not in states)
    taken.add(free)
    return free
