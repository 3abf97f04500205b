"""The Protocol of candidate sources, and the values they answer with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from packaging.specifiers import SpecifierSet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from packaging.requirements import Requirement
    from packaging.version import Version

    from ..index.simple_api import Link
    from ..target import Target


BUILT = "built"
"""The label of what was built here."""


class Metadata(Protocol):
    """The requirements of a distribution; an installed `Distribution` is one."""

    @property
    def extras(self) -> frozenset[str]:
        """Return the extras it offers, normalised."""

    @property
    def requires_python(self) -> SpecifierSet:
        """Return the interpreters it is for."""

    def needs(self, target: Target, extra: str = "") -> tuple[Requirement, ...]:
        """Return the requirements that count on `target` while `extra` is asked for."""


@runtime_checkable
class Misstating(Protocol):
    """Metadata that may hold lines which are no requirements, and mean some."""

    @property
    def misstated(self) -> Mapping[str, Requirement]:
        """Return what each of them means, of those that were needed so far."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """One version of one name at one source, which makes each once: identity is equality."""

    name: str
    version: Version
    source: Source
    requires_python: SpecifierSet = field(default_factory=SpecifierSet)
    yanked: bool = False
    references: tuple[str, ...] = ()
    """URLs that name it directly (PEP 610), the one to pin first; empty for what an index has."""

    elsewhere: bool = False
    """Whether they lead to another machine: then it is still pinned by its version."""

    undated: bool = False
    """Whether a moment is requested, and its index does not say when it received the file."""

    yanked_reason: str = ""
    unusable: str = ""
    """The reason why it cannot be chosen for this target ("no wheel for ..."); empty: it can."""

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class Source(Protocol):
    """A place that knows candidates."""

    @property
    def label(self) -> str:
        """Return the kind of place, as a pin reports it: "installed", "index", ..."""

    def candidates(self, name: str) -> Sequence[Candidate]:
        """Return all that is known under a normalised name: the same objects each time."""

    def metadata(self, candidate: Candidate) -> Metadata:
        """Read what one of its candidates requires; raise `SourceError` if it cannot be read."""


@runtime_checkable
class Filed(Protocol):
    """A source of files."""

    def files(self, candidate: Candidate) -> tuple[Link, ...]:
        """Return a candidate's files that suit the target, with their hashes, the best first."""

    def is_stated(self, candidate: Candidate) -> bool:
        """Return whether the best of them says what it requires, without being built."""

    def unstated(self, candidate: Candidate) -> str:
        """Return why nothing says what a candidate requires; empty if something does."""

    def fetch(self, candidate: Candidate, folder: Path) -> Path:
        """Put the best file of a candidate into a folder; return it. Raises `SourceError`."""


@runtime_checkable
class Prefetching(Protocol):
    """A source that can fetch ahead."""

    def expect(self, wanted: Iterable[tuple[str, SpecifierSet]]) -> None:
        """Fetch ahead what will probably have to be met, by normalised names."""

    def close(self) -> None:
        """Drop what was expected and not asked."""


@runtime_checkable
class Selective(Protocol):
    """A source of several places; one of them answers for a name."""

    def passed_over(self, name: str) -> str:
        """Return the places that were not asked for a name, and why; empty if all were."""


@runtime_checkable
class Remarking(Protocol):
    """A source that may have remarks."""

    def remarks(self, name: str) -> tuple[str, ...]:
        """Return the faults of files of a name that were therefore not chosen."""


@runtime_checkable
class Dated(Protocol):
    """A source that may be asked as of a moment."""

    @property
    def as_of(self) -> datetime | None:
        """Return the moment; files that were uploaded from then on do not count. None: all do."""

    @property
    def said_by(self) -> str:
        """Return the configuration that set the moment; empty: the caller."""

    def later(self, name: str) -> Mapping[Version, str]:
        """Return when it received the versions of a name that had no file then (PEP 700)."""


def passed_over(name: str, sources: Iterable[object]) -> Iterator[str]:
    """Yield the places that were not asked for a name, because another answers for it alone."""
    for source in sources:
        said = source.passed_over(name) if isinstance(source, Selective) else ""
        if said:
            yield f"{said} (unless with --index-strategy unsafe-best-match)"


def remarks(name: str, sources: Iterable[object]) -> Iterator[str]:
    """Yield what is wrong with what sources have of a name."""
    for source in sources:
        if isinstance(source, Remarking):
            yield from source.remarks(name)
