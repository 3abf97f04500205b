"""However Python and an environment were installed: what is pinned is there, the rest is not."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import modelenv
from modelenv.seal import python_files
from modelenv.seal.command import check, command

from .conftest import Runs, seal_of, skeleton

if TYPE_CHECKING:
    from .conftest import Author

LOOK = """
import importlib, os, sys
for name in sys.argv[1:]:
    try:
        print(os.path.realpath(importlib.import_module(name).__file__))
    except ModuleNotFoundError:
        print("no", name)
import ctypes, hashlib, json, sqlite3, ssl, zlib
"""


def looked(author: Author, *names: str) -> list[str]:
    """Tell where a sealed run finds modules."""
    return Runs(author, seal_of("namespaces")).run(LOOK, *names).output.splitlines()


def check_environment(author: Author, python: Path) -> None:
    """Make sure that of two distributions in an environment the pinned one alone is there."""
    author.use(python)
    author.install("near")
    author.install("far", pinned=False)
    place = str((author.site / "near.py").resolve())
    assert looked(author, "near", "far", "pip") == [place, "no far", "no pip"]


def make_venv(folder: Path, *options: str, python: str = sys.executable) -> Path:
    line = [python, "-m", "venv", "--without-pip", *options, str(folder)]
    subprocess.run(line, check=True, capture_output=True)
    return folder / "bin" / "python"


def test_a_virtual_environment(author: Author) -> None:
    check_environment(author, make_venv(author.root / "venv"))


def test_one_with_copies(author: Author) -> None:
    check_environment(author, make_venv(author.root / "venv", "--copies"))


def test_one_behind_links(author: Author) -> None:
    make_venv(author.root / "elsewhere" / "venv")
    (author.root / "work").symlink_to("elsewhere")
    check_environment(author, author.root / "work" / "venv" / "bin" / "python")


def test_one_that_uv_made(author: Author, uv: str) -> None:
    folder = author.root / "venv"
    line = [uv, "venv", "--quiet", "--offline", "--python", sys.executable, str(folder)]
    subprocess.run(line, check=True, env={**os.environ, "UV_NO_CONFIG": "1"})
    check_environment(author, folder / "bin" / "python")


def test_files_that_uv_linked(author: Author) -> None:
    archive = author.root / "cache" / "archive" / "x1"
    author.install("near", site=archive, pinned=False)
    author.install("near")
    for file in author.site.rglob("near*/*"):
        file.unlink()
        file.symlink_to(archive / file.relative_to(author.site))
    (author.site / "near.py").unlink()
    (author.site / "near.py").symlink_to(archive / "near.py")
    assert looked(author, "near") == [str(archive / "near.py")]


def test_one_over_the_base_s_distributions(author: Author) -> None:
    base = make_base(author, author.root / "base")
    python = skeleton(author.root / "over", base)
    settings = author.root / "over" / "pyvenv.cfg"
    settings.write_text(settings.read_text().replace("false", "true"))
    author.use(python)
    author.install("near")
    below = base.parent.parent / _SITE
    author.install("deep", site=below)
    author.install("far", site=below, pinned=False)
    near, deep = str(author.site / "near.py"), str(below / "deep.py")
    assert looked(author, "near", "deep", "far") == [near, deep, "no far"]


_SITE = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"


def make_base(author: Author, root: Path) -> Path:
    """Lay out an interpreter with a prefix of its own, as pyenv, uv and conda have them."""
    # A copied program does not look for its library beside itself, as one of uv's or conda's does.
    author.variables["LD_LIBRARY_PATH"] = str(root / "lib")
    real = Path(os.path.realpath(sys.executable))
    prefix = real.parent.parent
    stdlib = Path(sysconfig.get_path("stdlib"))
    shutil.copytree(
        stdlib,
        root / "lib" / stdlib.name,
        ignore=shutil.ignore_patterns("*-packages", "test", "__pycache__", "idlelib", "config-*"),
        symlinks=True,
    )
    (root / _SITE).mkdir()
    (root / "bin").mkdir()
    for library in prefix.glob("lib/libpython*.so*"):
        shutil.copy(library, root / "lib", follow_symlinks=False)
    shutil.copy(real, root / "bin" / real.name)
    (root / "bin" / "python3").symlink_to(real.name)
    (root / "bin" / "python").symlink_to("python3")
    return root / "bin" / "python"


def test_a_prefix_of_its_own(author: Author) -> None:
    check_environment(author, make_base(author, author.root / "versions" / "3"))


def test_a_prefix_behind_a_link(author: Author) -> None:
    make_base(author, author.root / "python" / "cpython-3.1.1")
    (author.root / "python" / "cpython-3.1").symlink_to("cpython-3.1.1")
    python = author.root / "python" / "cpython-3.1" / "bin" / "python"
    check_environment(author, make_venv(author.root / "venv", python=str(python)))


def test_a_prefix_laid_out_as_conda_s(author: Author) -> None:
    python = make_base(author, author.root / "conda")
    prefix = author.root / "conda"
    packages = {
        "python": (["libowned"], ["bin/python3"]),
        "libowned": ([], ["lib/libowned.so.1", "lib/libowned.so"]),
        "other": ([], ["lib/libother.so"]),
    }
    for name, (depends, files) in packages.items():
        for file in files:
            if not (prefix / file).exists():
                (prefix / file).write_text(name)
        described = {"name": name, "depends": [f"{each} >=1" for each in depends], "files": files}
        (prefix / "conda-meta").mkdir(exist_ok=True)
        (prefix / "conda-meta" / f"{name}-1-0.json").write_text(json.dumps(described))
    check_environment(author, python)
    code = "import os, sys; print(sorted(n for n in os.listdir(sys.prefix + '/lib') if 'o' in n))"
    seen = Runs(author, seal_of("namespaces")).run(code).output
    assert "libowned.so.1" in seen
    assert "libother" not in seen


DEBIAN = Path("/usr/bin/python3")
_ITS_OWN = "/usr/lib/python3/dist-packages"


def test_debian_s_own(author: Author) -> None:
    found = sorted(Path(_ITS_OWN).glob("*.py")) if DEBIAN.exists() else []
    if not found:
        pytest.skip(f"there is no {DEBIAN} with something in {_ITS_OWN}")
    author.use(DEBIAN)
    assert looked(author, found[0].stem) == [f"no {found[0].stem}"]
    author._pinned[_ITS_OWN] = [(found[0].name,)]
    assert looked(author, found[0].stem) == [str(found[0])]


@pytest.mark.parametrize("minor", range(8, 14))
def test_a_python_of_pyenv_s(author: Author, minor: int) -> None:
    versions = sorted(Path("~/.pyenv/versions").expanduser().glob(f"3.{minor}.*/bin/python"))
    if not versions:
        pytest.skip(f"pyenv has no Python 3.{minor} here")
    check_environment(author, make_venv(author.root / "venv", python=str(versions[-1])))


def test_the_oldest_python_can_run_the_starter(author: Author) -> None:
    found = sorted(Path("~/.pyenv/versions").expanduser().glob("3.8.*/bin/python"))
    if not found:
        pytest.skip("pyenv has no Python 3.8 here")
    assert started_by([str(found[-1])], author, "namespaces") == "ran"
    assert started_by([str(found[-1])], author, "landlock") == "ran"


def started_by(starter: list[str], author: Author, kind: str, owner: int | None = None) -> str:
    """Have another Python seal a run; return what the run prints."""
    seal = seal_of(kind)
    author.runs += 1
    scratch = author.root / f"run-{author.runs}"
    scratch.mkdir()
    plan = author.plan(scratch)
    line = command(seal, plan, [str(author.python), "-c", "print('ran')"], scratch)
    if owner is not None:
        for path in (scratch, *scratch.rglob("*")):
            os.chown(path, owner, owner)
    ended = subprocess.run(
        [*starter, *line[1:]],
        env=dict(plan.environment),
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )
    check(seal, ended.returncode, ended.stderr)
    return ended.stdout.strip() or ended.stderr


@pytest.mark.parametrize("kind", ["namespaces", "landlock"])
def test_an_unprivileged_user(author: Author, kind: str) -> None:
    nobody = 65534
    if os.geteuid() != 0 or not shutil.which("setpriv") or not DEBIAN.exists():
        pytest.skip("only root can become another user, with setpriv and the system's Python")
    for folder in (author.root.parent, author.root, author.home):
        folder.chmod(0o755)
    author.use(DEBIAN)
    who = ["setpriv", f"--reuid={nobody}", f"--regid={nobody}", "--clear-groups"]
    assert started_by([*who, str(DEBIAN)], author, kind, nobody) == "ran"


def test_what_an_interpreter_is_made_of() -> None:
    base = os.path.realpath(sys.executable)
    stdlib = sysconfig.get_path("stdlib")
    found = python_files.files(sys.executable, base, [stdlib, "/nowhere/lib/python3"])
    headers = sysconfig.get_path("include")
    assert {sys.executable, base, stdlib} <= set(found)
    assert headers in found or not Path(headers).is_dir()
    assert "/nowhere/lib/python3" not in found
    masked = python_files.sites([stdlib, f"{stdlib}/lib-dynload", "/usr"], [stdlib])
    assert f"{stdlib}/site-packages" in masked
    assert "/usr" in masked
    assert not {stdlib, f"{stdlib}/lib-dynload"} & set(masked)


_SAVED_BEHIND_LINKS = """
import sys, modelenv

assert modelenv.__file__.startswith(sys.argv[1]), modelenv.__file__
class Model:
    def predict(self, data):
        return [each + 1 for each in data]
account = modelenv.save_model(Model(), sys.argv[2], input_example=[1], seal=sys.argv[3])
print(account.verdict.status, modelenv.predict(sys.argv[2], [4]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["namespaces", "landlock"])
def test_modelenv_itself_whose_files_are_links(tmp_path: Path, kind: str) -> None:
    """``uv --link-mode symlink`` and Bazel install each file as a link to a folder of theirs."""
    seal_of(kind)  # it skips where this machine has none
    root = Path(modelenv.__file__).parent.parent
    site = tmp_path / "site"
    for package in ("modelenv", "tracer", "resolver", "envfiles"):
        for file in (root / package).rglob("*"):
            if file.is_file() and file.suffix != ".pyc":
                link = site / file.relative_to(root)
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(file)
    (tmp_path / "save.py").write_text(_SAVED_BEHIND_LINKS)
    command = [sys.executable, "save.py", str(site), "model", kind]
    ended = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.stdout == "reproduces [5]\n", ended.stderr
