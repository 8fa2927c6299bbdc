"""An answer about a part of a job, `/jobs/{id}/artifacts/{name}`: what in it is the part's own and not the job's.

Changes what was told of it; knows no document.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver import pointers
from mockserver.imported.addresses import segments
from mockserver.imported.facts import Lifecycle
from mockserver.imported.late import AnswerDraft
from mockserver.imported.lexicon import PLAIN, letters, parts, stem


def as_part(told: AnswerDraft, path: str, part: str, life: Lifecycle, common: Mapping[str, Any]) -> None:
    """Let an answer show the id under which a part was asked for, and nothing that is told of its job but results.

    `part` is the parameter of the path that names it, `common` what is bound in all answers about the job.
    """
    own = _names(path, part)
    every = [life.names[each] for each, meaning in life.states.items() if meaning != "gone"]
    for at in (each for each in {*told.bindings, *common} if each.startswith("/")):
        value = pointers.get(told.example, at)
        if value is pointers.MISSING:
            continue
        name = letters(at.rpartition("/")[2])
        is_of_job = name in {letters(life.id_parameter), f"{letters(life.name)}id"} - {*own, *PLAIN}
        if at.count("/") == 1 and name in own and isinstance(value, str):
            told.bindings[at] = {"fact": f"call.path.{part}"}
        elif not _is_kept(told.bindings.get(at, common.get(at))) and not is_of_job:
            told.bindings[at] = {"when": {"state": every}}
    for at in (each for each, value in pointers.walk(told.example) if isinstance(value, str)):
        if at.count("/") == 1 and letters(at) in own:
            told.bindings[at] = {"fact": f"call.path.{part}"}


def _names(path: str, part: str) -> set[str]:
    """The names, by their letters, of the field that may tell which part it is."""
    found = segments(path)
    index = next((n for n, each in enumerate(found) if each == f"{{{part}}}"), 0)
    noun = letters("".join(map(stem, parts(found[index - 1])))) if index else ""
    return {*PLAIN, letters(part), f"{noun}id"}


def _is_kept(value: Any) -> bool:
    """Whether a binding shows what the job led to, or no fact at all."""
    said = value.get("fact", "") if isinstance(value, dict) else value
    return isinstance(said, str) and (said.startswith("result.") or not said)
