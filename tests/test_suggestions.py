"""The nearest word, from one helper, in all messages that refuse a word."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from mockserver.suggestions import LONG, MANY, guess, guesses, hint, mend_word, nearest

ROOT = Path(__file__).resolve().parent.parent
WORDS = ("getStatus", "createJob", "lossy-webhooks", "COMPLETED", "status", "status_back")


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("getStatsu", "getStatus"),
        ("get_status", "getStatus"),
        ("completed", "COMPLETED"),
        ("lossy_webhooks", "lossy-webhooks"),
        ("Lossy Webhook", "lossy-webhooks"),
        ("statsu", "status"),
        ("nothing", None),
        ("", None),
        (None, None),
        (5, None),
        ({"a": 1}, None),
        ("x" * 100_000, None),
    ],
)
def test_the_nearest_word_is_found_whatever_its_letters_case_and_joints(word: object, near: str | None) -> None:
    assert nearest(word, WORDS) == near


def test_a_word_that_is_known_itself_is_not_suggested_nor_another_in_its_place() -> None:
    assert nearest("status", WORDS) is None
    assert guess("status", WORDS) == ""
    assert mend_word("status", WORDS, "Show it.") == "Show it."


def test_of_very_many_words_one_is_found_that_differs_in_case_and_joints() -> None:
    many = [f"getJob{number}" for number in range(MANY + 1)]
    assert nearest("get_job5", many) == "getJob5"
    assert nearest("getJobb5", many) is None


def test_of_words_that_differ_in_joints_alone_the_first_counts() -> None:
    assert nearest("ab", ["a-b", "a_b"]) == "a-b"


def test_a_hint_names_the_word_and_few_others_or_all_that_have_room() -> None:
    assert hint("COMPLETD", ["COMPLETED", "FAILED"]) == "did you mean 'COMPLETED'? Known: COMPLETED, FAILED"
    assert hint("x", []) == "known: none"
    assert hint("x", ["a", "b"], "`more` lists them") == "known: a, b (`more` lists them)"
    many = [f"word{n}" for n in range(200)]
    assert hint("wrod7", many) == "did you mean 'word7'?"
    told = hint("nothing like it", many)
    assert told.startswith("known: word0, word1, ")
    assert told.endswith(f" and {200 - told.count(',') - 1} more")
    assert len(told) < LONG + 40


def test_a_guess_stands_after_a_sentence_or_is_nothing() -> None:
    assert guess("fial", ["fail", "off"]) == "; did you mean 'fail'?"
    assert guess("x", ["fail", "off"]) == ""
    assert guesses(hint("fial", ["fail"]))
    assert not guesses(hint("x", ["fail"]))


def test_a_word_of_a_contract_is_mended_by_the_one_that_was_meant() -> None:
    assert mend_word("sates", ["states", "run"]) == "Did you mean 'states'? Known: states, run."
    assert mend_word("x", ["states"]) == "Known: states."
    assert mend_word("x", ["states"], "Declare it.") == "Declare it."


def test_a_word_that_is_known_is_not_what_is_wrong() -> None:
    assert mend_word("states", ["states", "run"], "Show it.") == "Show it."
    assert mend_word("states", ["states", "run"]) == "Known: states, run."


NEAR = {"get_close_matches", "SequenceMatcher"}


def test_no_other_module_looks_for_words_that_are_near() -> None:
    found = [
        str(path.relative_to(ROOT))
        for package in ("mockserver", "pytest_plugin")
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if (isinstance(node, ast.Import) and any(each.name == "difflib" for each in node.names))
        or (isinstance(node, ast.ImportFrom) and node.module == "difflib" and NEAR & {each.name for each in node.names})
    ]
    assert found == ["mockserver/suggestions.py"]


HELPERS = (
    "mockserver/steering",
    "mockserver/inbox",
    "mockserver/intercept",
    "mockserver/virtual_time",
    "mockserver/testing",
)


def test_every_helper_of_tests_hides_its_lines_from_a_failing_tests_report() -> None:
    bare = [
        str(path.relative_to(ROOT))
        for folder in HELPERS
        for path in sorted((ROOT / folder).glob("*.py"))
        if path.name not in ("__init__.py", "json_types.py", "reprs.py")
        if "\n__tracebackhide__ = " not in path.read_text("utf-8")
    ]
    assert not bare, "each needs `__tracebackhide__ = is_on_purpose` of mockserver.errors"
