"""Refusals in the vendor's shape, where the document has one: `x-responses` of an imported contract.

Under which status and in which shape a document refuses is read off its operations; the words are ours.
"""

from __future__ import annotations

import copy
from collections import Counter
from typing import Any

from mockserver import pointers
from mockserver.errors import ContractError
from mockserver.imported.facts import Guess, is_json, listing
from mockserver.imported.lexicon import SUCCEEDS, letters
from mockserver.imported.sampling import Sampler
from mockserver.validation import Schemas

_PROBLEMS = {
    400: ("bad_request", "malformed_request"), 401: ("missing_key", "unknown_key", "deactivated_key"),
    404: ("not_found", "unknown_path"), 405: ("wrong_method",), 413: ("too_large",), 415: ("unsupported_body",),
    429: ("rate_limited",), 431: ("headers_too_large",),
}  # fmt: skip
WHY = {
    "bad_request": "The request is not as it should be", "malformed_request": "Malformed request",
    "missing_key": "Send your key", "unknown_key": "The key is not known",
    "deactivated_key": "The key was switched off",
    "not_found": "There is no such thing", "unknown_path": "There is nothing here",
    "wrong_method": "The method is not allowed", "too_large": "The request is too large",
    "unsupported_body": "The media type is not taken", "rate_limited": "Too many requests",
    "headers_too_large": "The headers are too large",
}  # fmt: skip
_NO_CREDITS = "There are too few credits"
_SAYING = ("message", "detail", "error", "errormessage", "description", "title", "reason", "msg")
_LEAST = {"type": "object", "properties": {"error": {"type": "string"}}, "required": ["error"]}


def take_refusals(document: Any) -> dict[int, list[Any]]:
    """The schemas of the refusals by status, which are taken away from the operations."""
    found: dict[int, list[Any]] = {}
    for item in document["paths"].values():
        for operation in item.values():
            for status in [each for each in operation["responses"] if not each.startswith(("2", "3"))]:
                content = operation["responses"].pop(status).get("content", {})
                told = next((each.get("schema") for kind, each in content.items() if is_json(kind)), None)
                found.setdefault(int(status) if status.isdecimal() else 0, []).extend(
                    [told] if isinstance(told, dict) else []
                )
    return found


def conflicts(document: Any) -> dict[str, Any]:
    """By operation the content of its own 409 that is JSON: what it says where a job is not in a state for it.

    Empty where it has one and does not say how that looks.
    """
    found: dict[str, Any] = {}
    for item in document["paths"].values():
        for operation in item.values():
            content = operation["responses"].get("409", {}).get("content", {})
            said = {kind: each for kind, each in content.items() if is_json(kind) and "schema" in each}
            is_open = "409" in operation["responses"] and not content
            found |= {operation["operationId"]: said} if said or is_open else {}
    return found


def unpaid(document: Any) -> dict[str, Any]:
    """By operation that refuses for want of credits the schema of that refusal; an empty one where it says none."""
    found: dict[str, Any] = {}
    for item in document["paths"].values():
        for operation in item.values():
            content = operation["responses"].get("402", {}).get("content", {})
            if "402" in operation["responses"]:
                said = next((each.get("schema") for kind, each in content.items() if is_json(kind)), None)
                found[operation["operationId"]] = said if isinstance(said, dict) else {}
    return found


def want_credits(document: Any, schema: Any) -> None:
    """Let a refusal for want of credits be answered: as the document shows it, else as all refusals look."""
    usual: Any = copy.deepcopy(document["x-responses"]["404"])
    content = usual["content"]["application/json"]
    value = said_why(content["examples"]["not_found"]["value"], _NO_CREDITS)
    own = Sampler(document).value(schema) if schema else None
    if isinstance(own, dict) and fits(document, schema, shown := said_why(own, _NO_CREDITS)):
        content["schema"], value = schema, shown
    content["examples"] = {"no_credits": {"value": value}}
    document["x-responses"]["402"] = usual


