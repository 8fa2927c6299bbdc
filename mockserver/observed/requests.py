"""What requests of an operation may be: parameters, bodies, forms and files, by those that were seen. Takes more than
was seen, and refuses what was refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from mockserver.json_types import JsonValue
from mockserver.observed.answers import SEEN
from mockserver.observed.archive import ObservedCall, is_whole
from mockserver.observed.entries import FORM, URLENCODED
from mockserver.observed.model import ObservedOperation
from mockserver.observed.refusals import ObservedRefusals, credential_of
from mockserver.observed.schemas import loosened, schema_of
from mockserver.pointers import MISSING, join
from mockserver.secret_names import sensitive

SAMPLES = {"image": "portrait.png", "audio": "voice.mp3", "video": "portrait.png"}
_DEMO = {"client_id": "demo-client", "client_secret": "demo-secret"}


def parameters_of(op: ObservedOperation) -> list[JsonValue]:
    """Those of the path and of the query."""
    names = [part[1:-1] for part in op.template.split("/") if part.startswith("{")]
    made: list[JsonValue] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}} for name in names
    ]
    queries = [call.query for call in op.good]
    for name in dict.fromkeys(name for query in queries for name in query if not sensitive(name)):
        values = [query[name] for query in queries if name in query]
        schema = _of_texts(values, op.repeated.get(f"query.{name}"))
        made.append({"name": name, "in": "query", "schema": schema, **SEEN})
    return made


def _of_texts(values: Iterable[str], repeated: type | None = None) -> JsonValue:
    """The schema of values that are written as text, and which answers may repeat as something."""
    several = [*values]
    if repeated is not str and several and all(map(is_whole, several)):
        return {"type": "integer"}
    return {"type": "boolean"} if several and set(several) <= {"true", "false"} else {"type": "string"}


def body_of(op: ObservedOperation, refusals: ObservedRefusals) -> JsonValue | None:
    """What an operation takes as its body; None where none was ever sent."""
    calls = [call for call in op.good if call.body is not MISSING or call.files or _is_raw(call)] or [
        call for call in op.calls if call.body is not MISSING or call.files
    ]
    if not calls:
        return None
    content: dict[str, JsonValue] = {}
    for media in dict.fromkeys(call.media or "application/json" for call in calls):
        of_kind = [call for call in calls if (call.media or "application/json") == media]
        content[media] = _content(op, refusals, media, of_kind)
    is_required = len(calls) == len(op.good) and bool(op.good)
    return {"required": True, "content": content} if is_required else {"content": content}


def _is_raw(call: ObservedCall) -> bool:
    return bool(call.media) and call.method in ("PUT", "POST", "PATCH")


def _content(op: ObservedOperation, refusals: ObservedRefusals, media: str, calls: list[ObservedCall]) -> JsonValue:
    if media in (FORM, URLENCODED):
        schema = _form(op, calls)
        example = {**_shown(schema, calls[0]), **{n: _bytes(f.media) for n, f in calls[0].files.items()}}
    elif any(call.body is not MISSING for call in calls):
        bodies = [call.body for call in calls if call.body is not MISSING]
        schema, example = loosened(schema_of(bodies, required=False)), bodies[0]
    else:
        return {"schema": {"type": "string", "format": "binary"}}
    _refuse(op, refusals, schema)
    example = {**example, **{n: v for n, v in _DEMO.items() if n in example}} if op.verb == "token" else example
    return {"schema": {**SEEN, **schema}, "examples": {"seen": {"value": example}}}


def _shown(schema: JsonValue, call: ObservedCall) -> dict[str, JsonValue]:
    fields = call.body if call.body is not MISSING else {}
    types = {name: schema["properties"][name]["type"] for name in fields}
    return {name: int(text) if types[name] == "integer" else text for name, text in fields.items()}


def _bytes(media: str) -> str:
    return f"(bytes of {SAMPLES.get(media.partition('/')[0], 'portrait.png')})"


def _form(op: ObservedOperation, calls: list[ObservedCall]) -> JsonValue:
    fields = [call.body for call in calls if isinstance(call.body, dict)]
    names = dict.fromkeys(name for field in fields for name in field)
    properties: dict[str, JsonValue] = {
        name: _of_texts((field[name] for field in fields if name in field), op.repeated.get(join("", name)))
        for name in names
    }
    for name in dict.fromkeys(name for call in calls for name in call.files):
        properties[name] = {"type": "string", "format": "binary", "minLength": 1}
    return {"type": "object", "properties": properties, "additionalProperties": True}


def _refuse(op: ObservedOperation, refusals: ObservedRefusals, schema: JsonValue) -> None:
    """What was refused because something was missing or empty is refused again."""
    properties = schema.get("properties", {})
    required = sorted(refusals.required.get(op.name, set()) & properties.keys())
    if required:
        schema["required"] = required
    for name in refusals.nonempty.get(op.name, set()) & properties.keys():
        if properties[name].get("type") == "string":
            properties[name]["minLength"] = 1


# --- credentials


def security_of(calls: Iterable[ObservedCall]) -> JsonValue:
    """The scheme by which requests were let in; empty where they carried no credentials."""
    schemes = Counter(scheme for call in calls if call.is_good and (scheme := _scheme(call)) is not None)
    if not schemes:
        return {}
    kind, name = schemes.most_common(1)[0][0]
    if kind == "http":
        return {"type": "http", "scheme": name, **SEEN}
    return {"type": "apiKey", "in": kind, "name": name, **SEEN}


def _scheme(call: ObservedCall) -> tuple[str, str] | None:
    header = credential_of(call)
    if header == "authorization":
        word = call.headers[header].partition(" ")[0]
        return (
            ("http", word if word.lower() not in ("bearer", "basic") else word.lower())
            if " " in call.headers[header]
            else ("header", "Authorization")
        )
    if header:
        return "header", "-".join(part.capitalize() for part in header.split("-"))
    named = next((name for name in call.query if sensitive(name)), "")
    return ("query", named) if named else None


def is_open(op: ObservedOperation) -> bool:
    """Whether an operation lets everybody in."""
    good = [call for call in op.calls if call.is_good]
    return op.signed or any(_scheme(call) is None for call in good)
