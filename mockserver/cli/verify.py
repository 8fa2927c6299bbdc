"""`mockserver verify`: does a live server still do what its contract says, and if not, what would change there?"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli import FOUND
from mockserver.cli.annotations import Note, annotate, annotates_or_json, openapi_of
from mockserver.cli.fuzz import asks_a_server, check_place, chosen, client_of
from mockserver.cli.meaning import refuse_meaningless
from mockserver.cli.terminal import tell, tell_progress
from mockserver.errors import UsageError
from mockserver.loopback import leads_here
from mockserver.printable import printable_json

if TYPE_CHECKING:
    from mockserver.cli.suggested import Suggested
    from mockserver.contract import Contract
    from mockserver.verify import Report


OF_OWN_JOURNEYS = ("operations", "interval", "limit_requests")


@click.command()
@click.argument("api")
@asks_a_server
@click.option("--operation", "operations", multiple=True, metavar="ID", help="Only this one. May be repeated.")
@click.option("--max-wait", default=600.0, show_default=True, help="Seconds that a job may take.")
@click.option("--interval", default=1.0, show_default=True, help="Seconds between two looks at a job.")
@click.option("--limit-requests", default=None, type=click.IntRange(0),
              help="The most requests that trying a rate limit may cost: 150 on loopback, 0 elsewhere.")  # fmt: skip
@click.option("--journeys", "journeys", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
              help="Walk those of an Arazzo document (JSON) in the place of the contract's.")  # fmt: skip
@click.option("--input", "inputs", multiple=True, metavar="NAME=VALUE", help="What they are given. May be repeated.")
@click.option("--suggest", is_flag=True, help="Under each difference the patch of the contract, or why there is none.")
@click.option("--apply", "applies", is_flag=True, help="Write the patches into the contract's files, too.")
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the report as JSON.")
@annotates_or_json
@click.pass_context
def verify(ctx: click.Context, /, api: str, **flags: Any) -> None:
    """Walk the journeys of API's contract against the server at --url and name what differs.

    --suggest says by which change of openapi.json or behavior.json each difference would go away: as a JSON Patch (all
    of it with --format json) and as a diff. Where several places could be changed, nothing is.

    The exit code is 1 when something differs; with --apply, when something still does.
    """
    from mockserver.verify import report_text
    from mockserver.verify.report import data, summary

    if flags["url"] is None:
        raise UsageError(f"verify needs --url: where {api} is, as in --url http://127.0.0.1:8000/{api}")
    check_place(flags["json_file"])
    if flags["journeys"] is None:
        refuse_meaningless(ctx, ["inputs"], "without --journeys: those of the contract are given nothing")
    else:
        refuse_meaningless(ctx, OF_OWN_JOURNEYS, "with --journeys: they say themselves what is asked, and how often")
    suggested = _prepared(api, flags) if flags["suggest"] or flags["applies"] else None
    contracts = chosen([api], flags["folders"])
    report = _walked(contracts[0], flags)
    document = data(report)
    if suggested is not None:
        suggested.of(report)
        document["suggestions"] = suggested.data()
    if flags["json_file"] is not None:
        flags["json_file"].write_text(printable_json(document, indent=2) + "\n")
    if flags["form"] == "json":
        tell(printable_json(document, indent=2))
    else:
        tell(report_text(report) if suggested is None else "\n".join([*suggested.told(), summary(report)]))
    _annotate(api, report, flags)
    if suggested is None or not flags["applies"]:
        sys.exit(FOUND if report.drifts else 0)
    for line in suggested.applied():
        tell(line, err=flags["form"] == "json")
    sys.exit(FOUND if suggested.left() else 0)


def _prepared(api: str, flags: dict[str, Any]) -> Suggested:
    from mockserver.cli.suggested import Suggested

    return Suggested(api, flags["folders"], applies=flags["applies"])


def _walked(contract: Contract, flags: dict[str, Any]) -> Report:
    from mockserver.live import check_operations, greet
    from mockserver.verify import VerifyOptions, verify_journeys
    from mockserver.verify import verify as walk

    client = client_of([contract], flags)
    assert client is not None, "there is a URL"
    try:
        check_operations(contract, flags["operations"])
        greet(client, flags["operations"])
    finally:
        client.close()
    limit = flags["limit_requests"]
    if limit is None:
        limit = 150 if leads_here(flags["url"]) else 0
    options = VerifyOptions(flags["interval"], flags["max_wait"], limit, flags["operations"], tell_progress)
    if flags["journeys"] is not None:
        return verify_journeys(contract, client, flags["journeys"], options, dict(map(_input, flags["inputs"])))
    return walk(contract, client, options)


def _input(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"--input {text!r}: write NAME=VALUE")
    return name, value


def _annotate(api: str, report: Report, flags: dict[str, Any]) -> None:
    file, drifts = openapi_of(api, flags["folders"]), report.drifts.values()
    notes = (Note(f"{api} {d.operation}, {d.kind}", f"{d.sentence} [{d.judgement}]", file, d.pointer) for d in drifts)
    annotate(flags["form"], notes)
