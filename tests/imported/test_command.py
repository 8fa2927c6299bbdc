"""`mockserver new --from`: the table of what was guessed, exit codes, and one sentence for what cannot be imported."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_kit import call
from imported_kit import old, put


def test_a_document_becomes_a_folder_that_checks_sound(tmp_path: Path) -> None:
    result = call("new", "renders", "--into", tmp_path, "--from", put(tmp_path, old(), "vendor.yaml"))
    assert (result.exit_code, result.stderr) == (0, "")
    assert "Assumed" in result.stdout
    assert {path.name for path in (tmp_path / "renders").iterdir()} == {
        "openapi.json", "behavior.json", "vendor.json", "imported.json", "behavior.schema.json",
    }  # fmt: skip
    assert call("check", tmp_path / "renders").stdout == "1 contract is sound\n"


def test_the_table_says_of_each_operation_what_it_was_taken_for_why_and_what_to_look_at(tmp_path: Path) -> None:
    shown = call("new", "renders", "--into", tmp_path, "--from", put(tmp_path, old()), COLUMNS="200").stdout
    row = next(line for line in shown.splitlines() if "cancelRender" in line)
    assert "move render → cancelled" in row
    assert "cancel is done to one render" in row
    assert "in which states it is taken" in row


def test_the_end_says_how_many_operations_were_left_and_how_they_are_had(tmp_path: Path) -> None:
    document = put(tmp_path, old())
    assert "6 of 7 operations" in (said := call("new", "renders", "--into", tmp_path, "--from", document).stdout)
    assert "--only / all" in said
    said = call("new", "every", "--into", tmp_path, "--from", document, "--only", "/").stdout
    assert "sound: 7 operations" in said
    assert "The others" not in said


@pytest.mark.parametrize(("words", "told"), [
    (["--only", "/renders"], "--from"), (["--from", "nix.yaml"], "does not exist"), (["--from", "{folder}"],
     "directory"),
])  # fmt: skip
def test_a_call_that_makes_no_sense_says_why(tmp_path: Path, words: list[str], told: str) -> None:
    result = call("new", "renders", "--into", tmp_path, *(each.format(folder=tmp_path) for each in words))
    assert result.exit_code == 2
    assert told in result.stderr


@pytest.mark.parametrize(("text", "told"), [
    ('{"swagger": "2.0"}', "Swagger 2.0"), ("openapi: 3.1.0\npaths: {}", "--only"), ("[", "no YAML"), ("{", "not JSON"),
])  # fmt: skip
def test_what_cannot_be_imported_leaves_no_folder_behind(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "vendor").write_text(text)
    result = call("new", "renders", "--into", tmp_path, "--from", tmp_path / "vendor")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert told in result.stderr
    assert not (tmp_path / "renders").exists()


def test_control_characters_of_a_document_do_not_reach_the_terminal(tmp_path: Path) -> None:
    document = old()
    document["paths"]["/renders?\x1b[31m"] = {"get": {}}
    result = call("new", "renders", "--into", tmp_path, "--from", put(tmp_path, document))
    assert result.exit_code == 0
    assert "\x1b[31m" not in result.stdout


def test_a_choice_that_the_document_does_not_have_is_refused(tmp_path: Path) -> None:
    document, recording = put(tmp_path, old()), put(tmp_path, {"log": {"entries": []}}, "session.har")
    for file, words, told in (
        (document, ("--host", "a.example"), "--host chooses a host of a recording, and vendor.json is none"),
        (recording, ("--only", "/a"), "--only chooses paths of an OpenAPI document, and session.har is a recording"),
    ):
        result = call("new", "renders", "--into", tmp_path, "--from", file, *words)
        assert (result.exit_code, told in result.stderr) == (2, True)
        assert not (tmp_path / "renders").exists()


def test_one_operation_is_no_operations(tmp_path: Path) -> None:
    said = call("new", "one", "--into", tmp_path, "--from", put(tmp_path, old()), "--only", "/fonts").stdout
    assert "sound: 1 operation of" in said


def test_json_is_not_called_yaml_and_no_row_of_the_table_is_about_nothing(tmp_path: Path) -> None:
    deep = put(tmp_path, "[" * 100_000, "deep.json")
    said = call("new", "renders", "--into", tmp_path, "--from", deep).stderr
    assert ("YAML" in said, "not JSON" in said) == (False, True)
    odd = old()
    odd["paths"][""] = {"get": {"responses": {}}}
    shown = call("new", "renders", "--into", tmp_path, "--from", put(tmp_path, odd), COLUMNS="200").stdout
    assert "the empty path" in shown
