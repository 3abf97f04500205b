"""Distributions whose code runs when the interpreter starts."""

from __future__ import annotations

import pytest

from resolver import attribute

from .test_attribute import Seen

NAMESPACE = (
    "import sys, types, os;p = os.path.join(sys._getframe(1).f_locals['sitedir'], *('google',));"
    "m = sys.modules.setdefault('google', types.ModuleType('google'));"
    "mp = (m or []) and m.__dict__.setdefault('__path__',[]);(p not in mp) and mp.append(p)\n"
)
START = {"python_version": "3.15", "python_full_version": "3.15.0"}


def startup(world, *records, **markers):
    found = attribute(records, world.installed(**markers), stdlib=[str(world.stdlib)]).startup
    assert {each.kind for each in found} <= {"optional"}
    return {
        each.distribution.name: [(item.kind, item.name, item.line) for item in each.evidence]
        for each in found
    }


def test_a_path_file_that_runs_code_is_told_with_its_line(world):
    world.add("logs", files={"logs.pth": "# by logs\n/somewhere\nimport os; os.x = 1\nimport y\n"})
    assert startup(world) == {"logs": [("startup", "logs.pth", 3)]}


@pytest.mark.parametrize(
    "text", ["/somewhere\n", "", "# import os\n", "important\n", NAMESPACE, NAMESPACE * 2]
)
def test_a_path_file_that_runs_none_is_passed_over(world, text):
    world.add("paths", files={"paths.pth": text})
    assert startup(world) == {}


def test_a_namespace_line_does_not_hide_another(world):
    world.add("both", files={"both.pth": NAMESPACE + "import\tboth\n"})
    assert startup(world) == {"both": [("startup", "both.pth", 2)]}


@pytest.mark.parametrize("name", ["sitecustomize", "usercustomize"])
@pytest.mark.parametrize("file", ["{}.py", "{}/__init__.py"])
def test_modules_that_customize_the_site_run_whole(world, name, file):
    world.add("custom", files=[file.format(name)])
    assert startup(world) == {"custom": [("startup", file.format(name), None)]}


def test_what_nobody_lists_tells_nothing(world):
    world.add("by-hand", files=["by_hand/__init__.py"], beside={"top_level.txt": "by_hand\n"})
    world.file("by_hand.pth", "import os\n")
    world.file("sitecustomize.py")
    assert startup(world) == {}


def test_where_site_does_not_look_nothing_runs(world):
    folder = world.folder("target")
    world.add("logs", files={"logs.pth": "import os\n"}, site=folder)
    assert attribute([], world.installed(folder)).startup == ()


def test_an_editable_install_finds_its_modules_so(world):
    project = world.folder("project")
    world.add(
        "mine",
        files={"__editable__.mine.pth": "import __editable___mine_finder\n"},
        direct_url={"url": project.as_uri(), "dir_info": {"editable": True}},
    )
    assert startup(world) == {}


def test_what_is_needed_anyway_is_not_told_again(world):
    text = {"{}.pth": "import os\n"}
    for name in ("seen", "declared"):
        files = {path.format(name): content for path, content in text.items()}
        world.add(name, files={f"{name}/__init__.py": "", **files}, requires=["declared"])
    seen = Seen("seen", str(world.site / "seen/__init__.py"))
    assert set(startup(world)) == {"seen", "declared"}
    assert startup(world, seen) == {}


def test_start_files_count_from_python_315_on(world):
    world.add(
        "new", files={"new.start": "# PEP 829\n\nnew.hooks:start\n", "new.pth": "import os\n"}
    )
    world.add("old", files={"old.pth": "import os\n"})
    assert startup(world) == {
        "new": [("startup", "new.pth", 1)],
        "old": [("startup", "old.pth", 1)],
    }
    assert startup(world, **START) == {
        "new": [("startup", "new.start", 3)],
        "old": [("startup", "old.pth", 1)],
    }


def test_an_empty_start_file_keeps_the_lines_beside_it_from_running(world):
    world.add("new", files={"new.start": "# nothing\n", "new.pth": "import os\n"})
    assert startup(world, **START) == {}
