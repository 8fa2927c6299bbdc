"""Where on the stack the code of others stands: this project's own files are passed over."""

from __future__ import annotations

import os
import sys
from types import FrameType

_HERE = os.path.dirname(os.path.abspath(__file__))
OWN_FOLDERS = (os.path.join(_HERE, ""), os.path.join(os.path.dirname(_HERE), "pytest_plugin", ""))


def outside(files: str | tuple[str, ...] = OWN_FOLDERS) -> tuple[FrameType, int]:
    """The innermost frame in a file whose path begins otherwise, else the outermost one; and how far up it is.

    The caller of this function is 1, as `warnings.warn` counts.
    """
    depth, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(files):
        depth, frame = depth + 1, frame.f_back
    return frame, depth
