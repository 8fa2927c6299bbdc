"""Signed bytes under `/_media/@SANDBOX/API/JOB/NAME/FILE`: results and uploaded parts."""

from __future__ import annotations

from typing import Any

from mockserver.app.capture import Answered, capture_medium, weight
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
    example, status, sent = await _answer(sandbox, path, parts[3:], scope, headers, send)
    entry = capture_medium(sandbox, scope, parts[3:], status, example, sent)
    sandbox.journal.add(entry, weight(entry))
    return sandbox


async def _answer(
    sandbox: Sandbox, path: str, parts: list[str], scope: Any, headers: dict[bytes, bytes], send: Any
) -> tuple[str, int, Answered]:
    """Gives what the journal calls the answer, its status and what was sent."""
    now = sandbox.clock.now()
    refused = _refused(sandbox, path, scope, now)
    found = await _find(sandbox, parts, now) if refused is None else None
    if found is None:
        example, status, why = refused or ("not_found", 404, "the medium is not there (any more)")
        allow = [(b"allow", b"GET, HEAD")] if status == 405 else []
        body = problem(status, why)
        await send_plain(send, status, PROBLEM, body, now, allow)
        return example, status, (b"content-type: %s\r\n" % PROBLEM.encode(), b"", body, len(body))
    job, blob = found
    made = job.status(now).updated if not parts[2].startswith(UPLOAD) else job.created
    status = await send_bytes(send, scope["method"], headers, blob, made, now)
    return "bytes", status, (b"content-type: %s\r\n" % blob.content_type.encode(), b"", b"", blob.length)


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
    if not done or api.result_of(job, parts[2]) is None:
        return None
    return job, await result_blob(api, job, parts[2])
