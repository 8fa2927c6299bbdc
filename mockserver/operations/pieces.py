"""Uploads that come in several requests: a piece is kept, what is there is told, and the whole made of the pieces.

How a request says which piece it brings is a closed table, by the `style` of its operation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from mockserver import pointers
from mockserver.bounds import PART_NUMBERS, PIECES
from mockserver.intake import INCOMPLETE, Pieces
from mockserver.jobs import PlannedJob
from mockserver.operations import moves
from mockserver.operations.call import Breach, Call, Refused, own_job, rewritten
from mockserver.operations.decision import Decision, LookedUp, More
from mockserver.operations.places import value_at, values_at
from mockserver.state.port import Effect, Forget, KeepUpload
from mockserver.store import Handle
from mockserver.upload_store import Upload
from mockserver.uploaded import PIECE, pieces_of

_RANGE = re.compile(r"bytes (?:(\d{1,15})-(\d{1,15})|\*)/(\d{1,15}|\*)")
_COMMANDS = ("upload", "finalize", "query")
_CANCEL = "cancel"


class PieceRange(NamedTuple):
    """What a request says of the piece it brings: where that begins, whether the upload is complete with it.

    One that `brings` nothing asks how much is there, or `cancels` the upload. `number` is that of a part.
    """

    offset: int | None = None
    ends: bool = False
    brings: bool = True
    number: int = -1
    cancels: bool = False


def move(call: Call, records: LookedUp) -> Decision | More:
    """Move a resource; where the operation joins the parts of an upload, its bytes are those of the parts."""
    if call.operation.joins is None:
        return moves.move(call, records)
    job = own_job(call, records)
    if (missing := moves.unseen(call, records, job)) is not None:
        return missing
    state = job.status(call.now).state
    to = call.operation.leads(state)
    if to in ("", state) or moves.is_refused(call, job, state):
        return moves.moved_to(call, records, job, to)
    parts = _chosen(call, pieces_of(job.uploads))
    if parts not in records.joined:
        return More(join=parts)
    whole = records.joined[parts]
    if whole is None:
        raise Refused("part_mismatch", "a part has made room for newer uploads")
    return _complete(call, records, job, to, whole)


def upload(call: Call, records: LookedUp) -> Decision | More:
    """Keep the bytes of an upload, or of a piece of one."""
    style = call.operation.pieces
    return moves.upload(call, records) if style is None else _piece(call, records, style)


def _piece(call: Call, records: LookedUp, style: Pieces) -> Decision | More:
    job, file = own_job(call, records), moves.file_of(call)
    if (missing := moves.unseen(call, records, job)) is not None:
        return missing
    state = job.status(call.now).state
    to = call.operation.leads(state)
    if not _is_open(call, job, style, state):
        return moves.moved_to(call, records, job, "")
    pieces = pieces_of(job.uploads)
    piece_range = _READ[style.style](call, job, file, sum(piece.size for piece in pieces.values()))
    if piece_range.cancels:
        uploads = {"uploads": moves.without_pieces(job)}
        return moves.moved_to(call, records, job, style.cancels, moves.freed(pieces), uploads)
    if not piece_range.brings and not piece_range.ends:
        return _incomplete(call, job)
    _check_room(call, pieces, piece_range, file)
    if style.style == "parts":
        return _kept(call, job, {**pieces, piece_range.number: file.handle}, file, pieces.get(piece_range.number))
    return _appended(call, records, job, to, [*pieces.values()], piece_range, file)


def _is_open(call: Call, job: PlannedJob, style: Pieces, state: str) -> bool:
    """Whether pieces are taken in this state: parts in the first one, others where their end leads somewhere."""
    if style.style == "parts":
        return state == call.api.contract.resources[job.resource].initial
    return call.operation.leads(state) not in ("", state) and not moves.is_refused(call, job, state)


def _check_room(call: Call, pieces: Mapping[int, Handle], piece_range: PieceRange, file: Upload) -> None:
    """Raises Refused for a piece that does not begin where the others end, or is too much."""
    held_bytes = sum(piece.size for number, piece in pieces.items() if number != piece_range.number)
    if piece_range.offset is not None and piece_range.offset != held_bytes:
        raise Refused("offset_mismatch", f"the piece begins at {piece_range.offset}, and {held_bytes} bytes are there")
    if held_bytes + file.size > call.operation.max_bytes:
        raise Breach("too_large", f"the upload is larger than {call.operation.max_bytes} bytes")


def _appended(
    call: Call,
    records: LookedUp,
    job: PlannedJob,
    to: str,
    pieces: Sequence[Handle],
    piece_range: PieceRange,
    file: Upload,
) -> Decision | More:
    """The upload with one more piece, which may be the last: many pieces are made one, so that few files are open."""
    every = (*pieces, *([file.handle] if file.size or not pieces else ()))
    is_whole = piece_range.ends and not file.is_cut
    every = _of_kind(call, job, every) if is_whole else every
    first = 0 if is_whole else _tail(every)
    if first is None:
        return _kept(call, job, dict(enumerate(every)), file)
    joined = every[first:]
    if joined not in records.joined:
        return More(join=joined)
    whole = records.joined[joined]
    if whole is None:  # bytes have made room for newer uploads: the client begins anew
        return _kept(call, job, {}, None)
    if is_whole:
        return _complete(call, records, job, to, whole)
    return _kept(call, job, dict(enumerate((*every[:first], whole))), None, whole=whole, last=file)


def _tail(pieces: Sequence[Handle]) -> int | None:
    """From which piece on they are made one, so that each byte is copied a few times only; None while they are few."""
    if len(pieces) <= PIECES:
        return None
    size, first = 0, len(pieces)
    while first and (size * 2 >= pieces[first - 1].size or first > PIECES // 2):
        first -= 1
        size += pieces[first].size
    return first


def _kept(
    call: Call, job: PlannedJob, pieces: Mapping[int, Handle], file: Upload | None, before: Handle | None = None,
    *, whole: Handle | None = None, last: Upload | None = None,
) -> Decision:  # fmt: skip
    """The answer about an upload that has these pieces now; `whole` is one that others were made into."""
    new = whole or (file.handle if file is not None and file.size else None)
    is_kept = {piece.id for piece in pieces.values()}
    dropped = [
        handle
        for handle in (*pieces_of(job.uploads).values(), before)
        if handle is not None and handle.id not in is_kept
    ]
    effects: tuple[Effect, ...] = tuple(Forget(handle.id) for handle in dict.fromkeys(dropped))
    if new is not None and new.id in is_kept:
        effects = (KeepUpload(new), *effects)
    uploads = {**(moves.without_pieces(job) or {}), **{f"{PIECE}{n}": piece for n, piece in pieces.items()}}
    after = call.api.planned(job.record.but(uploads=uploads or None))
    brought = file or last
    return _incomplete(call, after, (*rewritten(call, after), *effects), None if brought is None else brought.handle)


def _incomplete(
    call: Call, job: PlannedJob, effects: tuple[Effect, ...] = (), piece: Handle | None = None
) -> Decision:  # fmt: skip
    answer = call.example(call.operation.example_of(job.resource, INCOMPLETE), job)
    return Decision(answer, job, job.status(call.now)).but(effects=effects, facts={"piece": piece})


def _of_kind(call: Call, job: PlannedJob, pieces: Sequence[Handle]) -> tuple[Handle, ...]:
    """Pieces of what was announced, where that has a type: theirs says how they are sent."""
    kind = moves.announced_of(call.operation, job, "type")
    return tuple(pieces) if kind is None else tuple(piece._replace(content_type=str(kind)) for piece in pieces)


def _complete(call: Call, records: LookedUp, job: PlannedJob, to: str, whole: Handle) -> Decision:
    """The upload is complete: its bytes are those of the pieces, if they are what was announced."""
    moves.check_announced(call, job, whole)
    before = (job.uploads or {}).get("body")
    effects = (
        KeepUpload(whole),
        *moves.freed(pieces_of(job.uploads)),
        *(() if before is None else (Forget(before.id),)),
    )
    return moves.moved_to(call, records, job, to, effects, {"uploads": {"body": whole}})


def _chosen(call: Call, parts: Mapping[int, Handle]) -> tuple[Handle, ...]:
    """The parts that a request joins, in the order of their numbers. Raises Refused for one that is not as it says."""
    joins = call.operation.joins
    assert joins is not None, "it was asked for"
    numbers = [value for _, value in values_at(call, joins.numbers)] if joins.numbers else [*parts]
    tags = [str(value).strip('"') for _, value in values_at(call, joins.tags)] if joins.tags else []
    for at, number in enumerate(numbers):
        part = parts.get(int(number)) if str(number).isdecimal() else None
        if part is None:
            raise Refused("part_mismatch", f"there is no part {number!r}")
        if tags and (at >= len(tags) or tags[at] != part.md5):
            raise Refused("part_mismatch", f"part {number} has another digest")
    if not numbers or [*map(int, numbers)] != sorted({*map(int, numbers)}):
        raise Refused("part_mismatch", "the numbers of parts do not rise" if numbers else "there are no parts")
    return tuple(parts[int(number)] for number in numbers)


# --- how requests say what they bring


def _by_range(call: Call, job: PlannedJob, file: Upload, size_before: int) -> PieceRange:
    text = _at(call, "range")
    if text is None:
        return PieceRange(0, ends=True)
    match = _RANGE.fullmatch(str(text))
    if match is None:
        raise Breach("bad_request", f"{str(text)[:60]!r} is no range of bytes", _field(call, "range"))
    first, last, total = (None if group in (None, "*") else int(group) for group in match.groups())
    if first is None or last is None:
        return PieceRange(ends=total is not None and total == size_before, brings=False)
    size = last + 1 - first
    if size < 1 or (total is not None and last >= total) or (file.size != size and not file.is_cut):
        why = f"{str(text)[:60]!r} is not what was sent: {file.size} bytes"
        raise Breach("bad_request", why, _field(call, "range"))
    return PieceRange(first, ends=total is not None and last + 1 == total)


def _by_offset(call: Call, job: PlannedJob, file: Upload, size_before: int) -> PieceRange:
    offset, size = _number(call, "offset"), moves.announced_of(call.operation, job, "bytes")
    total = int(size) if str(size).isdecimal() else None
    if total is not None and offset + file.size > total:
        raise Refused("size_mismatch", f"{offset + file.size} bytes arrived, {total} were announced")
    return PieceRange(offset, ends=total is not None and offset + file.size == total)


def _by_commands(call: Call, job: PlannedJob, file: Upload, size_before: int) -> PieceRange:
    commands = [each.strip() for each in str(_at(call, "command") or "").split(",")]
    if commands == [_CANCEL] and call.operation.pieces is not None and call.operation.pieces.cancels:
        return PieceRange(brings=False, cancels=True)
    unknown = [command for command in commands if command not in _COMMANDS]
    if unknown or not commands:
        raise Breach("bad_request", f"{unknown[0][:60]!r} is no command of an upload", _field(call, "command"))
    brings = "upload" in commands
    return PieceRange(_number(call, "offset") if brings else None, ends="finalize" in commands, brings=brings)


def _by_number(call: Call, job: PlannedJob, file: Upload, size_before: int) -> PieceRange:
    number = _number(call, "number")
    if not 1 <= number <= PART_NUMBERS:
        raise Breach("bad_request", f"parts have numbers from 1 to {PART_NUMBERS}", _field(call, "number"))
    return PieceRange(number=number)


_READ: Mapping[str, Callable[[Call, PlannedJob, Upload, int], PieceRange]] = {
    "range": _by_range,
    "offset": _by_offset,
    "commands": _by_commands,
    "parts": _by_number,
}


def _place(call: Call, word: str) -> str:
    assert call.operation.pieces is not None, "it was asked for"
    return call.operation.pieces.places[word]


def _field(call: Call, word: str) -> str:
    return _place(call, word).partition(".")[2]


def _at(call: Call, word: str) -> Any:
    value = value_at(call, _place(call, word))
    return None if value is pointers.MISSING else value


def _number(call: Call, word: str) -> int:
    """The whole number at a place. Raises Breach where there is none."""
    value = _at(call, word)
    if value is None or not str(value).isdecimal() or len(str(value)) > 15:
        raise Breach("bad_request", f"{_field(call, word)} must be a whole number", _field(call, word))
    return int(value)
