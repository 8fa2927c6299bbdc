"""What a request creates is told by what its prose and its title say, where neither its path nor a shape does."""

from __future__ import annotations

import dataclasses

import pytest
from test_inference import SHOW, STATES, SUBMIT, TEXT, op, roles

from mockserver.imported.facts import Field, OperationFacts
from mockserver.imported.inference import lifecycles

OBJECT, STATE = Field("object"), Field("string", STATES)
WHOLE = {"": OBJECT, "/id": TEXT, "/status": STATE}
IMAGES, FILMS = op("get", "/v1/image-projects/{id}", WHOLE), op("get", "/v1/video-projects/{id}", WHOLE)


def said(operation: OperationFacts, **more: str) -> OperationFacts:
    return dataclasses.replace(operation, **more)  # type: ignore[arg-type]


def test_prose_that_names_the_path_of_what_is_shown_tells_what_is_created() -> None:
    plain = op("post", "/v1/face-swap", {"": OBJECT, "/id": TEXT, "/credits": Field("integer")})
    for maker in (
        said(plain, prose="Poll GET /v1/image-projects/{id} until it is complete."),
        said(plain, shows={**plain.shows, "/id": Field("string", said="See https://docs.acme.example/image-projects")}),
    ):
        found = roles(IMAGES, FILMS, maker)
        assert found[maker.name] == "create"
        assert found[IMAGES.name] == "show"
        assert FILMS.name not in found
    assert plain.name not in roles(IMAGES, FILMS, plain)


def test_a_word_of_the_language_names_no_path() -> None:
    other = said(op("post", "/v1/keys", {"": OBJECT, "/id": TEXT}), prose="Keys for all jobs of an account.")
    assert other.name not in roles(SUBMIT, SHOW, other)


@pytest.mark.parametrize(
    ("title", "verb"), [("Create a task", "create"), ("Start tasks", "create"), ("Merge files", "")]
)
def test_a_title_that_says_what_is_created_tells_so(title: str, verb: str) -> None:
    show = op("get", "/tasks/{taskId}", WHOLE)
    job = op("get", "/jobs/{jobId}", WHOLE)
    maker = said(op("post", "/convert", {"": OBJECT, "/id": TEXT, "/operation": TEXT}), title=title)
    assert roles(op("post", "/jobs", WHOLE), job, show, maker).get(maker.name, "") == verb


@pytest.mark.parametrize(
    ("title", "verb"),
    [
        ("Create a job", "create"), ("Create a video job", "create"), ("Create jobs from templates", "create"),
        ("Create a job folder", ""), ("Create a job template", ""), ("Create a job schedule", ""),
        ("Create a webhook for job", ""), ("Create a share link of a job", ""),
    ],
)  # fmt: skip
def test_what_is_created_is_the_last_word_of_what_the_title_names(title: str, verb: str) -> None:
    maker = said(op("post", "/templates", {"": OBJECT, "/id": TEXT, "/name": TEXT}), title=title)
    assert roles(SUBMIT, SHOW, maker).get(maker.name, "") == verb


@pytest.mark.parametrize("path", ["/jobs/{id}/share", "/batches"])
def test_a_title_says_nothing_where_the_path_says_more(path: str) -> None:
    batch = op("get", "/batches/{batch}", WHOLE)
    maker = said(op("post", path, {"": OBJECT, "/id": TEXT, "/link": TEXT}), title="Create a job")
    life = {each.name: each for each in lifecycles([SUBMIT, SHOW, batch, maker])}["job"]
    assert [each.operation for each in life.of("create")] == [SUBMIT.name]
