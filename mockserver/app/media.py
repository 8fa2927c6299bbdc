"""Signed bytes under `/_media/@SANDBOX/API/JOB/NAME/FILE`: results and uploaded parts."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from mockserver.api_state import SandboxApi
from mockserver.app.broken_results import broken_off, corrupted, results_refusal
from mockserver.app.bucket import refusal
from mockserver.app.capture import DownloadOutcome, capture_medium, replied
from mockserver.app.fault_matching import Meeting, target_of
from mockserver.app.incoming import ClientLeft, Incoming
from mockserver.app.overtaken import ENDED, send_overtaken
from mockserver.app.presence import while_present
from mockserver.app.recording import recorded, whole
from mockserver.app.sending import bytes_reply, send_problem, send_reply
from mockserver.errors import StorageError
from mockserver.faults import MEDIA, Reply, RequestFacts
from mockserver.jobs import FaultEffect, PlannedJob
from mockserver.lifecycle import UPLOAD
from mockserver.media import Blob
from mockserver.results import blob_of, result_blob
from mockserver.sandbox import Sandbox
from mockserver.sandboxes import Sandboxes
from mockserver.signing import check_link


async def send_media(
    sandboxes: Sandboxes, scope: Any, headers: dict[bytes, bytes], incoming: Incoming, send: Any
) -> Sandbox | None:
    """Answer a request for signed bytes: 405, 410 or 404 for the sandbox, 403 for the signature, then the bytes.

    Gives the sandbox in whose journal it was entered; None when there is none.
    """
    path: str = scope["raw_path"].decode("latin-1") if scope.get("raw_path") else scope["path"]
    parts = path.split("/")
    name = parts[2].removeprefix("@") if len(parts) > 2 else ""
    sandbox = await sandboxes.find(name, anew=True)
    if not isinstance(sandbox, Sandbox):
        status, why = (404, "there is no such medium") if sandbox is None else (410, f"the sandbox {name!r} was closed")
        await send_problem(send, status, why, sandboxes.default.clock.now())
        return None
    api = parts[3] if len(parts) > 3 and parts[3] in sandbox.apis else ""
    send = recorded(sandbox, api, MEDIA, scope["path"], scope, incoming, send)
    outcome = DownloadOutcome("", 0, None, why="the answer was not given to its end")
    entry = _Entry(sandbox, scope, parts[3:])
    try:
        with sandbox.generation:
            outcome = await _answer(sandbox, path, parts[3:], scope, headers, incoming, send, entry)
    except ENDED as overtaken:
        await send_overtaken(scope, incoming, send, overtaken, sandbox.clock.now())
        return None
    except BaseException as error:
        why = f"the download failed: {type(error).__name__}: {error}" if isinstance(error, Exception) else outcome.why
        entry.make(outcome._replace(why=why))
        raise
    entry.make(outcome)
    return sandbox


class _Entry:
    """What the journal says of a download, once: before its last byte, or when it has broken off."""

    def __init__(self, sandbox: Sandbox, scope: Any, parts: list[str]) -> None:
        self._about = sandbox, scope, parts
        self._is_made = False

    def make(self, outcome: DownloadOutcome) -> None:
        """Enter what was given, unless it has been."""
        if not self._is_made:
            self._is_made = True
            self._about[0].state.enter(*capture_medium(*self._about, outcome))

    def before_last(self, outcome: DownloadOutcome, length: int, send: Any) -> Any:
        """`send`, which enters what is given before the last of so many bytes: who has them may look for it at once."""
        left = length

        async def counting(message: Any) -> None:
            nonlocal left
            left -= len(message.get("body", b""))
            if left <= 0:
                self.make(outcome)
            await send(message)

        return counting


async def _answer(
    sandbox: Sandbox, path: str, parts: list[str], scope: Any, headers: dict[bytes, bytes], incoming: Incoming,
    send: Any, entry: _Entry,
) -> DownloadOutcome:  # fmt: skip
    side, now = sandbox.apis.get(parts[0]) if len(parts) == 4 else None, (await sandbox.read_clock()).now
    wrong = _refused(sandbox, path, scope, now)
    if side is None:
        reply = refusal(wrong or "not_found", now)
        outcome = DownloadOutcome(reply.name, reply.status, replied(reply, sandbox.redaction))
        await send_reply(scope, incoming, entry.before_last(outcome, reply.length, send), reply)
        return outcome
    record = (await side.state.look_up(parts[0], (parts[1],)))[parts[1]].job
    job = record and side.planned(record)
    meeting = await _meeting(side, parts[1], job, scope)
    try:
        if await meeting.silenced(incoming.drain):
            return DownloadOutcome("", 0, None, meeting.told)
        instead = await meeting.instead(lambda: _request_facts(scope, now, incoming))
        is_good = instead is None and wrong is None
        drawing = _find(side, job, parts[2], now) if is_good else None
        blob = None if drawing is None else await while_present(scope, incoming, drawing, ends=True)
        if blob is None or job is None:
            reply = instead or refusal(wrong or "not_found", now, _expiry(scope) if wrong == "expired_link" else None)
            return await _send(side, meeting, reply, None, scope, incoming, send, entry)
        uploaded = parts[2].startswith(UPLOAD)
        changed_at = job.created if uploaded else job.status(now).updated
        reply = bytes_reply(scope["method"], headers, blob, changed_at, now)
        return await _send(side, meeting, reply, None if uploaded else job.fault, scope, incoming, send, entry)
    except ClientLeft:
        return DownloadOutcome("", 0, None, meeting.told)
    except StorageError as error:
        return DownloadOutcome("", 0, None, meeting.told, str(error))
    finally:
        meeting.end()


async def _meeting(side: SandboxApi, job_id: str, job: PlannedJob | None, scope: Any) -> Meeting:
    """The faults that a download meets; the account is that of the job, for a URL needs no credentials."""
    if not side.faults.downloads:
        return Meeting(side.faults, {}, scope)
    faults = await side.faults.choose(MEDIA, job_id, job.account if job else None)
    meeting = Meeting(side.faults, faults, scope)
    meeting.count()
    return meeting


def _expiry(scope: Any) -> float:
    """When a link ended that was found to be genuine and expired."""
    return float(dict(parse_qsl(scope["query_string"].decode("latin-1")))["expires"])


async def _send(
    side: SandboxApi, meeting: Meeting, reply: Reply, job_fault: FaultEffect | None, scope: Any, incoming: Incoming,
    send: Any, entry: _Entry,
) -> DownloadOutcome:  # fmt: skip
    """Send it as the faults leave it: the one of its job, which is named where it shows, then those it meets."""
    now = (await side.sandbox.read_clock()).now
    altered = reply if job_fault is None else results_refusal(job_fault, now) or corrupted(job_fault, reply)
    broken = None if job_fault is None else broken_off(job_fault, altered)
    if job_fault is not None and (altered is not reply or broken is not None):
        meeting.say(job_fault.name)
    altered = await meeting.bent(altered, lambda: _request_facts(scope, now, incoming), now)
    await meeting.wait()
    if scope["method"] == "HEAD":
        altered = altered.without_body()
    fault = await meeting.deliverer(altered) or broken
    altered = meeting.stamped(altered)
    outcome = DownloadOutcome(altered.name, altered.status, replied(altered, side.sandbox.redaction), meeting.told)
    await meeting.deliver(fault, altered, incoming, send if fault else entry.before_last(outcome, altered.length, send))
    return (
        DownloadOutcome(altered.name, 0, None, meeting.told)
        if meeting.is_unheard
        else outcome._replace(fault=meeting.told)
    )


def _request_facts(scope: Any, now: float, incoming: Incoming) -> RequestFacts:
    """What a fault of the answer may know: of a download there are no examples."""
    request = now, target_of(scope), None
    return RequestFacts(*request, lambda status: None, lambda names: None, whole=lambda: whole(scope, incoming))


def _refused(sandbox: Sandbox, path: str, scope: Any, now: float) -> str | None:
    """The name of the refusal; None for a link that is good."""
    if scope["method"] not in ("GET", "HEAD"):
        return "wrong_method"
    verdict = check_link(sandbox.secret, path, scope["query_string"], now)
    if verdict == "bad":
        return "bad_signature" if b"signature=" in scope["query_string"] else "access_denied"
    return "expired_link" if verdict == "expired" else None


async def _find(side: SandboxApi, job: PlannedJob | None, name: str, now: float) -> Blob | None:
    if job is None or side.is_gone(job, now):
        return None
    if name.startswith(UPLOAD):
        handle = (job.uploads or {}).get(name.removeprefix(UPLOAD))
        return None if handle is None else await blob_of(side, handle)
    is_done = job.status(now).state in side.contract.resources[job.resource].success
    return await result_blob(side, job, name) if is_done else None
