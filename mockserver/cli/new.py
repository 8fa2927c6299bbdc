"""`mockserver new`: a small contract that works, or one made from the document of an API, or from a recording."""

from __future__ import annotations

import json
import re
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockserver.cli import FOUND
from mockserver.cli.observed import archive_in, write_observed
from mockserver.cli.terminal import tell, tell_table
from mockserver.files import new_folder
from mockserver.loader import SCHEMA, SHIPPED

if TYPE_CHECKING:
    from mockserver.imported.importing import Imported

TEMPLATE = Path(__file__).parent / "template"
_OTHERS = "The table says of the others why; --only PATH takes them, too: --only / all of them."
TITLE = '"title": "Template"'


@click.command()
@click.argument("name")
@click.option("--into", type=click.Path(path_type=Path, file_okay=False), default=Path(), help="The folder's parent.")
@click.option(
    "--from", "document", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
    help="Make the contract from this OpenAPI document, 3.0 to 3.2, JSON or YAML, or from this recording, in HAR.",
)  # fmt: skip
@click.option(
    "--only", multiple=True, metavar="PATH",
    help="With --from: only this path of the document and those below it, jobs or not. May be repeated.",
)  # fmt: skip
@click.option(
    "--within", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="With --from: the folder of the files that the document refers to; its own unless it is said.",
)  # fmt: skip
@click.option("--host", default="", metavar="HOST", help="With --from: the host of a recording that has several.")
def new(name: str, into: Path, document: Path | None, only: tuple[str, ...], within: Path | None, host: str) -> None:
    """Write a small contract that works, or one from an OpenAPI document, or from a recording.

    NAME becomes the folder's name and the API's prefix. The contract submits a job, shows how it stands and cancels
    it; change it step by step, and check it after each. With --from it has the operations of the document that are
    about jobs: what each does is guessed, marked as assumed, and told in a table that says what to look at. Of a
    recording it is what was seen: jobs pass the states in the seconds that were seen, however often they are asked for.
    Where something of it cannot be made sound, that is told, the files stay, and the exit code is 1.
    """
    if not re.fullmatch(r"[a-z][a-z0-9-]*", name):
        raise click.BadParameter(
            "use lower-case letters, digits and hyphens, beginning with a letter", param_hint="NAME"
        )
    if only and document is None:
        raise click.UsageError("--only chooses paths of a document: name it with --from")
    if within is not None and document is None:
        raise click.UsageError("--within is the folder of a document's files: name it with --from")
    if host and document is None:
        raise click.UsageError("--host chooses a host of a recording: name it with --from")
    folder = into / name
    try:
        if folder.exists():
            raise click.ClickException(f"{folder} is there already; choose another name or move it away")
        if document is not None:
            archive = archive_in(document)
            _check_choices(document, is_recording=archive is not None, only=only, host=host)
            if archive is None:
                _import(folder, name, document, only, within)
            elif not write_observed(folder, name, archive, host):
                sys.exit(FOUND)
            return
        write(folder, name)
    except OSError as error:
        raise click.ClickException(f"{folder} cannot be written: {error.strerror}") from None
    tell(_next_steps(folder, name))


def _check_choices(document: Path, *, is_recording: bool, only: Sequence[str], host: str) -> None:
    """Raise UsageError for a choice that the document does not have: it would be passed over without a word."""
    if host and not is_recording:
        raise click.UsageError(f"--host chooses a host of a recording, and {document.name} is none")
    if only and is_recording:
        raise click.UsageError(f"--only chooses paths of an OpenAPI document, and {document.name} is a recording")


def write(folder: Path, name: str) -> None:
    """Write both files into a new folder, and the schema of behavior.json beside them."""
    with new_folder(folder):
        for path in sorted(TEMPLATE.glob("*.json")):
            text = path.read_text(encoding="utf-8").replace(TITLE, f'"title": {json.dumps(name.title())}')
            (folder / path.name).write_text(text, encoding="utf-8")
        (folder / SCHEMA).write_bytes((SHIPPED / SCHEMA).read_bytes())  # what `$schema` names, for editors


def _import(folder: Path, name: str, document: Path, only: Sequence[str], within: Path | None) -> None:
    from mockserver.imported.importing import imported
    from mockserver.imported.writing import write as write_imported

    contract = imported(document, name, only, within)
    write_imported(folder, contract)
    _show(contract)
    tell(_after_import(folder, contract))


def _show(contract: Imported) -> None:
    """The table of all that was guessed, and what was left out."""
    from mockserver.imported.others import in_rows

    tell_table("Assumed", ("what", "taken for", "why", "look at"), contract.guesses)
    omitted = [*contract.left, *in_rows(contract.others)]
    if omitted:
        tell_table("Left out", ("what", "became", "why", "look at"), omitted)


def _after_import(folder: Path, contract: Imported) -> str:
    place = shlex.quote(str(folder))
    served = len(contract.behavior["operations"])
    others = "" if contract.only or contract.total <= served else f"\n{_OTHERS}"
    count = f"{served} of {contract.total} operations" if others else f"{served} operation{'' if served == 1 else 's'}"
    return f"""{folder} is written, and sound: {count} of {contract.file}, each marked as assumed.{others}
imported.json repeats the table. Look at what it says, and write into x-evidence what you know better.

Check it after each change:
    mockserver check {place}
Serve it beside the others:
    mockserver serve --contracts {place}
When the vendor's document is a newer one:
    mockserver update {place} --from FILE"""


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
