"""What came of a command that was recorded, told to people: what was kept, or that nothing was and why that may be."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from mockserver.cli.ran import counted
from mockserver.printable import one_line

if TYPE_CHECKING:
    from mockserver.recorder import Recording

BROKE_DOWN = 125
"""In the place of 0, where the command was to be recorded and nothing was answered."""
PAGE = "docs/howto/exec.md says which programs heed which"


class RecordedFlow(NamedTuple):
    """A command, its exit code, the hosts to record, the file and whether it was there before, and the recording."""

    words: Sequence[str]
    ended: int
    urls: Collection[str]
    file: Path
    found: Recording
    entries: Sequence[Any]
    was_there: bool

    @property
    def is_worth(self) -> bool:
        """Whether it is written: what has no answer takes no place of an earlier file."""
        return bool(self.answers) or (bool(self.entries) and not self.was_there)

    @property
    def answers(self) -> list[int]:
        """The statuses that came."""
        return [status for entry in self.entries if (status := entry["response"]["status"])]

    @property
    def code(self) -> int:
        """The command's own, unless that is 0 and there is no answer in the recording."""
        return self.ended or (0 if self.answers else BROKE_DOWN)

    def told(self) -> Iterator[str]:
        """All of it, line by line."""
        traffic, tape = self.found.traffic, self.found.tape
        yield f"mockserver: {one_line(' '.join(self.words))[:80]} ended with {self.ended}"
        yield from self._kept()
        for why, times in tape.errors.items():
            yield f"  {why}" + (f" ({times} times)" if times > 1 else "")
        if traffic.passed:
            yield f"Let through: {counted(traffic.passed)}"
        if traffic.refused:
            yield f"Refused: {counted(traffic.refused)}; --upstream records a host, --passthrough lets it through"
        for host, why in traffic.distrusted.items():
            yield f"{host or 'A host'}: the client broke TLS off ({why}); it trusts authorities of its own"
        yield from self._next()

    def _kept(self) -> Iterator[str]:
        number, omitted = len(self.entries), self.found.tape.left_out
        if not number:
            yield f"Nothing was recorded: the command asked {' and '.join(self.urls)} for nothing. {self._unwritten()}"
            return
        if not self.is_worth:
            yield f"None of {number} request{'s' * (number != 1)} was answered. {self._unwritten()}"
            return
        rest = f"; for {omitted} more there was no room" if omitted else ""
        yield f"Recorded: {number} request{'s' * (number != 1)} in {self.file}{rest}"

    def _unwritten(self) -> str:
        return f"{self.file} is {'as it was' if self.file.exists() else 'not written'}."

    def _next(self) -> Iterator[str]:
        """What to do with it, or what to look at."""
        if not self.entries:
            yield from self._to_look_at()
        elif not self.answers:
            yield "No answer came, so there is nothing to make a contract of: is the host of --upstream the right one?"
        elif not any(200 <= status < 400 for status in self.answers):
            yield "Nothing was answered with a success, so there is nothing to make a contract of: look at the answers"
        else:
            yield f"A contract of it: mockserver new NAME --from {self.file}"

    def _to_look_at(self) -> Iterator[str]:
        traffic = self.found.traffic
        yield "Look at:"
        if self.ended:
            yield f"  the command: it ended with {self.ended}, perhaps before it asked for anything"
        if traffic.refused:
            yield "  the host: the client asked for others (see above); name what it asks for with --upstream"
        if traffic.distrusted:
            yield f"  certificates: the client must trust the file of SSL_CERT_FILE, or its like; {PAGE}"
        if traffic.met:
            yield "  its protocol: it connected, and sent no request of HTTP/1.1 (HTTP/2 alone is not recorded)"
        if not (traffic.met or traffic.refused or traffic.distrusted):
            yield f"  proxies: the client must go by HTTPS_PROXY and HTTP_PROXY, or its like; {PAGE}"
            yield "  addresses: a client that is told to ask localhost, or an IP address of this machine, is left alone"
            yield "  the command: does it get as far as a call? What runs elsewhere (a container, a daemon) is not led"
