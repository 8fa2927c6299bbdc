"""What is served and how: the options that `serve` and `exec` share, and what they do to a server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli.settings import Setting
from mockserver.cli.snapshot import begin_with, snapshot_in
from mockserver.suggestions import hint

if TYPE_CHECKING:
    from mockserver.app import Mockserver

OVER_SNAPSHOT = ("seed", "clock", "strict", "insecure_webhooks", "webhook_ca")
"""Options that hold where a snapshot says otherwise, if somebody gave them."""
setting = partial(click.option, cls=Setting)

_WORLD = (
    setting(
        "--contracts", "folders", multiple=True, type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="A contract's folder or the parent of several; served beside the shipped ones, or in the place of one of "
        "the same name. May be repeated.",
    ),
    setting("--api", "apis", multiple=True, metavar="NAME", help="An API of the gallery. May be repeated."),
    setting("--clock", default="real", show_default=True, help="real, x60 (an hour a minute), manual or step:N."),
    setting("--seed", default="0", show_default=True, help="Same seed and requests, same answers."),
    setting(
        "--snapshot", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
        help="The state that the sandbox `default` begins with; the file stays as it is.",
    ),
    setting("--quirk", "quirks", multiple=True, metavar="API.QUIRK=on|off", help="Switch a quirk. May be repeated."),
    setting("--scenario", "scenarios", multiple=True, metavar="API=NAME", help="Play a scenario. May be repeated."),
)  # fmt: skip
_WEBHOOKS = (
    setting(
        "--webhook-allow", multiple=True, metavar="HOST",
        help="A host beyond this machine that webhooks may be sent to. May be repeated.",
    ),
    setting(
        "--insecure-webhooks/--no-insecure-webhooks",
        help="Webhooks may go to plain http where an API wants https.",
    ),
    setting(
        "--webhook-ca", "webhook_ca", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
        help="Certificates (PEM) that webhooks trust besides the system's.",
    ),
)  # fmt: skip
strict = setting("--strict/--no-strict", help="Refuse files that are not what they are said to be.")


def of_the_world(command: Any) -> Any:
    """Options of contracts, time and state."""
    return _with(command, _WORLD)


def of_webhooks(command: Any) -> Any:
    """Options of where webhooks may go."""
    return _with(command, _WEBHOOKS)


def _with(command: Any, options: tuple[Any, ...]) -> Any:
    for option in reversed(options):
        command = option(command)
    return command


def server_settings(options: Mapping[str, Any]) -> dict[str, Any]:
    """What these options mean for the settings of a server. Raises UsageError."""
    from mockserver import launch
    from mockserver.app.options import known_seed

    return {
        "seed": known_seed(options["seed"]),
        "clock": launch.clock_of(options["clock"]),
        "webhook_allow": launch.webhook_hosts(options["webhook_allow"]),
        "insecure_webhooks": options["insecure_webhooks"],
        "webhook_ca": launch.trusted(options["webhook_ca"]),
        "strict": options["strict"],
    }


def preparation(app: Mockserver, names: Collection[str], options: Mapping[str, Any]) -> Callable[[], Awaitable[None]]:
    """What the default sandbox begins as, which is awaited in the server's loop. Raises UsageError at once."""
    file = options["snapshot"]
    snapshot = None if file is None else snapshot_in(file)
    switch(app, options["quirks"], options["scenarios"])
    changes = {name: getattr(app.settings, name) for name in OVER_SNAPSHOT if name in names}

    async def prepare() -> None:
        if snapshot is not None:
            await begin_with(app, file, snapshot, changes)
            switch(app, options["quirks"], options["scenarios"])

    return prepare


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
    api_state = app.sandboxes.default.apis.get(api)
    if api_state is None:
        raise click.BadParameter(f"there is no API {api!r}; {hint(api, app.apis)}", param_hint=option)
    return api_state
