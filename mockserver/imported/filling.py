"""Examples of answers in the making, with what they must show: an id, a state, what a job leads to. Knows no verb."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from mockserver import pointers
from mockserver.imported.facts import Field, FieldMap
from mockserver.imported.job_answers import may_be_result, result_name
from mockserver.imported.lexicon import FACT_OF, letters
from mockserver.imported.refusals import fits
from mockserver.imported.sampling import Sampler

_SAYING = ("message", "detail", "description", "reason", "msg")
_MOST = 12
"""So many places of results are looked for in one answer."""


def fill(sampler: Sampler, schema: Any, example: Any, pointer: str) -> None:
    """Let an example have a place that its schema describes, where what is around it may be null or not there."""
    several = pointers.split(pointer)
    for count, part in enumerate(several, 1):
        at = pointers.join("", *several[:count])
        if pointers.get(example, at) not in (None, pointers.MISSING):
            continue
        said, _ = sampler.shapes.at(schema, at)
        holder = pointers.get(example, at.rpartition("/")[0])
        is_first = isinstance(holder, list) and not holder and part == "0"
        if not (is_first or isinstance(holder, dict)) or not (said["properties"] or "type" in said or "enum" in said):
            return
        value = sampler.value({name: said[name] for name in said if name != "null"}, name="" if is_first else part)
        if is_first:
            holder.append(value)
        else:
            holder[part] = value


def reach(example: Any, pointer: str) -> None:
    """Let an example show the id that it is known to have."""
    for index, part in enumerate(pointers.split(pointer)):
        if isinstance(example, list) and part == "0" and example:
            example = example[0]
            continue
        if not isinstance(example, dict):
            return
        is_last = index == pointer.count("/") - 1
        if part not in example or (example[part] is None and not is_last):
            example[part] = "id" if is_last else {}
        example = example[part]


def with_results(
    document: Mapping[str, Any], sampler: Sampler, schema: Any, example: Any, fields: FieldMap,
    asks: Callable[[str], bool],
) -> Any:  # fmt: skip
    """The example with the addresses of results that it may have, in lists and objects that may be empty or absent.

    `asks` says whether a request has a field of a name: then it is no result.
    """
    wanted = [at.replace("*", "0") for at, field in fields.items() if _is_result(at, field, asks)][:_MOST]
    lacking = [at for at in wanted if pointers.get(example, at) in (None, pointers.MISSING)]
    if not lacking:
        return example
    made = copy.deepcopy(example)
    for at in lacking:
        fill(sampler, schema, made, at)
    return made if made == example or fits(document, schema, made) else example


def _is_result(at: str, field: Field, asks: Callable[[str], bool]) -> bool:
    names = [each for each in pointers.split(at) if each != "*"]
    if field.kind not in ("string", "") or any(map(asks, names)) or not at:
        return False
    is_url = field.form in ("uri", "url") or letters("".join(names[-1:])).endswith(("url", "uri", "href"))
    if letters("".join(names[-1:])) in _SAYING and FACT_OF.get(letters("".join(names[-2:-1]))) == "error":
        return True
    return is_url and may_be_result(result_name(at.replace("*", "0")))
