"""Records of a trace: one for each import edge or other touch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """A module that the traced code requested or ran, and on whose behalf.

    A module has one record for its import and one more for each further piece of code that was seen
    to use it.
    """

    order: int
    """Its position in the sequence of records, from 0."""
    name: str
    """The full dotted name."""
    file: str | None
    """The file it was loaded from; None for built-in and frozen modules and namespace packages."""
    importer: str | None
    """The module that asked; None: the traced block itself (its pickle, say)."""
    importer_file: str | None
    """The file of the code that asked."""
    line: int | None
    """The line in it."""
    loaded: bool
    """Whether it was loaded: a failed or merely looked-for one was not."""
    phase: str
    """The part of the run it was seen in; empty if there were no parts."""
    how: str
    """The way it was seen.

    `imported`; `lazy` (first-party code imports it lazily and did not use it: it is not loaded);
    `ran` (its code ran, whoever imported it); `held` (first-party code has a name for it);
    `looked` (somebody asked whether it exists); `appeared` and `removed` (put into ``sys.modules``
    or taken out by hand); `program` (a child interpreter runs it, as by ``-m``); `called` (code of
    another package called it while no import was going on).
    """
    seconds: float | None = None
    """The time its import took, in seconds, with nested imports."""
    own_seconds: float | None = None
    """The time of its import alone, in seconds."""
    measured: bool = False
    """Whether its end was seen; else the times reach to the next event: an upper estimate."""
    error: str | None = None
    """The name of the error's class if its import failed, as far as it is known."""
    caught: bool | None = None
    """Whether the importer caught that error; None: unknown, or there was none."""
    used_by: str | None = None
    """For a lazy import (PEP 810) the module whose code used it first; the importer declared it."""
    used_file: str | None = None
    """The file of that code."""
    used_line: int | None = None
    """The line in it."""


@dataclass(frozen=True, slots=True)
class Touch:
    """Something else that the traced code touched, and on whose behalf."""

    kind: str
    """`file` (read), `library` (mapped), `program` (started), `host` (contacted) or `metadata`.

    The last is a distribution that was looked up by its name, or whose entry point was loaded.
    """
    name: str
    """Its path; ``host:port``; a program's name if it was not found; a distribution."""
    phase: str = ""
    """The part of the run it was seen in."""
    importer: str | None = None
    """The module that asked; None: the traced block itself, or unknown."""
    importer_file: str | None = None
    """The file of the code that asked."""
    line: int | None = None
    """The line in it."""

    @property
    def order(self) -> tuple[object, ...]:
        """The sort key: kind and name, then the code that asked."""
        asked = self.importer or "", self.importer_file or "", self.line or 0
        return self.kind, self.name, self.phase, *asked


def edge(record: ImportRecord) -> tuple[object, ...]:
    """Return the key of the edge: all fields but order and times."""
    return _EDGE(record)


_EDGE: Callable[[ImportRecord], tuple[object, ...]] = attrgetter(
    "name", "file", "importer", "importer_file", "line", "loaded", "phase", "how"
)
