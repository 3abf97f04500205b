"""The universal scenarios of packse: one answer for all targets, against what uv locks."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from packaging.specifiers import SpecifierSet

from resolver import ConflictError, resolve_jointly
from resolver.errors import ContradictoryLinesError

from .universal import PYTHONS, installed_by, questions_of, targets_of

OTHERWISE = {
    "wrong-backtracking-indirect": "uv takes a release that is too old; pip and we the better one",
    "fork-non-local-fork-marker-direct": "refused by uv, and yet there is an answer",
    "fork-non-local-fork-marker-transitive": "refused by uv, and yet there is an answer",
    "preferences-dependent-forking": "one bar does for all; uv takes two",
    "preferences-dependent-forking-bistable": "uv takes a version more",
    "preferences-dependent-forking-tristable": "uv takes a version more",
    "specific-architecture": "a target has to be one that all can be installed on",
    "lowest-fork-min-python": "lowest versions are asked for, which is no rule of ours",
    "lowest-fork-max-python": "lowest versions are asked for, which is no rule of ours",
    "lowest-direct-fork-min-python": "lowest versions are asked for, which is no rule of ours",
    "lowest-direct-fork-max-python": "lowest versions are asked for, which is no rule of ours",
}
"""Where the answer is not what uv locks."""

UNEXPECTED = {
    "lock-without-metadata": "the extras of a workspace are expected, which its list does not name",
    "preferences-dependent-forking-conflicting": "a refusal is expected, and uv answers as we do",
}
"""What packse expects, and neither uv nor we do."""


def universal(harness):
    module, scenarios = harness
    return module, [each for each in scenarios if each.klass == "universal"]


def pythons(scenario):
    """Return the Pythons that a scenario is for, from the one that it is locked with."""
    admitted = SpecifierSet(scenario.root_requires_python or ">=3.12")
    places = range(PYTHONS.index(scenario.target_python), len(PYTHONS))
    return [PYTHONS[each] for each in places if admitted.contains(f"{PYTHONS[each]}.0")]


def answer(scenario, targets):
    """Resolve; return the whole and what each target installs, None where it is refused."""
    try:
        found = resolve_jointly(questions_of(scenario, targets), index="never")
    except (ConflictError, ContradictoryLinesError):
        return None, None
    return found, {
        name: {pin.name: str(pin.version) for pin in each.pins}
        for name, each in found.answers.items()
    }


def test_what_packse_expects_of_a_lock_for_all_is_what_each_target_installs(harness):
    _, scenarios = universal(harness)
    other = set()
    for scenario in scenarios:
        targets = targets_of(scenario, pythons(scenario)[-2:])
        found, installed = answer(scenario, targets)
        if (found is not None) != scenario.expected_satisfiable:
            other.add(scenario.name)
        elif found is not None:
            lines = [str(pin) for pin in found.pins]
            assert installed_by(lines, targets) == installed, scenario.name
            pins = {(pin.name, str(pin.version)) for pin in found.pins}
            if not (scenario.expected_packages or {}).items() <= pins:
                other.add(scenario.name)
    assert UNEXPECTED.keys() <= other <= UNEXPECTED.keys() | OTHERWISE.keys(), other


def locked_by_uv(uv, harness, scenario, url, folder):
    """Return the lines that uv locks for all targets, None where it refuses."""
    folder.joinpath("r.in").write_text("\n".join(scenario.root_requires) + "\n")
    command = [uv, "pip", "compile", "-q", "--universal", "--no-config", "--no-cache"]
    command += ["--no-header", "--no-annotate", "--index-url", f"{url}/{scenario.id}/simple/"]
    command += ["--python", sys.executable, "--python-version", pythons(scenario)[0]]
    said = scenario.options
    command += ["--resolution", said["resolution"]] if said.get("resolution") else []
    for name in said.get("no_build", ()):
        command += ["--only-binary", name]
    environment = {**harness.clean_env(), "HOME": os.fspath(folder)}
    done = subprocess.run(
        [*command, "r.in"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0 or "No solution found" in done.stderr, done.stderr
    return done.stdout.splitlines() if done.returncode == 0 else None


# The harness leaves its sockets to the collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.slow
def test_each_target_installs_what_uv_locks_for_all(harness, uv, tmp_path):
    module, scenarios = universal(harness)
    for scenario in scenarios:
        module.materialise(scenario, tmp_path)
    differing = {}
    with module.serve(tmp_path) as (url, _):
        for scenario in scenarios:
            targets = targets_of(scenario, pythons(scenario))
            lines = locked_by_uv(uv, module, scenario, url, tmp_path)
            theirs = None if lines is None else installed_by(lines, targets)
            found, installed = answer(scenario, targets)
            if installed != theirs:
                differing[scenario.name] = (found and [*map(str, found.pins)], lines)
    assert set(differing) == set(OTHERWISE), differing
