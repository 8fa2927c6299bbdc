"""`mockserver verify`: does a live server still do what its contract says?"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from mockserver.cli import FOUND
from mockserver.cli.annotations import Note, annotate, annotates, openapi_of
from mockserver.cli.fuzz import asks_a_server, check_place, chosen, client_of
from mockserver.cli.terminal import tell
from mockserver.errors import UsageError
from mockserver.printable import printable_json


@click.command()
@click.argument("api")
@asks_a_server
@click.option("--operation", "operations", multiple=True, metavar="ID", help="Only this one. May be repeated.")
@click.option("--max-wait", default=600.0, show_default=True, help="Seconds that a job may take.")
@click.option("--interval", default=1.0, show_default=True, help="Seconds between two looks at a job.")
@click.option("--limit-requests", default=None, type=click.IntRange(0),
              help="The most requests that trying a rate limit may cost: 150 on loopback, 0 elsewhere.")  # fmt: skip
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the report as JSON.")
@annotates
def verify(api: str, **asked: Any) -> None:
    """Walk the journeys of API's contract against the server at --url and name what differs.

    The exit code is 1 when something differs.
    """
    from mockserver.live import check_operations, greet, is_local
    from mockserver.verify import Options, told
    from mockserver.verify import verify as walk
    from mockserver.verify.shown import data

    if asked["url"] is None:
        raise UsageError(f"verify needs --url: where {api} is, as in --url http://127.0.0.1:8000/{api}")
    check_place(asked["json_file"])
    contracts = chosen([api], asked["folders"])
    client = client_of(contracts, asked)
    assert client is not None, "there is a URL"
    try:
        check_operations(contracts[0], asked["operations"])
        greet(client, asked["operations"])
    finally:
        client.close()
    limit = asked["limit_requests"]
    if limit is None:
        limit = 150 if is_local(asked["url"]) else 0
    options = Options(asked["interval"], asked["max_wait"], limit, asked["operations"])
    report = walk(contracts[0], client, options)
    if asked["json_file"] is not None:
        asked["json_file"].write_text(printable_json(data(report), indent=2) + "\n")
    tell(told(report))
    file = openapi_of(api, asked["folders"])
    drifts = report.drifts.values()
    annotate(
        asked["form"],
        (Note(f"{api} {d.operation}, {d.kind}", f"{d.sentence} [{d.judgement}]", file, d.pointer) for d in drifts),
    )
    sys.exit(FOUND if report.drifts else 0)
