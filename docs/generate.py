"""Writes `contracts/REFERENCE.md` and the pages below `docs/reference` from the code: `python docs/generate.py`.

A test holds them to it.
"""

from __future__ import annotations

import inspect
import json
import re
import runpy
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import click

import mockserver
import pytest_plugin
from mockserver import samples
from mockserver.cli import main
from mockserver.docstrings import docstring
from mockserver.inbox import Received, WebhookInbox
from mockserver.intercept import Intercept
from mockserver.launch import Running
from mockserver.schedules import apply
from mockserver.steering import (
    Account,
    Answer,
    ApiHandle,
    Attempt,
    Delivery,
    Entry,
    Fault,
    File,
    Finding,
    Job,
    JournalView,
    Plan,
    Request,
    Requests,
    Response,
    Route,
    SandboxClock,
    SandboxHandle,
    Steering,
    Violation,
    Violations,
)
from mockserver.testing.options import Options
from mockserver.virtual_time import FastForward
from pytest_plugin import plugin

HERE = Path(__file__).resolve().parent / "reference"
ROOT = HERE.parent.parent
LANGUAGE = ROOT / "contracts/REFERENCE.md"
MADE = "<!-- Made by `python docs/generate.py`; a test holds it to the code. -->\n"
HANDLES = (
    Steering, SandboxHandle, ApiHandle, SandboxClock, Fault, Plan, Answer, Route, Account, Job, Requests, Request,
    Response, File, JournalView, Entry, Violations, Violation, Delivery, Attempt, Finding, WebhookInbox, Received,
    FastForward, Intercept, Running,
)  # fmt: skip
FIXTURE = re.compile(r"^@pytest\.fixture(?P<how>[^\n]*)\ndef (?P<name>[a-z]\w*)\(", re.MULTILINE)


def pages() -> dict[str, str]:
    """The pages by their names."""
    made = {
        "fixtures": fixtures, "handles": handles, "settings": settings, "commands": commands,
        "control-api": control_api, "python": python,
    }  # fmt: skip
    return {name: MADE + "\n".join(lines()).rstrip() + "\n" for name, lines in made.items()}


def fixtures() -> Iterator[str]:
    yield "# Fixtures and the marker\n"
    yield 'Each API of the shipped contracts has a fixture; `sandbox.api("acme")` is any other one.\n'
    yield "| fixture | scope | what it is |\n|---|---|---|"
    source = Path(plugin.__file__).read_text(encoding="utf-8")
    for found in FIXTURE.finditer(source):
        name = found["name"]
        said = re.search(rf'^def {name}\(.*?\n    """(.*?)"""', source, re.MULTILINE | re.DOTALL)
        scope = "session" if "session" in found["how"] else "function"
        yield f"| `{name}` | {scope} | {_cell(said[1] if said else '')} |"
    yield "\n## The marker\n"
    yield "`@pytest.mark.mockserver(…)` on a test, class or module; merged key by key, the closest one wins.\n"
    yield "| key | takes |\n|---|---|"
    for name, kind in Options.__annotations__.items():
        yield f"| `{name}=` | `{_escaped(kind)}` |"
    yield f"\n{_paragraphs(docstring(Options))}"


def handles() -> Iterator[str]:
    yield "# Handles\n"
    yield "What fixtures, `mock` and `start` give, with all that a test can ask of it. Types are imported from"
    yield "`pytest_plugin` and `mockserver.steering`.\n"
    for kind in HANDLES:
        yield f"## {kind.__name__}\n\n{_paragraphs(docstring(kind))}\n"
        members = list(_members(kind))
        if members:
            yield "| member | what it does |\n|---|---|"
            yield from members
            yield ""


def _members(kind: type) -> Iterator[str]:
    fields = [name for name in getattr(kind, "__dataclass_fields__", {}) if not name.startswith("_") and name != "raw"]
    if fields:
        yield f"| {', '.join(f'`{name}`' for name in fields)} | values of the record |"
    for name, member in inspect.getmembers(kind):
        if name.startswith("_") or name in fields or name in INTERNAL.get(kind.__name__, ()):
            continue
        if isinstance(member, property | cached_property):
            read = member.fget if isinstance(member, property) else member.func
            yield f"| `{name}` | {_cell(docstring(read))} |"
        elif inspect.isroutine(member) and docstring(member):
            yield f"| `{_call(name, member)}` | {_cell(docstring(member))} |"


INTERNAL = {
    "SandboxHandle": {"ask", "ask_if_known", "tell", "foresee", "operations"},
    "JournalView": {"keep"},
    "Violations": {"by_mode"},
    "WebhookInbox": {"take", "close"},
    "FastForward": {"call", "sleep", "timer", "deadline", "rouse", "cancel", "stop", "monotonic", "asleep"},
    "Running": {"foresee"},
    "Requests": {"check_operation", "index", "count"},
    "Fault": {"lack"}, "Plan": {"lack"}, "Answer": {"lack"}, "Route": {"lack", "is_for"}, "Account": {"of"},
}  # fmt: skip


def _call(name: str, function: Callable[..., Any]) -> str:
    """A call as a reader writes it: names of parameters, those with a default as `name=…`."""
    shown, keywords = [], False
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name in ("self", "cls"):
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and not keywords:
            keywords = True
        if parameter.kind is parameter.VAR_POSITIONAL:
            shown.append(f"*{parameter.name}")
        elif parameter.kind is parameter.VAR_KEYWORD:
            shown.append("…")
        else:
            plain = parameter.default is parameter.empty and parameter.kind is not parameter.KEYWORD_ONLY
            shown.append(parameter.name if plain else f"{parameter.name}=…")
    return f"{name}({', '.join(shown)})"


