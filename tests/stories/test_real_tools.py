"""pip and uv install the written files: each in a fresh environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from modelenv import lock_model
from modelenv.base.settings import Settings
from resolver import Target
from resolver.errors import ConfigurationError, SourceError
from resolver.index.session import Access
from resolver.sources.index import IndexSource
from resolver.sources.wheels import WheelFolder

UV = Settings.from_environment().uv
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(UV is None, reason="uv is not here, and makes the environments"),
]
Model = Callable[..., Path]


class Environment:
    """A fresh virtual environment and the tools that install into it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.python = root / "bin" / "python"
        assert UV is not None
        subprocess.run([UV, "venv", "-q", "--python", sys.executable, str(root)], check=True)

    def run(self, tool: str, *arguments: str, cwd: Path | None = None) -> str:
        """Install with a tool; return what went wrong, empty where it went well."""
        commands = {
            "pip": [sys.executable, "-m", "pip", "--python", str(self.python), *arguments],
            "uv": [str(UV), "pip", *arguments, "--python", str(self.python)],
        }
        kept = {k: v for k, v in os.environ.items() if k not in {"VIRTUAL_ENV", "PYTHONPATH"}}
        done = subprocess.run(
            commands[tool],
            check=False,
            capture_output=True,
            text=True,
            env={**kept, "UV_NO_CONFIG": "1", "UV_NO_CACHE": "1"},
            cwd=cwd or self.root,
        )
        return done.stderr + done.stdout if done.returncode else ""

    @property
    def installed(self) -> list[str]:
        found = self.root.glob("lib/*/site-packages/*.dist-info")
        names = (path.name.removesuffix(".dist-info") for path in found)
        return sorted(name for name in names if not name.startswith("pip-"))


@pytest.fixture
def fresh(tmp_path: Path) -> Environment:
    return Environment(tmp_path / "fresh")


@pytest.fixture
def folder(model: Model, wheels: Any, index: Any) -> Path:
    for file in (wheels.add("alpha", "1.0", "beta>=1"), wheels.add("beta", "2.0")):
        index.add(file)
    return model({"alpha==1.0": "imported by the model", "beta==2.0": "via alpha"})


def from_index(index: Any) -> list[IndexSource]:
    return [IndexSource(f"{index.url}/simple/", Target.current(), Access())]


@pytest.mark.parametrize("tool", ["pip", "uv"])
def test_plain_requirements_are_installed(
    fresh: Environment, folder: Path, wheels: Any, tool: str
) -> None:
    arguments = ("install", "--no-index", "--find-links", str(wheels.folder), "-r")
    assert fresh.run(tool, *arguments, str(folder / "requirements.txt")) == ""
    assert fresh.installed == ["alpha-1.0", "beta-2.0"]


@pytest.mark.parametrize("tool", ["pip", "uv"])
def test_hashed_requirements_are_installed_and_checked(
    fresh: Environment, folder: Path, wheels: Any, index: Any, tool: str
) -> None:
    lock_model(folder, hashes=True, sources=from_index(index))
    arguments = (
        *("install", "--require-hashes", "--no-index", "--find-links", str(wheels.folder)),
        *("-r", str(folder / "requirements.txt")),
    )
    assert fresh.run(tool, *arguments) == ""
    assert fresh.installed == ["alpha-1.0", "beta-2.0"]
    for name in fresh.installed:
        (info,) = fresh.root.glob(f"lib/*/site-packages/{name}.dist-info")
        shutil.rmtree(info)
    wheels.add("beta", "2.0", "other; python_version < '3'")
    assert "hash" in fresh.run(tool, *arguments).lower()


@pytest.mark.parametrize("local", [False, True])
@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("pip", ("install", "--no-deps", "-r")),
        ("uv", ("install", "--preview-features", "pylock", "-r")),
        ("uv", ("sync", "--preview-features", "pylock")),
    ],
)
def test_locks_are_installed(
    fresh: Environment,
    folder: Path,
    wheels: Any,
    index: Any,
    tool: str,
    arguments: tuple[str, ...],
    local: bool,
) -> None:
    sources = [WheelFolder(wheels.folder, Target.current())] if local else from_index(index)
    lock_model(folder, sources=sources)
    shutil.rmtree(wheels.folder)
    assert fresh.run(tool, *arguments, str(folder / "pylock.toml")) == ""
    assert fresh.installed == ["alpha-1.0", "beta-2.0"]


@pytest.mark.parametrize("tool", ["pip", "uv"])
def test_bundled_wheels_are_installed_from_any_working_directory(
    fresh: Environment, folder: Path, wheels: Any, tool: str, tmp_path: Path
) -> None:
    lock_model(folder, hashes=True, sources=[WheelFolder(wheels.folder, Target.current())])
    shutil.rmtree(wheels.folder)
    wheels.folder.mkdir()
    moved = tmp_path / "moved"
    folder.rename(moved)
    arguments = ("install", "--require-hashes", "-r", str(moved / "requirements.txt"))
    assert fresh.run(tool, *arguments, *(("--no-index",) if tool == "uv" else ())) == ""
    assert fresh.installed == ["alpha-1.0", "beta-2.0"]


def test_the_configured_index_knows_the_hashes(
    fresh: Environment, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELENV_INDEX_STRATEGY", "first-match")  # one may have other versions
    pins = {f"{name}=={version(name)}": "imported" for name in ("click", "packaging", "pyyaml")}
    folder = model(pins)
    try:
        locking = lock_model(folder, hashes=True)
    except (SourceError, ConfigurationError) as error:
        pytest.skip(f"no index can be asked: {error}")
    if locking.lock is None:
        pytest.skip(f"the index does not have what is installed: {locking.missing}")
    text = (folder / "requirements.txt").read_text()
    assert text.count("--hash=sha256:") >= 3
    arguments = ("install", "-q", "--require-hashes", "-r", str(folder / "requirements.txt"))
    assert fresh.run("pip", *arguments) == ""
    assert len(fresh.installed) == 3
