"""`responses` of openapi.json → named examples: which answer each is, and the headers it carries. Knows no request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from mockserver import pointers
from mockserver.contract import Example
from mockserver.lifecycle import NONE, Json, Resource
from mockserver.loader.source import OPENAPI, Source
from mockserver.statuses import BODILESS
from mockserver.validation import write_json

_ALWAYS_OURS = frozenset(("date", "content-length", "content-type", "transfer-encoding", "connection"))
_DIGITS = str.maketrans("OoIl", "0011")
_LEGACY = frozenset(("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"))


def wanted(verb: str, resources: Sequence[Resource]) -> list[str]:
    """The names of the answers that a verb gives about these resources, refusals apart."""
    return [name for name, _ in wanted_states(verb, resources)] if resources and verb != "list" else ["ok"]


def wanted_states(verb: str, resources: Sequence[Resource]) -> Iterator[tuple[str, str]]:
    """The (example name, state) pairs that a verb must answer."""
    for resource in resources:
        prefix = f"{resource.name}." if len(resources) > 1 else ""
        if verb == "create":
            yield prefix + resource.initial, resource.initial
        elif verb in ("show", "move", "upload", "content"):
            for state in resource.states:
                if verb != "content" or state not in resource.success:
                    yield prefix + state, state


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
    if len(silent) == 1:
        status, response, at = silent[0]
        for example in _bodiless(source, status, response, at, [name for name in answers if name not in found]):
            found[example.name] = [example]
    return {name: tuple(variants) for name, variants in found.items()}


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
        base, off = _split_name(name)
        headers = tuple(constant_headers(source, declared, base))
        yield Example(base, off, status, "", None, headers, f"{where}/x-answers", None, declared)


def read_examples(source: Source, status: int, response: Any, at: str) -> list[Example]:
    """Every named example of a response, with its constant headers; `x-answers` names those without a body."""
    node, where = source.resolve(response, at)
    declared = declared_headers(source, node, where)
    found = [*_bodiless(source, status, response, at, node.get("x-answers", ()))]
    for media_type, content in node.get("content", {}).items():
        place = pointers.join(f"{where}/content", media_type)
        for name, example in content.get("examples", {}).items():
            stands = pointers.join(f"{place}/examples", name)
            value, pointer = source.resolve(example, stands)
            base, off = _split_name(name)
            headers = tuple(constant_headers(source, declared, base))
            if status in BODILESS:
                found.append(Example(base, off, status, "", None, headers, f"{pointer}/value", None, declared, stands))
                continue
            schema = f"{place}/schema" if "schema" in content else None
            shown = value.get("value")
            where_value = f"{pointer}/value"
            found.append(Example(base, off, status, media_type, shown, headers, where_value, schema, declared, stands))
    return found


def _split_name(name: str) -> tuple[str, frozenset[str]]:
    """`image.done.a-off.b-off` → `image.done` and {a, b}. What a name begins with is no quirk."""
    first, *rest = name.split(".")
    off = frozenset(part.removesuffix("-off") for part in rest if part.endswith("-off"))
    return ".".join([first, *(part for part in rest if not part.endswith("-off"))]), off or NONE


def declared_headers(source: Source, response: Any, at: str) -> dict[str, Json]:
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


def constant_headers(source: Source, declared: dict[str, Json], name: str) -> Iterator[tuple[str, str]]:
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
