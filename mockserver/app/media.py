"""Signed bytes under `/_media/@SANDBOX/API/JOB/NAME/FILE`: results and uploaded parts."""

from __future__ import annotations

from typing import Any

from mockserver.app.capture import Given, capture_medium, replied, weight
from mockserver.app.problems import problem
from mockserver.app.sending import bytes_reply, send_plain, send_reply
from mockserver.app.spoiled import broken_off, refused, spoiled
from mockserver.clock import date_header
from mockserver.faults import Reply
from mockserver.links import UPLOAD
from mockserver.media import Blob
from mockserver.results import result_blob
from mockserver.sandbox import Sandbox
from mockserver.sandboxes import Sandboxes
from mockserver.shelf import Upload
from mockserver.signing import check_link
from mockserver.store import Bend, Job

PROBLEM = "application/problem+json"


async def send_media(sandboxes: Sandboxes, scope: Any, headers: dict[bytes, bytes], send: Any) -> Sandbox | None:
    """Answer a request for signed bytes: 405, 410 or 404 for the sandbox, 403 for the signature, then the bytes.

    Gives the sandbox in whose journal it was entered; None when there is none.
    """
    path: str = scope["raw_path"].decode("latin-1") if scope.get("raw_path") else scope["path"]
    parts = path.split("/")
    name = parts[2].removeprefix("@") if len(parts) > 2 else ""
    sandbox = sandboxes.get(name)
    if sandbox is None:
        closed = sandboxes.owner_of_closed(name) is not None
        status, why = (410, f"the sandbox {name!r} was closed") if closed else (404, "there is no such medium")
        await send_plain(send, status, PROBLEM, problem(status, why), sandboxes.default.clock.now())
        return None
    given = await _answer(sandbox, path, parts[3:], scope, headers, send)
    entry = capture_medium(sandbox, scope, parts[3:], given)
    sandbox.journal.add(entry, weight(entry))
    return sandbox


async def _answer(
    sandbox: Sandbox, path: str, parts: list[str], scope: Any, headers: dict[bytes, bytes], send: Any
) -> Given:
    now = sandbox.clock.now()
    wrong = _refused(sandbox, path, scope, now)
    found = await _find(sandbox, parts, now) if wrong is None else None
    if found is None:
        example, status, why = wrong or ("not_found", 404, "the medium is not there (any more)")
        allow = ((b"allow", b"GET, HEAD"),) if status == 405 else ()
        body, dated = problem(status, why), (date_header(int(now)), *allow)
        reply = Reply.of(status, PROBLEM.encode(), body, example, dated)
        await send_reply(send, reply)
        return Given(example, status, replied(reply))
    job, blob = found
    made = job.status(now).updated if not parts[2].startswith(UPLOAD) else job.created
    reply = bytes_reply(scope["method"], headers, blob, made, now)
    if job.fault is not None and not parts[2].startswith(UPLOAD):
        return await _send_bent(job.fault, now, scope, send, reply)
    await send_reply(send, reply)
    return Given(reply.name, reply.status, replied(reply))


async def _send_bent(bend: Bend, now: float, scope: Any, send: Any, reply: Reply) -> Given:
    """A result of a job that is under a fault; the journal says so when the fault shows."""
    sent = refused(bend, now) or spoiled(bend, reply)
    broken, wire = broken_off(bend, sent), scope.get("state", {}).get("wire")
    fault = bend.name if sent is not reply or broken is not None else ""
    if fault:
        sent = sent.with_headers((b"x-mock-fault", fault.encode()))
    if scope["method"] == "HEAD":
        sent = sent.without_body()
    if broken is not None and wire is not None:
        await broken.deliver(wire, sent, lambda reply: send_reply(send, reply))
    else:
        await send_reply(send, sent)
    return Given(sent.name, sent.status, replied(sent), fault)


def _refused(sandbox: Sandbox, path: str, scope: Any, now: float) -> tuple[str, int, str] | None:
    if scope["method"] not in ("GET", "HEAD"):
        return "wrong_method", 405, "media can be read only"
    verdict = check_link(sandbox.secret, path, scope["query_string"], now)
    if verdict == "ok":
        return None
    if verdict == "expired":
        return "expired_link", 403, "the link has expired"
    return "bad_signature", 403, "the link's signature is wrong"


async def _find(sandbox: Sandbox, parts: list[str], now: float) -> tuple[Job, Blob] | None:
    api = sandbox.apis.get(parts[0]) if len(parts) == 4 else None
    job = await api.store.get(parts[1]) if api is not None else None
    if api is None or job is None:
        return None
    if parts[2].startswith(UPLOAD):
        upload: Upload | None = (job.uploads or {}).get(parts[2].removeprefix(UPLOAD))
        return (job, upload.blob) if upload is not None and not upload.gone else None
    done = job.status(now).state in api.contract.resources[job.resource].success
    made = await result_blob(api, job, parts[2]) if done else None
    return None if made is None else (job, made)
