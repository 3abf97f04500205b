from __future__ import annotations

from .draught import DRAUGHT


def may_enter(depth: float) -> bool:
    """Tell whether there is a metre of water beneath the largest ship."""
    return depth >= DRAUGHT + 1
