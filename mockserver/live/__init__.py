"""A live server of an API, asked over HTTP: credentials, pace, and which of the contract's examples an answer is.

Knows contracts and HTTP clients; neither the engine nor what anybody asks for.
"""

from mockserver.live.credentials import DEMO, Credentials, authorization, authorized, token_request
from mockserver.live.match_example import recognise
from mockserver.live.placing import apis_at, check_place, origin_of
from mockserver.live.preflight import check_operations, greet
from mockserver.live.reply import LiveReply
from mockserver.live.sandbox_session import borrowed
from mockserver.live.server import TIMEOUT, Live, OutOfTime, Sender, Spent, check_url, fetch, live
from mockserver.live.throttle import Pace, wait_after

__all__ = [
    "DEMO",
    "TIMEOUT",
    "Credentials",
    "Live",
    "LiveReply",
    "OutOfTime",
    "Pace",
    "Sender",
    "Spent",
    "apis_at",
    "authorization",
    "authorized",
    "borrowed",
    "check_operations",
    "check_place",
    "check_url",
    "fetch",
    "greet",
    "live",
    "origin_of",
    "recognise",
    "token_request",
    "wait_after",
]
