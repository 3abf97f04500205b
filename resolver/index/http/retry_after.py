"""The delay that a server asks for (RFC 9110, Retry-After)."""

from __future__ import annotations

from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

_DIGITS = 9


def seconds_asked(header: str, now: datetime) -> float | None:
    """Return the seconds in a Retry-After, a number or a date; None: it names none.

    >>> seconds_asked("120", datetime.now(timezone.utc)), seconds_asked("soon", datetime.min)
    (120.0, None)
    """
    text = header.strip()
    if text.isdecimal() and text.isascii():
        return float(text[:_DIGITS]) if len(text) <= _DIGITS else float("9" * _DIGITS)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=timezone.utc)
    return max(0.0, (until - now).total_seconds())
