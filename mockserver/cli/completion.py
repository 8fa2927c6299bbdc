"""`mockserver completion`: the script by which a shell completes commands and options. Its words are click's."""

from __future__ import annotations

import click
from click.shell_completion import ShellComplete, get_completion_class

from mockserver.cli.terminal import tell

SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print a script that completes these commands and their options in a shell.

    \b
    eval "$(mockserver completion bash)"       # in ~/.bashrc
    eval "$(mockserver completion zsh)"        # in ~/.zshrc
    mockserver completion fish | source        # in ~/.config/fish/config.fish
    """
    script_class = get_completion_class(shell)
    assert script_class is not None, "click knows these shells"
    root = click.get_current_context().find_root().command
    # Not `source` of the class itself: bash's asks which bash is installed, and complains of none in a container.
    tell(ShellComplete.source(script_class(root, {}, "mockserver", "_MOCKSERVER_COMPLETE")))
