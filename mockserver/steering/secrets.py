"""The secrets that requests and their answers hold, so that no report repeats them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from mockserver.errors import is_on_purpose
from mockserver.secret_names import sensitive
from mockserver.steering.messages import Body, BodyError, Request

__tracebackhide__ = is_on_purpose

_SHORTEST = 4  # a shorter text would hide half of every line


def secrets_of(requests: Sequence[Request]) -> list[str]:
    """All of them, longest first."""
    secrets = {secret for request in requests for secret in _of(request)}
    return sorted((secret for secret in secrets if len(secret) >= _SHORTEST), key=len, reverse=True)


def _of(request: Request) -> Iterator[str]:
    yield from request.secrets
    for name, value in request.headers.multi_items():
        if sensitive(name):
            yield from (value, value.rpartition(" ")[2])
    for name, value in (*request.query.multi_items(), *request.form.multi_items()):
        if sensitive(name):
            yield value
    yield from _of_json(request)
    if request.response is not None:
        yield from _of_json(request.response)


def _of_json(body: Body) -> Iterator[str]:
    if "json" not in body.content_type:
        return
    try:
        yield from _texts(body.json(), False)
    except BodyError:
        return


def _texts(value: Any, is_secret: bool) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _texts(item, is_secret or sensitive(name))
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, is_secret)
    elif is_secret and isinstance(value, str):
        yield value
