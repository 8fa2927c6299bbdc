"""The calls of a program to real hosts are recorded: `mockserver record`, and `recording`.

channel               a connection, with TLS or without, and whether its end was said
upstream              where a host is, and a connection to it
exchange              one request of HTTP/1.1 to it, and the answer as it arrives
copies                what is kept of bodies: their beginning
tape                  the exchanges of a recording, as HAR without secrets
forwarder             the application that clients take for the host
session               all of it, for a block
"""

from mockserver.recorder.session import Recording, recording
from mockserver.recorder.tape import Tape
from mockserver.recorder.upstream import Upstream, upstreams

__all__ = ["Recording", "Tape", "Upstream", "recording", "upstreams"]
