"""What a schema refuses → where, what is wrong in a sentence, how to fix it. Knows no word of a contract itself."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import jsonschema

from mockserver import pointers
from mockserver.errors import Mend
from mockserver.json_types import TYPES
from mockserver.loader.alternatives import words_of
from mockserver.suggestions import nearest

_OTHERS = "additionalProperties"
_BOUNDS = {"minItems", "maxItems", "minimum", "maximum", "exclusiveMinimum", "minLength", "maxLength", "uniqueItems"}


class Explanation(NamedTuple):
    """One mistake; `pointer` leads to the word itself, where one is wrong."""

    pointer: str
    sentence: str
    remedy: str
    mend: Mend | None = None


def explain(document: Any, schema: dict[str, Any]) -> list[Explanation]:
    """Every mistake, an unknown word before one that is missing."""
    found = [
        told for error in jsonschema.Draft202012Validator(schema).iter_errors(document) for told in _told(error, schema)
    ]
    misspelt = {told.pointer.rpartition("/")[0] for told in found if told.mend and told.mend.how == "rename"}
    told_once = {(told.pointer, told.sentence): told._replace(pointer=_shown(told)) for told in found}
    # What an object lacks as a whole shows once its misspelt words are mended.
    kept = [told for told in told_once.values() if told.mend is not None or told.pointer not in misspelt]
    return sorted(kept, key=_is_missing)


def _is_missing(told: Explanation) -> bool:
    return told.sentence.endswith(" is missing.")


def _shown(told: Explanation) -> str:
    """A word that is missing stands nowhere: what lacks it does."""
    return told.pointer.rpartition("/")[0] if _is_missing(told) else told.pointer


def _told(error: Any, schema: Any) -> Iterator[Explanation]:
    at = pointers.join("", *error.absolute_path)
    if error.validator in ("oneOf", "anyOf"):
        yield from _of_branches(error, schema, at)
    elif error.context:
        for each in error.context:
            yield from _told(each, schema)
    elif error.validator in ("additionalProperties", "unevaluatedProperties") and error.validator_value is False:
        yield from _unknown(error.instance, error.schema.get("properties", {}), at)
    elif error.validator == "required":
        yield from _missing(error, schema, at)
    elif error.validator == "dependentRequired":
        yield from _missing_beside(error, schema, at)
    else:
        yield _plain(error, at)


def _unknown(instance: Mapping[str, Any], known: Mapping[str, Any], at: str) -> Iterator[Explanation]:
    free = [each for each in known if each not in instance]
    for word in (word for word in instance if word not in known):
        yield _unknown_word(word, free, list(known), at)


def _unknown_word(word: str, free: Sequence[str], known: Sequence[str], at: str) -> Explanation:
    """A word that nobody knows; what may have been meant is one that is not there yet."""
    place, near, sentence = pointers.join(at, word), nearest(word, {*free, *known}), f"unknown word {word!r}."
    told = f"Known: {', '.join(sorted(known)) or 'none'}."
    if near in free:
        return Explanation(place, sentence, f"Did you mean {near!r}? {told}", Mend("rename", place, near))
    why = "Remove it." if near is None else f"Remove it: {near!r} is there."
    return Explanation(place, sentence, f"{why} {told}", Mend("remove", place))


def _missing(error: Any, schema: Any, at: str) -> Iterator[Explanation]:
    """A word that is missing, unless another one that nobody knows is like it."""
    known = _known_words(error.schema)
    for word in error.validator_value if isinstance(error.instance, dict) else ():
        if word in error.instance:
            continue
        strange = [each for each in error.instance if each not in known]
        near = nearest(word, strange)
        if near is not None and error.schema.get("additionalProperties") is not False:
            yield _unknown_word(near, [word], [*known], at)
        form = error.schema.get("properties", {}).get(word, {})
        yield Explanation(
            pointers.join(at, word), f"the word {word!r} is missing.", f"Add {json.dumps(word)}{_form(form, schema)}."
        )


def _missing_beside(error: Any, schema: Any, at: str) -> Iterator[Explanation]:
    """A word that another one cannot do without."""
    for beside, words in error.validator_value.items():
        for word in words if beside in error.instance else ():
            if word not in error.instance:
                form = _form(error.schema.get("properties", {}).get(word, {}), schema)
                yield Explanation(at, f"{beside!r} stands there without {word!r}.", f"Add {json.dumps(word)}{form}.")


def _known_words(schema: Mapping[str, Any]) -> set[str]:
    """The words that a schema knows, in whichever of its branches."""
    found = set(schema.get("properties", ()))
    for each in schema.get("allOf", ()):
        found |= _known_words(each) | _known_words(each.get("then", {}))
    return found


def _form(schema: Any, root: Any) -> str:
    """What stands behind a word that is missing, where an example or few words can say it."""
    schema = _resolved(schema, root)
    if "enum" in schema:
        return f": one of {', '.join(map(str, schema['enum']))}"
    forms = [schema, *(_resolved(each, root) for each in schema.get("oneOf", ()))]
    shown = next((form["examples"] for form in forms if form.get("examples")), None)
    return f": {json.dumps(shown[0])}" if shown else ""


def _resolved(schema: Any, root: Any) -> Any:
    while isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
        schema = pointers.get(root, schema["$ref"].removeprefix("#"))
    return schema if isinstance(schema, dict) else {}


def _of_branches(error: Any, schema: Any, at: str) -> Iterator[Explanation]:
    """What is wrong with the branch that was meant; where none was, what may stand there."""
    branches = [_resolved(each, schema) for each in error.validator_value]
    meant = _meant(error.instance, branches, schema)
    if meant is None:
        yield _no_form(error, branches, schema, at)
        return
    words = [word for branch in branches for word in words_of(branch, schema)]
    if isinstance(error.instance, str) and words:
        yield _unknown_value(error.instance, words, at, branches[meant].get("title") or _title(error.schema, branches))
        return
    inner = [each for each in error.context if each.schema_path[0] == meant]
    for each in inner:
        yield from _told(each, schema)
    if not inner:  # several fit at once
        yield Explanation(at, f"{_brief(error.instance)} can be read in two ways.", "Leave one of its words out.")


def _meant(instance: Any, branches: Sequence[Any], root: Any) -> int | None:
    """The branch that an instance looks like: of its type, with most of its words."""
    kind = TYPES[type(instance)]
    fits = [i for i, branch in enumerate(branches) if kind in _types(branch, root)]
    if not isinstance(instance, dict) or not fits:
        return fits[0] if fits else None
    scores = {i: _likeness(instance, branches[i], root) for i in fits}
    best = max(fits, key=lambda i: scores[i])
    return best if scores[best] or len(fits) == 1 else None


def _likeness(instance: Mapping[str, Any], branch: Mapping[str, Any], root: Any) -> float:
    known, others = branch.get("properties", {}).keys() | set(branch.get("required", ())), branch.get(_OTHERS)
    free = _types(others, root) if isinstance(others, dict) else set()  # of names that anybody may choose
    found = 0.0
    for word, value in instance.items():
        found += 1.0 if word in known else 0.5 if nearest(word, known) else 0.25 * (TYPES[type(value)] in free)
    return found


def _types(schema: Any, root: Any) -> set[str]:
    schema = _resolved(schema, root)
    said = schema.get("type")
    found = {said} if isinstance(said, str) else set(said or ())
    if not found and ("enum" in schema or "const" in schema):
        found = {TYPES[type(each)] for each in schema.get("enum", [schema.get("const")])}
    for word in ("oneOf", "anyOf"):
        found = found.union(*(_types(each, root) for each in schema.get(word, ())))
    return found | ({"integer"} if "number" in found else set())


def _title(schema: Mapping[str, Any], branches: Sequence[Any]) -> str:
    return str(schema.get("title") or next((b["title"] for b in branches if "title" in b), ""))


def _no_form(error: Any, branches: Sequence[Any], schema: Any, at: str) -> Explanation:
    title, shown = _title(error.schema, branches), error.schema.get("examples", ())
    sentence = f"{_brief(error.instance)} is no {title or 'value that may stand here'}."
    if isinstance(error.instance, int | float) and shown and isinstance(shown[0], dict):
        (word,) = list(shown[0])[:1]
        made = {word: error.instance}
        if error.instance >= 0 and isinstance(shown[0][word], int | float):
            return Explanation(at, sentence, f"Write {json.dumps(made)}.", Mend("write", at, made))
    kind = TYPES[type(error.instance)]
    if any(branch.get("type") == "array" and kind in _types(branch.get("items", {}), schema) for branch in branches):
        return Explanation(at, sentence, f"Write {json.dumps([error.instance])}.", Mend("write", at, [error.instance]))
    told = " or ".join(json.dumps(each) for each in shown)
    return Explanation(at, sentence, f"Write it like {told}." if told else "contracts/REFERENCE.md shows the form.")


def _plain(error: Any, at: str) -> Explanation:
    schema, instance = error.schema, error.instance
    if error.validator in ("enum", "const"):
        return _unknown_value(
            instance, error.validator_value if error.validator == "enum" else [error.validator_value], at
        )
    if error.validator == "pattern":
        words = words_of(schema, {})
        if words:
            return _unknown_value(instance, words, at, schema.get("title", ""))
        title = schema.get("title") or f"of the form {error.validator_value}"
        return Explanation(
            at, f"{_brief(instance)} is no {title}.", schema.get("description") or "Write it in that form."
        )
    if error.validator == "type":
        return _wrong_type(error, at)
    if error.validator == "not":
        return Explanation(
            at, f"{_brief(instance)} cannot stand here.", schema.get("description") or "Leave one of its words out."
        )
    said = f"{error.message[:300]}." if error.validator in _BOUNDS else f"{_brief(instance)}: {error.message[-200:]}."
    bound = {"maximum": "most", "minimum": "least"}.get(error.validator)
    return Explanation(at, said, f"Write {error.validator_value} at {bound}." if bound else _example(schema))


def _example(schema: Mapping[str, Any]) -> str:
    shown = schema.get("examples")
    return f"Write it like {json.dumps(shown[0])}." if shown else "contracts/REFERENCE.md shows the form."


def _wrong_type(error: Any, at: str) -> Explanation:
    wanted = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
    above, _, last = at.rpartition("/")
    if wanted == ["object"] and above.endswith("/bindings"):
        name = pointers.split(f"/{last}")[0]
        sentence = f"{name!r} is neither a pointer nor the name of an example with bindings of its own."
        return Explanation(at, sentence, f"Did you mean {f'/{name}'!r}?", Mend("rename", at, f"/{name}"))
    sentence = f"{_brief(error.instance)} is no {' or '.join(wanted)}."
    made = _as_type(error.instance, wanted)
    if made is not None:
        return Explanation(at, sentence, f"Write {json.dumps(made)}.", Mend("write", at, made))
    return Explanation(at, sentence, _example(error.schema))


def _as_type(instance: Any, wanted: Sequence[str]) -> Any:
    """The same value in the type that is wanted, where nobody could have meant another one."""
    if "array" in wanted and isinstance(instance, str | int | float):
        return [instance]
    if isinstance(instance, str):
        try:
            made = json.loads(instance)
        except ValueError:
            return None
        return made if TYPES[type(made)] in {*wanted, *(["integer"] if "number" in wanted else [])} else None
    return (
        str(instance) if wanted == ["string"] and isinstance(instance, int) and not isinstance(instance, bool) else None
    )


def _unknown_value(word: Any, known: Iterable[Any], at: str, title: str = "") -> Explanation:
    words = list(dict.fromkeys(map(str, known)))
    sentence = f"there is no {title} {word!r}." if title else f"{word!r} is not one of the words."
    near = _near(word, words)
    if near is not None:
        listed = f" Known: {', '.join(words)}." if len(words) < 20 else ""
        return Explanation(at, sentence, f"Did you mean {near!r}?{listed}", Mend("write", at, near))
    constant = f" A text that is always the same is {json.dumps({'join': [word]})}." if title == "fact" else ""
    return Explanation(at, sentence, f"Known: {', '.join(words)}.{constant}")


def _near(word: Any, words: Sequence[str]) -> str | None:
    """The word that was meant; of one in two parts, of which the second is free, the first is looked up."""
    free = [each.removesuffix("NAME") for each in words if each.endswith("NAME")]
    head, dot, rest = str(word).partition(".")
    if dot and f"{head}./" in free:
        fixed = nearest(word, [each for each in words if each.startswith(f"{head}.") and "NAME" not in each], 0.8)
        return fixed or f"{head}./{rest.removeprefix('/')}"
    if dot and (near := nearest(f"{head}.", free)) is not None:
        return near + (rest.removeprefix("/") if near.endswith("/") else rest)
    return nearest(word, [each for each in words if not each.endswith("NAME")])


def _brief(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}…"
