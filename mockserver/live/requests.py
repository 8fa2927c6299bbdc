"""Requests as the contract's examples show them, with real files in place of placeholders. Sends nothing."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as field_of
from itertools import islice
from typing import Any
from urllib.parse import quote, urlencode

from mockserver import pointers
from mockserver.check.requests import file_parts
from mockserver.contract import Contract, Operation
from mockserver.intake import Reference, RequestBody
from mockserver.lifecycle import NONE
from mockserver.live.files import files
from mockserver.media.sniff import EXTENSIONS, canonical, sniff
from mockserver.validation import Schemas, write_json
from mockserver.validation.pairs import FORM, pairs, text

_BOUNDARY = "mockserver-verify-boundary"


@dataclass(frozen=True, slots=True)
class Sample:
    """One request of an operation: the values of its path's parameters, its query, and its body's values.

    `sent` are headers of this one alone.
    """

    operation: Operation
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: RequestBody | None = None
    values: Any = None
    parts: frozenset[str] = NONE
    sent: Mapping[str, str] = field_of(default_factory=dict)

    @property
    def target(self) -> str:
        """Path and query as they are sent."""
        path = self.operation.path
        for name, value in self.path.items():
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
        query = {**dict(required(self.operation, "query")), **self.query}
        return path + (f"?{urlencode(query)}" if query else "")

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The headers that the operation wants of every request, cookies among them."""
        cookies = "; ".join(f"{name}={quote(value)}" for name, value in required(self.operation, "cookie"))
        own = {**dict(required(self.operation, "header")), **self.sent}
        return [*own.items(), *([("Cookie", cookies)] if cookies else [])]

    def encoded(self) -> tuple[str | None, bytes]:
        """Content-Type and body."""
        if self.body is None:
            return None, b""
        kind = self.body.media_type
        if isinstance(self.values, bytes):
            return kind, self.values
        if isinstance(self.values, dict) and kind.startswith("multipart/"):
            return f"{kind}; boundary={_BOUNDARY}", _multipart(self, self.body.deep)
        if isinstance(self.values, dict) and kind == FORM:
            return kind, urlencode([*pairs(self.values, self.body.deep)]).encode()
        return kind, write_json(self.values)  # a form of something else than fields is for the server to refuse

    def places(self, reference: Reference) -> list[str]:
        """Where the request names what a reference is about: pointers, or a parameter of its path or its query."""
        where, _, name = reference.at.partition(".")
        if where in ("path", "query"):
            return [reference.at] if name in (self.path if where == "path" else self.query) else []
        if reference.at[:1] not in ("/", ""):
            return []
        return [at for at, value in pointers.find(self.values, reference.at) if reference.names(value)]

    def having(self, pointer: str, value: Any) -> Sample:
        """The same with another value at a place that is there; with MISSING, without it."""
        where, _, name = pointer.partition(".")
        if where == "path":
            return replace(self, path={**self.path, name: str(value)})
        if where == "query":
            return replace(self, query={**self.query, name: str(value)})
        if where == "header":
            return replace(self, sent={**self.sent, name: str(value)})
        changed = copy.deepcopy(self.values)
        if value is pointers.MISSING:
            above, _, name = pointer.rpartition("/")
            pointers.get(changed, above).pop(pointers.split(f"/{name}")[0])
        else:
            pointers.put(changed, pointer, value)
        return replace(self, values=changed)


def required(operation: Operation, where: str) -> Iterator[tuple[str, str]]:
    """The parameters that no request may lack, each with a value that its schema allows."""
    return ((p.name, text(_allowed(p.schema))) for p in operation.parameters if p.where == where and p.required)


def _allowed(schema: Any) -> Any:
    said = schema if isinstance(schema, dict) else {}
    named = [
        *(said[word] for word in ("const", "default") if word in said),
        *said.get("examples", ()),
        *said.get("enum", ()),
    ]
    if named:
        return named[0]
    number = said.get("minimum", 1)
    usual = {"integer": number, "number": number, "boolean": True}
    return usual.get(str(said.get("type")), "x" * said.get("minLength", 1))


