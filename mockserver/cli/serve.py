"""`mockserver serve`: the standalone server. Prints the URL first, then who answers there and with which keys."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli.log import LOGS, Log
from mockserver.cli.served import of_the_world, of_webhooks, preparation, server_settings, setting, strict
from mockserver.cli.settings import configured, settled, was_said
from mockserver.cli.shared import GRACEFUL_SECONDS, SharedOptions, shared_by
from mockserver.cli.terminal import LinePrinter, Tell, telling
from mockserver.errors import UsageError
from mockserver.loopback import is_loopback, leads_here

if TYPE_CHECKING:
    from mockserver.app import Mockserver

CORS_HELP = """A page of this origin may read the APIs in a browser; * for any page, which is the default on loopback.
May be repeated."""

STORE_HELP = """Where the state is kept, for several servers to share: redis://, rediss://, valkey://, valkeys:// or
unix://; needs the extra redis."""
WORKERS_HELP = """How many processes serve. Without --store they share an engine of their own, if valkey-server or
redis-server is found."""
NOWHERE = (
    "links in answers begin with {url}, which is no address for other machines: --public-url names the one they use"
)


@click.command()
@configured
@setting("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@setting("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 picks a free port.")
@of_the_world
@setting("--store", metavar="URL", help=STORE_HELP)
@setting("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help=WORKERS_HELP)
@setting("--public-url", help="What absolute URLs in answers begin with, behind a proxy.")
@setting("--allow-host", multiple=True, help="A further host by which the control API may be reached. May be repeated.")
@of_webhooks
@setting("--cors", "origins", multiple=True, metavar="ORIGIN", help=CORS_HELP)
@setting("--no-cors", is_flag=True, help="Let no page of another origin read the APIs.")
@setting("--control-token", help="What control requests must carry; needed beyond loopback.")
@setting("--tls-cert", type=click.Path(exists=True, dir_okay=False), help="A certificate chain (PEM).")
@setting("--tls-key", type=click.Path(exists=True, dir_okay=False), help="Its private key (PEM).")
@setting("--tls-self-signed/--no-tls-self-signed", help="A fresh certificate for this host; needs the extra tls.")
@setting("--reload/--no-reload", help="Take up contracts that are edited while the server runs.")
@strict
@setting(
    "--page", default="on", show_default=True, type=click.Choice(["on", "read-only", "off"]),
    help="The page /_mock/ on which people watch the server; read-only: without anything that changes it.",
)  # fmt: skip
@setting("--log", default="text", show_default=True, type=click.Choice([*LOGS]), help="json: an object a line.")
@setting("--quiet/--no-quiet", help="Print no line per request.")
@click.pass_context
def serve(ctx: click.Context, /, **options: Any) -> None:
    """Serve the contracts over HTTP.

    Every option may also be a variable of the environment, or stand in [tool.mockserver] of the pyproject.toml in the
    working directory, where the option is called as here, without hyphens before it, and what may be repeated is a
    list. The command line takes precedence over the environment, and the environment over the file.
    """
    options = settled(ctx, options, ("origins",), ("no_cors",))
    options = settled(ctx, options, ("tls_self_signed",), ("tls_cert", "tls_key"))
    log = LOGS[options.pop("log")]
    written_options = {name for name in options if was_said(ctx, name)}
    with telling(log.left_out) as tell:
        _serve(tell, log, written_options, **options)


def _serve(tell: LinePrinter, log: Log, written_options: Collection[str], host: str, port: int, **options: Any) -> None:
    from mockserver import launch

    launch.check_exposure(host, options["control_token"])
    shared = shared_by(options)
    app = _app(tell, log, host, options, shared)
    prepare, tls = preparation(app, written_options, options), _tls(host, options)
    notes: list[str] = []

    def lines(app: Mockserver, url: str) -> Iterator[str]:
        yield from log.start(app, url)
        if app.settings.public_url is None and _is_everywhere(host, url):
            yield log.links(NOWHERE.format(url=url))
        yield from map(log.store, notes)

    sock = launch.bind(host, port) if shared is None or shared.seat is None else shared.seat.listening
    with sock:
        if shared is None:
            launch.serve(app, sock, _listening(app, tell, log, options, lines), tls, prepare)
            return
        if shared.is_supervised:
            sys.exit(shared.supervise(sock, tell, log.workers))
        prepare = shared.joining(
            app, prepare, written_options, notes.append, lambda sentence: tell(log.store(sentence))
        )
        if shared.seat is None:
            launch.serve(app, sock, _listening(app, tell, log, options, lines), tls, prepare, GRACEFUL_SECONDS)
        else:
            prepare = shared.seated(app, prepare, launch.url_of(sock, tls), lines)
            launch.serve(app, sock, lambda url: None, tls, prepare, GRACEFUL_SECONDS)


def _is_everywhere(host: str, url: str) -> bool:
    """Whether a server at this host is reached by other machines, and nobody can tell by which address."""
    return not is_loopback(host) and leads_here(url)


def _app(tell: Tell, log: Log, host: str, options: Mapping[str, Any], shared: SharedOptions | None) -> Mockserver:
    from mockserver import launch
    from mockserver.app import Mockserver, Settings
    from mockserver.app.options import control_hosts, known_token

    settings = Settings(
        public_url=_public_url(options["public_url"]),
        allow_hosts=frozenset({host, *control_hosts(options["allow_host"])}),
        control_token=known_token(options["control_token"]),
        cors=launch.origins(_cors(options), host),
        page=options["page"],
        on_entry=None if options["quiet"] else lambda sandbox, entry: tell(log.entry(sandbox, entry)),
        **server_settings(options),
    )
    contracts = launch.contracts_in(options["folders"], options["apis"])
    return Mockserver(contracts, settings, store=None if shared is None else shared.store(contracts))


def _listening(
    app: Mockserver, tell: Tell, log: Log, options: Mapping[str, Any], lines: Callable[[Mockserver, str], Iterator[str]]
) -> Callable[[str], None]:
    """What is done when a server of one process listens."""
    from mockserver import launch

    tasks: list[Any] = []

    def listening(url: str) -> None:
        if options["reload"]:  # before anybody is told that edits are seen
            tasks.append(_reloading(app, launch.folders_of(options["folders"], options["apis"]), tell, log))
        for line in lines(app, url):
            tell(line)

    return listening


def _reloading(app: Mockserver, folders: dict[str, Path], tell: Tell, log: Log) -> Any:
    """A task that takes up what is edited."""
    import asyncio

    from mockserver.app.reloading import Edited, Reload

    def told(edited: Edited) -> None:
        for line in log.edited(edited):
            tell(line)

    return asyncio.get_running_loop().create_task(Reload(app, folders, told).run())


def _public_url(url: str | None) -> str | None:
    from mockserver.app.options import known_url

    try:
        return known_url(url)
    except UsageError as error:
        raise click.BadParameter(str(error), param_hint="--public-url") from None


def _cors(options: Mapping[str, Any]) -> Any:
    """The origins that were named; None when nothing was said."""
    if options["no_cors"] and options["origins"]:
        raise click.UsageError("--cors and --no-cors exclude each other")
    return False if options["no_cors"] else options["origins"] or None


def _tls(host: str, options: Mapping[str, Any]) -> Any:
    from mockserver.wire import self_signed, tls_files

    certificate, key = options["tls_cert"], options["tls_key"]
    if options["tls_self_signed"]:
        if certificate or key:
            raise click.UsageError("--tls-self-signed excludes --tls-cert and --tls-key")
        return self_signed({host, "localhost"})
    if key and not certificate:
        raise click.UsageError("--tls-key is the key of a certificate: add --tls-cert")
    return tls_files(certificate, key) if certificate else None
