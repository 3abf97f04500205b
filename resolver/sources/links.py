"""From links to candidates: the best file of each version for a target."""

from __future__ import annotations

from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from ..requirements.per_name_options import ByName
from .metadata import MetadataReader
from .protocol import Candidate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..index.session import Access
    from ..index.simple_api import Link
    from ..target import Target
    from .metadata import FileMetadata
    from .protocol import Source

_UNFIT = 1 << 20
_SOURCE = _UNFIT - 1


class _Graded(NamedTuple):
    """A link with how well it suits; the least is the best."""

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
        self._rank_of_tags = {"": _SOURCE}
        self._pythons: dict[str, SpecifierSet] = {}
        self._suiting: dict[str, bool] = {}

    def candidates(
        self, name: str, links: Iterable[Link], references: tuple[str, ...] = ()
    ) -> tuple[Candidate, ...]:
        """Make one candidate for each version: of its best wheel, else of its source."""
        by_version: dict[Version, list[_Graded]] = {}
        for text, files in self._by_version(name, links).items():
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
        """Return whether a candidate's metadata is known without fetching it."""
        return candidate in self._metadata or self._reader.is_at_hand(self._links[candidate][0])

    def is_worth_expecting(self, candidate: Candidate) -> bool:
        """Return whether a candidate may be chosen and costs little to look at: is a wheel."""
        best = self._links[candidate][0]
        return not (candidate.unusable or candidate.yanked or candidate.version.is_prerelease) and (
            best.file.endswith(".whl") and self._suits(best.requires_python)
        )

    def links(self, candidate: Candidate) -> tuple[Link, ...]:
        """Return a candidate's files that suit the target, the best wheel first."""
        return self._links[candidate]

    def _by_version(self, name: str, links: Iterable[Link]) -> dict[str, list[_Graded]]:
        """Grade the files of a name, by the version as it is spelled.

        There are thousands, and few suit: what stands before the tags is read once for each
        version, the tags once for all, and of a version that nothing suits one file is enough.
        """
        found: dict[str, list[_Graded]] = {}
        heads: dict[str, tuple[str, tuple[int, str]]] = {}
        ranks = self._rank_of_tags
        kind = self._formats.of(name)
        for link in links:
            file = link.file
            is_wheel = file.endswith(".whl")
            if kind and (kind == "--no-binary") == is_wheel:
                continue
            head = file.rsplit("-", 3)[0] if is_wheel else file
            if head not in heads:
                heads[head] = self._wheel(name, head) if is_wheel else self._source_of(name, head)
            version, build = heads[head]
            tags = file[len(head) :]
            rank = ranks[tags] if tags in ranks else self._rank(tags)
            if version and (rank < _UNFIT or version not in found):
                found.setdefault(version, []).append(_Graded(rank, build, link))
        return found

    def _wheel(self, name: str, head: str) -> tuple[str, tuple[int, str]]:
        """Read version and build of what stands before a wheel's tags; empty: another name's."""
        label, *parts = head.split("-")
        if len(parts) not in {1, 2} or not self._is_spelling_of(name, label):
            return "", (0, "")
        return parts[0], _build(parts[1]) if len(parts) == 2 else (0, "")

    def _source_of(self, name: str, file: str) -> tuple[str, tuple[int, str]]:
        """Read the version of a source distribution; empty: another name's."""
        label, _, version = _stem(file).rpartition("-")
        return version if self._is_spelling_of(name, label) else "", (0, "")

    def _is_spelling_of(self, name: str, label: str) -> bool:
        if label not in self._names:
            self._names[label] = canonicalize_name(label)
        return self._names[label] == name

    def _rank(self, end: str) -> int:
        """Return how well a file suits by the end of its name: "-py2.py3-none-any.whl"."""
        parts = end[1:-4].split("-")
        tags = map("-".join, product(*(part.split(".") for part in parts)))
        rank = min((self._ranks.get(tag, _UNFIT) for tag in tags), default=_UNFIT)
        self._rank_of_tags[end] = rank
        return rank

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

    def _suits(self, requires_python: str) -> bool:
        known = self._suiting.get(requires_python)
        if known is None:
            python = self._python(requires_python)
            known = python.contains(self._target.python_version, prereleases=True)
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
    """Return the number of a build tag, and the rest (PEP 427)."""
    digits = text[: len(text) - len(text.lstrip("0123456789"))]
    return int(digits or 0), text[len(digits) :]
