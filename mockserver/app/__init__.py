"""The only place where the parts meet: addresses, exchanges, media, control and pages in one ASGI application.

`create` gives it as a Starlette application; `Mockserver` is the server behind it, which starts without Starlette.
"""

from mockserver.app.application import Mockserver
from mockserver.app.cors import ANY, known_origin
from mockserver.app.creating import create
from mockserver.app.settings import Settings

__all__ = ["ANY", "Mockserver", "Settings", "create", "known_origin"]
