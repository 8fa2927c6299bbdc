"""Statuses of HTTP that say something of the body. Knows no answer."""

BODILESS = frozenset((204, 205, 304))
"""With these no body goes, whatever a document says."""
LENGTHLESS = frozenset((204, 304))
"""With these no Content-Length goes either."""
