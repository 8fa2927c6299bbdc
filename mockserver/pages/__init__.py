"""What a person sees in a browser: the table of APIs, and each contract as a document and in Swagger UI.

Self-contained: nothing is fetched from elsewhere. Knows sandboxes and contracts, no traffic.
"""

from mockserver.pages.live_page import MODES, PageMode
from mockserver.pages.routes import page_routes

__all__ = ["MODES", "PageMode", "page_routes"]
