"""A document becomes a contract that is sound: what is kept, guessed and left out, and how it is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from check_kit import put as set_at
from imported_kit import of, old, put

from mockserver.check import check
from mockserver.cli.check import _tried
from mockserver.errors import MockserverError
from mockserver.imported.importing import imported
from mockserver.imported.layout import WIDTH, laid_out
from mockserver.imported.writing import write

VERBS = {
    "createRender": "create", "listRenders": "list", "getRender": "show", "deleteRender": "move",
    "cancelRender": "move", "getFile": "content",
}  # fmt: skip


def verbs(behavior: Any) -> dict[str, str]:
    return {name: said["verb"] for name, said in behavior["operations"].items()}


@pytest.mark.parametrize("name", ["vendor.json", "vendor.yaml"])
@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
def test_operations_about_jobs_have_their_verbs_and_the_contract_is_sound(
    tmp_path: Path, version: str, name: str
) -> None:
    made = of(tmp_path, old() | {"openapi": version}, name=name)
    assert verbs(made.behavior) == VERBS
    write(tmp_path / "renders", made)
    assert not check(tmp_path / "renders")
    assert not _tried(tmp_path / "renders")


def test_each_guess_is_assumed_has_a_reason_and_says_what_to_look_at(tmp_path: Path) -> None:
    made = of(tmp_path, old())
    write(tmp_path / "renders", made)
    said = json.loads((tmp_path / "renders" / "imported.json").read_text())
    assert {each["subject"] for each in said["guesses"]} >= VERBS.keys()
    assert all(each["why"] and each["evidence"] == "assumed" for each in said["guesses"])
    assert all(op["x-evidence"] == "assumed" for item in made.openapi["paths"].values() for op in item.values())
    assert any("mixing" not in each.meaning and "done (success)" in each.meaning for each in made.guesses)


def test_the_states_go_their_way(tmp_path: Path) -> None:
    words = of(tmp_path, old()).behavior["resources"]["render"]
    assert words["states"] == {
        "waiting": {"phase": "queued"}, "rendering": {"phase": "running"}, "done": {"end": "success"},
        "failed": {"end": "failure"}, "cancelled": {"end": "cancelled"}, "deleted": {"gone": True},
    }  # fmt: skip
    assert words["run"]["outcomes"] == {"done": 1, "failed": 0, "cancelled": 0}


def test_fields_show_what_their_names_say(tmp_path: Path) -> None:
    bound = of(tmp_path, old()).behavior["resources"]["render"]["bindings"]
    assert bound["/id"] == "id"
    assert bound["/status"] == "state"
    assert bound["/created_at"] == "created"
    assert bound["/finished_at"] == "ended"
    assert bound["/progress"] == "progress"
    assert bound["/error"] == "error"
    assert bound["/video_url"] == {"fact": "result.video_url", "when": {"state": "done"}}
    assert bound["/prompt"]["fact"] == "request./prompt"


def test_a_list_knows_its_pages(tmp_path: Path) -> None:
    words = of(tmp_path, old()).behavior["operations"]["listRenders"]
    assert words["items"] == "/data"
    assert words["parameters"] == {"limit": "limit", "cursor": "token", "status": "state"}
    assert words["bindings"]["/has_more"] == "page.more"
    assert words["bindings"]["/next_cursor"] == "page.next"


def test_only_names_and_shapes_are_taken_over(tmp_path: Path) -> None:
    text = json.dumps(of(tmp_path, old()).vendor)
    assert "prose" not in text
    assert '"example"' not in text
    assert "Somebody" not in text
    assert "/fonts" not in text


def test_only_named_paths_and_those_below_are_taken(tmp_path: Path) -> None:
    assert verbs(of(tmp_path, old(), "/fonts").behavior) == {"listFonts": "answer"}
    assert verbs(of(tmp_path, old(), "/renders").behavior) == VERBS
    assert verbs(of(tmp_path, old(), "/renders", "/fonts").behavior) == VERBS | {"listFonts": "answer"}
    few = of(tmp_path, old(), "/renders/{render_id}").behavior
    assert {*verbs(few)} == {"getRender", "deleteRender", "cancelRender", "getFile"}


@pytest.mark.parametrize("only", [["/nix"], ["/rend"]])
def test_a_path_that_is_not_there_gets_one_sentence(tmp_path: Path, only: list[str]) -> None:
    with pytest.raises(MockserverError, match="no operation at"):
        of(tmp_path, old(), *only)


def test_a_list_is_asked_for_its_pages_in_one_way_and_for_each_thing_once(tmp_path: Path) -> None:
    document = old()
    listing = document["paths"]["/renders"]["get"]
    whole = {"type": "integer"}
    listing["parameters"] += [{"name": n, "in": "query", "schema": whole} for n in ("page", "offset", "page_size")]
    page = document["components"]["schemas"]["Page"]["properties"]
    page["next"] = {"type": "string", "example": "/v1/renders?cursor=x"}
    words = of(tmp_path, document).behavior["operations"]["listRenders"]
    assert words["parameters"] == {"limit": "limit", "cursor": "token", "status": "state"}
    assert words["bindings"]["/next"]["fact"] == "page.next"


def test_a_document_without_jobs_gets_one_sentence(tmp_path: Path) -> None:
    document = old()
    document["paths"] = {"/fonts": document["paths"]["/fonts"]}
    with pytest.raises(MockserverError, match="--only"):
        of(tmp_path, document)


def test_references_to_other_files_are_named_with_their_place(tmp_path: Path) -> None:
    document = old()
    set_at(document, "/components/schemas/Render/properties/id", {"$ref": "./id.yaml"})
    with pytest.raises(MockserverError, match=r"#/components/schemas/Render/properties/id/\$ref.*another file"):
        of(tmp_path, document)


def test_references_that_lead_nowhere_or_round_are_told_and_anything_may_stand_there(tmp_path: Path) -> None:
    document = old()
    set_at(document, "/components/schemas/Order/properties/a", {"$ref": "#/components/schemas/Nix"})
    set_at(document, "/components/schemas/Order/properties/b", {"$ref": "#/components/schemas/Loop"})
    set_at(document, "/components/schemas/Loop", {"$ref": "#/components/schemas/Loop"})
    made = of(tmp_path, document)
    assert verbs(made.behavior) == VERBS
    assert sum("leads nowhere" in each.why for each in made.left) == 2


def test_a_schema_may_hold_itself(tmp_path: Path) -> None:
    document = old()
    set_at(document, "/components/schemas/Render/properties/parent", {"$ref": "#/components/schemas/Render"})
    set_at(
        document,
        "/components/schemas/Render/properties/parts",
        {"type": "array", "items": {"$ref": "#/components/schemas/Render"}},
    )
    assert verbs(of(tmp_path, document).behavior) == VERBS


def test_schemas_that_multiply_are_refused_with_their_place(tmp_path: Path) -> None:
    document = old()
    for n in range(40):
        to = {"$ref": f"#/components/schemas/S{n + 1}"}
        document["components"]["schemas"][f"S{n}"] = {"allOf": [to, dict(to)]}
    document["components"]["schemas"]["S40"] = {"type": "object"}
    set_at(document, "/components/schemas/Order/properties/deep", {"$ref": "#/components/schemas/S0"})
    with pytest.raises(MockserverError, match=r"/components/schemas/S.*more than"):
        of(tmp_path, document)


def test_names_that_are_missing_or_stand_twice_are_made_of_method_and_path(tmp_path: Path) -> None:
    document = old()
    del document["paths"]["/renders"]["post"]["operationId"]
    document["paths"]["/renders"]["get"]["operationId"] = "get"
    document["paths"]["/renders/{render_id}"]["get"]["operationId"] = "get"
    assert {*verbs(of(tmp_path, document).behavior)} >= {"postRenders", "get", "getRendersRenderId"}


def test_paths_with_a_query_are_left_out_and_told(tmp_path: Path) -> None:
    document = old()
    document["paths"]["/renders?beta=true"] = {"post": {"responses": {"200": {"description": ""}}}}
    made = of(tmp_path, document)
    assert any(each.subject == "/renders?beta=true" for each in made.left)


def test_credentials_that_cannot_be_played_are_left_out(tmp_path: Path) -> None:
    document = old()
    document["components"]["securitySchemes"] |= {
        "mtls": {"type": "mutualTLS"},
        "odd": {"type": "http", "scheme": "digest"},
    }
    document["security"] = [{"mtls": []}, {"odd": []}, {"key": [], "mtls": []}]
    assert of(tmp_path, document).openapi["security"] == [{"key": []}]


def test_a_field_that_no_value_fits_may_be_anything_and_the_rest_stays(tmp_path: Path) -> None:
    document = old()
    content = document["paths"]["/renders/{render_id}/cancel"]["post"]["responses"]["200"]["content"][
        "application/json"
    ]
    content["schema"] = {
        "type": "object",
        "required": ["a"],
        "properties": {"a": {"type": "string", "pattern": "^\\x7a{7}$"}},
    }
    made = of(tmp_path, document)
    assert verbs(made.behavior) == VERBS
    assert any(each.subject == "cancelRender /a" and "breaks its schema" in each.why for each in made.left)
    assert "^zq" not in json.dumps(made.openapi)


def test_refusals_have_the_vendors_shape(tmp_path: Path) -> None:
    made = of(tmp_path, old())
    refused = made.openapi["x-responses"]["404"]["content"]["application/json"]
    assert refused["schema"] == {"$ref": "#/components/schemas/Error"}
    assert refused["examples"]["not_found"]["value"] == {"message": "There is no such thing"}
    assert made.behavior["problems"] == {"bad_request": {"/message": "problem.why"}}
    assert "bad_request" in made.openapi["x-responses"]["422"]["content"]["application/json"]["examples"]


def test_a_form_with_a_file_is_taken(tmp_path: Path) -> None:
    document = old()
    document["paths"]["/renders"]["post"]["requestBody"] = {"content": {"multipart/form-data": {"schema": {
        "type": "object", "required": ["clip"], "properties": {"clip": {"type": "string",
        "format": "binary"}}}}}}  # fmt: skip
    made = of(tmp_path, document)
    assert [*made.behavior["operations"]["createRender"]["files"]] == ["clip"]


def test_what_fits_on_a_line_stands_on_one() -> None:
    text = laid_out({"a": {"b": {"c": 1}}, "long": {"x": list(range(100))}, "empty": {}})
    assert '"b": {"c": 1}' in text
    assert max(map(len, text.splitlines())) <= WIDTH
    assert json.loads(text)["long"]["x"] == [*range(100)]


def test_the_written_documents_are_those_that_were_made(tmp_path: Path) -> None:
    made = of(tmp_path, old())
    write(tmp_path / "renders", made)
    for name, document in (("openapi", made.openapi), ("behavior", made.behavior), ("vendor", made.vendor)):
        assert json.loads((tmp_path / "renders" / f"{name}.json").read_text()) == document


def test_the_document_of_a_contract_can_be_imported(tmp_path: Path) -> None:
    folder = Path(__file__).parent.parent / "small"
    made = imported(put(tmp_path, json.loads((folder / "openapi.json").read_text())), "renders")
    assert {"create", "show"} <= {*verbs(made.behavior).values()}
    states = made.behavior["resources"]["job"]["states"]
    assert [*states.values()][:2] == [{"phase": "queued"}, {"phase": "running"}]


def with_ids_like(pattern: str) -> Any:
    document = old()
    like = {"type": "string", "pattern": pattern}
    document["components"]["schemas"]["Render"]["properties"]["id"] = like
    for item in document["paths"].values():
        for each in item.get("parameters", ()):
            if each["name"] == "render_id":
                each["schema"] = like
    return document


@pytest.mark.parametrize(("pattern", "form"), [
    ("^rnd_[a-z0-9]{12}$", {"pattern": "rnd_[0-9a-z]{12}"}),
    ("^rnd_[a-z0-9]+$", {"pattern": "rnd_[0-9a-z]{12}"}),
    ("^rnd_", {"pattern": "rnd_[0-9a-z]{12}"}),
    ("^CA[0-9a-f]{32}$", {"pattern": "CA[0-9a-f]{32}"}),
    ("^[a-z0-9]+$", "cuid"),
])  # fmt: skip
def test_ids_are_as_the_pattern_of_the_document_wants_them(tmp_path: Path, pattern: str, form: Any) -> None:
    made = of(tmp_path, with_ids_like(pattern))
    assert made.behavior["resources"]["render"]["id"] == form
    assert verbs(made.behavior) == VERBS


def test_a_pattern_that_no_ids_match_is_left_out_and_told(tmp_path: Path) -> None:
    made = of(tmp_path, with_ids_like("^(a|b)_[A-Z]{4}$"))
    assert made.behavior["resources"]["render"]["id"] == "cuid"
    assert verbs(made.behavior) == VERBS
    assert any(each.subject == "render ids" and "(a|b)" in each.why for each in made.guesses)
    assert "(a|b)" not in json.dumps(made.openapi)


def test_a_file_that_is_not_there_yet_is_refused_in_the_vendors_shape(tmp_path: Path) -> None:
    responses = of(tmp_path, old()).openapi["paths"]["/renders/{render_id}/file"]["get"]["responses"]
    content = responses["409"]["content"]["application/json"]
    assert content["schema"] == {"$ref": "#/components/schemas/Error"}
    assert content["examples"]["other"]["value"] == {"message": "It is not ready"}


def test_a_download_is_of_what_the_job_is_for_and_thumbnails_are_pictures(tmp_path: Path) -> None:
    document = old()
    shown = document["components"]["schemas"]["Render"]["properties"]
    url = shown.pop("video_url")
    shown |= {"poster_url": url, "cover_video": url, "output_url": url}
    behavior = of(tmp_path, document).behavior
    results = behavior["resources"]["render"]["results"]
    assert {name: each["make"] for name, each in results.items()} == {
        "poster_url": "picture", "cover_video": "picture", "output_url": "video",
    }  # fmt: skip


def test_what_a_request_leaves_out_is_shown_as_its_default(tmp_path: Path) -> None:
    document = old()
    size = {"type": "string", "enum": ["sd", "hd"]}
    document["components"]["schemas"]["Render"]["properties"]["size"] = size
    document["components"]["schemas"]["Order"]["properties"]["size"] = size | {"default": "hd"}
    bound = of(tmp_path, document).behavior["resources"]["render"]["bindings"]
    assert bound["/size"] == {"fact": "request./size", "else": "hd"}
