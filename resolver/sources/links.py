"""From links to candidates: the best file of each version for a target."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from ..errors import BrokenMetadataError, UnstatedMetadataError
from .contents.metadata import MetadataReader, Unstated
from .grading import FileGrader
from .protocol import Candidate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from packaging.version import Version

    from ..index.session import Access
    from ..index.simple_api import Link
    from ..requirements.per_name_options import ByName
    from ..target import Target
    from .contents.metadata import FileMetadata
    from .grading import GradedFile


class LinkSource(ABC):
    """A source of candidates that are the files named by its links.

    `limits` limit by name what may be chosen, each with the place that states it. `formats` name
    those without allowed wheels or sources.
    """

    label: str
    """The kind of place, as a pin reports it."""

    def __init__(
        self,
        target: Target,
        access: Access,
        *,
        limits: Mapping[str, tuple[SpecifierSet, str]] | None = None,
        formats: ByName | None = None,
    ) -> None:
        self._target = target
        self._grader = FileGrader(target, formats)
        self._reader = MetadataReader(access)
        self._limits = limits or {}
        self._candidates: dict[str, tuple[Candidate, ...]] = {}
        self._files: dict[Candidate, tuple[Link, ...]] = {}
        self._elsewhere: dict[Candidate, Link] = {}
        """A wheel for another target of what is there as source alone for this one."""
        self._metadata: dict[Candidate, FileMetadata | Unstated] = {}
        self._pythons: dict[str, SpecifierSet] = {}

    @abstractmethod
    def links(self, name: str) -> Sequence[Link]:
        """Return the files under a normalised name; others among them do no harm."""

    def candidates(self, name: str) -> Sequence[Candidate]:
        """Return every version that there are files of, also what does not suit the target."""
        if name not in self._candidates:
            made = (self._candidate(name, *each) for each in self._by_version(name).items())
            self._candidates[name] = tuple(made)
        return self._candidates[name]

    def files(self, candidate: Candidate) -> tuple[Link, ...]:
        """Return a candidate's files that suit the target, with their hashes, the best first."""
        return self._files[candidate]

    def metadata(self, candidate: Candidate) -> FileMetadata | Unstated:
        """Read a candidate's metadata. Raises `BrokenMetadataError`, `SourceError`.

        A source distribution without stated requirements gets those of a wheel of the same version
        for another target; without such a wheel they are unknown.
        """
        if candidate not in self._metadata:
            self._metadata[candidate] = self._read(candidate)
        return self._metadata[candidate]

    def is_stated(self, candidate: Candidate) -> bool:
        """Return whether the best file of a candidate says what it requires, without a build."""
        best = self._files[candidate][0]
        if best.file.endswith(".whl"):
            return True
        try:
            self._reader.read(best)
        except UnstatedMetadataError:
            return False
        except BrokenMetadataError:
            return True  # who asks for its metadata hears of that
        return True

    def unstated(self, candidate: Candidate) -> str:
        """Return why nothing says what a candidate requires; empty if something does."""
        metadata = self.metadata(candidate)
        return metadata.reason if isinstance(metadata, Unstated) else ""

    def fetch(self, candidate: Candidate, folder: Path) -> Path:
        """Put the best file of a candidate into a folder; return it.

        Raises `SourceError`, also if it does not bear its hash.
        """
        return self._reader.fetch(self._files[candidate][0], folder)

    def _read(self, candidate: Candidate) -> FileMetadata | Unstated:
        try:
            return self._reader.read(self._files[candidate][0])
        except UnstatedMetadataError as error:
            wheel = self._elsewhere.get(candidate)
            if wheel is None:
                return Unstated(error.reason, candidate.requires_python)
            return self._reader.read(wheel)

    def _by_version(self, name: str) -> Mapping[Version, Sequence[GradedFile]]:
        """Return the files of a name by their version, the best first."""
        return self._grader.by_version(name, self.links(name))

    def _is_undated(self, best: Link) -> bool:  # noqa: ARG002  # who asks as of a moment wants it
        """Return whether a time of upload is needed, and the link has none."""
        return False

    def _references(self, name: str) -> tuple[str, ...]:  # noqa: ARG002  # most have none
        """Return the URLs to which the candidates of a name are pinned."""
        return ()

    def _candidate(self, name: str, version: Version, files: Sequence[GradedFile]) -> Candidate:
        """Make the candidate of a version: of its best wheel, else of its source."""
        best = files[0].link
        made = Candidate(
            name,
            version,
            self,
            self._python(best.requires_python),
            best.yanked,
            self._references(name),
            undated=self._is_undated(best),
            yanked_reason=best.yanked_reason,
            unusable=self._why_unusable(name, version, files[0]),
        )
        self._files[made] = tuple(each.link for each in files if each.suits) or (best,)
        plain = [each for each in files if not each.is_variant]
        if files[0].suits and not files[0].is_wheel and not plain[-1].suits:
            self._elsewhere[made] = plain[-1].link
        return made

    def _why_unusable(self, name: str, version: Version, best: GradedFile) -> str:
        if best.link.wrong:
            return f"{best.link.file}: {best.link.wrong}"
        if best.is_variant:
            return (
                f"all its files are wheels of variants, which no installer takes: {best.link.file}"
            )
        if not best.suits:
            return "no wheel of it is for this platform and Python"
        limit, place = self._limits.get(name, (None, ""))
        if limit is not None and not limit.contains(version, prereleases=True):
            return f"{place} says {limit}"
        return ""

    def _python(self, text: str) -> SpecifierSet:
        if text not in self._pythons:
            try:
                self._pythons[text] = SpecifierSet(text)
            except InvalidSpecifier:
                # Pages have kept some that PEP 440 never allowed; the METADATA will say.
                self._pythons[text] = SpecifierSet()
        return self._pythons[text]
