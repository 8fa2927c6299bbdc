"""Words of OpenAPI and JSON Schema that nobody knows, and that are like a known one: a table of what may stand where.

Others are left alone: OpenAPI lets further words begin with `x-`, JSON Schema ignores what it does not know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mockserver import pointers
from mockserver.errors import Mend
from mockserver.json_types import TYPE_NAMES
from mockserver.loader.source import OPENAPI, Source
from mockserver.suggestions import is_like, nearest

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
FORMATS = frozenset((
    "date-time", "date", "time", "duration", "email", "idn-email", "hostname", "idn-hostname", "ipv4", "ipv6", "uri",
    "uri-reference", "uri-template", "iri", "iri-reference", "uuid", "json-pointer", "relative-json-pointer", "regex",
    "int32", "int64", "uint32", "uint64", "float", "double", "decimal", "byte", "binary", "password", "url", "unixtime",
    "timestamp", "int8", "int16", "uint8", "uint16", "char", "base64", "base64url", "html", "commonmark", "media-range",
))  # fmt: skip
_TALK = "summary description deprecated externalDocs $ref"
_ABOUT_VALUES = f"{_TALK} example examples:{{example style explode allowReserved required schema:schema content:{{media"
_TABLE = {
    "document": "openapi $self info:info jsonSchemaDialect servers:[server paths:{path webhooks:{path"
    " components:components security tags externalDocs",
    "info": "title summary description termsOfService contact license version",
    "server": "url description variables name",
    "path": f"{_TALK} {' '.join(f'{m}:operation' for m in METHODS)} servers:[server parameters:[parameter"
    " additionalOperations:{operation",
    "operation": f"{_TALK} tags operationId parameters:[parameter requestBody:body responses:{{response callbacks"
    " security servers:[server",
    "parameter": f"name in allowEmptyValue {_ABOUT_VALUES}",
    "header": _ABOUT_VALUES,
    "body": f"{_TALK} content:{{media required",
    "media": "schema:schema itemSchema:schema example examples:{example encoding:{encoding itemEncoding prefixEncoding"
    " $ref description",
    "encoding": "contentType headers:{header style explode allowReserved encoding itemEncoding prefixEncoding",
    "response": f"{_TALK} headers:{{header content:{{media links:{{link",
    "example": f"{_TALK} value externalValue dataValue serializedValue",
    "link": f"{_TALK} operationRef operationId parameters requestBody server",
    "components": "schemas:{schema responses:{response parameters:{parameter examples:{example requestBodies:{body"
    " headers:{header securitySchemes:{scheme links:{link callbacks pathItems:{path mediaTypes:{media",
    "scheme": f"{_TALK} type name in scheme bearerFormat flows openIdConnectUrl oauth2MetadataUrl",
    "schema": "$schema $id $ref $anchor $dynamicRef $dynamicAnchor $vocabulary $comment $defs:{schema"
    " definitions:{schema type enum const multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength"
    " minLength pattern maxItems minItems uniqueItems maxContains minContains maxProperties minProperties required"
    " dependentRequired dependentSchemas:{schema properties:{schema patternProperties:{schema"
    " additionalProperties:schema propertyNames:schema items:schema prefixItems:[schema contains:schema"
    " unevaluatedItems:schema unevaluatedProperties:schema allOf:[schema anyOf:[schema oneOf:[schema not:schema"
    " if:schema then:schema else:schema format contentEncoding contentMediaType contentSchema:schema title description"
    " default deprecated readOnly writeOnly examples example discriminator xml externalDocs nullable id",
}
KeywordTable = Mapping[str, tuple[str, str]]


def _words(text: str) -> KeywordTable:
    """By word what stands behind it: how many (`{` a map, `[` a list, "" one), and of which kind."""
    found = {}
    for each in text.split():
        word, _, kind = each.partition(":")
        found[word] = (kind[:1] if kind[:1] in "{[" else "", kind.lstrip("{["))
    return found


KINDS: Mapping[str, KeywordTable] = {kind: _words(text) for kind, text in _TABLE.items()}


VALUES: Mapping[tuple[str, str], Sequence[str]] = {
    ("scheme", "type"): ("apiKey", "http", "oauth2", "openIdConnect", "mutualTLS"),
    ("scheme", "in"): ("header", "query", "cookie"),
    ("parameter", "style"): (
        "matrix", "label", "form", "simple", "spaceDelimited", "pipeDelimited", "deepObject", "cookie"),
    ("encoding", "style"): ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
}  # fmt: skip


def check_keywords(source: Source) -> None:
    """Note each word, type and format of openapi.json that is misspelt."""
    for node, kind, at in nodes(source.openapi):
        for word in node:
            if word not in KINDS[kind] and not word.startswith(("x-", "/")):
                _check_word(source, kind, at, word, node)
        for word, value in node.items():
            known = VALUES.get((kind, word), ())
            if known and isinstance(value, str) and value not in known:
                meant = nearest(value, known)
                told = f"Did you mean {meant!r}? " if meant else ""
                mend = Mend("write", pointers.join(at, word), meant) if meant else None
                remedy = f"{told}Known: {', '.join(known)}."
                source.say(OPENAPI, pointers.join(at, word), f"{value!r} is no {word} of a {kind}.", remedy, mend)
        if kind == "schema":
            _check_schema(source, at, node)


def _say(source: Source, at: str, sentence: str, how: Any, meant: str) -> None:
    source.say(OPENAPI, at, sentence, f"Did you mean {meant!r}?", Mend(how, at, meant))


def nodes(root: Any) -> Iterator[tuple[Mapping[str, Any], str, str]]:
    """Every (object, kind, pointer) of a document."""
    waiting = [(root, "document", "")]
    while waiting:
        node, kind, at = waiting.pop()
        if isinstance(node, dict):
            yield node, kind, at
            words = KINDS[kind]
            for word in node.keys() & words.keys():
                many, inner = words[word]
                if inner:
                    waiting += _below(node[word], many, inner, pointers.join(at, word))


def _below(value: Any, many: str, kind: str, at: str) -> list[tuple[Any, str, str]]:
    if many == "{":
        members = value.items() if isinstance(value, dict) else ()
        return [(each, kind, pointers.join(at, name)) for name, each in members]
    if many == "[":
        return [(each, kind, f"{at}/{i}") for i, each in enumerate(value if isinstance(value, list) else ())]
    return [(value, kind, at)]


def _check_word(source: Source, kind: str, at: str, word: str, node: Mapping[str, Any]) -> None:
    """A word that is like a known one: in its place, or, where that is there as well, too many."""
    place, sentence = pointers.join(at, word), f"unknown word {word!r}."
    near = nearest(word, [each for each in KINDS[kind] if each not in node])
    if near is not None and (kind != "schema" or is_like(word, near)):
        _say(source, place, sentence, "rename", near)
    elif (near := nearest(word, KINDS[kind].keys() & node.keys())) is not None and is_like(word, near):
        source.say(OPENAPI, place, sentence, f"Remove it: {near!r} is there.", Mend("remove", place))


def _check_schema(source: Source, pointer: str, node: Mapping[str, Any]) -> None:
    types = node.get("type")
    for index, each in enumerate(types if isinstance(types, list) else [types]):
        at = f"{pointer}/type/{index}" if isinstance(types, list) else f"{pointer}/type"
        if isinstance(each, str) and each not in TYPE_NAMES:
            meant = _ELSEWHERE.get(each.lower()) or nearest(each, TYPE_NAMES)
            remedy = f"{f'Did you mean {meant!r}? ' if meant else ''}Known: {', '.join(TYPE_NAMES)}."
            mend = None if meant is None else Mend("write", at, meant)
            source.say(OPENAPI, at, f"there is no type {each!r}.", remedy, mend)
    shown = node.get("format")
    if isinstance(shown, str) and shown not in FORMATS and "type" in node:
        meant = nearest(shown, FORMATS)
        if meant is not None and is_like(shown, meant):
            _say(source, f"{pointer}/format", f"{shown!r} is no format that is known.", "write", meant)


_ELSEWHERE = {
    "int": "integer", "long": "integer", "float": "number", "double": "number", "str": "string", "text": "string",
    "bool": "boolean", "list": "array", "dict": "object", "map": "object", "none": "null", "nil": "null",
    "any": "object", "file": "string", "date": "string", "datetime": "string",
}  # fmt: skip
"""Types as other languages call them."""
