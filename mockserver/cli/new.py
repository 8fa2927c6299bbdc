"""`mockserver new`: a small contract that works, or one of what was recorded, to begin one's own with."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import click

from mockserver.cli.observed import write_observed
from mockserver.cli.terminal import tell
from mockserver.files import text_of
from mockserver.loader import SCHEMA, SHIPPED

TEMPLATE = Path(__file__).parent / "template"
TITLE = '"title": "Template"'


@click.command()
@click.argument("name")
@click.option("--into", type=click.Path(path_type=Path, file_okay=False), default=Path(), help="The folder's parent.")
@click.option(
    "--from", "source", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
    help="A recording (HAR) of `mockserver record`, a browser or another tool.",
)  # fmt: skip
@click.option("--host", default="", metavar="HOST", help="The host of a recording; that of most answers in JSON.")
def new(name: str, into: Path, source: Path | None, host: str) -> None:
    """Write a small contract that works, or the contract of a recording.

    NAME becomes the folder's name and the API's prefix. The contract submits a job, shows how it stands and cancels
    it; change it step by step, and check it after each. With --from it is that of what was recorded: its jobs pass
    the states that were seen, in the seconds that were seen, however often they are asked for.
    """
    if not re.fullmatch(r"[a-z][a-z0-9-]*", name):
        raise click.BadParameter(
            "use lower-case letters, digits and hyphens, beginning with a letter", param_hint="NAME"
        )
    folder = into / name
    try:
        if folder.exists():
            raise click.ClickException(f"{folder} is there already; choose another name or move it away")
        if source is not None:
            write_observed(folder, name, _archive(source), host)
            return
        write(folder, name)
    except OSError as error:
        raise click.ClickException(f"{folder} cannot be written: {error.strerror}") from None
    tell(_next_steps(folder, name))


def _archive(file: Path) -> Any:
    from mockserver.observed import is_archive

    try:
        document = json.loads(text_of(file))
    except (ValueError, RecursionError) as error:
        raise click.ClickException(f"{file} is no JSON: {error}") from None
    if not is_archive(document):
        raise click.ClickException(f"{file} is no recording: it has no log.entries, as HAR has")
    return document


def write(folder: Path, name: str) -> None:
    """Write both files into a new folder, and the schema of behavior.json beside them."""
    folder.mkdir(parents=True)
    for path in sorted(TEMPLATE.glob("*.json")):
        text = path.read_text(encoding="utf-8").replace(TITLE, f'"title": {json.dumps(name.title())}')
        (folder / path.name).write_text(text, encoding="utf-8")
    (folder / SCHEMA).write_bytes((SHIPPED / SCHEMA).read_bytes())  # what `$schema` names, for editors


def _next_steps(folder: Path, name: str) -> str:
    place = shlex.quote(str(folder))
    return f"""{folder} is written: openapi.json (what clients see) and behavior.json (when and how long).
{SCHEMA} beside them tells your editor the words of behavior.json.

Check it after each change:
    mockserver check {place}
Serve it beside the others:
    mockserver serve --contracts {place}
Submit a job, and ask how it stands with the id you are given:
    curl -s http://127.0.0.1:8000/{name}/v1/jobs -H 'X-API-Key: demo-key' \\
         -H 'Content-Type: application/json' -d '{{"prompt": "A lighthouse at dusk"}}'
    curl -s http://127.0.0.1:8000/{name}/v1/jobs/ID -H 'X-API-Key: demo-key'"""
