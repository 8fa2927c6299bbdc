"""An imported contract served: a client submits, polls, lists, cancels, downloads and deletes over a real socket."""

from __future__ import annotations

from pathlib import Path

import httpx
from imported_kit import of, old

from mockserver import mock
from mockserver.imported.writing import write


def client(key: str) -> httpx.Client:
    return httpx.Client(headers={"X-Key": key}, trust_env=False, timeout=60)


def test_a_client_submits_polls_and_downloads(tmp_path: Path) -> None:
    write(tmp_path / "renders", of(tmp_path, old(), name="vendor.yaml"))
    with mock("renders", contracts=str(tmp_path / "renders")) as renders, client(renders.api_key) as http:
        url = f"{renders.url}/renders"
        made = http.post(url, json={"prompt": "A cat"})
        assert (made.status_code, made.json()["status"], made.json()["prompt"]) == (201, "waiting", "A cat")
        job = f"{url}/{made.json()['id']}"
        assert http.get(f"{job}/file").status_code == 409
        renders.clock.run_until(made.json()["id"], "rendering")
        assert http.get(job).json()["status"] == "rendering"
        assert http.get(job).json()["finished_at"] is None
        renders.clock.run_until(made.json()["id"], "done")
        done = http.get(job).json()
        assert (done["status"], done["progress"], done["error"]) == ("done", 100, None)
        assert http.get(done["video_url"]).headers["content-type"] == "video/mp4"
        assert http.get(f"{job}/file").headers["content-type"] == "video/mp4"
        assert [each["id"] for each in http.get(url).json()["data"]] == [made.json()["id"]]
        assert http.delete(job).status_code == 204
        assert http.get(job).json() == {"message": "There is no such thing"}


def test_a_client_cancels_fails_and_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "renders", of(tmp_path, old()))
    with (
        mock("renders", contracts=str(tmp_path / "renders"), contract_violations="off") as renders,
        client(renders.api_key) as http,
    ):
        url = f"{renders.url}/renders"
        job = http.post(url, json={"prompt": "A cat"}).json()
        assert http.post(f"{url}/{job['id']}/cancel").json()["status"] == "cancelled"
        renders.next_job(outcome="failed")
        job = http.post(url, json={"prompt": "A dog"}).json()
        renders.clock.run_until(job["id"], "failed")
        assert http.get(f"{url}/{job['id']}").json()["error"] == "It failed"
        refused = http.post(url, json={})
        assert (refused.status_code, "prompt" in refused.json()["message"]) == (422, True)
        assert http.get(url, headers={"X-Key": "nobody"}).status_code == 401
