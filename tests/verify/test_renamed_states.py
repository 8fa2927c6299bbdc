"""A state that a server shows by another word now is told as that, and mended by one word where it never came else."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

from check_kit import OPENAPI, Mutation, good, show, write
from suggest_kit import Mended, loaded, mend

ANY_WORD = show("/components/schemas/Job/properties/status", {"type": "string"})
SHOWN = "/components/examples"


def written(folder: Path, *mutations: Mutation) -> Path:
    documents = deepcopy(good())
    for mutation in (ANY_WORD, *mutations):
        mutation(documents)
    return write(folder, documents)


def shown_as(word: str) -> Mutation:
    """The end of a job as another version of the vendor's shows it."""
    return show(f"{SHOWN}/Succeeded/value/status", word)


def mended(tmp_path: Path, *theirs: Mutation) -> tuple[Path, Mended]:
    own = written(tmp_path / "own" / "acme")
    vendor = loaded(written(tmp_path / "vendor" / "acme", *theirs))
    return own, mend(own, vendor, longest=60, limit=0, operations=["getJob"])


def test_one_word_in_the_place_of_one_is_told_and_mended(tmp_path: Path) -> None:
    own, found = mended(tmp_path, shown_as("finished"))
    (one,) = found.several
    assert one.drift.sentence.startswith(
        "state 'succeeded' is now 'finished' at /status, or 'finished' is a state that"
    )
    assert (one.drift.kind, one.drift.judgement) == ("other_value", "contract too strict")
    assert one.drift.pointer.endswith("/value/status")
    assert not one.is_left
    document: Any = json.loads((own / OPENAPI).read_text())
    assert document["components"]["examples"]["Succeeded"]["value"]["status"] == "finished"
    assert not found.after.drifts


def test_it_is_told_although_the_answers_differ_otherwise_too(tmp_path: Path) -> None:
    more, open_object = (
        show(f"{SHOWN}/Queued/value/surplus", 1),
        show("/components/schemas/Job/additionalProperties", True),
    )
    _, found = mended(tmp_path, shown_as("finished"), more, open_object)
    assert any(each.kind == "unknown_field" for each in found.before.drifts.values())
    assert any("state 'succeeded' is now 'finished'" in each.sentence for each in found.before.drifts.values())


def test_what_is_no_word_is_no_state_that_was_renamed(tmp_path: Path) -> None:
    _, found = mended(tmp_path, shown_as("it is done"))
    (one,) = found.several
    assert "is like none of the examples" in one.drift.sentence
    assert one.is_left
