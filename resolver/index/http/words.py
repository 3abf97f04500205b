"""Messages about failed requests: the fault, the delay the server asks for, and the way out."""

from __future__ import annotations

import re
from http.client import IncompleteRead

# The prefix of urllib3's messages: the connection.
_WHOSE = re.compile(r"^(<[^>]*>|\w+\([^)]*\)): ")
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_MOST_DAYS = 60

LATER = 'try again later, leave that index out, or resolve with what is at hand (index="never")'
UNTRUE = "ask who runs it, leave that index out, or take the files from a folder (--find-links)"


def words(error: BaseException) -> str:
    """Return the fault, without the names of connections and without Python's repr.

    >>> words(OSError(104, "Connection reset by peer")), words(IncompleteRead(b"abc", 4))
    ('Connection reset by peer', '3 bytes came, and 4 more should have')
    """
    of_proxy = getattr(error, "original_error", None)
    if isinstance(of_proxy, BaseException):
        return f"its proxy: {words(of_proxy)}"
    # The text around it has the whole path, or shows it as Python does.
    inner = getattr(error, "reason", None) or (error.args[-1] if len(error.args) > 1 else None)
    if isinstance(inner, BaseException):
        return words(inner)
    if isinstance(error, IncompleteRead):
        return _came(error)
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return _WHOSE.sub("", str(error))


def lasting(seconds: float) -> str:
    """Return a duration as text; empty for months and years: nobody waits so long.

    >>> lasting(90), lasting(5_400), lasting(200_000), lasting(1e12)
    ('90 seconds', '90 minutes', '56 hours', '')
    """
    if seconds < 2 * _MINUTE:
        return f"{seconds:.0f} seconds"
    if seconds < 2 * _HOUR:
        return f"{seconds / _MINUTE:.0f} minutes"
    if seconds < 3 * _DAY:
        return f"{seconds / _HOUR:.0f} hours"
    return f"{seconds / _DAY:.0f} days" if seconds < _MOST_DAYS * _DAY else ""


def _came(error: IncompleteRead) -> str:
    """Return how much of a body arrived; urllib3's error has numbers where Python's has bytes."""
    partial: object = error.partial
    came = len(partial) if isinstance(partial, bytes) else partial
    more = f", and {error.expected:,} more should have" if error.expected else ""
    return f"{came:,} bytes came{more}"
