"""Idempotency keys: which request used one, the answer that it got, and what is said when it is used again.

Knows no HTTP but what an answer is made of. Where keys are kept is behind the state's port.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any

from mockserver.answers import ResponseTemplate, head_of
from mockserver.intake import Idempotency
from mockserver.operations.call import Call, Refused
from mockserver.operations.decision import Decision
from mockserver.state.port import Charge, Effect, KeyName, KeyUse, SaveAnswer, SavedAnswer


class KeyRefused(Refused):
    """A refusal for what a key was used for before: by the request `n`."""

    def __init__(self, problem: str, why: str, n: int) -> None:
        super().__init__(problem, why)
        self.n = n


async def claim(call: Call, rule: Idempotency, key_text: bytes, content: bytes) -> KeyUse | None:
    """Claim the key that a client wrote for its request, of which `content` is what is compared.

    Gives what the key was used for before, with its answer. Raises KeyRefused while that is in work, and for another
    request under the same key.
    """
    key = KeyName("" if call.account is None else call.account.id, call.operation.id, sha256(key_text).hexdigest())
    use = KeyUse(sha256(content).hexdigest(), call.now, call.entry)
    earlier = await call.api.state.claim_key(call.api.contract.name, key, use, rule.ttl)
    if earlier is None:
        call.key = key
    elif earlier.answer is None:
        raise KeyRefused(rule.busy, "the request that has this key is in work", earlier.n)
    elif earlier.digest != use.digest:
        raise KeyRefused(rule.mismatch, "the key was used by a request that said something else", earlier.n)
    return earlier


def request_identity(call: Call, query: bytes, text: bytes) -> bytes:
    """What makes two requests the same: path, query and body; of a form its fields and files, whatever parts them.

    `text` is the body where it is compared as it was sent.
    """
    files = [
        (name, part.filename, part.content_type, part.size, part.checksum, part.md5)
        for name, parts in call.files.items()
        for part in parts
    ]
    body: Any = text.decode("latin-1") or call.values
    return json.dumps([call.path, query.decode("latin-1"), body, files], sort_keys=True).encode()


def credits_left(effects: Sequence[Effect], credits: float | None) -> float | None:
    """What an account shows once a request is done."""
    return next((effect.left for effect in effects if isinstance(effect, Charge)), credits)


def saving(call: Call, decision: Decision, credits: float | None) -> Iterator[Effect]:
    """What keeps the answer that was decided; bytes of a result, and what is still waited for, are not kept."""
    if decision.answer is not None and call.operation.wait is None:
        call.follow(decision)
        call.credits = credits_left(decision.effects, credits)
        yield save(call, decision.answer)


def save(call: Call, answer: ResponseTemplate) -> SaveAnswer:
    """Keep an answer under the request's key."""
    assert call.key is not None, "it has claimed one"
    pairs = (*answer.headers, *call.own_headers(answer), *call.headers)
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in pairs)
    job = "" if call.job is None else call.job.id
    media_type, body = answer.media_type.decode(), call.body(answer)
    return SaveAnswer(call.key, SavedAnswer(answer.status, answer.name, media_type, headers, body, job))


async def replay(call: Call, rule: Idempotency, saved: SavedAnswer) -> ResponseTemplate:
    """The answer that was given before, about the job as it stands."""
    call.tells_secret = True  # nothing is read off its subject, and there may be one in it all the same
    if saved.job:
        job = (await call.api.state.look_up(call.api.contract.name, (saved.job,)))[saved.job].job
        if job is not None:
            planned = call.api.planned(job)
            call.about(planned)
            call.api.endpoints.secret_of(planned)  # it may stand in the answer, which another process may have given
    if rule.replayed:
        call.headers = ((rule.replayed.lower().encode("latin-1"), b"true"),)
    return _answer(saved)


def _answer(saved: SavedAnswer) -> ResponseTemplate:
    """An answer that is the same each time."""
    status, name, media_type, headers, body, _ = saved
    pairs = tuple((key.encode("latin-1"), value.encode("latin-1")) for key, value in headers)
    return ResponseTemplate(
        name, status, media_type.encode(), pairs, head_of(status, media_type, pairs), (body,) if body else ()
    )
