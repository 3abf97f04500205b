"""What comes with the driver of the graphics card, and is in no image."""

from __future__ import annotations

import re

# Not libcudart and the like: those are CUDA's own, and wheels and packages have them.
_DRIVER = re.compile(
    r"lib(cuda|cudadebugger|nvcuvid|nvoptix|nvidia-[\w-]+|amdhip64)\.so"
    r"|nvidia-(smi|debugdump|persistenced|modprobe|cuda-mps-\w+)$"
)


def driver_s(name: str) -> str:
    """Say of a library or a program that the driver brings it; empty where it does not.

    >>> driver_s("nvidia-smi")
    'nvidia-smi comes with the driver of the graphics card, on the machine'
    """
    if _DRIVER.match(name) is None:
        return ""
    return f"{name} comes with the driver of the graphics card, on the machine"
