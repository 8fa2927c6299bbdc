"""`mockserver report`: how well a client behaved and which answers it never saw, asked of a server that runs."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any
from urllib.parse import quote

import click

from mockserver.cli.terminal import complaint, tell
from mockserver.live import fetch
from mockserver.printable import one_line, printable_json

UNSEEN = 10
"""So many answers that were never seen are named per API; `--json` names all."""
SANDBOX = {"name": str}
FINDING = dict.fromkeys(("rule", "api", "operation", "sentence", "remedy"), str) | {"entries": list}
ANSWER = dict.fromkeys(("api", "operation", "example", "kind", "evidence"), str) | {"status": int, "answers": int}


@click.command()
@click.argument("url")
@click.option("--sandbox", help="Report on one sandbox alone; otherwise on all, closed ones included in the coverage.")
@click.option("--fail-under", type=click.FloatRange(0, 100), help="Exit with 1 when an API that was called is below.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--control-token", envvar="MOCKSERVER_CONTROL_TOKEN", show_envvar=True,
    help="The token the server was started with.",
)  # fmt: skip
def report(url: str, sandbox: str | None, fail_under: float | None, as_json: bool, control_token: str | None) -> None:
    """Report on conduct and coverage.

    URL is that of a server that runs. Conduct is judged from the journals of open sandboxes.
    """
    found = gather(url.rstrip("/"), sandbox, control_token)
    if as_json:
        tell(printable_json(found, indent=2))
    else:
        show(found)
    if fail_under is not None and below(found["coverage"], fail_under):
        tell(f"the coverage is below {fail_under:g} %", err=True)
        sys.exit(1)


def gather(url: str, sandbox: str | None, token: str | None) -> dict[str, Any]:
    """Findings by sandbox, and the coverage by API. Raises ClickException when the server does not tell."""
    listed = [sandbox] if sandbox else [each["name"] for each in _get(f"{url}/_mock/sandboxes", token, SANDBOX)]
    names = {name: f"{url}/_mock/sandboxes/{quote(name, safe='')}" for name in listed}
    conduct = {name: _get(f"{at}/conduct", token, FINDING) for name, at in names.items()}
    given = _get(f"{names[sandbox]}/coverage" if sandbox else f"{url}/_mock/coverage", token, ANSWER)
    return {
        "conduct": conduct,
        "coverage": {api: summed(list(rows)) for api, rows in groupby(given, itemgetter("api"))},
    }


def summed(given: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """How much of one API was seen, in percent to a tenth, and what was not."""
    unseen = [each for each in given if not each["answers"]]
    seen, total = len(given) - len(unseen), len(given)
    percent = round(100 * seen / total, 1) if total else 100.0
    return {"percent": percent, "seen": seen, "total": total, "unseen": unseen}


def _get(url: str, token: str | None, wanted: Mapping[str, type]) -> list[Any]:
    """The rows of a list; each must have what is wanted. Raises ClickException."""
    if not url.startswith(("http://", "https://")):
        raise click.BadParameter(
            f"{url.partition('/_mock')[0]!r} does not begin with http:// or https://", param_hint="URL"
        )
    reply = fetch(url, "GET", [("Authorization", f"Bearer {token}")] if token else [])
    if not reply.status:
        raise complaint(f"{url} cannot be read: {reply.body.decode('utf-8', 'replace')[:200]}")
    if reply.status != 200:
        raise complaint(f"{url} answered {reply.status}: {_detail(reply.json)}")
    if not isinstance(reply.json, list) or not all(_has(row, wanted) for row in reply.json):
        raise complaint(f"{url} cannot be read: what it answers is not what a mockserver answers")
    return reply.json


def _has(row: Any, wanted: Mapping[str, type]) -> bool:
    return isinstance(row, dict) and all(isinstance(row.get(name), kind) for name, kind in wanted.items())


def _detail(problem: Any) -> str:
    return str(problem["detail"]) if isinstance(problem, dict) and "detail" in problem else "it gives no reason"


def below(coverage: Mapping[str, Mapping[str, Any]], percent: float) -> bool:
    """Whether an API that was called at all, or everything when none was, was covered by less."""
    called = [each["percent"] for each in coverage.values() if each["seen"]]
    return min(called, default=0.0) < percent


def show(found: Mapping[str, Any]) -> None:
    """The report as tables."""
    from rich.console import Console

    console = Console(highlight=False, emoji=False, markup=False)
    findings = [(name, each) for name, several in found["conduct"].items() for each in several]
    if findings:
        console.print(_conduct(findings))
    else:
        console.print("Conduct: nothing to say against the client.")
    for api, each in found["coverage"].items():
        if each["seen"]:
            console.print(_coverage(api, each))
    silent = [api for api, each in found["coverage"].items() if not each["seen"]]
    if silent:
        console.print(one_line(f"Never called: {', '.join(silent)}"))


def _conduct(findings: Sequence[tuple[str, Mapping[str, Any]]]) -> Any:
    from rich.table import Table

    table = Table("rule", "sandbox", "operation", "what happened, and what to do", "entries", title="Conduct")
    for sandbox, each in findings:
        said = f"{each['sentence']}. {each['remedy']}"
        operation = f"{each['api']} {each['operation']}".strip()
        table.add_row(*map(_cell, (each["rule"], sandbox, operation, said, _numbers(each["entries"]))))
    return table


def _cell(text: str) -> Any:
    from rich.text import Text

    return Text(one_line(text))


def _numbers(entries: Sequence[int]) -> str:
    return ", ".join(map(str, entries)) if len(entries) <= 4 else f"{entries[0]} … {entries[-1]} ({len(entries)})"


def _coverage(name: str, api: Mapping[str, Any]) -> Any:
    from rich.table import Table

    title = f"{name}: {api['percent']:g} % of the answers seen ({api['seen']} of {api['total']})"
    caption = None
    if len(api["unseen"]) > UNSEEN:
        caption = f"and {len(api['unseen']) - UNSEEN} more"
    table = Table("never seen", "example", "status", "kind", "evidence", title=_cell(title), caption=caption)
    for each in api["unseen"][:UNSEEN]:
        cells = (
            each["operation"] or "(any path)",
            each["example"],
            str(each["status"]),
            each["kind"],
            each["evidence"],
        )
        table.add_row(*map(_cell, cells))
    return table
