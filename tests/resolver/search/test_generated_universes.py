"""Generated universes against an exhaustive oracle: no unsound answer, no false refusal."""

from __future__ import annotations

import random
import subprocess
import sys
import zipfile
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from resolver import ConflictError, Installed, Origin, Root, Target, merge, resolve
from resolver.errors import ContradictoryLinesError
from resolver.requirements.lines import Line
from resolver.sources.wheels import WheelFolder

from ..memory_source import MemorySource

TARGET = Target.current()
NAMES = "abcdef"
VERSIONS = ("1", "2", "2.1", "3a1", "3", "4.dev0")
SPECIFIERS = ("", "", "", "==1", "==2.*", "!=2", ">=2", "<2", "<=2.1", ">2", "~=2.0", ">=3a1", "<4")
MARKERS = (
    *("", "", "", '; extra == "x"', '; extra == "y"', '; python_version < "3"'),
    *('; python_version >= "3" and extra == "x"', '; python_version >= "3"'),
)


@dataclass
class World:
    """A universe and what is asked of it, as data."""

    packages: dict[str, Any]
    roots: list[Any]
    constraints: list[Any] = field(default_factory=list)
    overrides: list[Any] = field(default_factory=list)
    excluded: list[Any] = field(default_factory=list)
    pythons: dict[Any, Any] = field(default_factory=dict)
    yanked: list[Any] = field(default_factory=list)


def generate(seed):
    """Make a world; small ones, as small ones hold every kind of knot."""
    dice = random.Random(seed)
    names = NAMES[: dice.randint(2, 6)]

    def ask(marker=""):
        extra = dice.choice(("", "", "", "[x]", "[x,y]"))
        return f"{dice.choice(names)}{extra}{dice.choice(SPECIFIERS)}{marker}"

    packages = {
        name: {
            version: [ask(dice.choice(MARKERS)) for _ in range(dice.randint(0, 3))]
            for version in dice.sample(VERSIONS, dice.randint(1, 4))
        }
        for name in names
    }
    every = [(name, version) for name in names for version in packages[name]]
    limits = [
        f"{dice.choice(names)}{dice.choice(SPECIFIERS)}" for _ in range(dice.choice((0, 0, 1, 2)))
    ]
    replaced = dice.sample(names, dice.choice((0, 0, 0, 1)))
    return World(
        packages,
        # Lines on one name that contradict each other are the merge's business.
        list({line[0]: line for line in (ask() for _ in range(dice.randint(1, 3)))}.values()),
        limits,
        [f"{name}{dice.choice(SPECIFIERS[3:])}" for name in replaced],
        [name for name in names if name not in replaced and dice.random() < 0.04],
        {each: dice.choice(("<3", ">=3")) for each in every if dice.random() < 0.1},
        [each for each in every if dice.random() < 0.05],
    )


def answer(world):
    """Resolve; None where it is refused."""
    try:
        merged = merge(
            [], pip_requirements=world.roots, constraints=world.constraints, target=TARGET
        )
    except ContradictoryLinesError:
        return None
    asked = replace(
        merged,
        overrides=tuple(
            Root(Requirement(each), Origin("overrides"), None) for each in world.overrides
        ),
        excluded=tuple(Line(Requirement(each), Origin("exclude")) for each in world.excluded),
    )
    source = MemorySource(world.packages, requires_python=world.pythons, yanked=world.yanked)
    try:
        found = resolve(asked, Installed([], TARGET), sources=[source], index="never")
    except ConflictError:
        return None
    return {pin.name: (str(pin.version), set(pin.extras)) for pin in found.pins}


# The oracle: it shares no code with the resolver


class Oracle:
    def __init__(self, world):
        self.world = world
        self.overrides = {Requirement(o).name: Requirement(o).specifier for o in world.overrides}
        pinned = [
            Requirement(line) for line in (*world.roots, *world.constraints, *world.overrides)
        ]
        self.exact = [
            each
            for each in pinned
            if any(s.operator == "==" and "*" not in str(s) for s in each.specifier)
        ]
        self.roots = self.counted(map(Requirement, world.roots))

    def counted(self, requirements):
        """Apply overrides and exclusions: (name, extras, specifier)."""
        return [
            (each.name, each.extras, self.overrides.get(each.name, each.specifier))
            for each in requirements
            if each.name not in self.world.excluded
        ]

    def usable(self, name):
        for version in self.world.packages.get(name, ()):
            python = self.world.pythons.get((name, version), "")
            limited = [
                Requirement(c).specifier
                for c in self.world.constraints
                if Requirement(c).name == name
            ]
            is_named = any(
                each.name == name and each.specifier.contains(version, prereleases=True)
                for each in self.exact
            )
            if python == "<3" or ((name, version) in self.world.yanked and not is_named):
                continue
            if all(limit.contains(version, prereleases=True) for limit in limited):
                yield version

    def stated(self, name, version, extras):
        for text in self.world.packages[name][version]:
            each = Requirement(text)
            environments = [{"extra": extra} for extra in ("", *extras)]
            if each.marker is None or any(each.marker.evaluate(e) for e in environments):
                yield each

    def closure(self, choice):
        """Return the names that the roots lead to with their extras, and the first open name."""
        reached: dict[str, set[str]] = {}
        asked = list(self.roots)
        while asked:
            name, extras, specifier = asked.pop()
            if name not in choice:
                return reached, name
            if not specifier.contains(choice[name], prereleases=True):
                return None, None
            known = reached.get(name)
            if known is None or not extras <= known:
                reached[name] = (known or set()) | extras
                asked += self.counted(self.stated(name, choice[name], reached[name]))
        return reached, None

    def solutions(self, choice=None):
        choice = choice or {}
        reached, missing = self.closure(choice)
        if reached is None:
            return
        if missing is None:
            yield {name: (choice[name], extras) for name, extras in reached.items()}
            return
        for version in self.usable(missing):
            yield from self.solutions({**choice, missing: version})

    def is_sound(self, pins):
        choice = {name: version for name, (version, _) in pins.items()}
        usable = all(version in set(self.usable(name)) for name, version in choice.items())
        reached, missing = self.closure(choice)
        return (
            usable and missing is None and reached == {n: extras for n, (_, extras) in pins.items()}
        )


