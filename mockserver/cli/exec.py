"""`mockserver exec -- COMMAND`: runs a command in any language, its calls to vendors' hosts led into a mock server."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli import CouldNotRun
from mockserver.cli.annotations import annotate, annotates
from mockserver.cli.fuzz import check_place
from mockserver.cli.ran import FAILURES, Ran, as_json, exit_code, notes, ran, show_ran
from mockserver.cli.served import of_the_world, of_webhooks, preparation, server_settings, setting, strict
from mockserver.cli.settings import configured, was_said
from mockserver.errors import UsageError

if TYPE_CHECKING:
    from mockserver.app import Mockserver


@click.command(context_settings={"allow_interspersed_args": False})
@configured
@of_the_world
@setting("--map", "hosts", multiple=True, metavar="HOST=API", help="A further host of an API. May be repeated.")
@setting(
    "--passthrough", multiple=True, metavar="HOST",
    help="A host (or *.name) that calls reach as if nothing were between. May be repeated.",
)  # fmt: skip
@of_webhooks
@strict
@click.option(
    "--fail-on", multiple=True, type=click.Choice(FAILURES),
    help="Exit with 1 in the place of 0 where requests broke a contract (violations), the client behaved badly "
    "(conduct), or a host was asked for that is not mocked (unmocked). May be repeated.",
)  # fmt: skip
@click.option(
    "--report", "file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="Write what is told at the end as JSON, too.",
)  # fmt: skip
@annotates
@click.argument("words", metavar="[--] COMMAND [ARG]...", nargs=-1, required=True, type=click.UNPROCESSED)
@click.pass_context
def exec(ctx: click.Context, /, words: tuple[str, ...], form: str, **options: Any) -> None:
    """Run a command whose calls to the hosts of contracts are answered by a mock server, over TLS.

    The command needs no change, whatever language it is written in: proxies and certificates are named by variables of
    its environment, MOCKSERVER_URL among them, where the server is controlled. Calls to this machine are left alone; a
    host that is neither mocked nor let through is refused. At the end, on standard error: which hosts were asked for,
    what broke the contracts, how the client behaved, and what it never saw. Nothing of the command is left running.
    Options may be variables of the environment or stand in [tool.mockserver] of ./pyproject.toml, as those of `serve`.

    The exit code is that of the command, 128 and the number of the signal that ended it, 126 for a command that cannot
    be run, 127 for one that is not there, and 125 for failures of our own. Where the server did not tell what it found,
    125 stands in the place of 0 if --fail-on violations or conduct, or --report, asks for it.

    \b
    mockserver exec -- pytest
    mockserver exec --api replicate --clock x60 --fail-on violations -- node --test
    mockserver exec --map api.acme.example=acme --contracts ./acme -- ./gradlew test
    """
    check_place(options["file"])
    written_options = {name for name in options if was_said(ctx, name)}
    run = _run(words, written_options, options)
    with suppress(BrokenPipeError):  # whoever reads this may have left; the exit code is the command's all the same
        annotate(form, notes(run), err=True)
        show_ran(run)
    if options["file"] is not None:
        options["file"].write_text(as_json(run), encoding="utf-8")
    sys.exit(exit_code(run, options["fail_on"], is_written=options["file"] is not None))


def _run(words: Sequence[str], written_options: set[str], options: Mapping[str, Any]) -> Ran:
    from mockserver.guarded import Guarded, NotRun
    from mockserver.launch import start_app
    from mockserver.proxy import intercepted
    from mockserver.wire.descriptors import hold_standard

    hold_standard()
    app = _app(options)
    prepare = preparation(app, written_options, options)
    with Guarded() as guarded, start_app(app) as running:
        asyncio.run_coroutine_threadsafe(prepare(), running.thread.loop).result()  # type: ignore[arg-type]
        with intercepted(running, options["passthrough"], guarded.folder) as environment:
            try:
                code = guarded.run(words, environment)
            except NotRun as error:
                raise CouldNotRun(str(error), error.exit_code) from None
            return ran(words, code, running, environment.traffic)


def _app(options: Mapping[str, Any]) -> Mockserver:
    from mockserver.app import Mockserver, Settings
    from mockserver.app.options import known_hosts
    from mockserver.launch import contracts_in

    served = contracts_in(options["folders"], options["apis"])
    hosts = known_hosts(dict(map(mapped, options["hosts"])), served)
    return Mockserver(served, Settings(hosts=hosts, **server_settings(options)))


def mapped(text: str) -> tuple[str, str]:
    """A value of `--map`. Raises UsageError for what is none."""
    host, _, api = text.partition("=")
    if not api:
        raise UsageError(f"--map {text!r}: write HOST=API, as in --map api.acme.example=acme")
    return host, api
