"""Control of what came of a job: its results with their bytes, as downloads have them, but no download is entered."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator
from typing import Any

from mockserver.api_state import SandboxApi
from mockserver.control.moving import found
from mockserver.control.request import ControlRequest, JsonList
from mockserver.control.serialize import result_names
from mockserver.jobs import PlannedJob
from mockserver.results import result_blob

LARGEST = 8 << 20
"""Larger results are told without their bytes."""


async def list_results(request: ControlRequest) -> JsonList:
    """What a job that has succeeded leads to; nothing of others. No fault meets this."""
    api, record = await found(request)
    return JsonList(_results(api, api.planned(record)))


async def _results(api: SandboxApi, job: PlannedJob) -> AsyncIterator[dict[str, Any]]:
    if job.status((await api.sandbox.read_clock()).now).state not in api.contract.resources[job.resource].success:
        return
    for name in result_names(api, job):
        result, blob = api.result_of(job, name), await result_blob(api, job, name)
        if result is not None and blob is not None:
            content = b"".join(blob.chunks(0, blob.length)) if blob.length <= LARGEST else None
            yield {
                "name": name,
                "file": result.file,
                "content_type": blob.content_type,
                "size": blob.length,
                "content": None if content is None else b64encode(content).decode(),
            }
