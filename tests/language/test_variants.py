"""A variant is a name for a condition, and part of an example's name: which example answers, and what check says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from check_kit import BEHAVIOR, OPENAPI, Documents, Mutation, behave, both, show, write
from language_kit import NAME, SHOW, Served, documents, findings, serving

from mockserver.coverage import coverage
from mockserver.loader import load_folder

KEY = {"X-API-Key": "demo-key"}
SHOWN = f"{SHOW}/responses/200/content/application~1json/examples"
LOGS = both(
    show(f"{SHOW}/parameters", [{"name": "logs", "in": "query", "schema": {"type": "boolean"}}]),
    show(f"{SHOW}/responses/400", {"$ref": "#/components/responses/BadRequest"}),
)


def variants(documents: Documents) -> None:
    conditions = {"logs": {"call.query.logs": [True, 1]}, "wide": {"request./aspect": "16:9"}}
    documents[BEHAVIOR]["variants"] = conditions


def example(name: str, like: str = "Queued", **more: Any) -> Mutation:
    """An example of what shows a job, that differs in its prompt: that is its own name."""

    def add(documents: Documents) -> None:
        value = documents[OPENAPI]["components"]["examples"][like]["value"]
        at = documents[OPENAPI]["paths"]["/v1/jobs/{jobId}"]["get"]["responses"]["200"]["content"]
        at["application/json"]["examples"][name] = {"value": {**value, "prompt": name, **more}}

    return add


def silent(documents: Documents) -> None:
    """The prompt is what the example shows."""
    del documents[BEHAVIOR]["operations"]["getJob"]["bindings"]["/prompt"]


BASE = both(silent, LOGS, variants, behave("/resources/job/run/queued", {"fixed": 2}))
EACH = both(BASE, example("queued.logs"), example("queued.wide"))


def told(own: Served, query: str = "", **values: Any) -> str:
    return str(own.show(own.submit(**values).json()["id"] + query)["prompt"])


def test_an_example_named_after_a_variant_answers_where_its_condition_holds(tmp_path: Path) -> None:
    with serving(tmp_path, EACH) as own:
        assert told(own) == "A lighthouse at dusk"
        assert told(own, "?logs=true") == "queued.logs"
        assert told(own, aspect="16:9") == "queued.wide"


def test_of_several_that_hold_the_one_that_names_most_answers_then_the_first_that_is_declared(tmp_path: Path) -> None:
    with serving(tmp_path, EACH) as own:
        assert told(own, "?logs=true", aspect="16:9") == "queued.logs"
    with serving(tmp_path, EACH, example("queued.wide.logs")) as own:
        assert told(own, "?logs=true", aspect="16:9") == "queued.wide.logs"


def test_an_answer_that_is_remembered_does_not_stand_in_for_a_variant(tmp_path: Path) -> None:
    with serving(tmp_path, EACH) as own:
        identity = own.submit().json()["id"]
        for _ in range(3):
            assert own.show(identity)["prompt"] == "A lighthouse at dusk"
            assert own.show(f"{identity}?logs=true")["prompt"] == "queued.logs"


def test_a_quirk_counts_as_a_variant_that_is_named_last(tmp_path: Path) -> None:
    with serving(tmp_path, EACH, example("queued.loud-off"), example("queued.wide.loud-off")) as own:
        own.sandbox.apis["own"].quirk("loud", False)
        assert told(own) == "queued.loud-off"
        assert told(own, "?logs=true") == "queued.logs"
        assert told(own, "?logs=true", aspect="16:9") == "queued.wide.loud-off"


def test_a_variant_has_bindings_of_its_own(tmp_path: Path) -> None:
    own_bindings = behave("/operations/getJob/bindings/queued.logs", {"/prompt": "id"})
    with serving(tmp_path, EACH, own_bindings) as own:
        made = own.submit().json()["id"]
        assert own.show(f"{made}?logs=true")["prompt"] == made
        assert own.show(made)["prompt"] == "A lighthouse at dusk"


def test_what_creates_a_job_and_what_moves_it_have_variants(tmp_path: Path) -> None:
    def add(documents: Documents) -> None:
        for path, status in (("/v1/jobs", "201"), ("/v1/jobs/{jobId}/cancel", "200")):
            at = documents[OPENAPI]["paths"][path]["post"]["responses"][status]["content"]["application/json"]
            value = documents[OPENAPI]["components"]["examples"]["Queued"]["value"]
            at["examples"]["queued.wide"] = {"value": {**value, "prompt": "wide"}}
        for name in ("submitJob", "cancelJob"):
            documents[BEHAVIOR]["operations"][name]["bindings"].pop("/prompt")

    with serving(tmp_path, BASE, example("queued.logs"), add) as own:
        made = own.submit(aspect="16:9").json()
        assert made["prompt"] == "wide"
        assert own.http.post(f"/v1/jobs/{made['id']}/cancel", headers=KEY).json()["prompt"] == "wide"
        assert own.submit(aspect="1:1").json()["prompt"] == "A lighthouse at dusk"


def test_a_refusal_may_depend_on_the_request_that_is_refused(tmp_path: Path) -> None:
    at = "/components/responses/NotFound/content/application~1json/examples/not_found.logs"
    with serving(tmp_path, EACH, show(at, {"value": {"code": "x", "message": "No logs"}})) as own:
        assert own.show("none?logs=true") == {"code": "x", "message": "No logs"}
        assert own.show("none") != {"code": "x", "message": "No logs"}


@pytest.mark.parametrize(
    ("mutation", "word"),
    [
        (both(EACH, example("queued.lgos")), "no variant 'lgos'"),
        (both(EACH, example("queued.lgos")), "logs"),
        (BASE, "the variant changes nothing"),
        (both(EACH, behave("/variants/queued", {"state": "queued"})), "'queued' is a state as well"),
        (both(EACH, behave("/variants/loud", {"state": "queued"})), "'loud' is a quirk as well"),
        (both(EACH, behave("/variants/logs", {"call.query.log": True})), "'query.log'"),
        (both(EACH, behave("/variants/logs", {"request./aspct": "1:1"})), "/aspct"),
        (both(EACH, behave("/variants/logs", {})), "variants/logs"),
        (both(EACH, behave("/variants/a.b", {"state": "queued"})), "a.b"),
        (both(EACH, example("queued.wide.logs"), example("queued.logs.wide")), "'queued' stands twice"),
        (both(EACH, example("queued.logs", status=3)), "breaks its schema"),
        (both(EACH, behave("/operations/getJob/bindings/queued.lgos", {"/id": "id"})), "no example 'queued.lgos'"),
    ],
)
def test_a_variant_that_cannot_be_is_named(mutation: Mutation, word: str, tmp_path: Path) -> None:
    found = findings(tmp_path, mutation)
    assert any(word in each for each in found), "\n".join(found) or "nothing was found"


def test_a_variant_of_a_refusal_knows_no_job(tmp_path: Path) -> None:
    at = "/components/responses/NotFound/content/application~1json/examples/not_found.wide"
    found = findings(tmp_path, EACH, show(at, {"value": {"code": "x", "message": "x"}}))
    assert any("knows none" in each for each in found)


def test_a_variant_is_an_answer_of_its_own_in_the_coverage(tmp_path: Path) -> None:
    with serving(tmp_path, EACH) as own:
        told(own)
        told(own, "?logs=true")
        contract, counts = own.sandbox.apis[NAME].contract, own.sandbox.journal.seen
        rows = {each.example: each for each in coverage(contract, counts) if each.operation == "getJob"}
    assert [(rows[name].answers, rows[name].needs) for name in ("queued", "queued.logs", "queued.wide")] == [
        (2, "nothing"), (1, "variant"), (0, "variant"),
    ]  # fmt: skip
    assert "variant" not in {each.needs for each in rows.values() if "." not in each.example}


def test_variants_of_what_was_never_called_need_the_call(tmp_path: Path) -> None:
    contract, found = load_folder(write(tmp_path / NAME, documents(EACH)))
    assert contract is not None, found
    assert {each.needs for each in coverage(contract, {}) if each.example == "queued.logs"} == {"operation"}
