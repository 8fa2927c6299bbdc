"""The network panel of Chromium's own developer tools opens the journal's HAR and shows every request of it."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime
from typing import Any

import pytest
from browser_kit import browser, devtools, has_browser
from test_har import control, exported  # noqa: F401 - fixtures

from mockserver.har import har
from mockserver.journal import Answered, JournalEntry

pytestmark = pytest.mark.skipif(not has_browser(), reason="chromium is not installed")

SHOW = """
const {ViewManager} = await import('/devtools/ui/legacy/legacy.js');
await ViewManager.ViewManager.instance().showView('network');
"""
LOAD = """
const {NetworkPanel} = await import('/devtools/panels/network/network.js');
const view = NetworkPanel.NetworkPanel.instance().networkLogView;
const complaints = [];
view.harLoadFailed = why => complaints.push(String(why));
await view.onLoadFromFile(new File([%s], 'journal.har'));
view.refresh();
const shown = await view.harRequests();
const rows = [];
for (const request of shown) {
  const content = await request.requestContentData();
  rows.push({
    url: request.url(), method: request.requestMethod, status: request.statusCode, phrase: request.statusText,
    kind: request.mimeType, size: request.resourceSize, started: request.issueTime(),
    sent: await request.requestFormData(), query: request.queryParameters, sentHeaders: request.requestHeaders(),
    headers: request.responseHeaders, text: content.error ? null : content.isTextContent ? content.text : '',
  });
}
return {complaints, rows, listed: view.flatNodesList().length};
"""


async def opened(host: str, *documents: Any) -> list[Any]:
    """What the panel has after it opened each of these: its complaints, and its requests."""
    async with devtools(host) as tools:
        await tools.run(SHOW)
        return [await tools.run(LOAD % json.dumps(json.dumps(each))) for each in documents]


BARE = [
    JournalEntry(1, 0.0, "request", "a", "hung", "GET", "/x", extra={"fault": "hang"}),
    JournalEntry(
        2, 1.5, "request", "a", "odd", "PATCH", "/y", 599, answered=Answered(b"content-type: text/html", length=3)
    ),
    JournalEntry(3, 2.0, "media", "a", "", "GET", "/_media/@a/b", 206, extra={"fault": "close_mid_body"}),
]
BROKEN = {"log": {"version": "1.2", "entries": [{"request": {}}]}}


@pytest.fixture(scope="module")
def shown(exported: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:  # noqa: F811
    bare = har(BARE, "https://mock.test:8443", {})
    with browser(tmp_path_factory.mktemp("profile")) as host:
        return asyncio.run(opened(host, exported, bare, BROKEN))


def test_the_panel_shows_every_request_and_has_no_complaint(exported: Any, shown: Any) -> None:  # noqa: F811
    assert shown[0]["complaints"] == []
    rows, entries = shown[0]["rows"], exported["log"]["entries"]
    assert shown[0]["listed"] == len(rows) == len(entries) == 5
    for row, entry in zip(rows, entries, strict=True):
        request, response = entry["request"], entry["response"]
        assert (row["method"], row["url"]) == (request["method"], request["url"])
        assert (row["status"], row["phrase"]) == (response["status"], response["statusText"])
        assert (row["kind"], row["size"]) == (response["content"]["mimeType"], response["content"]["size"])
        assert row["started"] == datetime.fromisoformat(entry["startedDateTime"]).timestamp()


def test_the_panel_shows_what_was_sent_and_answered(exported: Any, shown: Any) -> None:  # noqa: F811
    submit, status, video, refused, _ = shown[0]["rows"]
    assert json.loads(submit["sent"])["image"].startswith("a.png")
    assert json.loads(status["text"])["status"] == "COMPLETED"
    assert video["kind"] == "video/mp4"
    assert {"name": "limit", "value": "0"} in refused["query"]
    for row, entry in zip(shown[0]["rows"], exported["log"]["entries"], strict=True):
        assert _pairs(row["sentHeaders"]) == _pairs(entry["request"]["headers"])
        assert _pairs(row["headers"]) == _pairs(entry["response"]["headers"])


def _pairs(headers: list[Any]) -> list[tuple[str, str]]:
    return [(each["name"], each["value"]) for each in headers]


def test_the_panel_shows_requests_that_were_never_answered(shown: Any) -> None:
    assert shown[1]["complaints"] == []
    assert [(each["url"], each["status"]) for each in shown[1]["rows"]] == [
        ("https://mock.test:8443/x", 0),
        ("https://mock.test:8443/y", 599),
        ("https://mock.test:8443/_media/@a/b", 206),
    ]


def test_the_panel_complains_of_what_is_no_har(shown: Any) -> None:
    assert len(shown[2]["complaints"]) == 1
