"""The words of behavior.json, as `contracts/behavior.schema.json` and the tables of the code have them, as a page.

`python docs/generate.py` writes it to `contracts/REFERENCE.md`. Knows no contract.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from mockserver.lifecycle import MAKES
from mockserver.loader.examples import PROBLEMS, REFUSALS
from mockserver.makers import TYPES

SCHEMA = json.loads((Path(__file__).resolve().parent.parent / "contracts/behavior.schema.json").read_text("utf-8"))
DEFS = SCHEMA["$defs"]


class Section(NamedTuple):
    """A heading, what of the schema stands below it, and how a word that takes it calls it."""

    title: str
    name: str
    called: str


SECTIONS = (
    Section("Resources", "resource", "a resource"),
    Section("States", "state", "a state"),
    Section("Runs", "run", "a run"),
    Section("Durations", "duration", "a duration"),
    Section("Curves", "curve", "a curve"),
    Section("Errors of jobs", "error", "an error"),
    Section("Results", "result", "a result"),
    Section("Ids", "form", "a form of ids"),
    Section("Places", "place", "a place"),
    Section("Bindings", "bindings", "bindings"),
    Section("Values", "composed", "a value"),
    Section("Conditions", "rules", "a condition"),
    Section("Files", "file", "a file's rule"),
    Section("Files in text fields", "stand", "a text field"),
    Section("References", "references", "references"),
    Section("References as a list", "reference", "a reference"),
    Section("Waits", "wait", "a wait"),
    Section("Streams of what was created", "told", "a stream"),
    Section("Parameters of lists", "meaning", "a meaning"),
    Section("Webhooks", "webhook", "a webhook"),
    Section("Limits", "limit", "a limit"),
    Section("Quirks", "quirk", "a quirk"),
    Section("Scenarios", "scenario", "a scenario"),
    Section("Matches", "match", "a match"),
    Section("Plans", "plan", "a plan"),
    Section("Prices", "product", "a product"),
    Section("Runs of all resources", "everyRun", "a run"),
    Section("Faults in a contract", "fault", "a fault"),
)
SAME = {"value": "composed", "condition": "rules", "written": "bindings", "fields": "bindings"}
"""What is told under the heading of another one."""
PLAIN = {
    "name": "a name", "pointer": "a pointer", "operationId": "an operationId", "fact": "[a fact](#facts)",
    "size": "`[width, height]`", "served": "a name, `upload.PART`, or [a value](#values)",
    "sent": "a media type, or [a value](#values) as an object",
    "price": "a number, [a value](#values), [a product](#prices), or a list of these",
    "pauses": "a list: a number from 0 on",
    "otherwise": "a constant, or [a value](#values) as an object",
    "saidSeconds": '`{"seconds": VALUE}`',
    "move": "a state, or `{FOUND: STATE}`", "parameter": "a parameter", "operation": "[an operation](#operations)",
}  # fmt: skip
TITLED = {each.name: each for each in SECTIONS}
COUNTS = {"integer": "a whole number", "number": "a number", "string": "a text", "boolean": "true or false"}


def page() -> Iterator[str]:
    """The lines of the page."""
    yield "# The words of a contract\n"
    yield "Every word of `behavior.json`, every fact and every problem. [README.md](README.md) is the way in and tells"
    yield "of `openapi.json`, [HOWTO.md](HOWTO.md) shows the words at work, [FAULTS.md](FAULTS.md) has what can break."
    yield "A word in **bold** must be there.\n"
    yield f"## behavior.json\n\n{SCHEMA['description']}\n"
    yield from _words(SCHEMA)
    yield from _operations()
    for section in SECTIONS:
        yield from _section(section)
    yield from _made()
    yield from _facts()
    yield from _problems()


def _section(section: Section) -> Iterator[str]:
    schema = DEFS[section.name]
    yield f"## {section.title}\n"
    yield _sentence(schema) + "\n"
    shown = schema.get("examples", ())
    if shown:
        yield f"Written {' or '.join(f'`{json.dumps(each)}`' for each in shown)}.\n"
    yield from _words(schema)


def _words(schema: Any) -> Iterator[str]:
    """The table of the words of an object, and a table of each closed list among them."""
    rows, lists = list(_rows(schema)), list(_lists(schema))
    if rows:
        yield "| word | takes | |\n|---|---|---|"
        yield from rows
        yield ""
    for name, listed in lists:
        yield f"| `{name}` | |\n|---|---|" if name else "| word | |\n|---|---|"
        yield from (f"| `{word}` | {_cell(text)} |" for word, text in listed.items())
        yield ""


def _rows(schema: Any, prefix: str = "", known: set[str] | None = None) -> Iterator[str]:
    """A row for each word; below one that takes an object, those of that, with a dot between."""
    known = set() if known is None else known
    is_old = _sentence(schema).startswith("As earlier versions") if isinstance(schema, dict) else False
    for word, node in _properties(schema):
        name = f"{prefix}{word}"
        if node is True or name in known:
            continue
        known.add(name)
        shown = f"**`{name}`**" if word in schema.get("required", ()) and not is_old else f"`{name}`"
        yield f"| {shown} | {_takes(node)} | {_cell(_sentence(node))} |"
        yield from _rows(_inner(node), f"{name}.", known)
    for each in _branches(schema):
        are_named = each.get("type") == "object" and "properties" not in each
        below = f"{prefix}NAME." if prefix and are_named else prefix
        yield from _rows(_inner(each), below, known)


def _properties(schema: Any) -> Iterable[tuple[str, Any]]:
    return schema.get("properties", {}).items() if isinstance(schema, dict) else ()


def _branches(schema: Any) -> list[Any]:
    """The forms that something may have and that have no section of their own."""
    if not isinstance(schema, dict):
        return []
    found = [*schema.get("oneOf", ()), *schema.get("anyOf", ())]
    others = schema.get("additionalProperties")
    below = [others] if isinstance(others, dict) and schema.get("type") == "object" and "oneOf" in others else []
    return [each for each in (*found, *below) if "$ref" not in each]


def _inner(node: Any) -> Any:
    """The object whose words stand below those of a word: its own, or of each that it holds."""
    while isinstance(node, dict) and "properties" not in node and "$ref" not in node:
        inner = node.get("items") or node.get("additionalProperties")
        if not isinstance(inner, dict):
            return node
        node = inner
    return {} if isinstance(node, dict) and "$ref" in node else node


def _lists(schema: Any, name: str = "") -> Iterator[tuple[str, Mapping[str, str]]]:
    """Each closed list below a schema, with the word that takes it."""
    if not isinstance(schema, dict) or (name and "$ref" in schema):
        return
    if "x-words" in schema:
        yield name, schema["x-words"]
    found = {}
    for word, node in _properties(schema):
        for inner, listed in _lists(node, word):
            found.setdefault(tuple(listed), (inner, listed))
    for each in (*_branches(schema), schema.get("items"), _inner(schema)):
        for inner, listed in _lists(each, name) if each is not schema else ():
            found.setdefault(tuple(listed), (inner, listed))
    yield from found.values()


def _sentence(node: Any) -> str:
    """What is said of a word: by itself, else by what it refers to."""
    if not isinstance(node, dict):
        return ""
    said = node.get("description") or (_sentence(DEFS[_name(node)]) if "$ref" in node else "")
    return str(said)


def _name(node: Mapping[str, Any]) -> str:
    return str(node["$ref"]).rpartition("/")[2]


def _takes(node: Any) -> str:
    """What stands behind a word, in words."""
    if "$ref" in node:
        return _called(_name(node))
    if "if" in node and "then" in node:
        return f"{_takes(node['then'])}, or {_takes(node['else'])}"
    if "enum" in node:
        return " ".join(f"`{each}`" for each in node["enum"])
    if "const" in node:
        return f"`{json.dumps(node['const'])}`"
    for way in ("oneOf", "anyOf"):
        if way in node:
            return ", or ".join(dict.fromkeys(map(_takes, node[way])))
    if "allOf" in node:
        return _takes(node["allOf"][0])
    return _typed(node)


def _typed(node: Mapping[str, Any]) -> str:
    kind = node.get("type")
    if kind == "array":
        return f"a list: {_takes(node['items'])}" if isinstance(node.get("items"), dict) else "a list"
    if kind == "object":
        others = node.get("additionalProperties")
        return f"by name: {_takes(others)}" if isinstance(others, dict) and "properties" not in node else "an object"
    if isinstance(kind, list):
        return ", or ".join(COUNTS.get(each, each) for each in kind)
    return _bounded(node, COUNTS.get(str(kind), "anything"))


def _bounded(node: Mapping[str, Any], text: str) -> str:
    least, most = node.get("minimum"), node.get("maximum")
    if least is not None and most is not None:
        return f"{text} from {least} to {most}"
    if least is not None:
        return f"{text} from {least} on"
    return f"{text} above 0" if "exclusiveMinimum" in node else text


def _called(name: str) -> str:
    name = SAME.get(name, name)
    section = TITLED.get(name)
    if section is None:
        return PLAIN[name]
    anchor = section.title.lower().replace(" ", "-")
    return f"[{section.called}](#{anchor})"


def _operations() -> Iterator[str]:
    schema = DEFS["operation"]
    verbs = {each["if"]["properties"]["verb"]["const"]: each["then"] for each in schema["allOf"]}
    shared = set.intersection(*({*each["properties"]} for each in verbs.values()))
    first = next(iter(verbs.values()))["properties"]
    yield f"## Operations\n\n{schema['description']} These all verbs take:\n"
    yield from _words({"properties": {"verb": schema["properties"]["verb"]}, "required": ["verb"]})
    yield from _words({"properties": {word: node for word, node in first.items() if word in shared - {"verb"}}})
    for verb, branch in verbs.items():
        own = {word: node for word, node in branch["properties"].items() if word not in shared}
        if own:
            yield f"### {verb}\n"
            yield from _words({"properties": own, "required": branch.get("required", ())})


def _made() -> Iterator[str]:
    yield "## Files of results\n\nHow the name of a result's file ends, by what makes it.\n"
    yield "| `make` | the name ends |\n|---|---|"
    for make, endings in MAKES.items():
        yield f"| `{make}` | {' '.join(f'`{each}`' for each in endings) or 'as it likes'} |"
    yield "\n| the name ends | media type |\n|---|---|"
    yield from (f"| `{ending}` | `{media_type}` |" for ending, media_type in TYPES.items())
    yield "| otherwise | `application/octet-stream` |\n"


def _facts() -> Iterator[str]:
    yield "## Facts\n"
    yield "What a value can show. One that is absent is written as null, unless the value says `else` or `omit`.\n"
    yield "| fact | is |\n|---|---|"
    yield from (f"| `{fact}` | {_cell(text)} |" for fact, text in DEFS["fact"]["x-words"].items())
    yield ""


def _problems() -> Iterator[str]:
    yield "## Problems\n"
    yield "Why a request is refused. Each is an example of that name under the status it is answered with, at the"
    yield "operation, or once for all in `x-responses`. A path that nobody knows, then a method that it does not take,"
    yield "go before all of them (`unrouted`); then a request is tried in this order, and the first that is wrong"
    yield "answers. Where a word stands in italics, it is the contract that gives the problem its name there.\n"
    yield "| problem | an operation needs it where |\n|---|---|"
    for name, text in REFUSALS.items():
        yield f"| {f'`{name}`' if name in PROBLEMS else f'*{name}*'} | {_cell(text)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
