"""A headless Chromium and its developer tools, which it serves itself: no network, one profile per browser."""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import aiohttp

PATIENCE = 60.0
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0", "--remote-allow-origins=*"]
FLAGS += ["--autoplay-policy=no-user-gesture-required"]


def has_browser() -> bool:
    return shutil.which("chromium") is not None


@contextmanager
def browser(profile: Path) -> Iterator[str]:
    """A browser; gives the address, host and port, where it is steered."""
    command = ["chromium", *FLAGS, f"--user-data-dir={profile}", "about:blank"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        try:
            yield f"127.0.0.1:{_port(child, profile / 'DevToolsActivePort')}"
        finally:
            child.terminate()
            child.wait(PATIENCE)


def _port(child: subprocess.Popen[bytes], file: Path) -> str:
    """The port that the browser has chosen; nothing but this file tells."""
    while not file.exists() or "\n" not in file.read_text():
        assert child.poll() is None, "the browser did not start"
        time.sleep(0.02)
    return file.read_text().splitlines()[0]


@asynccontextmanager
async def devtools(host: str) -> AsyncIterator[Tools]:
    """The developer tools that a browser serves, in a page of their own."""
    async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as client:
        page = await _opened(client, host)
        async with client.ws_connect(page, max_msg_size=0) as socket:
            tools = Tools(socket)
            while not await tools.are_up():  # noqa: ASYNC110 - each look is a question to the browser
                await asyncio.sleep(0.02)
            yield tools


@asynccontextmanager
async def page(host: str, url: str) -> AsyncIterator[Page]:
    """A page that the browser opens and has loaded."""
    async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as client:
        async with client.put(f"http://{host}/json/new?{url}") as got:
            address = str((await got.json(content_type=None))["webSocketDebuggerUrl"])
        async with client.ws_connect(address, max_msg_size=0) as socket:
            opened = Page(socket)
            while await opened.value("document.readyState + location.href") != f"complete{url}":  # noqa: ASYNC110
                await asyncio.sleep(0.02)
            yield opened


async def _opened(client: aiohttp.ClientSession, host: str) -> str:
    """Open the tools of the first page in a page of their own; gives where that one is steered."""
    async with client.get(f"http://{host}/json/list") as got:
        watched = next(each["id"] for each in await got.json(content_type=None) if each["type"] == "page")
    tools = f"http://{host}/devtools/inspector.html?ws={host}/devtools/page/{watched}"
    async with client.put(f"http://{host}/json/new?{tools}") as got:
        return str((await got.json(content_type=None))["webSocketDebuggerUrl"])


class Page:
    """A page in which scripts can be run."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._n = 0

    async def value(self, expression: str) -> Any:
        """What an expression gives; None while the page is loaded, for a script may lose the page that it runs in."""
        told = await self._evaluate(expression)
        return told.get("result", {}).get("result", {}).get("value")

    async def run(self, script: str) -> Any:
        """What the body of an async function returns in the page. Raises AssertionError with what it throws."""
        told = await self._evaluate(f"(async () => {{{script}}})()")
        assert "exceptionDetails" not in told["result"], json.dumps(told["result"]["exceptionDetails"])[:2000]
        return told["result"]["result"].get("value")

    async def prefer(self, scheme: str) -> None:
        """Ask for the page as people see it who want it `light` or `dark`."""
        await self.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    async def picture(self) -> bytes:
        """The page as it is seen, a PNG."""
        return base64.b64decode((await self.command("Page.captureScreenshot", format="png"))["result"]["data"])

    async def _evaluate(self, script: str) -> Any:
        return await self.command("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)

    async def command(self, method: str, **asked: Any) -> Any:
        """A command of the browser's protocol, and what it answers."""
        self._n += 1
        await self._socket.send_json({"id": self._n, "method": method, "params": asked})
        while (told := json.loads(await self._socket.receive_str())).get("id") != self._n:
            pass
        return told


class Tools(Page):
    """The page of the developer tools."""

    async def are_up(self) -> bool:
        """Whether their page stands."""
        return bool(await self.value("document.querySelector('.root-view') !== null"))
