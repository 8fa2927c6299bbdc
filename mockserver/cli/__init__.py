"""The command line. Each command lives in a module of its own, imported when it is called: `--help` starts fast."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

import mockserver
from mockserver.docstrings import docstring
from mockserver.errors import MockserverError

# command → what it does; its module is `mockserver.cli.COMMAND`, its function there is named like it
COMMANDS = {
    "serve": "Serve all APIs until SIGINT or SIGTERM.",
    "check": "Name every mistake in contracts, with the remedy.",
    "report": "Tell how well a client behaved, and which answers it never saw.",
    "faults": "List the faults that can be armed.",
    "new": "Write a small contract that works.",
    "fuzz": "Ask a server everything its contract allows and forbids, and judge the answers.",
    "verify": "Say what a live server does otherwise than its contract.",
}


class _Lazy(click.Group):
    """Knows the names of its commands, and imports one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"mockserver.cli.{cmd_name}"), cmd_name)
        command.help = command.help or docstring(command.callback)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except MockserverError as error:
            raise click.ClickException(str(error)) from None  # printable: every message of ours is

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(mockserver.__version__, prog_name="mockserver")
def main() -> None:
    """A stand-in for the HTTP APIs that render media."""


main.help = main.help or docstring(main.callback)
