"""The other views of the live page: sandboxes, webhooks, faults, scenarios, conduct, coverage, accounts."""

from __future__ import annotations

import httpx
from api_kit import Receiver
from page_kit import Tab, World

ME = "tests/page/test_views.py::test_a"


def test_sandboxes_are_listed_while_they_are_made_and_closed_the_default_one_first(live: Tab, world: World) -> None:
    live.go(world.name)
    made = httpx.post(f"{live.url}/_mock/sandboxes", json={"name": "of-a-test", "owner": ME}, trust_env=False)
    assert made.is_success
    live.says("of-a-test", "#sandbox-list")
    live.says(ME, "#sandbox-list")
    assert live.text("#sandbox-list").startswith("default")
    live.click("#sandbox-list .row", "of-a-test")
    live.says("of-a-test", "h1")
    httpx.delete(f"{live.url}/_mock/sandboxes/of-a-test", trust_env=False)
    live.says("was closed", "main")
    live.until("!see.text('#sandbox-list').includes('of-a-test')")
    live.click("main a", "Open the default sandbox")
    live.says("default", "h1")


def test_a_webhook_waits_is_delivered_and_is_sent_again(live: Tab, world: World, receiver: Receiver) -> None:
    world.send("PUT", "webhooks", {"insecure": True})
    world.send("POST", "plans", {"api": "vidgen", "curve": "linear", "queued": 5, "running": 5})
    world.submit(webhookUrl=receiver.url)
    live.go(world.name, "webhooks")
    live.says("due in 10 s", "#webhook-list")
    world.advance(11)
    live.says("delivered", "#webhook-list")
    live.click("#webhook-list .row")
    live.says("Attempt 1 of 1", ".detail")
    live.says("signature right", ".detail")
    live.click(".detail button", "Send again")
    receiver.wait(2)
    live.says("Attempt 2 of 2", ".detail")


def test_a_webhook_is_tried_without_a_job(live: Tab, world: World, receiver: Receiver) -> None:
    world.send("PUT", "webhooks", {"insecure": True})
    live.go(world.name, "webhooks", "test")
    live.until("document.querySelector('select[name=api] option')")
    live.fill("select[name=api]", "vidgen")
    live.fill("input[name=url]", receiver.url)
    live.click(".detail form button", "Send")
    receiver.wait(1)
    live.says("delivered", ".detail form")


def test_a_fault_is_armed_with_its_parameters_met_and_taken_back(live: Tab, world: World) -> None:
    live.go(world.name, "faults")
    live.says("No fault is armed")
    live.fill("section[aria-label='Arm a fault'] select", "vidgen")
    live.fill("section[aria-label='Arm a fault'] label:nth-of-type(2) select", "status")
    live.fill("select[name=operation]", "listJobs")
    live.fill("input[name=status]", "503")
    live.fill("input[name=times]", "3")
    live.click("button", "Arm status")
    live.says("took effect 0 of 0", ".card")
    assert world.ask("GET", "/api/jobs").status_code == 503
    live.says("took effect 1 of 1", ".card")
    live.says("2 left", ".card")
    live.click(".card button", "Take back status")
    live.says("No fault is armed")
    assert world.get("faults") == []


def test_a_fault_that_is_refused_says_why(live: Tab, world: World) -> None:
    live.go(world.name, "faults")
    live.fill("section[aria-label='Arm a fault'] select", "vidgen")
    live.fill("section[aria-label='Arm a fault'] label:nth-of-type(2) select", "status")
    live.until("document.querySelector('input[name=status]')")
    live.run("document.querySelector('section[aria-label=\"Arm a fault\"] form').noValidate = true;")
    live.fill("input[name=status]", "99999")
    live.click("button", "Arm status")
    live.until("[...document.querySelectorAll('.notice.bad')].some((e) => e.innerText.includes('status'))")


def test_scenarios_quirks_and_limits_are_switched(live: Tab, world: World) -> None:
    live.go(world.name, "scenarios")
    live.fill("section[aria-label=vidgen] select", "stuck")
    live.says("vidgen plays stuck")
    live.click("section[aria-label=miragic] label", "created_at_unix")
    live.says("created_at_unix was switched")
    live.click("label", "Rate limits")
    live.says("Limits were switched")
    info = world.get("")
    assert (info["apis"]["vidgen"]["scenario"], info["limits"]) == ("stuck", False)
    assert info["apis"]["miragic"]["quirks"]["created_at_unix"] is False


def test_a_job_is_planned(live: Tab, world: World) -> None:
    live.go(world.name, "scenarios")
    form = "section[aria-label=vidgen] form"
    live.fill(f"{form} select", "FAILED")
    live.fill(f"{form} input", "7")
    live.click(f"{form} button", "Plan")
    live.says("The next job is planned")
    (plan,) = world.get("plans")
    assert (plan["outcome"], plan["running"]) == ("FAILED", 7)


def test_conduct_says_what_the_client_did_with_its_evidence_and_marks_the_entries(live: Tab, world: World) -> None:
    job = world.submit()
    for _ in range(12):
        world.ask("GET", f"/api/status/{job}")
    live.go(world.name, "conduct")
    live.says("polled too fast", ".card")
    live.says("Remedy:", ".card")
    live.click(".card a", "#")
    live.says("polled too fast", ".detail")


def test_coverage_fills(live: Tab, world: World) -> None:
    live.go(world.name, "coverage")
    live.says("vidgen")
    world.ask("GET", "/api/jobs")
    live.says("1 of", "main details[open]")


def test_accounts_show_keys_to_copy_and_new_ones(live: Tab, world: World) -> None:
    live.go(world.name, "accounts")
    key = world.apis["vidgen"]["api_key"]
    live.says(key, "section[aria-label=vidgen]")
    live.run("navigator.clipboard.writeText = async (text) => { window.copied = text; };")
    live.click("section[aria-label=vidgen] button", "Copy API key")
    assert live.until("window.copied") == key
    live.fill("section[aria-label=vidgen] input", "3")
    live.click("section[aria-label=vidgen] button", "New account")
    live.says("3 credits", "section[aria-label=vidgen]")
