"""Files that come with the graphics driver and are in no image."""

from __future__ import annotations

import re

# Not libcudart and the like: those are part of CUDA, and wheels and packages contain them.
_DRIVER = re.compile(
    r"lib(cuda|cudadebugger|nvcuvid|nvoptix|nvidia-[\w-]+|amdhip64)\.so"
    r"|nvidia-(smi|debugdump|persistenced|modprobe|cuda-mps-\w+)$"
)


def brought_by_driver(name: str) -> str:
    """Return a phrase that the driver brings a library or program; empty if it does not.

    >>> brought_by_driver("nvidia-smi")
    'nvidia-smi comes with the driver of the graphics card, on the machine'
    """
    if _DRIVER.match(name) is None:
        return ""
    return f"{name} comes with the driver of the graphics card, on the machine"
