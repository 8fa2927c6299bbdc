"""What a restored sandbox goes on with: draws, plans, faults, limits, accounts, webhooks, uploads; who makes one."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from api_kit import png
from plugin_kit import INI, QUIET, SUBMIT, plugin_options
from snapshot_kit import IMAGE, VOICE, client, prepared

from mockserver import Running, mock, snapshots
from mockserver.bounds import SNAPSHOT_UPLOAD
from mockserver.errors import UsageError
from mockserver.inbox import Receiver
from mockserver.sandbox import Sandbox
from mockserver.steering import ApiHandle, ControlError, SandboxHandle
from mockserver.timeline import MOST_MOVES

FILES = {"image": ("a.png", IMAGE, "image/png"), "audio": ("a.mp3", VOICE, "audio/mpeg")}


def submit(api: ApiHandle, **fields: str) -> httpx.Response:
    with client(api) as http:
        return http.post("/api/jobs", files=FILES, data=fields)


def test_the_next_jobs_are_those_that_would_have_come(running: Running) -> None:
    with running.sandbox(seed="next") as original:
        vidgen = original.api("vidgen")
        submit(vidgen)
        vidgen.clock.advance(60)
        vidgen.next_job(outcome="FAILED")
        with running.sandbox(snapshot=original.snapshot()) as restored:
            made = [submit(each.api("vidgen")).json()["jobId"] for each in (original, restored)]
            assert made[0] == made[1] != original.jobs[-1].id
            assert [each.jobs[0].outcome for each in (original, restored)] == ["FAILED"] * 2


@pytest.mark.parametrize("change", ["none", "zeros", "one less", "as it was"])
def test_no_id_is_given_again_whatever_a_snapshot_says_was_drawn(running: Running, change: str) -> None:
    with running.sandbox(seed="again") as original:
        vidgen = original.api("vidgen")
        vidgen.account()
        for _ in range(3):
            httpx.post(
                f"{vidgen.url}/api/jobs", headers={"X-API-Key": vidgen.api_key}
            )  # refused: its number is used up
            submit(vidgen)
            vidgen.clock.advance(60)
        snapshot = original.snapshot()
        draws = snapshot["draws"]
        changed = {
            "none": {},
            "zeros": dict.fromkeys(draws, 0),
            "one less": {n: max(0, c - 1) for n, c in draws.items()},
        }
        snapshot["draws"] = changed.get(change, draws)
        known = [each["id"] for each in snapshot["apis"]["vidgen"]["accounts"]]
        with running.sandbox(snapshot=snapshot) as restored:
            again = restored.api("vidgen")
            made = []
            for _ in range(4):
                made.append(submit(again).json()["jobId"])
                again.clock.advance(60)
                again.account()
            accounts = [each["id"] for each in restored.snapshot()["apis"]["vidgen"]["accounts"]]
            assert len({*made, *(job.id for job in original.jobs)}) == 7
            assert accounts[:2] == known
            assert len({*accounts}) == len(accounts) == 6


def test_faults_take_effect_as_often_as_they_had_left(running: Running) -> None:
    with running.sandbox() as original:
        vidgen = original.api("vidgen")
        vidgen.fault("status", operation="listJobs", status=503, times=3)

        def ask(api: ApiHandle) -> int:
            return httpx.get(f"{api.url}/api/jobs", headers={"X-API-Key": api.api_key}).status_code

        assert ask(vidgen) == 503
        with running.sandbox(snapshot=original.snapshot()) as restored:
            assert [ask(restored.api("vidgen")) for _ in range(3)] == [503, 503, 200]


def test_rate_limits_count_on(running: Running) -> None:
    def hits(sandbox: SandboxHandle) -> list[int]:
        return [each["hits"] for each in sandbox.snapshot()["apis"]["vidgen"]["windows"]]

    with running.sandbox() as original:
        submit(original.api("vidgen"))
        with running.sandbox(snapshot=original.snapshot()) as restored:
            submit(restored.api("vidgen"))
            assert [after - before for before, after in zip(hits(original), hits(restored), strict=True)] == [1, 1]


def test_accounts_keep_their_credentials_and_tokens_stay_good(running: Running) -> None:
    with running.sandbox() as original:
        poor = original.api("miraflow").account(credits=0)
        mirrago = original.api("mirrago")
        with client(mirrago) as http:
            token = http.headers["authorization"]
        with running.sandbox(snapshot=original.snapshot()) as restored:
            again = restored.api("mirrago")
            assert (again.client_id, again.client_secret) == (mirrago.client_id, mirrago.client_secret)
            answer = httpx.get(f"{again.url}/v1/mirrago/job/none", headers={"Authorization": token})
            assert answer.status_code == 404
            url, key = f"{restored.api('miraflow').url}/api/videos", {"x-api-key": poor.api_key}
            assert httpx.get(url, headers=key).status_code == 200
            assert restored.snapshot()["apis"]["miraflow"]["accounts"][1]["credits"] == 0


def test_a_key_alone_leads_to_the_original_while_it_is_open_and_to_the_copy_then(running: Running) -> None:
    original = running.sandbox()
    vidgen = original.api("vidgen")
    with running.sandbox(snapshot=original.snapshot()) as restored:
        alone = f"{running.url}/vidgen/api/jobs"
        httpx.get(alone, headers={"X-API-Key": vidgen.api_key})
        assert (len(original.journal), len(restored.journal)) == (1, 0)
        snapshot = original.snapshot()
        original.close()
        with running.sandbox(snapshot=snapshot) as other:
            assert httpx.get(alone, headers={"X-API-Key": vidgen.api_key}).status_code == 200
            assert (len(restored.journal), len(other.journal)) == (1, 0)
            restored.close()
            assert httpx.get(alone, headers={"X-API-Key": vidgen.api_key}).status_code == 200
            assert len(other.journal) == 1


def test_a_webhook_that_waited_arrives_from_the_copy(running: Running) -> None:
    receiver = Receiver()
    try:
        with running.sandbox(webhook_ca=receiver.ca_pem) as original:
            vidgen = original.api("vidgen")
            inbox = receiver.open("mine", lambda: [vidgen.webhook_secret])
            job = submit(vidgen, webhookUrl=inbox.url).json()["jobId"]
            snapshot = original.snapshot()
        with running.sandbox(snapshot=snapshot) as restored:
            restored.clock.run_until(job, "COMPLETED")
            (received,) = inbox.wait(1)
            assert received.verified
            assert restored.webhooks[0].outcome == "delivered"
    finally:
        receiver.end()


def test_bytes_of_large_uploads_are_left_out_and_told(running: Running) -> None:
    small, large = png(20, 20), png(20, 20) + bytes(SNAPSHOT_UPLOAD)
    with running.sandbox() as original:
        miraflow = original.api("miraflow")
        with client(miraflow) as http:
            for data in (small, large):
                announced = {"fileName": "f.png", "contentType": "image/png", "fileSize": len(data)}
                made = http.post("/api/media/initialize", json=announced).json()
                httpx.put(made["uploadUrl"], content=data, headers={"Content-Type": "image/png"})
        snapshot = original.snapshot()
        assert snapshot["left_out"] == {"jobs": 0, "uploads": 1, "answers": 0}
        assert ["base64" in job["uploads"]["body"] for job in snapshot["jobs"]] == [True, False]
        with running.sandbox(snapshot=snapshot) as restored:
            assert restored.snapshot() == snapshot


def test_the_newest_jobs_go_along_where_there_are_too_many(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.snapshots.taking.SNAPSHOT_JOBS", 2)
    with running.sandbox(limits=False) as original:
        pictures = {"target_image_url": "https://a.example/c.png", "garment_image_url": "https://a.example/d.png"}
        with client(original.api("mirrago")) as http:
            made = [http.post("/v1/mirrago/generate-image", json=pictures).json()["job_id"] for _ in range(4)]
        snapshot = original.snapshot()
        assert [job["id"] for job in snapshot["jobs"]] == made[2:]
        assert snapshot["left_out"] == {"jobs": 2, "uploads": 0, "answers": 0}


def test_answers_that_a_test_gave_itself_are_left_out_and_told(running: Running) -> None:
    with running.sandbox() as original:
        original.api("vidgen").answer("listJobs", json={"jobs": []}, unchecked=True)
        original.api("vidgen").fault("status", operation="listJobs")
        snapshot = original.snapshot()
        assert snapshot["left_out"]["answers"] == 1
        with running.sandbox(snapshot=snapshot) as restored:
            assert [each["fault"] for each in restored.ask("faults")] == ["status"]


def test_what_is_named_beside_a_snapshot_goes_first(running: Running) -> None:
    with running.sandbox(seed="first") as original:
        original.clock.advance(100)
        snapshot = original.snapshot()
        with running.sandbox(snapshot=snapshot, seed="other", clock="step:5", limits=False, strict=True) as restored:
            told = restored.ask()
            assert (told["seed"], restored.seed) == ("other", "other")
            assert (told["clock"]["mode"], told["clock"]["step"]) == ("step", 5)
            assert (told["limits"], told["strict"]) == (False, True)
            assert told["clock"]["epoch"] == original.clock.now()
        with running.sandbox(snapshot=snapshot) as restored:
            assert (restored.seed, restored.ask()["clock"]["mode"]) == ("first", "manual")


def test_a_snapshot_may_be_a_file_and_wrong_ones_are_told(running: Running, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with running.sandbox() as original:
        state.write_text(json.dumps(original.snapshot()))
    with mock("vidgen", snapshot=state) as vidgen:
        assert not vidgen.jobs
    state.write_text("[]")
    with pytest.raises(UsageError, match="holds no snapshot"):
        running.sandbox(snapshot=state)
    with pytest.raises(UsageError, match=r"the snapshot cannot be read: .*nowhere"):
        running.sandbox(snapshot=tmp_path / "nowhere")
    with pytest.raises(ControlError, match="it has the format 7; this server reads 1"):
        running.sandbox(snapshot={"format": 7})
    with pytest.raises(UsageError, match="snapshot is what"):
        mock("vidgen", snapshot="state.json")  # type: ignore[call-overload]


def test_a_snapshot_of_the_default_sandbox_is_restored_beside_it(running: Running) -> None:
    snapshot: Any = running.default.snapshot()
    with running.sandbox(snapshot=snapshot) as restored:
        assert restored.api("vidgen").api_key == "demo-key"
        httpx.get(f"{running.url}/vidgen/api/jobs", headers={"X-API-Key": "demo-key"})
        assert not len(restored.journal)


IN_PYTEST = (
    SUBMIT
    + """
