"""How a request finds its sandbox and its API; clocks that step; sandboxes that were closed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from api_kit import MakeSandbox, Receiver, View, connect, only
from miraflow_kit import PICTURE, begin, put
from test_miragic import PAINTINGS
from vidgen_kit import new_job, status, submit

from mockserver import Running
from mockserver.clock import Clock
from mockserver.sandbox import Sandbox

HOSTS = {"backend.miragic.ai": "/api/v1/speed-painting/jobs/x", "miraflow.ai": "/api/image/x"}
Get = Callable[..., httpx.Response]


@pytest.fixture
def ask(running: Running) -> Iterator[Get]:
    """A request to the bare server."""
    with connect(running.url) as http:
        yield lambda path, method="GET", **headers: http.request(
            method, path, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )


def account_of(sandbox: Sandbox, api: str) -> Any:
    return next(iter(sandbox.apis[api].accounts.values()))


def test_a_sandbox_is_found_by_prefix(vidgen: View, ask: Get) -> None:
    job = new_job(vidgen)
    found = ask(f"/@{vidgen.sandbox.name}/vidgen/api/status/{job}", X_API_Key=vidgen.mine.key)
    assert found.json()["jobId"] == job


def test_a_sandbox_is_found_by_its_key_alone(vidgen: View, ask: Get) -> None:
    job = new_job(vidgen)
    assert ask(f"/vidgen/api/status/{job}", X_API_Key=vidgen.mine.key).json()["jobId"] == job


def test_a_sandbox_is_found_by_its_client_and_its_token_alone(mirrago: View, running: Running) -> None:
    job = mirrago.http.post(
        "/v1/mirrago/generate-image", json={"target_image": "http://a.b", "garment_image": "http://a.b"}
    ).json()["job_id"]
    account = mirrago.mine
    pair = {"client_id": account.client_id, "client_secret": account.client_secret, "grant_type": "client_credentials"}
    with connect(running.url) as http:
        for answer in (
            http.post("/mirrago/oauth/token", json=pair),
            http.post("/mirrago/oauth/token", data=pair),
            http.post(
                "/mirrago/oauth/token",
                data={"grant_type": "client_credentials"},
                auth=(account.client_id, account.client_secret),
            ),
        ):
            bearer = {"Authorization": f"Bearer {only(answer, 200)['access_token']}"}
            assert http.get(f"/mirrago/v1/mirrago/job/{job}", headers=bearer).json()["job_id"] == job


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("port", ["", ":8000", ".", ".:443"])
def test_an_api_is_found_by_its_host_and_the_sandbox_by_prefix_or_key(
    sandbox: Sandbox, ask: Get, host: str, port: str
) -> None:
    api = host.removeprefix("backend.").removesuffix(".ai")
    key, named = account_of(sandbox, api).key, host.upper() + port
    assert ask(f"/@{sandbox.name}{HOSTS[host]}", Host=named, X_API_Key=key).status_code == 404
    assert ask(HOSTS[host], Host=named, X_API_Key=key).status_code == 404
    assert ask(HOSTS[host], Host=named).status_code == 401
    assert ask(HOSTS[host], Host=named, X_API_Key="nope").status_code == 401


def test_mirragos_host_is_known_too(mirrago: View, ask: Get) -> None:
    token = mirrago.http.headers["Authorization"]
    answer = ask("/v1/mirrago/job/x", Host="api.mirrago.com", Authorization=token)
    assert only(answer, 404) == {"detail": "Job not found"}


def test_the_host_of_vidgens_examples_is_not_claimed(ask: Get) -> None:
    with_prefix = ask("/vidgen/api/health", Host="example.com")
    assert with_prefix.json() == {"status": "ok"}


def test_a_prefix_goes_before_the_host(ask: Get) -> None:
    assert ask("/vidgen/api/health", Host="miraflow.ai").json() == {"status": "ok"}


def test_a_key_is_unknown_under_another_sandboxs_prefix(vidgen: View, make_sandbox: MakeSandbox, ask: Get) -> None:
    job = new_job(vidgen)
    answer = ask(f"/@{make_sandbox().name}/vidgen/api/status/{job}", X_API_Key=vidgen.mine.key)
    assert only(answer, 401) == {"error": "API key not recognized or has been deactivated"}


def test_two_sandboxes_never_see_each_other(view: Any, make_sandbox: MakeSandbox) -> None:
    one, two = (view(make_sandbox(), "vidgen") for _ in range(2))
    job = new_job(one)
    assert two.http.get(f"/api/status/{job}").status_code == 404
    assert two.http.get("/api/jobs").json()["jobs"] == []
    one.advance(12)
    assert two.sandbox.clock.now() == 1_000_000_000


def test_the_demo_credentials_are_valid_in_the_default_sandbox_only(sandbox: Sandbox, ask: Get) -> None:
    assert ask("/vidgen/api/jobs", X_API_Key="demo-key").status_code == 200
    assert ask("/@default/vidgen/api/jobs", X_API_Key="demo-key").status_code == 200
    assert ask(f"/@{sandbox.name}/vidgen/api/jobs", X_API_Key="demo-key").status_code == 401


def test_a_sandbox_that_never_was_is_not_found(ask: Get) -> None:
    answer = ask("/@nobody/vidgen/api/jobs", X_API_Key="demo-key")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_absolute_urls_name_the_server_and_never_the_requests_host(miraflow: View, ask: Get, running: Running) -> None:
    job = miraflow.http.post("/api/image/generate", json=PICTURE).json()["jobId"]
    miraflow.advance(15)
    done = ask(f"/api/image/{job}", Host="miraflow.ai", X_API_Key=miraflow.mine.key).json()
    assert done["downloadUrl"].startswith(running.url + "/")
    assert httpx.head(done["downloadUrl"]).status_code == 200


def test_a_stepping_clock_moves_before_each_request_to_an_operation_and_for_nothing_else(
    view: Any, make_sandbox: MakeSandbox
) -> None:
    vidgen = view(make_sandbox(clock=Clock("step", step=5)), "vidgen")
    vidgen.plan(queued=5, running=10)
    job = submit(vidgen.http).json()["jobId"]
    seen = [status(vidgen, job) for _ in range(3)]
    assert [s["status"] for s in seen] == ["PROCESSING", "PROCESSING", "COMPLETED"]
    assert seen[0]["createdAt"] == "2001-09-09T01:46:45.000Z"
    before = vidgen.sandbox.clock.now()
    httpx.get(seen[-1]["outputVideo"])
    assert vidgen.sandbox.clock.now() == before
    assert status(vidgen, job) == seen[-1]


def test_a_step_delivers_the_webhooks_that_are_due(view: Any, make_sandbox: MakeSandbox, receiver: Receiver) -> None:
    vidgen = view(make_sandbox(clock=Clock("step", step=10), insecure_webhooks=True), "vidgen")
    vidgen.plan(queued=5, running=5)
    submit(vidgen.http, webhookUrl=receiver.url)
    vidgen.http.get("/api/jobs")
    vidgen.advance(0)  # waits for deliveries under way
    assert [got.json["status"] for got in receiver.got] == ["COMPLETED"]


def test_a_real_clock_runs_at_its_rate(view: Any, make_sandbox: MakeSandbox) -> None:
    vidgen = view(make_sandbox(clock=Clock(rate=1_000_000)), "vidgen")
    job = new_job(vidgen)
    assert status(vidgen, job)["status"] in ("PROCESSING", "COMPLETED", "PENDING")
    while status(vidgen, job)["status"] != "COMPLETED":
        pass


def test_a_request_to_a_closed_sandbox_is_gone_and_noted_with_its_owner(
    running: Running, view: Any, make_sandbox: MakeSandbox, ask: Get
) -> None:
    sandbox = make_sandbox(owner="test_that_left_early")
    vidgen, miraflow = view(sandbox, "vidgen"), view(sandbox, "miraflow")
    job = new_job(vidgen)
    vidgen.advance(12)
    film = status(vidgen, job)["outputVideo"]
    _, upload = begin(miraflow.http, b"x", "image/png")
    running.app.sandboxes.close(sandbox.name)
    late = vidgen.http.get("/api/jobs")
    assert late.status_code == 410
    assert "test_that_left_early" in late.text
    assert ask("/vidgen/api/jobs", X_API_Key=vidgen.mine.key).status_code == 410
    assert httpx.get(film).status_code == 410
    assert put(upload, b"x", "image/png").status_code == 410
    assert submit(vidgen.http).status_code == 410
    noted = [x for x in running.app.sandboxes.late if x.sandbox == sandbox.name]
    assert {x.owner for x in noted} == {"test_that_left_early"}
    assert ("GET", f"/@{sandbox.name}/vidgen/api/jobs") in {(x.method, x.path) for x in noted}


def test_a_token_of_a_closed_sandbox_is_gone_too(running: Running, mirrago: View, ask: Get) -> None:
    token = mirrago.http.headers["Authorization"]
    running.app.sandboxes.close(mirrago.sandbox.name)
    assert ask("/mirrago/v1/mirrago/job/x", Authorization=token).status_code == 410


def test_an_encoded_slash_stays_in_its_part(miragic: View) -> None:
    assert only(miragic.http.get(f"{PAINTINGS}/jobs/a%2Fb"), 404)["error"]["code"] == "JOB_NOT_FOUND"
    assert only(miragic.http.get(f"{PAINTINGS}/jobs/a/b"), 404)["error"]["code"] == "NOT_FOUND"
