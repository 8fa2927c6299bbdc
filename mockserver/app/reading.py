"""A request's parameters and body → checked values. Knows ASGI messages and contracts, but no sandbox's state.

Refusals follow the fixed order: unsupported media type 415, then size 413, then everything else 400.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from mockserver import pointers
from mockserver.app.form_fields import FormMembers
from mockserver.app.form_files import judged, put_in_place, refuse_empty, uploads
from mockserver.app.incoming import ClientLeft, Incoming
from mockserver.app.parameters import Parameters
from mockserver.contract import Contract, Operation
from mockserver.errors import RequestError, let_go
from mockserver.intake import RequestBody
from mockserver.kept import kept_uploads
from mockserver.operations import Breach
from mockserver.upload_store import Arriving, Upload
from mockserver.validation import (
    UNDERSTOOD,
    FieldRule,
    PartRule,
    Schemas,
    Validator,
    anything,
    coerce_fields,
    coerce_form,
    field_rules,
    is_json,
    matches,
    media_type,
    parse_json,
    parse_urlencoded,
)
from mockserver.validation.absence import fields_of, without_blanks, without_nulls
from mockserver.webhooks.relaxed import REMEDY, https_only, is_plain_http, relaxed

_REMEMBERED = 1000
ANYTHING = anything()
"""What a body is that the contract says nothing of."""
_OTHERS = "any other"  # of an operation that reads any body; no media type is written so
BYTES = "application/octet-stream"
"""What a body without Content-Type is taken for, as RFC 9110 allows."""


class BodyReader:
    """How one operation reads one media type."""

    def __init__(
        self, contract: Contract, operation: Operation, body: RequestBody, schemas: Schemas, secure: frozenset[str]
    ) -> None:
        self.body = body
        self.secure = secure  # the pointers at which a target must be https
        self.operation = operation
        self.validator: Validator = schemas.at(body.pointer) if body.schema != {} else ANYTHING
        self.rules: dict[str, FieldRule] = field_rules(body.schema, schemas.document)
        self.fields = fields_of(body.schema, schemas.document, says_null=bool(operation.sets))
        self.members = FormMembers(body, schemas.document)
        stored: set[str] = {s for r in operation.results.values() for many in r.sources.values() for s in many}
        if operation.resources:
            stored |= kept_uploads(contract, operation.resources[0])
        if operation.verb == "upload":
            stored |= {name for name, rule in self.rules.items() if rule.file}
        self.parts = {name: PartRule(operation.max_bytes, True) for name in sorted(stored - operation.files.keys())}
        self.parts |= {n: PartRule(rule.max_bytes, n in stored) for n, rule in operation.files.items()}
        for name, stand in operation.stands.items():
            self.parts[name] = replace(self.parts[stand.field], or_text=True)

    def json(self, body: bytes) -> Any:
        """The values of a JSON body, without what only stands for fields left out. Raises RequestError."""
        values = parse_json(body)
        if b"null" in body:
            values = without_nulls(values, self.fields)
        return self.present(values) if self.operation.blank else values

    def present(self, values: Any) -> Any:
        """The values without the empty texts that stand for fields left out."""
        return without_blanks(values, self.operation.blank)


class Entrance:
    """How the requests of one contract are read; `insecure` accepts plain http webhook targets as well."""

    def __init__(self, contract: Contract, *, insecure: bool = False) -> None:
        document = relaxed(contract) if insecure else contract.document
        secure: frozenset[str] = frozenset() if insecure else https_only(contract)
        self.schemas = Schemas(document, file=f"{contract.name}/openapi.json")
        self.contract = contract
        self._chosen: dict[tuple[str, str], BodyReader] = {}
        self.readers = {
            o.id: [BodyReader(contract, o, body, self.schemas, secure) for body in o.bodies]
            for o in contract.operations.values()
        }
        self._others = {
            o.id: BodyReader(contract, o, o.bodies[0]._replace(media_type=_OTHERS), self.schemas, secure)
            for o in contract.operations.values()
            if o.reads_any_body and o.bodies
        }
        self.parameters = Parameters(contract, self.schemas, document)

    async def values(
        self, operation: Operation, content_type: str, incoming: Incoming, off: frozenset[str], *, strict: bool = False
    ) -> tuple[Any, dict[str, list[Upload]]]:
        """The body's values and files; `strict` refuses files that are not what they are said to be.

        Raises RequestError, Refused or ClientLeft.
        """
        if incoming.done and not content_type and operation.verb == "upload":
            return await _raw(self.readers[operation.id][0], content_type, incoming, off, strict)
        if incoming.done and not content_type and not operation.reads_any_body:
            if operation.body_required:
                raise RequestError("", "the request has no body")
            return None, {}
        reader = self._reader(operation, content_type)
        if incoming.coding is None:
            why = f"the Content-Encoding of the body must be one of {UNDERSTOOD}"
            problem = "bad_request" if operation.reads_any_body else "unsupported_body"
            raise Breach(problem, why, headers=((b"accept-encoding", UNDERSTOOD.encode()),))
        files: dict[str, list[Upload]] = {}
        try:
            read_body = _how(reader.body.media_type)
            values, files = await read_body(reader, content_type, incoming, off, strict)
            self._refuse_fields(values, off)
        except RequestError as error:
            for upload in (each for uploads in files.values() for each in uploads):
                upload.discard()
            if error.pointer in operation.invalid and not error.missing:
                name, field = operation.invalid[error.pointer], error.pointer.lstrip("/")
                raise Breach(name, error.why, field, remedy=error.remedy) from None
            raise
        return values, files

    def at_once(self, operation: Operation, content_type: str, body: bytes, off: frozenset[str]) -> Any:
        """The values of a whole JSON body; MISSING when it is something else or breaks the contract."""
        try:
            reader = self._reader(operation, content_type)
            if reader.body.media_type != "application/json" or len(body) > operation.text_bytes:
                return pointers.MISSING
            values = reader.json(body)
            if off:
                self._refuse_fields(values, off)
            return values if reader.validator.is_valid(values) else pointers.MISSING
        except (RequestError, Breach, ValueError) as error:
            let_go(error)
            return pointers.MISSING

    def _reader(self, operation: Operation, content_type: str) -> BodyReader:
        """Who reads a body of this type. Raises Refused."""
        remembered = self._chosen.get((operation.id, content_type))
        if remembered is not None:
            return remembered
        kind, _ = media_type(content_type or BYTES)
        for reader in self.readers[operation.id]:
            if matches(kind, reader.body.media_type):
                if len(self._chosen) < _REMEMBERED and len(content_type) < 40:  # not those with a boundary
                    self._chosen[(operation.id, content_type)] = reader
                return reader
        if operation.reads_any_body:
            return self._others[operation.id]
        accepted = ", ".join(b.media_type for b in operation.bodies)
        raise Breach(
            "unsupported_body", f"the body must be {accepted}, not {(content_type and kind) or 'without Content-Type'}"
        )

    def _refuse_fields(self, values: Any, off: frozenset[str]) -> None:
        for name in off:
            for pointer in self.contract.quirks[name].refuse:
                if pointers.get(values, pointer) is not pointers.MISSING:
                    raise RequestError(pointer, f"{pointer[1:]} is not known")


ReadBody = tuple[Any, dict[str, list[Upload]]]
Off = frozenset[str]  # the quirks that are off


async def _json(reader: BodyReader, content_type: str, incoming: Incoming, off: Off, strict: bool) -> ReadBody:
    values = reader.json(await incoming.all(reader.operation.text_bytes))
    _check(reader, values)
    return values, {}


async def _urlencoded(reader: BodyReader, content_type: str, incoming: Incoming, off: Off, strict: bool) -> ReadBody:
    pairs, members = reader.members.of(parse_urlencoded(await incoming.all(reader.operation.text_bytes)))
    values = reader.present({**coerce_fields(pairs, reader.rules), **members})
    _check(reader, values)
    return values, {}


async def _multipart(reader: BodyReader, content_type: str, incoming: Incoming, off: Off, strict: bool) -> ReadBody:
    from mockserver.validation import FormReader

    form_reader = FormReader(content_type, rules=reader.parts)
    try:
        async for chunk in incoming.chunks():
            form_reader.feed(chunk)
        form = form_reader.finish()
    except BaseException:
        form_reader.discard()
        raise
    put_in_place(form, reader.operation, off)
    try:
        kinds = judged(form.files, reader.operation, strict)
        refuse_empty(form.empty, reader.operation)
        fields, members = reader.members.of(form.fields)
        values = coerce_form(fields, [(p.name, p.filename or "file") for p in form.files], reader.rules)
        values = reader.present({**values, **members})
        _check(reader, values)
    except BaseException:
        form.discard()
        raise
    return values, uploads(form.files, kinds)


async def _nothing(reader: BodyReader, content_type: str, incoming: Incoming, off: Off, strict: bool) -> ReadBody:
    """What is made of a body that a form's reader passes by: a form without fields."""
    await incoming.drain()
    values: dict[str, Any] = {}
    _check(reader, values)
    return values, {}


