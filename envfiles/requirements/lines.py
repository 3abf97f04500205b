"""The lines of a requirements file: continued ones joined, and parted from their comments."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# pip's own, in linear time: a `#` inside a word belongs to a URL.
_COMMENT = re.compile(r"(?:^|(?<!\s)\s+)#(.*)$")


@dataclass(frozen=True, slots=True)
class LogicalLine:
    """One logical line with the numbers of its first and last physical one (from 1)."""

    number: int
    last: int
    text: str
    comment: str
    """The comment after it, without the `#`."""
    below: tuple[str, ...] = ()
    """The indented comments below it, without the `#`, where pip-compile says `via`."""

    @property
    def reasons(self) -> tuple[str, ...]:
        """Return all its comments, the first being the reason; a list below `via` is one."""
        first, *rest = self.below or ("",)
        if first.strip() == "via" and rest and all(each.startswith("  ") for each in rest):
            comments = [f"via {', '.join(each.strip() for each in rest)}"]
        else:
            comments = [first, *rest]
        return tuple(each.strip() for each in (self.comment, *comments) if each.strip())


def iter_lines(text: str) -> Iterator[LogicalLine]:
    r"""Yield the logical lines of a requirements file: continued ones joined, no empty ones.

    >>> [line.text for line in iter_lines("# pins\nnumpy==2.4.6  # via pandas\n")]
    ['numpy==2.4.6']
    """
    waiting: LogicalLine | None = None
    below: list[str] = []
    for number, last, joined in _join_continued(text):
        content, comment = part_comment(joined)
        if waiting and not content and comment is not None and joined[0].isspace() and number > 1:
            waiting = replace(waiting, last=last)
            below.append(comment)
            continue
        if waiting:
            yield replace(waiting, below=tuple(below))
        waiting = LogicalLine(number, last, content, (comment or "").strip()) if content else None
        below = []
    if waiting:
        yield replace(waiting, below=tuple(below))


def part_comment(line: str) -> tuple[str, str | None]:
    """Part what counts from the comment behind it, which comes without its `#`; None: no comment.

    >>> part_comment("numpy>=1  # why")
    ('numpy>=1', ' why')
    """
    found = _COMMENT.search(line)
    return (line[: found.start()].strip(), found[1]) if found else (line.strip(), None)


def _join_continued(text: str) -> Iterator[tuple[int, int, str]]:
    pending: list[str] = []
    first = last = 0
    for last, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        first = first if pending else last
        starts_comment = _COMMENT.match(line)
        if line.endswith("\\") and not starts_comment:
            pending.append(line.strip("\\"))
            continue
        # A comment below a continued line still is one, as in pip.
        pending.append(f" {line}" if starts_comment and pending else line)
        yield first, last, "".join(pending)
        pending = []
    if pending:
        yield first, last, "".join(pending)
