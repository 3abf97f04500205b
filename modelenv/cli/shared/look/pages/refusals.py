"""The page of an error that ended a command: its message, the way out, its traceback, its code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ..blocks import Block, Excerpt, Facts, Gap, Headline, Page, Prose
from .tracebacks import failure


def refusal(
    said: str,
    *,
    code: str,
    ways: Sequence[str] = (),
    detail: str = "",
    whole: bool = False,
    hint: str = "",
) -> Page:
    """Return the page of a message; `detail` is the traceback that it ends with.

    `ways` are ways out, each of which is shown apart unless it stands within a line; `whole` and
    `hint` are as `failure` takes them.
    """
    said = said.removesuffix(detail.rstrip()).rstrip() if detail else said
    shown = []
    for way in ways:
        shorter = _without(said, way)
        if shorter != said or way not in said:
            shown.append(Facts("", (way,), "way", folds=False))
        said = shorter
    said = re.sub(r"\n{3,}", "\n\n", said)
    first, *rest = said.split("\n")
    blocks: list[Block] = [Headline(first, "bad", f"error {code}".rstrip())]
    blocks += lines(rest)
    blocks += shown
    if detail.strip():
        blocks += (Gap(), *failure(detail, whole=whole, hint=hint))
    if code:
        blocks.append(Prose(f"`modelenv explain {code}` says more", is_aside=True))
    return tuple(blocks)


def _without(said: str, way: str) -> str:
    """Return a message without a way out, where a line of it ends with that."""
    kept = (
        line.removesuffix(way).rstrip().rstrip(":;") if line.endswith(way) else line
        for line in said.split("\n")
    )
    return "\n".join(kept).strip("\n")


def lines(said: Iterable[str]) -> Iterator[Block]:
    """Yield lines of text, each as deep as it is; what a colon introduces there is to be copied."""
    before = ""
    for line in said:
        is_copied = line.startswith("  ") and before.endswith(":")
        before = line
        if not line.strip():
            yield Gap()
        elif is_copied:
            yield Excerpt("", (line[2:],))
        elif line.startswith("- "):
            yield Facts("", (line[2:],), folds=False, apart=True)
        else:
            yield Facts("", (line,), folds=False)


def wrong_words(said: str, usage: str, help_: str) -> Page:
    """Return the page of words that a command does not take, with what shows its help."""
    head = Headline(said, "bad", "error")
    if not usage:
        return (head,)
    shown = Facts("", (f"`{help_}` shows what it takes",), "way", folds=False)
    return (head, Facts("", (usage,), folds=False), shown)


def fault(said: str, debug: str) -> Page:
    """Return the page of an error that nobody expected, with what shows where it came from."""
    shown = Facts("", (f"`{debug}` shows where this came from",), "way", folds=False)
    return (Headline(said, "bad", "error in modelenv itself"), shown)
