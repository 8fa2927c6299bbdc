"""What three clients make of every fault of the wire, of pace and of the answer: httpx, requests, aiohttp.

A number is a status and a JSON body that could be read; a name is what was raised. `second` asks on the same
connection once more, and that is what counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

JSON_ERROR = "JSONDecodeError"
CUT = ("RemoteProtocolError", "ChunkedEncodingError", "ClientPayloadError")
LATE = ("ReadTimeout", "ReadTimeout", "SocketTimeoutError")
FINE = (200, 200, 200)


@dataclass(frozen=True)
class Row:
    """A fault in its JSON form, and what the clients make of it."""

    fault: dict[str, Any]
    seen: tuple[object, object, object]
    second: bool = False
    method: str = "GET"

    @property
    def name(self) -> str:
        return str(self.fault["fault"])

    def __str__(self) -> str:
        more = [f"{key}={value}" for key, value in self.fault.items() if key != "fault"]
        return "-".join((self.name, *more))


def row(name: str, *seen: object, second: bool = False, method: str = "GET", **parameters: Any) -> Row:
    return Row({"fault": name, **parameters}, seen, second, method)  # type: ignore[arg-type]


ROWS = [
    # the wire
    row("reset_before_headers", "ReadError", "ConnectionError", "ClientOSError"),
    row("close_before_headers", "RemoteProtocolError", "ConnectionError", "ServerDisconnectedError"),
    # httpx finds the connection closed only if the FIN was there before it wrote; aiohttp asks again by itself
    row("close_keep_alive", "RemoteProtocolError", "ConnectionError", 200, second=True),
    row("half_open", *LATE, seconds=1),
    row("reset_mid_body", "ReadError", "ChunkedEncodingError", "ClientPayloadError"),
    row("close_mid_body", *CUT),
    row("close_mid_body", *CUT, framing="chunked"),
    row("close_mid_body", JSON_ERROR, JSON_ERROR, JSON_ERROR, framing="close"),  # 200, short, no error of HTTP's
    # requests takes a head that breaks off before the length for a whole one: 200 and an empty body
    row("close_mid_headers", "RemoteProtocolError", JSON_ERROR, "ServerDisconnectedError"),
    row("garbage", "RemoteProtocolError", "ConnectionError", "ClientResponseError"),
    row("bad_chunk", "RemoteProtocolError", "ChunkedEncodingError", "ClientResponseError"),
    row("wrong_length", *CUT),
    row("wrong_length", JSON_ERROR, JSON_ERROR, "ClientResponseError", by=-10),
    row("doubled_length", "RemoteProtocolError", "InvalidHeader", "ClientResponseError"),
    row("http_1_0", *FINE),
    row("early_hints", 200, JSON_ERROR, 200),  # requests takes the 103 for the answer
    # httpx gives the next call the second answer; urllib3 and aiohttp drop a connection that has unread bytes
    row("unsolicited_answer", 500, 200, 200, second=True),
    # pace
    row("latency", *LATE, seconds=5),
    row("latency", *FINE, how="uniform", seconds=0, most=0.05),
    row("latency", *FINE, how="lognormal", seconds=0.01, most=0.05),
    row("latency", *FINE, how="ramp", seconds=0, most=0.05),
    row("hang", *LATE),
    row("stall", "ReadTimeout", "ConnectionError", "SocketTimeoutError"),
    row("stall", *CUT, seconds=0.01),
    row("dribbled_headers", *FINE, interval=0.001),
    row("dribbled_body", *FINE, interval=0.001),
    row("bandwidth", *FINE, bytes_per_second=4000),
    row("slow_close", *FINE, seconds=0.05),
    # the answer
    *(row("status", status, status, status, status=status) for status in (500, 502, 503, 504, 418)),
    *(
        row("status", JSON_ERROR, JSON_ERROR, "ContentTypeError", page=page)
        for page in ("nginx", "cloudflare", "cloudfront", "alb")
    ),
    *(
        row("status", 429, 429, 429, status=429, retry_after=how)
        for how in (
            "as_is",
            "seconds",
            "date",
            "missing",
            "zero",
            "huge",
            "garbage",
            "negative",
            "fraction",
            "past",
        )
    ),
    row("redirect_loop", "TooManyRedirects", "TooManyRedirects", "TooManyRedirects"),
    row("unauthorized", 401, 401, 401),
    row("answer_lost", "RemoteProtocolError", "ConnectionError", "ServerDisconnectedError", method="POST"),
    row("answer_lost", "ReadError", "ConnectionError", "ClientOSError", method="POST", how="reset"),
    row("answer_lost", *LATE, method="POST", how="hang"),
    row("truncated_json", JSON_ERROR, JSON_ERROR, JSON_ERROR),
    row("empty_body", JSON_ERROR, JSON_ERROR, 200),  # aiohttp makes None of an empty body
    row("given_body", 200, 200, 200),
    row("wrong_content_type", JSON_ERROR, JSON_ERROR, "ContentTypeError"),
    row("wrong_content_type", 200, 200, "ContentTypeError", body="kept"),
    row("missing_field", *FINE),
    row("null_field", *FINE),
    row("extra_field", *FINE),
    row("number_as_string", *FINE),
    row("huge_integer", *FINE),
    row("unknown_enum", *FINE),
    row("invalid_utf8", "UnicodeDecodeError", 200, "UnicodeDecodeError"),
    row("bom", 200, JSON_ERROR, JSON_ERROR),  # httpx skips the mark
    row("half_gzip", JSON_ERROR, JSON_ERROR, JSON_ERROR),  # no error of gzip's: the stream is merely short
    # the clock; what it does to tokens and headers is told in tests of their own
    row("skewed_date", *FINE),
    row("clock_jump", *FINE),
]
ELSEWHERE = (
    "garbage",
    "reset_before_headers",
    "close_before_headers",
    "reset_mid_body",
    "close_mid_body",
    "bad_chunk",
    "stall",
    "hang",
    "truncated_json",
    "answer_lost",
    "doubled_length",
    "status",
)
