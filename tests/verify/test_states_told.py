"""A job whose states have one example between them: the state is read where the contract binds it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cli_kit import call
from suggest_kit import loaded
from verify_kit import patched, served, walk

from mockserver.contract import Contract
from mockserver.live import DEMO, Live
from mockserver.verify import VerifyOptions, verify
from mockserver.verify.states import written

RENDER = {
    "type": "object",
    "required": ["id", "status"],
    "properties": {
        "id": {"type": "string"},
        "status": {"type": "string", "enum": ["waiting", "rendering", "done", "failed"]},
        "video_url": {"type": "string", "format": "uri", "nullable": True},
    },
}
ORDER = {"type": "object", "required": ["prompt"], "properties": {"prompt": {"type": "string"}}}


def answered(status: str) -> dict[str, Any]:
    return {status: {"description": "It", "content": {"application/json": {"schema": RENDER}}}}


def document(body: Any = ORDER) -> dict[str, Any]:
    """A document of jobs that tells nothing of what its words mean."""
    post: dict[str, Any] = {"operationId": "createRender", "responses": answered("201")}
    if body is not None:
        post["requestBody"] = {"content": {"application/json": {"schema": body}}}
    get = {"operationId": "getRender", "responses": answered("200")}
    named = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
    paths = {"/renders": {"post": post}, "/renders/{id}": {"parameters": named, "get": get}}
    return {"openapi": "3.0.3", "info": {"title": "Renders", "version": "1"}, "paths": paths}


Make = Callable[..., Path]


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """A contract that is imported, in a folder of this name, with patches of its files."""

    def make(folder: str, body: Any = ORDER, **patches: list[list[Any]]) -> Path:
        (tmp_path / folder).mkdir()
        monkeypatch.chdir(tmp_path / folder)
        Path("vendor.json").write_text(json.dumps(document(body)))
        ran = call("new", "renders", "--from", "vendor.json")
        assert ran.exit_code == 0, ran.output
        for file, steps in patches.items():
            path = Path("renders") / f"{file}.json"
            path.write_text(json.dumps(patched(json.loads(path.read_text()), steps), indent=2))
        return tmp_path / folder / "renders"

    return make


RUN = "/resources/render/run"
WORDS = "/paths/~1renders~1{id}/get/responses/200/content/application~1json/schema/properties/status"
EXPIRED = [
    ["put", "/resources/render/states/expired", {"end": "failure"}],
    ["put", f"{RUN}/outcomes", {"expired": 1}],
    ["put", f"{RUN}/errors/expired", ["It took too long"]],
]


def without_words(folder: Path) -> Contract:
    """The contract with schemas that list no word of a state."""
    path = folder / "openapi.json"
    text = json.dumps(listing(json.loads(path.read_text()), None))
    path.write_text(text)
    return loaded(folder)


def listing(node: Any, word: str | None) -> Any:
    """A document with a word more in its list of states, or without the list."""
    if isinstance(node, list):
        return [listing(each, word) for each in node]
    if not isinstance(node, dict):
        return node
    changed = {name: listing(each, word) for name, each in node.items()}
    if "waiting" in changed.get("enum", ()):
        several = [*changed.pop("enum"), word]
        return {**changed, "enum": several} if word else changed
    return changed


def with_word(folder: Path) -> Contract:
    """The contract of a vendor whose jobs expire, and whose document says so."""
    path = folder / "openapi.json"
    path.write_text(json.dumps(listing(json.loads(path.read_text()), "expired"), indent=2))
    return loaded(folder)


def test_a_job_is_over_when_its_bound_state_says_so(made: Make) -> None:
    contract = loaded(made("own"))
    said: list[str] = []
    report = walk(contract, contract, longest=60, limit=0, watch=said.append)
    assert (report.notes, report.drifts) == ([], {})
    assert any(": rendering after" in line for line in said), said
    assert {name for operation, name in report.answered if operation == "getRender"} >= {"waiting", "rendering", "done"}


def test_a_state_that_is_shown_by_another_word_is_read_back(made: Make) -> None:
    words = {"waiting": "rendering", "rendering": "waiting", "done": "failed", "failed": "done"}
    shown = [["put", "/resources/render/bindings/~1status", {"fact": "state", "of": words}]]
    contract = loaded(made("own", behavior=shown))
    said: list[str] = []
    report = walk(contract, contract, longest=60, limit=0, watch=said.append)
    assert (report.notes, report.drifts) == ([], {})
    assert said[0].endswith(": waiting after 0 s of at most 60")
    assert ("getRender", "done") in report.answered


def test_a_word_of_no_state_is_drift_where_the_schema_lists_none(made: Make) -> None:
    vendor, judge = without_words(made("vendor", behavior=EXPIRED)), without_words(made("own"))
    report = walk(vendor, judge, longest=30, limit=0)
    (drift,) = report.drifts.values()
    assert (drift.kind, drift.judgement, drift.at) == ("new_enum_value", "contract too strict", "/status")
    assert drift.sentence == "/status is 'expired', and no state of behavior.json is shown so"
    assert report.notes == ["a render did not end within 30 seconds"]


def test_a_word_that_the_schema_does_not_list_is_told_once(made: Make) -> None:
    vendor, judge = with_word(made("vendor", behavior=EXPIRED)), loaded(made("own"))
    report = walk(vendor, judge, longest=30, limit=0)
    (drift,) = report.drifts.values()
    assert (drift.kind, drift.word) == ("new_enum_value", "enum")


def test_apply_tells_what_is_left_to_do_by_hand(made: Make) -> None:
    vendor, own = with_word(made("vendor", behavior=EXPIRED)), made("own")
    with served(vendor) as (url, sleep):
        ran = verified(own, url, sleep)
    assert ran.exit_code == 1, ran.output
    changed, by_hand, last = ran.output.splitlines()[-3:]
    assert changed == f"{own / 'openapi.json'} is changed"
    assert by_hand.startswith("left to do by hand: getRender: /status is 'expired', and no state of behavior.json")
    assert by_hand.endswith("add it to `states` of behavior.json by hand, with what it means and when jobs come to it")
    assert last == "renders: of what differs, 1 is left"
    assert "expired" in (own / "openapi.json").read_text()


def verified(folder: Path, url: str, sleep: Any) -> Any:
    """`verify --apply` with a client whose waits move the server's clock."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Live, "sleep", property(lambda self: sleep, lambda self, value: None), raising=False)
        words = ("--max-wait", "30", "--limit-requests", "0", "--apply")
        return call("verify", "renders", "--contracts", folder.parent, "--url", url, *words)


