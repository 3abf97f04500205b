"""The resolver scenarios of packse: what is expected of any resolver for one environment."""

from __future__ import annotations

import sys

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from resolver import ConflictError, Installed, Target, merge, resolve
from resolver.errors import ContradictoryLinesError
from resolver.sources.protocol import Candidate

from ..memory_source import StatedMetadata

# Upper bounds of Requires-Python are obeyed here, as the standard says.
DELIBERATE = {"python-less-than-current"}
# Packaging 24 takes the pre-releases of a version for no less than its post-releases.
OF_PACKAGING = {
    "post-less-than-post-prerelease-ordering",
    "post-transitive-less-than-post-prerelease-ordering",
}


class Rows:
    """A scenario's packages as a source."""

    label = "packse"

    def __init__(self, index):
        self.index = index
        self.known = {}
        self.rows = {}

    def candidates(self, name):
        if name not in self.known:
            self.known[name] = tuple(map(self.candidate, self.index.candidates(name)))
        return self.known[name]

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


def solve(harness, scenario):
    """Return the pins, None where it is refused."""
    index = harness.InMemoryIndex(scenario)
    target = Target({key: str(value) for key, value in index.env.items()}, None)
    try:
        wanted = merge([], pip_requirements=list(scenario.root_requires), target=target)
        found = resolve(wanted, Installed([], target), sources=[Rows(index)], index="never")
    except (ConflictError, ContradictoryLinesError):
        return None
    return {pin.name: str(pin.version) for pin in found.pins}


def is_expected(scenario, pins):
    if pins is None or not scenario.expected_satisfiable:
        return (pins is None) != scenario.expected_satisfiable
    expected = scenario.expected_packages or {}
    return all(pins.get(canonicalize_name(name)) == version for name, version in expected.items())


def test_every_answer_is_sound_and_that_for_one_environment_is_the_expected_one(harness):
    module, scenarios = harness
    answers = {scenario.name: (scenario, solve(module, scenario)) for scenario in scenarios}
    assert not [
        (name, module.check_solution(scenario, pins))
        for name, (scenario, pins) in answers.items()
        if pins is not None and module.check_solution(scenario, pins)
    ]
    other = {
        name
        for name, (scenario, pins) in answers.items()
        if not scenario.options.get("universal") and not is_expected(scenario, pins)
    }
    knows_order = SpecifierSet("<1.post1").contains("1a1", prereleases=True)
    assert other == DELIBERATE | (set() if knows_order else OF_PACKAGING)


# What uv answers for one environment where packse expects a lock for many.
OTHERWISE = {
    "lowest-direct-fork-max-python": "lowest versions are asked for, which is no rule of ours",
    "lowest-fork-max-python": "lowest versions are asked for, which is no rule of ours",
    "lowest-fork-min-python": "lowest versions are asked for, which is no rule of ours",
    "wrong-backtracking-indirect": "uv takes a release that is too old; pip and we the better one",
}


# The harness leaves its sockets to the collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.slow
def test_for_one_environment_the_universal_ones_are_answered_as_uv_does(harness, uv, tmp_path):
    module, scenarios = harness
    universal = [each for each in scenarios if each.klass == "universal"]
    for scenario in universal:
        module.materialise(scenario, tmp_path)
    differing = {}
    with module.serve(tmp_path) as (url, _):
        for scenario in universal:
            record = scenario.record()
            python = scenario.options.get("python") or scenario.env_python
            record["options"] = {**scenario.options, "python": python}
            theirs = module.run_uv(uv, {scenario.env_python: sys.executable}, record, url, False)
            ours = solve(module, scenario)
            if (ours or {}) != theirs["pins"] or (ours is None) != theirs["unsat"]:
                differing[scenario.name] = (ours, theirs["pins"])
    assert set(differing) == set(OTHERWISE), differing
