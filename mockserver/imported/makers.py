"""How likely a request creates what another one shows: points for each sign, and why. A part of `inference`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from mockserver.imported.addresses import PARAMETER, above, noun, segments, shared, tail
from mockserver.imported.facts import NAME, OperationFacts
from mockserver.imported.lexicon import (
    ACTIONS,
    BEGINS,
    COPIES,
    FILLERS,
    FURTHER,
    JOBS,
    NAMES,
    PLAIN,
    SENT_TO,
    WORK,
    abbreviates,
    is_plain_id,
    letters,
    parts,
    stem,
    tells_job,
)  # fmt: skip
from mockserver.imported.shows import ShowOperation
from mockserver.imported.stages import state_field

_LEAST = 5
"""A creation scores at least so much: half of what all signs together give."""
_LEAST_UNLISTED, _FEW = 7, 5
"""The same where the states of what it is thought to create are listed nowhere; few fields."""
_CREATES = frozenset(["create", "start", "submit", "begin", "launch", "new", "queue", "enqueue"])
"""First words of a title that says what comes of a request; what they are about follows."""
_NOUNS = frozenset(["schedule", "queue", "trigger", "launch"])
"""Words that begin work where a title begins with them, and else may be what is created: `Create a job schedule`."""
_ASKS = frozenset(["list", "search", "query", "filter", "all", "status"])
"""Last words of what is posted to ask for things that are there."""


def signs(maker: OperationFacts, shown: ShowOperation, shows: Sequence[ShowOperation]) -> tuple[int, str, str]:
    """How likely a request creates what is shown there: points, where its answer has the id, and why."""
    below = tail(maker.path, shown.base, is_loose=True)
    if _is_about_one(maker, shown, shows, below):
        return 0, "", ""
    if shown.is_bare and maker.is_bare:
        return _score_of_bare(maker, shown)
    if not maker.gives_json:
        return _score_of_headers(maker, shown, is_only=len(shows) == 1 and not shown.is_posted)
    if below and any(send.form == "binary" for send in maker.sends.values()):
        return 0, "", ""  # bytes for something that is there
    points, at = _id_in(maker, shown, shows)
    is_led = bool({*map(letters, maker.headers)} & {*SENT_TO})
    if not at or (is_led and not letters(at).endswith(("id", "name", "key"))):
        is_only = len(shows) == 1 and not shown.is_posted
        return _score_of_headers(maker, shown, is_only=is_only) if is_led else (0, "", "")
    found = [(points, f"it is answered with {at}"), *_further(maker, shown, shows, points)]
    if len(shows) == 1 and len(maker.shows) <= _FEW and not shown.is_posted:
        found.append((3, "nothing else shows a state"))
    found.append((4 if not shown.is_bare and _begins(maker, shown) else 0, "its words say that it begins work"))
    if points < 3 and not any(each > 2 for each, _ in found):
        return 0, "", ""
    score = sum(each for each, _ in found) - (0 if shown.told.is_sure else 2)
    is_told = bool(shown.told.states) or not shown.told.is_sure  # of work nothing more is asked
    if score < (_LEAST if is_told else _LEAST_UNLISTED):
        return 0, "", ""
    return score, at, "; ".join(why for each, why in found if each)


def _score_of_bare(maker: OperationFacts, shown: ShowOperation) -> tuple[int, str, str]:
    """The same where nothing is known of either answer: told by the paths alone."""
    below = tail(maker.path, shown.collection)
    if below == []:
        return 5, "/id", f"it is posted to {shown.collection}; the document does not say how it is answered"
    if maker.path.rpartition("/")[2] == shown.collection.rpartition("/")[2]:
        return 4, "/id", f"its path ends as {shown.collection}; the document does not say how it is answered"
    if below:
        return 3, "/id", f"its path is below {shown.collection}; the document does not say how it is answered"
    return 0, "", ""


def _score_of_headers(maker: OperationFacts, shown: ShowOperation, *, is_only: bool) -> tuple[int, str, str]:
    """The same where no body tells an id, and a header says where the job is, or which it is."""
    below = tail(maker.path, shown.collection)
    found = [header for header in maker.headers if tells_job(header)]
    if not found or not (below == [] or is_only or (not maker.media and shared(maker.path, shown.facts.path))):
        return 0, "", ""
    return 6 if below == [] else 5, f"header.{found[0]}", f"its answer has the header {found[0]}"


def _begins(maker: OperationFacts, shown: ShowOperation) -> bool:
    """Whether an operation says that it begins work, and work is what is shown."""
    said = [*map(parts, (maker.title, maker.name, maker.path.rpartition("/")[2]))]
    words = {word for each in said for n, word in enumerate(each) if n == 0 or word not in _NOUNS}
    is_of_work = bool({*noun(shown.collection).split("_")} & WORK)
    return is_of_work and bool(words & BEGINS) and maker.method == "post"


def words_shared(maker: OperationFacts, shown: ShowOperation) -> int:
    """How many of the words of a collection's path the maker says in its path or its title."""
    said = letters(maker.path + maker.title + maker.name)
    words = {word for segment in segments(shown.collection) if "{" not in segment for word in map(stem, parts(segment))}
    return 100 * sum(len(each) > 2 and each in said for each in words) - len(words)


