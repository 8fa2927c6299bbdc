"""A response that several operations share may show more problems than each of them has."""

from __future__ import annotations

from pathlib import Path

from check_kit import behave, show
from language_kit import findings, serving

SHARED = "/components/responses/NotFound/content/application~1json/examples"


def test_problems_that_an_operation_cannot_have_may_stand_in_a_shared_response(tmp_path: Path) -> None:
    error = {"value": {"code": "x", "message": "y"}}
    more = [show(f"{SHARED}/{name}", error) for name in ("expired_key", "size_differs", "no_credits")]
    with serving(tmp_path, *more, show("/security", []), behave("/limits", [])) as own:
        assert own.http.get("/v1/jobs/x").status_code == 404


def test_a_name_that_nobody_has_is_a_mistake_there_too(tmp_path: Path) -> None:
    error = {"value": {"code": "x", "message": "y"}}
    assert any("'not_fuond'" in each for each in findings(tmp_path, show(f"{SHARED}/not_fuond", error)))


def test_a_problem_of_others_is_a_mistake_in_an_operation_s_own_response(tmp_path: Path) -> None:
    at = "/paths/~1v1~1jobs~1{jobId}/get/responses/200/content/application~1json/examples/size_differs"
    error = {"$ref": "#/components/examples/Queued"}
    assert any("size_differs" in each for each in findings(tmp_path, show(at, error)))