async def _raw(reader: BodyReader, content_type: str, incoming: Incoming, off: Off, strict: bool) -> ReadBody:
    arriving, pieces, is_cut = Arriving(), reader.operation.pieces, False
    try:
        async for chunk in incoming.chunks():
            if incoming.size > reader.operation.max_bytes:
                raise Breach("too_large", f"the body is larger than {reader.operation.max_bytes} bytes")
            arriving.write(chunk)
    except ClientLeft:
        if pieces is None or pieces.style == "parts" or not arriving.head:
            arriving.discard()
            raise
        is_cut = True  # what has arrived is kept: the client will go on there
    except BaseException:
        arriving.discard()
        raise
    upload = arriving.close(media_type(content_type)[0], "body", is_whole=pieces is None)
    upload.is_cut = is_cut
    return None, {"body": [upload]}


def _check(reader: BodyReader, values: Any) -> None:
    error = reader.validator.check(values)
    if error is not None:
        if error.pointer in reader.secure and is_plain_http(pointers.get(values, error.pointer)):
            error.remedy = REMEDY
        raise error


def _how(declared: str) -> Callable[[BodyReader, str, Incoming, Off, bool], Awaitable[ReadBody]]:
    """How a body of a declared type is read."""
    return _READ.get(declared, _json if is_json(declared) else _raw)


_READ: Mapping[str, Callable[[BodyReader, str, Incoming, Off, bool], Awaitable[ReadBody]]] = {
    "application/x-www-form-urlencoded": _urlencoded,
    "multipart/form-data": _multipart,
    _OTHERS: _nothing,
}
