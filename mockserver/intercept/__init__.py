"""Calls of unmodified clients go to a sandbox instead of a vendor's host, and nowhere else beyond this real_time.

httpx, httpx2, requests (by way of urllib3), urllib3 and aiohttp; of `http.client` and urllib the silences alone. The
sandbox gets the vendor's own path below the base URL, and the base URL's host as `Host`; all else is sent as the client
meant it. The client sees the URL it asked for.
"""

from mockserver.intercept.interception import Intercept, intercept
from mockserver.intercept.silence import BeforeSend, Outcome

__all__ = ["BeforeSend", "Intercept", "Outcome", "intercept"]
