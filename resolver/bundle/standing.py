"""Warnings of an index about a version that it has: it was yanked, its project is archived."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from ..index.page_parts.project_status import ACTIVE, ProjectStatus
from ..index.page_parts.withdrawn import withdrawn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..index.simple_api import Link


@runtime_checkable
class WithStatus(Protocol):
    """A source that knows the status of its projects."""

    def status(self, name: str) -> tuple[str, ProjectStatus]:
        """Return the page with a project's status, and the status; ACTIVE without a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PinStanding:
    """The warnings that an index has for a version."""

    name: str
    """The normalised name (PEP 503)."""
    version: str
    yanked: int = 0
    """The number of files that would be taken and were yanked (PEP 592)."""
    files: int = 0
    """The number of files that would be taken."""
    reason: str = ""
    """The reason that the index gives, on one line."""
    status: ProjectStatus = ACTIVE
    """The status of the whole project (PEP 792)."""
    page: str = ""
    """The address of the page with the status."""

    @classmethod
    def of(cls, name: str, version: object, files: Iterable[Link], source: object) -> PinStanding:
        """Return the warnings for a version that a source has files of."""
        files = tuple(files)
        yanked = [each for each in files if each.yanked]
        page, status = source.status(name) if isinstance(source, WithStatus) else ("", ACTIVE)
        return cls(
            name=name,
            version=str(version),
            yanked=len(yanked),
            files=len(files),
            reason=next((each.yanked_reason for each in yanked if each.yanked_reason), ""),
            status=status,
            page=page,
        )

    @property
    def remarks(self) -> tuple[str, ...]:
        """Return sentences about the version and its project.

        >>> PinStanding(name="a", version="1.0", yanked=2, files=2, reason="broken").remarks
        ('a 1.0 was withdrawn (yanked: "broken"): it is taken as a line pins it',)
        """
        return (*self._yanked(), *(f"{self.page}: {each}" for each in self.status.remarks))

    def _yanked(self) -> Iterator[str]:
        if 0 < self.yanked < self.files:
            part = f"{self.yanked} of the {self.files} files of {self.name} {self.version} were"
            yield withdrawn(part, self.reason)
        elif self.yanked:
            yield withdrawn(f"{self.name} {self.version} was", self.reason)
