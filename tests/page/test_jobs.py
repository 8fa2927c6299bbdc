"""Jobs and the clock on the live page: what is seen is computed from plan and clock, and moves as they do."""

from __future__ import annotations

from page_kit import Tab, World


def test_a_job_shows_up_while_it_is_made_and_moves_as_the_clock_does(live: Tab, world: World) -> None:
    live.go(world.name)
    live.says("No jobs yet")
    world.send("POST", "plans", {"api": "vidgen", "curve": "linear", "queued": 10, "running": 100})
    job = world.submit()
    live.says(job)
    live.says("PENDING", "#job-list")
    world.advance(60)
    live.says("PROCESSING", "#job-list")
    live.says("50 %", "#job-list")
    world.advance(50)
    live.says("COMPLETED", "#job-list")
    live.says("100 %", "#job-list")


def test_progress_moves_by_itself_without_a_request_while_the_clock_runs(live: Tab, world: World) -> None:
    world.send("POST", "plans", {"api": "vidgen", "curve": "linear", "queued": 0, "running": 1000})
    world.submit()
    live.go(world.name)
    live.says("PROCESSING", "#job-list")
    world.send("PUT", "clock", {"mode": "real", "rate": 100})
    at = "Number(document.querySelector('#job-list [role=progressbar]').getAttribute('aria-valuenow'))"
    live.until(f"{at} >= 1")
    live.run("performance.clearResourceTimings()")
    live.until(f"{at} >= 6")
    asked = live.run("return performance.getEntriesByType('resource').map((e) => e.name)")
    assert [each for each in asked if "/jobs" in each or "/clock" in each] == []


def test_buttons_move_the_clock_and_it_says_what_comes_next(live: Tab, world: World) -> None:
    world.send("POST", "plans", {"api": "vidgen", "curve": "linear", "queued": 30, "running": 300})
    world.submit()
    live.go(world.name)
    live.says("next PROCESSING in 30 s", ".clock")
    live.click(".clock button", "10 seconds")
    live.says("next PROCESSING in 20 s", ".clock")
    live.click(".clock button", "Next event")
    live.says("next COMPLETED in 5 min", ".clock")
    live.says("PROCESSING", "#job-list")
    live.click(".clock button", "one minute")
    live.says("next COMPLETED in 4 min", ".clock")
    assert world.get("jobs")[0]["progress"] == 20


def test_the_clock_is_switched_and_its_rate_is_set(live: Tab, world: World) -> None:
    live.go(world.name)
    for where, value in (("select", "real"), ("input.number", "60"), ("select", "step"), ("input.number", "5")):
        live.run("document.querySelectorAll('.notices button').forEach((each) => each.click());")
        live.until("!document.querySelector('.notices .notice')")
        live.fill(f".clock {where}", value)
        live.says("The clock was switched.")
        shown = world.get("clock")
        assert value in (shown["mode"], str(int(shown["rate"])), str(int(shown["step"])))


def test_the_plan_says_what_will_happen_when(live: Tab, world: World) -> None:
    world.send("PUT", "webhooks", {"insecure": True})
    world.send("POST", "plans", {"api": "vidgen", "curve": "linear", "queued": 10, "running": 20})
    job = world.submit(webhookUrl="http://127.0.0.1:9/hook")
    live.go(world.name, "jobs", job)
    live.says("in 10 s", ".agenda")
    live.says("in 30 s", ".agenda")
    live.says("Webhook jobEnded is due", ".agenda")
    assert live.run("return document.querySelectorAll('.plot rect').length") == 3
    assert live.run("return document.querySelectorAll('.plot .mark').length") >= 1


def test_a_job_is_finished_failed_and_stuck_and_freed_by_buttons(live: Tab, world: World) -> None:
    live.go(world.name, "jobs", world.submit())
    live.click(".detail button", "Finish")
    live.says("COMPLETED", ".detail .headline")
    failed = world.submit()
    live.go(world.name, "jobs", failed)
    live.says(failed, ".detail h2")
    live.fill(".detail input[name=message]", "the GPU burned")
    live.click(".detail button", "Fail")
    live.says("FAILED", ".detail .headline")
    live.says("the GPU burned", ".detail")
    assert world.ask("GET", f"/api/status/{failed}").json()["status"] == "FAILED"
    stuck = world.submit()
    live.go(world.name, "jobs", stuck)
    live.says(stuck, ".detail h2")
    live.click(".detail button", "Stick")
    live.says("It stays PENDING", ".detail")
    live.click(".detail button", "Release")
    live.says("PROCESSING in", ".detail .headline")


def test_a_job_is_lost_by_a_button(live: Tab, world: World) -> None:
    lost = world.submit()
    live.go(world.name, "jobs", lost)
    live.click(".detail button", "Lose")
    live.says("The job is lost.")
    assert world.ask("GET", f"/api/status/{lost}").status_code == 404


def test_results_are_shown_and_played(live: Tab, world: World) -> None:
    world.send("POST", "plans", {"api": "vidgen", "curve": "linear", "queued": 1, "running": 1})
    job = world.submit()
    world.advance(5)
    live.go(world.name, "jobs", job)
    live.until("document.querySelector('.result video')?.readyState >= 1")
    assert live.run("return document.querySelector('.result video').duration") > 0


def test_jobs_are_filtered(live: Tab, world: World) -> None:
    first = world.submit()
    world.advance(60)
    second = world.submit()
    live.go(world.name)
    live.says("2 jobs")
    live.fill("input[aria-label='Filter jobs']", second)
    live.says("1 of 2 jobs")
    assert first not in live.text("#job-list")
    live.fill("input[aria-label='Filter jobs']", "")
    live.says(first, "#job-list")
    live.fill("select[aria-label=State]", "COMPLETED")
    live.says("1 of 2 jobs")
    assert second not in live.text("#job-list")
    live.fill("select[aria-label=State]", "")
    assert world.ask("POST", "/api/image/generate", api="miraflow", json=IMAGE).is_success
    live.says("3 jobs")
    live.fill("select[aria-label=API]", "miraflow")
    live.says("1 of 3 jobs")
    live.fill("select[aria-label=API]", "")
    live.says("3 jobs")


IMAGE = {"prompt": "A red kite over a quiet harbour", "name": "kite"}


def test_the_plan_says_when_links_expire(live: Tab, world: World) -> None:
    assert world.ask("POST", "/api/image/generate", api="miraflow", json=IMAGE).is_success
    live.go(world.name, "jobs", world.get("jobs")[0]["id"])
    live.says("Links to image that were given out at the end expire", ".agenda")
    live.says("in 1 d", ".agenda")
    assert live.run("return document.querySelectorAll('.plot .mark').length") == 0  # it is a day away
    world.advance(86_500)
    live.until("see.one('.agenda .past', 'Links to image')")


def test_a_job_that_failed_says_why_on_top(live: Tab, world: World) -> None:
    world.send("POST", "plans", {"api": "vidgen", "outcome": "FAILED", "error": "no face was found"})
    job = world.submit()
    live.go(world.name, "jobs", job)
    live.says("Facts", ".detail")
    assert "It failed" not in live.text(".detail")
    world.advance(60)
    live.says("It failed: no face was found", ".detail .notice")
