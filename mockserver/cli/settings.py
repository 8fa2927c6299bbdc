"""Options from elsewhere than the command line: variables `MOCKSERVER_…`, and `[tool.mockserver]` of a TOML file.

The command line goes before the environment, the environment before the file. Knows no option by name but `--config`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from mockserver.errors import UsageError
from mockserver.files import text_of
from mockserver.printable import one_line
from mockserver.suggestions import hint

PREFIX = "MOCKSERVER_"
FILE = "pyproject.toml"
TABLE = "[tool.mockserver]"
READERS = ("exec", "serve")
"""The commands that read the table; what is an option of another one alone is passed by."""
_LINK = re.compile(r"tcp://\S+:\d+")  # what Kubernetes sets as MOCKSERVER_PORT where a service is named mockserver
_SOURCES = (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT, ParameterSource.DEFAULT_MAP)


class Setting(click.Option):
    """An option that is a variable as well."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.envvar = PREFIX + key_of(self).upper().replace("-", "_")
        self.show_envvar = True

    def resolve_envvar_value(self, ctx: click.Context) -> str | None:
        """The variable's value; None also for what others mean by it."""
        value = super().resolve_envvar_value(ctx)
        return None if value is not None and _LINK.fullmatch(value) else value


def key_of(option: click.Option) -> str:
    """An option's name in the file: `control-token`."""
    return max(option.opts, key=len).lstrip("-")


def configured(command: Any) -> Any:
    """The option `--config` of a command, by which its other options are read from a file."""
    return click.option(
        "--config", cls=Setting, type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
        is_eager=True, expose_value=False, callback=_read,
        help=f"Read options from {TABLE} of this file instead of ./{FILE}.",
    )(command)  # fmt: skip


def _read(ctx: click.Context, param: click.Parameter, file: Path | None) -> None:
    """Make the file's values the defaults of the other options, which are read after this one."""
    if ctx.resilient_parsing:
        return
    table = _table(file or Path(FILE), is_named=file is not None)
    options = {key_of(o): o for o in ctx.command.params if isinstance(o, click.Option) and o is not param}
    options.pop("help", None)
    defaults: dict[str, Any] = {}
    for key, value in table.items():
        option = options.get(key.replace("_", "-"))
        where = one_line(f"{file or FILE}, {TABLE}: {key}")
        if option is None and key.replace("_", "-") in _options_of_others(ctx):
            continue
        if option is None:
            raise UsageError(f"{where} is no option here; {hint(key, options)}")
        if option.name in defaults:
            raise UsageError(f"{where} is there twice")
        defaults[str(option.name)] = _value(ctx, option, value, where, (file or Path(FILE)).parent)
    ctx.default_map = defaults


def _options_of_others(ctx: click.Context) -> set[str]:
    """The options of the other commands that read the same table."""
    group = ctx.parent.command if ctx.parent is not None else None
    if ctx.parent is None or not isinstance(group, click.Group):
        return set()
    commands = (group.get_command(ctx.parent, name) for name in READERS)
    return {key_of(o) for command in commands if command for o in command.params if isinstance(o, click.Option)} - {
        "config"
    }


def _table(file: Path, *, is_named: bool) -> Mapping[str, Any]:
    try:
        tools = tomllib.loads(text_of(file)).get("tool", {})
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:  # TOMLDecodeError is a ValueError
        raise UsageError(f"{file} cannot be read: {error}") from None
    except RecursionError:
        raise UsageError(f"{file} cannot be read: it is nested too deep") from None
    table = tools.get("mockserver") if isinstance(tools, Mapping) else None
    if table is None and not is_named:
        return {}
    if not isinstance(table, Mapping):
        raise UsageError(f"{file} has no table {TABLE}")
    return table


def _value(ctx: click.Context, option: click.Option, value: Any, where: str, folder: Path) -> Any:
    """A value as the command line would give it. Raises UsageError for one of another kind, or that is not allowed."""
    if option.is_flag:
        if not isinstance(value, bool):
            raise UsageError(f"{where} must be true or false, not {value!r:.80}")
        return value
    several = value if isinstance(value, list) and option.multiple else [value]
    if any(isinstance(item, bool) or not isinstance(item, str | int | float) for item in several):
        raise UsageError(f"{where} must be {'a text or a list of texts' if option.multiple else 'a text or a number'}")
    texts = [str(folder / str(item)) if isinstance(option.type, click.Path) else str(item) for item in several]
    try:
        option.type_cast_value(ctx, texts if option.multiple else texts[0])
    except click.BadParameter as error:
        raise UsageError(f"{where}: {error.message}") from None
    except ValueError as error:  # a path with a NUL
        raise UsageError(f"{where}: {error}") from None
    return texts if option.multiple else texts[0]


def settled(ctx: click.Context, options: Mapping[str, Any], *groups: tuple[str, ...]) -> dict[str, Any]:
    """Options without those of groups that exclude another one, where that is named by a source that goes before."""
    ranks = {
        group: min((_rank(ctx, name) for name in group if options[name]), default=len(_SOURCES)) for group in groups
    }
    first = min(ranks.values())
    lesser = {name: None for group, rank in ranks.items() if rank > first for name in group}
    return {**options, **lesser}


def was_said(ctx: click.Context, name: str) -> bool:
    """Whether an option's value was given anywhere, and is no default."""
    return _rank(ctx, name) < len(_SOURCES)


def _rank(ctx: click.Context, name: str) -> int:
    source = ctx.get_parameter_source(name)
    return _SOURCES.index(source) if source in _SOURCES else len(_SOURCES)
