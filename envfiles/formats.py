"""All the files of an environment: written from one value, read back, held against each other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from .conda import CONDA, CondaFile, read_conda, write_conda
from .errors import Disagreement, Fault, InvalidFile, Place
from .python_env import PYTHON_ENV, PythonEnvFile, read_python_env, write_python_env
from .requirements import (
    CONSTRAINTS,
    REQUIREMENTS,
    FileReference,
    RequirementLines,
    Stated,
    read_constraints,
    read_requirements,
    write_constraints,
    write_requirements,
)
from .spec import EnvSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from os import PathLike

FILES: Mapping[str, Callable[[EnvSpec], str]] = MappingProxyType(
    {
        REQUIREMENTS: write_requirements,
        CONSTRAINTS: write_constraints,
        CONDA: write_conda,
        PYTHON_ENV: write_python_env,
    }
)
"""Each file of an environment and its writer; constraints.txt only where there are constraints."""


def write_files(spec: EnvSpec) -> dict[str, str]:
    """Write every file of an environment: file name to text, to be stored as UTF-8.

    >>> from .spec import Entry
    >>> sorted(write_files(EnvSpec(python="3.11.7", requirements=(Entry("numpy==2.4.6"),))))
    ['conda.yaml', 'python_env.yaml', 'requirements.txt']
    """
    return {
        name: write(spec)
        for name, write in FILES.items()
        if name != CONSTRAINTS or spec.constraints
    }


def read_folder(folder: str | PathLike[str]) -> EnvSpec:
    """Read the environment that the files of a folder say; it need not be one of ours.

    requirements.txt leads. python_env.yaml gives the interpreter and the build dependencies,
    conda.yaml the name, the channels and the rest, and each stands in for what is missing before.
    Whether they agree is `check_agreement`'s question. Raises InvalidFile.
    """
    found = _read_all(Path(folder))
    lines, conda, python_env = found.leading(), found.conda, found.python_env
    spec = EnvSpec(python=found.python(), requirements=lines.entries, options=lines.options)
    if conda is not None:
        spec = replace(
            spec,
            name=conda.name or spec.name,
            channels=conda.channels,
            conda_dependencies=conda.dependencies,
        )
    if python_env is not None and python_env.build_dependencies is not None:
        spec = replace(spec, build_dependencies=python_env.build_dependencies)
    return replace(spec, constraints=_read_constraint_files(found.folder, lines.constraint_files))


def check_agreement(folder: str | PathLike[str]) -> None:
    """Check that the files of a folder say the same interpreter and the same set of requirements.

    Raises Disagreement with the lines that differ, and InvalidFile.
    """
    found = _read_all(Path(folder))
    faults = [*_iter_python_faults(found)]
    sides = found.sides()
    for (left_file, left), (right_file, right) in pairwise(sides):
        faults += _iter_set_faults(left_file, left, right_file, right)
    if faults:
        raise Disagreement(faults)


@dataclass(frozen=True, slots=True)
class _Found:
    """Hold what the files of one folder say."""

    folder: Path
    requirements: RequirementLines | None
    conda: CondaFile | None
    python_env: PythonEnvFile | None

    def leading(self) -> RequirementLines:
        """Return the lines of the first file that states requirements."""
        return self.sides()[0][1]

    def sides(self) -> list[tuple[str, RequirementLines]]:
        """Return each file that states requirements of its own, the leading one first."""
        found = []
        if self.requirements is not None:
            found.append((REQUIREMENTS, self.requirements))
        if self.conda is not None and not self.conda.pip.requirement_files:
            found.append((CONDA, self.conda.pip))
        if self.python_env is not None and self.python_env.dependencies.stated:
            found.append((PYTHON_ENV, self.python_env.dependencies))
        if not found:
            names = f"{REQUIREMENTS}, {CONDA}, {PYTHON_ENV}"
            reason = f"no file here states requirements (looked for {names})"
            raise InvalidFile([Fault(Place(str(self.folder)), reason)])
        return found

    def python(self) -> str:
        for source in (self.python_env, self.conda):
            if source is not None and source.python is not None:
                return source.python
        reason = f"no file here states the Python version: write `python: 3.11.7` in {PYTHON_ENV}"
        raise InvalidFile([Fault(Place(str(self.folder)), reason)])


def _read_all(folder: Path) -> _Found:
    texts = {name: _read_text(folder / name) for name in (REQUIREMENTS, CONDA, PYTHON_ENV)}
    requirements, conda, python_env = texts[REQUIREMENTS], texts[CONDA], texts[PYTHON_ENV]
    return _Found(
        folder,
        None if requirements is None else read_requirements(requirements, file=REQUIREMENTS),
        None if conda is None else read_conda(conda, file=CONDA),
        None if python_env is None else read_python_env(python_env, file=PYTHON_ENV),
    )


def _read_text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        reason = f"not UTF-8 (byte {error.start}): save it as UTF-8"
        raise InvalidFile([Fault(Place(str(path)), reason)]) from error
    except OSError as error:
        raise InvalidFile([Fault(Place(str(path)), error.strerror or str(error))]) from error


def _read_constraint_files(folder: Path, files: tuple[FileReference, ...]) -> tuple[str, ...]:
    constraints: list[str] = []
    for reference in files:
        text = _read_text(folder / reference.path)
        if text is None:
            reason = f"the constraints file {reference.path!r} is not there"
            raise InvalidFile([Fault(reference.place, reason)])
        constraints += read_constraints(text, file=reference.path)
    return tuple(constraints)


def _iter_python_faults(found: _Found) -> Iterator[Fault]:
    conda, python_env = found.conda, found.python_env
    if conda is None or python_env is None or conda.python is None or python_env.python is None:
        return
    if conda.python != python_env.python:
        said = f"python is {conda.python} here, {python_env.python} in {python_env.python_place}"
        yield Fault(conda.python_place or Place(CONDA), said)


def _iter_set_faults(
    left_file: str, left: RequirementLines, right_file: str, right: RequirementLines
) -> Iterator[Fault]:
    lefts, rights = _by_key(left), _by_key(right)
    for key in sorted(lefts.keys() | rights.keys()):
        one, other = lefts.get(key), rights.get(key)
        if one is None and other is not None:
            yield Fault(other.place, f"{other.entry.requirement} is missing in {left_file}")
        elif other is None and one is not None:
            yield Fault(one.place, f"{one.entry.requirement} is missing in {right_file}")
        elif one and other and one.entry.requirement != other.entry.requirement:
            said = f"{one.entry.requirement} here, {other.entry.requirement} in {other.place}"
            yield Fault(one.place, said)


def _by_key(lines: RequirementLines) -> dict[tuple[str, str], Stated]:
    return {each.entry.key: each for each in lines.stated}
