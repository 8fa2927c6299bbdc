"""An attempt at a delivery as the journal keeps it: cut, and without what must not be told."""

from __future__ import annotations

from dataclasses import replace

from mockserver.bounds import BODY, PATH, SENTENCE, cut
from mockserver.redaction import Redaction, beginning
from mockserver.webhooks.attempt import DeliveryAttempt


def without_secrets(attempt: DeliveryAttempt, hidden: Redaction) -> DeliveryAttempt:
    """An attempt as it goes into the journal; a posting keeps it as it was, for those who check signatures."""
    headers = ((name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in attempt.request_headers)
    return replace(
        attempt,
        url=cut(hidden.text(attempt.url), PATH),
        sentence=cut(hidden.text(attempt.sentence), SENTENCE),
        request_headers=tuple((n.decode("latin-1"), v.decode("latin-1")) for n, v in hidden.headers(headers)),
        request_body=beginning(hidden.body, attempt.request_body, BODY),
        response_body=beginning(hidden.body, attempt.response_body, BODY),
        response_headers=(),
    )
