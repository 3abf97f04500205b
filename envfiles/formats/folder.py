"""All the files of an environment: written from one value, read back, checked for agreement."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from ..conda.pip_names import conda_admits
from ..errors import Disagreement, Fault, InvalidFile, Location
from ..lists.nested import follow
from ..lock.held import exclude, iter_lock_faults
from ..lock.pylock import PYLOCK, read_pylock, write_pylock
from ..requirements.content import LocatedEntry, RequirementsContent
from ..requirements.reader import parse_requirements
from ..spec import EnvSpec
from ..store.stage import recover
from ..text import read_text
from .conda_yaml import CONDA, CondaFile, read_conda, write_conda
from .mlmodel import ModelFile, read_model_file
from .python_env import PYTHON_ENV, PythonEnvFile, read_python_env, write_python_env
from .requirements_txt import CONSTRAINTS, REQUIREMENTS, write_constraints, write_requirements

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from os import PathLike

    from ..lock.values import Lock
    from ..requirements.entry import Entry

_Content_co = TypeVar("_Content_co", covariant=True)


def write_files(spec: EnvSpec) -> dict[str, str]:
    """Return every file of an environment: file name to text, to be stored as UTF-8.

    >>> from envfiles import Entry
    >>> sorted(write_files(EnvSpec(python="3.11.7", requirements=(Entry("numpy==2.4.6"),))))
    ['conda.yaml', 'python_env.yaml', 'requirements.txt']
    """
    files = {
        REQUIREMENTS: write_requirements(spec),
        CONDA: write_conda(spec),
        PYTHON_ENV: write_python_env(spec),
    }
    if spec.constraints:
        files[CONSTRAINTS] = write_constraints(spec)
    if spec.lock is not None:
        files[PYLOCK] = write_pylock(spec.lock)
    return files


def read_folder(folder: str | PathLike[str], *, lock: bool = True) -> EnvSpec:
    """Read the environment from the files of a folder; it need not be one of ours.

    requirements.txt has precedence. python_env.yaml gives the interpreter and the build
    dependencies, conda.yaml the name, the channels and the rest. Each replaces missing files before
    it. MLmodel gives the names of these files, and the interpreter if they do not. Files that they
    name are read if they are in the folder. Without `lock` pylock.toml is not read, which is
    faster. `check_agreement` tells whether they agree. Raises InvalidFile.
    """
    return read_located(folder, lock=lock)[0]


def read_located(
    folder: str | PathLike[str], *, lock: bool = True
) -> tuple[EnvSpec, Mapping[tuple[str, str], Location]]:
    """Return the environment as `read_folder` does, and the place of each requirement, by its key.

    Raises InvalidFile.
    """
    place = Path(folder)
    recover(place)
    found = _read_all(place, lock=lock)
    followed = follow(found.sides()[0][1], place, within=place)
    entries = followed.located_entries()
    places = {
        each.entry.key: _seen_from(place, Fault(each.location, "")).location for each in entries
    }
    return _spec(found, followed, tuple(each.entry for each in entries)), places


def _spec(found: _Found, followed: RequirementsContent, entries: tuple[Entry, ...]) -> EnvSpec:
    conda, python_env = found.conda, found.python_env
    spec = EnvSpec(
        python=found.python(),
        requirements=entries,
        options=followed.spelled_options(),
        unnamed=followed.spelled_unnamed(),
        constraints=followed.spelled_constraints(),
        lock=found.lock,
    )
    if conda is not None:
        spec = replace(
            spec,
            name=conda.name or spec.name,
            channels=conda.channels,
            conda_dependencies=conda.dependencies,
        )
    if python_env is not None and python_env.build_dependencies is not None:
        spec = replace(spec, build_dependencies=python_env.build_dependencies)
    return spec


def check_agreement(folder: str | PathLike[str], *, lock: bool = True) -> None:
    """Check that the files of a folder agree on the interpreter and the requirements.

    Without `lock` pylock.toml is not read, as for `read_folder`. Raises Disagreement with the
    lines that differ, and InvalidFile.
    """
    place = Path(folder)
    found = _read_all(place, lock=lock)
    faults = [*_iter_python_faults(found)]
    sides = [(name, follow(lines, place, within=place)) for name, lines in found.sides()]
    for (left_file, left), (right_file, right) in pairwise(sides):
        faults += _iter_set_faults(left_file, left, right_file, right)
    faults += iter_lock_faults(*sides[0], found.lock)
    if faults:
        raise Disagreement(faults)


def lock_faults(
    folder: str | PathLike[str],
    environment: Mapping[str, str] | None = None,
    *,
    closed: bool = True,
) -> tuple[Fault, ...]:
    """Return the disagreements of pylock.toml with the lines; none if there is no lock.

    `environment` has the marker values of the target: packages that are not installed there are
    skipped; without it a line with a marker need not be locked. The lock may have more than a list
    that is not `closed`. Raises InvalidFile.
    """
    place = Path(folder)
    found = _read_all(place, lock=True)
    name, side = found.sides()[0]
    lines = follow(side, place, within=place)
    faults = iter_lock_faults(name, lines, found.lock, environment, closed=closed)
    seen = (_seen_from(place, each) for each in faults)
    if environment is not None:
        return tuple(seen)
    return tuple(each for each in seen if ";" not in each.reason.partition(" is missing in ")[0])


def dangling(folder: str | PathLike[str]) -> tuple[Fault, ...]:
    """Return each line of a folder's files that names a missing file, as ``-r gone.txt``.

    The first of each file is returned. Raises InvalidFile if one cannot be read at all.
    """
    place = Path(folder)
    faults: dict[Fault, None] = {}
    for _, lines in _read_all(place, lock=False).contents():
        try:
            follow(lines, place, within=place)
        except InvalidFile as error:  # a file that another one names is found by both
            faults |= dict.fromkeys(_seen_from(place, fault) for fault in error.faults)
    return tuple(faults)


def _seen_from(folder: Path, fault: Fault) -> Fault:
    file = fault.location.file
    if file is None or not Path(file).is_relative_to(folder):
        return fault
    return replace(
        fault, location=replace(fault.location, file=str(Path(file).relative_to(folder)))
    )


class _Reader(Protocol[_Content_co]):
    """Read the text of a file whose name is known."""

    def __call__(self, text: str, *, file: str) -> _Content_co: ...


@dataclass(frozen=True, slots=True)
class _Found:
    """The environment files of one folder, as read."""

    folder: Path
    requirements: RequirementsContent | None
    conda: CondaFile | None
    python_env: PythonEnvFile | None
    model: ModelFile
    lock: Lock | None

    def contents(self) -> list[tuple[str, RequirementsContent]]:
        """Return each existing file, the leading one first."""
        found = []
        if self.requirements is not None:
            found.append((REQUIREMENTS, self.requirements))
        if self.conda is not None:
            found.append((CONDA, self.conda.pip))
        if self.python_env is not None:
            found.append((PYTHON_ENV, self.python_env.dependencies))
        return found

    def sides(self) -> list[tuple[str, RequirementsContent]]:
        """Return each file that states requirements of its own, the leading one first."""
        files = self.contents()
        found = [
            (name, content)
            for name, content in files
            if (content.entries() if name == PYTHON_ENV else not content.requirement_files)
            or name == REQUIREMENTS
        ]
        if not found:  # then the content of a file that only names other files is theirs
            found = [each for each in files if each[1].requirement_files][:1]
        if not found:
            names = f"{REQUIREMENTS}, {CONDA}, {PYTHON_ENV}"
            reason = f"no file here states requirements (looked for {names})"
            raise InvalidFile([Fault(Location(str(self.folder)), reason)])
        return found

    def python(self) -> str:
        for source in (self.python_env, self.conda):
            if source is not None and source.python is not None:
                return source.python
        if self.model.python is not None:
            return self.model.python
        reason = f"no file here states the Python version: write `python: 3.11.7` in {PYTHON_ENV}"
        if self.conda is not None and self.conda.python_spec is not None:
            reason += f" ({CONDA} says {self.conda.python_spec!r}, which is not one version)"
        raise InvalidFile([Fault(Location(str(self.folder)), reason)])


def _read_all(folder: Path, *, lock: bool) -> _Found:
    model = read_model_file(folder)
    return _Found(
        folder,
        _read_first(folder, parse_requirements, REQUIREMENTS),
        _read_first(folder, read_conda, model.conda, CONDA),
        _read_first(folder, read_python_env, model.virtualenv, PYTHON_ENV),
        model,
        _read_first(folder, read_pylock, PYLOCK) if lock else None,
    )


def _read_first(folder: Path, read: _Reader[_Content_co], *names: str | None) -> _Content_co | None:
    """Read the first existing one of these files."""
    for name in filter(None, names):
        text = read_text(folder / name, within=folder)
        if text is not None:
            return read(text, file=name)
    return None


def _iter_python_faults(found: _Found) -> Iterator[Fault]:
    conda, python_env = found.conda, found.python_env
    if conda is None or python_env is None or python_env.python is None:
        return
    asked, there = conda.python, python_env.python
    if asked is None:
        asked = conda.python_spec
        differ = asked is not None and not conda_admits(asked, there)
    else:
        differ = asked != there
    if differ:
        fault = f"python is {asked} here, {there} in {python_env.python_location}"
        yield Fault(conda.python_location or Location(CONDA), fault)


def _iter_set_faults(
    left_file: str, left: RequirementsContent, right_file: str, right: RequirementsContent
) -> Iterator[Fault]:
    lefts, rights = _by_key(left), _by_key(right)
    for key in sorted(lefts.keys() | rights.keys()):
        one, other = lefts.get(key), rights.get(key)
        if one is None and other is not None:
            yield Fault(other.location, f"{other.entry.requirement} is missing in {left_file}")
        elif other is None and one is not None:
            yield Fault(one.location, f"{one.entry.requirement} is missing in {right_file}")
        elif one and other and one.entry.requirement != other.entry.requirement:
            reason = f"{one.entry.requirement} here, {other.entry.requirement} in {other.location}"
            yield Fault(one.location, reason)
        elif one and other and exclude(one.entry.hashes, other.entry.hashes):
            yield Fault(one.location, f"{one.entry.name} has other hashes in {other.location}")


def _by_key(lines: RequirementsContent) -> dict[tuple[str, str], LocatedEntry]:
    return {each.entry.key: each for each in lines.located_entries()}
