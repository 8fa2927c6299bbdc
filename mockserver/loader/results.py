"""behavior.json → what finished jobs lead to, and the examples in openapi.json that show what is in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mockserver import pointers
from mockserver.errors import ContractError
from mockserver.lifecycle import Items, Result, Value
from mockserver.loader.source import BEHAVIOR, OPENAPI, Source, text_of
from mockserver.loader.values import value


def results(source: Source, at: str, data: Mapping[str, Any]) -> dict[str, Result]:
    """Results by name."""
    return {name: _result(source, pointers.join(at, name), name, each) for name, each in data.items()}


def _result(source: Source, at: str, name: str, data: Mapping[str, Any]) -> Result:
    seconds, seconds_of = _chosen(data.get("seconds"), 4)
    return Result(
        name,
        data["make"],
        data["file"],
        float(seconds),
        *_sized(data.get("size")),
        *_chosen(data.get("fps"), 10),
        data.get("longest", 512),
        value(data["aspect"]) if "aspect" in data else None,
        value(data["seed"]) if "seed" in data else None,
        {k: tuple(v) for k, v in data.get("sources", {}).items()},
        data.get("of", ""),
        data.get("expires"),
        seconds_of,
        value(data["text"]) if "text" in data else None,
        _data(source, at, data["file"]) if data["make"] == "file" else None,
        tuple(data.get("items", ())),
    )


def _chosen(data: Any, usual: Any) -> tuple[Any, Value | None]:
    """A constant, and the value that a job may have in its place."""
    if isinstance(data, str | dict):
        other = data.get("else") if isinstance(data, dict) else None
        constant = usual if other is None or isinstance(other, str | dict) else other
        return tuple(constant) if isinstance(constant, list) else constant, value(data)
    constant = usual if data is None else data
    return tuple(constant) if isinstance(constant, list) else constant, None


def _sized(data: Any) -> tuple[Any, Value | tuple[int | Value, int | Value] | None]:
    """A size, and what a job may have in its place: a value, or one for each of its sides."""
    if isinstance(data, list) and any(isinstance(each, str | dict) for each in data):
        width, height = (value(each) if isinstance(each, str | dict) else each for each in data)
        return (640, 360), (width, height)
    return _chosen(data, (640, 360))


def _data(source: Source, at: str, file: str) -> bytes:
    """The bytes of a file of the contract's folder."""
    if source.folder is None:
        source.say(BEHAVIOR, f"{at}/file", "a contract without a folder has no files.", "Name another maker.")
        return b""
    try:
        return text_of(source.folder / file, file)
    except ContractError as error:
        said = error.findings[0].sentence
        source.say(BEHAVIOR, f"{at}/file", f"{file}: {said}", "Put it into the contract's folder, or fix the name.")
        return b""


def shown_in_results(made: Mapping[str, Result], items: Items | None) -> list[str]:
    """The names of the examples that show what results hold."""
    names = [f"result.{each.name}" for each in made.values() if each.make == "json"]
    if items and any(each.make == "jsonl" for each in made.values()):
        names += [f"item.{outcome}" for outcome in items.names]
    return names


def templates(source: Source, resource: str, names: Iterable[str]) -> dict[str, Any]:
    """The examples of these names in `components/examples`; one of the resource's own goes before."""
    found = {}
    for name in names:
        for key in (f"{resource}.{name}", name):
            at = pointers.join("/components/examples", key)
            node = pointers.get(source.openapi, at)
            if node is not pointers.MISSING:
                shown, _ = source.resolve(node, at)
                found[name] = shown.get("value")
                break
        else:
            sentence = f"there is no example {name!r}, which shows what a result holds."
            source.say(OPENAPI, "/components/examples", sentence, f"Add {name!r} to components/examples.")
    return found
