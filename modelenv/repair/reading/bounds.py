"""Limits on a text: its end is read, and both ends of each line, so that no text takes for ever."""

from __future__ import annotations

# In characters: a log's last megabytes, and more of a line than any message has on one.
_MOST = 4_000_000
_MOST_OF_A_LINE = 3_000
_LEFT_OUT = " … "


def end_of(text: str) -> str:
    """Return the last megabytes of a text, from the beginning of a line if one begins there."""
    if len(text) <= _MOST:
        return text
    end = text[-_MOST:]
    return end.partition("\n")[2] or end


def short_lines(text: str) -> str:
    """Return a text with the middle of each long line left out."""
    return "\n".join(map(_short, text.splitlines()))


def _short(line: str) -> str:
    if len(line) <= _MOST_OF_A_LINE:
        return line
    half = _MOST_OF_A_LINE // 2
    return f"{line[:half]}{_LEFT_OUT}{line[-half:]}"