def never_given(vendor: Any, openapi: Any, behavior: Any) -> list[Guess]:
    """The refusals that a document declares and no operation of the contract gives, in one row."""
    found: dict[str, list[str]] = {}
    for path, item in openapi["paths"].items():
        for method, operation in item.items():
            name = operation["operationId"]
            given = {*operation["responses"], *openapi["x-responses"]}
            given -= set() if behavior["operations"].get(name, {}).get("verb") == "create" else {"402"}
            for status in vendor["paths"].get(path, {}).get(method, {}).get("responses", {}):
                if status.isdecimal() and status >= "400" and status not in given:
                    found.setdefault(status, []).append(name)
    told = [f"{status} ({listing(names, 3)})" for status, names in sorted(found.items())]
    why = f"the document declares {', '.join(told)}, and nothing here leads to it"
    return [Guess("refusals", "never given by themselves", why, "a fault or a match gives them")] if told else []


def led_away(document: Any) -> dict[str, Any]:
    """By operation that is answered otherwise, too, its answers that lead elsewhere by a header, by status."""
    found: dict[str, Any] = {}
    for item in document["paths"].values():
        for operation in item.values():
            responses = operation["responses"]
            led = {
                each: response for each, response in responses.items() if each.startswith("3") and "headers" in response
            }
            if led and any(response.startswith("2") for response in responses):
                found[operation["operationId"]] = dict([*led.items()][:1])
    return found


def refusals(document: Any, said: dict[int, list[Any]]) -> tuple[dict[str, Any], str]:
    """`x-responses`, and the pointer at which a refusal says why; empty where it says it nowhere."""
    statuses = {status: _status(status, said) for status in _PROBLEMS}
    usual = _usual(document, [each for several in said.values() for each in several])
    made: dict[str, Any] = {}
    for status, problems in _PROBLEMS.items():
        at = str(statuses[status] if "bad_request" in problems else status)
        for problem in problems:
            where = at if problem == "bad_request" else str(status)
            holder = made.setdefault(where, _empty(usual[0]))
            holder["content"]["application/json"]["examples"][problem] = {"value": _worded(usual, WHY[problem])}
    return made, usual[2]


def _status(status: int, said: dict[int, list[Any]]) -> int:
    """A request that is wrong is 400, or 422 where the document knows that alone."""
    return 422 if status == 400 and 422 in said and 400 not in said else status


def _empty(schema: Any) -> dict[str, Any]:
    content = {"schema": schema, "examples": {}}
    return {"description": "Refused", "x-evidence": "assumed", "content": {"application/json": content}}


def _usual(document: Any, said: list[Any]) -> tuple[Any, Any, str]:
    """The schema of most refusals, a value of it, and where that says why."""
    counted = Counter(map(repr, said))
    sampler = Sampler(document)
    for schema in sorted(said, key=lambda each: -counted[repr(each)]):
        for is_least in (False, True):
            value = sampler.value(schema, is_least=is_least)
            at = _saying(value)
            if (
                isinstance(value, dict)
                and at
                and fits(document, schema, _worded((schema, value, at), WHY["not_found"]))
            ):
                return schema, value, at
    return _LEAST, {"error": ""}, "/error"


def _saying(value: Any) -> str:
    """Where a refusal says why: the field with the likeliest name that holds a text."""
    rows = [(at, letters(at.rpartition("/")[2])) for at, each in pointers.walk(value) if isinstance(each, str)]
    found = [(_SAYING.index(name), at.count("/"), at) for at, name in rows if name in _SAYING]
    return min(found)[2] if found else ""


def said_why(value: Any, why: str) -> Any:
    """A refusal that says another thing, where it says anything."""
    at = _saying(value)
    return _worded(({}, value, at), why) if at else value


def _worded(usual: tuple[Any, Any, str], why: str) -> Any:
    value = copy.deepcopy(usual[1])
    pointers.put(value, usual[2], why)
    for at, each in [*pointers.walk(value)]:
        if each is True and letters(at.rpartition("/")[2]) in SUCCEEDS:
            pointers.put(value, at, False)
    return value


def fits(document: Any, schema: Any, value: Any) -> bool:
    """Whether a value is one of a schema; a schema that cannot be read has none."""
    components = document.get("components", {})
    try:
        return bool(Schemas({"components": components, "x": schema}).at("/x").is_valid(value))
    except (ContractError, ValueError):
        return False
