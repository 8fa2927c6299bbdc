"""What `serve` prints, as text for people or as JSON for programs: who answers where, then a line a request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from mockserver.printable import one_line, printable_json

if TYPE_CHECKING:
    from mockserver.app import Mockserver
    from mockserver.app.reloading import Edited
    from mockserver.journal import JournalEntry


class Log(NamedTuple):
    """One way to write it: the lines at the start, that of an entry of a sandbox, that of lines nobody read, those of a
    contract that was edited, those of a sentence about workers, about the store, and about links in answers.
    """

    start: Callable[[Mockserver, str], Iterator[str]]
    entry: Callable[[str, JournalEntry], str]
    left_out: Callable[[int], str]
    edited: Callable[[Edited], Iterator[str]]
    workers: Callable[[str], str]
    store: Callable[[str], str]
    links: Callable[[str], str]


def _start(app: Mockserver, url: str) -> Iterator[str]:
    """The URL alone on the first line, for scripts; then a table for people."""
    yield url
    rows = [_row(app, name) for name in app.apis]
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    for row in rows:
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    if app.settings.page != "off":
        yield f"  {url}/_mock/ shows what happens while it happens."
    yield f"  {url}/ shows this as a page; {url}/_mock/openapi.json says how to control it. Stop with Ctrl-C."


def _row(app: Mockserver, name: str) -> tuple[str, str, str]:
    side = app.sandboxes.default.apis[name]
    from mockserver.control.serialize import show_credentials

    by_name = show_credentials(side)
    client = f"client {by_name['client_id']} / {by_name['client_secret']}" if "client_id" in by_name else ""
    credentials = client or (f"key {by_name['api_key']}" if "api_key" in by_name else "no credentials needed")
    return side.contract.title, f"{app.base_url}/{name}", credentials


def line_of(entry: JournalEntry) -> str:
    """One line a request: API, operation, status, example and, for a refusal, why."""
    asked_for = entry.operation or f"{entry.method} {entry.path[:80]}"
    why = f"  {entry.why}" if entry.why else ""
    return one_line(f"{entry.api} {asked_for} {entry.status} {entry.example}{why}")


def _left_out(count: int) -> str:
    return f"({count} lines were left out: nobody read them in time)"


def _start_in_json(app: Mockserver, url: str) -> Iterator[str]:
    apis = {name: f"{app.base_url}/{name}" for name in app.apis}
    page = {} if app.settings.page == "off" else {"page": f"{url}/_mock/"}
    yield printable_json({"event": "listening", "url": url, **page, "apis": apis})


def _entry_in_json(sandbox: str, entry: JournalEntry) -> str:
    """An entry as the journal shows it, without what was sent and answered."""
    from mockserver.control.serialize import show_entry

    document: dict[str, Any] = show_entry(entry._replace(sent=None, answered=None))
    fields = {name: value for name, value in document.items() if name not in ("sent", "answered")}
    return printable_json({"event": "request", "sandbox": sandbox, **fields})


def _left_out_in_json(count: int) -> str:
    return printable_json({"event": "left_out", "lines": count})


def _edited(edited: Edited) -> Iterator[str]:
    if not edited.mistakes:
        yield one_line(f"{edited.api} was edited and is served as it is now")
        yield from (one_line(f"    lost: {loss}") for loss in edited.lost)
        return
    yield one_line(f"{edited.api} was edited and cannot be served; what it was before stays")
    for mistake in edited.mistakes:
        yield one_line(f"    {mistake}")


def _edited_in_json(edited: Edited) -> Iterator[str]:
    outcome = (
        {"lost": list(edited.lost)}
        if not edited.mistakes
        else {"mistakes": [str(mistake) for mistake in edited.mistakes]}
    )
    yield printable_json({"event": "refused" if edited.mistakes else "reloaded", "api": edited.api, **outcome})


def _sentence(sentence: str) -> str:
    return f"  {one_line(sentence)}"


def _sentence_in_json(event: str, sentence: str) -> str:
    return printable_json({"event": event, "message": sentence})


LOGS = {
    "text": Log(_start, lambda sandbox, entry: line_of(entry), _left_out, _edited, _sentence, _sentence, _sentence),
    "json": Log(
        _start_in_json,
        _entry_in_json,
        _left_out_in_json,
        _edited_in_json,
        *[partial(_sentence_in_json, event) for event in ("workers", "store", "links")],
    ),
}
