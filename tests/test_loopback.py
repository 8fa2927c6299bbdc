"""One rule says which host is this machine, in every spelling a resolver understands and in no other."""

from __future__ import annotations

import pytest

from mockserver.control.guard import Guard
from mockserver.errors import UsageError
from mockserver.launch import check_exposure
from mockserver.loopback import is_loopback, is_unspecified, plain_host

HERE = [
    "127.0.0.1", "127.1", "127.8.9.10", "0x7f000001", "2130706433", "017700000001", "::1", "[::1]", "::1%lo",
    "::ffff:127.0.0.1", "[::ffff:7f00:1]", "localhost", "LOCALHOST", "localhost.", "app.localhost", "127.0.0.1.",
]  # fmt: skip
ELSEWHERE = [
    "", ".", "127.evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "evillocalhost", "10.0.0.1",
    "0.0.0.0", "::", "::ffff:10.0.0.1", "128.0.0.1", "1270.0.0.1", "127.0.0.1:80", "[", "x" * 10_000, "127.0.0.256",
]  # fmt: skip


@pytest.mark.parametrize("host", HERE)
def test_every_spelling_of_loopback_is_loopback(host: str) -> None:
    assert is_loopback(host)
    check_exposure(host, None)


@pytest.mark.parametrize("host", ELSEWHERE)
def test_nothing_else_is(host: str) -> None:
    assert not is_loopback(host)
    with pytest.raises(UsageError, match="can be reached from other machines"):
        check_exposure(host, None)


@pytest.mark.parametrize("host", ["127.evil.example", "localhost.evil.example"])
def test_a_name_that_begins_like_loopback_does_not_reach_the_control_api(host: str) -> None:
    assert Guard().refusal("GET", [(b"host", host.encode())]) is not None


def test_hosts_have_one_spelling() -> None:
    assert {plain_host(each) for each in HERE if each.strip("[]")[:1] in "0127"} == {"127.0.0.1", "127.8.9.10"}
    assert all(map(is_unspecified, ("0.0.0.0", "[::]", "0")))
    assert not any(map(is_unspecified, ("127.0.0.1", "a", "")))
