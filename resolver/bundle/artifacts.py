"""The files that pins can be installed from, with their hashes: from indexes and local wheels."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from packaging.utils import canonicalize_name

from ..errors import SourceError
from ..local_files import hash_file, path_of
from ..search.resolution import Artifact
from ..sources.grading import FileGrader
from ..sources.protocol import passed_over

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from packaging.version import Version

    from ..index.simple_api import Link
    from ..requirements.lines import OptionLike
    from ..requirements.merge import PinLike
    from ..sources.grading import GradedFile
    from ..target import Target

_STRONG = re.compile(r"sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}")


class FileSource(Protocol):
    """A source that can name the files of a distribution."""

    def links(self, name: str) -> Sequence[Link]:
        """Return the files under a normalised name; others among them do no harm."""


@dataclass(frozen=True, slots=True)
class Artifacts:
    """What was found: the files of each name, best first, and what is in the way."""

    files: Mapping[str, tuple[Artifact, ...]]
    missing: tuple[str, ...] = ()
    """A sentence for each pin without any file whose hash is known."""

    notes: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every pin has a file with a hash."""
        return not self.missing


def find_artifacts(
    pins: Iterable[PinLike],
    target: Target,
    *,
    sources: Sequence[FileSource] | None = None,
    options: Iterable[OptionLike] = (),
) -> Artifacts:
    """Find the files that each pin can be installed from on a target, with their hashes.

    `sources` are asked in order; None: what pip is configured with, and what the `options` of
    requirements files say of it. The first that has files for a
    pin elsewhere answers, local ones where no other has any, since a lock is to travel. Wheels that
    suit the target are taken, a source distribution only where there is none. Raises `SourceError`,
    `ConfigurationError`.

    >>> from resolver import Target
    >>> find_artifacts([], Target.current(), sources=[]).complete
    True
    """
    if sources is None:
        sources = _configured(target, options)
    grader = FileGrader(target)
    files: dict[str, tuple[Artifact, ...]] = {}
    missing, notes = [], []
    for pin in pins:
        name = canonicalize_name(pin.name)
        found, unfit = _find(name, pin.version, grader, sources)
        if not found:
            missing.append(f"{name} {pin.version}: {unfit}")
            continue
        files[name] = found
        if not found[0].file.endswith(".whl"):
            notes.append(f"{name} {pin.version} has only a source distribution for this target")
    return Artifacts(files, tuple(missing), tuple(notes))


def _configured(target: Target, options: Iterable[OptionLike]) -> Sequence[FileSource]:
    from ..sources.configured import configured_sources
    from ..sources.index import IndexSource
    from ..sources.wheels import WheelFolder

    found = configured_sources(target, options=options)
    return [each for each in found if isinstance(each, (IndexSource, WheelFolder))]


def _find(
    name: str, version: Version, grader: FileGrader, sources: Sequence[FileSource]
) -> tuple[tuple[Artifact, ...], str]:
    """Return the files of the first source elsewhere that has any, else of a local one.

    Where there is none, say why. What a local one has is enough where the others fail.
    """
    reason = "no index and no folder has it"
    local: tuple[Artifact, ...] = ()
    failure: SourceError | None = None
    for source in sources:
        try:
            links = source.links(name)
        except SourceError as error:
            failure = error
            continue
        files, why = _choose(grader.by_version(name, links).get(version, ()))
        if files and not files[0].is_local:
            return files, ""
        local, reason = local or files, why or reason
    if failure is not None and not local:
        raise failure
    return local, "; ".join([reason, *passed_over(name, sources)])


def _choose(graded: Sequence[GradedFile]) -> tuple[tuple[Artifact, ...], str]:
    suiting = [each for each in graded if each.suits]
    chosen = [each for each in suiting if each.is_wheel] or suiting
    files = tuple(file for file in (_file(each.link) for each in chosen) if file is not None)
    if files or not graded:
        return files, ""
    if chosen:
        return (), "the index states no hash for its files"
    return (), "no file of it is for this platform and Python"


def _file(link: Link) -> Artifact | None:
    hashes, size = tuple(filter(_STRONG.fullmatch, link.digests)), link.size
    path = path_of(link.url)
    if path is not None and not (hashes and size):
        if not path.is_file():
            return None
        hashes, size = (hash_file(path),), path.stat().st_size
    return Artifact(link.file, link.url, hashes, size) if hashes else None
