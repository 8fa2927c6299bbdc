"""Refusals that a document declares: want of credits is one of the contract, what nothing leads to is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from imported_kit import jobs, of, said, serving, thing

TEXT = {"type": "string"}
JOB = thing(id=TEXT, status={"type": "string", "enum": ["queued", "running", "done", "failed"]})
ERROR = thing(message=TEXT)
POOR = thing(code={"const": "poor"}, message=TEXT)


def refusing(refused: Any, **others: Any) -> dict[str, Any]:
    """A document whose creation refuses so with 402, and wants a key."""
    document = jobs(JOB)
    post = document["paths"]["/jobs"]["post"]
    post["responses"] |= refused | {each.lstrip("_"): {"description": ""} for each in others}
    document["components"] = {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}}
    return document | {"security": [{"key": []}]}


@pytest.mark.parametrize(("refused", "wanted"), [
    (said(POOR, "402"), {"code": "poor", "message": "There are too few credits"}),
    ({"402": {"description": "Pay first"}}, {"error": "There are too few credits"}),
    ({"402": {"description": "", "content": {"text/html": {}}}} | said(ERROR, "404"),
     {"message": "There are too few credits"}),
    (said(thing(n={"type": "integer"}), "402"), {"n": 1}),
    (said(thing(n={"not": {}}), "402"), {"error": "There are too few credits"}),
])  # fmt: skip
def test_a_creation_that_may_want_credits_refuses_for_want_of_them(
    refused: Any, wanted: dict[str, Any], tmp_path: Path
) -> None:
    made = of(tmp_path, refusing(refused))
    assert made.left == []
    assert any("costs 1 credit" in each.meaning for each in made.guesses)
    with serving(tmp_path, made) as (api, http):
        assert http.post("/jobs").status_code == 201
        poor = api.account(credits=1)
        with httpx.Client(base_url=api.url, headers={"X-Key": poor.api_key}, trust_env=False) as theirs:
            assert [theirs.post("/jobs").status_code for _ in range(2)] == [201, 402]
            assert theirs.post("/jobs").json() == wanted


def test_refusals_to_which_nothing_leads_are_told(tmp_path: Path) -> None:
    document = refusing({}, _403={}, _409={}, _500={}, _401={})
    document["paths"]["/jobs/{id}"]["get"]["responses"]["402"] = {"description": ""}
    (row,) = of(tmp_path, document).left
    assert (row.subject, row.meaning) == ("refusals", "never given by themselves")
    assert "402 (look), 403 (begin), 409 (begin), 500 (begin)" in row.why