def _is_of_one(operation: OperationFacts) -> bool:
    """Whether a request is about a thing that is there: it names it last, or does something to it."""
    found = ["", "", "", *segments(operation.path)]
    last, holder = found[-1], found[-3] if found[-2] in FILLERS else found[-2]
    return "{" in last or ("{" in holder and (parts(last) or [""])[0] in ACTIONS)


def _is_about_one(
    maker: OperationFacts, shown: ShowOperation, shows: Sequence[ShowOperation], below: list[str] | None
) -> bool:
    """Whether a request does something to what is there, and makes nothing that is shown."""
    if _only_tries(maker, shown):
        return True
    if below is not None:
        return not _copies(below) and (_is_of_one(maker) or _names_it(maker, shown) or _adds_another(maker, shown))
    return _is_of_one(maker) and not _is_posted_to(maker, shown, shows) and not _is_begun_by(maker, shown)


def _only_tries(maker: OperationFacts, shown: ShowOperation) -> bool:
    """Whether what is sent, or is there, is only held against the rules: `/jobs/validate`."""
    below = tail(maker.path, shown.collection)
    return letters(below[-1] if below else "") in ("validate", "validation")


def _adds_another(maker: OperationFacts, shown: ShowOperation) -> bool:
    """Whether a request below one of what is shown is answered as something else: `/jobs/{id}/comments`."""
    own = state_field(maker.shows, shown.parameter)
    is_alike = bool(shown.model) and shown.model in maker.models.values()
    return maker.gives_json and not is_alike and own is None


def _is_posted_to(maker: OperationFacts, shown: ShowOperation, shows: Sequence[ShowOperation]) -> bool:
    """Whether it is posted where such things are, by a path that ends with what holds them: `/jobs/{account}`."""
    is_one = any(tail(maker.path, each.base) is not None for each in shows)
    return tail(maker.path, shown.collection) == [] and "{" in maker.path.rpartition("/")[2] and not is_one


def is_about(operation: OperationFacts, shown: ShowOperation) -> bool:
    """Whether a request does something to one of what is shown, and is answered with that one."""
    below = tail(operation.path, shown.base, is_loose=True)
    same = bool(shown.model) and operation.models.get(above(shown.told.at)) == shown.model
    return below is not None and same and not _copies(below)


def _copies(below: Sequence[str]) -> bool:
    """Whether another one is made of what is there: `/runs/{id}/replay`."""
    return len(below) == 1 and (parts(below[0]) or [""])[0] in COPIES


def _names_it(maker: OperationFacts, shown: ShowOperation) -> bool:
    """Whether a request says which one it is about, by the name that its id has."""
    wanted = letters(shown.parameter)
    return wanted not in NAMES and any(letters(each) == wanted for each in PARAMETER.findall(maker.path))


