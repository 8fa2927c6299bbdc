"""Moments and percentages are written in the form that an example shows, whatever lawful form that is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from check_kit import behave, both, show
from language_kit import SUBMIT, findings, serving

STATES = ("Queued", "Running", "Succeeded", "Failed", "Cancelled")
LISTED = "/paths/~1v1~1jobs/get/responses/200/content/application~1json/examples/ok/value/items"
OPEN = (show("/components/schemas/Job", {}),)

MOMENTS: list[tuple[Any, Any]] = [
    (1767225600, 1000000000),
    (1767225600000, 1000000000250),
    (1767225600000000, 1000000000250000),
    (1767225600.5, 1000000000.25),
    ("1767225600", "1000000000"),
    ("1767225600.500", "1000000000.25"),
    ("2026-05-07T12:34:56Z", "2001-09-09T01:46:40Z"),
    ("2026-05-07T12:34:56z", "2001-09-09T01:46:40z"),
    ("2026-05-07T12:34:56.0Z", "2001-09-09T01:46:40.2Z"),
    ("2026-05-07T12:34:56.000Z", "2001-09-09T01:46:40.250Z"),
    ("2026-05-07T12:34:56.000000Z", "2001-09-09T01:46:40.250000Z"),
    ("2026-05-07T12:34:56.000000000Z", "2001-09-09T01:46:40.250000000Z"),
    ("2026-05-07T12:34:56.000000", "2001-09-09T01:46:40.250000"),
    ("2026-05-07T12:34:56", "2001-09-09T01:46:40"),
    ("2026-05-07T12:34:56+00:00", "2001-09-09T01:46:40+00:00"),
    ("2026-05-07T12:34:56.123+02:00", "2001-09-09T03:46:40.250+02:00"),
    ("2026-05-07T12:34:56-0330", "2001-09-08T22:16:40-0330"),
    ("2026-05-07 12:34:56", "2001-09-09 01:46:40"),
    ("2026-05-07", "2001-09-09"),
    ("Thu, 07 May 2026 12:34:56 GMT", "Sun, 09 Sep 2001 01:46:40 GMT"),
]


@pytest.mark.parametrize(("shown", "written"), MOMENTS, ids=[str(shown) for shown, _ in MOMENTS])
def test_a_moment_is_written_as_the_example_shows_it(shown: Any, written: Any, tmp_path: Path) -> None:
    examples = [show(f"/components/examples/{each}/value/created_at", shown) for each in STATES]
    listed = [show(f"{LISTED}/{number}/created_at", shown) for number in range(5)]
    with serving(tmp_path, *OPEN, *examples, *listed) as own:
        own.advance(0.25)
        made = own.submit().json()["created_at"]
        assert (made, type(made)) == (written, type(written))


@pytest.mark.parametrize("shown", ["yesterday", "2026-05-07T12:34", "2026-05-07T12:34:56.Z", True, "12:34:56"])
def test_what_is_no_moment_is_named(shown: Any, tmp_path: Path) -> None:
    found = findings(tmp_path, *OPEN, show("/components/examples/Queued/value/created_at", shown))
    assert any("is a time" in each for each in found)


PERCENTAGES: list[tuple[Any, Any, Any, Any]] = [
    (0, 45, 100, [0, 50, 100]),
    (0, 0.45, 1, [0.0, 0.5, 1.0]),
    (0.0, 0.45, 1.0, [0.0, 0.5, 1.0]),
    (0, 0, 1, [0.0, 0.5, 1.0]),
    (0.0, 45.5, 100.0, [0.0, 50.0, 100.0]),
    ("0%", "45%", "100%", ["0%", "50%", "100%"]),
    ("0.0%", "45.5%", "100.0%", ["0.0%", "50.0%", "100.0%"]),
    ("0 %", "45 %", "100 %", ["0 %", "50 %", "100 %"]),
    ("0", "45", "100", ["0", "50", "100"]),
    ("0.00", "0.45", "1.00", ["0.00", "0.50", "1.00"]),
]


@pytest.mark.parametrize(("queued", "running", "done", "written"), PERCENTAGES, ids=[str(r[:3]) for r in PERCENTAGES])
def test_a_percentage_has_the_scale_that_the_examples_show(
    queued: Any, running: Any, done: Any, written: list[Any], tmp_path: Path
) -> None:
    values = (queued, running, done, running, running)
    examples = [
        show(f"/components/examples/{each}/value/progress", value) for each, value in zip(STATES, values, strict=True)
    ]
    plan = behave("/resources/job/run", {"queued": {"fixed": 2}, "running": {"fixed": 4}})
    with serving(tmp_path, *OPEN, *examples, plan) as own:
        identity, found = own.submit().json()["id"], []
        for seconds in (0, 4, 2):
            own.advance(seconds)
            found.append(own.show(identity)["progress"])
        assert [(each, type(each)) for each in found] == [(each, type(each)) for each in written]


def test_a_join_with_an_absent_part_is_absent(tmp_path: Path) -> None:
    joined = {"join": ["why: ", {"fact": "error"}]}
    plan = behave("/resources/job/run", {"running": {"fixed": 1}, "outcomes": {"succeeded": 1}})
    text = show("/components/examples/Running/value/error", "why: x")
    with serving(tmp_path, behave("/operations/getJob/bindings/~1error", joined), plan, text) as own:
        identity = own.submit().json()["id"]
        own.advance(1.5)
        assert own.show(identity)["error"] is None


def test_the_cursor_of_the_last_page_is_absent_where_it_is_joined_to_a_url(tmp_path: Path) -> None:
    page = {"/next": {"join": ["https://api.acme.com/v1/jobs?after=", {"fact": "page.next"}]}, "/more": "page.more"}
    with serving(tmp_path, behave("/operations/listJobs/page", page)) as own:
        own.submit()
        own.submit()
        first, second = (
            own.http.get("/v1/jobs", params={"limit": limit}, headers={"x-api-key": "demo-key"}).json()
            for limit in (1, 2)
        )
        assert first["next"].startswith("https://api.acme.com/v1/jobs?after=c")
        assert second["next"] is None


def test_a_time_in_a_join_is_written_as_such(tmp_path: Path) -> None:
    joined = {"join": [{"fact": "created"}, "/", {"fact": "progress"}]}
    text = [show(f"/components/examples/{each}/value/error", "x") for each in STATES]
    with serving(tmp_path, behave("/operations/submitJob/bindings/~1error", joined), *text) as own:
        assert own.submit().json()["error"] == "2001-09-09T01:46:40.000Z/0"


def headed(name: str, example: Any, value: Any) -> Any:
    """Submit answers with this header."""
    at = f"{SUBMIT}/responses/201/headers"
    return both(
        show(at, {name: {"schema": {}, "example": example}}),
        behave(f"/operations/submitJob/bindings/header.{name}", value),
    )


def test_a_header_is_written_as_its_example_shows_it(tmp_path: Path) -> None:
    moved = headed("Last-Modified", "Thu, 07 May 2026 12:34:56 GMT", "created")
    with serving(tmp_path, moved) as own:
        assert own.submit().headers.get_list("last-modified") == ["Sun, 09 Sep 2001 01:46:40 GMT"]


def test_a_header_holds_one_line_whatever_the_request_says(tmp_path: Path) -> None:
    with serving(tmp_path, headed("X-Prompt", "x", "request./prompt")) as own:
        made = own.submit(prompt="a\r\nX-Evil: 1\x00 \u732b")
        assert made.headers["x-prompt"] == "a X-Evil: 1  ?"
        assert "x-evil" not in made.headers


def test_a_header_without_its_fact_is_not_sent(tmp_path: Path) -> None:
    with serving(
        tmp_path,
        headed("X-Error", "x", "error"),
    ) as own:
        assert "x-error" not in own.submit().headers
