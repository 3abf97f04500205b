"""Models, wheels and plans made by hand, and programs that stand for builders."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import modelenv
from modelenv.folder.model_folder import ModelFolder
from modelenv.ship.image import ImageOptions, ImagePlan
from modelenv.ship.plan import plan_of
from modelenv.wheels.locked_environment import LockedEnvironment

from ...small_worlds import write_wheel

MINOR = "{}.{}".format(*sys.version_info)
SERVER = {"serves/main.py": "def main():\n    print(1)\n"}


def save(target: Path, **how: Any) -> ModelFolder:
    """Save a model that needs nothing but Python."""
    how = {"input_example": "words", "pip_requirements": [], "prove": False, **how}
    modelenv.save_model(str.upper, target, **how)
    return ModelFolder.open(target)


def environment(name: Any, wheels: Iterable[Path]) -> LockedEnvironment:
    """Lock an environment of wheels that all travel."""
    files = tuple(wheels)
    lines = []
    for file in files:
        project, version, *_ = file.name.split("-")
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        lines.append(f"{project}=={version} --hash=sha256:{digest}")
    return LockedEnvironment(name=name, lines=tuple(sorted(lines)), wheels=files)


def plan(
    folder: ModelFolder, wheelhouse: Path, options: ImageOptions | None = None, **more: Any
) -> ImagePlan:
    """Return a plan with two small environments, whose wheels are made in `wheelhouse`."""
    alpha = write_wheel(wheelhouse, "alpha", "1.0", modules={"alpha/data.txt": "alpha's"})
    serves = write_wheel(wheelhouse, "serves", "2.0", modules=SERVER)
    locks = environment("model", [alpha]), environment("server", [serves])
    return plan_of(folder, options or ImageOptions(wheelhouse=True), locks, **more)


def program(folder: Path, name: str, body: str) -> Path:
    """Write a program of Python."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text(f"#!{sys.executable} -I\nimport json, os, pathlib, sys\n{body}\n")
    file.chmod(0o755)
    return file


def only_on_path(monkeypatch: Any, folder: Path) -> None:
    """Let nothing but what stands in a folder be found."""
    folder.mkdir(parents=True, exist_ok=True)
    monkeypatch.setenv("PATH", os.fspath(folder))
