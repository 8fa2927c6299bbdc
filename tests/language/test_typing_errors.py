"""A typing error is named once, at its line, with what was meant; a remedy that is obeyed leaves nothing to mend."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest
from check_kit import BEHAVIOR, OPENAPI, Documents, Mutation, behave, both, drop, good, put, show, without, write
from click.testing import CliRunner
from language_kit import NAME

from mockserver import pointers
from mockserver.check import check
from mockserver.cli import main
from mockserver.errors import Finding

GET = "/paths/~1v1~1jobs~1{jobId}/get"
POST = "/paths/~1v1~1jobs/post"
LIST = "/paths/~1v1~1jobs/get"
SHOWN = f"{GET}/responses/200/content/application~1json"
JOB = "/components/schemas/Job/properties"
MISSING = "/components/responses/NotFound/content/application~1json/examples"
BOUND = "/operations/getJob/bindings"
DONE = "/resources/job/states/succeeded"


def rename(file: str, pointer: str, word: str) -> Mutation:
    """Another name for a member, in its place."""

    def renamed(documents: Documents) -> None:
        above, _, last = pointer.rpartition("/")
        parent, name = pointers.get(documents[file], above), pointers.split(f"/{last}")[0]
        members = [(word if each == name else each, value) for each, value in parent.items()]
        parent.clear()
        parent.update(members)

    return renamed


def b(pointer: str, word: str) -> tuple[Mutation, str, str, str]:
    """A name of behavior.json that is misspelt, and what it was."""
    above, _, last = pointer.rpartition("/")
    return rename(BEHAVIOR, pointer, word), BEHAVIOR, pointers.join(above, word), pointers.split(f"/{last}")[0]


def o(pointer: str, word: str) -> tuple[Mutation, str, str, str]:
    """A name of openapi.json that is misspelt, and what it was."""
    above, _, last = pointer.rpartition("/")
    return rename(OPENAPI, pointer, word), OPENAPI, pointers.join(above, word), pointers.split(f"/{last}")[0]


def bv(pointer: str, value: Any, meant: str) -> tuple[Mutation, str, str, str]:
    """A value of behavior.json that is misspelt."""
    return behave(pointer, value), BEHAVIOR, pointer, meant


def ov(pointer: str, value: Any, meant: str) -> tuple[Mutation, str, str, str]:
    return show(pointer, value), OPENAPI, pointer, meant


FAULTS = behave("/scenarios/failing/faults", [{"fault": "sttus"}])
FILES = behave("/operations/submitJob/files", {
    "prompt": {"acept": ["image/png"], "max_bytes": 1, "unsupported": "unsupported_body", "too_large": "too_large"},
})  # fmt: skip
ROWS: dict[str, tuple[Mutation, str, str, str]] = {
    # words of behavior.json
    "vreb": b("/operations/getJob/verb", "vreb"),
    "resorce": b("/operations/getJob/resource", "resorce"),
    "resorces": b("/resources", "resorces"),
    "sates": b("/resources/job/states", "sates"),
    "phse": b("/resources/job/states/queued/phase", "phse"),
    "initail": b("/resources/job/initial", "initail"),
    "outcoms": b("/resources/job/run/outcomes", "outcoms"),
    "runing": b("/resources/job/run/running", "runing"),
    "bindngs": b(BOUND, "bindngs"),
    "too": b("/operations/cancelJob/to", "too"),
    "fil": b("/resources/job/results/picture/file", "fil"),
    "unknown_pth": b("/unrouted/unknown_path", "unknown_pth"),
    "acount": b("/account", "acount"),
    "limts": b("/limits", "limts"),
    "widow": b("/limits/0/window", "widow"),
    "opertions": b("/operations", "opertions"),
    "itmes": b("/operations/listJobs/items", "itmes"),
    "shceme": b("/webhooks/ended/sign/scheme", "shceme"),
    "retires": b("/webhooks/ended/retries", "retires"),
    "tittle": b("/scenarios/slow/title", "tittle"),
    "outcom": (behave("/matches/0/plan", {"outcom": "failed"}), BEHAVIOR, "/matches/0/plan/outcom", "outcome"),
    "unifrom": (behave("/resources/job/run/queued", {"unifrom": [1, 2]}), BEHAVIOR,
                "/resources/job/run/queued/unifrom", "uniform"),
    "prefx": (behave("/resources/job/id", {"prefx": "j"}), BEHAVIOR, "/resources/job/id/prefx", "prefix"),
    "aftr": (behave(DONE, {"end": "success", "aftr": {"fixed": 9}, "then": "failed"}), BEHAVIOR, f"{DONE}/aftr",
             "after"),
    "chnce": (behave("/resources/job/states/running/chnce", 1), BEHAVIOR, "/resources/job/states/running/chnce",
              "chance"),
    "algoritm": (both(behave("/webhooks/ended/sign", {"algoritm": "sha256"}),
                      behave("/webhooks/ended/bindings", {"header.X-Signature": "webhook.signature"})),
                 BEHAVIOR, "/webhooks/ended/sign/algoritm", "algorithm"),
    "resorce of what is produced": (behave("/resources/job/produces", {"out": {"resorce": "job", "on": ["failed"]}}),
                                    BEHAVIOR, "/resources/job/produces/out/resorce", "resource"),
    "fct": (behave(f"{BOUND}/~1progress", {"fct": "progress"}), BEHAVIOR, f"{BOUND}/~1progress/fct", "fact"),
    # names in behavior.json that are not words
    "getJbo": b("/operations/getJob", "getJbo"),
    "endd": b("/webhooks/ended", "endd"),
    "bad_requst": b("/problems/bad_request", "bad_requst"),
    "suceeded": b("/resources/job/run/outcomes/succeeded", "suceeded"),
    "a binding without its slash": (rename(BEHAVIOR, f"{BOUND}/~1progress", "progress"), BEHAVIOR,
                                    f"{BOUND}/progress", "/progress"),
    "a binding's pointer": (rename(BEHAVIOR, f"{BOUND}/~1progress", "/progres"), BEHAVIOR, f"{BOUND}/~1progres",
                            "/progress"),
    # values of behavior.json
    "shw": bv("/operations/getJob/verb", "shw", "show"),
    "jbo": bv("/operations/getJob/resource", "jbo", "job"),
    "queud": bv("/resources/job/states/queued/phase", "queud", "queued"),
    "qeued": bv("/resources/job/initial", "qeued", "queued"),
    "liner": bv("/resources/job/run/curve", "liner", "linear"),
    "uiud": bv("/resources/job/id", "uiud", "uuid"),
    "canceled": bv("/operations/cancelJob/to", "canceled", "cancelled"),
    "pictur": bv("/resources/job/results/picture/make", "pictur", "picture"),
    "NotFoud": bv("/unrouted/unknown_path", "UnknwnPath", "UnknownPath"),
    "draft6": bv("/limit_headers", "draft6", "draft-6"),
    "usr": bv("/limits/0/per", "acount", "account"),
    "an operation of a limit": bv("/limits/0/operations", ["submitJbo"], "submitJob"),
    "an operation of a match": bv("/matches/0/operations", ["submitJbo"], "submitJob"),
    "an operation of a webhook": bv("/webhooks/ended/like", "getJbo", "getJob"),
    "a state of a webhook": bv("/webhooks/ended/states", ["suceeded", "failed"], "succeeded"),
    "a target": bv("/webhooks/ended/target", "/calback", "/callback"),
    "a field of a match": bv("/matches/0/at", "/promt", "/prompt"),
    "an outcome of a plan": (behave("/matches/0/plan", {"outcome": "faild"}), BEHAVIOR, "/matches/0/plan/outcome",
                             "failed"),
    "standard-webhook": bv("/webhooks/ended/sign/scheme", "standard-webhook", "standard-webhooks"),
    "a fault": (FAULTS, BEHAVIOR, "/scenarios/failing/faults/0/fault", "status"),
    "id_at": bv("/operations/getJob/id_at", "path.jobid", "path.jobId"),
    "items": bv("/operations/listJobs/items", "/itms", "/items"),
    "item_state": bv("/operations/listJobs/item_state", "/sttus", "/status"),
    # facts
    "progres": bv(f"{BOUND}/~1progress", "progres", "progress"),
    "progres in an object": (behave(f"{BOUND}/~1progress", {"fact": "progres"}), BEHAVIOR, f"{BOUND}/~1progress/fact",
                             "progress"),
    "reslt.picture": bv(f"{BOUND}/~1picture_url", "reslt.picture", "result.picture"),
    "result.pictre": bv(f"{BOUND}/~1picture_url", "result.pictre", "result.picture"),
    "request./promt": bv(f"{BOUND}/~1prompt", "request./promt", "request./prompt"),
    "reqest./prompt": bv(f"{BOUND}/~1prompt", "reqest./prompt", "request./prompt"),
    "page.nxt": bv("/operations/listJobs/page/~1next", "page.nxt", "page.next"),
    "at.runing": (both(behave(f"{BOUND}/~1created_at", {"fact": "at.queed", "else": "2026-05-07T12:34:56.000Z"})),
                  BEHAVIOR, f"{BOUND}/~1created_at", "at.queued"),
    # words of openapi.json
    "requird": o("/components/schemas/JobRequest/required", "requird"),
    "propertis": o("/components/schemas/JobRequest/properties", "propertis"),
    "maxLenght": o("/components/schemas/JobRequest/properties/prompt/maxLength", "maxLenght"),
    "respones": o(f"{GET}/responses", "respones"),
    "contents": o(f"{GET}/responses/200/content", "contents"),
    "exmaples": o(f"{SHOWN}/examples", "exmaples"),
    "shema": o(f"{SHOWN}/schema", "shema"),
    "requestbody": o(f"{POST}/requestBody", "requestbody"),
    "paramters": o(f"{LIST}/parameters", "paramters"),
    "gte": o(GET, "gte"),
    "component": o("/components", "component"),
    "path": o("/paths", "path"),
    "operationID": o(f"{GET}/operationId", "operationID"),
    "a status": (rename(OPENAPI, f"{GET}/responses/200", "2OO"), OPENAPI, f"{GET}/responses/2OO", "200"),
    "an example of a state": o(f"{SHOWN}/examples/running", "runing"),
    "an example of a quirk": (rename(OPENAPI, f"{SHOWN}/examples/failed.loud-off", "failed.lod-off"), OPENAPI,
                              f"{SHOWN}/examples/failed.lod-off", "loud-off"),
    "an example of a problem": o(f"{MISSING}/not_found", "not_fond"),
    # values of openapi.json
    "int": ov(f"{JOB}/progress/type", "int", "integer"),
    "strng": ov(f"{JOB}/id/type", "strng", "string"),
    "datetime": ov(f"{JOB}/created_at/format", "datetime", "date-time"),
    "qurey": ov(f"{LIST}/parameters/0/in", "qurey", "query"),
    "apikey": ov("/components/securitySchemes/apiKey/type", "apikey", "apiKey"),
    "a reference": (show(f"{SHOWN}/schema", {"$ref": "#/components/schemas/Jbo"}), OPENAPI, f"{SHOWN}/schema/$ref",
                    "#/components/schemas/Job"),
    "a reference to an example": (show(f"{SHOWN}/examples/running", {"$ref": "#/components/examples/Runing"}), OPENAPI,
                                  f"{SHOWN}/examples/running/$ref", "#/components/examples/Running"),
    "an operation of a link": ov(f"{POST}/responses/201/links/show/operationId", "getJbo", "getJob"),
    "a security scheme": (show("/security", [{"apiKy": []}]), OPENAPI, "/security/0/apiKy", "apiKey"),
    "a word within a file's rule": (FILES, BEHAVIOR, "/operations/submitJob/files/prompt/acept", "accept"),
}  # fmt: skip
OTHERS: dict[str, tuple[Mutation, str, str, str, str]] = {
    "a number for a duration": (behave("/resources/job/run/queued", 3), BEHAVIOR, "/resources/job/run/queued",
                                "3 is no duration.", 'Write {"fixed": 3}.'),
    "a text for a number": (behave("/limits/0/limit", "120"), BEHAVIOR, "/limits/0/limit", '"120" is no integer.',
                            "Write 120."),
    "one for a list": (behave("/webhooks/ended/retries", 5), BEHAVIOR, "/webhooks/ended/retries",
                       "5 is no list of pauses.", "Write [5]."),
    "a word without its other half": (behave(f"{DONE}/then", "failed"), BEHAVIOR, DONE,
                                      "'then' stands there without 'after'.", 'Add "after": {"fixed": 2}.'),
    "a word too many": (behave("/resources/job/colour", "red"), BEHAVIOR, "/resources/job/colour",
                        "unknown word 'colour'.", "Remove it."),
    "a word that is there already": (show("/components/schemas/JobRequest/properties/prompt/maxLenght", 3), OPENAPI,
                                     "/components/schemas/JobRequest/properties/prompt/maxLenght",
                                     "unknown word 'maxLenght'.", "Remove it: 'maxLength' is there."),
    "no operationId": (without(OPENAPI, f"{GET}/operationId"), OPENAPI, GET, "the operation has no operationId.",
                       'Add "operationId": "getJob".'),
    "no number of a version": (show("/openapi", "3,1,0"), OPENAPI, "/openapi",
                               "the document is not OpenAPI 3.1 or 3.2.", 'Write "3.1.0".'),
}  # fmt: skip


def findings(folder: Path, *mutations: Mutation) -> tuple[Documents, list[Finding]]:
    made = good()
    for each in mutations:
        each(made)
    return made, check(write(folder / NAME, made))


def test_there_are_as_many_typing_errors_as_a_user_made() -> None:
    assert len(ROWS) + len(OTHERS) >= 90


@pytest.mark.parametrize("title", ROWS)
def test_a_word_that_is_misspelt_is_named_once_where_it_stands_with_the_one_that_was_meant(
    title: str, tmp_path: Path
) -> None:
    mutation, file, pointer, meant = ROWS[title]
    _, found = findings(tmp_path, mutation)
    assert [(each.file, each.pointer) for each in found] == [(f"{NAME}/{file}", f"#{pointer}")], found
    assert found[0].remedy.startswith(f"Did you mean {meant!r}?"), found


@pytest.mark.parametrize("title", OTHERS)
def test_another_mistake_is_named_once_with_what_to_write(title: str, tmp_path: Path) -> None:
    mutation, file, pointer, sentence, remedy = OTHERS[title]
    _, (found,) = findings(tmp_path, mutation)
    assert (found.file, found.pointer, found.sentence) == (f"{NAME}/{file}", f"#{pointer}", sentence)
    assert found.remedy.startswith(remedy)


def obey(document: Any, finding: Finding) -> None:
    """Do what the remedy says, word by word, as a reader would who knows nothing else."""
    pointer = finding.pointer.removeprefix("#")
    if added := re.match(r'Add "(.*?)": (.*)\.$', finding.remedy):
        put(document, f"{pointer}/{added[1]}", json.loads(added[2]))
    elif written := re.match(r"Write (.*)\.$", finding.remedy):
        put(document, pointer, json.loads(written[1]))
    elif finding.remedy.startswith("Remove it"):
        drop(document, pointer)
    else:
        meant = re.match(r"Did you mean ('.*?'|\".*?\")\?", finding.remedy)
        assert meant, finding.remedy
        replace(document, pointer, ast.literal_eval(meant[1]), finding.sentence)


def replace(document: Any, pointer: str, meant: str, sentence: str) -> None:
    """The word that was meant in the place of the one that is named."""
    there, (above, _, last) = pointers.get(document, pointer), pointer.rpartition("/")
    is_name = sentence.startswith(("unknown word", "the binding")) or "is neither a pointer" in sentence
    if isinstance(there, str) and not is_name:
        put(document, pointer, meant)
    elif isinstance(there, list) and not is_name and (wrong := [each for each in there if repr(each) in sentence]):
        there[there.index(wrong[0])] = meant
    elif isinstance(there, dict) and "fact" in there and not is_name:
        there["fact"] = meant
    else:
        name = pointers.split(f"/{last}")[0]
        new = name.rpartition(".")[0] + f".{meant}" if meant.endswith("-off") else meant
        parent = pointers.get(document, above)
        members = [(new if each == name else each, value) for each, value in parent.items()]
        parent.clear()
        parent.update(members)


@pytest.mark.parametrize("title", [*ROWS, *OTHERS])
def test_a_remedy_that_is_obeyed_leaves_a_sound_contract(title: str, tmp_path: Path) -> None:
    documents, found = findings(tmp_path, (ROWS | OTHERS)[title][0])
    for each in found:
        obey(documents[each.file.rpartition("/")[2]], each)
    assert not check(write(tmp_path / NAME, documents)), check(tmp_path / NAME)


def test_mistakes_of_every_kind_are_named_all_at_once(tmp_path: Path) -> None:
    """Those of words do not hide those behind them: a state without an answer, a fact that is not there."""
    several = ("vreb", "a number", "int", "requird", "getJbo", "canceled")
    rows = [ROWS[each] for each in several if each in ROWS]
    _, found = findings(tmp_path, *(row[0] for row in rows[::-1] if row[3] != "getJob"))
    named = {each.pointer.removeprefix("#") for each in found}
    assert named == {row[2] for row in rows if row[3] != "getJob"}


def test_what_is_found_behind_a_word_that_is_misspelt_stands_where_the_file_has_it(tmp_path: Path) -> None:
    _, found = findings(
        tmp_path, behave("/operations/cancelJob/to", "gone"), rename(BEHAVIOR, "/operations", "opertions")
    )
    assert [each.pointer for each in found] == ["#/opertions", "#/opertions/cancelJob/to"]


def indented(folder: Path, documents: Documents) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, document in documents.items():
        (folder / name).write_text(json.dumps(document, indent=2))
    return folder


def test_a_mistake_stands_at_its_line_and_pointer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "")
    documents = good()
    ROWS["phse"][0](documents)
    folder = indented(tmp_path / NAME, documents)
    lines = (folder / BEHAVIOR).read_text().splitlines()
    line = next(n for n, text in enumerate(lines, 1) if '"phse"' in text)
    told = CliRunner().invoke(main, ["check", str(folder)])
    assert told.output.startswith(f"{NAME}/{BEHAVIOR}:{line}: #/resources/job/states/queued/phse: unknown word 'phse'.")


def test_mistakes_are_told_to_machines_as_an_object_a_line(tmp_path: Path) -> None:
    documents = good()
    ROWS["vreb"][0](documents)
    folder = indented(tmp_path / NAME, documents)
    told = CliRunner().invoke(main, ["check", "--format", "json", str(folder)])
    assert told.exit_code == 1
    (found,) = map(json.loads, told.output.splitlines())
    assert found["mend"] == {"how": "rename", "pointer": "/operations/getJob/vreb", "value": "verb"}
    assert (found["contract"], found["file"], found["pointer"]) == (
        NAME,
        str(folder / BEHAVIOR),
        "/operations/getJob/vreb",
    )
    assert '"vreb"' in (folder / BEHAVIOR).read_text().splitlines()[found["line"] - 1]
    sound = CliRunner().invoke(main, ["check", "--format", "json", str(indented(tmp_path / "sound", good()))])
    assert (sound.exit_code, sound.output) == (0, "")


def test_names_that_stand_twice_are_named_with_both_lines(tmp_path: Path) -> None:
    folder = indented(tmp_path / NAME, good())
    text = (folder / BEHAVIOR).read_text().replace('"verb": "show",', '"verb": "show",\n"verb": "move",')
    text = text.replace('"account": {', '"account": {"id": "uuid"},\n"account": {', 1)
    (folder / BEHAVIOR).write_text(text)
    found = check(folder)
    lines = text.splitlines()
    assert [each.pointer for each in found] == ["#/account", "#/operations/getJob/verb"]
    for each, word in zip(found, ('"account"', '"verb": "move"'), strict=True):
        assert word in lines[each.line - 1]
        assert "stands twice in one object: in line" in each.sentence


@pytest.mark.parametrize(("document", "sentence", "remedy"), [
    ({"openapi": "3.0.3", "info": {"title": "x"}, "paths": {}}, "this is OpenAPI 3.0.3", "`mockserver new NAME --from"),
    ({"swagger": "2.0", "info": {"title": "x"}, "paths": {}}, "this is Swagger 2.0", "Convert the whole document"),
])  # fmt: skip
def test_a_document_of_another_version_gets_one_sentence(
    document: Any, sentence: str, remedy: str, tmp_path: Path
) -> None:
    folder = write(tmp_path / NAME, {**good(), OPENAPI: document})
    (found,) = check(folder)
    assert found.sentence.startswith(sentence)
    assert found.remedy.startswith(remedy)


def test_a_document_in_yaml_gets_one_sentence(tmp_path: Path) -> None:
    folder = write(tmp_path / NAME, good())
    (folder / OPENAPI).write_text("# mine\nopenapi: 3.1.0\ninfo:\n  title: x\n")
    (found,) = check(folder)
    assert found.sentence == "this is not JSON but looks like YAML."
    (folder / OPENAPI).rename(folder / "openapi.yaml")
    (found,) = check(folder)
    assert found.sentence == "the file is missing, and openapi.yaml is there: contracts are JSON."
    assert found.remedy.startswith(
        "Write what stands in openapi.yaml as JSON, in openapi.json; `mockserver new NAME --from"
    )


def test_openapi_3_2_is_read(tmp_path: Path) -> None:
    assert not findings(tmp_path, show("/openapi", "3.2.0"))[1]
