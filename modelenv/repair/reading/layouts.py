"""The last traceback of a log, without what a log puts before its lines and a terminal around."""

from __future__ import annotations

import re
from collections.abc import Sequence

_HEAD = re.compile(
    r"(?:[╭┌+][─━-]+ ?|(?<![\w.])[A-Za-z_][\w.]* {3,})?"
    r"Traceback \(most recent call last\)(?: ?[─━-]+[╮┐+]|:?)"
)
_JOINS = ("During handling of the above exception", "The above exception was the direct cause")
_BOX = re.compile(r"\s*[│┃|] ?(.*?)\s*[│┃|]\s*$")
_EDGE = re.compile(r"\s*[╭┌╰└+][─━-]+.*")
# The beginning of a frame's line, and its largest distance from the head: others may write between.
_OF_FRAMES = ("  ", "> File", "File ", "Cell ", "│", "┃", "|")
_NEAR = 10


def is_head(line: str) -> bool:
    """Return whether a line is the head of a traceback."""
    return _HEAD.match(line) is not None


def has_head(line: str) -> bool:
    """Return whether a line contains the head of a traceback, whatever a log puts before it."""
    return _HEAD.search(line) is not None


def joins(line: str) -> bool:
    """Return whether a line joins two exceptions of a chain."""
    return any(words in line for words in _JOINS)


def last_block(lines: Sequence[str]) -> list[str]:
    """Return the last chain of tracebacks, line by line as Python, rich or IPython printed it."""
    heads = [(number, match) for number, line in enumerate(lines) if (match := _HEAD.search(line))]
    if not heads:
        return _syntax_error(lines)
    first, head = heads[-1]
    prefix = _prefix(lines[first][: head.start()], lines[first + 1 :])
    for earlier, _ in reversed(heads[:-1]):
        if not any(map(joins, _without_prefix(lines[earlier:first], prefix))):
            break
        first = earlier
    return _without_box(_without_prefix(lines[first:], prefix))


def _prefix(before: str, after: Sequence[str]) -> re.Pattern[str] | None:
    """Return what stands before every line, whatever its numbers; None if only the head has it.

    Times and numbers of processes change from line to line.
    """
    parts = map(re.escape, re.split(r"\d+", before))
    pattern = re.compile(r"\d+".join(parts))
    rests = (line[match.end() :] for line in after[:_NEAR] if (match := pattern.match(line)))
    return pattern if any(rest.startswith(_OF_FRAMES) for rest in rests) else None


def _without_prefix(lines: Sequence[str], prefix: re.Pattern[str] | None) -> list[str]:
    """Return the lines of one writer: if each has the prefix, what lacks it is another's."""
    if prefix is None:
        heads = ((line, _HEAD.search(line)) for line in lines)
        return [line[head.start() :] if head is not None else line for line, head in heads]
    found = ((line, prefix.match(line)) for line in lines)
    return [line[match.end() :] for line, match in found if match is not None]


def _without_box(lines: Sequence[str]) -> list[str]:
    """Return the lines without the frame that rich draws around a traceback."""
    if not any(_EDGE.fullmatch(line) for line in lines):
        return list(lines)
    found = []
    for line in lines:
        inside = _BOX.fullmatch(line)
        if inside is not None:
            found.append(inside[1])
        elif is_head(line) or not _EDGE.fullmatch(line):
            found.append(line)
    return found


def _syntax_error(lines: Sequence[str]) -> list[str]:
    """Return what Python prints of a script that it cannot parse: that has no head line."""
    if any("SyntaxError: " in line or "IndentationError: " in line for line in lines):
        places = ((number, line.find('  File "')) for number, line in enumerate(lines))
        for number, width in places:
            if width >= 0:
                return [line[width:] for line in lines[number:]]
    return []
