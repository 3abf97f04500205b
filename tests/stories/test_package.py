"""The archive that is published is the tree, and the wheel is the four packages alone."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import modelenv

ROOT = Path(__file__).parents[2]
PACKAGES = ("tracer", "resolver", "envfiles", "modelenv")
NAME = f"modelenv-{modelenv.__version__}"

pytestmark = pytest.mark.slow


def run(*words: str | Path, cwd: Path = ROOT) -> str:
    ended = subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the archive of this tree, and the wheel that is built from it."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--outdir", folder, ROOT)
    return folder


@pytest.fixture(scope="module")
def archive(built: Path) -> Path:
    return built / f"{NAME}.tar.gz"


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    return built / f"{NAME}-py3-none-any.whl"


def tracked() -> set[str]:
    """Return the files of the tree that are kept."""
    return {name for name in run("git", "ls-files").splitlines() if (ROOT / name).is_file()}


def test_the_archive_is_the_tree(archive: Path) -> None:
    with tarfile.open(archive) as opened:
        files = {name.partition("/")[2] for name in opened.getnames()}
    assert files - {"PKG-INFO"} - untracked() == tracked()


def untracked() -> set[str]:
    """Return the files that are not kept yet, and not ignored either."""
    return {*run("git", "ls-files", "--others", "--exclude-standard").splitlines()}


def test_the_wheel_has_the_packages_whole_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as opened:
        files = {name for name in opened.namelist() if ".dist-info/" not in name}
        licence = opened.read(f"{NAME}.dist-info/licenses/LICENSE")
    ours = {name for name in tracked() | untracked() if name.split("/")[0] in PACKAGES}
    assert files == ours | {"modelenv/cli/help/errors.md"}
    assert licence == (ROOT / "LICENSE").read_bytes()


def test_those_who_check_packages_find_nothing(archive: Path, wheel: Path) -> None:
    assert run(sys.executable, "-m", "twine", "check", "--strict", archive, wheel)
    # W009 is of several packages in one wheel, which are named here.
    run(sys.executable, "-m", "check_wheel_contents", "--toplevel", ",".join(PACKAGES), wheel)


def test_the_wheel_runs_where_nothing_of_the_tree_is(wheel: Path, tmp_path: Path) -> None:
    run(sys.executable, "-m", "venv", tmp_path / "venv")
    python = tmp_path / "venv" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    run(python, "-m", "pip", "install", "--quiet", wheel, cwd=tmp_path)
    command = python.with_name("modelenv")
    assert run(command, "--version", cwd=tmp_path) == f"modelenv {modelenv.__version__}\n"
    assert "ME0101" in run(command, "explain", "ME0101", cwd=tmp_path)
    where = run(python, "-c", "import modelenv, tracer; print(tracer.__file__)", cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(tmp_path)


def test_the_tests_of_the_archive_are_whole(archive: Path, tmp_path: Path) -> None:
    with tarfile.open(archive) as opened:
        opened.extractall(tmp_path, filter="data")
    names = ("readme", "ci", "release", "rooms", "layers", "extras")
    options = ("-q", "-p", "no:cacheprovider", f"--basetemp={tmp_path / 'base'}")
    files = [f"tests/test_{name}.py" for name in names]
    told = run(sys.executable, "-m", "pytest", *options, *files, cwd=tmp_path / NAME)
    assert " passed" in told
