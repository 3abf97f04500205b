"""How a document is written: by which tool, of what, by which command, and how its truth is had."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool, and the pins of the environment that it runs in; the first is its own."""

    name: str
    pins: tuple[str, ...]
    python: str = ""
    """The line of Python that it needs, as 3.10; empty: that of the documents."""

    def __str__(self) -> str:
        return f"{self.name} {self.pins[0].partition('==')[2]}"


@dataclass(frozen=True, slots=True)
class Written:
    """A document, before it is written. Commands are bash's, and run in a folder of its own.

    `$ENV` is an empty environment in which what is installed is the truth; `$PYTHON` is an
    interpreter of the Python that all are for.
    """

    name: str
    file: str
    given: Mapping[str, str] = field(default_factory=dict)
    """Files that stand in its folder before."""
    command: str = ""
    """Writes the document."""
    installs: str = ""
    """Lets the tool install it into `$ENV`."""
    asks: str = ""
    """Prints what the tool says is asked for, a line each, where nothing is pinned."""
    exports: str = ""
    """Prints the tool's own list of it, with markers: the truth on other Pythons and platforms."""
    groups: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    refusal: str = ""
    """A word of the sentence that names its form, where it need not be read."""
    keeps: tuple[str, ...] = ()
    """What else stays in its folder; all that was given does."""


@dataclass(frozen=True, slots=True)
class Reads:
    """How a tool reads a kind of our documents, by a command of bash in the document's folder.

    `$DOC` is the document, `$ENV` an empty environment, `$TARGET` its platform.
    """

    kind: str
    installs: str = ""
    """Lets the tool install it into `$ENV`: what is there afterwards is what it read."""
    prints: str = ""
    """Else prints what the tool reads, a pin a line: `name==version`."""
