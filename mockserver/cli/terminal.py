"""Where the command line writes: every word of every command goes out here, made printable. Knows no command."""

from __future__ import annotations

import click

from mockserver.printable import printable


def tell(text: str, *, err: bool = False) -> None:
    """Print a text and a line feed, to standard error if `err`."""
    click.echo(printable(text), err=err)


def complaint(text: str) -> click.ClickException:
    """What a command raises when it cannot go on, for a reason that others had a say in."""
    return click.ClickException(printable(text))
