"""Where an API wants https for webhooks, and how its contract reads where that rule is lifted. Sends nothing."""

from __future__ import annotations

import copy
import re
from typing import Any

from mockserver import pointers
from mockserver.completion import complete
from mockserver.contract import Contract

REMEDY = (
    "A receiver on this machine may be plain http: start the server with --insecure-webhooks, or PUT "
    '{"insecure": true} to /_mock/sandboxes/NAME/webhooks (in pytest: the marker\'s insecure_webhooks=True)'
)


def https_only(contract: Contract) -> frozenset[str]:
    """The places of requests at which webhook targets must be https."""
    secure = [webhook for webhook in contract.webhooks.values() if webhook.https_only]
    places = {place for webhook in secure for place in (webhook.target, *webhook.targets.values()) if place}
    if any(webhook.is_for_account for webhook in secure):
        received = (resource.receives for resource in contract.resources.values() if resource.receives is not None)
        urls = (each.url.fact for each in received)
        places |= {fact.removeprefix("request.") for fact in urls if fact.startswith("request.")}
    return frozenset(places)


def is_plain_http(target: Any) -> bool:
    """Whether a target would be refused for its scheme alone."""
    return isinstance(target, str) and target[:7].lower() == "http://"


def relaxed(contract: Contract) -> Any:
    """The document with the https rule of webhook targets lifted."""
    document = copy.deepcopy(complete(contract))
    targets = {re.split(r"[/.]", target)[-1] for target in https_only(contract)}
    for pointer, node in pointers.walk(document):
        pattern = node.get("pattern") if isinstance(node, dict) else None
        if isinstance(pattern, str) and "https:" in pattern and pointer.rsplit("/", 1)[-1] in targets:
            node["pattern"] = pattern.replace("https:", "https?:", 1)
    return document
