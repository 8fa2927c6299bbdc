"""Signed bytes under `/_media/@SANDBOX/API/JOB/NAME/FILE`: results and uploaded parts."""

from __future__ import annotations

from typing import Any

from mockserver.app.problems import problem
from mockserver.app.sending import bytes_reply, send_plain, send_reply
from mockserver.app.spoiled import broken_off, refused, spoiled
from mockserver.faults import Reply
from mockserver.links import UPLOAD
from mockserver.media import Blob
from mockserver.results import result_blob
from mockserver.sandbox import Sandbox
from mockserver.sandboxes import Sandboxes
from mockserver.shelf import Upload
from mockserver.signing import check_link
from mockserver.store import Bend, Job


async def send_media(sandboxes: Sandboxes, scope: Any, headers: dict[bytes, bytes], send: Any) -> None:
    """Answer a request for signed bytes: 405, 410 or 404 for the sandbox, 403 for the signature, then the bytes."""
    path: str = scope["raw_path"].decode("latin-1") if scope.get("raw_path") else scope["path"]
    parts = path.split("/")
    name = parts[2].removeprefix("@") if len(parts) > 2 else ""
    sandbox = sandboxes.get(name)
    if sandbox is None:
        closed = sandboxes.owner_of_closed(name) is not None
        why = f"the sandbox {name!r} was closed" if closed else "there is no such medium"
        now = sandboxes.default.clock.now()
        await send_plain(
            send, 410 if closed else 404, "application/problem+json", problem(410 if closed else 404, why), now
        )
        return
    now = sandbox.clock.now()
    if scope["method"] not in ("GET", "HEAD"):
        body = problem(405, "media can be read only")
        await send_plain(send, 405, "application/problem+json", body, now, [(b"allow", b"GET, HEAD")])
        return
    verdict = check_link(sandbox.secret, path, scope["query_string"], now)
    if verdict != "ok":
        why = "the link has expired" if verdict == "expired" else "the link's signature is wrong"
        await send_plain(send, 403, "application/problem+json", problem(403, why), now)
        return
    await _send(sandbox, parts[3:], scope, headers, send, now)


async def _send(
    sandbox: Sandbox, parts: list[str], scope: Any, headers: dict[bytes, bytes], send: Any, now: float
) -> None:
    found = await _find(sandbox, parts, now)
    if found is None:
        await send_plain(send, 404, "application/problem+json", problem(404, "the medium is not there (any more)"), now)
        return
    job, blob = found
    made = job.status(now).updated if not parts[2].startswith(UPLOAD) else job.created
    reply = bytes_reply(scope["method"], headers, blob, made, now)
    if job.fault is None or parts[2].startswith(UPLOAD):
        await send_reply(send, reply)
    else:
        await _send_bent(sandbox, parts[0], job.fault, scope, send, reply)


async def _send_bent(sandbox: Sandbox, api: str, bend: Bend, scope: Any, send: Any, reply: Reply) -> None:
    """A result of a job that is under a fault; noted in the journal when the fault shows."""
    now = sandbox.clock.now()
    sent = refused(bend, now) or spoiled(bend, reply)
    broken, wire = broken_off(bend, sent), scope.get("state", {}).get("wire")
    if sent is not reply or broken is not None:
        sent = sent.with_headers((b"x-mock-fault", bend.name.encode()))
        sandbox.journal.note(now, "media", api, f"{scope['path'].rpartition('/')[0]} under a fault", fault=bend.name)
    if scope["method"] == "HEAD":
        sent = sent.without_body()
    if broken is not None and wire is not None:
        await broken.deliver(wire, sent, lambda reply: send_reply(send, reply))
    else:
        await send_reply(send, sent)


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
