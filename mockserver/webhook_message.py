"""A webhook as it is written: its body, then its headers, which may show a signature of it. Knows no queue."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from mockserver.bindings import headers_of
from mockserver.contract import Webhook
from mockserver.faults import Parcel
from mockserver.signatures import Signing, signature_text, signed
from mockserver.subject import Subject
from mockserver.values import header_slot, text_of

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_OURS = frozenset((
    "host", "user-agent", "accept", "content-length", "content-type", "connection", "transfer-encoding", "expect", "te",
    "trailer", "upgrade", "keep-alive", "proxy-connection",
))  # fmt: skip
"""What no client can choose."""


class Letter:
    """One webhook about a subject, signed by these secrets."""

    def __init__(self, webhook: Webhook, subject: Subject, secrets: Sequence[str]) -> None:
        assert subject.webhook is not None, "it says what is sent"
        self._webhook, self._subject, self._secrets = webhook, subject, secrets
        self._message = subject.webhook
        self._message.signature = self._signature
        self._digests: dict[str, None] = {}

    def written(self, body: Callable[[Subject], tuple[str, bytes]]) -> Parcel:
        """What is sent; `body` gives the name of an example and its bytes."""
        name, self._message.body = body(self._subject)
        headers = [*self._bound(name)]
        headers += self._echoed({header.lower() for header, _ in headers})
        return Parcel(tuple(headers), self._message.body, digests=tuple(self._digests))

    def _bound(self, example: str) -> Iterator[tuple[str, str]]:
        for name, value in headers_of(self._webhook, example).items():
            line = header_slot(value, None)(self._subject)
            if line is not None:
                yield name, line.decode("latin-1").strip()

    def _echoed(self, names: set[str]) -> Iterator[tuple[str, str]]:
        """The header that the client chose, unless it is one of ours."""
        if self._webhook.echo is None:
            return
        name, value = (header_slot(each, None)(self._subject) for each in self._webhook.echo)
        if name is None or value is None:
            return
        header = name.decode("latin-1")
        if _NAME.fullmatch(header) and header.lower() not in _OURS | names:
            yield header, value.decode("latin-1").strip()

    def _signature(self) -> str | None:
        """What is shown of the keys that are valid now; None where a part of what is signed is not there yet."""
        signing = self._webhook.sign
        if signing is None:
            return None
        signed_texts, read = [], text_of(signing.over)
        for secret in self._signing_secrets(signing):
            self._message.secret = secret
            over = read(self._subject)
            self._message.secret = ""
            if over is None:
                return None
            signed_texts.append(signed(signing, secret, over.encode()))
        if not signed_texts:
            return None
        self._digests.update(dict.fromkeys(signed_texts))
        return signature_text(signing, signed_texts)

    def _signing_secrets(self, signing: Signing) -> Sequence[str]:
        """The secrets that sign: the one that the contract names, else the account's."""
        if signing.secret is None:
            return self._secrets
        own = text_of(signing.secret)(self._subject)
        return [own] if own else []
