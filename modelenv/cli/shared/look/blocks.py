"""The blocks of a page: a headline, a table, facts, a tree, commands, excerpts, frames."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Tone = Literal["good", "fair", "bad", "plain", "way"]
"""Whether the answer is yes, yes with a reservation, no; it is no such question; a way out."""

_UNBROKEN = "\ue000"  # of private use: no text of others is meant to have it


def unbroken(text: str) -> str:
    """Return a text at whose spaces no line of a page ends, as a path has to be copied whole."""
    return text.replace(" ", _UNBROKEN)


def spaced(text: str) -> str:
    """Return what `unbroken` was given.

    >>> spaced(unbroken("my models/churn"))
    'my models/churn'
    """
    return text.replace(_UNBROKEN, " ")


@dataclass(frozen=True, slots=True)
class Headline:
    """The answer."""

    text: str
    tone: Tone = "plain"
    word: str = ""
    """What the tone means here, in front of the text: ``reproduces``."""
    plain: str = ""
    """The line in its place where there is no terminal; empty: the word and the text."""

    def __str__(self) -> str:
        """Return it as one line, without its mark."""
        return self.plain or ": ".join(filter(None, (self.word, self.text)))


@dataclass(frozen=True, slots=True)
class RowTable:
    """A table: rows of cells under a title; the last cell wraps."""

    title: str
    rows: tuple[tuple[str, ...], ...]
    tones: tuple[Tone, ...] = ()
    """How each row is to be taken, by the colour of its first cell; empty: all plain."""


@dataclass(frozen=True, slots=True)
class Facts:
    """A title with one or more items; long ones are folded to their first items."""

    title: str
    items: tuple[str, ...]
    tone: Tone = "plain"
    folds: bool = True
    apart: bool = False
    """Whether each item is a sentence, and has a line of its own, with a dot where no title is."""
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
class Excerpt:
    """Lines of a file, of a diff or of what a program printed, each as it stands."""

    title: str
    lines: tuple[str, ...]
    is_diff: bool = False


@dataclass(frozen=True, slots=True)
class Frames:
    """Lines of code that were running, the innermost first."""

    title: str
    frames: tuple[tuple[str, str], ...]
    """The place of each, and its code."""
    more: int = 0
    """The number of those that are not among them."""


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph; one that is an aside, as on what shows more, stands back."""

    text: str
    is_aside: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """An empty line between two parts of a page."""


Block: TypeAlias = Headline | RowTable | Facts | Command | LinkTree | Excerpt | Frames | Prose | Gap
Page: TypeAlias = tuple[Block, ...]
