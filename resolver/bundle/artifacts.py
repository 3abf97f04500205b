"""The files that pins can be installed from, with their digests: from indexes and local wheels."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from packaging.utils import canonicalize_name

from ..errors import SourceError
from ..local_files import hash_file, path_of
from ..moments import plain_moment
from ..requirements.hashes import HASH
from ..requirements.per_name_options import FORMATS, ByName
from ..search.resolution import Artifact
from ..sources.grading import FileGrader
from ..sources.protocol import Dated, passed_over, remarks
from .standing import PinStanding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from packaging.version import Version

    from ..index.simple_api import Link
    from ..requirements.lines import OptionLike
    from ..requirements.merge import PinLike
    from ..settings import IndexSettings
    from ..sources.grading import GradedFile
    from ..target import Target


@runtime_checkable
class FileSource(Protocol):
    """A source that can name the files of a distribution."""

    def links(self, name: str) -> Sequence[Link]:
        """Return the files under a normalised name; files of other names do no harm."""


@dataclass(frozen=True, slots=True)
class Artifacts:
    """The files found for each pin, best first, and the reasons for those not found."""

    files: Mapping[str, tuple[Artifact, ...]]
    lacking: Mapping[str, str] = field(default_factory=dict)
    """The reason why a pin, as "numpy 2.0", has no file with a known hash."""

    notes: tuple[str, ...] = ()
    """Sentences about the result, such as that a pin was yanked."""

    later: Mapping[str, str] = field(default_factory=dict)
    """The time when an index received a pin, if that is too late (PEP 700); by the pin."""

    standings: tuple[PinStanding, ...] = ()
    """Pins that their index warns about (yanked, archived), also those without a file."""

    def __repr__(self) -> str:
        """Return the number of pins and of missing ones, in brackets."""
        return f"<Artifacts of {len(self.files)} pins, {len(self.missing)} missing>"

    @property
    def complete(self) -> bool:
        """Whether every pin has a file with a hash."""
        return not self.lacking

    @property
    def missing(self) -> tuple[str, ...]:
        """Return a sentence for each reason why pins lack a file, with the pins it applies to."""
        pins: dict[str, list[str]] = {}
        for pin, reason in self.lacking.items():
            pins.setdefault(reason, []).append(pin)
        return tuple(f"{', '.join(each)}: {reason}" for reason, each in pins.items())


def find_artifacts(
    pins: Iterable[PinLike],
    target: Target,
    *,
    sources: Sequence[FileSource] | None = None,
    options: Iterable[OptionLike] = (),
    every: bool = False,
    tolerant: bool = False,
    settings: IndexSettings | None = None,
) -> Artifacts:
    """Find the files that each pin can be installed from on a target, with their digests.

    `sources` are asked in order; None: those that pip is configured with, changed by the `options`
    of requirements files. The first one elsewhere that has files for a pin answers; local ones
    count if no other has any, since a lock is to travel. Wheels that suit the target are taken,
    a source distribution only if there is none, or if `every` file is wanted. `settings` are
    read from the environment unless given. Raises `SourceError`, `ConfigurationError`; if
    `tolerant`, a failing source is not asked again, and is given as the reason for missing files.

    >>> from resolver import Target
    >>> find_artifacts([], Target.current(), sources=[]).complete
    True
    """
    asked = tuple(options)
    if sources is None:
        sources = _configured(target, asked, settings)
    grader = FileGrader(target, ByName.of_options(asked, FORMATS))
    files: dict[str, tuple[Artifact, ...]] = {}
    lacking: dict[str, str] = {}
    later: dict[str, str] = {}
    notes: list[str] = []
    search = _Search(grader, sources, every=every, tolerant=tolerant)
    for pin in pins:
        name = canonicalize_name(pin.name)
        found, unfit = search.find(name, pin.version)
        if not found:
            lacking[f"{name} {pin.version}"] = unfit
            if when := search.received(name, pin.version):
                later[f"{name} {pin.version}"] = when
            continue
        files[name] = found
        standing = search.standings.get(f"{name} {pin.version}")
        notes += standing.remarks if standing else ()
        if not found[0].file.endswith(".whl"):
            notes.append(f"{name} {pin.version} has only a source distribution for this target")
    return Artifacts(files, lacking, tuple(notes), later, tuple(search.standings.values()))


def _configured(
    target: Target, options: Iterable[OptionLike], settings: IndexSettings | None
) -> Sequence[FileSource]:
    from ..sources.configured import configured_sources
    from ..sources.index import IndexSource
    from ..sources.wheels import NoIndex, WheelFolder

    found = configured_sources(target, options=options, settings=settings)
    return [each for each in found if isinstance(each, (IndexSource, NoIndex, WheelFolder))]


@dataclass(frozen=True, slots=True)
class _Search:
    """The search of sources for the files of one pin after the other."""

    grader: FileGrader
    sources: Sequence[FileSource]
    every: bool
    tolerant: bool
    failed: dict[int, SourceError] = field(default_factory=dict)
    """The error of each source that did not answer, by its number."""
    standings: dict[str, PinStanding] = field(default_factory=dict)
    """The first warning that any source has for a pin."""

    def find(self, name: str, version: Version) -> tuple[tuple[Artifact, ...], str]:
        """Return the files of the first source elsewhere that has any, else of a local one.

        If there is none, record the reason. Files of a local source suffice if the others
        fail.
        """
        reason = "no index and no folder has it"
        local: tuple[Artifact, ...] = ()
        failed = self.failed if self.tolerant else {}
        for number, source in enumerate(self.sources):
            if number in failed:
                continue
            try:
                links = source.links(name)
            except SourceError as error:
                failed[number] = error
                continue
            graded = self.grader.by_version(name, links).get(version, ())
            files, why = self._choose(graded)
            self._note(name, version, graded, source)
            if files and not files[0].is_local:
                return files, ""
            local, reason = local or files, why or reason
        if failed and not local and not self.tolerant:
            raise list(failed.values())[-1]
        if when := self.received(name, version):
            by = next((f" ({each.said_by})" for each in self._dated if each.said_by), "")
            reason = f"its index received it on {when[:10]}, later than it is asked as of{by}"
        told = map(str, failed.values()) if failed else (reason,)
        besides = (*passed_over(name, self.sources), *remarks(name, self.sources))
        return local, "; ".join([*told, *besides])

    def _note(
        self, name: str, version: Version, graded: Sequence[GradedFile], source: FileSource
    ) -> None:
        """Record what a source says against a version: of the files that suit, if any do."""
        files = [each.link for each in graded if each.suits] or [each.link for each in graded]
        standing = PinStanding.of(name, version, files, source)
        if standing.remarks:
            self.standings.setdefault(f"{name} {version}", standing)

    def received(self, name: str, version: Version) -> str:
        """Return when a source received a version that is too late; empty: none has it later."""
        received = (each.later(name).get(version, "") for each in self._dated)
        return next(filter(None, received), "")

    @property
    def _dated(self) -> Iterator[Dated]:
        """The sources that can be asked as of a moment, and that can be read."""
        whole = (each for number, each in enumerate(self.sources) if number not in self.failed)
        yield from (each for each in whole if isinstance(each, Dated))

    def _choose(self, graded: Sequence[GradedFile]) -> tuple[tuple[Artifact, ...], str]:
        suiting = [each for each in graded if each.suits]
        wheels = [] if self.every else [each for each in suiting if each.is_wheel]
        chosen = wheels or suiting
        files = tuple(file for file in (_file(each.link) for each in chosen) if file is not None)
        if files or not graded:
            return files, ""
        if chosen:
            return (), "the index states no hash for its files"
        return (), "no file of it is for this platform and Python"


def _file(link: Link) -> Artifact | None:
    hashes, size = tuple(filter(HASH.fullmatch, link.digests)), link.size
    path = path_of(link.url)
    if path is not None and not (hashes and size):
        if not path.is_file():
            return None
        hashes, size = (hash_file(path),), path.stat().st_size
    uploaded = plain_moment(link.uploaded)
    return Artifact(link.file, link.url, hashes, size, uploaded) if hashes else None
