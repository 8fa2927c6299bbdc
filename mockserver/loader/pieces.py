"""Words about uploads in pieces: how each request says which piece it brings. Knows no request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mockserver import pointers
from mockserver.contract import Contract, Operation
from mockserver.intake import IN_PIECES, Joins, Pieces
from mockserver.loader.source import BEHAVIOR, OPENAPI, Source
from mockserver.suggestions import mend_word

_PLACES: Mapping[str, Mapping[str, str]] = {
    "range": {"range": "header.Content-Range"},
    "offset": {"offset": "header.Upload-Offset"},
    "commands": {"command": "", "offset": ""},
    "parts": {"number": ""},
}
"""What a style is told in requests, and where, unless it is said."""


def in_pieces(data: Any) -> dict[str, Any]:
    """How the bytes of an operation come in pieces, and whether it joins those of another one."""
    style, joins = data.get("style"), data.get("joins")
    places = {**_PLACES[style], **data.get("places", {})} if style in IN_PIECES else {}
    pieces = Pieces(style, places, data.get("cancels", "")) if places else None
    said = Joins() if joins is True else Joins(joins["numbers"], joins.get("tags", "")) if joins else None
    return {"pieces": pieces, "joins": said}


def needed_by_uploads(operation: Operation) -> set[str]:
    """The problems of an upload, whole or in pieces, and of what joins them."""
    style = operation.pieces.style if operation.pieces is not None else ""
    found = {f"{word.replace('bytes', 'size')}_mismatch" for word in operation.announced}
    found |= {"offset_mismatch"} if style in ("range", "offset", "commands") else set()
    return found | ({"part_mismatch"} if operation.joins is not None else set())


def check_pieces(source: Source, contract: Contract) -> None:
    """Note words of uploads that nothing can come of."""
    behavior = source.behavior["operations"]
    for operation in contract.operations.values():
        data = behavior[operation.id]
        for sentence, word, remedy in _wrong(contract, operation, data):
            source.say(BEHAVIOR, pointers.join("/operations", operation.id, *word.split("/")), sentence, remedy)
        forms = [body.media_type for body in operation.bodies if body.media_type.startswith("multipart/")]
        style = data.get("style", "")
        if (style == "form") != bool(forms) and style:
            sentence = f"the style of {operation.id} is {style!r}, and its body is {_kinds(operation)}."
            remedy = "Declare multipart/form-data alone." if style == "form" else "Declare a media type of bytes alone."
            source.say(OPENAPI, f"{operation.pointer}/requestBody", sentence, remedy)


def _kinds(operation: Operation) -> str:
    return " or ".join(body.media_type for body in operation.bodies) or "none"


def _wrong(contract: Contract, operation: Operation, data: Any) -> Iterator[tuple[str, str, str]]:
    """Sentences about an operation, each with the word that is wrong and a remedy."""
    style = data.get("style", "")
    if "places" in data and style not in IN_PIECES:
        yield "places are those of an upload in pieces.", "places", f"Add a style: {', '.join(sorted(IN_PIECES))}."
    if operation.pieces is not None:
        known = _PLACES[style]
        for word in sorted(operation.pieces.places.keys() - known.keys()):
            yield f"the style {style!r} asks for no {word}.", f"places/{word}", f"It asks for {', '.join(known)}."
        for word in (word for word, place in operation.pieces.places.items() if not place):
            yield (
                f"where a request says its {word} is not said.",
                "style",
                f'Add "places": {{"{word}": "header.NAME"}}.',
            )
    if "cancels" in data and style != "commands":
        yield (
            "cancels is where the command `cancel` leads.",
            "cancels",
            'Add "style": "commands", or an operation `move`.',
        )
    elif "cancels" in data:
        yield from _wrong_end(contract, operation, data["cancels"])
    if style == "offset" and "bytes" not in operation.announced:
        sentence = "nothing says how many bytes there will be, so the upload is never complete."
        yield sentence, "style", 'Add "announced": {"bytes": a place in the request that creates the resource}.'
    yield from _wrong_parts(contract, operation, style)


def _wrong_end(contract: Contract, operation: Operation, state: str) -> Iterator[tuple[str, str, str]]:
    """A state to which nobody can cancel."""
    for name in operation.resources:
        known = contract.resources[name].states
        if state not in known:
            yield f"there is no state {state!r}.", "cancels", mend_word(state, known)


def _wrong_parts(contract: Contract, operation: Operation, style: str) -> Iterator[tuple[str, str, str]]:
    """Parts and what joins them need each other."""
    others = [o for o in contract.operations.values() if set(o.resources) & set(operation.resources)]
    if style == "parts" and not any(o.joins for o in others):
        sentence = f"the parts of {operation.id} are never made one."
        yield sentence, "style", 'Add "joins": true to an operation of the verb move.'
    if operation.joins is not None and not any(o.pieces and o.pieces.style == "parts" for o in others):
        sentence = f"{operation.id} joins parts, and nothing takes them."
        yield sentence, "joins", 'Add an operation of the verb upload with "style": "parts".'
