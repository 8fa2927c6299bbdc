"""The journal on the live page: as it happens, filtered, opened, copied, saved; nothing in it is ever markup."""

from __future__ import annotations

import json
import shlex
import subprocess
from pathlib import Path

from api_kit import Receiver
from page_kit import Tab, World


def test_requests_show_up_as_they_happen_with_what_is_wrong_with_them(live: Tab, world: World) -> None:
    live.go(world.name, "journal")
    live.says("Nothing has happened here yet")
    world.ask("GET", "/api/jobs?limit=0")
    live.says("violation", "#journal-list")
    world.send("POST", "faults", {"api": "vidgen", "fault": "status", "status": 502, "operation": "listJobs"})
    world.ask("GET", "/api/jobs")
    live.says("502", "#journal-list")
    live.until("document.querySelector('#journal-list .tag.fault').innerText === 'status'")
    live.says("2 entries")


def test_an_entry_is_opened_and_shows_request_and_response_side_by_side(live: Tab, world: World) -> None:
    job = world.submit()
    world.ask("GET", f"/api/status/{job}", headers={"Accept": "application/x-mine"})
    live.go(world.name, "journal", "2")
    live.says("application/x-mine", "[aria-label=Request]")
    live.until("document.querySelector('[aria-label=Response] pre.json .name').innerText === '\"jobId\"'")
    boxes = live.run("return [...document.querySelectorAll('.side')].map((e) => e.getBoundingClientRect().top)")
    assert len(set(boxes)) == 1
    live.go(world.name, "journal", "1")
    live.says("portrait.png (image/png, 2574 bytes)", "[aria-label=Request] .body")


def test_the_search_and_the_filters_leave_what_fits(live: Tab, world: World) -> None:
    job = world.submit()
    world.ask("GET", f"/api/status/{job}")
    world.ask("GET", "/api/status/unheard")
    live.go(world.name, "journal")
    live.says("3 entries")
    live.fill("input[aria-label^=Search]", "unheard")
    live.says("1 of 3 entries")
    live.fill("input[aria-label^=Search]", "")
    live.fill("select[aria-label=Show]", "ok")
    live.says("2 of 3 entries")
    live.fill("select[aria-label=Show]", "")
    live.says("3 entries")


def test_attempts_of_webhooks_stand_under_the_request_that_caused_them(
    live: Tab, world: World, receiver: Receiver
) -> None:
    world.send("PUT", "webhooks", {"insecure": True})
    world.submit(webhookUrl=receiver.url)
    world.ask("GET", "/api/jobs")
    world.advance(60)
    live.go(world.name, "journal")
    live.says("3 entries")
    rows = live.until("[...document.querySelectorAll('#journal-list .row')].map((e) => e.innerText)")
    assert [("webhook" in row) for row in rows] == [False, True, False]
    live.click("#journal-list .row.under")
    live.says("signature right", ".detail")
    live.says("Caused by", ".detail")


def test_a_request_is_copied_as_a_curl_command_that_does_the_same(live: Tab, world: World) -> None:
    world.ask("GET", "/api/status/it's")
    live.go(world.name, "journal", "1")
    live.run("navigator.clipboard.writeText = async (text) => { window.copied = text; };")
    live.click("button", "Copy as curl")
    command = live.until("window.copied")
    done = subprocess.run(shlex.split(command), capture_output=True, text=True, timeout=60, check=True)
    assert "404" in done.stdout.splitlines()[0]
    first, second = world.get("journal")
    assert (first["path"], first["status"]) == (second["path"], second["status"])


SAVED = """
const make = URL.createObjectURL;
URL.createObjectURL = (blob) => {
  URL.createObjectURL = make;
  blob.text().then((text) => (window.saved = text));
  return make(blob);
};
"""


def test_the_journal_is_saved_as_har(live: Tab, world: World, tmp_path: Path) -> None:
    world.ask("GET", "/api/jobs")
    live.go(world.name, "journal")
    live.says("1 entry")
    live.command("Page.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    live.run(SAVED)
    live.click("button", "Save HAR")
    saved = json.loads(live.until("window.saved"))
    assert [each["response"]["status"] for each in saved["log"]["entries"]] == [200]


AT_END = """
(({ scrollTop, clientHeight, scrollHeight }) => scrollTop + clientHeight >= scrollHeight - 4)(
  document.querySelector("#journal-list"))
"""


def test_the_end_stays_in_sight_while_entries_come_in_unless_somebody_looks_elsewhere(live: Tab, world: World) -> None:
    live.size(1280, 500)
    for _ in range(40):
        world.ask("GET", "/api/jobs")
    live.go(world.name, "journal")
    live.says("40 entries")
    live.until(AT_END)
    for _ in range(5):
        world.ask("GET", "/api/jobs")
    live.says("45 entries")
    live.until(AT_END)
    live.run("document.querySelector('#journal-list').scrollTop = 0;")
    live.until("document.querySelector('#journal-list .row').innerText.startsWith('1')")
    world.ask("GET", "/api/jobs")
    live.says("46 entries")
    assert live.run("return document.querySelector('#journal-list').scrollTop") == 0
