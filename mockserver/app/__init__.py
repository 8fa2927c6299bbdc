"""The only place where the parts meet: addresses, exchanges, media, control and pages in one ASGI application."""

from mockserver.app.application import Mockserver, Settings

__all__ = ["Mockserver", "Settings"]
