"""Shared fixtures of the tracer's tests: tiny worlds of modules, and interpreters."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
VERSIONS = ("3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14", "3.15")
TOO_OLD = ("2.7", "3.6", "3.7")


def interpreter(version: str) -> Path | None:
    """Find the Python of a version: a pyenv's, else the one on the path."""
    for folder in sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*")):
        if (folder / "bin" / "python").exists():
            return folder / "bin" / "python"
    found = shutil.which(f"python{version}")
    return Path(found) if found else None


@pytest.fixture(params=VERSIONS)
def python(request: pytest.FixtureRequest) -> Path:
    """Each installed interpreter in turn."""
    return installed(request.param)


@pytest.fixture(params=TOO_OLD)
def old_python(request: pytest.FixtureRequest) -> Path:
    """Each installed interpreter that is too old for the tracer."""
    return installed(request.param)


def installed(version: str) -> Path:
    """Find the Python of a version, or skip the test."""
    path = interpreter(version)
    if path is None:
        pytest.skip(f"Python {version} is not installed")
    return path


World = Callable[[Mapping[str, str]], Path]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Write files into a folder, make it importable and the working directory."""
    before = set(sys.modules)
    folder = tmp_path / "world"

    def write(files: Mapping[str, str]) -> Path:
        folder.mkdir(exist_ok=True)
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        monkeypatch.syspath_prepend(str(folder))
        monkeypatch.chdir(folder)
        return folder

    yield write
    for name in set(sys.modules) - before:
        file = getattr(sys.modules[name], "__file__", None)
        if file is not None and Path(file).is_relative_to(folder):
            del sys.modules[name]


@pytest.fixture
def run(world: World) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a program text in another interpreter, in the world's folder."""

    def start(
        text: str, python: Path = Path(sys.executable), **files: str
    ) -> subprocess.CompletedProcess[str]:
        names = {f"{name}.py": source for name, source in files.items()}
        folder = world({**names, "program.py": text})
        return subprocess.run(
            [str(python), str(folder / "program.py")],
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
            cwd=folder,
            env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "TMPDIR": str(folder.parent)},
        )

    return start
