"""The universal scenarios of packse for targets that stand for the environments they speak of."""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING, Any

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.tags import parse_tag
from packaging.utils import canonicalize_name
from packaging.version import Version

from resolver import Installed, Target, TargetQuestion, merge
from resolver.sources.protocol import Candidate

from ..memory_source import StatedMetadata

if TYPE_CHECKING:
    from collections.abc import Iterator

PYTHONS = ("3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14")
# What is true of these systems beside their name, and the wheels that are taken there.
SYSTEMS = {
    "linux": ("posix", "Linux", "x86_64", "manylinux_2_28_x86_64"),
    "darwin": ("posix", "Darwin", "arm64", "macosx_14_0_arm64"),
    "win32": ("nt", "Windows", "AMD64", "win_amd64"),
}
OTHER = ("posix", "", "x86_64", "manylinux_2_28_x86_64")
SAID = re.compile(r"(sys_platform|implementation_name|platform_machine) *[!=]= *'([^']+)'")


def markers_of(scenario) -> Iterator[str]:
    """Yield the text of every marker of a scenario."""
    stated = [
        text for rows in scenario.packages.values() for row in rows for text in row.requires_dist()
    ]
    for text in (*scenario.root_requires, *stated):
        marker = Requirement(text).marker
        if marker is not None:
            yield str(marker).replace('"', "'")


def targets_of(scenario, pythons) -> dict[str, Target]:
    """Return the targets: every Python on every system that the scenario's markers speak of."""
    said: dict[str, set[str]] = {}
    for text in markers_of(scenario):
        for variable, value in SAID.findall(text):
            said.setdefault(variable, set()).add(value)
    systems = sorted({*SYSTEMS, *said.get("sys_platform", ())})
    implementations = sorted({"cpython"} | ({"pypy"} & said.get("implementation_name", set())))
    machines = ["", *sorted(said.get("platform_machine", set()) - {"x86_64"})]
    found = {}
    for python, system, implementation, machine in product(
        pythons, systems, implementations, machines
    ):
        if machine and system != "linux":
            continue
        os_name, platform_system, own, tag = SYSTEMS.get(system, OTHER)
        tag = tag.replace("x86_64", machine) if machine else tag
        base = Target.of(python, tag)
        name = " ".join(filter(None, (python, system, implementation, machine)))
        found[name] = Target(
            {
                **base.markers,
                "sys_platform": system,
                "os_name": os_name,
                "platform_system": platform_system,
                "platform_machine": machine or own,
                "implementation_name": implementation,
                "platform_python_implementation": {"pypy": "PyPy"}.get(implementation, "CPython"),
            },
            base.tags,
        )
    return found


class TargetRows:
    """A scenario's packages as a source for one target."""

    label = "packse"

    def __init__(self, scenario, target: Target) -> None:
        self.scenario = scenario
        self.tags = {str(tag) for each in target.wheel_tags() for tag in parse_tag(each)}
        self.python = target.python_version
        self.known: dict[str, tuple[Candidate, ...]] = {}
        self.rows: dict[Candidate, Any] = {}

    def candidates(self, name):
        if name not in self.known:
            usable = filter(self.is_usable, self.scenario.packages.get(name, ()))
            self.known[name] = tuple(map(self.candidate, usable))
        return self.known[name]

    def is_usable(self, row) -> bool:
        if row.sdist and row.name not in self.scenario.options.get("no_build", ()):
            return True
        tags = {str(tag) for text in row.wheel_tags or ["py3-none-any"] for tag in parse_tag(text)}
        return row.wheel and bool(tags & self.tags)

    def candidate(self, row):
        python = SpecifierSet(row.requires_python or "")
        name = canonicalize_name(row.name)
        made = Candidate(name, Version(row.version), self, python, bool(row.yanked))
        self.rows[made] = row
        return made

    def metadata(self, candidate):
        row = self.rows[candidate]
        requires = tuple(map(Requirement, row.requires_dist()))
        return StatedMetadata(requires, frozenset(row.extras), candidate.requires_python)


def questions_of(scenario, targets):
    """Return what a scenario asks for each of its targets."""
    return {
        name: TargetQuestion(
            merge([], pip_requirements=scenario.root_requires, target=target),
            Installed([], target),
            [TargetRows(scenario, target)],
        )
        for name, target in targets.items()
    }


def installed_by(lines, targets):
    """Return what a requirements file with markers installs on each target: names and versions."""
    read = [Requirement(line) for line in lines]
    return {
        name: {
            canonicalize_name(each.name): str(next(iter(each.specifier)).version)
            for each in read
            if each.marker is None or Marker(str(each.marker)).evaluate(dict(target.markers))
        }
        for name, target in targets.items()
    }