def _is_begun_by(maker: OperationFacts, shown: ShowOperation) -> bool:
    """Whether an action on something else is answered with what is shown there: `/workflows/{id}/run` with a job."""
    *_, last = segments(maker.path)
    wanted = letters(shown.parameter)
    told = [letters(at) for at in maker.shows if at.count("/") == 1]
    if wanted not in NAMES and wanted in told and not _names_it(maker, shown):
        return True
    is_begun = ACTIONS.get((parts(last) or [""])[0], "run") == "run"
    return "{" not in last and is_begun and maker.models.get("", "-") in (shown.model, shown.whole)


def _further(
    maker: OperationFacts, shown: ShowOperation, shows: Sequence[ShowOperation], named: int
) -> list[tuple[int, str]]:
    own = state_field(maker.shows, shown.parameter)
    same_model = bool(shown.model) and shown.model in maker.models.values()
    same_states = own is not None and bool(own.states) and own.states == shown.told.states
    below = tail(maker.path, shown.collection) if shown.base != shown.facts.path or "{" in shown.base else None
    is_near = bool(below) or (below is None and shared(maker.path, shown.facts.path) > 0)
    is_work = bool({*noun(shown.collection).split("_")} & WORK)
    is_beside = shown.facts.method == "post" and above(maker.path) == above(shown.facts.path)
    return [
        (5 if below == [] else 0, f"it is posted to {shown.collection}"),
        (5 if _copies(tail(maker.path, shown.base, is_loose=True) or ()) else 0, "it makes another one of one"),
        (5 if is_beside and named > 2 else 0, f"it stands beside {shown.facts.name}"),
        (
            (3 if same_model or same_states or named > 2 or not maker.models else 1) if is_near else 0,
            "its path is near",
        ),
        (3 if _ends_alike(maker, shown) else 0, f"its path ends with {noun(shown.collection)}"),
        (4 if same_model else 0, f"it is answered as {shown.facts.name} answers"),
        (3 if same_states else 0, "its answer tells the same states"),
        (2 if named > 2 and own is not None and not same_states else 0, "its answer tells a state"),
        (2 if named > 2 and noun(shown.collection) in WORK else 0, "such things are work"),
        (3 if maker.status == 202 and is_work else 0, "it is accepted, and no more"),
        (5 if named > 0 and _tells_where(maker, shown) else 0, f"its text names {shown.collection}"),
        (4 if named > 0 and _says_it_creates(maker, shown, shows) else 0, f"its title says: {maker.title[:60]}"),
        (2 if _names(maker, shown) else 0, f"its answer is about a {noun(shown.collection)}"),
    ]


def _tells_where(maker: OperationFacts, shown: ShowOperation) -> bool:
    """Whether the prose about it, or about a field of its answer, names the path where what it creates is shown.

    The last word of such a path counts where it is no word of a language: `image-projects`.
    """
    *_, last = ["", *segments(shown.collection)]
    if "{" in last or len(parts(last)) < 2:
        return False
    return any(last in each for each in (maker.prose, *(field.said for field in maker.shows.values())))


def _says_it_creates(maker: OperationFacts, shown: ShowOperation, shows: Sequence[ShowOperation]) -> bool:
    """Whether the title says that one of what is shown is created: `Create a task`, and no `Create a task folder`.

    What is done to one that is there, or is posted where other things are, creates none, whatever it is called.
    """
    first, *rest = [*map(stem, parts(maker.title)), ""]
    *_, head = ["", *takewhile(lambda word: word and word not in FURTHER, rest)]
    is_of_one = tail(maker.path, shown.base, is_loose=True) is not None
    is_elsewhere = any(tail(maker.path, each.collection) == [] for each in shows if each is not shown)
    is_said = first in _CREATES and head == noun(shown.collection).rpartition("_")[2]
    return is_said and maker.method == "post" and not is_of_one and not is_elsewhere