def settings() -> Iterator[str]:
    yield "# Settings of pytest, and the environment\n"
    source = Path(plugin.__file__).read_text(encoding="utf-8")
    yield "| option of pytest | what it does |\n|---|---|"
    for name, meta, says in re.findall(r'addoption\("([^"]+)", metavar="(\w+)", help="([^"]+)"', source):
        yield f"| `{name}={meta}` | {_cell(says)} |"
    yield "\n| ini setting | what it does | default |\n|---|---|---|"
    for name, says, rest in re.findall(r'addini\("([^"]+)", "([^"]+)"(.*?)\)\n', source):
        default = re.search(r'default="(\w*)"', rest)
        yield f"| `{name}` | {_cell(says)} | {f'`{default[1]}`' if default and default[1] else 'none'} |"
    yield "\n## Environment\n\n| variable | is read by | is |\n|---|---|---|"
    for variable, (users, says) in sorted(_variables().items()):
        yield f"| `{variable}` | {', '.join(f'`{user}`' for user in users)} | {_cell(says)} |"


def _variables() -> dict[str, tuple[list[str], str]]:
    found: dict[str, tuple[list[str], str]] = {}
    for name, command in _all_commands():
        for option in command.params:
            variable = getattr(option, "envvar", None)
            if isinstance(variable, str):
                found.setdefault(variable, ([], str(getattr(option, "help", ""))))[0].append(f"mockserver {name}")
    found.setdefault("MOCKSERVER_CONTROL_TOKEN", ([], ""))[0].append("pytest")
    return found


def commands() -> Iterator[str]:
    yield "# Commands\n"
    yield _paragraphs(docstring(main.callback) if main.callback else "") + "\n"
    for name, command in _all_commands():
        usage = " ".join(command.collect_usage_pieces(click.Context(command, info_name=name)))
        yield f"## mockserver {name}\n\n`mockserver {name} {usage}`\n\n{_paragraphs(command.help or '')}\n"
        options = [each for each in command.params if isinstance(each, click.Option)]
        if options:
            yield "| option | what it does |\n|---|---|"
        for option in options:
            names = " ".join(f"`{each}`" for each in (*option.opts, *option.secondary_opts))
            yield f"| {names} | {_cell(option.help or '')} |"
        yield ""


def _all_commands() -> Iterator[tuple[str, click.Command]]:
    context = click.Context(main)
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        if command is not None:
            yield name, command


def control_api() -> Iterator[str]:
    document = json.loads((ROOT / "mockserver/control/openapi.json").read_text(encoding="utf-8"))
    yield "# Control API\n"
    yield "`GET /_mock/openapi.json` of a server is the whole document, with schemas and examples; the server's page"
    yield "`/_mock/docs` shows it. Errors are problem documents (RFC 9457); an unknown key is a 400 that names it.\n"
    yield "| request | what it does |\n|---|---|"
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if "operationId" in operation:
                says = f"{operation['summary']}. {operation.get('description', '')}"
                yield f"| `{method.upper()} {path}` | {_cell(says)} |"


def python() -> Iterator[str]:
    yield "# Python\n"
    yield f"## mockserver\n\n{_paragraphs(docstring(mockserver))}\n"
    for name in ("start", "intercepting", "mock", "MockserverTestCase"):
        thing = getattr(mockserver, name)
        shown = name if isinstance(thing, type) else _call(name, thing)
        yield f"### {name}\n\n`{shown}`\n\n{_paragraphs(docstring(thing))}\n"
    yield f"## mockserver.samples\n\n{_paragraphs(docstring(samples))}\n"
    yield f"`NAMES`: {', '.join(f'`{name}`' for name in samples.NAMES)}\n"
    for name, thing in (("path", samples.path), ("upload", samples.upload)):
        yield f"### {name}\n\n`{_call(name, thing)}`\n\n{_paragraphs(docstring(thing))}\n"
    from mockserver.app import create

    yield f"## mockserver.app\n\n### create\n\n`{_call('create', create)}`\n\n{_paragraphs(docstring(create))}\n"
    yield f"## pytest_plugin\n\n{_paragraphs(docstring(pytest_plugin))}\n"
    for name in ("explore", "answers", "schedules"):
        thing = getattr(pytest_plugin, name)
        yield f"### {name}\n\n`{_call(name, thing)}`\n\n{_paragraphs(docstring(thing))}\n"
    yield f"## mockserver.schedules\n\n### apply\n\n`{_call('apply', apply)}`\n\n{_paragraphs(docstring(apply))}\n"
    from mockserver import errors

    yield f"## mockserver.errors\n\n```text\n{docstring(errors)}\n```"


def _cell(text: str) -> str:
    return _escaped(" ".join(text.replace("\x08", "").split()))


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;") if "`" not in text else text.replace("|", "\\|")


def _paragraphs(text: str) -> str:
    """A docstring as Markdown: lines of click's that must not be wrapped are code."""
    return "\n\n".join(_paragraph(each) for each in inspect.cleandoc(text).split("\n\n"))


def _paragraph(text: str) -> str:
    if text.startswith("\x08"):
        lines = "\n".join(line.strip() for line in text.splitlines()[1:])
        return f"<!-- not run: the names in it are examples -->\n```sh\n{lines}\n```"
    return " ".join(text.split())


def language() -> str:
    """The page of the words of a contract."""
    lines = runpy.run_path(str(HERE.parent / "language.py"))["page"]()
    return MADE + "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    for page, text in pages().items():
        (HERE / f"{page}.md").write_text(text, encoding="utf-8")
    LANGUAGE.write_text(language(), encoding="utf-8")
