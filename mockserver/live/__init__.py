"""A live server of an API, asked over HTTP: credentials, pace, and which of the contract's examples an answer is.

Knows contracts and HTTP clients; neither the engine nor what anybody asks for.
"""

from mockserver.live.borrowed import borrowed
from mockserver.live.credentials import DEMO, Credentials, authorization, authorized, token_request
from mockserver.live.greeting import check_operations, greet
from mockserver.live.pace import Pace, wait_after
from mockserver.live.placing import apis_at, check_place, origin_of
from mockserver.live.recognise import recognise
from mockserver.live.reply import Reply
from mockserver.live.server import Live, OutOfTime, Sender, Spent, check_url, fetch, is_local, live

__all__ = [
    "DEMO",
    "Credentials",
    "Live",
    "OutOfTime",
    "Pace",
    "Reply",
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
    "is_local",
    "live",
    "origin_of",
    "recognise",
    "token_request",
    "wait_after",
]
