"""How we read a document, held against its truth: where it was written for, and elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import envfiles
from envfiles.formats.python_env import read_python_env
from envfiles.lists.nested import follow
from envfiles.lists.values import Selection
from modelenv.environments.builders.exports import ToolExport

from .paper import Paper

_LINUX = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"}
_MACOS = {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"}
_WINDOWS = {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"}
_PLATFORMS = (
    {**_LINUX, "platform_machine": "x86_64"},
    {**_LINUX, "platform_machine": "aarch64"},
    {**_MACOS, "platform_machine": "arm64"},
    {**_WINDOWS, "platform_machine": "AMD64"},
)
_PYTHONS = ("3.11.7", "3.12.1", "3.13.0")


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of reading one: the requirements, or the sentence that it was refused with."""

    lines: tuple[str, ...] = ()
    refusal: str = ""

    def faults(self, paper: Paper) -> tuple[str, ...]:
        """Say in what it is not the truth of the document."""
        if self.refusal:
            return () if paper.refusal and paper.refusal in self.refusal else (self.refusal,)
        here = _environment(_PLATFORMS[0], paper.python)
        truth = {name: _pin(at) for name, at in paper.pins.items()}
        truth = truth or asked(paper.asked, here, paper.extras)
        found = asked(self.lines, here, paper.extras)
        return (*_differences(found, truth), *self._faults_elsewhere(paper))

    def _faults_elsewhere(self, paper: Paper) -> Iterator[str]:
        """Say where it differs from what the tool exports, on every Python and platform."""
        for platform in _PLATFORMS if paper.exported else ():
            for python in _PYTHONS:
                there = _environment(platform, python)
                found = asked(self.lines, there, paper.extras)
                at = f"{python} on {platform['sys_platform']}"
                for each in _differences(found, asked(paper.exported, there, ())):
                    yield f"{at}: {each}"


def read(folder: Path, paper: Paper, export: ToolExport) -> Reading:
    """Read a document as it is read for its user; some locks by the `export` of their tool."""
    try:
        return Reading(tuple(_lines(folder / paper.file, paper, export)))
    except (envfiles.EnvFilesError, OSError) as error:
        said = str(error).replace(str(folder), "")
        return Reading(refusal=" ".join(said.split()) or "refused without a word")


def asked(
    lines: Iterable[str], environment: Mapping[str, str], extras: Iterable[str]
) -> dict[str, str]:
    """Return what requirements ask for where their markers hold; what asks twice narrows."""
    found: dict[str, Requirement] = {}
    for line in filter(None, map(str.strip, lines)):
        requirement = Requirement(line)
        marker = requirement.marker
        if marker is None or any(
            marker.evaluate({**environment, "extra": extra}) for extra in ("", *extras)
        ):
            name = canonicalize_name(requirement.name)
            known = found.setdefault(name, requirement)
            known.specifier &= requirement.specifier
    return {name: _stated(each) for name, each in found.items()}


def _lines(file: Path, paper: Paper, export: ToolExport) -> Iterator[str]:
    text = file.read_text("utf-8") if file.suffix == ".yaml" else ""
    if file.is_dir():
        entries = envfiles.read_folder(file).requirements
    elif file.name == "conda.yaml":
        entries = follow(envfiles.read_conda(text, file=str(file)).pip, file.parent).entries()
    elif file.name == "python_env.yaml":
        listed = read_python_env(text, file=str(file)).dependencies
        entries = follow(listed, file.parent).entries()
    else:
        chosen = Selection(paper.extras, paper.groups)
        entries = envfiles.read_requirements(
            file, name="-r", selection=chosen, with_names=True, folder=file.parent, export=export
        ).entries()
    return (each.requirement for each in entries)


def _differences(found: Mapping[str, str], truth: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(found.keys() | truth.keys()):
        if found.get(name) != truth.get(name):
            yield f"{name}: {found.get(name, 'missing')}, truth {truth.get(name, 'none')}"


def _environment(platform: Mapping[str, str], python: str) -> dict[str, str]:
    said = {"python_full_version": python, "implementation_version": python}
    kind = {"implementation_name": "cpython", "platform_python_implementation": "CPython"}
    return {**platform, **said, **kind, "python_version": python.rpartition(".")[0]}


def _pin(at: str) -> str:
    return _place(at) if at.startswith("@") else f"=={at}"


def _stated(requirement: Requirement) -> str:
    return _place(f"@ {requirement.url}") if requirement.url else str(requirement.specifier)


def _place(reference: str) -> str:
    """Return a reference in one spelling: without a fragment, and with the slashes of a URL."""
    place = re.sub(r"#.*", "", reference).rstrip("/")
    return re.sub(r"\bfile:/+", "file:///", place)
