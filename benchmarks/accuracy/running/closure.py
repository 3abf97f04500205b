"""The dependency closure of requirements, by the metadata of installed distributions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

Installed = Mapping[NormalizedName, Distribution]


class NotInstalledError(Exception):
    """A requirement that the source environment does not hold."""

    def __init__(self, requirement: Requirement, parent: str) -> None:
        self.requirement = requirement
        self.parent = parent
        super().__init__(requirement, parent)

    def __str__(self) -> str:
        return f"{self.requirement}, which {self.parent} needs, is not installed"


def read_installed(*folders: Path) -> Installed:
    """Return the distributions of site-packages folders by normalised name."""
    found = distributions(path=[str(folder) for folder in folders])
    return {canonicalize_name(one.metadata["Name"]): one for one in found}


def closure(
    roots: Iterable[Requirement], installed: Installed, markers: Mapping[str, str]
) -> frozenset[NormalizedName]:
    """Return the names of `roots` and of everything they declare, extras and markers heeded.

    Raises `NotInstalledError` for the first requirement that is not installed.
    """
    waiting = [(root, "a root") for root in roots]
    seen: set[tuple[NormalizedName, str]] = set()
    while waiting:
        requirement, parent = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name not in installed:
            raise NotInstalledError(requirement, parent)
        declared = [Requirement(line) for line in installed[name].requires or ()]
        for extra in {"", *requirement.extras}:
            if (name, extra) not in seen:
                seen.add((name, extra))
                waiting.extend((line, name) for line in declared if _applies(line, extra, markers))
    return frozenset(name for name, _ in seen)


def never_loaded(installed: Installed, loaded: Iterable[str]) -> Iterator[NormalizedName]:
    """Yield the names, sorted, of those that no file of `loaded` belongs to."""
    files = {Path(file) for file in loaded}
    for name, distribution in sorted(installed.items()):
        if not files & {Path(str(file.locate())) for file in distribution.files or ()}:
            yield name


def size(distribution: Distribution) -> int:
    """Return the bytes of a distribution's files, compiled modules left out."""
    files = [Path(str(file.locate())) for file in distribution.files or ()]
    return sum(file.stat().st_size for file in files if file.suffix != ".pyc" and file.is_file())


def _applies(requirement: Requirement, extra: str, markers: Mapping[str, str]) -> bool:
    if requirement.marker is None:
        return not extra
    return requirement.marker.evaluate({**markers, "extra": extra})
