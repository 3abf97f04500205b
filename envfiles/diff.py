"""Differences between two environments, with the size of each step."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from packaging.markers import Marker, default_environment
from packaging.version import Version

from .conda.match_spec import parse_match_spec
from .errors import Fault, InvalidEntry, InvalidFile, Location
from .formats.conda_yaml import read_conda
from .formats.folder import read_folder
from .formats.python_env import read_python_env
from .lists.forms import REQUIREMENTS, SELECTABLE, form_of
from .lists.nested import follow, read_requirements
from .lists.values import NOTHING_MORE, Selection
from .lock.pylock import read_pylock
from .requirements.entry import Entry
from .text import read_text
from .yaml.nodes import parse_yaml

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping

    from .lists.values import Export
    from .requirements.content import RequirementsContent
    from .spec import EnvSpec

Step = Literal["major", "minor", "patch", "other"]

_ENVIRONMENTS = ("conda environment", "python_env")


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: its name, its Python, and its requirements."""

    label: str
    python: str | None
    requirements: Mapping[str, str]
    """Distributions (with the marker, if any) and the requirement on each: `==2.4.6`."""
    conda: Mapping[str, str]
    """Likewise for what conda installs."""
    environment: Mapping[str, str] | None = None
    """The PEP 508 environment that is its own, if it is for several."""

    def __repr__(self) -> str:
        """Return the number of requirements, in brackets."""
        return f"<Side of {len(self.requirements)} requirements>"

    def on(self, python: str) -> Side:
        """Return the requirements that apply for a Python on this platform, without markers."""
        found: dict[str, str] = {}
        for named, asked in self.requirements.items():
            name, _, marker = named.partition(" [")
            if not marker or _holds(marker.removesuffix("]"), python):
                # If two lines apply, both are required.
                found[name] = ",".join(dict.fromkeys(filter(None, (found.get(name), asked))))
        return replace(self, requirements=found)

    def beside(self, other: Side) -> Side:
        """Return the part to compare with another side: its own environment, if it has one."""
        if self.environment is None or other.environment is not None:
            return self
        counting = {}
        for key, asked in self.requirements.items():
            name, _, marker = key.partition(" [")
            if not marker or Marker(marker.removesuffix("]")).evaluate({**self.environment}):
                counting[name] = asked
        return replace(self, requirements=counting)


@dataclass(frozen=True, slots=True)
class Change:
    """One name and its requirement on either side; None: the side lacks it."""

    name: str
    left: str | None
    right: str | None

    @property
    def step(self) -> Step | None:
        """Return the size of a version's step; None if something was added or removed."""
        if self.left is None or self.right is None:
            return None
        return step(self.left, self.right)

    def __str__(self) -> str:
        if self.left is None:
            return f"+ {self.name}{self.right}"
        if self.right is None:
            return f"- {self.name}{self.left}"
        return f"~ {self.name} {self.left.lstrip('=')} -> {self.right.lstrip('=')} ({self.step})"


@dataclass(frozen=True, slots=True)
class Difference:
    """All differences of two environments, sorted by name."""

    left: str
    right: str
    python: Change | None
    changes: tuple[Change, ...]
    conda: tuple[Change, ...]

    def __bool__(self) -> bool:
        return bool(self.python or self.changes or self.conda)

    def __str__(self) -> str:
        """Return it as text, one change a line."""
        lines = [f"{self.left} -> {self.right}"]
        lines += [str(self.python)] if self.python else []
        lines += [*map(str, self.changes), *(f"{each} [conda]" for each in self.conda)]
        return "\n".join(lines) if self else f"{lines[0]}: no difference"

    def __repr__(self) -> str:
        """Return the number of differing requirements, in brackets."""
        return f"<Difference of {len(self.changes)} requirements>"

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "schema": 1,
            "left": self.left,
            "right": self.right,
            "python": _plain(self.python) if self.python else None,
            "added": [_plain(each) for each in self.changes if each.left is None],
            "removed": [_plain(each) for each in self.changes if each.right is None],
            "changed": [_plain(each) for each in self.changes if each.step],
            "conda": [_plain(each) for each in self.conda],
        }


def compare(left: Side, right: Side) -> Difference:
    """Compare two environments; a missing Python on one side is no difference.

    A lock of several environments is compared by its own, unless both are such.

    >>> a = Side("a", "3.11.7", {"numpy": "==1.26.4"}, {})
    >>> b = Side("b", "3.11.9", {"numpy": "==2.0.0"}, {})
    >>> print(compare(a, b))
    a -> b
    ~ python 3.11.7 -> 3.11.9 (patch)
    ~ numpy 1.26.4 -> 2.0.0 (major)
    """
    left, right = left.beside(right), right.beside(left)
    python = None
    if left.python and right.python and left.python != right.python:
        python = Change("python", left.python, right.python)
    return Difference(
        left.label,
        right.label,
        python,
        tuple(_iter_changes(left.requirements, right.requirements)),
        tuple(_iter_changes(left.conda, right.conda)),
    )


