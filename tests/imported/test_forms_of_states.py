"""Answers that have another form in some states, and values whose form a discriminator chooses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from imported_kit import jobs, of, said, serving, thing

TEXT = {"type": "string"}
URL = TEXT | {"format": "uri"}
ETA = {"type": "integer"}
STATES = ["queued", "running", "done", "failed"]


def state(*names: str) -> dict[str, Any]:
    return {"const": names[0]} if len(names) == 1 else TEXT | {"enum": [*names]}


def forms(**around: Any) -> list[dict[str, Any]]:
    """A form for each state, with what only that has."""
    return [
        thing(id=TEXT, status=state("queued", "running"), eta=ETA, **around),
        thing(id=TEXT, status=state("done"), out=thing(href=URL), **around),
        thing(id=TEXT, status=state("failed"), error=thing(message=TEXT), **around),
    ]


def closed(schema: dict[str, Any]) -> dict[str, Any]:
    return schema | {"additionalProperties": False}


def kinds() -> dict[str, Any]:
    """A document in which the state chooses the form by a discriminator, and no form says its own."""
    document = jobs({"$ref": "#/components/schemas/Job"})
    document["components"] = {"schemas": {
        "Job": {"oneOf": [{"$ref": f"#/components/schemas/{each}"} for each in ("Begun", "done", "failed")],
                "discriminator": {"propertyName": "status", "mapping": {
                    "queued": "#/components/schemas/Begun", "running": "Begun"}}},
        "Begun": thing(id=TEXT, status=TEXT, eta=ETA), "done": thing(id=TEXT, status=TEXT, out=thing(href=URL)),
        "failed": thing(id=TEXT, status=TEXT, error=thing(message=TEXT)),
    }}  # fmt: skip
    return document


def conditions() -> dict[str, Any]:
    """A schema that says by conditions what each state has."""
    done, failed = ({"properties": {"status": {"const": each}}} for each in ("done", "failed"))
    job = thing(["id", "status"], id=TEXT, status=state(*STATES))
    return job | {
        "if": done,
        "then": thing(out=thing(href=URL)),
        "else": {"if": failed, "then": thing(error=thing(message=TEXT)), "else": thing(eta=ETA)},
    }


PLAIN = thing(["id", "status"], id=TEXT, status=state(*STATES))


@pytest.mark.parametrize("document", [
    jobs({"oneOf": forms()}), jobs({"type": "object", "anyOf": forms()}), jobs({"oneOf": [*map(closed, forms())]}),
    jobs({"allOf": [PLAIN, {"oneOf": forms()}]}), jobs(PLAIN | {"oneOf": forms()}), kinds(), jobs(conditions()),
    jobs({"oneOf": forms()}, created=forms()[0]),
    jobs({"oneOf": [forms()[0], {"oneOf": forms()[1:]}]}),
    jobs({"oneOf": [thing(message=TEXT), *forms()]}),
])  # fmt: skip
def test_each_state_has_the_fields_of_its_form(document: Any, tmp_path: Path) -> None:
    made = of(tmp_path, document)
    assert made.left == []
    assert not any("open" in each.meaning for each in made.guesses)
    assert [*made.behavior["resources"]["job"]["states"]] == STATES
    with serving(tmp_path, made) as (api, http):
        api.next_job(outcome="failed")
        lost, first = http.post("/jobs").json()["id"], http.post("/jobs").json()
        number = first["id"]
        assert first == {"id": number, "status": "queued", "eta": 1}
        api.clock.run_until(number, "running")
        assert http.get(f"/jobs/{number}").json() == {"id": number, "status": "running", "eta": 1}
        api.clock.run_until(number, "done")
        api.clock.run_until(lost, "failed")
        shown = http.get(f"/jobs/{number}").json()
        assert shown.keys() == {"id", "status", "out"}
        assert http.get(shown["out"]["href"]).status_code == 200
        told = {"id": lost, "status": "failed", "error": {"message": "It failed"}}
        assert http.get(f"/jobs/{lost}").json() == told


def test_lists_show_each_job_in_the_form_of_its_state(tmp_path: Path) -> None:
    document = kinds()
    items = {"type": "array", "items": {"$ref": "#/components/schemas/Job"}}
    document["paths"]["/jobs"]["get"] = {"operationId": "every", "responses": said(thing(data=items))}
    made = of(tmp_path, document)
    assert made.left == []
    with serving(tmp_path, made) as (api, http):
        number = http.post("/jobs").json()["id"]
        api.clock.run_until(number, "done")
        (shown,) = http.get("/jobs").json()["data"]
        assert shown == http.get(f"/jobs/{number}").json()


def test_another_view_and_an_envelope_have_forms_too(tmp_path: Path) -> None:
    document = jobs(thing(data={"oneOf": forms()}), **{"/status": {"get": {
        "operationId": "stand", "responses": said({"oneOf": forms(turns=ETA)})}}})  # fmt: skip
    made = of(tmp_path, document)
    assert made.left == []
    with serving(tmp_path, made) as (api, http):
        number = http.post("/jobs").json()["data"]["id"]
        api.clock.run_until(number, "done")
        shown = http.get(f"/jobs/{number}").json()
        assert shown["data"]["out"].keys() == {"href"}
        assert http.get(f"/jobs/{number}/status").json() == shown["data"] | {"turns": 1}


def test_what_a_form_alone_has_is_written_there_alone(tmp_path: Path) -> None:
    done = thing(id=TEXT, status=state("done"), url=URL)
    before = thing(id=TEXT, status=state("queued"), url={"type": "null"})
    made = of(tmp_path, jobs({"oneOf": [before, done]}))
    assert made.left == []
    with serving(tmp_path, made) as (api, http):
        first = http.post("/jobs").json()
        assert first["url"] is None
        api.clock.run_until(first["id"], "done")
        assert "/_media/" in http.get(f"/jobs/{first['id']}").json()["url"]


def chosen(mapping: Any = None, word: str = "oneOf", **kind: Any) -> dict[str, Any]:
    """A document of jobs of two kinds, of which only the discriminator says the keys."""
    document = jobs({"$ref": "#/components/schemas/Job"})
    film, song = (thing(id=TEXT, kind=TEXT | more, status=state(*STATES)) for more in (kind, {}))
    said = {"propertyName": "kind"} | ({} if mapping is None else {"mapping": mapping})
    document["components"] = {"schemas": {
        "Job": {word: [{"$ref": "#/components/schemas/Film"}, {"$ref": "#/components/schemas/Song"}],
                "discriminator": said},
        "Film": film, "Song": song,
    }}  # fmt: skip
    return document


FILM = "#/components/schemas/Film"


@pytest.mark.parametrize(("document", "wanted"), [
    (chosen(), "Film"), (chosen({"video/mp4": FILM}), "video/mp4"), (chosen({"film": "Film"}), "film"),
    (chosen({"film": "films.yaml#/components/schemas/Film"}), "film"), (chosen({"song": "Song"}), "Film"),
    (chosen({"film": FILM}, "anyOf"), "film"), (chosen({"b": FILM, "a": FILM}), "b"),
    (chosen(default="movie"), "movie"),
    (chosen({"b": FILM}, enum=["a", "b"]), "b"), (chosen({"b": FILM}, const="a"), "a"),
    (chosen({"z": FILM}, enum=["a", "b"]), "a"),
    (chosen({"x": 7}), "Film"), (chosen([]), "Film"),
])  # fmt: skip
def test_the_key_of_a_discriminator_is_what_a_form_says(document: Any, wanted: str, tmp_path: Path) -> None:
    made = of(tmp_path, document)
    assert made.left == []
    with serving(tmp_path, made) as (_, http):
        assert http.post("/jobs").json()["kind"] == wanted


@pytest.mark.parametrize(("mapping", "wanted"), [(None, ["Film", "Song"]), ({"f": FILM, "s": "Song"}, ["f", "s"])])
def test_a_base_lists_the_keys_of_what_is_made_of_it(mapping: Any, wanted: list[str], tmp_path: Path) -> None:
    document = chosen(mapping)
    schemas = document["components"]["schemas"]
    base = {"$ref": "#/components/schemas/Base"}
    schemas["Base"] = schemas["Film"] | {"discriminator": schemas["Job"].pop("discriminator")}
    schemas["Film"], schemas["Song"] = {"allOf": [base, thing([], film=TEXT)]}, {"allOf": [base, thing([], song=TEXT)]}
    document["paths"]["/base"] = {"get": {"operationId": "base", "responses": said(base)}}
    made = of(tmp_path, document, "/")
    assert made.left == []
    with serving(tmp_path, made) as (_, http):
        assert http.post("/jobs").json()["kind"] == wanted[0]
        assert http.get("/base").json()["kind"] in wanted
    listed = made.openapi["components"]["schemas"]["Base"]["properties"]["kind"]["allOf"]
    assert {"enum": wanted} in listed


def test_a_request_has_the_key_of_its_form_too(tmp_path: Path) -> None:
    document = chosen({"film": FILM})
    order = {"$ref": "#/components/schemas/Job"}
    document["paths"]["/jobs"]["post"]["requestBody"] = {"content": {"application/json": {"schema": order}}}
    body = {"id": "x", "kind": "film", "status": "done"}
    with serving(tmp_path, of(tmp_path, document)) as (_, http):
        assert http.post("/jobs", json=body).status_code == 201
        assert http.post("/jobs", json=body | {"kind": "other"}).status_code == 400


@pytest.mark.parametrize(("more", "wanted"), [
    ([], {"status": "done"}), ([thing(id=TEXT, status=state("deleted"), at=ETA)], {"status": "deleted"}),
])  # fmt: skip
def test_what_is_taken_away_is_shown_in_a_form_as_well(more: Any, wanted: Any, tmp_path: Path) -> None:
    document = jobs({"$ref": "#/components/schemas/Job"})
    document["components"] = {"schemas": {"Job": {"oneOf": [*forms(), *more]}}}
    answer = said({"$ref": "#/components/schemas/Job"})
    document["paths"]["/jobs/{id}"]["delete"] = {"operationId": "drop", "responses": answer}
    made = of(tmp_path, document)
    assert made.left == []
    with serving(tmp_path, made) as (_, http):
        number = http.post("/jobs").json()["id"]
        gone = http.delete(f"/jobs/{number}").json()
        assert gone["id"] == number
        assert {"status": gone["status"]} == wanted
        assert http.get(f"/jobs/{number}").status_code == 404
