"""What a command found, as annotations of GitHub Actions: beside the line of the file that it is about, where known."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import click

from mockserver.cli.terminal import tell
from mockserver.errors import ContractError
from mockserver.files import text_of
from mockserver.loader import contract_folders
from mockserver.loader.places import line_at
from mockserver.loader.source import OPENAPI

FORMS = ("text", "github")


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that was found; `pointer` leads to its place in `file`."""

    title: str
    text: str
    file: Path | None = None
    pointer: str = ""
    level: Literal["error", "warning"] = "error"


def annotates(command: Any) -> Any:
    """The option `--format` of a command that finds something."""
    return click.option(
        "--format", "form", type=click.Choice(FORMS), default=by_environment,
        help="github adds an annotation for each finding; it is the default in GitHub Actions, and text elsewhere.",
    )(command)  # fmt: skip


def annotates_or_json(command: Any) -> Any:
    """The same of one that can tell everything as JSON."""
    return click.option(
        "--format", "form", type=click.Choice((*FORMS, "json")), default=by_environment,
        help="json prints the report and nothing else; github adds an annotation for each finding, the default in "
        "GitHub Actions, and text elsewhere.",
    )(command)  # fmt: skip


def by_environment() -> str:
    """The form of what is told where nobody says."""
    return "github" if os.environ.get("GITHUB_ACTIONS") == "true" else "text"


def annotate(form: str, notes: Iterable[Note], *, err: bool = False) -> None:
    """Print annotations where that is wanted; to standard error if something else reads standard output."""
    for note in notes if form == "github" else ():
        tell(annotation_line(note), err=err, is_command=True)


def annotation_line(note: Note) -> str:
    """`::error file=contracts/acme/behavior.json,line=7,title=…::…`."""
    place: dict[str, object] = {}
    if note.file is not None and (text := _text(note.file)) is not None:
        place = {"file": _in_workspace(note.file), "line": line_at(text, note.pointer)}
    properties = ",".join(f"{name}={_property(str(value))}" for name, value in {**place, "title": note.title}.items())
    return f"::{note.level} {properties}::{_data(note.text)}"


def _text(file: Path) -> str | None:
    try:
        return text_of(file)
    except (OSError, ValueError):
        return None


def _in_workspace(file: Path) -> str:
    """A file as GitHub names it: from the root of the repository."""
    root = Path(os.environ.get("GITHUB_WORKSPACE") or Path.cwd()).resolve()
    path = file.resolve()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def openapi_of(api: str, folders: Iterable[Path]) -> Path | None:
    """The `openapi.json` of an API whose contract is in one of these folders; None for a shipped one."""
    document = None
    for folder in folders:
        try:
            own = [path for path in contract_folders(folder) if path.resolve().name == api]
        except ContractError:
            own = []
        document = own[-1] / OPENAPI if own else document
    return document
