"""uv.lock means what ``uv export`` says of it: held against uv itself."""

from __future__ import annotations

import subprocess
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement

from envfiles import InvalidFile, Selection, read_requirements

from ...small_worlds import write_wheel

if TYPE_CHECKING:
    from envfiles import RequirementsContent

ENVIRONMENTS = [
    {"python_full_version": python, "python_version": python[:-2], "sys_platform": platform}
    for python, platform in product(("3.10.1", "3.11.7", "3.12.1"), ("linux", "win32", "darwin"))
]
PROJECT = """
[project]
name = "churn"
version = "0.1"
requires-python = ">=3.10"
dependencies = [
    "top",
    "parted<2 ; python_version < '3.11'",
    "parted>=2 ; python_version >= '3.11'",
    "member",
]

[project.optional-dependencies]
fast = ["extra-a[more]"]
old = ["split==1"]
new = ["split==2"]

[dependency-groups]
dev = ["checker"]
serve = [{include-group = "base"}, "web ; sys_platform != 'darwin'"]
base = ["web"]

[tool.uv]
no-index = true
find-links = ["wheels"]
conflicts = [[{extra = "old"}, {extra = "new"}]]

[tool.uv.sources]
member = {workspace = true}

[tool.uv.workspace]
members = ["member"]
"""
MEMBER = """
[project]
name = "member"
version = "1"
requires-python = ">=3.10"
dependencies = ["of-member"]
"""
WHEELS: dict[tuple[str, str], tuple[str, ...]] = {
    ("top", "1"): ("below ; sys_platform == 'win32'", "round"),
    ("below", "1"): (),
    ("round", "1"): ("trip",),
    ("trip", "1"): ("round", "below ; python_version < '3.12'"),
    ("parted", "1"): (),
    ("parted", "2"): ("below",),
    ("of_member", "1"): (),
    ("extra_a", "1"): ("more ; extra == 'more'",),
    ("more", "1"): (),
    ("split", "1"): ("trip",),
    ("split", "2"): ("more ; sys_platform == 'linux'",),
    ("checker", "1"): (),
    ("web", "1"): (),
}
CHOICES = (
    Selection(),
    Selection(extras=("fast",)),
    Selection(groups=("serve",)),
    Selection(extras=("old", "fast"), groups=("dev",)),
    Selection(extras=("new",), groups=("base",)),
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that is not locked yet, and the wheels that it may have."""
    folder = tmp_path_factory.mktemp("churn")
    (folder / "pyproject.toml").write_text(PROJECT)
    (folder / "member").mkdir()
    (folder / "member" / "pyproject.toml").write_text(MEMBER)
    for (name, version), requires in WHEELS.items():
        write_wheel(folder / "wheels", name, version, requires)
    return folder


def run(uv: str, folder: Path, *words: str) -> str:
    ended = subprocess.run(
        [uv, *words, "--offline", "--project", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.fixture
def lock(uv: str, project: Path) -> Path:
    """Its lock, by uv."""
    file = project / "uv.lock"
    if not file.is_file():
        run(uv, project, "lock", "--quiet")
    return file


def exported(uv: str, folder: Path, chosen: Selection) -> list[Requirement]:
    words = ["--frozen", "--no-hashes", "--no-header", "--no-annotate", "--no-default-groups"]
    words += [word for each in chosen.extras for word in ("--extra", each)]
    words += [word for each in chosen.groups for word in ("--group", each)]
    said = run(uv, folder, "export", "--quiet", "--no-emit-project", *words)
    return [Requirement(line) for line in said.splitlines() if not line.startswith(("-", "./"))]


def where(requirements: list[Requirement]) -> dict[str, set[int]]:
    """Return in which environments each pin counts."""
    found: dict[str, set[int]] = {}
    for each in requirements:
        pin = f"{each.name}{each.specifier}"
        for index, environment in enumerate(ENVIRONMENTS):
            if each.marker is None or each.marker.evaluate({**environment, "extra": ""}):
                found.setdefault(pin, set()).add(index)
    return found


def read(lock: Path, chosen: Selection = CHOICES[0]) -> RequirementsContent:
    return read_requirements(lock, selection=chosen)


@pytest.mark.parametrize("chosen", CHOICES, ids=str)
def test_a_lock_is_what_uv_exports_of_it(
    chosen: Selection, uv: str, project: Path, lock: Path
) -> None:
    lines = [each.requirement for each in read(lock, chosen).requirements]
    mine = [each for each in lines if each is not None and each.name != "member"]
    theirs = exported(uv, project, chosen)
    assert theirs
    assert where(mine) == where(theirs)


def test_the_project_is_no_line_and_the_others_on_the_disk_are_told_apart(lock: Path) -> None:
    asked = [each.text for each in read(lock).requirements]
    assert not any(each.startswith("churn") for each in asked)
    assert "of-member==1" in asked  # through a member without code, which is no line


def test_what_it_does_not_have_is_named(lock: Path) -> None:
    with pytest.raises(InvalidFile, match="has no extra slow: it has fast, new, old"):
        read(lock, Selection(extras=("slow",)))
    with pytest.raises(InvalidFile, match="has no group test: it has base, dev, serve"):
        read(lock, Selection(groups=("test",)))


def test_as_constraints_all_of_it_narrows(lock: Path) -> None:
    found = read_requirements(lock, is_constraint=True)
    assert not found.requirements
    named = {each.requirement.name for each in found.constraints if each.requirement}
    assert named == {name.replace("_", "-") for name, _ in WHEELS}


HEAD = 'version = 1\nrequires-python = ">=3.10"\n'
ROOT = """
[[package]]
name = "churn"
version = "0.1"
source = { virtual = "." }
dependencies = [%s]
"""


def test_sources_stand_in_its_lines_with_their_hashes(tmp_path: Path) -> None:
    (tmp_path / "uv.lock").write_text(
        HEAD
        + ROOT % ", ".join(f'{{ name = "{each}" }}' for each in "abcde")
        + """
[[package]]
name = "a"
version = "1"
source = { git = "https://host/a.git?subdirectory=py&rev=main#0123abc" }
[[package]]
name = "b"
version = "1"
source = { url = "https://host/b-1-py3-none-any.whl" }
[[package]]
name = "c"
version = "1"
source = { path = "wheels/c-1-py3-none-any.whl" }
[[package]]
name = "d"
version = "1"
source = { editable = "../d" }
[[package]]
name = "e"
version = "1+cpu"
source = { registry = "https://host/simple" }
"""
    )
    here = tmp_path.resolve()
    assert [each.text for each in read(tmp_path / "uv.lock").requirements] == [
        "a @ git+https://host/a.git@0123abc#subdirectory=py",
        "b @ https://host/b-1-py3-none-any.whl",
        f"c @ {(here / 'wheels' / 'c-1-py3-none-any.whl').as_uri()}",
        (here.parent / "d").as_uri(),
        "e==1+cpu",
    ]


def package(name: str, *hashes: str, registry: str = "https://host/simple") -> str:
    wheels = ", ".join(
        f'{{ url = "https://host/{name}-{n}-py3-none-any.whl", hash = "{each}" }}'
        for n, each in enumerate(hashes)
    )
    source = f'source = {{ registry = "{registry}" }}'
    return f'[[package]]\nname = "{name}"\nversion = "1"\n{source}\nwheels = [{wheels}]\n'


def test_hashes_are_asked_for_where_every_line_has_strong_ones(tmp_path: Path) -> None:
    strong, weak = "sha256:" + "0" * 64, "md5:" + "0" * 32
    asked = ROOT % '{ name = "a" }, { name = "b" }'
    file = tmp_path / "uv.lock"
    file.write_text(HEAD + asked + package("a", strong, weak) + package("b", strong))
    assert [each.hashes for each in read(file).requirements] == [(strong,)] * 2
    file.write_text(HEAD + asked + package("a", strong) + package("b", weak))
    found = read(file)
    assert [each.hashes for each in found.requirements] == [()] * 2
    assert "there is none of b==1" in found.ignored[0].reason


def test_another_index_than_that_of_most_is_told(tmp_path: Path) -> None:
    asked = ROOT % '{ name = "a" }, { name = "b" }, { name = "c" }'
    packages = package("a") + package("b", registry="https://torch/whl") + package("c")
    (tmp_path / "uv.lock").write_text(HEAD + asked + packages)
    (told,) = read(tmp_path / "uv.lock").ignored
    assert told.reason == ("b come from https://torch/whl: --extra-index-url has them found there")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version = 2\n", "is a lock of version 2 of uv's; 1 is read"),
        (HEAD + ROOT % '{ name = "a", marker = "os is" }' + package("a"), "os is"),
        ("version = 1\n[[package]\n", "not TOML"),
    ],
)
def test_what_cannot_be_read_is_told(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "uv.lock").write_text(text)
    with pytest.raises(InvalidFile, match=said):
        read(tmp_path / "uv.lock")


def test_the_lock_of_a_script_is_what_the_script_needs(tmp_path: Path) -> None:
    manifest = '[manifest]\nrequirements = [{ name = "a", specifier = ">=1" }]\n'
    (tmp_path / "run.py.lock").write_text(HEAD + manifest + package("a") + package("b"))
    assert [each.text for each in read(tmp_path / "run.py.lock").requirements] == ["a==1"]
