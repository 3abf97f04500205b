"""Installed candidates: one for each name, known without network."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from ..errors import MetadataError
from ..installed.core_metadata import counting
from ..requirements.references import references
from .protocol import Candidate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from packaging.specifiers import SpecifierSet

    from ..installed.environment import Distribution, Installed
    from ..target import Target
    from .protocol import Metadata

_NAME = re.compile(r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?")


class InstalledSource:
    """The distributions on one interpreter's path, as candidates."""

    label = "installed"

    def __init__(self, installed: Installed) -> None:
        self._installed = installed
        self._candidates: dict[str, tuple[Candidate, ...]] = {}
        self._metadata: dict[Candidate, Tolerant] = {}

    @property
    def is_nowhere(self) -> bool:
        """Whether it has no path: what is asked for is an environment that is not there yet."""
        return not self._installed.paths

    def candidates(self, name: str) -> Sequence[Candidate]:
        """Return the installed one, or nothing."""
        if name not in self._candidates:
            self._candidates[name] = self._look_up(name)
        return self._candidates[name]

    def metadata(self, candidate: Candidate) -> Metadata:
        """Read what an installed distribution says of others."""
        return self._metadata[candidate]

    def unread(self, candidate: Candidate) -> tuple[str, ...]:
        """Return the lines of its metadata that are no requirements (PEP 508)."""
        return tuple(self._metadata[candidate].unread)

    def _look_up(self, name: str) -> tuple[Candidate, ...]:
        found = self._installed.get(name)
        if found is None:
            return ()
        # Requires-Python is left out: what is installed was seen to run.
        made = Candidate(
            found.name,
            found.version,
            self,
            references=references(found.direct_url),
            elsewhere=found.direct_url is not None and found.leads_elsewhere,
        )
        self._metadata[made] = Tolerant(found, self._installed)
        return (made,)


class Tolerant:
    """The metadata of an installed distribution, even with an invalid requirement line.

    Such a line requires its name at the installed version, since that ran; if nothing of that name
    is installed, it requires nothing. `unread` has the line.
    """

    def __init__(self, distribution: Distribution, installed: Installed) -> None:
        self._distribution = distribution
        self._installed = installed
        self.unread: dict[str, Requirement | None] = {}

    @property
    def extras(self) -> frozenset[str]:
        """Return the extras it offers, normalised."""
        return self._distribution.extras

    @property
    def requires_python(self) -> SpecifierSet:
        """Return the interpreters it is for."""
        return self._distribution.requires_python

    def needs(self, target: Target, extra: str = "") -> tuple[Requirement, ...]:
        """List the requirements that count on `target` while `extra` is asked for."""
        try:
            return self._distribution.needs(target, extra)
        except MetadataError:
            return counting(self._distribution.requires_lines, self._requirement, target, extra)

    def _requirement(self, line: str) -> Requirement | None:
        try:
            return self._distribution.requirement(line)
        except MetadataError:
            name = _NAME.match(line)
            is_here = name is not None and self._installed.get(name[0]) is not None
            known = Requirement(name[0]) if name and is_here else None
            return self.unread.setdefault(line, known)
