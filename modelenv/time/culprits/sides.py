"""One side of a bisection: an environment given by the user, as a whole set of pins."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from ...base import arguments
from ...base.arguments import Requirements
from ...base.errors import NotMadeError, WrongUseError
from ...base.siblings import envfiles, resolver
from ...environments.builders.exports import ToolExport
from ...environments.spec import minor
from ...folder.model_folder import ModelFolder
from ...pins.package_sources import PackageSources
from ...pins.pin_set import PinnedVersion
from ..newest.aim import set_before
from ..trials.pins import TrialPins

OWN = "the folder's own pins"


@dataclass(frozen=True, slots=True)
class NamedPins:
    """A set of pins, and its name."""

    label: str
    pins: TrialPins


@dataclass(frozen=True, slots=True)
class SideReader:
    """Reads environments that users give as a side, for one model."""

    folder: ModelFolder
    sources: PackageSources
    selection: envfiles.Selection
    """The chosen extras and groups of a project or its lock."""

    def own(self, dated: PackageSources) -> NamedPins:
        """Return the set of the folder; an open list is resolved by `dated` sources.

        Raises the resolver's errors if it has no solution, and NotMadeError for conda's
        packages.
        """
        _check_pip_alone(str(self.folder.path), self.folder.environment.conda_dependencies)
        return NamedPins(OWN, set_before(self.folder, dated))

    def read(self, name: str, said: Requirements, own: TrialPins) -> NamedPins:
        """Read a requirements file, a lock, a model folder or lines, the argument called `name`.

        Names that the model requires and the side lacks are as in `own`. Raises WrongUseError,
        InvalidFile, NotMadeError and the resolver's errors.
        """
        if isinstance(said, str | os.PathLike) and Path(said).is_dir():
            return self._of_path(Path(said), own)
        lines = arguments.lines(name, said)
        assert lines is not None  # None is the other side's
        if isinstance(lines, os.PathLike):
            return self._of_path(Path(lines), own)
        for line in lines:
            _check_line(line)
        return NamedPins(", ".join(lines), self._whole(lines, own, own.python))

    def _of_path(self, path: Path, own: TrialPins) -> NamedPins:
        side = envfiles.read_side(
            path,
            selection=self.selection,
            export=ToolExport(self.sources.environment),
        )
        _check_pip_alone(str(path), side.conda)
        python = side.python or own.python
        target = target_of(python)
        lines = [*_iter_lines(side.requirements, target)]
        return NamedPins(str(path), self._whole(lines, own, python))

    def _whole(self, lines: Sequence[str], own: TrialPins, python: str) -> TrialPins:
        """Return the closure of some lines and of the model's own requirements."""
        said = {canonicalize_name(Requirement(line).name) for line in lines}
        roots = (Requirement(each.requirement) for each in self.folder.pins.roots)
        own_roots = [
            without_version(each) for each in roots if canonicalize_name(each.name) not in said
        ]
        kept = own.versions
        known = [line for line in own_roots if canonicalize_name(Requirement(line).name) in kept]
        try:
            return self._resolved([*lines, *known], kept, python)
        except resolver.ConflictError:
            exact = TrialPins.of(lines, python)
            if known or exact.versions.keys() != exact.by_name.keys():
                raise
            return exact  # an existing environment that contradicts itself and runs

    def _resolved(
        self, lines: Sequence[str], preferred: Mapping[str, Version], python: str
    ) -> TrialPins:
        target = target_of(python)
        asked = self.sources.read(lines, layer="requirements.txt")
        merged = resolver.merge((), pip_requirements=asked, target=target)
        found = self.sources.resolve(
            merged,
            resolver.Installed((), target),
            sources=self.sources.configured(target),
            preferences=[PinnedVersion(*each) for each in preferred.items()],
            tolerant=False,
        )
        return TrialPins.of((str(pin.requirement) for pin in found.pins), python)


def target_of(python: str) -> resolver.Target:
    """Return a Python of this machine's kind: this very one if the minor version is the same.

    >>> target_of("3.12").python_version.startswith("3.12")
    True
    """
    here = resolver.Target.current()
    return here if minor(here.python_version) == minor(python) else resolver.Target.of(python)


def _iter_lines(requirements: Mapping[str, str], target: resolver.Target) -> Iterator[str]:
    """Yield the lines of a side whose markers are true."""
    for named, asked in requirements.items():
        name, _, marker = named.partition(" [")
        if not marker or target.admits(Marker(marker.removesuffix("]"))):
            yield f"{name}{asked}"


def _check_line(line: str) -> None:
    """Raise WrongUseError for what is no requirement, such as a missing path."""
    try:
        Requirement(line)
    except InvalidRequirement as error:
        raise WrongUseError(
            f"{line}: there is no such file or folder, and it is no requirement, as pandas==2.2.3"
        ) from error


def _check_pip_alone(place: str, conda: Iterable[str]) -> None:
    brought = [each for each in conda if each not in ("python", "pip")]
    if brought:
        raise NotMadeError(
            place,
            f"conda installs {', '.join(brought)}, and only what pip installs can be tried in other"
            " versions",
            "let pip install it",
        )


def without_version(asked: Requirement) -> str:
    """Return a requirement without versions; a reference stays unchanged."""
    if asked.url:
        return f"{asked.name} @ {asked.url}"
    extras = f"[{','.join(sorted(asked.extras))}]" if asked.extras else ""
    return f"{asked.name}{extras}"
