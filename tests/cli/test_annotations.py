"""`--format github`: what was found, as annotations beside the lines it is about."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from check_kit import BEHAVIOR, OPENAPI, good, write
from cli_kit import broken_promise, call

from mockserver import Running, pointers
from mockserver.cli.annotations import Note, annotation_line, openapi_of
from mockserver.cli.terminal import tell
from mockserver.loader import SHIPPED
from mockserver.loader.places import line_at
from mockserver.sandbox import Sandbox


def unsound(folder: Path) -> Path:
    documents = good()
    documents[BEHAVIOR]["limits"][0]["limit"] = 0
    own = write(folder / "small", documents)
    (own / BEHAVIOR).write_text(json.dumps(documents[BEHAVIOR], indent=2))
    return own


def annotations(output: str) -> list[str]:
    return [line for line in output.splitlines() if line.startswith("::")]


def line_with(file: Path, word: str) -> int:
    return next(n for n, line in enumerate(file.read_text().splitlines(), 1) if word in line)


def test_check_names_file_and_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    own = unsound(tmp_path)
    result = call("check", "small", "--format", "github")
    assert result.exit_code == 1
    line = line_with(own / BEHAVIOR, '"limit": 0')
    assert annotations(result.stdout) == [
        f"::error file=small/behavior.json,line={line},title=mockserver check::"
        "#/limits/0/limit: a limit of 0 refuses every request. Allow at least 1."
    ]
    assert f"small/behavior.json:{line}: #/limits/0/limit: a limit" in result.stdout


@pytest.mark.parametrize(
    ("words", "environment", "count"),
    [((), {}, 0), ((), {"GITHUB_ACTIONS": "true"}, 1), (("--format", "text"), {"GITHUB_ACTIONS": "true"}, 0)],
)
def test_they_come_by_themselves_in_github_actions_alone(
    tmp_path: Path, words: tuple[str, ...], environment: dict[str, str], count: int
) -> None:
    assert len(annotations(call("check", unsound(tmp_path), *words, **environment).output)) == count


def test_a_file_is_named_from_the_root_of_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unsound(tmp_path / "a" / "b")
    monkeypatch.chdir(tmp_path / "a" / "b")
    result = call("check", "--format", "github", "small", GITHUB_WORKSPACE=str(tmp_path))
    assert "file=a/b/small/behavior.json," in result.stdout


def test_what_is_no_json_is_annotated_where_reading_ends(tmp_path: Path) -> None:
    own = unsound(tmp_path)
    (own / BEHAVIOR).write_text('{\n  "a": 1,\n  b\n}')
    (told,) = annotations(call("check", own, "--format", "github").stdout)
    assert "behavior.json,line=3," in told


def test_verify_and_fuzz_name_the_contracts_line(running: Running, tmp_path: Path) -> None:
    own = broken_promise(tmp_path)
    words = ("vidgen", "--contracts", own, "--url", f"{running.url}/vidgen", "--operation", "getHealth")
    document = own / OPENAPI
    drift = annotations(call("verify", *words, "--limit-requests", "0", "--format", "github").stdout)
    assert drift
    health = range(line_with(document, '"/api/health"'), line_with(document, '"/api/jobs"'))
    for each in drift:
        place = re.match(rf"::error file={re.escape(document.as_posix())},line=(\d+),title=vidgen getHealth%2C ", each)
        assert place is not None
        assert int(place[1]) in health
    failed = annotations(call("fuzz", *words, "--phase", "coverage", "--format", "github").stdout)
    place = line_at(document.read_text(), pointers.join("/paths", "/api/health", "get"))
    assert failed
    assert all(f"file={document.as_posix()},line={place},title=vidgen getHealth%2C " in each for each in failed)


def test_a_shipped_contract_has_no_file_of_the_repositorys(tmp_path: Path) -> None:
    assert openapi_of("vidgen", []) is None
    assert openapi_of("vidgen", [tmp_path]) is None
    assert openapi_of("vidgen", [SHIPPED]) == SHIPPED / "vidgen" / OPENAPI


@pytest.mark.parametrize(("mode", "level"), [("warn", "warning"), ("fail", "error")])
def test_report_annotates_conduct_and_coverage(
    running: Running, sandbox: Sandbox, client: Any, mode: str, level: str
) -> None:
    for _ in range(5):
        client("vidgen").get("/api/status/nix")
    words = (running.url, "--sandbox", sandbox.name, "--fail-under", "90", "--conduct", mode, "--format", "github")
    told = annotations(call("report", *words).stdout)
    assert [each.split("::")[1] for each in told] == [
        f"{level} title=vidgen getStatus%2C polled_too_fast",
        "error title=mockserver report",
    ]
    in_json = call("report", *words, "--json")
    assert json.loads(in_json.stdout)["coverage"]
    assert annotations(in_json.stderr) == told


HOSTILE = "a\n::set-output name=x::y\r%0A, b: c"


def test_no_text_ends_its_annotation_or_begins_another() -> None:
    told = annotation_line(Note(HOSTILE, HOSTILE))
    assert told.splitlines() == [told]
    title, _, text = told.removeprefix("::error title=").partition("::")
    assert title == "a%0A%3A%3Aset-output name=x%3A%3Ay%0D%250A%2C b%3A c"
    assert text == "a%0A::set-output name=x::y%0D%250A, b: c"


TEXT = """{
  "a": [
    {"x": 1},
    {"y/z": {
      "deep": "]}, \\" ["}}
  ],
  "b": {},
  "b": 2,
  "": null
}
"""


@pytest.mark.parametrize(
    ("pointer", "line"),
    [("", 1), ("#", 1), ("/a", 2), ("/a/0", 3), ("/a/0/x", 3), ("#/a/1", 4), ("/a/1/y~1z", 4), ("/a/1/y~1z/deep", 5),
     ("/b", 7), ("/a/9", 2), ("/a/x", 2), ("/a/0/x/nothing", 3), ("/nothing", 1), ("/b/more", 7), ("/", 9)],
)  # fmt: skip
def test_a_pointer_leads_to_a_line(pointer: str, line: int) -> None:
    assert line_at(TEXT, pointer) == line


@pytest.mark.parametrize(("text", "line"), [("", 1), ("{", 1), ("[1,\n2,\n3", 1), ("\n\n{}", 3), ("[" * 9999, 1)])
def test_a_broken_text_has_lines_too(text: str, line: int) -> None:
    assert 1 <= line_at(text, "/2") <= max(line, text.count("\n") + 1)


def test_every_place_of_a_shipped_contract_has_its_line() -> None:
    text = (SHIPPED / "vidgen" / OPENAPI).read_text()
    lines = text.splitlines()
    for pointer, _ in list(pointers.walk(json.loads(text)))[1::40]:
        last = pointers.split(pointer)[-1]
        assert last.isdecimal() or json.dumps(last, ensure_ascii=False) in lines[line_at(text, pointer) - 1]


COMMAND = "x\n::error file=a::obey"


def test_no_text_of_a_contract_is_a_command_to_github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    documents = good()
    documents[BEHAVIOR]["operations"][COMMAND] = {"verb": COMMAND}
    documents[BEHAVIOR][COMMAND] = 1
    write(tmp_path / "small", documents)
    for words in (("check", "small"), ("serve", "--contracts", "small"), ("check", COMMAND)):
        found = annotations(call(*words, GITHUB_ACTIONS="true").output)
        assert not [each for each in found if each.startswith("::error file=a::")], words


def test_no_answer_of_a_server_is_a_command_to_github(capsys: pytest.CaptureFixture[str]) -> None:
    tell(f"the answer:\n  {COMMAND}\n ::error::x", err=True)
    assert capsys.readouterr().err == "the answer:\n  x\n\\x3a:error file=a::obey\n \\x3a:error::x\n"
