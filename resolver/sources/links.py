"""From links to candidates: the best file of each version for a target."""

from __future__ import annotations

from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from ..by_name import ByName
from ..candidates import Candidate
from .metadata import MetadataReader

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..target import Target
    from . import Source
    from .access import Access
    from .metadata import FileMetadata
    from .simple import Link

_UNFIT = 1 << 20
_SOURCE = _UNFIT - 1


class _Graded(NamedTuple):
    """Be a link with how well it suits; the least is the best."""

    rank: int
    build: tuple[int, str]
    link: Link


class Files:
    """Turn the links of one source into candidates, and read their metadata.

    `limits` narrow by name what may be chosen, each with the place that says so; `formats` say of
    which names no wheel or no source may be taken.
    """

    def __init__(
        self,
        source: Source,
        target: Target,
        access: Access,
        *,
        limits: Mapping[str, tuple[SpecifierSet, str]] | None = None,
        formats: ByName | None = None,
    ) -> None:
        self._source = source
        self._formats = formats or ByName()
        self._target = target
        self._reader = MetadataReader(access)
        self._limits = limits or {}
        self._links: dict[Candidate, tuple[Link, ...]] = {}
        self._metadata: dict[Candidate, FileMetadata] = {}
        self._names: dict[str, str] = {}
        self._rank_of_tags: dict[str, int] = {}
        self._pythons: dict[str, SpecifierSet] = {}
        self._suiting: dict[SpecifierSet, bool] = {}

    def candidates(
        self, name: str, links: Iterable[Link], references: tuple[str, ...] = ()
    ) -> tuple[Candidate, ...]:
        """Make one candidate for each version: of its best wheel, else of its source."""
        by_text: dict[str, list[_Graded]] = {}
        kind = self._formats.of(name)
        for link in links:
            is_refused = kind and (kind == "--no-binary") == link.file.endswith(".whl")
            graded = None if is_refused else self._grade(name, link)
            if graded is not None:
                by_text.setdefault(graded[0], []).append(graded[1])
        by_version: dict[Version, list[_Graded]] = {}
        for text, files in by_text.items():
            try:
                by_version.setdefault(Version(text), []).extend(files)
            except InvalidVersion:
                continue  # such files were uploaded once, and no tool can choose them
        return tuple(
            self._candidate(name, version, files, references)
            for version, files in by_version.items()
        )

    def metadata(self, candidate: Candidate) -> FileMetadata:
        """Read a candidate's metadata. Raises `BrokenMetadataError`, `SourceError`."""
        if candidate not in self._metadata:
            self._metadata[candidate] = self._reader.read(self._links[candidate][0])
        return self._metadata[candidate]

    def is_at_hand(self, candidate: Candidate) -> bool:
        """Tell whether a candidate's metadata is known without fetching it."""
        return candidate in self._metadata or self._reader.is_at_hand(self._links[candidate][0])

    def is_worth_expecting(self, candidate: Candidate) -> bool:
        """Tell whether a candidate may be chosen and costs little to look at: is a wheel."""
        best = self._links[candidate][0]
        return not (candidate.unusable or candidate.yanked or candidate.version.is_prerelease) and (
            best.file.endswith(".whl") and self._suits(candidate.requires_python)
        )

    def links(self, candidate: Candidate) -> tuple[Link, ...]:
        """Return a candidate's files that suit the target, the best wheel first."""
        return self._links[candidate]

    def _grade(self, name: str, link: Link) -> tuple[str, _Graded] | None:
        """Return the version as it is spelled and how well the file suits; None: another name's."""
        if not link.file.endswith(".whl"):
            label, _, version = _stem(link.file).rpartition("-")
            is_its = self._is_spelling_of(name, label)
            return (version, _Graded(_SOURCE, (0, ""), link)) if is_its else None
        parts = link.file[:-4].split("-")
        if len(parts) not in {5, 6} or not self._is_spelling_of(name, parts[0]):
            return None
        tags = "-".join(parts[-3:])
        if tags not in self._rank_of_tags:
            self._rank_of_tags[tags] = self._rank(parts[-3:])
        build = _build(parts[2]) if len(parts) == 6 else (0, "")
        return parts[1], _Graded(self._rank_of_tags[tags], build, link)

    def _is_spelling_of(self, name: str, label: str) -> bool:
        if label not in self._names:
            self._names[label] = canonicalize_name(label)
        return self._names[label] == name

    def _rank(self, compressed: Iterable[str]) -> int:
        tags = map("-".join, product(*(part.split(".") for part in compressed)))
        return min((self._ranks.get(tag, _UNFIT) for tag in tags), default=_UNFIT)

    @cached_property
    def _ranks(self) -> dict[str, int]:
        return {tag: rank for rank, tag in enumerate(self._target.wheel_tags())}

    def _candidate(
        self, name: str, version: Version, files: list[_Graded], references: tuple[str, ...]
    ) -> Candidate:
        # Of two builds the later one; so a rank of the wheel, and the number turned round.
        files.sort(key=lambda each: (each.rank, -each.build[0], each.link.file))
        best = files[0]
        made = Candidate(
            name,
            version,
            self._source,
            self._python(best.link.requires_python),
            best.link.yanked,
            references,
            self._why_unusable(name, version, best),
        )
        suiting = tuple(each.link for each in files if each.rank < _UNFIT)
        self._links[made] = suiting or (best.link,)
        return made

    def _why_unusable(self, name: str, version: Version, best: _Graded) -> str:
        if best.rank == _UNFIT:
            return "no wheel of it is for this platform and Python"
        limit, place = self._limits.get(name, (None, ""))
        if limit is not None and not limit.contains(version, prereleases=True):
            return f"{place} says {limit}"
        return ""

    def _suits(self, requires_python: SpecifierSet) -> bool:
        known = self._suiting.get(requires_python)
        if known is None:
            known = requires_python.contains(self._target.python_version, prereleases=True)
            self._suiting[requires_python] = known
        return known

    def _python(self, text: str) -> SpecifierSet:
        if text not in self._pythons:
            try:
                self._pythons[text] = SpecifierSet(text)
            except InvalidSpecifier:
                # Pages have kept some that PEP 440 never allowed; the METADATA will say.
                self._pythons[text] = SpecifierSet()
        return self._pythons[text]


def _stem(file: str) -> str:
    """Return the name of a source distribution without its suffix (PEP 625); empty for others."""
    found = (file[: -len(suffix)] for suffix in (".tar.gz", ".zip") if file.endswith(suffix))
    return next(found, "")


def _build(text: str) -> tuple[int, str]:
    """Part a build tag into its number and the rest (PEP 427)."""
    digits = text[: len(text) - len(text.lstrip("0123456789"))]
    return int(digits or 0), text[len(digits) :]
