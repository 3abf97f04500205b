"""Rules for environments that could not be installed: what pip, uv and compilers say."""

from __future__ import annotations

import re

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from ..context import Case
from ..diagnosis import Diagnosis
from ..owners.facts import PYTHON
from .patterns import line_of
from .remedies import python_remedy

_NO_VERSION = re.compile(
    r"No matching distribution found for (?P<pip>[^\s;(]+)|"
    r"there is no version of (?P<uv>[^\s,]+)|"
    r"(?<![\w.-])(?P<absent>[\w.-]+) was not found in the package registry"
)
# As uv says where it asks no index: of pip's message that cannot be told.
_NO_INDEX = re.compile(
    r"(?<![\w.-])(?P<name>[\w.-]+) was not found in the provided package locations"
)
_OTHER_PYTHON = re.compile(
    r"Package '(?P<name>[^']+)' requires a different Python: \S+ not in '(?P<versions>[^']+)'|"
    r"current Python version \(.*?\) does not satisfy Python(?P<uv>[<>=!~\d.,]+)"
)
_NOT_BUILT = re.compile(
    r"Failed (?:building wheel for|to build) [`'\"]?(?P<name>[\w.-]+)|"
    r"subprocess-exited-with-error|error: command '\S*(?:gcc|cc|g\+\+|x86_64-linux-gnu-gcc)' failed"
)


def check_other_python(case: Case) -> Diagnosis | None:
    """Diagnose an installer that refuses a distribution for this Python."""
    found = _OTHER_PYTHON.search(case.failure.own)
    if found is None:
        return None
    versions = found["versions"] or found["uv"]
    return case.diagnosis(
        "python-version",
        f"{found['name'] or 'a requirement'} is for Python {versions}",
        PYTHON,
        (line_of(found),),
        remedy=python_remedy(case.known, versions),
    )


def check_no_index(case: Case) -> Diagnosis | None:
    """Diagnose a requirement that no folder of wheels has, where no index is asked."""
    found = _NO_INDEX.search(case.failure.own)
    if found is None:
        return None
    return case.diagnosis(
        "no-such-version",
        f"no index is asked, and no folder or page of files has {found['name']}",
        canonicalize_name(found["name"]),
        (line_of(found),),
        remedy="leave out --no-index, or name a folder that has it: --find-links FOLDER",
    )


def check_no_version(case: Case) -> Diagnosis | None:
    """Diagnose a requirement that no release, or no build, meets."""
    found = _NO_VERSION.search(case.failure.own)
    if found is None:
        return None
    asked = (found["pip"] or found["uv"] or found["absent"]).strip("`'\"")
    try:
        requirement = Requirement(asked)
    except InvalidRequirement:
        requirement = Requirement(re.split(r"[^\w.-]", asked, maxsplit=1)[0])
    name = canonicalize_name(requirement.name)
    line, remedy = (name, "") if requirement.specifier else ("", f"is {name} its name?")
    label = re.search(r"==([^+,]+)\+(\w+)", asked)
    if label:
        line = f"{name}=={label[1]}"
        remedy = f"name the index that has the builds +{label[2]}: --extra-index-url in the file"
    return case.diagnosis(
        "no-such-version",
        f"the index has no {asked} for this Python and system",
        name,
        (line_of(found),),
        edit=line,
        remedy=remedy,
        certain=label is None,
    )


def check_not_built(case: Case) -> Diagnosis | None:
    """Diagnose a source distribution that could not be built."""
    found = _NOT_BUILT.search(case.failure.own)
    if found is None:
        return None
    name = next((each[1] for each in _NOT_BUILT.finditer(case.failure.own) if each[1]), "")
    return case.diagnosis(
        "not-built",
        f"{name or 'a distribution'} has no wheel for this system, and could not be built from its"
        " source",
        canonicalize_name(name),
        (line_of(found),),
        remedy="choose a version that has a wheel for this Python, or apt-get install -y"
        " build-essential",
    )
