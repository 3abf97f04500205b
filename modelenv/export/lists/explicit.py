"""An explicit list for conda: the packages of the environment itself, each by its address.

Nothing is solved: the packages are read from conda's own records (``conda-meta``), which include
their addresses. pip's packages are in comments, in the form that conda-lock writes and installs;
conda itself ignores them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from ...base.siblings import envfiles
from ...base.text import counted
from ...environments.interpreter import Python
from ..errors import NotExportedError
from ..exported import FormDraft
from ..pinning.pinned import plain
from ..subject import Subject

_RECORDS = "conda-meta"
_WAY_OUT = "name the interpreter of the conda environment that it was saved in (--python)"


@dataclass(frozen=True, slots=True)
class CondaRecord:
    """A package from its record by conda."""

    name: str
    version: str
    url: str
    md5: str
    subdir: str
    depends: tuple[str, ...]
    """The names of the packages that it needs."""
    distributions: frozenset[tuple[str, str]]
    """The distributions that it contains: normalised names and versions."""

    @classmethod
    def read(cls, file: Path) -> CondaRecord:
        """Read a record. Raises NotExportedError if it is invalid."""
        try:
            said = json.loads(file.read_text("utf-8"))
            return cls(
                name=str(said["name"]),
                version=str(said["version"]),
                url=str(said["url"]),
                md5=str(said.get("md5") or ""),
                subdir=str(said.get("subdir") or ""),
                depends=tuple(each.split(" ")[0] for each in said.get("depends", ())),
                distributions=frozenset(_iter_distributions(said)),
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            reason = f"this is no valid record of a conda package: {error}"
            raise NotExportedError(str(file), reason) from error

    def __str__(self) -> str:
        """Return its line: the address of its file with its hash."""
        return f"{self.url}#{self.md5}" if self.md5 else self.url


def _iter_distributions(said: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the distributions whose metadata is among the files of a package."""
    for file in said.get("files", ()):
        folder, _, name = str(file).rpartition("/")
        label = folder.rpartition("/")[2]
        if name == "METADATA" and label.endswith(".dist-info"):
            stem, _, version = label.removesuffix(".dist-info").rpartition("-")
            yield canonicalize_name(stem), version


def explicit(subject: Subject) -> FormDraft:
    """Return the list of a conda environment. Raises NotExportedError if there is none."""
    records = _records(subject.interpreter)
    wanted = _wanted(subject, records)
    chosen = tuple(_closure(wanted, records))
    brought = {each for record in chosen for each in record.distributions}
    by_pip = [
        entry
        for entry in subject.pinned.entries
        if (entry.name, entry.version or "") not in brought
    ]
    platforms = {each.subdir for each in chosen} - {"noarch", ""}
    lines = [
        f"# conda create --name {subject.name} --file {subject.output.name}",
        *(f"# platform: {each}" for each in sorted(platforms)),
        "@EXPLICIT",
        *map(str, chosen),
        *(f"# pip {_line(entry, subject)}" for entry in by_pip),
    ]
    unsaid = [*subject.iter_unsaid(system=True, variables=True)]
    if by_pip:
        unsaid.insert(
            0,
            f"{counted(len(by_pip), 'pin')} installed by pip: they are comments, which conda-lock"
            " installs and conda ignores",
        )
    return FormDraft(
        files={subject.output.name: "\n".join((*lines, ""))}, unexpressed=tuple(unsaid)
    )


def _records(python: Python) -> Mapping[str, CondaRecord]:
    """Return the packages that conda installed beside an interpreter, by name."""
    programs = python.executable.parent
    roots = [each for each in (programs, programs.parent) if (each / _RECORDS).is_dir()]
    if not roots:
        reason = "its interpreter is in no conda environment, whose records an explicit list needs"
        raise NotExportedError(str(python.executable), reason, _WAY_OUT)
    read = map(CondaRecord.read, sorted((roots[0] / _RECORDS).glob("*.json")))
    return {each.name: each for each in read}


def _wanted(subject: Subject, records: Mapping[str, CondaRecord]) -> list[str]:
    """Return the names of the required packages: Python, conda's own lines, pins."""
    bringing = {each: record.name for record in records.values() for each in record.distributions}
    found = ["python"]
    for dependency in subject.folder.environment.conda_dependencies:
        name = envfiles.conda_name(dependency)
        if name is not None and name not in records:
            reason = "the model's conda.yaml asks for it, and the environment does not have it"
            raise NotExportedError(name, reason, _WAY_OUT)
        found += [name] if name is not None else []
    pins = ((each.name, each.version or "") for each in subject.pinned.entries)
    found += [bringing[each] for each in pins if each in bringing]
    python = records.get("python")
    if python is None or not python.version.startswith(f"{subject.minor}."):
        reason = f"the model is for Python {subject.minor}, and its environment has another"
        raise NotExportedError(str(subject.interpreter.executable), reason, _WAY_OUT)
    return found


def _closure(names: list[str], records: Mapping[str, CondaRecord]) -> Iterator[CondaRecord]:
    """Yield packages with all their dependencies, each after its dependencies.

    A dependency without a record is virtual, as ``__glibc``.
    """
    done: set[str] = set()
    waiting = [(name, False) for name in reversed(names)]
    while waiting:
        name, is_ready = waiting.pop()
        record = records.get(name)
        if record is None or (name in done and not is_ready):
            continue
        if is_ready:
            yield record
            continue
        done.add(name)
        waiting.append((name, True))
        waiting += [(each, False) for each in record.depends if each not in done]


def _line(entry: envfiles.Entry, subject: Subject) -> str:
    """Return a pin in conda-lock's form: by its address, if a lock names one file."""
    locked = subject.pinned.files.get(entry.name)
    files = locked.artifacts if locked is not None else ()
    if len(files) == 1 and files[0].url:
        hashes = "".join(f" --hash={each}" for each in files[0].hashes)
        return f"{entry.name} @ {files[0].url}{hashes}"
    return " ".join((plain(entry), *(f"--hash={each}" for each in entry.hashes)))
