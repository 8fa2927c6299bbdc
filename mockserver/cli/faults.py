"""`mockserver faults`: the catalogue, one fault a line."""

from __future__ import annotations

import json
from typing import Any

import click

from mockserver.cli.terminal import tell


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
def faults(names: tuple[str, ...]) -> None:
    """List the faults: name, category, parameters with their defaults, what each does. NAMEs list only those."""
    from mockserver.faults import CATALOGUE, doc_of, kind_of

    kinds = [kind_of(name) for name in names] or list(CATALOGUE.values())
    widths = max(len(kind.name) for kind in kinds), max(len(kind.category) for kind in kinds)
    for kind in kinds:
        tell(f"{kind.name:<{widths[0]}}  {kind.category:<{widths[1]}}  {parameters_text(kind)}{doc_of(kind)}")


def parameters_text(kind: Any) -> str:
    """The parameters and their defaults, as in JSON: `status=503 page="json"`."""
    from mockserver.faults import parameters_of

    texts = [f"{name}={json.dumps(default)}" for name, (default, _) in parameters_of(kind).items()]
    return "".join(f"{text} " for text in texts) + ("· " if texts else "")
