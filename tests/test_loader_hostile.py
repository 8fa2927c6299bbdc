"""Whatever stands where a contract is looked for: a sentence that names it, at once, and no traceback."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from check_kit import BEHAVIOR, OPENAPI, Documents, Mutation, assert_named, behave, both, good, show, without, write
from click.testing import CliRunner

from mockserver.check import check
from mockserver.cli.new import new
from mockserver.loader.source import MOST

RESPONSE = "/components/responses/NotFound"
SUBMIT = "/paths/~1v1~1jobs/post"
SHAPES: list[tuple[str, str, Any]] = [
    ("title", "/info", "x"),
    ("paths", "/webhooks", 3),
    ("path", "/paths/~1v1~1jobs", []),
    ("responses", f"{SUBMIT}/responses", []),
    ("content", f"{RESPONSE}/content", [None]),
    ("media type", f"{RESPONSE}/content/application~1json", True),
    ("link", f"{SUBMIT}/responses/201/links/show", None),
    ("body", f"{SUBMIT}/requestBody", [[]]),
    ("name", f"{SUBMIT}/operationId", {}),
    ("scheme", "/components/securitySchemes/apiKey", "key"),
    ("requirement", "/security/0", 7),
    ("schema", f"{RESPONSE}/content/application~1json/schema", "x"),
]
TEXTS = {
    "name twice": (b'{"openapi": "3.1.0", "openapi": "3.1.1"}', "'openapi' stands twice"),
    "half a character": (b'{"openapi": "\\ud800"}', "\\ud800 is half a character"),
    "not a number": (b'{"openapi": NaN}', "NaN is no number"),
    "infinite": (b'{"openapi": 1e999}', "1e999 is no number"),
    "beyond counting": (b'{"openapi": 1%s}' % (b"0" * 400), "is no number"),
    "deep": (b'{"a":' * 300 + b"1" + b"}" * 300, "nest deeper"),
    "remarks": (b"# \n" * 1000 + b"x", "not JSON"),  # a pattern that can part them in two ways would not end
    "remarks before YAML": (b"# \n---\n# a\n" * 1000 + b"openapi: 3.1.0", "looks like YAML"),
    "not UTF-8": (b'{"a": "\xe9"}', "not JSON"),
}
THINGS: dict[str, Callable[[Path], object]] = {
    "folder": Path.mkdir,
    "pipe that nobody writes to": os.mkfifo,
    "device without an end": lambda path: path.symlink_to("/dev/zero"),
    "link to itself": lambda path: path.symlink_to(path.name),
    "file without an end": lambda path: os.truncate(os.open(path, os.O_CREAT | os.O_WRONLY), 2**40),
}


@pytest.mark.parametrize(("pointer", "value"), [row[1:] for row in SHAPES], ids=[row[0] for row in SHAPES])
def test_a_wrong_shape_in_the_document_is_named(tmp_path: Path, pointer: str, value: Any) -> None:
    assert_named(tmp_path / "small", ("", show(pointer, value), OPENAPI, pointer, ""))


def test_of_very_many_mistakes_the_first_are_named(tmp_path: Path) -> None:
    many = {f"getJob{number}": {"verb": "answer"} for number in range(MOST + 100)}
    findings = check(write(tmp_path / "small", changed(behave("/operations", many))))
    assert len(findings) == MOST + 1
    assert findings[-1].sentence == f"there are {MOST} mistakes, and may be more."


def test_a_mistake_of_any_length_is_told_in_short(tmp_path: Path) -> None:
    findings = check(write(tmp_path / "small", changed(behave("/operations/getJob/verb", "x" * 100_000))))
    assert all(len(each.sentence) <= 2003 and each.sentence.endswith(".") for each in findings)


def test_a_name_that_stands_twice_among_very_many_is_found_in_one_pass(tmp_path: Path) -> None:
    folder, names = write(tmp_path / "small", good()), "".join(f'"a{n}": 1, ' for n in range(30_000))
    (folder / OPENAPI).write_text(f'{{{names}"z": 1, "z": 2}}')
    began = process_time()
    (found,) = check(folder)
    assert found.sentence.startswith("'z' stands twice")
    assert process_time() - began < 10  # each name counted by itself: two minutes


UNSERVED: list[tuple[str, Any]] = [
    (f"{SUBMIT}/operationId", {}),
    (f"{SUBMIT}/responses/201/links/show/operationId", []),
    ("/components", [1]),
    ("/components/schemas", [1]),
    ("/components/schemas/Job", 3),
    ("/paths", [{}]),
    ("/webhooks", 3),
]


@pytest.mark.parametrize(("pointer", "value"), UNSERVED)
def test_a_wrong_shape_is_named_where_not_all_is_served(tmp_path: Path, pointer: str, value: Any) -> None:
    mutation = both(show(pointer, value), behave("/others", "unserved"))
    assert_named(tmp_path / "small", ("", mutation, OPENAPI, pointer, ""))


@pytest.mark.parametrize("value", [[], ["x"], 3, {"unknown_path": {}}])
def test_a_wrong_way_to_refuse_is_named_where_not_all_is_served(tmp_path: Path, value: Any) -> None:
    mutation = both(behave("/unrouted", value), behave("/others", "unserved"))
    findings = check(write(tmp_path / "small", changed(mutation)))
    assert {each.file for each in findings} == {f"small/{BEHAVIOR}"}


def test_a_discriminator_of_another_shape_is_passed_over(tmp_path: Path) -> None:
    mutation = both(
        show("/components/schemas/Job/discriminator", {"propertyName": "x", "mapping": ["x"]}),
        behave("/others", "unserved"),
    )
    assert not check(write(tmp_path / "small", changed(mutation)))


def test_a_resource_that_is_gone_is_named_where_refusals_are_shared(tmp_path: Path) -> None:
    refusals = {"409": {"description": "x", "content": {"application/json": {"examples": {"busy": {"value": {}}}}}}}
    mutation = both(show("/x-responses", refusals), behave("/resources", {}))
    findings = check(write(tmp_path / "small", changed(mutation)))
    assert "there is no resource 'job'." in {each.sentence for each in findings}
    assert "no operation can refuse with 'busy'." not in {each.sentence for each in findings}


def changed(mutation: Mutation) -> Documents:
    documents = good()
    mutation(documents)
    return documents


@pytest.mark.parametrize("value", [[{}], 3, None, True, "x", [["getJob"]]])
def test_operations_that_are_no_table_are_named_beside_other_mistakes(tmp_path: Path, value: Any) -> None:
    nameless = without(OPENAPI, f"{SUBMIT}/operationId")
    mutation = both(behave("/operations", value), nameless)
    assert_named(tmp_path / "small", ("", mutation, BEHAVIOR, "/operations", ""))


@pytest.mark.parametrize("at", [f"{SUBMIT}/responses/201/links/show/operationId", f"{RESPONSE}/x-answers/0"])
def test_a_value_of_another_type_is_named_where_it_stands(tmp_path: Path, at: str) -> None:
    value: Any = {} if at.endswith("operationId") else [{}]
    mutation = show(at.removesuffix("/0"), value)
    assert_named(tmp_path / "small", ("", mutation, OPENAPI, at, "is no string"))


@pytest.mark.parametrize("title", TEXTS)
def test_a_text_that_cannot_be_read_as_it_was_meant_is_named(tmp_path: Path, title: str) -> None:
    folder = write(tmp_path / "small", good())
    text, sentence = TEXTS[title]
    (folder / OPENAPI).write_bytes(text)
    (found,) = check(folder)
    assert sentence in found.sentence


@pytest.mark.parametrize("title", THINGS)
def test_what_is_no_file_is_named(tmp_path: Path, title: str) -> None:
    folder = write(tmp_path / "small", good())
    (folder / BEHAVIOR).unlink()
    THINGS[title](folder / BEHAVIOR)
    (found,) = check(folder)
    assert found.file == f"small/{BEHAVIOR}"
    assert "file" in found.sentence


def seconds_of(folder: Path, count: int) -> float:
    documents = good()
    documents[OPENAPI]["paths"].update({f"/p{i}": {"get": {"responses": {}}} for i in range(count)})
    write(folder, documents)
    begun = process_time()
    assert len(check(folder)) >= count
    return process_time() - begun


def test_many_mistakes_take_no_longer_each_than_few(tmp_path: Path) -> None:
    few, many = (min(seconds_of(tmp_path / "small", n) for _ in range(2)) for n in (1000, 8000))
    assert many < 20 * few


def test_a_chain_of_references_ends_the_search(tmp_path: Path) -> None:
    documents = good()
    schemas = documents[OPENAPI]["components"]["schemas"]
    schemas.update({f"C{i}": {"$ref": f"#/components/schemas/C{i + 1}"} for i in range(2000)})
    found = check(write(tmp_path / "small", documents))
    told = "a value is compared with 101 schemas here, 101 of which lead to one another."
    assert {each.sentence for each in found} == {told}


@pytest.mark.parametrize(("name", "into"), [("a" * 300, "."), ("ok", "file/below"), ("ok", "file")])
def test_a_contract_that_cannot_be_written_is_refused_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, into: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    told = CliRunner().invoke(new, [name, "--into", into])
    assert isinstance(told.exception, SystemExit)
    assert told.output.splitlines()[-1].startswith("Error: ")


def test_a_folder_that_cannot_be_looked_into_is_named(tmp_path: Path) -> None:
    (found,) = check(tmp_path / ("a" * 300))
    assert "too long" in found.sentence
