"""initialize → PUT → finalize → use, in any order: what is asked of an upload is answered as far as it has come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import ClassVar
from urllib.parse import parse_qsl, urlsplit

import pytest
from conformance_kit import contracts
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, rule, run_state_machine_as_test
from schemathesis.core.transport import Response
from schemathesis.python import asgi
from tier_kit import scaled

from mockserver.clock import Clock
from mockserver.fuzz.engine import described, real_files
from mockserver.fuzz.options import FuzzOptions
from mockserver.fuzz.server import own_server
from mockserver.live import DEMO
from mockserver.live.files import files

CONTRACT = contracts()["miraflow"]
SENT = CONTRACT.document["paths"]["/api/media/upload/{mediaId}"]["put"]["requestBody"]["content"]
KINDS = {kind: files()[kind] for kind in SENT}
PICTURES = [kind for kind in KINDS if kind.startswith("image/")]
WALKS = scaled("walks of uploads", test=30, ci=60, full=200)
TAMPERED = st.sampled_from(["signature=x", "expires=1", "", "expires=99999999999"])


class Medium:
    """What the client knows of an upload: `stage` is how far it has come."""

    def __init__(self, identity: str, kind: str, url: str) -> None:
        self.identity, self.kind, self.url = identity, kind, url
        self.stage = "initialized"


class Uploads(RuleBasedStateMachine):
    """Walks the three steps and the use in any order; each answer is checked against the contract as well."""

    media = Bundle("media")
    answered: ClassVar[Counter[tuple[str, int]]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self._world = world()
        self.schema = next(self._world)

    def teardown(self) -> None:
        self._world.close()

    def ask(self, method: str, path: str, expected: int, **parts: object) -> Response:
        case = self.schema[path][method].Case(**parts)
        answer = case.call(headers={} if method == "PUT" else {"x-api-key": "demo-key"})
        case.operation.validate_response(answer)
        assert answer.status_code == expected, answer.content
        self.answered[case.operation.definition.raw["operationId"], answer.status_code] += 1
        return answer

    def put(self, medium: Medium, kind: str, body: bytes, query: dict[str, str], expected: int) -> None:
        place = {"path_parameters": {"mediaId": medium.identity}, "query": query}
        self.ask("PUT", "/api/media/upload/{mediaId}", expected, media_type=kind, body=body, **place)

    @rule(target=media, kind=st.sampled_from(sorted(KINDS)))
    def initialize(self, kind: str) -> Medium:
        body = {"fileName": "file", "contentType": kind, "fileSize": len(KINDS[kind])}
        said = self.ask("POST", "/api/media/initialize", 200, media_type="application/json", body=body).json()
        return Medium(said["mediaId"], kind, said["uploadUrl"])

    @rule(medium=media)
    def send(self, medium: Medium) -> None:
        done = medium.stage == "finalized"
        self.put(medium, medium.kind, KINDS[medium.kind], _query(medium.url), 409 if done else 200)
        medium.stage = "finalized" if done else "uploaded"

    @rule(medium=media, cut=st.integers(1, 100))
    def send_too_little(self, medium: Medium, cut: int) -> None:
        expected = 409 if medium.stage == "finalized" else 400
        self.put(medium, medium.kind, KINDS[medium.kind][:-cut] or b"x", _query(medium.url), expected)

    @rule(medium=media)
    def send_nothing(self, medium: Medium) -> None:
        done = medium.stage == "finalized"
        self.put(medium, medium.kind, b"", _query(medium.url), 409 if done else 200)
        medium.stage = "finalized" if done else "initialized"

    @rule(medium=media, query=TAMPERED)
    def send_with_another_signature(self, medium: Medium, query: str) -> None:
        self.put(
            medium,
            medium.kind,
            KINDS[medium.kind],
            {**_query(medium.url), **dict(parse_qsl(query))} if query else {},
            403,
        )

    @rule(medium=media)
    def finalize(self, medium: Medium) -> None:
        expected = 400 if medium.stage == "initialized" else 200
        body = {"mediaId": medium.identity}
        self.ask("POST", "/api/media/finalize", expected, media_type="application/json", body=body)
        medium.stage = medium.stage if expected == 400 else "finalized"

    @rule(medium=media)
    def use(self, medium: Medium) -> None:
        good = medium.stage == "finalized" and medium.kind in PICTURES
        body = {"referenceImageMediaId": medium.identity, "prompt": "Brighter", "name": "Edit"}
        self.ask("POST", "/api/image/edit", 200 if good else 400, media_type="application/json", body=body)


def world() -> Iterator[object]:
    """A server of its own for one walk."""
    with real_files():
        app = own_server(CONTRACT, Clock("step", step=1.0))
        try:
            yield described(CONTRACT, FuzzOptions(phases=()), app, f"/@default/{CONTRACT.name}", DEMO)
        finally:
            asgi.shutdown_lifespans()


def _query(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


def test_an_upload_is_answered_as_far_as_it_has_come() -> None:
    Uploads.answered.clear()
    few = settings(
        max_examples=WALKS, stateful_step_count=20, derandomize=True, database=None, deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    run_state_machine_as_test(Uploads, settings=few)
    seen = set(Uploads.answered)
    assert {("initializeMedia", 200), ("uploadMedia", 200), ("finalizeMedia", 200)} <= seen
    assert {("uploadMedia", 400), ("uploadMedia", 403), ("uploadMedia", 409), ("finalizeMedia", 400)} <= seen


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_media_type_can_be_uploaded_and_pictures_be_used(kind: str) -> None:
    walk = Uploads()
    try:
        medium = walk.initialize(kind)
        walk.send(medium)
        walk.finalize(medium)
        walk.use(medium)
    finally:
        walk.teardown()