def read_sides(
    left: str | os.PathLike[str],
    right: str | os.PathLike[str],
    *,
    selection: Selection = NOTHING_MORE,
    export: Export | None = None,
) -> tuple[Side, Side]:
    """Read the two sides of a comparison, each as :func:`read_side` does.

    If one is for one Python, and the other a list for several, the requirements of both that
    apply for that Python, on this platform, are compared. Raises InvalidFile, also if neither
    has extras and groups and a `selection` is given.
    """
    if selection and not any(_has_parts(Path(each)) for each in (left, right)):
        reason = f"no {selection}: only a project or its lock has any"
        raise InvalidFile([Fault(Location(f"{left}, {right}"), reason)])
    one, other = (read_side(each, selection=selection, export=export) for each in (left, right))
    python = one.python or other.python
    if python and not (one.python and other.python):
        return one.on(python), other.on(python)
    return one, other


def read_side(
    path: str | os.PathLike[str],
    *,
    selection: Selection = NOTHING_MORE,
    export: Export | None = None,
) -> Side:
    """Read a model folder, a list in any form, or an environment file, for a comparison.

    `selection` are the chosen extras and groups of a project or its lock. Files beside a list are
    named relative to it. `export` lets a lock's own tool turn it into a list. Raises InvalidFile.
    """
    file = Path(path)
    if file.is_dir():
        spec = _read_folder(file)
        requirements = (each.requirement for each in spec.requirements)
        return side(str(path), spec.python, requirements, spec.conda_dependencies)
    text = read_text(file)
    if text is None:
        raise InvalidFile([Fault(Location(str(path)), "there is no such file or folder")])
    form = form_of(str(path), text)
    named_so = form == REQUIREMENTS and file.suffix in {".yaml", ".yml"}
    if named_so or form in _ENVIRONMENTS:
        python, lines, conda = _read_yaml(file, text)
        entries = follow(lines, file.parent).entries()
        return side(str(path), python, (each.requirement for each in entries), conda)
    meant = selection if form in SELECTABLE else NOTHING_MORE
    content = read_requirements(file, selection=meant, export=export)
    beside = f"{file.parent.absolute().as_uri()}/"
    lock = read_pylock(text, file=str(path)) if form == "pylock" else None
    asked = (each.requirement.replace(beside, "./") for each in content.entries())
    found = side(str(path), lock.python or None if lock else None, asked)
    own = lock.own_environment if lock is not None and lock.is_for_several else None
    return replace(found, environment=own)


def _has_parts(file: Path) -> bool:
    """Tell whether a list is of a form that has extras and groups; what is not there has none."""
    text = None if file.is_dir() else read_text(file)
    return text is not None and form_of(str(file), text) in SELECTABLE


def _holds(marker: str, python: str) -> bool:
    """Return whether a marker is true for a Python on this platform."""
    here = {key: str(value) for key, value in default_environment().items()}
    minor = ".".join(python.split(".")[:2])
    there = {"python_full_version": python, "implementation_version": python}
    return Marker(marker).evaluate({**here, **there, "python_version": minor, "extra": ""})


def _read_folder(folder: Path) -> EnvSpec:
    """Read one of two folders; faults are named with the folder."""
    try:
        return read_folder(folder, lock=False)
    except InvalidFile as error:
        raise InvalidFile([_within(folder, fault) for fault in error.faults]) from error


def _within(folder: Path, fault: Fault) -> Fault:
    file = fault.location.file
    if file is None or Path(file).is_relative_to(folder):
        return fault
    return replace(fault, location=replace(fault.location, file=str(folder / file)))


def side(
    label: str, python: str | None, requirements: Iterable[str], conda: Iterable[str] = ()
) -> Side:
    """Return one side made of requirements; raises InvalidEntry if one is invalid."""
    asked = {}
    for each in requirements:
        entry = Entry(each)
        bare = entry.requirement.partition(";")[0].strip()
        name = f"{entry.name} [{entry.marker}]" if entry.marker else entry.name
        asked[name] = bare.removeprefix(entry.name)
    return Side(label, python, asked, _conda(conda))


def step(left: str, right: str) -> Step:
    """Return the first part by which two versions differ; `other` unless both are versions.

    >>> step("==1.26.4", "==1.27.0")
    'minor'
    """
    try:
        one, other = (Version(each.lstrip("=")) for each in (left, right))
    except ValueError:
        return "other"
    if (one.epoch, one.major) != (other.epoch, other.major):
        return "major"
    return "minor" if one.minor != other.minor else "patch"


def _read_yaml(file: Path, text: str) -> tuple[str | None, RequirementsContent, tuple[str, ...]]:
    keys = parse_yaml(text, file=str(file)).mapping()
    if "python" in keys or "build_dependencies" in keys:
        python_env = read_python_env(text, file=str(file))
        return python_env.python, python_env.dependencies, ()
    conda = read_conda(text, file=str(file))
    return conda.python, conda.pip, conda.dependencies


def _conda(dependencies: Iterable[str]) -> dict[str, str]:
    found = {}
    for each in dependencies:
        try:
            spec = parse_match_spec(each)
        except InvalidEntry:
            found[each] = ""
        else:
            found[spec.name] = f"{spec.version}={spec.build}" if spec.build else spec.version
    return found


def _iter_changes(left: Mapping[str, str], right: Mapping[str, str]) -> Iterable[Change]:
    for name in sorted(left.keys() | right.keys()):
        if left.get(name) != right.get(name):
            yield Change(name, left.get(name), right.get(name))


def _plain(change: Change) -> dict[str, str | None]:
    values = {"name": change.name, "left": change.left, "right": change.right}
    return {**values, "step": change.step}
