"""States whose words tell nothing: jobs pass them all the same, and the table says what was guessed or is missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from imported_kit import jobs, of, passed, thing

from mockserver.imported.facts import listing
from mockserver.imported.guessing import explained, guessed
from mockserver.imported.naming import name_of, names_of

TEXT = {"type": "string"}
MANY = [f"word{n}" for n in range(50)]


def states(status: Any) -> dict[str, Any]:
    """A document of jobs with such a field of their state."""
    return jobs(thing(id=TEXT, status=status))


def listed(*values: Any) -> dict[str, Any]:
    return {"type": "string", "enum": [*values]}


@pytest.mark.parametrize(("status", "wanted"), [
    ({"type": "integer", "enum": [0, 1, 2]}, [0, 1, 2]),
    ({"type": "integer", "enum": [3, 4]}, [3, 4]),
    ({"type": "integer", "enum": [1, 2, 3], "description": "1 = done, 2 = failed, 3 = waiting"}, [3, 1]),
    ({"type": "integer", "description": "One of 0: queued, 10: running, 20: finished and 30: failed"}, [0, 10, 20]),
    ({"type": "integer", "enum": [7, 8, 9], "x-enum-varnames": ["Finished", "Running", "Waiting"]}, [9, 8, 7]),
    (listed("⏳", "✅", "❌"), ["⏳", "✅"]),
    (listed("ожидание", "готово"), ["ожидание", "готово"]),
    (listed(*MANY), ["word0", "word49"]),
    (listed("on", "off", "yes", "no", "done"), ["on", "done"]),
    (listed("active", "suspended", "failed"), ["active", "failed"]),
    (listed("paused", "suspended"), ["paused", "suspended"]),
    (listed("queued", "alpha", "beta", "gamma", "failed"), ["queued", "gamma"]),
    (listed("in progress", "in_progress", "in-progress"), ["in progress", "in_progress", "in-progress"]),
])  # fmt: skip
def test_a_job_passes_states_by_what_is_known_of_them_else_by_their_place(
    status: Any, wanted: list[Any], tmp_path: Path
) -> None:
    made = of(tmp_path, states(status))
    assert passed(tmp_path, made) == wanted
    assert "/status" in {each.subject for each in made.guesses}


def test_states_that_yaml_takes_for_flags_and_numbers_are_the_texts_that_were_written(tmp_path: Path) -> None:
    text = """
openapi: 3.1.0
info: {title: Jobs, version: "1"}
paths:
  /jobs: {post: {responses: {201: &one {description: Yes, content: {application/json: {schema: {
    type: object, required: [id, status],
    properties: {id: {type: string}, status: {type: string, enum: [True, 1.0, on]}}}}}}}}}
  /jobs/{id}: {get: {responses: {200: *one}}}
"""
    made = of(tmp_path, text, name="vendor.yaml")
    assert passed(tmp_path, made) == ["True", "1.0", "on"]


def test_numbers_that_a_schema_of_texts_lists_are_texts(tmp_path: Path) -> None:
    made = of(tmp_path, states(listed(1, 2, True)))
    assert passed(tmp_path, made) == ["1", "2", "true"]
    assert any("was made one" in each.why for each in made.left)


@pytest.mark.parametrize(("status", "wanted"), [
    (listed("failed"), "/status lists failed, which tells no life"),
    (listed("failed", "cancelled"), "/status lists failed, cancelled, which tells no life"),
    ({"type": "integer"}, "/status tells it, and lists no values"),
])  # fmt: skip
def test_where_no_life_can_be_guessed_the_table_says_what_is_listed(status: Any, wanted: str, tmp_path: Path) -> None:
    rows = [each for each in of(tmp_path, states(status)).guesses if each.subject == "job states"]
    assert [each.why.partition(": ")[0] for each in rows] == [wanted]
    assert rows[0].look.startswith("write the vendor's states into the enum of /status in openapi.json")


def test_where_no_field_tells_a_state_it_is_said(tmp_path: Path) -> None:
    rows = [each for each in of(tmp_path, jobs(thing(id=TEXT, note=TEXT))).guesses if each.subject == "job states"]
    assert [each.why.partition(":")[0] for each in rows] == ["no field of the answer tells a state"]


def test_no_row_of_the_table_is_about_nothing(tmp_path: Path) -> None:
    for status in (listed("failed"), {"type": "integer"}, listed(*MANY), {"type": "boolean"}):
        made = of(tmp_path, states(status))
        assert all(each.subject.strip() and each.meaning and each.why for each in made.guesses)
        assert all(len(each.meaning) < 200 for each in made.guesses)


def test_a_result_that_only_success_has_is_there_where_no_state_says_that(tmp_path: Path) -> None:
    job = thing(["id", "status"], id=TEXT, status=listed("active", "failed"), url=TEXT | {"format": "uri"})
    assert passed(tmp_path, of(tmp_path, jobs(job))) == ["active", "failed"]


def test_what_is_no_job_has_no_life_by_the_place_of_its_values(tmp_path: Path) -> None:
    document = states(listed("a", "b"))
    document["paths"] = {each.replace("jobs", "things"): item for each, item in document["paths"].items()}
    with pytest.raises(Exception, match="begins a job"):
        of(tmp_path, document)


def test_prose_explains_values_by_words_that_are_known() -> None:
    said = "`P` - pending. R (running), D: Done; X: whatever"
    assert explained(["P", "R", "D", "X"], said) == {"P": "pending", "R": "running", "D": "Done"}
    assert guessed(["D", "R", "P"], said) == {"P": "queued", "R": "running", "D": "success"}
    assert guessed([]) == {}


def test_each_state_has_a_name_of_its_own() -> None:
    assert name_of("Fertig!") == "Fertig"
    assert name_of("⏳") == "hourglass_with_flowing_sand"
    assert name_of("fini é") == "fini_e"
    assert name_of("7") == "state_7"
    names = names_of(("a b", "a-b", "a/b", "готово", "ошибка", "-", "--"))
    assert len({*names.values()}) == len(names)
    assert all(each.isascii() and each[0].isalpha() for each in names.values())


def test_of_very_many_values_the_first_are_told() -> None:
    assert listing(MANY[:12]) == ", ".join(MANY[:12])
    assert listing(MANY).endswith("word11 and 38 more")


def test_one_word_in_several_spellings_is_one_state(tmp_path: Path) -> None:
    listed = ["QUEUED", "queued", "Running", "RUNNING", "Done", "DONE", "done", "Failed", "FAILED"]
    job = thing(id={"type": "string"}, status={"type": "string", "enum": listed})
    made = of(tmp_path, jobs(job))
    assert [*made.behavior["resources"]["job"]["states"]] == ["QUEUED", "Running", "Done", "Failed"]
    told = next(each for each in made.guesses if each.meaning == "never shown")
    assert told.subject == "/status queued, RUNNING, DONE, done, FAILED"
