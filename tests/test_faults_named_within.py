"""A fault for one job meets the requests that name it in their body, as the contract's `id_at` declares."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from fault_kit import account_of, quiet
from until_kit import until

from mockserver import Running
from mockserver.api_state import SandboxApi
from mockserver.faults import fault_of
from mockserver.sandbox import Sandbox

MEDIUM = {"fileName": "a.png", "contentType": "image/png", "fileSize": 3}


class Media:
    """Makes media of the API that finalizes them by an id in the body."""

    def __init__(self, side: SandboxApi) -> None:
        self.side = side
        key = {"X-API-Key": account_of(side.sandbox, "miraflow").key}
        self.http = httpx.Client(base_url=side.sandbox.url("miraflow"), headers=key, trust_env=False)

    def begin(self) -> str:
        return str(self.http.post("/api/media/initialize", json=MEDIUM).json()["mediaId"])

    def finalize(self, medium: str) -> httpx.Response:
        return self.http.post("/api/media/finalize", json={"mediaId": medium})

    def arm(self, name: str, **data: Any) -> Any:
        return self.side.faults.arm(*fault_of({"fault": name, **data}))


@pytest.fixture
def media(make_sandbox: Callable[..., Sandbox]) -> Iterator[Media]:
    made = Media(make_sandbox(limits_on=False).apis["miraflow"])
    yield made
    made.http.close()


def test_only_requests_that_name_the_medium_are_met(media: Media) -> None:
    one, other = media.begin(), media.begin()
    armed = media.arm("status", status=503, operation="finalizeMedia", job=other)
    assert [media.finalize(each).status_code for each in (one, other, one)] == [400, 503, 400]
    assert (armed.seen, armed.applied) == (1, 1)


def test_a_fault_that_acts_before_the_answer_knows_the_medium_as_well(media: Media) -> None:
    one, other = media.begin(), media.begin()
    media.arm("close_before_headers", job=other)
    assert media.finalize(one).status_code == 400
    with pytest.raises(httpx.RemoteProtocolError):
        media.finalize(other)


def test_the_body_is_still_read_as_it_was_sent(media: Media) -> None:
    one = media.begin()
    media.arm("status", job="nobody")
    url = media.http.post("/api/media/initialize", json=MEDIUM).json()
    assert media.http.put(url["uploadUrl"], content=b"abc", headers={"Content-Type": "image/png"}).status_code == 200
    assert media.finalize(url["mediaId"]).json() == {"success": True}
    assert media.finalize(one).status_code == 400


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"mediaId": 7}', b'{"other": "x"}'])
def test_a_body_that_names_nothing_is_refused_as_ever(media: Media, body: bytes) -> None:
    usual = media.http.post("/api/media/finalize", content=body, headers={"Content-Type": "application/json"})
    armed = media.arm("status", job="7")
    under = media.http.post("/api/media/finalize", content=body, headers={"Content-Type": "application/json"})
    assert (under.status_code, under.json()) == (usual.status_code, usual.json())
    assert armed.seen == 0


def test_a_client_that_leaves_inside_its_body_breaks_no_contract(running: Running, media: Media) -> None:
    media.arm("status", job="x")
    key, sandbox = account_of(media.side.sandbox, "miraflow").key, media.side.sandbox
    head = f"POST /@{sandbox.name}/miraflow/api/media/finalize HTTP/1.1\r\nHost: a\r\nX-API-Key: {key}\r\n"
    with socket.create_connection(("127.0.0.1", running.port)) as sock:
        sock.sendall(f"{head}Content-Type: application/json\r\nContent-Length: 99\r\n\r\n{json.dumps({})}".encode())
        quiet(running.thread.loop, sandbox, 1)
    entry = until(sandbox.journal.last)
    assert (entry.operation, entry.status) == ("finalizeMedia", 0)
    assert entry.extra is None
    assert entry.why == "the client left before its request was complete"


def test_the_body_is_not_read_before_where_no_fault_asks_for_a_job(media: Media) -> None:
    one = media.begin()
    media.arm("status", operation="finalizeMedia", times=1)
    media.arm("status", operation="getVideo", job="x")
    assert not media.side.faults.asks_for_jobs("finalizeMedia")
    assert media.side.faults.asks_for_jobs("getVideo")
    assert media.finalize(one).status_code == 503
