"""Who watches sandboxes: events of what happens in them, one list for all readers. Knows no HTTP.

Nothing is gathered while nobody reads. Then what happens within a short while is told at once; what is cheap to compare
is compared, so that whoever changes it need not tell.
"""

from mockserver.control.watching.reading import EventStream
from mockserver.control.watching.watches import Watches, watches_of

__all__ = ["EventStream", "Watches", "watches_of"]