def fault(seed):
    """Name what is wrong with the answer to a world; None where nothing is."""
    world = generate(seed)
    oracle = Oracle(world)
    pins = answer(world)
    if pins is None:
        solution = next(oracle.solutions(), None)
        return solution and f"{seed}: refused, and {solution} would do: {world}"
    return None if oracle.is_sound(pins) else f"{seed}: {pins} is unsound: {world}"


def test_some_generated_universes_are_answered_as_the_oracle_does():
    assert [said for said in map(fault, range(400)) if said] == []


@pytest.mark.slow
def test_twenty_thousand_generated_universes_are_answered_as_the_oracle_does():
    assert [said for said in map(fault, range(20_000)) if said] == []


def test_the_oracle_tells_right_from_wrong():
    world = World({"a": {"1": ["b[x]"], "2": ["c"]}, "b": {"1": ['a<2; extra == "x"']}}, ["a"])
    oracle = Oracle(world)
    assert list(oracle.solutions()) == [{"a": ("1", set()), "b": ("1", {"x"})}]
    assert oracle.is_sound({"a": ("1", set()), "b": ("1", {"x"})})
    assert not oracle.is_sound({"a": ("1", set()), "b": ("1", set())})
    assert not oracle.is_sound({"a": ("2", set())})
    assert Version("3a1").is_prerelease


# Against uv


def materialise(world, folder):
    for name, versions in world.packages.items():
        for version, requires in versions.items():
            info = f"{name}-{version}.dist-info"
            lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
            lines += ["Provides-Extra: x", "Provides-Extra: y"]
            lines += [f"Requires-Dist: {text}" for text in requires]
            with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
                archive.writestr(f"{info}/METADATA", "\n".join([*lines, ""]))
                archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
                archive.writestr(f"{info}/RECORD", "")
    for kind in ("roots", "constraints", "overrides"):
        (folder / f"{kind}.txt").write_text("\n".join(getattr(world, kind)) + "\n")


def without_false_markers(packages):
    return {
        name: {
            version: [text for text in requires if '< "3"' not in text]
            for version, requires in versions.items()
        }
        for name, versions in packages.items()
    }


def satisfied_by_uv(uv, folder):
    command = [uv, "pip", "compile", "-q", "--no-config", "--no-index", "--no-cache", "--no-header"]
    command += ["--find-links", ".", "-c", "constraints.txt", "--override", "overrides.txt"]
    done = subprocess.run(
        [*command, "--python", sys.executable, "roots.txt"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0 or "No solution found" in done.stderr, done.stderr
    return done.returncode == 0


@pytest.mark.slow
def test_two_hundred_as_wheels_are_satisfied_exactly_when_uv_says_so(uv, tmp_path):
    differing = []
    for seed in range(200):
        # What uv reads otherwise, or has no option for, stays out: see the oracle for it.
        world = replace(generate(seed), pythons={}, yanked=[], excluded=[])
        if world.overrides:
            # For uv an override makes a requirement count whose marker is false.
            world.packages = without_false_markers(world.packages)
        folder = tmp_path / str(seed)
        folder.mkdir()
        materialise(world, folder)
        merged = merge(
            [], pip_requirements=world.roots, constraints=world.constraints, target=TARGET
        )
        overrides = tuple(Root(Requirement(each), Origin("o"), None) for each in world.overrides)
        try:
            source = WheelFolder(folder, TARGET)
            here = Installed([], TARGET)
            resolve(replace(merged, overrides=overrides), here, sources=[source], index="never")
            ours = True
        except ConflictError:
            ours = False
        if ours != satisfied_by_uv(uv, folder):
            differing.append((seed, ours, world))
    assert differing == []
