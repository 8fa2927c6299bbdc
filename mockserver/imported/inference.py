"""Which operations make up the life of a job: who submits, shows, lists, cancels it, who delivers what it led to.

From what is known of operations (`facts`) to lifecycles with a reason for every guess. Knows no document and no
contract: whatever can say how operations look, a document or a recording, can ask.

An operation that shows one thing, with a field that tells a state, is a `show`. What is posted, and answered with the
id of such a thing, creates it. Everything else is told by its path, its method and its words (`roles`).
"""

from __future__ import annotations

from collections.abc import Sequence

from mockserver.imported.addresses import above, noun, shared, tail
from mockserver.imported.facts import Lifecycle, OperationFacts, OperationRole
from mockserver.imported.lexicon import ASKS, PLAIN, letters, parts
from mockserver.imported.makers import is_about, signs, words_shared
from mockserver.imported.roles import further_roles
from mockserver.imported.shows import ShowOperation, found_shows
from mockserver.imported.stages import USUAL, guessed_states, respelled, states_anywhere


def lifecycles(operations: Sequence[OperationFacts]) -> list[Lifecycle]:
    """The lives of jobs that these operations tell, in the order of the operations that show them."""
    shows = found_shows(operations)
    for shown in shows:
        posted = (operation.path for operation in operations if operation.method == "post")
        shown.is_posted = any(tail(path, shown.collection) == [] for path in posted)
    for operation in operations:
        if _may_create(operation, shows):
            _add_maker(operation, shows)
    _add_variants(operations, shows)
    taken: set[str] = set()
    lives = [_life(each, taken, operations) for each in shows if each.makers]
    _further_shows(lives, shows)
    further_roles(lives, operations)
    return lives


def _add_maker(operation: OperationFacts, shows: Sequence[ShowOperation]) -> None:
    """Let what an operation most likely creates know of it: where it is posted, before what is near by other signs.

    Of two as likely it is the one whose words it says.
    """
    if any(is_about(operation, shown) for shown in shows):
        return
    found = [(signs(operation, shown, shows), shown) for shown in shows]
    likely = [(points, at, why, shown) for (points, at, why), shown in found if points]
    if likely:
        points, at, why, best = max(
            likely, key=lambda row: (row[0] + _posted(operation, row[3]), words_shared(operation, row[3]))
        )
        best.makers.append((points, operation, at, why))


def _posted(operation: OperationFacts, shown: ShowOperation) -> int:
    """What it is worth, towards other signs, that something is posted right where such things are."""
    return 2 if tail(operation.path, shown.collection) == [] else 0


def _add_variants(operations: Sequence[OperationFacts], shows: Sequence[ShowOperation]) -> None:
    """Let a request that creates, and says more in its path, be answered as the one that says it in its body."""
    known = {each.name for shown in shows for _, each, *_ in shown.makers}
    for shown in shows:
        for points, maker, at, _ in [*shown.makers]:
            for operation in operations:
                inner = (
                    tail(operation.path, maker.path)
                    if operation.method == "post" and operation.name not in known
                    else None
                )
                same = maker.models.get("") and operation.models.get("") == maker.models[""]
                is_one = tail(operation.path, shown.base, is_loose=True) is not None
                if inner and same and not is_one and all("{" in part for part in inner):
                    known.add(operation.name)
                    shown.makers.append((points, operation, at, f"it is answered as {maker.name} answers"))


def _may_create(operation: OperationFacts, shows: Sequence[ShowOperation]) -> bool:
    """Whether it may create anything: it is posted, or put where nothing is yet."""
    if operation.method == "put":
        return not any(tail(operation.path, shown.base) is not None for shown in shows)
    if letters((parts(operation.path.rpartition("/")[2]) or [""])[0]) in ASKS:
        return False
    return operation.method == "post" and not any(operation is shown.facts for shown in shows)


def _further_shows(lives: Sequence[Lifecycle], shows: Sequence[ShowOperation]) -> None:
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
            life.roles.append(OperationRole(other.facts.name, "show", why, "whether it is about the same jobs", at=at))


def _shows_the_same(other: ShowOperation, shown: ShowOperation) -> bool:
    is_named = letters(other.parameter) == letters(shown.parameter) and letters(other.parameter) not in PLAIN
    is_alike = noun(other.collection) == noun(shown.collection)
    states = bool(other.told.states) and {*other.told.states} == {*shown.told.states}
    same_model = bool(shown.model) and other.model == shown.model
    return (is_named and (states or is_alike or same_model)) or (is_alike and (states or same_model or is_named))


def _states(shown: ShowOperation, operations: Sequence[OperationFacts]) -> tuple[dict[str, str], str]:
    """What the states mean, and where they were read if not beside the state itself."""
    if shown.told.states or not shown.told.at:
        return shown.told.states or dict(USUAL), shown.told.why
    name = shown.told.at.rpartition("/")[2]
    around = [
        operation
        for operation in operations
        if not shown.is_bare and tail(operation.path, shown.collection) is not None
    ]
    for each in [*(maker for _, maker, *_ in shown.makers), *around]:
        found = states_anywhere(each.shows, name)
        if found and (each.models.keys() or each.shows):
            return found, f"what {each.name} lists"
    return dict(USUAL), ""


def _life(shown: ShowOperation, taken: set[str], operations: Sequence[OperationFacts]) -> Lifecycle:
    states, read = _states(shown, operations)
    life = Lifecycle(
        _name(shown, taken, states),
        shown.facts.name,
        shown.told.at,
        states,
        id_parameter=shown.parameter,
        is_bare=shown.is_bare,
        base=shown.base,
        is_number=shown.is_number,
    )
    why = "it names one thing that takes its time"
    why += "" if shown.is_bare or not shown.told.at else f", and tells {shown.told.at}"
    look = "how it is answered: the document does not say" if shown.is_bare else ""
    life.roles.append(OperationRole(shown.facts.name, "show", why, look, at=life.at))
    for _, maker, at, reason in sorted(shown.makers, key=lambda row: -row[0]):
        life.roles.append(OperationRole(maker.name, "create", reason, id_at=at))
    life.guesses = guessed_states(shown.told, states, life.name, read)
    listed = shown.facts.shows.get(shown.told.at)
    life.guesses += respelled(shown.told, listed.values) if listed else []
    return life


def _name(shown: ShowOperation, taken: set[str], states: dict[str, str]) -> str:
    """A name of its own for what is shown: its noun, with the word before it where that is taken."""
    base = noun(shown.collection) or "job"
    before = noun(above(shown.collection))
    several = (base, f"{before}_{base}" if before else f"{base}_job", *(f"{base}_{n}" for n in range(2, 100)))
    free = next(each for each in several if each[:1].isalpha() and each not in taken and each not in states)
    taken.add(free)
    return free
