"""Killed at any moment, a folder is the old one, the new one or absent, and nothing stays for long.

The slow ones are a part of ``.ci/slow``: 500 kills, each drawn from its own number, so that
``-k "edit and 17"`` looks at the 25 of one round alone.
"""

from __future__ import annotations

import os
import random
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import modelenv
from modelenv.environments.cache import EnvironmentCache

from ..small_worlds import write_wheel
from .deeds import DEEDS, ENGINE, Deed
from .killing import Course, Moment, course_of, kill, left_running, whole_run

ROUND = 25
KILLS = {
    "edit": 100,
    "lock": 75,
    "migrate": 100,
    "cache": 75,
    "save": 50,
    "overwrite": 50,
    "fix": 50,
}

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux")


@dataclass(frozen=True, slots=True)
class World:
    """A saved model of what is installed, and wheels of all of it; no index is asked."""

    root: Path
    saved: Path
    courses: dict[str, tuple[Course, str, str]] = field(default_factory=dict)
    """What each deed is where nobody kills it, with the states before and after."""

    def course(self, deed: Deed) -> tuple[Course, str, str]:
        """Do a deed to its end."""
        if deed.name not in self.courses:
            here, there = (self.root / f"{deed.name}-{where}" for where in ("here", "there"))
            for place in (here, there):
                deed.prepare(place, self.saved)
            before = deed.state(here)
            deed.work(here)  # what is imported late is no part of what is killed
            course = course_of(deed.work, there)
            assert deed.state(here) == deed.state(there)
            self.courses[deed.name] = course, before, deed.state(there)
        return self.courses[deed.name]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    root = tmp_path_factory.mktemp("world")
    site, links = root / "site", root / "links"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIP_CONFIG_FILE", os.devnull)
        patch.setenv("PIP_NO_INDEX", "1")
        patch.setenv("PIP_FIND_LINKS", str(links))
        patch.setenv("MODELENV_CACHE_DIR", str(root / "cache"))
        for name, code in (("engine", ENGINE), ("added", "")):
            wheel = write_wheel(links, name, "1.0", modules={f"{name}/__init__.py": code})
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(site)
        patch.syspath_prepend(str(site))
        import engine  # type: ignore[import-not-found]

        saved = root / "saved"
        modelenv.save_model(
            engine.Model(2), saved, input_example=[1], metadata={"factor": 2}, prove=False
        )
        yield World(root, saved)


def check(world: World, deed: Deed, number: int) -> bool:
    """Kill a deed at the moment of a number; return whether it came to its end before.

    What it leaves is old or new; after the next deed of the kind it is new, and nothing else is
    there. No process is left after two seconds.
    """
    course, before, after = world.course(deed)
    moment = Moment.drawn(random.Random(f"{deed.name} {number}"), course)
    place = world.root / f"{deed.name}-{number}"
    deed.prepare(place, world.saved)
    was_killed = kill(deed.work, place, moment)
    assert left_running(place, within=2.0) == [], (place, moment)
    assert deed.state(place) in (before, after), (place, moment)
    whole_run(deed.work, place)
    assert deed.state(place) == after, (place, moment)
    name = "cache" if deed.name == "cache" else "model"
    # Neither beside it nor among the temporary files.
    assert [path.name for path in place.iterdir()] == [name], (place, moment)
    for path in place.rglob("*"):
        assert not path.name.endswith(".partial"), (path, moment)
    if deed.name == "cache":
        (entry,) = EnvironmentCache(place / name).entries()
        assert len(list(entry.folder.iterdir())) == 3  # the environment, what it is, the leases
        assert list((entry.folder / "leases").iterdir()) == []
    return not was_killed


@pytest.mark.parametrize("name", ["edit", "lock", "migrate", "cache", "save"])
def test_killed_at_some_moment(name: str, world: World) -> None:
    check(world, DEEDS[name], 1000)


ROUNDS = [(name, start) for name in DEEDS for start in range(0, KILLS[name], ROUND)]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "start"), ROUNDS)
def test_killed_five_hundred_times(name: str, start: int, world: World) -> None:
    ended = [check(world, DEEDS[name], number) for number in range(start, start + ROUND)]
    assert sum(ended) < ROUND / 2  # the moments are within its course
