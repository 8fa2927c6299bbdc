"""A body that ends with the connection: all that came is handed on and kept, and an end that nobody said is told."""

from __future__ import annotations

import socket

import pytest
from recorder_kit import Handle, asking, entries, got, recorded, recorded_at, text_of, upstream

from mockserver.observed.archive import calls_of

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
UNSAID = "TLS without close_notify"


class NotSaidError(OSError):
    """Ends a connection of the kit's upstream without the end of TLS."""


def _ending(body: bytes, *, said: bool, head: bytes = HEAD + b"\r\n") -> Handle:
    def handle(sock: socket.socket, _: bytes) -> None:
        sock.sendall(head + body)
        if not said:
            raise NotSaidError

    return handle


@pytest.mark.parametrize("size", [1, 300_000, 2_000_000])
def test_nothing_is_lost_of_a_body_whose_end_was_not_said(size: int) -> None:
    body = b'"' + b"x" * size + b'the end"'
    with recorded(_ending(body, said=False)) as found:
        assert b'the end"' in got(found, asking())[-40:]  # within its last chunk
    content = entries(found)[0]["response"]["content"]
    assert content["size"] == len(body)
    assert UNSAID in content["comment"]


def test_an_end_that_was_said_needs_no_comment() -> None:
    with recorded(_ending(b'{"ok": true}', said=True)) as found:
        got(found, asking())
    assert "comment" not in entries(found)[0]["response"]["content"]


def test_a_length_says_the_end_whatever_tls_does() -> None:
    head = HEAD + b"Content-Length: 12\r\n\r\n"
    with recorded(_ending(b'{"ok": true}', said=False, head=head)) as found:
        got(found, asking())
    assert "comment" not in entries(found)[0]["response"]["content"]


def test_without_tls_the_end_of_the_connection_is_the_end() -> None:
    handle = _ending(b'{"ok": true}', said=False)
    with (
        upstream(handle, is_tls=False) as made,
        recorded_at(made.port, urls=["http://api.vendor.example"]) as found,
    ):
        # the client's own TLS is ended by the recorder's proxy
        got(found, asking())
    assert "comment" not in entries(found)[0]["response"]["content"]


@pytest.mark.parametrize(("body", "is_taken"), [(b'{"ok": true}', True), (b"12", False), (b'{"ok": tr', False)])
def test_a_contract_is_made_of_it_where_json_itself_says_its_end(body: bytes, is_taken: bool) -> None:
    with recorded(_ending(body, said=False)) as found:
        got(found, asking())
    assert text_of(entries(found)[0])
    (call,) = calls_of(found.tape.har())
    assert (call.answer == {"ok": True}) is is_taken
