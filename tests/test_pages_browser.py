"""Swagger UI in a real browser: what its fields hold, that it is authorised, and how it looks in the dark."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from browser_kit import browser, has_browser, page
from PIL import Image, ImageStat

from mockserver import Running, start
from mockserver.pages.routes import ui_folder

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not has_browser(), reason="chromium is missing"),
    pytest.mark.skipif(ui_folder() is None, reason="the extra `ui` is not installed"),
]

FOUND = """
const until = async (found) => {
  for (;;) {
    const it = found();
    if (it) return it;
    await new Promise((done) => setTimeout(done, 20));
  }
};
const block = (name) => until(() => [...document.querySelectorAll(".opblock")].find((e) => e.id.endsWith("-" + name)));
const open = async (name) => {
  const it = await block(name);
  if (!it.classList.contains("is-open")) it.querySelector(".opblock-summary button").click();
  (await until(() => it.querySelector(".try-out__btn"))).click();
  await until(() => it.querySelector(".execute"));
  return it;
};
"""
HELD = (
    FOUND
    + """
const it = await open(%s);
return it.querySelector("textarea").value;
"""
)
FIELDS = FOUND + "const it = await open(%s); return [...it.querySelectorAll('.parameters input')].map((e) => e.value);"
SENT = (
    FOUND
    + """
const it = await open(%s);
it.querySelector(".execute").click();
return (await until(() => it.querySelector(".live-responses-table tbody .response-col_status"))).firstChild.textContent;
"""
)


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with start() as running:
        yield running


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a browser is steered."""
    with browser(tmp_path_factory.mktemp("profile")) as made:
        yield made


def run(host: str, url: str, *scripts: str) -> list[Any]:
    async def asked() -> list[Any]:
        async with page(host, url) as opened:
            return [await opened.run(script) for script in scripts]

    return asyncio.run(asked())


@pytest.mark.parametrize("operation", ["createSandbox", "advanceClock", "planJobs", "armFault"])
def test_try_it_out_holds_the_first_example_of_a_body(server: Running, host: str, operation: str) -> None:
    document = httpx.get(f"{server.url}/_mock/openapi.json", trust_env=False).json()
    (said,) = (
        each for item in document["paths"].values() for each in item.values() if each["operationId"] == operation
    )
    example = next(iter(said["requestBody"]["content"]["application/json"]["examples"].values()))
    (held,) = run(host, f"{server.url}/_mock/docs", HELD % json.dumps(operation))
    assert json.loads(held) == example["value"]


def test_a_form_holds_its_first_example(server: Running, host: str) -> None:
    fields = (
        FOUND
        + """
    const it = await open("createSpeedPainting");
    return [...it.querySelectorAll("tr[data-property-name]")].map((e) => [
      e.dataset.propertyName, (e.querySelector("select") || e.querySelector("input"))?.value]);
    """
    )
    (held,) = run(host, f"{server.url}/miragic/docs", fields)
    assert {name: value for name, value in held if value} == {
        "quality": "hd", "sequence": "auto", "fps": "30", "hand_style": "1",
    }  # fmt: skip


def test_a_filter_that_nobody_asked_for_is_empty(server: Running, host: str) -> None:
    name, *filters = run(host, f"{server.url}/_mock/docs", FIELDS % '"listWebhooks"')[0]
    assert (name, set(filters)) == ("default", {""})


@pytest.mark.parametrize(("path", "operation"), [("/vidgen/docs", "listJobs"), ("/mirrago/docs", "generateImage"),
                                                 ("/_mock/docs", "advanceClock")])  # fmt: skip
def test_one_click_sends_a_request_that_is_taken(server: Running, host: str, path: str, operation: str) -> None:
    assert run(host, server.url + path, SENT % json.dumps(operation)) == ["200"]


def test_the_control_token_is_given_to_the_page_and_opens_the_control_api(host: str) -> None:
    with start(control_token="s3cret") as server:
        sent = SENT % '"advanceClock"'
        authorized = f'ui.preauthorizeApiKey("ControlToken", "s3cret");\n{sent}'
        assert run(host, f"{server.url}/_mock/docs", authorized) == ["200"]
        assert run(host, f"{server.url}/_mock/docs", sent) == ["401"]


@pytest.mark.parametrize("path", ["/", "/vidgen/docs", "/_mock/docs"])
def test_pages_are_dark_where_that_is_preferred(server: Running, host: str, path: str, tmp_path: Path) -> None:
    async def looked_at() -> list[float]:
        found = []
        async with page(host, server.url + path) as opened:
            for scheme in ("light", "dark"):
                await opened.prefer(scheme)
                await opened.run(
                    "await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));"
                )
                picture = Image.open(io.BytesIO(await opened.picture())).convert("L")
                found.append(ImageStat.Stat(picture).median[0])
        return found

    light, dark = asyncio.run(looked_at())
    assert light > 200
    assert dark < 60