def test_a_create_that_takes_no_body_is_sent_empty(made: Make) -> None:
    contract = loaded(made("own", body=None))
    report = walk(contract, contract, longest=60, limit=0)
    assert (report.notes, report.drifts) == ([], {})
    assert ("createRender", "waiting") in report.answered
    assert ("getRender", "done") in report.answered


@pytest.mark.parametrize(("needs", "is_sent"), [([], True), (["prompt"], False)])
def test_a_body_without_an_example_is_empty_where_nothing_in_it_is_required(
    made: Make, needs: list[str], is_sent: bool
) -> None:
    contract = loaded(made("own"))
    changed = json.loads(json.dumps(contract.document))
    body = changed["paths"]["/renders"]["post"]["requestBody"]
    content = body["content"]["application/json"]
    content.pop("examples")
    content["schema"] = {"type": "object", "required": needs, "properties": {"prompt": {"type": "string"}}}
    maker = replace(contract.operations["createRender"], body_required=True)
    judge = replace(contract, document=changed, operations={**contract.operations, "createRender": maker})
    server = loaded(made("server", body=None))
    with served(server) as (url, sleep):
        report = verify(judge, Live(judge, url, DEMO, sleep=sleep), VerifyOptions(longest=60, limit=0))
    none_sent = "createRender has no example of a request, so that none was sent"
    assert (none_sent in report.notes) is not is_sent
    assert (("createRender", "waiting") in report.answered) is is_sent


def test_conditions_and_other_values_are_read_as_they_are_written() -> None:
    from mockserver.loader.values import value

    said = value({"fact": "state", "of": {"done": 2}, "when": {"state": ["done", "failed"]}, "else": {"fact": "state"}})
    assert [written(said, each) for each in ("done", "failed", "waiting")] == [2, "failed", "waiting"]
    assert written(value({"fact": "state", "when": {"state": "done"}, "else": 0}), "failed") == 0