@pytest.fixture(scope="session")
def state(mockserver):
    with mockserver.sandbox(seed="prepared") as world:
        submit(world.api("vidgen"))
        world.clock.advance(60)
        return world.snapshot()

@pytest.fixture
def world(mockserver, state):
    with mockserver.sandbox(snapshot=state) as made:
        yield made

@pytest.mark.parametrize("n", range(2))
def test_each_has_the_prepared_state(world, n):
    assert [job.state for job in world.jobs] == ["COMPLETED"]
    submit(world.api("vidgen"))
    assert len(world.jobs) == 2

def test_a_sandbox_of_the_fixtures_takes_it_by_marker(request, mockserver, vidgen):
    assert vidgen.jobs == []

@pytest.mark.mockserver(snapshot=__import__("pathlib").Path("state.json"))
def test_marker(vidgen, sandbox):
    assert [job.state for job in vidgen.jobs] == ["PENDING"]
    assert sandbox.seed == "marked"

@pytest.mark.mockserver(snapshot=__import__("pathlib").Path("state.json"), clock="step:30")
def test_marker_with_a_clock(vidgen):
    look(vidgen, vidgen.jobs[0].id)
    assert vidgen.jobs[0].state == "COMPLETED"
"""
)


def test_a_session_prepares_a_state_in_one_line(pytester: pytest.Pytester, running: Running) -> None:
    with running.sandbox(seed="marked") as original:
        submit(original.api("vidgen"))
        (pytester.path / "state.json").write_text(json.dumps(original.snapshot()))
    pytester.makepyfile(IN_PYTEST)
    pytester.makeini(INI)
    pytester.runpytest_inprocess(*plugin_options(), *QUIET, "-p", "no:randomly").assert_outcomes(passed=5)


def test_every_api_is_prepared_and_restored_at_once(running: Running) -> None:
    with running.sandbox(limits=False) as original:
        for name in original.names:
            prepared(original.api(name))
        with running.sandbox(snapshot=original.snapshot()) as restored:
            assert [job.id for job in restored.jobs] == [job.id for job in original.jobs]


@pytest.mark.parametrize("still", [True, False])
def test_jobs_whose_webhooks_go_to_plain_http_are_restored(running: Running, still: bool) -> None:
    with running.sandbox(insecure_webhooks=True) as original:
        submit(original.api("vidgen"), webhookUrl="http://127.0.0.1:9/hook").raise_for_status()
        original.set_webhooks(insecure=still)
        with running.sandbox(snapshot=original.snapshot()) as restored:
            assert restored.snapshot()["jobs"] == original.snapshot()["jobs"]


@pytest.mark.parametrize("end", ["close", "reset"])
def test_a_sandbox_that_ends_before_it_is_filled_was_not_made(
    running: Running, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    restore = snapshots.restore

    async def overtaken(sandbox: Sandbox, snapshot: Any) -> None:
        if end == "close":
            await running.app.sandboxes.shut(sandbox.name)
        else:
            await sandbox.renew()
        await restore(sandbox, snapshot)
        await asyncio.sleep(0)

    with running.sandbox() as original:
        state, before = original.snapshot(), len(running.app.sandboxes)
        monkeypatch.setattr(snapshots, "restore", overtaken)
        with pytest.raises(ControlError, match=r"was (closed|reset) while this was under way") as refused:
            running.sandbox(snapshot=state)
        assert (refused.value.status, len(running.app.sandboxes)) == (409, before)


def test_a_job_that_was_moved_very_often_is_restored(running: Running) -> None:
    data = png(40, 30)
    announced = {"fileName": "f.png", "contentType": "image/png", "fileSize": len(data)}
    with running.sandbox(limits=False) as original:
        api = original.api("miraflow")
        with client(api) as http:
            media = http.post("/api/media/initialize", json=announced).json()
            for body in (data, b"") * (MOST_MOVES + 10):
                answer = httpx.put(media["uploadUrl"], content=body, headers={"Content-Type": "image/png"})
                assert answer.status_code == 200
        snapshot = original.snapshot()
        (moved,) = [each for each in snapshot["jobs"] if each["id"] == media["mediaId"]]
        assert MOST_MOVES // 2 < len(moved["moves"]) <= MOST_MOVES
        with running.sandbox(snapshot=snapshot) as restored:
            assert restored.snapshot()["jobs"] == snapshot["jobs"]
