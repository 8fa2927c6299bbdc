"""The journal on the live page: as it happens, filtered, opened, copied, saved; nothing in it is ever markup."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest
from api_kit import SAMPLES, Receiver
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


def test_each_filter_shows_what_it_is_named_after(live: Tab, world: World, receiver: Receiver) -> None:
    world.send("PUT", "webhooks", {"insecure": True})
    job = world.submit(webhookUrl=receiver.url)  # 1
    world.advance(60)  # 2: its webhook
    world.ask("GET", "/api/jobs?limit=0")  # 3: a violation
    world.send("POST", "faults", {"api": "vidgen", "fault": "status", "status": 503, "times": 1})
    world.ask("GET", "/api/jobs")  # 4
    world.send("POST", "faults", {"api": "vidgen", "fault": "close_before_headers", "times": 1})
    with pytest.raises(httpx.TransportError):
        world.ask("GET", "/api/jobs")  # 5
    for _ in range(5):  # 6 to 10, most of them after the end was seen
        world.ask("GET", f"/api/status/{job}")
    world.ask("GET", "/api/image/nothing", api="miraflow")  # 11
    live.go(world.name, "journal")
    live.says("11 entries")
    ok, everything = "1 6 7 8 9 10", "1 2 3 4 5 6 7 8 9 10 11"
    wanted = {"ok": ok, "4xx": "3 11", "5xx": "4", "lost": "5", "violation": "3", "fault": "4 5", "webhook": "2"}
    for value, numbers in {**wanted, "": everything}.items():
        live.fill("select[aria-label=Show]", value)
        live.until(f"{SHOWN} === {json.dumps(numbers)}")
    live.fill("select[aria-label=Show]", "conduct")
    live.until(f"{SHOWN}.includes('10') && !{SHOWN}.split(' ').includes('1')")
    live.fill("select[aria-label=Show]", "")
    live.fill("select[aria-label=API]", "miraflow")
    live.until(f"{SHOWN} === '11'")
    live.fill("select[aria-label=API]", "")
    live.says("11 entries")


SHOWN = "[...document.querySelectorAll('#journal-list .row .number')].map((e) => e.textContent).join(' ')"


def test_a_download_is_shown_with_its_type_and_size_and_without_its_bytes(live: Tab, world: World) -> None:
    job = world.submit()
    world.advance(60)
    film = world.client.get(world.ask("GET", f"/api/status/{job}").json()["outputVideo"])
    assert film.headers["content-type"] == "video/mp4"
    live.go(world.name, "journal", "3")
    live.says("video/mp4, not kept as text", "[aria-label=Response] .side, [aria-label=Response]")


def test_bodies_are_copied_as_they_were_sent_and_answered(live: Tab, world: World) -> None:
    body = {"prompt": 'it\'s \u00fcber <b>"quoted"</b>', "name": "kite"}
    answer = world.ask("POST", "/api/image/generate", api="miraflow", json=body)
    live.go(world.name, "journal", "1")
    live.run(COPIED)
    live.click("button", "Copy request body")
    assert json.loads(live.until("window.copied")) == body
    live.run("window.copied = '';")
    live.click("button", "Copy response body")
    assert json.loads(live.until("window.copied")) == answer.json()


COPIED = "window.copied = ''; navigator.clipboard.writeText = async (text) => { window.copied = text; };"
BODY = {"prompt": 'it\'s a "kite" $HOME `id` \\ !x\n\u00fc \u2028 %41 &', "name": "'; echo no; '"}


def pasted(live: Tab, world: World, entry: int, folder: Path) -> dict[str, Any]:
    """Copy an entry as curl, paste it in a shell, and give the entry that this made."""
    live.go(world.name, "journal", str(entry))
    live.says(f"#{entry} ", ".detail h2")
    live.run(COPIED)
    live.click("button", "Copy as curl")
    command = live.until("window.copied")
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, cwd=folder, check=True)
    assert done.stdout.startswith("HTTP/1.1 "), done.stdout
    return dict(world.get("journal")[-1])


def test_json_that_is_hard_to_quote_is_pasted_in_a_shell_and_is_the_same(
    live: Tab, world: World, tmp_path: Path
) -> None:
    world.ask("POST", "/api/image/generate", api="miraflow", json=BODY)
    (first,) = world.get("journal")
    second = pasted(live, world, 1, tmp_path)
    assert (second["status"], second["operation"]) == (200, "generateImage")
    assert json.loads(second["sent"]["text"]) == json.loads(first["sent"]["text"]) == BODY
    assert second["account"] == first["account"]


def test_a_form_with_files_is_pasted_in_a_shell_where_files_of_their_names_lie(
    live: Tab, world: World, tmp_path: Path
) -> None:
    world.submit(webhookUrl="https://127.0.0.1:9/a?b=c&d='e'")
    world.advance(60)
    for name in ("portrait.png", "voice.mp3"):
        (tmp_path / name).write_bytes((SAMPLES / name).read_bytes())
    entries = world.get("journal")
    second = pasted(live, world, 1, tmp_path)
    assert (second["status"], second["operation"]) == (201, "createJob")
    assert json.loads(second["sent"]["text"]) == json.loads(entries[0]["sent"]["text"])


def test_a_query_is_pasted_in_a_shell_and_is_the_same(live: Tab, world: World, tmp_path: Path) -> None:
    world.ask(
        "GET", "/api/jobs", params={"limit": "2", "x": "it's [a] {b} *&c"}, headers={"User-Agent": "a \"b\" 'c' $d"}
    )
    (first,) = world.get("journal")
    second = pasted(live, world, 1, tmp_path)
    assert (second["path"], second["status"]) == (first["path"], first["status"])
    assert second["sent"]["query"] == first["sent"]["query"]
    assert dict(second["sent"]["headers"])["user-agent"] == "a \"b\" 'c' $d"


def test_attempts_of_webhooks_stand_under_the_request_that_caused_them(
    live: Tab, world: World, receiver: Receiver
) -> None:
    world.send("PUT", "webhooks", {"insecure": True})
    world.submit(webhookUrl=receiver.url)
    world.ask("GET", "/api/jobs")
    world.advance(60)
    live.go(world.name, "journal")
    live.says("3 entries")
    live.until("document.querySelectorAll('#journal-list .row').length === 3")
    rows = live.run("return [...document.querySelectorAll('#journal-list .row')].map((e) => e.innerText)")
    assert [("webhook" in row) for row in rows] == [False, True, False]
    live.click("#journal-list .row.under")
    live.says("signature right", ".detail")
    live.says("Caused by", ".detail")


def test_a_request_is_copied_as_a_curl_command_that_does_the_same(live: Tab, world: World, tmp_path: Path) -> None:
    world.ask("GET", "/api/status/it's")
    (first,) = world.get("journal")
    second = pasted(live, world, 1, tmp_path)
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
