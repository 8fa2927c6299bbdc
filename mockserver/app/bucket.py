"""Refusals of signed bytes, as the bucket or CDN behind such addresses gives them: a small XML document.

Knows neither sandboxes nor requests.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from mockserver.clock import date_header, iso_ms
from mockserver.faults import Reply

REFUSALS: Mapping[str, tuple[int, str, str]] = {
    "expired_link": (403, "AccessDenied", "Request has expired"),
    "access_denied": (403, "AccessDenied", "Access Denied"),
    "bad_signature": (
        403,
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. "
        "Check your key and signing method.",
    ),
    "not_found": (404, "NoSuchKey", "The specified key does not exist."),
    "wrong_method": (405, "MethodNotAllowed", "The specified method is not allowed against this resource."),
}


def refusal(name: str, now: float, expired: float | None = None) -> Reply:
    """The refusal of a name; `expired` is when the link ended, where that is why."""
    status, code, message = REFUSALS[name]
    elements = {"Code": code, "Message": message}
    if expired is not None:
        elements |= {"Expires": iso_ms(expired), "ServerTime": iso_ms(now)}
    fields = "".join(f"<{tag}>{escape(text)}</{tag}>" for tag, text in elements.items())
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{fields}</Error>'
    headers = [date_header(int(now))] + ([(b"allow", b"GET, HEAD")] if status == 405 else [])
    return Reply.of(status, b"application/xml", body.encode(), name, tuple(headers))
