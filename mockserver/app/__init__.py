"""The only place where the parts meet: addresses, exchanges, media, control and pages in one ASGI application."""

from mockserver.app.application import Mockserver
from mockserver.app.cors import ANY, known_origin
from mockserver.app.settings import Settings

__all__ = ["ANY", "Mockserver", "Settings", "known_origin"]
