"""`mockserver record -- COMMAND`: runs a command, and records what it asks real hosts, without its secrets, as HAR."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli import CouldNotRun
from mockserver.cli.fuzz import check_place
from mockserver.cli.recorded import RecordedFlow
from mockserver.cli.served import setting
from mockserver.cli.terminal import tell
from mockserver.errors import UsageError
from mockserver.files import beside
from mockserver.printable import printable_json

if TYPE_CHECKING:
    from mockserver.recorder import Recording


@click.command(context_settings={"allow_interspersed_args": False})
@setting(
    "--upstream", "urls", multiple=True, required=True, metavar="URL",
    help="A host to record: https://api.vendor.com. May be repeated.",
)  # fmt: skip
@setting(
    "--out", "file", required=True, type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="Where the recording is written, as HAR.",
)  # fmt: skip
@setting(
    "--connect-to", multiple=True, metavar="HOST=ADDRESS:PORT",
    help="Where a host is, in the place of what its name leads to. May be repeated.",
)  # fmt: skip
@setting(
    "--passthrough", multiple=True, metavar="HOST",
    help="A host (or *.name) that calls reach as if nothing were between. May be repeated.",
)  # fmt: skip
@setting(
    "--upstream-ca", "authority", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
    help="Certificates (PEM) by which hosts are verified, beside the system's.",
)  # fmt: skip
@click.argument("words", metavar="[--] COMMAND [ARG]...", nargs=-1, required=True, type=click.UNPROCESSED)
def record(words: tuple[str, ...], file: Path, **options: Any) -> None:
    """Run a command, and record its calls to real hosts.

    The command needs no change, whatever language it is written in, as with `mockserver exec`; its calls to the hosts
    of --upstream go there over TLS, with certificates verified, and are recorded with the answers. Calls to this
    machine are left alone; any other host is refused unless it is let through. Credentials, cookies, tokens and
    signatures are taken out before anything is kept. Nothing of the command is left running.

    The recording becomes a contract with `mockserver new NAME --from FILE`.

    The exit code is that of the command, 128 and the number of the signal that ended it, 126 for a command that cannot
    be run, 127 for one that is not there, and 125 for failures of our own. It is 125, too, in the place of 0 where no
    host of --upstream answered anything; an earlier FILE stays as it was then.

    \b
    mockserver record --upstream https://api.vendor.com --out session.har -- python client.py
    mockserver record --upstream https://api.vendor.com --upstream https://cdn.vendor.com --out s.har -- node client.mjs
    """
    check_place(file)
    _check_writable(file)
    code, recording = _run(words, options)
    archive = recording.tape.har()
    recorded = RecordedFlow(words, code, options["urls"], file, recording, archive["log"]["entries"], file.exists())
    if recorded.is_worth:
        try:
            write(file, printable_json(archive, indent=1) + "\n")
        except OSError as error:
            raise CouldNotRun(f"{file} cannot be written: {error.strerror}", 125) from None
    with suppress(BrokenPipeError):
        for line in recorded.told():
            tell(line, err=True)
    sys.exit(recorded.code)


def _check_writable(file: Path) -> None:
    """Raises UsageError for a file that cannot be written, before the command has run for nothing."""
    path = file.resolve()
    is_replaced = path.is_file() or not path.exists()
    if not os.access(path.parent if is_replaced else path, os.W_OK | os.X_OK if is_replaced else os.W_OK):
        raise UsageError(f"{file} cannot be written: {path.parent if is_replaced else path} is not writable")


def _run(words: Sequence[str], options: Mapping[str, Any]) -> tuple[int, Recording]:
    from mockserver.guarded import Guarded, NotRun
    from mockserver.recorder import recording
    from mockserver.wire.descriptors import hold_standard

    hold_standard()
    authority = options["authority"]
    with Guarded() as guarded:
        settings = {
            "connect_to": options["connect_to"], "passthrough": options["passthrough"], "folder": guarded.folder,
            "ca_pem": None if authority is None else _pem(authority),
        }  # fmt: skip
        with recording(options["urls"], **settings) as found:
            try:
                code = guarded.run(words, found)
            except NotRun as error:
                raise CouldNotRun(str(error), error.exit_code) from None
    return code, found


def _pem(file: Path) -> str:
    from mockserver.proxy.authority import pem_in

    pem = pem_in(str(file))
    if not pem:
        raise UsageError(f"--upstream-ca {file}: there is no certificate in it")
    return pem.decode("ascii", "ignore")


def write(file: Path, text: str) -> None:
    """Write a recording, which is nobody else's business, whatever the file was before. Raises OSError."""
    path, data = file.resolve(), text.encode()
    if path.exists() and not path.is_file():  # a pipe, say
        path.write_bytes(data)
        return
    new = beside(path)
    try:
        new.write_bytes(data)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
