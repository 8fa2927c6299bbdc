"""Endpoints for webhooks that a client registered: they are no jobs and no paths of the API's, and get what came."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from archive_kit import HOST, archive, call, job
from inbox_kit import Inbox
from observed_kit import contract_in

from mockserver import start
from mockserver.check import check
from mockserver.observed import contract_of

ID, HOOK = "job_1a2b3c4d5e6f", "we_1a2b3c4d5e6f"
KEY = {"authorization": "Bearer demo-key", "host": HOST}
URL = "https://me.example/hook"
MADE = {"id": HOOK, "url": URL, "events": ["job.done"]}
RUN = [
    call(1, "POST", "/v1/jobs", 201, job("waiting"), body={"prompt": "a cat"}),
    call(3, "GET", f"/v1/jobs/{ID}", 200, job("rendering")), call(9, "GET", f"/v1/jobs/{ID}", 200, job("done")),
]  # fmt: skip
REGISTERED = call(0, "POST", "/v1/webhooks", 201, {**MADE, "secret": "whsec_abcdefabcdefabcdef"}, body={
    "url": URL, "events": ["job.done"],
})  # fmt: skip
TOLD = call(9.5, "POST", "/hook", 200, {"ok": True}, body={"event": "job.done", "data": job("done")}, host="me.example")
KINDS = {
    "made, shown, listed and deleted": [
        REGISTERED, call(0.2, "GET", f"/v1/webhooks/{HOOK}", 200, MADE), *RUN,
        call(10, "GET", "/v1/webhooks", 200, {"data": [MADE]}), call(11, "DELETE", f"/v1/webhooks/{HOOK}", 204),
    ],
    "made, and something came": [REGISTERED, *RUN, TOLD],
    "set once for all": [call(0, "PUT", "/v1/webhook", 200, {"url": URL}, body={"url": URL}), *RUN, TOLD],
    "made and tested": [REGISTERED, call(0.5, "POST", f"/v1/webhooks/{HOOK}/test", 200, {"sent": True}), *RUN],
    "made, and nothing runs": [call(0, "POST", "/v1/account/callbacks", 201, MADE, body={"url": URL})],
}  # fmt: skip


@pytest.mark.parametrize("how", KINDS)
def test_a_recording_with_endpoints_becomes_a_contract_that_is_sound(how: str, tmp_path: Path) -> None:
    folder = contract_in(tmp_path, archive(*KINDS[how]))
    assert [str(finding) for finding in check(folder)] == []
    made = contract_of(archive(*KINDS[how]), "Acme")
    assert "/hook" not in made.openapi["paths"]
    assert bool(made.behavior.get("webhooks")) is ("nothing runs" not in how)
    assert {said["verb"] for name, said in made.behavior["operations"].items() if name.endswith("Jobs")} <= {"create"}


def delivered(folder: Path, wanted: list[str]) -> list[Any]:
    """What comes of one job to an endpoint that wants these events."""
    with Inbox() as receiver, start(folder, clock="manual", hosts={HOST: "again"}) as running:
        with httpx.Client(base_url=running.url, headers=KEY) as http:
            assert http.post("/v1/webhooks", json={"url": receiver.url, "events": wanted}).status_code == 201
            assert http.post("/v1/jobs", json={"prompt": "a cat"}).status_code == 201
        running.default.clock.advance(120)
        return [each.json() for each in receiver.letters]


@pytest.mark.parametrize(("wanted", "number"), [(["job.done"], 1), (["*"], 1), (["job.failed"], 0)])
def test_endpoints_get_what_was_delivered_to_them(wanted: list[str], number: int, tmp_path: Path) -> None:
    told = delivered(contract_in(tmp_path, archive(REGISTERED, *RUN, TOLD)), wanted)
    assert [(each["event"], each["data"]["status"]) for each in told] == [("job.done", "done")] * number
    assert all(each["data"]["id"] != ID for each in told)


def test_what_endpoints_would_get_is_assumed_and_told() -> None:
    made = contract_of(archive(REGISTERED, *RUN), "Acme")
    assert made.behavior["webhooks"]["jobEnded"] == {
        "resource": "job", "to": "account", "states": ["done"], "like": "getJob",
    }  # fmt: skip
    assert made.behavior["resources"]["webhook"]["receives"] == {"url": "request./url"}
    assert any("assumed: sent to each registered endpoint" in meaning for _, meaning, _ in made.notes)
