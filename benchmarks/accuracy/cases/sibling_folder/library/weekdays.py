from __future__ import annotations

from dateutil.parser import parse


def weekday(day: str) -> int:
    """Return 0 for a Monday, 6 for a Sunday."""
    return parse(day, dayfirst=True).weekday()
