"""Signed bytes under `/_media/@SANDBOX/API/JOB/NAME/FILE`: results and uploaded parts."""

from __future__ import annotations

from typing import Any

from mockserver.app.problems import problem
from mockserver.app.sending import send_bytes, send_plain
from mockserver.links import UPLOAD
from mockserver.media import Blob
from mockserver.results import result_blob
from mockserver.sandbox import Sandbox
from mockserver.sandboxes import Sandboxes
from mockserver.shelf import Upload
from mockserver.signing import check_link
from mockserver.store import Job


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
    await send_bytes(send, scope["method"], headers, blob, made, now)


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
