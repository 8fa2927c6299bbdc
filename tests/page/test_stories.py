"""Three people who have never seen the page, and what they look for: the cause stands where they look first."""

from __future__ import annotations

import httpx
import pytest
from api_kit import receiving
from page_kit import Tab, World

from mockserver.samples import upload


def test_the_cause_of_a_stuck_job_stands_on_the_job(live: Tab, world: World) -> None:
    world.send("PUT", "scenario", {"api": "vidgen", "scenario": "stuck"})
    job = world.submit()
    for _ in range(5):
        world.advance(60)
        world.ask("GET", f"/api/status/{job}")
    live.go(world.name)
    live.says("stuck", "#job-list")
    live.click("#job-list .row")
    live.says("The fault stuck took hold of this job", ".detail")
    live.says("nothing is planned to happen to it", ".detail")
    live.click(".detail .notice a", "Faults")
    live.says("by the scenario", ".card")


def test_the_cause_of_a_refused_webhook_stands_on_its_attempt(live: Tab, world: World) -> None:
    world.send("PUT", "webhooks", {"insecure": True})
    world.send("POST", "faults", {"api": "vidgen", "fault": "webhook_bad_signature"})
    with receiving([401, 401, 401, 401, 401]) as receiver:
        job = world.submit(webhookUrl=receiver.url)
        world.advance(20)
        live.go(world.name, "jobs", job)
        live.says("refused", ".detail")
        live.click(".detail .part a", "jobEnded")
        live.says("refused 401", ".detail")
        live.says("signature wrong", ".detail")
        live.says("webhook_bad_signature took effect", ".detail")


def test_the_cause_of_a_second_job_stands_in_the_journal(live: Tab, world: World) -> None:
    world.send("POST", "faults", {"api": "vidgen", "fault": "answer_lost", "operation": "createJob", "times": 1})
    with pytest.raises(httpx.TransportError):
        submit(world)
    world.advance(60)
    assert submit(world).status_code == 201
    live.go(world.name, "journal")
    live.says("no answer", "#journal-list")
    live.says("answer_lost", "#journal-list")
    live.says("resubmitted", "#journal-list")
    live.click("#journal-list .row", "no answer")
    live.says("the client never got an answer, though the request was handled", ".detail")
    live.says("resubmitted", ".detail")


def submit(world: World) -> httpx.Response:
    return world.ask("POST", "/api/jobs", files={"image": upload("portrait.png"), "audio": upload("voice.mp3")})
