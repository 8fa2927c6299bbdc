"""`responses` of openapi.json → named examples: which answer each is, and the headers it carries. Knows no request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from mockserver import pointers
from mockserver.contract import Example
from mockserver.intake import IN_PIECES, INCOMPLETE
from mockserver.json_types import JsonValue
from mockserver.lifecycle import NONE, Resource
from mockserver.loader.source import OPENAPI, Source
from mockserver.statuses import BODILESS
from mockserver.validation import write_json

OTHER = "other"
"""The name of an example for every state that no other one is named after."""
_ALWAYS_OURS = frozenset(("date", "content-length", "content-type", "transfer-encoding", "connection"))
_DIGITS = str.maketrans("OoIl", "0011")
_LEGACY = frozenset(("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"))


def needed_answers(verb: str, resources: Sequence[Resource], *, waits: bool = False, style: str = "") -> list[str]:
    """The names of the answers that a verb gives about these resources, refusals apart."""
    if not resources or verb == "list":
        return ["ok"]
    return [name for name, _ in wanted_states(verb, resources, waits=waits, style=style)]


def wanted_states(
    verb: str, resources: Sequence[Resource], *, waits: bool = False, style: str = ""
) -> Iterator[tuple[str, str]]:
    """The (example name, state) pairs that a verb must answer; one that `waits` shows what became of its job.

    An upload in pieces, of a `style`, tells while it is incomplete; parts are complete by another operation.
    """
    for resource in resources:
        prefix = f"{resource.name}." if len(resources) > 1 else ""
        if verb == "create" and not waits:
            yield prefix + resource.initial, resource.initial
        elif verb in ("create", "show", "move", "update", "upload", "content"):
            for state in resource.states:
                is_told = verb != "content" or state not in resource.success
                if is_told and state not in resource.gone and (style != "parts" or state != resource.initial):
                    yield prefix + state, state
        if style in IN_PIECES:
            yield prefix + INCOMPLETE, resource.initial


def examples_of(
    source: Source, pointer: str, operation: Any, answers: Sequence[str] = ()
) -> dict[str, tuple[Example, ...]]:
    """The examples of an operation by name. Its only success without content gives the `answers` nothing else gives."""
    found: dict[str, list[Example]] = {}
    silent: list[tuple[int, Any, str]] = []
    for status, response in operation.get("responses", {}).items():
        at = f"{pointer}/responses/{status}"
        if not str(status).isdigit():
            _check_status(source, str(status), response, at)
            continue
        examples = read_examples(source, int(status), response, at)
        if not examples and 200 <= int(status) < 400 and not _has_body(source, int(status), response, at):
            silent.append((int(status), response, at))
        for example in examples:
            found.setdefault(example.name, []).append(example)
    kept = {name for each in operation.get("responses", {}).values() for name in _named(source, each, pointer)}
    _answer_others(found, [name for name in answers if name not in kept])
    if len(silent) == 1:
        status, response, at = silent[0]
        for example in _bodiless(source, status, response, at, [name for name in answers if name not in found]):
            found[example.name] = [example]
    return by_name(example for several in found.values() for example in several)


def _named(source: Source, response: Any, at: str) -> Iterator[str]:
    """The answers that `x-answers` names of a response whose body is not shown."""
    node, _ = source.resolve(response, at)
    content = node.get("content", {}) if isinstance(node, dict) else {}
    if content and not any("examples" in each for each in content.values()):
        yield from node.get("x-answers", ())


def by_name(examples: Iterable[Example]) -> dict[str, tuple[Example, ...]]:
    """Examples by name, those without variants first."""
    found: dict[str, list[Example]] = {}
    for each in examples:
        found.setdefault(each.name, []).append(each)
    return {name: tuple(sorted(several, key=lambda each: bool(each.variants))) for name, several in found.items()}


def _answer_others(found: dict[str, list[Example]], answers: Sequence[str]) -> None:
    """Let the example `other` (of several resources, `RESOURCE.other`) answer what no other one does."""
    given = {answer: found.get(f"{answer.partition('.')[0]}.{OTHER}") or found.get(OTHER) for answer in answers}
    if not any(given.values()):
        return
    for name, several in given.items():
        if several and name not in found:
            found[name] = [example._replace(name=name) for example in several]
    for name in [name for name in found if name.rpartition(".")[2] == OTHER and name not in answers]:
        del found[name]


def _check_status(source: Source, status: str, response: Any, at: str) -> None:
    """What stands under no number is never answered, which matters where it has examples."""
    number = status.translate(_DIGITS)
    if number.isdigit():
        source.say(OPENAPI, at, f"{status!r} is no status.", f"Did you mean {number!r}?")
    elif read_examples(source, 200, response, at):
        sentence = "the engine answers with numbered statuses only."
        source.say(OPENAPI, at, sentence, "Put its examples under the numbers of their statuses.")


def _has_body(source: Source, status: int, response: Any, at: str) -> bool:
    return status not in BODILESS and bool(source.resolve(response, at)[0].get("content"))


def _bodiless(source: Source, status: int, response: Any, at: str, names: Sequence[str]) -> Iterator[Example]:
    """Answers without a body, of these names."""
    node, where = source.resolve(response, at)
    declared = declared_headers(source, node, where)
    for name in names:
        base, off, variants = split_name(source, name)
        headers = tuple(constant_headers(source, declared, base))
        yield Example(base, off, status, "", None, headers, f"{where}/x-answers", None, declared, variants)


def read_examples(source: Source, status: int, response: Any, at: str) -> list[Example]:
    """Every named example of a response, with its constant headers; `x-answers` names those without a body."""
    node, where = source.resolve(response, at)
    declared = declared_headers(source, node, where)
    content = node.get("content", {})
    is_blank = bool(content) and all("examples" not in each for each in content.values())
    found = [*_bodiless(source, status, response, at, () if is_blank else node.get("x-answers", ()))]
    for media_type, said in content.items():
        place = pointers.join(f"{where}/content", media_type)
        for name, example in said.get("examples", {}).items():
            stands = pointers.join(f"{place}/examples", name)
            value, pointer = source.resolve(example, stands)
            base, off, variants = split_name(source, name)
            headers = tuple(constant_headers(source, declared, base))
            is_empty = status in BODILESS
            schema = f"{place}/schema" if "schema" in said and not is_empty else None
            body = ("", None) if is_empty else (media_type, value.get("value"))
            made = (*body, headers, f"{pointer}/value", schema, declared, variants, stands)
            found.append(Example(base, off, status, *made))
    return found


def example_names(response: Any) -> Iterator[str]:
    """The names of the examples that a response shows itself."""
    content = response.get("content") if isinstance(response, dict) else None
    for each in content.values() if isinstance(content, dict) else ():
        examples = each.get("examples") if isinstance(each, dict) else None
        yield from examples if isinstance(examples, dict) else ()


def split_name(source: Source, name: str) -> tuple[str, frozenset[str], tuple[str, ...]]:
    """`image.done.logs.b-off` → `image.done`, {b} and (logs). What a name begins with is neither quirk nor variant."""
    first, *rest = name.split(".")
    if not rest:
        return name, NONE, ()
    known = source.behavior.get("variants", ())
    off = frozenset(part.removesuffix("-off") for part in rest if part.endswith("-off"))
    variants = tuple(sorted((part for part in rest if part in known), key=[*known].index))
    kept = (part for part in rest if part not in known and not part.endswith("-off"))
    return ".".join([first, *kept]), off or NONE, variants


def media_types(source: Source, pointer: str, document: Any) -> Iterator[str]:
    """The media types that the successes of an operation declare."""
    for status, response in document.get("responses", {}).items():
        if str(status).startswith("2"):
            yield from source.resolve(response, f"{pointer}/responses/{status}")[0].get("content", {})


def declared_headers(source: Source, response: Any, at: str) -> dict[str, JsonValue]:
    """The headers of a response, by name in lower case, with what they show; None where they show nothing."""
    found = {}
    for name, node in response.get("headers", {}).items():
        header, _ = source.resolve(node, pointers.join(f"{at}/headers", name))
        shown = header.get("example")
        if isinstance(shown, str) and ("\n" in shown or "\r" in shown or not _is_latin(shown)):
            sentence = f"no header can hold {shown[:60]!r}."
            source.say(OPENAPI, pointers.join(f"{at}/headers", name), sentence, "Write one line of Latin letters.")
            shown = None
        found[name.lower()] = shown
    return found


def _is_latin(text: str) -> bool:
    return all(ord(character) < 256 for character in text)


def constant_headers(source: Source, declared: dict[str, JsonValue], name: str) -> Iterator[tuple[str, str]]:
    """The declared headers that show something and that no engine computes for the example of that name."""
    for header, shown in declared.items():
        if shown is not None and not _is_computed(source, header, name):
            yield header, shown if isinstance(shown, str) else write_json(shown).decode()


def _is_computed(source: Source, header: str, name: str) -> bool:
    """Whether the engine sets a header itself: the length of a body, what is left of a limit, when it ends."""
    if header in _ALWAYS_OURS or (header == "allow" and name == "wrong_method"):
        return True
    if header == "retry-after":
        return name == "rate_limited"
    style = source.behavior.get("limit_headers", "none") if source.behavior.get("limits") else "none"
    return header in _LEGACY if style == "legacy" else style != "none" and header.startswith("ratelimit")
