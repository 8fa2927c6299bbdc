"""`mockserver report`: how well a client behaved and which answers it never saw, asked of a server that runs."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any, Literal
from urllib.parse import quote

import click

from mockserver.cli import FOUND
from mockserver.cli.annotations import Note, annotate, annotates
from mockserver.cli.terminal import complaint, is_terminal, tell
from mockserver.live import TIMEOUT, apis_at, fetch, origin_of
from mockserver.printable import one_line, printable_json
from mockserver.shares import APART, line_of, summed

UNSEEN = 10
"""So many answers that were never seen are named per API; `--json` names all."""
SANDBOX = {"name": str}
FINDING = dict.fromkeys(("rule", "api", "operation", "sentence", "remedy"), str) | {"entries": list}
ANSWER = dict.fromkeys(("api", "operation", "example", "kind", "evidence", "needs"), str) | {
    "status": int, "answers": int,
}  # fmt: skip


@click.command()
@click.argument("url")
@click.option("--sandbox", help="Report on one sandbox alone; otherwise on all, closed ones included in the coverage.")
@click.option("--fail-under", type=click.FloatRange(0, 100), help="Exit with 1 when an API that was called is below.")
@click.option(
    "--count", "also", multiple=True, type=click.Choice(APART),
    help="Count the answers that need this as well. May be repeated.",
)  # fmt: skip
@click.option(
    "--conduct", "mode", default="warn", show_default=True, type=click.Choice(["fail", "warn", "off"]),
    help="fail: exit with 1 when there is something to say against the client.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--control-token", envvar="MOCKSERVER_CONTROL_TOKEN", show_envvar=True,
    help="The token the server was started with.",
)  # fmt: skip
@annotates
def report(url: str, sandbox: str | None, fail_under: float | None, mode: str, form: str, **flags: Any) -> None:
    """Report on conduct and coverage.

    URL is that of a server that runs. Conduct is judged from the journals of open sandboxes.

    The coverage counts what a client that does everything right can meet in the operations that it called: each state
    that an operation shows, and each refusal once. What needs more is told apart: other credentials or no credits
    (account), a request that breaks the contract (wrong_request), a fault, a quirk that is off, a request that no
    operation answers (stray_request), a condition of the contract (variant), a call of another operation (operation).
    """
    gathered = gather(url.rstrip("/"), sandbox, flags["control_token"], frozenset(flags["also"]))
    gathered = gathered if mode != "off" else {**gathered, "conduct": {}}
    if flags["as_json"]:
        tell(printable_json(gathered, indent=2))
    else:
        show(gathered)
    lacking = [] if fail_under is None else below(gathered["coverage"], fail_under)
    annotate(form, [*conduct_notes(gathered["conduct"], mode), *_lacking(lacking)], err=flags["as_json"])
    for sentence in lacking:
        tell(sentence, err=True)
    if lacking or (mode == "fail" and any(gathered["conduct"].values())):
        sys.exit(FOUND)


def gather(
    url: str, sandbox: str | None, token: str | None, also: Collection[str] = (), timeout: float = TIMEOUT
) -> dict[str, Any]:
    """Findings by sandbox, and the coverage by API. Raises ClickException when the server does not tell, or not within
    `timeout` seconds.
    """
    get = partial(_get, token=token, timeout=timeout)
    sandboxes = [sandbox] if sandbox else [row["name"] for row in get(f"{url}/_mock/sandboxes", wanted=SANDBOX)]
    names = {name: f"{url}/_mock/sandboxes/{quote(name, safe='')}" for name in sandboxes}
    conduct = {name: get(f"{at}/conduct", wanted=FINDING) for name, at in names.items()}
    answers = get(f"{names[sandbox]}/coverage" if sandbox else f"{url}/_mock/coverage", wanted=ANSWER)
    return {
        "conduct": conduct,
        "coverage": {api: summed(list(rows), also) for api, rows in groupby(answers, itemgetter("api"))},
    }


def _get(url: str, token: str | None, wanted: Mapping[str, type], timeout: float) -> list[Any]:
    """The rows of a list; each must have what is wanted. Raises ClickException."""
    if not url.startswith(("http://", "https://")):
        raise click.BadParameter(
            f"{url.partition('/_mock')[0]!r} does not begin with http:// or https://", param_hint="URL"
        )
    reply = fetch(url, "GET", [("Authorization", f"Bearer {token}")] if token else [], timeout=timeout)
    if not reply.status:
        raise complaint(f"{url} cannot be read: {reply.body.decode('utf-8', 'replace')[:200]}")
    server, origin = url.partition("/_mock")[0], origin_of(url)
    if reply.status == 404 and server != origin and apis_at(origin) is not None:
        raise complaint(f"{server} is no server's own address: ask {origin}")
    if reply.status != 200:
        raise complaint(f"{url} answered {reply.status}: {_detail(reply.json)}")
    if not isinstance(reply.json, list) or not all(_has(row, wanted) for row in reply.json):
        raise complaint(f"{url} cannot be read: what it answers is not what a mockserver answers")
    return reply.json


def _has(row: Any, wanted: Mapping[str, type]) -> bool:
    return isinstance(row, dict) and all(isinstance(row.get(name), kind) for name, kind in wanted.items())


def _detail(problem: Any) -> str:
    return str(problem["detail"]) if isinstance(problem, dict) and "detail" in problem else "it gives no reason"


def below(coverage: Mapping[str, Mapping[str, Any]], percent: float) -> list[str]:
    """A sentence for each API that was called and seen by less, or for all when none was called."""
    called = {api: share["percent"] for api, share in coverage.items() if share["total"]}
    if not called and percent > 0:
        return [f"no operation was called: the coverage is below {percent:g} %"]
    return [f"{api}: the coverage of {n:g} % is below {percent:g} %" for api, n in called.items() if n < percent]


def _lacking(sentences: Iterable[str]) -> Iterator[Note]:
    yield from (Note("mockserver report", sentence) for sentence in sentences)


def conduct_notes(conduct: Mapping[str, Sequence[Mapping[str, Any]]], mode: str) -> Iterator[Note]:
    """What is to be said against a client, as annotations."""
    for each in (each for several in conduct.values() for each in several):
        level: Literal["error", "warning"] = "error" if mode == "fail" else "warning"
        title = f"{each['api']} {each['operation']}, {each['rule']}"
        yield Note(title, f"{each['sentence']}. {each['remedy']}", level=level)


def show(report_data: Mapping[str, Any], *, err: bool = False) -> None:
    """The report as tables, to standard error if `err`."""
    from rich.console import Console

    is_watched = is_terminal() if not err else None
    console = Console(stderr=err, highlight=False, emoji=False, markup=False, force_terminal=is_watched)
    findings = [(name, each) for name, several in report_data["conduct"].items() for each in several]
    if findings:
        console.print(_conduct(findings))
    else:
        console.print("Conduct: nothing to say against the client.")
    for api, each in report_data["coverage"].items():
        if each["called"]:
            _show_coverage(console, api, each)
    silent = [api for api, each in report_data["coverage"].items() if not each["called"]]
    if silent:
        console.print(one_line(f"Never called: {', '.join(silent)}"))


def _conduct(findings: Sequence[tuple[str, Mapping[str, Any]]]) -> Any:
    from rich.table import Table

    table = Table("rule", "sandbox", "operation", "what happened, and what to do", "entries", title="Conduct")
    for sandbox, finding in findings:
        sentence = f"{finding['sentence']}. {finding['remedy']}"
        operation = f"{finding['api']} {finding['operation']}".strip()
        table.add_row(*map(_cell, (finding["rule"], sandbox, operation, sentence, _numbers(finding["entries"]))))
    return table


def _cell(text: str) -> Any:
    from rich.text import Text

    return Text(one_line(text))


def _numbers(entries: Sequence[int]) -> str:
    return ", ".join(map(str, entries)) if len(entries) <= 4 else f"{entries[0]} … {entries[-1]} ({len(entries)})"


def _show_coverage(console: Any, name: str, api: Mapping[str, Any]) -> None:
    from rich.table import Table

    unseen = api["unseen"]
    console.print(_cell(line_of(name, api)), soft_wrap=True)
    if unseen:
        table = Table("never seen", "example", "status", "kind", "evidence")
        for row in unseen[:UNSEEN]:
            operation = row["operation"] or "(any path)"
            table.add_row(*map(_cell, (operation, row["example"], str(row["status"]), row["kind"], row["evidence"])))
        console.print(table)
    if len(unseen) > UNSEEN:
        console.print(f"and {len(unseen) - UNSEEN} more")
    apart = ", ".join(f"{need} {row['seen']} of {row['total']}" for need, row in api["apart"].items())
    if apart:
        console.print(_cell(f"told apart: {apart}"), soft_wrap=True)
