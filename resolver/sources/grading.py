"""The files of each version, graded by how well they suit a target."""

from __future__ import annotations

from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from ..requirements.per_name_options import ByName

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..index.simple_api import Link
    from ..target import Target

_UNFIT = 1 << 20
_SOURCE = _UNFIT - 1
_WRONG = _UNFIT + 1
_VARIANT = _UNFIT + 2


class GradedFile(NamedTuple):
    """A file with how well it suits; the least rank is the best."""

    rank: int
    build: tuple[int, str]
    link: Link

    @property
    def suits(self) -> bool:
        """Whether it can be installed on the target."""
        return self.rank < _UNFIT

    @property
    def is_variant(self) -> bool:
        """Whether its name has the label of a variant (PEP 825): no installer accepts it yet."""
        return self.rank == _VARIANT

    @property
    def is_wheel(self) -> bool:
        """Whether it is a wheel, not a source distribution."""
        return self.link.file.endswith(".whl")


class FileGrader:
    """Grade files for a target; `formats` name those without allowed wheels or sources."""

    def __init__(self, target: Target, formats: ByName | None = None) -> None:
        self._target = target
        self._formats = formats or ByName()
        self._names: dict[str, str] = {}
        self._rank_of_tags = {"": _SOURCE}

    def by_version(self, name: str, links: Iterable[Link]) -> dict[Version, list[GradedFile]]:
        """Return the files of a name by their version, the best first: wheels before sources."""
        found: dict[Version, list[GradedFile]] = {}
        for text, files in self._by_spelling(name, links).items():
            try:
                found.setdefault(Version(text), []).extend(files)
            except InvalidVersion:
                continue  # such files were uploaded once, and no tool can choose them
        for files in found.values():
            # Of two builds the later one; so a rank of the wheel, and the number turned round.
            files.sort(key=lambda each: (each.rank, -each.build[0], each.link.file))
        return found

    def _by_spelling(self, name: str, links: Iterable[Link]) -> dict[str, list[GradedFile]]:
        """Grade the files of a name, by the version as it is spelled.

        There are thousands, and few suit: what stands before the tags is read once for each
        version, the tags once for all, and of the files of a version that do not suit one is
        enough.
        """
        unfit: set[tuple[str, bool]] = set()
        found: dict[str, list[GradedFile]] = {}
        heads: dict[str, tuple[str, tuple[int, str]]] = {}
        variants: set[str] = set()
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
                variants.update((head,) if is_wheel and _is_of_variant(head) else ())
            version, build = heads[head]
            tags = file[len(head) :]
            rank = ranks[tags] if tags in ranks else self._rank(tags)
            if link.wrong:
                rank = _WRONG
            elif is_wheel and head in variants:
                rank = _VARIANT
            kept = (version, rank == _VARIANT)
            if version and (rank < _UNFIT or kept not in unfit):
                unfit.update((kept,) if rank >= _UNFIT else ())
                found.setdefault(version, []).append(GradedFile(rank, build, link))
        return found

    def _wheel(self, name: str, head: str) -> tuple[str, tuple[int, str]]:
        """Read version and build of what stands before a wheel's tags; empty: another name's."""
        label, *parts = head.split("-")
        most = 3 if _is_of_variant(head) else 2
        if not 1 <= len(parts) <= most or not self._is_spelling_of(name, label):
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


def _is_of_variant(head: str) -> bool:
    """Return whether a wheel name without its last three parts still holds its first tag.

    Then a label follows the tags. A build begins with a digit, and no Python tag does.
    """
    _, *parts = head.split("-")
    has_build = len(parts) > 1 and parts[1][:1].isdigit()
    return len(parts) == (3 if has_build else 2)


def _stem(file: str) -> str:
    """Return the name of a source distribution without its suffix (PEP 625); empty for others."""
    found = (file[: -len(suffix)] for suffix in (".tar.gz", ".zip") if file.endswith(suffix))
    return next(found, "")


def _build(text: str) -> tuple[int, str]:
    """Return the number of a build tag, and the rest (PEP 427)."""
    digits = text[: len(text) - len(text.lstrip("0123456789"))]
    return int(digits or 0), text[len(digits) :]
