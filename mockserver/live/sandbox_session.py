"""A sandbox of our own on a mock server that runs already: no limits, a clock that steps and that we may move."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlsplit

from mockserver.contract import Contract
from mockserver.live.credentials import Credentials
from mockserver.live.reply import LiveReply
from mockserver.live.server import Live, fetch, live
from mockserver.loopback import leads_here
from mockserver.validation import write_json

_JOBS = 10_000
_STEP = 1.5  # seconds a request takes there, so that jobs are met in every state


@contextmanager
def borrowed(contract: Contract, url: str, token: str | None = None) -> Iterator[Live | None]:
    """A client of a fresh sandbox on the server at `url`; None when no mock server of this machine answers there.

    `token` is what such a server wants of those who control it.
    """
    parts = urlsplit(url)
    control = f"{parts.scheme}://{parts.netloc}/_mock/sandboxes"
    wanted = {"limits": False, "clock": {"mode": "step", "step": _STEP}}
    made = _tell(control, "POST", wanted, token).json if leads_here(url) else None
    told = made.get("apis", {}).get(contract.name) if isinstance(made, dict) else None
    if made is None or told is None:
        yield None
        return
    place = f"{control}/{quote(str(made['name']), safe='')}"
    for resource in (r for r in contract.resources.values() if r.run is not None):
        phases = {str(state.phase): 3 * _STEP for state in resource.states.values() if state.phase}
        plan: dict[str, Any] = {"api": contract.name, "resource": resource.name, "count": _JOBS, **phases}
        _tell(f"{place}/plans", "POST", plan, token)
    keys = Credentials(told.get("api_key"), told.get("client_id"), told.get("client_secret"))

    def sleep(seconds: float) -> None:
        _tell(f"{place}/clock/advance", "POST", {"seconds": seconds}, token)

    client = live(contract, str(told["url"]), keys, sleep=sleep, is_paced=False, has_limits=False)
    try:
        yield client
    finally:
        client.close()
        _tell(place, "DELETE", None, token)


def _tell(url: str, method: str, body: Any, token: str | None) -> LiveReply:
    headers = [("Content-Type", "application/json"), *([("Authorization", f"Bearer {token}")] if token else [])]
    return fetch(url, method, headers, b"" if body is None else write_json(body))
