"""A document of an API → a contract: what stands where. The parts do the work; writes no file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from mockserver import pointers
from mockserver.errors import ContractError, UsageError
from mockserver.imported.assembly import assembled
from mockserver.imported.bundling import UNREAD, bundled
from mockserver.imported.bundling import told as reference_told
from mockserver.imported.cutting import cut
from mockserver.imported.described import described, is_path, name_operations, operations
from mockserver.imported.dialect import Loosened, references
from mockserver.imported.discriminators import as_keys
from mockserver.imported.facts import Guess, Lifecycle, OperationRole
from mockserver.imported.identified import by_pointers
from mockserver.imported.inference import lifecycles
from mockserver.imported.others import of_further_methods, others
from mockserver.imported.reading import read, wrong
from mockserver.imported.refusals import never_given
from mockserver.imported.shown import describe_shown
from mockserver.imported.soundness import made_sound
from mockserver.imported.unsent import unsent
from mockserver.json_types import JsonObject

_NUMBERS = (3.0, 3.1, 3.2)
_MOST_REASONS = 3
"""So many causes are told of why nothing is left of a document."""


@dataclass
class Imported:
    """What became of a document. `vendor` is the part of it that the contract is made from, as the vendor has it.

    `total` is how many operations it has where paths were chosen, or in all; `others` those that it has not.
    """

    name: str
    file: str
    only: tuple[str, ...]
    openapi: JsonObject
    behavior: JsonObject
    vendor: JsonObject
    guesses: list[Guess]
    left: list[Guess] = field(default_factory=list)
    total: int = 0
    others: list[Guess] = field(default_factory=list)


def imported(path: Path, name: str, only: Sequence[str] = (), within: Path | None = None) -> Imported:
    """The contract of a document's jobs, or of the paths that are named. Raises ContractError or UsageError.

    `within` is the folder in which other files may stand that the document refers to; its own unless it is said.
    """
    document = opened(path, within)
    facts = [each for each in described(document, path.name) if is_chosen(each.path, only)]
    lives = lifecycles(facts)
    wanted = [role.operation for life in lives for role in life.roles]
    plain = [fact.name for fact in facts if fact.name not in wanted] if only else []
    if not wanted and not plain:
        raise UsageError(_nothing(path.name, only) + _because(document))
    loosened = Loosened()
    vendor = cut(document, {*wanted, *plain}, loosened, path.name)
    by_name = {fact.name: fact for fact in facts}
    openapi, behavior = assembled(vendor, lives, by_name, plain)
    try:
        left = made_sound(name, openapi, behavior)
    except ContractError as error:
        raise ContractError([replace(finding, file=path.name, line=0) for finding in error.findings]) from None
    guesses = [*_guesses(lives, behavior), *_plain(plain, behavior)]
    told = [Guess(first or "document", f"{count} ×", what) for what, (count, first) in loosened.told.items()]
    left = [
        *left,
        *never_given(vendor, openapi, behavior),
        *told,
        *_unreached(document),
        *of_further_methods(document),
        *unsent(document, lives, by_name),
    ]
    rest = others(facts, {*wanted, *plain})
    return Imported(name, path.name, tuple(only), openapi, behavior, vendor, guesses, left, len(facts), rest)


def opened(path: Path, within: Path | None = None) -> JsonObject:
    """The document of a file, each of its operations with a name. Raises ContractError or UsageError."""
    document = read(path)
    if isinstance(document.get("openapi"), float) and document["openapi"] in _NUMBERS:  # YAML without quotes
        document["openapi"] = f"{document['openapi']:.1f}.0"
    version = document.get("openapi")
    if "swagger" in document or not isinstance(version, str) or not version.startswith(("3.0", "3.1", "3.2")):
        word = "swagger" if "swagger" in document else "openapi"
        sentence = f"this is {_kind(document)}, and OpenAPI 3.0, 3.1 and 3.2 are read."
        remedy = "Record it anew." if _is_recording(document) else "Convert it with a converter first."
        raise wrong(path.name, f"/{word}" if word in document else "", sentence, remedy)
    if not isinstance(document.get("paths"), dict):
        raise wrong(path.name, "/paths", "the document has no paths.", "Name one that describes operations.")
    by_pointers(document)
    bundled(path, document, within)
    as_keys(document)
    name_operations(document, path.name)
    describe_shown(document, path.name)
    return document


def _is_recording(document: JsonObject) -> bool:
    return "log" in document and not {"openapi", "swagger"} & {*document}


def _kind(document: JsonObject) -> str:
    """What a document is that is not of a version that is read."""
    if "swagger" in document:
        return f"Swagger {document['swagger']}"
    if _is_recording(document):
        return "a recording in HAR without a list of entries"
    return f"OpenAPI {document['openapi']!r:.40}" if document.get("openapi") else "no OpenAPI document"


def is_chosen(path: str, only: Sequence[str]) -> bool:
    """Whether a path is one of those, or below one of them."""
    return not only or any(path == each or path.startswith((f"{each.rstrip('/')}/", f"{each}:")) for each in only)


def _nothing(file: str, only: Sequence[str]) -> str:
    if only:
        return f"{file} has no operation at {', '.join(only)}, nor below"
    return (
        f"no operation of {file} begins a job that another one shows by its id, with a state; name the paths that you"
        " want with --only"
    )


def _because(document: JsonObject) -> str:
    """What of a document may be the cause that nothing is found in it: paths and references that lead nowhere."""
    told = [f"{each.subject}: {each.why}" for each in _unreached(document)]
    told += [f"{reference}: {why}" for reference, why in document.get(UNREAD, {}).items()]
    lost = (
        each for _, each in references(document)
        if each.startswith("#/") and pointers.get(document, each[1:]) is pointers.MISSING
    )  # fmt: skip
    told += [f"{reference_told(each)}: the document refers to it and does not have it" for each in dict.fromkeys(lost)]
    return "".join(f"; {each:.200}" for each in told[:_MOST_REASONS])


def _guesses(lives: Sequence[Lifecycle], behavior: JsonObject) -> list[Guess]:
    """What each operation and each state was taken for, of those that are served."""
    rows: list[Guess] = []
    for life in lives:
        if life.name in behavior.get("resources", {}):
            served = [role for role in life.roles if role.operation in behavior["operations"]]
            rows += [_row(life, each, behavior) for each in served] + life.guesses
            rows.append(
                Guess(f"{life.name} times", "a few seconds, then success", "nothing tells them", "how long jobs take")
            )
    return rows


def _row(life: Lifecycle, role: OperationRole, behavior: JsonObject) -> Guess:
    words = behavior["operations"][role.operation]
    led = sorted({*words["to"].values()}) if isinstance(words.get("to"), dict) else []
    meaning = f"{words['verb']} {life.name}" + (f" → {', '.join(led)}" if led else "")
    return Guess(role.operation, meaning, role.why, role.look)


def _plain(names: Sequence[str], behavior: JsonObject) -> list[Guess]:
    return [
        Guess(name, "answer", "it is about no job", "its example") for name in names if name in behavior["operations"]
    ]


def _unreached(document: JsonObject) -> list[Guess]:
    """Paths that no request can have."""
    paths = dict.fromkeys(path for path, *_ in operations(document) if not is_path(path))
    why = "no request has such a path: it is empty, or has a query, a fragment or a blank"
    return [Guess(path or "the empty path", "left out", why) for path in paths]
