"""The command line. Each command lives in a module of its own, imported when it is called: `--help` starts fast."""

from __future__ import annotations

import os
import platform
import sys
import traceback
from importlib import import_module
from typing import Any

import click

import mockserver
from mockserver.docstrings import docstring
from mockserver.errors import MockserverError
from mockserver.printable import harmless

# command → what it does; its module is `mockserver.cli.COMMAND`, its function there is named like it
COMMANDS = {
    "serve": "Serve all APIs until SIGINT or SIGTERM.",
    "exec": "Run a command in any language against a mock server, unchanged.",
    "record": "Record the calls of a command to real hosts, to make a contract of them.",
    "explore": "Run a client in any language under many faults, and report what it breaks.",
    "check": "Check contracts, and say how to fix each mistake.",
    "report": "Report how well a client behaved, and which answers it never saw.",
    "openapi": "Print an API's document, with every answer at each operation that may give it, or its journeys.",
    "faults": "List the faults that can be armed.",
    "new": "Write a small contract that works, or one from an OpenAPI document.",
    "update": "Report what a newer OpenAPI document changes for a contract made from one.",
    "fuzz": "Fuzz a server against its contract, with requests that it allows and forbids.",
    "verify": "Report where a live server differs from its contract, and which patch would fix that.",
    "store": "Show what a shared store holds, or remove it.",
    "completion": "Print a script that completes these commands in a shell.",
}
FOUND = 1
"""Exit code of a command that found what it looks for: a mistake, a failure, a difference, too little coverage."""
COULD_NOT_RUN = 2
"""Exit code of a command that could not do what it was asked for, or was stopped before it had."""
COULD_NOT_RUN_IN = {"exec": 125, "record": 125}
"""The same where 2 may be the code of a command that was run: as `env` and `timeout` have it."""


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
        """Whatever keeps a command from its work, even a bug, is told apart from what it finds: by the exit code."""
        try:
            return super().invoke(ctx)
        except (click.exceptions.Exit, SystemExit):
            raise
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python's own end writes what is left
            ctx.exit(_code(ctx))
        except (Exception, KeyboardInterrupt) as error:
            raise _could_not_run(error, _code(ctx)) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


class CouldNotRun(click.ClickException):
    """Ends a command with one sentence, made printable."""

    def __init__(self, message: str, code: int = COULD_NOT_RUN) -> None:
        super().__init__(harmless(message))
        self.exit_code = code  # type: ignore[misc]


def _code(ctx: click.Context) -> int:
    return COULD_NOT_RUN_IN.get(ctx.invoked_subcommand or "", COULD_NOT_RUN)


def _could_not_run(error: BaseException, code: int) -> click.ClickException:
    """What click shall end with: one sentence, for a bug with its traceback before it."""
    if isinstance(error, click.UsageError):
        error.exit_code = code  # type: ignore[misc]
        return error  # click adds how the command is called
    if isinstance(error, CouldNotRun):
        return error
    if isinstance(error, click.ClickException):
        return CouldNotRun(error.format_message(), code)
    if isinstance(error, MockserverError | OSError):
        return CouldNotRun(str(error), code)
    if isinstance(error, click.Abort | KeyboardInterrupt):
        return CouldNotRun("interrupted", code)
    traceback.print_exception(error)
    return CouldNotRun("this is a mistake in mockserver; please report it with the lines above", code)


def _version() -> str:
    return f"{mockserver.__version__} (Python {platform.python_version()}, {platform.system()} {platform.machine()})"


@click.command(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(_version(), prog_name="mockserver")
def main() -> None:
    """A stand-in for the HTTP APIs that render media.

    Every command ends with 0 when all is well, with 1 when it found what it looks for (mistakes, failures,
    differences, too little coverage), and with 2 when it could not run. `exec` and `record` end as the command that
    they run.
    """


main.help = main.help or docstring(main.callback)
