"""Rules for environments that could not be installed: what pip, uv and compilers say."""

from __future__ import annotations

import re

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from ..context import Case
from ..diagnosis import Diagnosis, Edit
from .facts import PYTHON
from .remedies import add_command, python_remedy

_NO_VERSION = re.compile(
    r"No matching distribution found for (?P<pip>[^\s;(]+)|"
    r"there is no version of (?P<uv>[^\s,]+)|"
    r"(?P<absent>[\w.-]+) was not found in the (?:package registry|provided package locations)"
)
_OTHER_PYTHON = re.compile(
    r"Package '(?P<name>[^']+)' requires a different Python: \S+ not in '(?P<versions>[^']+)'|"
    r"current Python version \(.*?\) does not satisfy Python(?P<uv>[<>=!~\d.,]+)"
)
_NOT_BUILT = re.compile(
    r"Failed (?:building wheel for|to build) [`'\"]?(?P<name>[\w.-]+)|"
    r"subprocess-exited-with-error|error: command '\S*(?:gcc|cc|g\+\+|x86_64-linux-gnu-gcc)' failed"
)
_CONFLICT = re.compile(r"ResolutionImpossible|have conflicting dependencies|No solution found when")
_FULL = re.compile(r"No space left on device")


def check_disk(case: Case) -> Diagnosis | None:
    """Know a disk that is full."""
    found = _FULL.search(case.failure.text)
    if found is None:
        return None
    return Diagnosis(
        rule="disk-full",
        problem="there is no space left on the disk",
        subject="disk",
        stage=case.failure.stage,
        evidence=(_line(case, found),),
        remedy="modelenv cache prune, or make room otherwise; modelenv minimize makes it less",
    )


def check_install(case: Case) -> Diagnosis | None:
    """Know an environment that an installer could not make."""
    text = case.failure.text
    if found := _OTHER_PYTHON.search(text):
        versions = found["versions"] or found["uv"]
        whose = found["name"] or "a requirement"
        return Diagnosis(
            rule="python-version",
            problem=f"{whose} is for Python {versions}",
            subject=PYTHON,
            stage=case.failure.stage,
            evidence=(_line(case, found),),
            remedy=python_remedy(case, versions),
        )
    if found := _NO_VERSION.search(text):
        return _no_version(case, found)
    if found := _NOT_BUILT.search(text):
        name = next((each[1] for each in _NOT_BUILT.finditer(text) if each[1]), "")
        return Diagnosis(
            rule="not-built",
            problem=f"{name or 'a distribution'} has no wheel for this system, and could not be"
            " built from its source",
            subject=canonicalize_name(name),
            stage=case.failure.stage,
            evidence=(_line(case, found),),
            remedy="choose a version that has a wheel for this Python, or apt-get install -y"
            " build-essential",
        )
    if found := _CONFLICT.search(text):
        return Diagnosis(
            rule="conflict",
            problem="the requirements contradict each other",
            subject="requirements",
            stage=case.failure.stage,
            evidence=(_line(case, found),),
            remedy="modelenv requirements list -m FOLDER says why each is there; add the one that"
            " has to win with modelenv requirements add",
        )
    return None


def _no_version(case: Case, found: re.Match[str]) -> Diagnosis:
    asked = (found["pip"] or found["uv"] or found["absent"]).strip("`'\"")
    try:
        requirement = Requirement(asked)
    except InvalidRequirement:
        requirement = Requirement(re.split(r"[^\w.-]", asked, maxsplit=1)[0])
    name = canonicalize_name(requirement.name)
    label = re.search(r"==([^+,]+)\+(\w+)", asked)
    edit = Edit(name) if requirement.specifier else None
    if label:
        edit = Edit(f"{name}=={label[1]}")
        remedy = f"name the index that has the builds +{label[2]}: --extra-index-url in the file"
    else:
        remedy = add_command(case, name) if requirement.specifier else f"is {name} its name?"
    return Diagnosis(
        rule="no-such-version",
        problem=f"the index has no {asked} for this Python and system",
        subject=name,
        stage=case.failure.stage,
        evidence=(_line(case, found),),
        edit=edit,
        remedy=remedy,
        certain=label is None,
    )


def _line(case: Case, found: re.Match[str]) -> str:
    """Return the line that a match begins in."""
    text = case.failure.text
    start = text.rfind("\n", 0, found.start()) + 1
    return text[start:].partition("\n")[0].strip()
