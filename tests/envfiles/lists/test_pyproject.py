"""A project's own list: its dependencies, extras and groups, and what is told to uv."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from envfiles import InvalidFile, Selection, read_requirements

if TYPE_CHECKING:
    from envfiles import RequirementsContent

PROJECT = """
[project]
name = "Churn.Model"
requires-python = ">=3.10,<3.14"
dependencies = ["NumPy >= 1.26", "tomli; python_version < '3.11'"]

[project.optional-dependencies]
gpu = ["torch"]
All_Things = ["churn-model[gpu]", "six"]

[dependency-groups]
base = ["click"]
serve = [{include-group = "base"}, "idna<4"]
round = [{include-group = "trip"}]
trip = [{include-group = "round"}]
"""


def read(
    folder: Path, text: str, *, extras: tuple[str, ...] = (), groups: tuple[str, ...] = ()
) -> RequirementsContent:
    (folder / "pyproject.toml").write_text(text)
    chosen = Selection(extras=extras, groups=groups)
    return read_requirements(folder / "pyproject.toml", selection=chosen)


def texts(content: RequirementsContent) -> list[str]:
    return [each.text for each in content.requirements]


def reason(folder: Path, text: str, **chosen: tuple[str, ...]) -> str:
    with pytest.raises(InvalidFile) as caught:
        read(folder, text, **chosen)
    return str(caught.value)


def test_its_dependencies_are_the_list_with_their_places(tmp_path: Path) -> None:
    found = read(tmp_path, PROJECT)
    assert texts(found) == ["NumPy >= 1.26", "tomli; python_version < '3.11'"]
    first = found.requirements[0].location
    assert (first.line, first.key) == (5, "project.dependencies[0]")


def test_for_which_pythons_it_is_comes_with_it(tmp_path: Path) -> None:
    (condition,) = read(tmp_path, PROJECT).conditions
    assert condition.text == ">=3.10,<3.14"
    assert condition.markers == ("python_full_version < '3.14' and python_full_version >= '3.10'",)


def test_extras_and_groups_are_added_with_what_they_include(tmp_path: Path) -> None:
    found = read(tmp_path, PROJECT, extras=("all-things",))
    assert texts(found)[2:] == ["torch", "six"]
    pytest.importorskip("packaging.dependency_groups")
    found = read(tmp_path, PROJECT, extras=("GPU",), groups=("Serve",))
    assert texts(found)[2:] == ["torch", "click", "idna<4"]


def test_what_it_does_not_have_is_named_with_what_it_has(tmp_path: Path) -> None:
    assert "has no group dev: it has base, round" in reason(tmp_path, PROJECT, groups=("dev",))
    assert "has no extra cpu: it has all-things, gpu" in reason(tmp_path, PROJECT, extras=("cpu",))


def test_groups_in_a_circle_are_an_error(tmp_path: Path) -> None:
    pytest.importorskip("packaging.dependency_groups")
    assert "Cyclic dependency group include" in reason(tmp_path, PROJECT, groups=("round",))


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("[project]\nname = 'a'\ndynamic = ['dependencies']\n", "`pip lock .`"),
        (
            "[project]\nname = 'a'\ndynamic = ['dependencies']\n[tool.setuptools.dynamic]\n"
            "dependencies = {file = ['base.txt']}\n",
            "give base.txt, where they stand",
        ),
        ("[tool.poetry.dependencies]\nclick = '*'\n", "`poetry export"),
        ("[dependency-groups]\nserve = ['click']\n", r"has no [project]"),
        ("[project]\nname = 'a'\ndependencies = 'click'\n", "is no list of requirements"),
        ("[project]\nname = 'a'\ndependencies = [1]\n", "a requirement is a string"),
        ("[project]\nname = 'a'\ndependencies = ['-r b.txt']\n", "'-r b.txt'"),
        ("[project]\nname = 'a'\ndependencies = ['click --pre']\n", "click --pre"),
        ("[project]\nname = 'a'\nrequires-python = 'three'\n", "is no range of versions"),
        ("project = 1\n", "project: is no table"),
        ("[project\n", "not TOML"),
    ],
)
def test_what_it_does_not_say_is_a_sentence(text: str, way: str, tmp_path: Path) -> None:
    assert way in reason(tmp_path, text)


def test_a_group_alone_needs_no_project(tmp_path: Path) -> None:
    pytest.importorskip("packaging.dependency_groups")
    found = read(tmp_path, "[dependency-groups]\nserve = ['click']\n", groups=("serve",))
    assert texts(found) == ["click"]


UV = """
[project]
name = "churn"
dependencies = ["one", "two[x]>=1", "three", "four ; os_name == 'posix'", "five", "six", "seven"]

[tool.uv]
exclude-newer = "2026-01-01"
constraint-dependencies = ["one<2"]

[tool.uv.sources]
one = { git = "https://host/one", tag = "v1", subdirectory = "py" }
two = { url = "https://host/two-1.0-py3-none-any.whl" }
three = { path = "../three", editable = true }
four = { path = "four" }
five = { workspace = true }
six = { index = "here" }
seven = [{ path = "a", marker = "os_name == 'nt'" }]

[[tool.uv.index]]
name = "here"
url = "https://host/simple"
explicit = true

[[tool.uv.index]]
url = "https://more/simple"
"""


def test_what_is_told_to_uv_is_heeded_where_a_line_can_say_it(tmp_path: Path) -> None:
    found = read(tmp_path, UV)
    here = tmp_path.resolve()
    assert texts(found) == [
        "one @ git+https://host/one@v1#subdirectory=py",
        "two[x] @ https://host/two-1.0-py3-none-any.whl",
        (here.parent / "three").as_uri(),
        f'four @ {(here / "four").as_uri()} ; os_name == "posix"',
        *("five", "six", "seven"),
    ]
    assert found.requirements[2].editable
    assert [each.text for each in found.constraints] == ["one<2"]
    assert list(map(str, found.options)) == ["--extra-index-url https://more/simple"]


def test_what_is_not_heeded_is_told_with_the_option_that_says_it(tmp_path: Path) -> None:
    told = {each.location.key: each.reason for each in read(tmp_path, UV).ignored}
    assert "--as-of 2026-01-01" in told["tool.uv.exclude-newer"]
    assert "--extra-index-url https://host/simple" in told["tool.uv.sources.six"]
    assert {"tool.uv.sources.five", "tool.uv.sources.seven"} <= told.keys()
    assert not {"tool.uv.sources.one", "tool.uv.sources.four"} & told.keys()


def test_a_project_among_the_lines_stands_in_its_place(tmp_path: Path) -> None:
    read(tmp_path, "[project]\nname = 'a'\ndependencies = ['click', 'idna<4']\n")
    (tmp_path / "r.txt").write_text("six\n-r pyproject.toml\n-c pyproject.toml\n")
    found = read_requirements(tmp_path / "r.txt")
    assert texts(found) == ["six", "click", "idna<4"]
    assert [each.text for each in found.constraints] == ["click", "idna<4"]
