"""How webhooks leave this server. What dials and speaks HTTP is slow to import, and waits for the first of them."""

from __future__ import annotations

from typing import Any

from mockserver.outbox import SendDelivery


def deliverer(allowed: frozenset[str]) -> SendDelivery:
    """Sends to this machine, and to the hosts that are allowed."""

    async def send(
        url: str, headers: list[tuple[str, str]], body: bytes, seconds: float, ca: str | None, *, cut: bool = False
    ) -> Any:
        from mockserver.webhooks import deliver

        return await deliver(url, headers, body, allowed_hosts=allowed, timeout=seconds, ca_pem=ca, cut=cut)

    return send
