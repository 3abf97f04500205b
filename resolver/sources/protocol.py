"""Where candidates come from, behind one Protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from packaging.specifiers import SpecifierSet

    from ..index.simple_api import Link
    from .candidates import Candidate, Metadata


class Source(Protocol):
    """Be a place that knows candidates."""

    @property
    def label(self) -> str:
        """Name the kind of place, as a pin reports it: "installed", "index", ..."""

    def candidates(self, name: str) -> Sequence[Candidate]:
        """Return all that is known under a normalised name: the same objects each time."""

    def metadata(self, candidate: Candidate) -> Metadata:
        """Read what one of its candidates requires; raise `SourceError` where it cannot be read."""


@runtime_checkable
class Filed(Protocol):
    """Be a source whose candidates are files."""

    def files(self, candidate: Candidate) -> tuple[Link, ...]:
        """Return a candidate's files that suit the target, with their hashes, the best first."""


@runtime_checkable
class Foreseeing(Protocol):
    """Be a source that can fetch ahead."""

    def expect(self, wanted: Iterable[tuple[str, SpecifierSet]]) -> None:
        """Hear what will probably have to be met, by normalised names."""

    def close(self) -> None:
        """Let go of what was expected and not asked."""


@runtime_checkable
class Selective(Protocol):
    """Be a source of several places of which one answers for a name."""

    def passed_over(self, name: str) -> str:
        """Say which places were not asked for a name, and why; empty where all were."""
