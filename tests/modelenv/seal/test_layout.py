"""The steps and rules that a plan becomes."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from modelenv.seal import layout
from modelenv.seal import plan as plans
from modelenv.seal.plan import SealPlan

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.skipif(os.name != "posix", reason="paths are POSIX's")


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """A few folders and files, at a path without links."""
    root = Path(os.path.realpath(tmp_path))
    for name in ("lib/site/near", "lib/site/far", "lib/own", "home/work", "else/where"):
        (root / name).mkdir(parents=True)
        (root / name / "file").write_text("")
    return root


@pytest.fixture
def steps(world: Path) -> Callable[..., list[tuple[str, str]]]:
    """Return a function that gives a plan's steps below the world's root."""

    def made(**parts: list[str]) -> list[tuple[str, str]]:
        plan = plan_of(world, **parts)
        found = layout.steps(plan, own_processes=True)
        inside = [(verb, path) for verb, path, _ in found if path.startswith(str(world))]
        return [(verb, str(Path(path).relative_to(world))) for verb, path in inside]

    return made


def plan_of(world: Path, **parts: list[str]) -> SealPlan:
    paths: dict[str, Any] = {
        kind: tuple(str(world / name) for name in names) for kind, names in parts.items()
    }
    return SealPlan(**{"reads": (), "environment": {}, "folder": str(world), **paths})


def test_parents_come_first(steps: Callable[..., Any]) -> None:
    made = steps(reads=["lib/site/near", "lib"], masks=["lib/site"])
    assert made == [("read", "lib"), ("mask", "lib/site"), ("read", "lib/site/near")]


def test_what_is_there_already_is_no_step(steps: Callable[..., Any]) -> None:
    assert steps(reads=["lib", "lib/own", "lib/own/file"]) == [("read", "lib")]


def test_nothing_is_masked_where_nothing_is_shown(steps: Callable[..., Any]) -> None:
    assert steps(reads=["lib/site/near"], masks=["lib/site"]) == [("read", "lib/site/near")]


def test_what_is_not_there_is_no_step(steps: Callable[..., Any]) -> None:
    assert steps(reads=["nowhere"], masks=["lib/nowhere"], writes=["gone"]) == []


def test_an_empty_folder_is_made_where_nothing_stood(steps: Callable[..., Any]) -> None:
    assert steps(private=["nowhere/home"]) == [("private", "nowhere/home")]


def test_no_folder_is_made_in_what_is_shown(steps: Callable[..., Any]) -> None:
    # It would be made on the machine itself.
    assert steps(reads=["lib"], private=["lib/new"]) == [("read", "lib")]


def test_what_is_read_in_a_home_is_there(steps: Callable[..., Any]) -> None:
    made = steps(private=["home"], reads=["home/work"])
    assert made == [("private", "home"), ("read", "home/work")]


def test_a_folder_in_what_is_written_can_be_read_alone(steps: Callable[..., Any]) -> None:
    made = steps(writes=["home"], reads=["home/work"])
    assert made == [("write", "home"), ("read", "home/work")]


def test_links_stay_links(world: Path, steps: Callable[..., Any]) -> None:
    (world / "short").symlink_to("else")
    (world / "else" / "again").symlink_to(world / "lib" / "own")
    assert steps(reads=["short/again/file"]) == [
        ("link", "else/again"),
        ("read", "lib/own/file"),
        ("link", "short"),
    ]


def test_a_link_that_leads_to_itself_is_no_step(world: Path, steps: Callable[..., Any]) -> None:
    (world / "loop").symlink_to("loop")
    assert ("read", "loop") not in steps(reads=["loop/file"])


def test_what_is_shown_elsewhere_is_not_at_its_own_path(world: Path) -> None:
    plan = plan_of(world, masks=["lib"])
    shown = (str(world / "lib" / "own"), "/run/own")
    plan = replace(plan, elsewhere=(shown,))
    made = [step for step in layout.steps(plan, own_processes=True) if "own" in step[1]]
    assert made == [("read", "/run/own", shown[0])]
    assert plan.seen(shown[0]) == "/run/own"
    assert plan.seen(str(world)) == str(world)


@pytest.mark.skipif(sys.platform != "linux", reason="Landlock is Linux's")
def test_rules_go_around_a_mask(world: Path) -> None:
    (world / "lib" / "link").symlink_to(world / "else")
    plan = plan_of(world, reads=["lib", "lib/site/near"], masks=["lib/site"], writes=["home"])
    rules = {
        (verb, str(Path(path).relative_to(world)))
        for verb, path, _ in layout.rules(plan)
        if path.startswith(str(world))
    }
    assert rules == {
        ("list", "lib"),
        ("read", "lib/own"),
        ("read", "lib/site/near"),
        ("write", "home"),
    }


def test_what_is_allowed_is_there_though_it_is_on_a_path(tmp_path: Path) -> None:
    on_path = [tmp_path / "project" / "src", tmp_path / "project" / "site-packages"]
    for folder in on_path:
        folder.mkdir(parents=True)
    made = plans.make(
        executable=sys.executable,
        base=sys.executable,
        stdlib=(),
        path=map(str, on_path),
        installed=(),
        environment={},
        allow_paths=[str(tmp_path / "project")],
    )
    assert str(on_path[0]) not in made.masks
    assert str(on_path[1]) in made.masks
