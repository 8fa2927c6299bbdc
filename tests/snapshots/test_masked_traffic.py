"""The journal as plain values that are the same in every run: what snapshot tests of a client's traffic keep."""

from __future__ import annotations

import ast
import json
from typing import Any

import httpx
import requests
from snapshot_kit import IMAGE, VOICE, client

from mockserver import Running, mock
from mockserver.steering import ApiHandle

FILES = {"image": ("a.png", IMAGE, "image/png"), "audio": ("a.mp3", VOICE, "audio/mpeg")}


def traffic(api: ApiHandle, http: Any) -> list[dict[str, Any]]:
    """A client's day, with httpx or requests."""
    headers = {"X-API-Key": api.api_key}
    job = http.post(f"{api.url}/api/jobs", headers=headers, files=FILES).json()["jobId"]
    api.clock.run_until(job, "COMPLETED")
    status = http.get(f"{api.url}/api/status/{job}", headers=headers).json()
    http.get(status["outputVideo"])
    http.get(f"{api.url}/api/jobs?limit=2", headers=headers)
    return api.journal.masked()


def test_seeds_ports_servers_and_client_libraries_change_nothing(running: Running) -> None:
    with running.sandbox(seed="one") as one, mock("vidgen", seed="two") as two:
        first = traffic(one.api("vidgen"), httpx)
        two.clock.advance(12345)
        assert traffic(two, requests) == first


def test_they_are_plain_values_that_can_be_written_down(running: Running) -> None:
    with running.sandbox() as sandbox:
        found = traffic(sandbox.api("vidgen"), httpx)
    assert ast.literal_eval(repr(found)) == found == json.loads(json.dumps(found))
    assert found[0] == {
        "operation": "createJob",
        "request": "POST /api/jobs",
        "headers": {"content-type": "multipart/form-data; boundary=...", "x-api-key": "[redacted]"},
        "body": {
            "image": f"a.png (image/png, {len(IMAGE)} bytes)",
            "audio": f"a.mp3 (audio/mpeg, {len(VOICE)} bytes)",
        },
        "status": 201,
        "example": "PENDING",
        "answer": {"message": "Job created", "jobId": "<id 1>"},
    }
    assert found[1]["request"] == "GET /api/status/<id 1>"
    assert {found[1]["answer"][name] for name in ("createdAt", "updatedAt")} == {"<time>"}


def test_the_same_id_has_the_same_number_and_others_have_others(running: Running) -> None:
    with running.sandbox(limits=False) as sandbox:
        mirrago = sandbox.api("mirrago")
        pictures = {"target_image_url": "https://a.example/c.png", "garment_image_url": "https://a.example/d.png"}
        with client(mirrago) as http:
            jobs = [http.post("/v1/mirrago/generate-image", json=pictures).json()["job_id"] for _ in range(2)]
            http.get(f"/v1/mirrago/job/{jobs[0]}")
        created = mirrago.journal.masked("generateImage")
        ids = [each["answer"]["job_id"] for each in created]
        (looked,) = mirrago.journal.masked("getJob")
        everything = mirrago.journal.masked()
    assert len(set(ids)) == 2
    assert looked["request"] == "GET /v1/mirrago/job/<id 1>"
    shown = next(each for each in everything if each["operation"] == "getJob")
    assert shown["request"].endswith(everything[1]["answer"]["job_id"])
    assert not any(job in json.dumps(everything) for job in jobs)


def test_times_as_numbers_are_masked_and_other_numbers_stay(running: Running) -> None:
    with running.sandbox(seed="n") as sandbox:
        miragic = sandbox.api("miragic")
        miragic.quirk("created_at_unix", on=True)
        fields = {"quality": "hd", "sequence": "auto", "fps": "30", "hand_style": "1"}
        with client(miragic) as http:
            answer = http.post(
                "/api/v1/speed-painting/create", files={"image": ("a.png", IMAGE, "image/png")}, data=fields
            )
            http.get(f"/api/v1/speed-painting/jobs/{answer.json()['data']['jobId']}")
        shown = json.dumps(miragic.journal.masked())
    assert "<time>" in shown
    assert "1000000000" not in shown


def test_faults_violations_and_webhooks_are_told() -> None:
    with mock("vidgen", inbox=True, contract_violations="off") as vidgen:
        headers = {"X-API-Key": vidgen.api_key}
        with vidgen.fault("status", operation="listJobs", status=503):
            httpx.get(f"{vidgen.url}/api/jobs", headers=headers)
        httpx.post(f"{vidgen.url}/api/jobs", headers=headers, data={"webhookUrl": "x"})
        job = httpx.post(
            f"{vidgen.url}/api/jobs", headers=headers, files=FILES, data={"webhookUrl": vidgen.inbox.url}
        ).json()["jobId"]
        vidgen.clock.run_until(job, "COMPLETED")
        found = vidgen.journal.masked()
    assert found[0]["fault"] == "status"
    assert found[1]["violation"].startswith("/")
    assert found[-1] == {
        "event": "webhook",
        "url": "https://localhost:<port>/<sandbox>",
        "job": "<id 1>",
        "outcome": "delivered",
        "status": 200,
    }
