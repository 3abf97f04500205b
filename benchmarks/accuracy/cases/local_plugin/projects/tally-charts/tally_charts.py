from __future__ import annotations


def bars(value: float) -> float:
    """Return `value`, rounded to what a bar of text can show."""
    return float(round(value))
