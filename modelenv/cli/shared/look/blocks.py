"""The blocks of a page: a headline, a table, facts, a tree, commands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Tone = Literal["good", "fair", "bad", "plain"]
"""Whether the answer is yes, yes with a reservation, no; or it is no such question."""


@dataclass(frozen=True, slots=True)
class Headline:
    """The answer."""

    text: str
    tone: Tone = "plain"
    word: str = ""
    """What the tone means here, in front of the text: ``reproduces``."""

    def __str__(self) -> str:
        """Return it as one line, without its mark."""
        return ": ".join(filter(None, (self.word, self.text)))


@dataclass(frozen=True, slots=True)
class RowTable:
    """A table: rows of cells under a title; the last cell wraps."""

    title: str
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """A title with one or more items; long ones are folded to their first items."""

    title: str
    items: tuple[str, ...]
    tone: Tone = "plain"
    folds: bool = True
    apart: bool = False
    """Whether each item is a sentence, and has a line of its own."""
    whole: bool = False
    """Whether no line may end within an item: it is a path."""


@dataclass(frozen=True, slots=True)
class Command:
    """Commands to copy, with what each does."""

    about: str
    words: str


@dataclass(frozen=True, slots=True)
class Branch:
    """A node of a tree, with why it hangs on the node above."""

    name: str
    evidence: tuple[str, ...] = ()
    branches: tuple[Branch, ...] = ()


@dataclass(frozen=True, slots=True)
class LinkTree:
    """A tree below its root."""

    root: Branch
    more: tuple[str, ...] = field(default=())
    """The text below it."""


@dataclass(frozen=True, slots=True)
class Gap:
    """An empty line between two parts of a page."""


Block: TypeAlias = Headline | RowTable | Facts | Command | LinkTree | Gap
Page: TypeAlias = tuple[Block, ...]
