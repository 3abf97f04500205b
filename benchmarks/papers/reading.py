"""How we read a document: what it asks for on Linux, x86-64, under the Python of its truth."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import envfiles
from envfiles.formats.python_env import read_python_env
from envfiles.lists.nested import follow
from envfiles.lists.values import Selection
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from .paper import Paper


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of reading one: what it asks for, or the sentence that it was refused with."""

    asked: Mapping[str, str]
    """A specifier, or `@ URL`, for each name."""
    refusal: str = ""

    def faults(self, paper: Paper) -> tuple[str, ...]:
        """Say in what it is not the truth of the document."""
        if self.refusal:
            return () if paper.refusal and paper.refusal in self.refusal else (self.refusal,)
        truth = {name: _pin(at) for name, at in paper.pins.items()}
        if not truth:
            truth = of_lines(paper.asked, paper)
        return tuple(
            f"{name}: {self.asked.get(name, 'missing')}, truth {truth.get(name, 'none')}"
            for name in sorted(self.asked.keys() | truth)
            if self.asked.get(name) != truth.get(name)
        )


def read(folder: Path, paper: Paper) -> Reading:
    """Read a document as a user would have it read."""
    file = folder / paper.file
    try:
        return Reading(of_lines(_lines(file, paper), paper))
    except (envfiles.EnvFilesError, OSError) as error:
        said = str(error).replace(str(folder), "")
        return Reading({}, " ".join(said.split()) or "refused without a word")


def of_lines(lines: Iterable[str], paper: Paper) -> dict[str, str]:
    """Return what requirements ask for where their markers hold; what asks twice narrows."""
    asked: dict[str, Requirement] = {}
    for line in lines:
        requirement = Requirement(line)
        if requirement.marker is None or _holds(requirement, paper):
            name = canonicalize_name(requirement.name)
            known = asked.setdefault(name, requirement)
            known.specifier &= requirement.specifier
    return {name: _stated(each) for name, each in sorted(asked.items())}


def _lines(file: Path, paper: Paper) -> Iterable[str]:
    if file.is_dir():
        return [each.requirement for each in envfiles.read_folder(file).requirements]
    text = file.read_text("utf-8") if file.suffix == ".yaml" else ""
    if file.name == "conda.yaml":
        content = follow(envfiles.read_conda(text, file=str(file)).pip, file.parent)
    elif file.name == "python_env.yaml":
        content = follow(read_python_env(text, file=str(file)).dependencies, file.parent)
    else:
        selection = Selection(paper.extras, paper.groups)
        content = envfiles.read_requirements(file, name="-r", selection=selection, with_names=True, folder=file.parent)
    return [each.requirement for each in content.entries()]


def _holds(requirement: Requirement, paper: Paper) -> bool:
    environment = {
        "python_full_version": paper.python,
        "python_version": paper.python.rpartition(".")[0],
        "implementation_version": paper.python,
        "sys_platform": "linux", "platform_system": "Linux", "platform_machine": "x86_64", "os_name": "posix",
    }  # fmt: skip
    assert requirement.marker is not None
    extras = ("", *paper.extras)
    return any(requirement.marker.evaluate({**environment, "extra": extra}) for extra in extras)


def _pin(at: str) -> str:
    return _place(at) if at.startswith("@") else f"=={at}"


def _stated(requirement: Requirement) -> str:
    return _place(f"@ {requirement.url}") if requirement.url else str(requirement.specifier)


def _place(reference: str) -> str:
    """Return a reference in one spelling: without a fragment, and with the slashes of a URL."""
    place = re.sub(r"#.*", "", reference).rstrip("/")
    return re.sub(r"\bfile:/+", "file:///", place)
