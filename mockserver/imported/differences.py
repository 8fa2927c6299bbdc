"""What a newer document says otherwise of the operations of a contract, in sentences. Changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from mockserver.imported.described import described, members
from mockserver.imported.facts import Field, OperationFacts
from mockserver.imported.shapes import Shapes

_MANY = 12
"""So many fields are named in one sentence."""


class DocumentChange(NamedTuple):
    """One thing that is otherwise, and whether a client of the older document may stumble over it."""

    operation: str
    sentence: str
    is_breaking: bool = False


def changes(before: Any, after: Any) -> list[DocumentChange]:
    """What is otherwise in the newer of two cut documents, operation by operation."""
    old, new = ({(each.method, each.path): each for each in described(doc)} for doc in (before, after))
    found: list[DocumentChange] = []
    for key, facts in old.items():
        title = f"{key[0].upper()} {key[1]}"
        if key not in new:
            found.append(DocumentChange(title, "the operation is gone", True))
            continue
        pair = (_operation(before, key), _operation(after, key))
        found += [change._replace(operation=title) for change in _changes(before, after, pair, facts, new[key])]
    for key in new.keys() - old.keys():
        found.append(DocumentChange(f"{key[0].upper()} {key[1]}", "the operation is new"))
    return [*found, *_around(before, after)]


def _operation(document: Any, key: tuple[str, str]) -> Any:
    return document["paths"][key[1]][key[0]]


def _changes(
    before: Any, after: Any, pair: tuple[Any, Any], old: OperationFacts, new: OperationFacts
) -> Iterator[DocumentChange]:
    yield from _fields("the answer", old.shows, new.shows, are_sent=False)
    yield from _fields("the request", old.sends, new.sends, are_sent=True)
    must_before, must_after = _required(before, pair[0]), _required(after, pair[1])
    yield from _named("the request must have", must_after - must_before, True)
    yield from _named("the request need not have any more", must_before - must_after)
    was, now = _parameters(pair[0]), _parameters(pair[1])
    yield from _named("new parameters:", {each for each in now if each not in was and not now[each]})
    yield from _named(
        "new parameters that must be given:", {each for each in now if now[each] and not was.get(each)}, True
    )
    yield from _named("parameters are gone:", was.keys() - now.keys(), True)
    statuses = [{str(status) for status, _ in members(each.get("responses"))} for each in pair]
    yield from _named("new statuses:", statuses[1] - statuses[0])
    yield from _named("statuses are gone:", statuses[0] - statuses[1])
    if pair[0].get("security") != pair[1].get("security"):
        yield DocumentChange("", "it wants other credentials", True)


def _fields(
    where: str, old: Mapping[str, Field], new: Mapping[str, Field], *, are_sent: bool
) -> Iterator[DocumentChange]:
    gone, added = old.keys() - new.keys() - {""}, new.keys() - old.keys() - {""}
    yield from _named(f"{where} has no more:", _tops(gone), not are_sent)
    yield from _named(f"{where} has more:", _tops(added))
    for at in (each for each in old if each in new):
        was, now = old[at], new[at]
        if was.kind != now.kind and was.kind and now.kind:
            yield DocumentChange("", f"{at or 'the body'} of {where} is {now.kind}, and was {was.kind}", True)
        if was.values != now.values and (was.values or now.values):
            yield from _values(where, at, {*was.values}, {*now.values}, are_sent)


def _values(where: str, at: str, was: set[str], now: set[str], are_sent: bool) -> Iterator[DocumentChange]:
    name = at or "the body"
    if not was or not now:
        yield DocumentChange("", f"{name} of {where} lists {'its values' if now else 'no values any more'}")
        return
    yield from _named(f"{name} of {where} may be", now - was, not are_sent)
    yield from _named(f"{name} of {where} is no more", was - now, are_sent)


def _tops(found: Collection[str]) -> set[str]:
    """Fields without those that stand below another one of them."""
    return {each for each in found if not any(each.startswith(f"{other}/") for other in found)}


def _named(words: str, found: Collection[str], is_breaking: bool = False) -> Iterator[DocumentChange]:
    if found:
        several = sorted(found)
        more = f" and {len(several) - _MANY} more" if len(several) > _MANY else ""
        yield DocumentChange("", f"{words} {', '.join(several[:_MANY])}{more}", is_breaking)


def _required(document: Any, operation: Any) -> set[str]:
    body = operation.get("requestBody", {})
    content: Any = next((each for _, each in members(body.get("content"))), {})
    return {f"/{each}" for each in Shapes(document).said(content.get("schema", {}))["required"]}


def _parameters(operation: Any) -> dict[str, bool]:
    """The parameters of an operation, and whether each must be given."""
    return {f"{each['in']}.{each['name']}": each.get("required", False) for each in operation.get("parameters", ())}


def _around(before: Any, after: Any) -> Iterator[DocumentChange]:
    for word, title in (("servers", "addresses"), ("security", "credentials of all operations")):
        if before.get(word) != after.get(word):
            yield DocumentChange("document", f"other {title}", word == "security")
