"""Jobs whose state or id stands behind what may be null, may be missing, or is one of several forms: they end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from imported_kit import jobs, of, thing

from mockserver import mock, pointers
from mockserver.imported.writing import write

TEXT: dict[str, Any] = {"type": "string"}
STATES = ["queued", "running", "done"]
STATE = {**TEXT, "enum": STATES}
LISTED_NULL = {"type": ["string", "null"], "enum": [None, *STATES]}
NULL_FIRST = {"anyOf": [{"type": "null"}, STATE]}
MAY_BE_NULL = {**thing(id=TEXT, status=STATE), "type": ["object", "null"]}
OPTIONAL = thing((), id=TEXT, status=STATE)


@pytest.mark.parametrize(("job", "at"), [
    (thing(id=TEXT, status=LISTED_NULL), ""),
    (thing(id=TEXT, status={**TEXT, "enum": ["", *STATES]}), ""),
    (thing(id={"type": ["string", "null"]}, status=NULL_FIRST), ""),
    (thing(data=MAY_BE_NULL), "/data"),
    (thing(data={"anyOf": [{"type": "null"}, thing(id=TEXT, status=NULL_FIRST)]}), "/data"),
    (thing((), result=thing((), job=OPTIONAL)), "/result/job"),
])  # fmt: skip
def test_a_state_behind_null_is_seen_and_the_job_ends(tmp_path: Path, job: Any, at: str) -> None:
    made = of(tmp_path, jobs(job))
    write(tmp_path / "renders", made)
    assert not made.left
    with mock("renders", contracts=str(tmp_path / "renders")) as odd, httpx.Client(trust_env=False) as http:
        created = pointers.get(http.post(f"{odd.url}/jobs").json(), at)
        odd.clock.run_until(created["id"], "done")
        ended = pointers.get(http.get(f"{odd.url}/jobs/{created['id']}").json(), at)
    assert (created["status"], ended["status"]) == ("queued", "done")


def test_a_form_that_narrows_what_it_inherits_is_shown_as_that_form(tmp_path: Path) -> None:
    base = thing(id=TEXT, kind=TEXT)
    video, audio = ({"allOf": [base, thing(status=STATE, kind={"const": word})]} for word in ("video", "audio"))
    made = of(tmp_path, jobs({"oneOf": [video, audio], "discriminator": {"propertyName": "kind"}}))
    assert not made.left
    assert made.openapi["components"]["examples"]["job.other"]["value"]["kind"] == "video"


def test_what_fits_two_forms_at_once_costs_the_schema_and_no_operation(tmp_path: Path) -> None:
    never = {"not": {}}  # opened first, and then both forms fit
    forms = [thing(id=TEXT, status=STATE, never=never), thing(id=TEXT, status=TEXT, never=never)]
    made = of(tmp_path, jobs({"oneOf": forms}))
    assert {*made.behavior["operations"]} == {"begin", "look"}
    assert {each.meaning for each in made.left} == {"anything may stand there"}


def test_a_field_that_nothing_fits_costs_no_result(tmp_path: Path) -> None:
    job = thing(("id", "status", "never"), id=TEXT, status=STATE, never={"not": {}}, url={**TEXT, "format": "uri"})
    made = of(tmp_path, jobs(job))
    assert made.behavior["resources"]["job"]["bindings"]["/url"]["fact"] == "result.url"
    assert not [each for each in made.left if "result.url" in each.why]
