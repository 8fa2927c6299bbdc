"""A live server of an API, asked over HTTP: credentials, pace, and which of the contract's examples an answer is.

Knows contracts and HTTP clients; neither the engine nor what anybody asks for.
"""

from mockserver.live.borrowed import borrowed
from mockserver.live.credentials import DEMO, Credentials, authorization, token_request
from mockserver.live.pace import Pace, wait_after
from mockserver.live.recognise import recognise
from mockserver.live.server import Live, Reply, Sender, Spent, fetch, is_loopback, live

__all__ = [
    "DEMO",
    "Credentials",
    "Live",
    "Pace",
    "Reply",
    "Sender",
    "Spent",
    "authorization",
    "borrowed",
    "fetch",
    "is_loopback",
    "live",
    "recognise",
    "token_request",
    "wait_after",
]
