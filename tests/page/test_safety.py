"""The live page trusts nobody: the token stays in memory, what clients sent is text, readers have no buttons."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from page_kit import Tab, World, tab

from mockserver import Running, start
from mockserver.app import Mockserver, Settings
from mockserver.launch import start_app
from mockserver.loader import load_all
from mockserver.pages.live_page import FOLDER, INDEX

MARKUP = [
    "<script>window.ran = 1</script>",
    "<img src=x onerror='window.ran = 1'>",
    '"><svg onload=window.ran=1>',
    "javascript:window.ran=1",
    "</pre></dd><iframe srcdoc='<script>parent.ran=1</script>'>",
    "{{constructor.constructor('window.ran=1')()}}",
    "\u202egnp.exe\u2028<b>bold",
]


def test_what_a_client_sent_is_text_wherever_it_is_shown(live: Tab, world: World) -> None:
    for text in MARKUP:
        world.ask("GET", f"/api/status/{text}", headers={"X-Mine": text.encode()}, params={"q": text})
        world.ask("POST", "/api/jobs", data={"image": text, text: text})
        world.ask("POST", "/api/image/generate", api="miraflow", json={"prompt": text, "name": text, text: text})
    world.send("POST", "plans", {"api": "vidgen", "outcome": "FAILED", "error": MARKUP[1], "queued": 1, "running": 1})
    job = world.submit(webhookUrl="https://127.0.0.1:9/%3Cimg%20src=x%20onerror=window.ran=1%3E")
    world.advance(5)
    live.go(world.name, "journal")
    live.says("gnp.exe", "#journal-list")  # one of the last: the end is in sight
    last = len(world.get("journal"))
    for n in range(1, last + 1):
        live.go(world.name, "journal", str(n))
        live.says(f"#{n} ", ".detail h2")
        live.until("!see.text('.detail').includes('Loading')")
    for view in (["jobs", job], ["webhooks"], ["conduct"], ["coverage"], ["accounts"]):
        live.go(world.name, *view)
        live.until("!see.text('main').includes('Loading')")
    assert live.run("return window.ran ?? null") is None
    assert (
        live.run(
            "return document.querySelectorAll('main script, main iframe, main svg[onload], main img[src=x]').length"
        )
        == 0
    )


FORGED = """
const { h } = await import(new URL("live/dom.js", document.baseURI).href);
const forged = { name: "iframe", key: 1, props: { srcdoc: "<script>parent.ran = 1</script>" }, children: [] };
return JSON.stringify(h("p", {}, forged, [forged], h("b", {}, "x")).children.map((each) => each.name ?? typeof each));
"""


def test_data_in_the_form_of_an_element_is_text(live: Tab) -> None:
    assert live.run(FORGED) == '["string","string","b"]'


def test_dots_in_the_address_of_the_page_lead_out_of_no_sandbox(live: Tab) -> None:
    live.open("/_mock/#/../jobs")
    live.says("default", "h1")
    live.says("live", ".connection")
    assert live.problems == []


def test_the_page_has_no_inline_code_and_reaches_nobody_else(live: Tab) -> None:
    live.run("const made = document.createElement('script'); made.textContent = 'ran = 1'; document.body.append(made);")
    assert live.run("return window.ran ?? null") is None
    policy = live.until("window.problems.find((each) => each.startsWith('policy: script-src'))")
    live.run("window.problems.length = 0;")
    assert policy
    names = live.run("return performance.getEntriesByType('resource').map((e) => new URL(e.name).origin)")
    assert set(names) <= {live.url}


def test_the_page_names_all_its_files_beforehand_so_that_none_is_found_late() -> None:
    named = re.findall(r'(?:href|src)="live/([^"]+)"', (FOLDER / INDEX).read_text(encoding="utf-8"))
    assert sorted(named) == sorted(each.name for each in FOLDER.iterdir() if each.name != INDEX)


def test_files_of_the_page_are_short_and_make_no_markup() -> None:
    for file in FOLDER.iterdir():
        text = file.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 300, file.name
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser", text
        )
        assert not re.search(r"https?://(?!127\.0\.0\.1|www\.w3\.org)", text), file.name


@pytest.fixture(scope="module")
def guarded() -> Iterator[Running]:
    with start(control_token="s3cret") as running:
        yield running


def test_the_token_is_asked_for_once_and_kept_in_memory_alone(guarded: Running, host: str) -> None:
    with tab(host, guarded.url) as page:
        page.open()
        page.until("document.querySelector('#token').open")
        page.fill("#token-field", "wrong")
        page.click("#token-form button")
        page.until("document.querySelector('#token').open && !document.querySelector('#token-wrong').hidden")
        page.fill("#token-field", "s3cret")
        page.click("#token-form button")
        page.says("live", ".connection")
        page.says("default", "#sandbox-list")
        kept = page.run(
            "return JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, location.href])"
        )
        assert "s3cret" not in kept
        assert "s3cret" not in page.run("return document.documentElement.outerHTML")
        page.go("default", "accounts")
        page.says("demo-key", "main")
        assert not page.run("return document.querySelector('#token').open")
        page.open()
        page.until("document.querySelector('#token').open")
        assert [each for each in page.problems if "policy" in each] == []


def test_a_page_that_may_only_read_has_no_controls_and_says_so(host: str) -> None:
    with start_app(Mockserver(load_all(), Settings(page="read-only"))) as server, tab(host, server.url) as page:
        world = World(server.url)
        job = world.submit()
        world.send("POST", "faults", {"api": "vidgen", "fault": "status"})
        page.open()
        page.says("read-only", "header")
        for view in (
            ["jobs", job],
            ["journal", "1"],
            ["webhooks"],
            ["faults"],
            ["scenarios"],
            ["conduct"],
            ["accounts"],
        ):
            page.go(world.name, *view)
            page.until("!see.text('main').includes('Loading')")
            changing = page.run(CHANGING)
            assert changing == [], view
        world.close()


CHANGING = """
const harmless = /^(Copy|Save HAR|Sandboxes|Dismiss|Close|copy)/;
const said = (e) => e.getAttribute("aria-label") || e.innerText || e.name;
const places = "main button, header button, main form, header select, main input[type=checkbox]:enabled";
return [...document.querySelectorAll(places)]
  .map(said).filter((text) => !harmless.test(text) && text !== "" && text !== "follow");
"""
