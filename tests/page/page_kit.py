"""The live page in one browser for all tests of the room, in a sandbox of each test's own, and clients that use it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import aiohttp
import httpx
from browser_kit import PATIENCE, Page

from mockserver.samples import upload

WATCH = """
window.problems = [];
addEventListener("error", (e) => problems.push("error: " + e.message));
addEventListener("unhandledrejection", (e) => problems.push("rejection: " + (e.reason?.stack ?? e.reason)));
addEventListener("securitypolicyviolation", (e) => problems.push("policy: " + e.violatedDirective));
window.see = {
  async until(found, what) {
    for (const end = performance.now() + 40000; performance.now() < end; ) {
      let it;
      try { it = found(); } catch { it = null; }
      if (it) return it;
      await new Promise((done) => setTimeout(done, 20));
    }
    throw new Error("waited for " + (what ?? found) + "; the page says: " + document.body.innerText.slice(0, 1500));
  },
  text(where = "main") {
    const it = document.querySelector(where);
    const unseen = [...(it?.querySelectorAll(".unseen") ?? [])]; // said to who listens, some seconds later
    for (const each of unseen) each.style.display = "none";
    const said = it?.innerText ?? "";
    for (const each of unseen) each.style.display = "";
    return said;
  },
  says: (text, where = "body") => see.until(() => see.holds(see.text(where), text), JSON.stringify(text)),
  holds: (said, text) => said.split(text).slice(0, -1).some((before) => !/^\\d/.test(text) ||
    !/(\\d|of )$/.test(before)),
  one: (where, text) => [...document.querySelectorAll(where)].find((e) =>
    !text || (e.getAttribute("aria-label") ?? "").includes(text) || e.textContent.includes(text)),
  async click(where, text) {
    const found = () => { const e = see.one(where, text); return e && !e.disabled && e; };
    const it = await see.until(found, where + " " + text);
    it.click();
  },
  async fill(where, value) {
    const it = await see.until(() => document.querySelector(where), where);
    it.value = value;
    for (const name of ["input", "change"]) it.dispatchEvent(new Event(name, { bubbles: true }));
  },
  async go(address) {
    location.hash = address;
    const sandbox = decodeURIComponent(address.split("/")[1]);
    await see.until(() => document.title.startsWith(sandbox), address);
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))); // what is seen is of before
    await see.until(() => see.text(".connection") === "live", address);
  },
};
"""
"""Runs in the page before its own scripts: what goes wrong is remembered, and tests wait for what they look for."""


class Tab:
    """A page of the browser; its methods wait until what they look for is there."""

    def __init__(self, runner: asyncio.Runner, page: Page, url: str) -> None:
        self._runner, self._page, self.url = runner, page, url

    def run(self, script: str, patience: float = PATIENCE) -> Any:
        """What the body of an async function returns in the page, within so many seconds."""
        return self._runner.run(asyncio.wait_for(self._page.run(script), patience))

    def command(self, method: str, **asked: Any) -> Any:
        """A command of the browser's protocol."""
        return self._runner.run(asyncio.wait_for(self._page.command(method, **asked), PATIENCE))

    def open(self, path: str = "/_mock/") -> None:
        """Load a page anew, and wait until it stands."""
        self.command("Page.navigate", url=self.url + path)
        self.run(
            "await see.until(() => document.readyState === 'complete' && document.querySelector('main, dialog[open]'))"
        )

    def go(self, sandbox: str, tab: str = "jobs", chosen: str = "") -> None:
        """Look at a view of a sandbox."""
        address = "/".join(quote(each, safe="") for each in (sandbox, tab, chosen) if each)
        self.run(f"await see.go({json.dumps('/' + address)})")

    def says(self, text: str, where: str = "body") -> None:
        """Wait until it says so."""
        self.run(f"await see.says({json.dumps(text)}, {json.dumps(where)})")

    def until(self, expression: str) -> Any:
        """Wait until an expression is true; gives its value."""
        return self.run(f"return await see.until(() => {expression}, {json.dumps(expression)})")

    def click(self, where: str, text: str = "") -> None:
        """Click on the first element that a selector finds and that says, or is labelled with, a text."""
        self.run(f"await see.click({json.dumps(where)}, {json.dumps(text)})")

    def fill(self, where: str, value: str) -> None:
        """Type into a field, or choose."""
        self.run(f"await see.fill({json.dumps(where)}, {json.dumps(value)})")

    def press(self, key: str) -> None:
        """Press a key, as a person does."""
        keys = {"Enter": 13, "Escape": 27, "Tab": 9, "End": 35, "Home": 36, "ArrowUp": 38, "ArrowDown": 40,
                "PageUp": 33, "PageDown": 34}  # fmt: skip
        told = {"key": key, "code": key, "windowsVirtualKeyCode": keys[key]}
        text = {"text": "\r"} if key == "Enter" else {}
        self.command("Input.dispatchKeyEvent", type="keyDown", **told, **text)
        self.command("Input.dispatchKeyEvent", type="keyUp", **told)

    def text(self, where: str = "main") -> str:
        """What it says."""
        return str(self.run(f"return see.text({json.dumps(where)})"))

    def size(self, width: int, height: int) -> None:
        """Make the window as large as that."""
        self.command(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )

    def prefer(self, **features: str) -> None:
        """Ask for the page as people see it who want it so: `color_scheme="dark"`, `reduced_motion="reduce"`."""
        found = [{"name": f"prefers-{name.replace('_', '-')}", "value": value} for name, value in features.items()]
        self.command("Emulation.setEmulatedMedia", features=found)

    def as_usual(self) -> None:
        """The window as a test finds it, whatever the one before made of it."""
        self.size(1280, 800)
        self.prefer(color_scheme="light")

    def picture(self) -> bytes:
        """The page as it is seen, a PNG."""
        return self._runner.run(asyncio.wait_for(self._page.picture(), PATIENCE))

    @property
    def problems(self) -> list[str]:
        """Errors, and what the policy of the page forbade, since it was loaded."""
        return list(self.run("return problems"))


