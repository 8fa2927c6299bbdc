"""Options that mean nothing beside others, or without them: they are refused rather than passed over."""

from __future__ import annotations

from collections.abc import Iterable

import click
from click.core import ParameterSource

from mockserver.cli.settings import key_of
from mockserver.errors import UsageError


def refuse_meaningless(ctx: click.Context, names: Iterable[str], why: str) -> None:
    """Raises UsageError where one of these parameters was written on the command line, and `why` it means nothing.

    Variables of the environment are for other calls as well, and are passed over.
    """
    written = [name for name in names if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    options = [param for param in ctx.command.params if isinstance(param, click.Option) and param.name in written]
    if options:
        raise UsageError(
            f"{' and '.join(f'--{key_of(option)}' for option in options)} mean{'s' * (len(options) == 1)} nothing {why}"
        )
