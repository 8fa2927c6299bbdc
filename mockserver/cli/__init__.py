"""The command line. Each command lives in a module of its own, imported when it is called: `--help` starts fast."""

from __future__ import annotations

from importlib import import_module

import click

import mockserver

# command → what it does; its module is `mockserver.cli.COMMAND`, its function there `command`
COMMANDS = {
    "serve": "Serve all APIs until SIGINT or SIGTERM.",
    "check": "Name every mistake in contracts, with the remedy.",
    "new": "Write a small contract that works.",
}


class _Lazy(click.Group):
    """Knows the names of its commands, and imports one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"mockserver.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(mockserver.__version__, prog_name="mockserver")
def main() -> None:
    """A stand-in for the HTTP APIs that render media."""
