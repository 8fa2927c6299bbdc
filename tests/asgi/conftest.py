"""The application under every front, alone and below a prefix."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from asgi_kit import FRONTS, PREFIX, Front, mounted

from mockserver.app import create

PLACES = {"alone": "", "mounted": PREFIX}


@pytest.fixture(
    scope="module", params=[(front, place) for front in FRONTS for place in PLACES], ids=lambda each: " ".join(each)
)
def front(request: pytest.FixtureRequest) -> Iterator[Front]:
    front, place = request.param
    app = create(clock="manual", insecure_webhooks=True)
    with FRONTS[front](mounted(app) if PLACES[place] else app, PLACES[place]) as made:
        yield made


@pytest.fixture
def ask(front: Front) -> Front:
    """The sandbox `default` is as it was at the start, but for its clock."""
    assert front("POST", "/_mock/sandboxes/default/reset", json={}).status_code == 204
    return front