def plain(operation: Operation, identity: str | None = None, **query: str) -> Sample:
    """A request without a body that names `identity` in its path or its query.

    Other parameters of the path have a value that their schema lists, or the same.
    """
    where, _, name = (operation.id_at or "").partition(".")
    named = f"{operation.id_after}{identity or 'none'}"
    path = {p.name: _listed(p.schema) or named for p in operation.parameters if p.where == "path"}
    if where == "path":
        path[name] = named
    if operation.id_in_query and identity is not None:
        query = {operation.id_in_query: named, **query}
    return Sample(operation, path, query)


def _listed(schema: Any) -> str | None:
    """The first value that a schema lists."""
    listed = schema.get("enum", ()) if isinstance(schema, dict) else ()
    return text(listed[0]) if listed else None


def requests_of_examples(contract: Contract, operation: Operation, identity: str | None = None) -> Iterator[Sample]:
    """A request for every example of every media type that the operation takes."""
    base = plain(operation, identity)
    for body in operation.bodies:
        holder = pointers.get(contract.document, body.pointer.removesuffix("/schema"))
        for node in holder.get("examples", {}).values():
            yield having_body(contract, base, body, pointers.resolve(contract.document, node)[0]["value"])


def sendable(contract: Contract, operation: Operation) -> Iterator[Sample]:
    """The same; one that is empty where no example shows one and the contract wants nothing of it."""
    empty = True
    for example in requests_of_examples(contract, operation):
        empty = False
        yield example
    if not empty:
        return
    base = plain(operation)
    if not operation.body_required:
        yield base
        return
    objects = (body for body in operation.bodies if "json" in body.media_type)
    schemas = Schemas(contract.document)
    yield from islice((replace(base, body=b, values={}) for b in objects if schemas.at(b.pointer).is_valid({})), 1)


def having_body(contract: Contract, asked: Sample, body: RequestBody, value: Any) -> Sample:
    """A request with a body as an example shows it."""
    if isinstance(value, str):
        return replace(asked, body=body, values=value.encode("latin-1", "replace"))
    parts = file_parts(contract, asked.operation, body)
    values = _with_files(asked.operation, value, parts) if isinstance(value, dict) else value
    return replace(asked, body=body, values=values, parts=parts)


def _with_files(operation: Operation, values: Any, parts: frozenset[str]) -> Any:
    """Placeholders become real files that the operation accepts."""
    changed = dict(values)
    for name in parts & changed.keys():
        several = changed[name] if isinstance(changed[name], list) else [changed[name]]
        made = [_file(operation, name, each) if isinstance(each, str) else each for each in several]
        changed[name] = made if isinstance(changed[name], list) else made[0]
    return changed


def _file(operation: Operation, name: str, shown: str) -> bytes:
    rule = operation.files.get(name)
    data = shown.encode("latin-1", "replace")
    if rule is None or sniff(data) in {canonical(kind) for kind in rule.accept}:
        return data
    by_name = EXTENSIONS.get(shown.rstrip(")").rpartition(".")[2].lower())
    wanted = [by_name, *rule.accept] if by_name in rule.accept else list(rule.accept)
    return next((files()[kind] for kind in wanted if kind in files()), data)


def _multipart(asked: Sample, deep: frozenset[str]) -> bytes:
    lines: list[bytes] = []
    parts, rules = asked.parts, asked.operation.files
    for name, value in asked.values.items():
        is_deep = name in deep and isinstance(value, dict | list) and name not in parts
        several = [(name, each) for each in (value if isinstance(value, list) else [value])]
        for field, each in pairs({name: value}, deep) if is_deep else several:
            lines.append(f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"'.encode())
            if name in parts and isinstance(each, bytes):
                accepted = rules[name].accept[0] if name in rules else "*/*"
                kind = sniff(each) or (accepted if "*" not in accepted else "application/octet-stream")
                lines.append(f'; filename="{name}"\r\nContent-Type: {kind}\r\n\r\n'.encode() + each + b"\r\n")
            else:
                lines.append(f"\r\n\r\n{text(each)}\r\n".encode())
    return b"".join([*lines, f"--{_BOUNDARY}--\r\n".encode()])
