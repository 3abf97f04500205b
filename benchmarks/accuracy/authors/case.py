"""A case: a folder with a `train.py` and a `case.toml`, read and checked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from .pins import FOLDER, PINS
from .schema import How, find_faults, read_toml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CASES = Path(__file__).resolve().parents[1] / "cases"


class CaseError(Exception):
    """A case.toml that does not hold: every fault, with the file."""

    def __init__(self, file: Path, faults: Iterable[str]) -> None:
        self.file = file
        self.faults = tuple(faults)
        super().__init__(file, self.faults)

    def __str__(self) -> str:
        return "\n".join(f"{self.file}: {fault}" for fault in self.faults)


class UnknownCaseError(Exception):
    """Names that are no case's."""

    def __init__(self, names: Iterable[str], known: Iterable[str]) -> None:
        self.names = tuple(names)
        self.known = tuple(known)
        super().__init__(self.names, self.known)

    def __str__(self) -> str:
        return f"no such case: {', '.join(self.names)}; there are {', '.join(self.known)}"


@dataclass(frozen=True, slots=True)
class LocalProject:
    """A project of the case's own, and how the source environment comes by it."""

    name: NormalizedName
    version: Version
    folder: str
    """Relative to the case's folder."""
    how: How

    @property
    def installed(self) -> bool:
        return self.how != "offered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What a case.toml says; the README beside this file has its schema."""

    name: str
    folder: Path
    description: str
    python: str
    install: tuple[Requirement, ...]
    clutter: tuple[Requirement, ...]
    local: tuple[LocalProject, ...]
    roots: tuple[Requirement, ...]
    first_party: Mapping[str, str]
    """Module name -> its file or folder, relative to the case's folder."""
    families: tuple[str, ...]
    main: bool
    train: str
    pins: Path
    """The file of the versions that its environments hold."""
    after_install: Path | None
    """A script that the author ran in the source environment after the installation."""
    edited: tuple[NormalizedName, ...]
    """The truth: what that script edited so that the index's own build does not do."""
    random: tuple[str, ...]
    """The truth: the items of the predicted dict that are others each time."""
    modelenv: Mapping[str, str]
    """The keyword arguments that the author gives to `modelenv.save_model`."""


def read_case(folder: Path) -> Case:
    """Return the case of `folder`; raises `CaseError` with every fault of its case.toml."""
    file = folder / "case.toml"
    said = read_toml(file)
    faults = find_faults(folder, said)
    if faults:
        raise CaseError(file, faults)
    return Case(
        name=folder.name,
        folder=folder,
        description=said["description"],
        python=said["python"],
        install=_requirements(said["install"]),
        clutter=_requirements(said["clutter"]),
        local=tuple(_project(folder, **entry) for entry in said.get("local", ())),
        roots=_requirements(said["roots"]),
        first_party=said.get("first_party", {}),
        families=tuple(said["families"]),
        main=said.get("main", False),
        train=said.get("train", "train.py"),
        pins=FOLDER / said["pins"] if "pins" in said else PINS,
        after_install=folder / said["after_install"] if "after_install" in said else None,
        edited=tuple(canonicalize_name(name) for name in said.get("edited", ())),
        random=tuple(said.get("random", ())),
        modelenv=said.get("modelenv", {}),
    )


def find_cases(names: Iterable[str] = (), folder: Path = CASES) -> tuple[Case, ...]:
    """Return the cases of those names, sorted, or every case where none is named.

    Raises `UnknownCaseError`, and `CaseError` for the first case that does not hold.
    """
    known = sorted(file.parent.name for file in folder.glob("*/case.toml"))
    wanted = sorted(set(names)) or known
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise UnknownCaseError(unknown, known)
    return tuple(read_case(folder / name) for name in wanted)


def _requirements(entries: Iterable[str]) -> tuple[Requirement, ...]:
    return tuple(Requirement(entry) for entry in entries)


def _project(folder: Path, project: str, how: How) -> LocalProject:
    table = read_toml(folder / project / "pyproject.toml")["project"]
    name = canonicalize_name(table["name"])
    return LocalProject(name, Version(table["version"]), project, how)
