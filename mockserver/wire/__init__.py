"""HTTP over sockets: uvicorn under limits, with the transport in reach of faults. Knows no API and no fault.

limits  head  chunks      what may be sent, read strictly
origin                    what proxies and old clients write, in its plain form
deadlines  descriptors    bounds of time and number
connection  guard         the limits in front of uvicorn's protocols
protocol                  which of these two it is
connection_handle         the connection, for those who want to break it
write_batch               answers that are ready together are written together
adopted                   connections that somebody else accepted
settings  server  threads, tls
"""

from __future__ import annotations

from mockserver.wire.connection_handle import Wire
from mockserver.wire.limits import Limits
from mockserver.wire.protocol import protocol_class
from mockserver.wire.refusal import Refuse, refuse_in_plain_text
from mockserver.wire.server import GRACEFUL_SECONDS, Prepare, Server, bind, run, url_of
from mockserver.wire.settings import WireSettings
from mockserver.wire.threads import ThreadServer, serve_in_thread
from mockserver.wire.tls import Tls, load_identity, self_signed, tls_files

__all__ = [
    "GRACEFUL_SECONDS",
    "Limits",
    "Prepare",
    "Refuse",
    "Server",
    "ThreadServer",
    "Tls",
    "Wire",
    "WireSettings",
    "bind",
    "load_identity",
    "protocol_class",
    "refuse_in_plain_text",
    "run",
    "self_signed",
    "serve_in_thread",
    "tls_files",
    "url_of",
]
