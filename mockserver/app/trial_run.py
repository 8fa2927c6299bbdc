"""Runs the trial of a contract: all of its walks, one after the other, in a thread with a loop of its own. Asks nothing
itself."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from threading import Thread
from typing import Any

from mockserver.app.trial import Trial
from mockserver.app.trial_flow import keys, uploads
from mockserver.app.trial_prices import prices, refunds, seconds
from mockserver.app.trial_walks import WALKS
from mockserver.app.trial_webhooks import endpoints, webhooks
from mockserver.contract import Contract
from mockserver.errors import Finding
from mockserver.loader.source import Source


def tried(contract: Contract) -> list[Finding]:
    """What clients could not use. Runs in a thread of its own, for there may be a loop in this one."""
    source = Source(contract.name, contract.document, {})
    trial = Trial(contract, source)
    _run(trial.walk((*WALKS, webhooks, endpoints, keys, uploads, prices, refunds, seconds)))
    return source.findings


def _run(work: Coroutine[Any, Any, None]) -> None:
    failed: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(work)
        except BaseException as error:  # raised again where somebody waits for it
            failed.append(error)

    thread = Thread(target=run, name="trial")
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