@contextmanager
def tab(host: str, url: str) -> Iterator[Tab]:
    """A tab of the browser that is steered at `host`; it shows nothing yet."""
    with asyncio.Runner() as runner:
        client = runner.run(_client())
        try:
            address = runner.run(_new(client, host))
            socket = runner.run(_connected(client, address))
            made = Tab(runner, Page(socket), url)
            made.command("Page.enable")
            made.command("Emulation.setFocusEmulationEnabled", enabled=True)  # seen, whatever else is opened
            made.command("Page.addScriptToEvaluateOnNewDocument", source=WATCH)
            made.as_usual()
            yield made
            made.command("Page.close")
        finally:
            runner.run(client.close())


async def _client() -> aiohttp.ClientSession:
    return aiohttp.ClientSession()


async def _new(client: aiohttp.ClientSession, host: str) -> str:
    async with client.put(f"http://{host}/json/new?about:blank") as got:
        return str((await got.json(content_type=None))["webSocketDebuggerUrl"])


async def _connected(client: aiohttp.ClientSession, address: str) -> aiohttp.ClientWebSocketResponse:
    return await client.ws_connect(address, max_msg_size=0)


class World:
    """A sandbox with a manual clock, its control API, and a client of the APIs in it."""

    def __init__(self, url: str, token: str | None = None, **settings: Any) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.control = httpx.Client(base_url=f"{url}/_mock/", headers=headers, trust_env=False, timeout=PATIENCE)
        made = self._checked(self.control.post("sandboxes", json={"clock": {"mode": "manual"}, **settings}))
        self.name = str(made["name"])
        self.apis: Mapping[str, Any] = made["apis"]
        self.client = httpx.Client(trust_env=False, timeout=PATIENCE)

    def _checked(self, response: httpx.Response) -> Any:
        assert response.is_success, response.text
        return response.json() if response.content else None

    def get(self, path: str) -> Any:
        """What a list of the sandbox says."""
        return self._checked(self.control.get(f"sandboxes/{self.name}/{path}".rstrip("/")))

    def send(self, method: str, path: str, body: Any = None) -> Any:
        """Change something of the sandbox."""
        return self._checked(self.control.request(method, f"sandboxes/{self.name}/{path}", json=body or {}))

    def advance(self, seconds: float) -> None:
        """Move its clock."""
        self.send("POST", "clock/advance", {"seconds": seconds})

    def ask(self, method: str, path: str, api: str = "vidgen", **more: Any) -> httpx.Response:
        """A request to an API, with the sandbox's own key."""
        access = self.apis[api]
        headers = {"X-API-Key": access.get("api_key", ""), **more.pop("headers", {})}
        return self.client.request(method, access["url"] + path, headers=headers, **more)

    def submit(self, **fields: str) -> str:
        """A job of VidGen; gives its id."""
        files: dict[str, Any] = {"image": upload("portrait.png"), "audio": upload("voice.mp3")}
        answer = self.ask("POST", "/api/jobs", files=files, data=fields)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["jobId"])

    def close(self) -> None:
        """End it."""
        self.control.delete(f"sandboxes/{self.name}")
        self.leave()

    def leave(self) -> None:
        """Ask nothing more; its server may be gone."""
        self.control.close()
        self.client.close()
