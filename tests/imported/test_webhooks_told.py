"""Webhooks of a document: none is made of them, and nobody has to find that out by waiting for one."""

from __future__ import annotations

from pathlib import Path

from imported_kit import of, old


def test_webhooks_that_a_document_tells_of_are_told_to_be_left_out(tmp_path: Path) -> None:
    document = old() | {"webhooks": {"renderEnded": {}, "renderBegan": {}}}
    document["paths"]["/renders"]["post"]["callbacks"] = {"ended": {"{$request.body#/hook_url}": {}}}
    document["paths"]["/fonts"]["get"]["callbacks"] = {"of no job": {}}
    properties = document["components"]["schemas"]["Order"]["properties"]
    url = {"type": "string", "format": "uri"}
    properties |= {"notify": {"type": "object", "properties": {"webhook_url": url, "callback": {"type": "boolean"}}}}
    told = {each.subject: each.why for each in of(tmp_path, document).left if each.meaning == "no webhook is sent"}
    assert told == {
        "webhooks": "the document describes renderEnded, renderBegan",
        "createRender": "the document describes ended; /notify/webhook_url of the request may be where to",
    }
