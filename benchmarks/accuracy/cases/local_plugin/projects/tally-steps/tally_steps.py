from __future__ import annotations


def clip(value: float) -> float:
    """Return `value` within 0 and 100."""
    return min(max(value, 0.0), 100.0)


def scale(value: float) -> float:
    """Return `value` as a share of 100."""
    return value / 100.0