def _ends_alike(maker: OperationFacts, shown: ShowOperation) -> bool:
    """Whether a path ends with the word of what is shown: `/templates/render` beside `/render/{id}`."""
    *_, last = ["", *segments(maker.path)]
    return tail(maker.path, shown.collection) is None and stem(letters(last)) == letters(noun(shown.collection)) != ""


def _names(maker: OperationFacts, shown: ShowOperation) -> bool:
    """Whether the answer names the kind of thing: `job_id`, `TaskResponse`."""
    word = noun(shown.collection).rpartition("_")[2]
    said = [each.rpartition("/")[2] for each in (*maker.shows, *maker.models.values()) if not each.startswith("[")]
    return bool(word) and any(word in map(stem, parts(each)) for each in said)


def _id_in(maker: OperationFacts, shown: ShowOperation, shows: Sequence[ShowOperation]) -> tuple[int, str]:
    """Where an answer has the id that the other takes, and how sure that is."""
    wanted, word = letters(shown.parameter), letters(noun(shown.collection))
    found = [(0, "")]
    for at, each in maker.shows.items():
        names = at.split("/")[1:]
        if not names or len(names) > 3 or each.kind not in ("string", "integer", ""):
            continue
        is_own = letters(names[-1]) in (f"{word}id", wanted) and letters(names[-1]) not in PLAIN
        if "*" in names and not (_is_of_created(maker, shown, at) or (is_own and _may_make_several(maker, shown, at))):
            continue
        points = _points(letters(names[-1]), letters(stem(names[-2])) if len(names) > 1 else "", wanted, word)
        found.append((4 * points - len(names) if points else 0, at.replace("/*", "/0")))
    points, at = max(found, key=lambda row: row[0])
    if not points:
        others = {letters(each.parameter) for each in shows if letters(each.parameter) not in PLAIN}
        points, at = _lone_id(maker, shown)
        return (points, at) if letters(at) not in others else (0, "")
    return ((points + len(at.split("/")) - 1) // 4, at) if points else (0, "")


def _may_make_several(maker: OperationFacts, shown: ShowOperation, at: str) -> bool:
    """Whether what is posted where such things are may be answered with several of them, and asks for none."""
    below = tail(maker.path, shown.collection)
    return below is not None and at.count("*") == 1 and not {*map(letters, below)} & _ASKS


def _is_of_created(maker: OperationFacts, shown: ShowOperation, at: str) -> bool:
    """Whether a list in an answer is of what was created: posted where they are, each as one of them is shown."""
    above_all = at.partition("/*")[0]
    if at.count("*") > 1 or tail(maker.path, shown.collection) is None or above_all.count("/") > 1:
        return False
    return not shown.model or maker.models.get(f"{above_all}/*", "") in ("", shown.model)


def _lone_id(maker: OperationFacts, shown: ShowOperation) -> tuple[int, str]:
    """An id by another name: the only field that ends so, the only field at all, or the name of a whole path."""
    tops = [at for at in maker.shows if at.count("/") == 1]
    ids = [at for at in tops if letters(at).endswith(("id", "uuid"))]
    if len(ids) == 1:
        return 1, ids[0]
    if len(tops) == 1 and maker.shows[tops[0]].kind == "string":
        return 1, tops[0].replace("/*", "/0")
    at = f"{above(shown.told.at)}/{NAME}"
    same = bool(shown.model) and shown.model in maker.models.values()
    return (1, at) if same and at in maker.shows else (0, "")


def _points(name: str, holder: str, wanted: str, word: str) -> int:
    if name == wanted and name not in PLAIN:
        return 3
    if name in PLAIN:
        return 3 if holder and holder in (word, wanted.removesuffix("id")) else 2
    if name in (f"{word}id", f"{word}uuid", f"{word}sid") and word:
        return 3
    if is_plain_id(name, wanted):
        return 2
    if word in WORK | JOBS and abbreviates(name, word):
        return 3
    return 1 if name in ("taskid", "jobid", "requestid", "operationid") else 0
