"""Candidates with requirements that only a build shows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..sources.protocol import Filed

if TYPE_CHECKING:
    from pathlib import Path

    from ..index.simple_api import Link
    from ..sources.protocol import Candidate

# Of one name: older releases are hardly ever made differently.
_LOOKED_AT = 5


@dataclass(frozen=True, slots=True)
class Unbuilt:
    """A chosen candidate with unknown requirements."""

    candidate: Candidate
    file: Link
    """Its source distribution."""
    reason: str
    """The reason why its requirements are unknown."""
    settings: tuple[str, ...] = ()
    """Settings for its build backend, as "KEY=VALUE"."""

    @property
    def name(self) -> str:
        """Return its normalised name."""
        return self.candidate.name

    def fetch(self, folder: Path) -> Path:
        """Put its source distribution into a folder. Raises `SourceError`."""
        source = self.candidate.source
        assert isinstance(source, Filed)
        return source.fetch(self.candidate, folder)

    def __str__(self) -> str:
        return str(self.candidate)


class Sources:
    """Candidates that exist as source alone and leave their requirements open.

    The first few of a name are looked at; the others are taken to be like them.
    """

    def __init__(self) -> None:
        self._open: dict[Candidate, bool] = {}
        self._looked_at: Counter[str] = Counter()

    def leaves_open(self, candidate: Candidate) -> bool:
        """Return whether a candidate is one of these. Raises `SourceError`."""
        known = self._open.get(candidate)
        if known is None:
            known = self._open[candidate] = self._look(candidate)
        return known

    def newest(self, name: str) -> Candidate | None:
        """Return the newest of these that was met under a name."""
        met = (each for each, is_open in self._open.items() if is_open and each.name == name)
        return max(met, key=lambda each: each.version, default=None)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names with such candidates, sorted."""
        return tuple(sorted({each.name for each, is_open in self._open.items() if is_open}))

    def _look(self, candidate: Candidate) -> bool:
        source = candidate.source
        # An isinstance check against a Protocol is much slower than a look at its name.
        if source.label == "installed" or not isinstance(source, Filed):
            return False
        if source.files(candidate)[0].file.endswith(".whl"):
            return False
        self._looked_at[candidate.name] += 1
        return self._looked_at[candidate.name] > _LOOKED_AT or not source.is_stated(candidate)


def unbuilt(candidate: Candidate, settings: tuple[str, ...] = ()) -> Unbuilt | None:
    """Return the build that a candidate needs; None if its requirements are known."""
    source = candidate.source
    if source.label == "installed" or not isinstance(source, Filed):
        return None
    reason = source.unstated(candidate)
    if not reason:
        return None
    return Unbuilt(candidate, source.files(candidate)[0], reason, settings)
