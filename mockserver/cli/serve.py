"""`mockserver serve`: the standalone server. Prints the URL first, then who answers there and with which keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli.terminal import telling
from mockserver.printable import one_line

if TYPE_CHECKING:
    from mockserver.app import Mockserver
    from mockserver.journal import Entry

Tell = Callable[[str], None]
CORS_HELP = """A page of this origin may read the APIs in a browser; * for any page, which is the default on loopback.
May be repeated."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 picks a free port.")
@click.option(
    "--contracts", "folders", multiple=True, type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A contract's folder or the parent of several; served beside the shipped ones, or in the place of one of the "
    "same name. May be repeated.",
)  # fmt: skip
@click.option("--api", "apis", multiple=True, metavar="NAME", help="An API of the gallery. May be repeated.")
@click.option("--clock", default="real", show_default=True, help="real, x60 (an hour a minute), manual or step:N.")
@click.option("--seed", default="0", show_default=True, help="Same seed and requests, same answers.")
@click.option("--quirk", "quirks", multiple=True, metavar="API.QUIRK=on|off", help="Switch a quirk. May be repeated.")
@click.option("--scenario", "scenarios", multiple=True, metavar="API=NAME", help="Play a scenario. May be repeated.")
@click.option("--public-url", help="What absolute URLs in answers begin with, behind a proxy.")
@click.option("--allow-host", multiple=True, help="A further Host the control API may be reached by.")
@click.option("--webhook-allow", multiple=True, metavar="HOST", help="A host beyond loopback webhooks may be sent to.")
@click.option("--insecure-webhooks", is_flag=True, help="Webhooks may go to plain http where an API wants https.")
@click.option(
    "--webhook-ca", "webhook_ca", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
    help="Certificates (PEM) that webhooks trust besides the system's.",
)  # fmt: skip
@click.option("--cors", "origins", multiple=True, metavar="ORIGIN", help=CORS_HELP)
@click.option("--no-cors", is_flag=True, help="Let no page of another origin read the APIs.")
@click.option(
    "--control-token", envvar="MOCKSERVER_CONTROL_TOKEN", show_envvar=True,
    help="What control requests must carry; needed beyond loopback.",
)  # fmt: skip
@click.option("--tls-cert", type=click.Path(exists=True, dir_okay=False), help="A certificate chain (PEM).")
@click.option("--tls-key", type=click.Path(exists=True, dir_okay=False), help="Its private key (PEM).")
@click.option("--tls-self-signed", is_flag=True, help="A fresh certificate for this host; needs the extra tls.")
@click.option("--strict", is_flag=True, help="Refuse files that are not what they are said to be.")
@click.option("--quiet", is_flag=True, help="Print no line per request.")
def serve(**options: Any) -> None:
    """Serve the contracts over HTTP."""
    with telling() as tell:
        _serve(tell, **options)


def _serve(tell: Tell, host: str, port: int, **options: Any) -> None:
    from mockserver import launch
    from mockserver.app import Mockserver, Settings

    launch.check_exposure(host, options["control_token"])
    settings = Settings(
        seed=options["seed"],
        clock=launch.clock_of(options["clock"]),
        public_url=_public_url(options["public_url"]),
        allow_hosts=frozenset({host, *options["allow_host"]}),
        webhook_allow=launch.webhook_hosts(options["webhook_allow"]),
        insecure_webhooks=options["insecure_webhooks"],
        webhook_ca=launch.trusted(options["webhook_ca"]),
        control_token=options["control_token"],
        cors=launch.origins(_cors(options), host),
        strict=options["strict"],
        on_entry=None if options["quiet"] else lambda entry: tell(line_of(entry)),
    )
    app = Mockserver(launch.contracts_in(options["folders"], options["apis"]), settings)
    switch(app, options["quirks"], options["scenarios"])
    sock = launch.bind(host, port)
    launch.serve(app, sock, lambda url: announce(app, url, tell), _tls(host, options))


def _public_url(url: str | None) -> str | None:
    if url is not None and not url.lower().startswith(("http://", "https://")):
        raise click.BadParameter(f"{url!r} does not begin with http:// or https://", param_hint="--public-url")
    return url


def _cors(options: dict[str, Any]) -> Any:
    """The origins that were named; None when nothing was said."""
    if options["no_cors"] and options["origins"]:
        raise click.UsageError("--cors and --no-cors exclude each other")
    return False if options["no_cors"] else options["origins"] or None


def _tls(host: str, options: dict[str, Any]) -> Any:
    from mockserver.wire import self_signed, tls_files

    if options["tls_self_signed"]:
        return self_signed({host, "localhost"})
    return tls_files(options["tls_cert"], options["tls_key"]) if options["tls_cert"] else None


def switch(app: Mockserver, quirks: Iterable[str], scenarios: Iterable[str]) -> None:
    """Switch quirks (`api.quirk=off`) and scenarios (`api=name`). Raises UsageError for unknown ones."""
    for text in quirks:
        name, _, state = text.partition("=")
        api, _, quirk = name.partition(".")
        if state not in ("on", "off"):
            raise click.BadParameter(f"{text!r}: write API.QUIRK=on or API.QUIRK=off", param_hint="--quirk")
        _side(app, api, "--quirk").quirk(quirk, state == "on")
    for text in scenarios:
        api, _, name = text.partition("=")
        _side(app, api, "--scenario").play(name)


def _side(app: Mockserver, api: str, option: str) -> Any:
    found = app.sandboxes.default.apis.get(api)
    if found is None:
        raise click.BadParameter(f"there is no API {api!r}; known: {', '.join(app.apis)}", param_hint=option)
    return found


def announce(app: Mockserver, url: str, tell: Tell) -> None:
    """The URL alone on the first line, for scripts; then a table for people."""
    tell(url)
    rows = [_row(app, name) for name in app.apis]
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    for row in rows:
        tell("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    tell(f"  {url}/ shows this as a page; {url}/_mock/openapi.json says how to steer it. Stop with Ctrl-C.")


def _row(app: Mockserver, name: str) -> tuple[str, str, str]:
    side = app.sandboxes.default.apis[name]
    from mockserver.control.showing import show_credentials

    told = show_credentials(side)
    client = f"client {told['client_id']} / {told['client_secret']}" if "client_id" in told else ""
    shown = client or (f"key {told['api_key']}" if "api_key" in told else "no credentials needed")
    return side.contract.title, f"{app.base_url}/{name}", shown


def line_of(entry: Entry) -> str:
    """One line a request: API, operation, status, example and, for a refusal, why."""
    what = entry.operation or f"{entry.method} {entry.path[:80]}"
    why = f"  {entry.why}" if entry.why else ""
    return one_line(f"{entry.api} {what} {entry.status} {entry.example}{why}")
