"""A saved model whose code and pins a test may break."""

from __future__ import annotations

import base64
import importlib.util
import pickle
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import modelenv
from modelenv.base.settings import Settings
from modelenv.base.siblings import envfiles, resolver
from modelenv.folder.model_folder import ModelFolder

UV = Settings.from_environment().uv


@pytest.fixture
def breaking(tmp_path: Path, project: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that makes the folder of a broken environment."""

    def make(case: Any) -> Path:
        for module in case.needs:
            if not is_installed(module):
                pytest.skip(f"{module} is not installed")
        if not case.is_offline and UV is None:
            pytest.skip("uv is not here")
        if case.is_offline:
            monkeypatch.setenv("PIP_NO_INDEX", "1")
        # A mirror with some releases of a name must not answer for it alone.
        monkeypatch.setenv("MODELENV_INDEX_STRATEGY", "first-match")
        folder = tmp_path / "model"
        modelenv.save_model(project.model("return 1"), folder, input_example=2, prove=False)
        body = textwrap.indent(case.body.replace("ARRAY", array()), " " * 8)
        code = f"class Model:\n    def predict(self, data):\n{body}\n        return 1\n"
        (folder / "code" / "own_model.py").write_text(code)
        write_pins(folder, pins_of(case))
        return folder

    return make


@pytest.fixture
def own(site: Any, own_path: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A site below a prefix of its own, on the path; no index, and nothing to build with."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    sys.path.append(str(site.root))
    return site


@pytest.fixture
def save(project: Any, tmp_path: Path) -> Any:
    """Return a function that saves a model of a module with a function `run`."""

    def made(name: str) -> Path:
        folder = tmp_path / "model"
        model = project.model(f"import {name}\nreturn {name}.run(data)")
        modelenv.save_model(model, folder, input_example=2, optional="keep", prove=False)
        return folder

    return made


def is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # of the package that it would be in
        return False


def pins_of(case: Any) -> list[str]:
    installed = resolver.Installed.current()
    merged = resolver.merge((), pip_requirements=case.roots, target=installed.target)
    resolution = resolver.resolve(merged, installed, index="never")
    pins = {pin.name: str(pin.requirement) for pin in resolution.pins}
    pins |= {canonicalize_name(Requirement(line).name): line for line in case.pin}
    return [line for name, line in pins.items() if name not in case.drop]


@pytest.fixture(name="write_pins")
def _write_pins() -> Any:
    """Return a function that puts pins into a folder in place of those of the same names."""

    def write(folder: Path, changed: Sequence[str]) -> None:
        entries = ModelFolder.open(folder).environment.requirements
        pins = {entry.name: entry.requirement for entry in entries}
        pins |= {Requirement(line).name: line for line in changed}
        write_pins(folder, list(pins.values()))

    return write


def write_pins(folder: Path, pins: Sequence[str]) -> None:
    spec = replace(
        ModelFolder.open(folder).environment, requirements=tuple(map(envfiles.Entry, pins))
    )
    for name, text in envfiles.write_files(spec).items():
        (folder / name).write_text(text)


def array() -> str:
    """Write an expression that unpickles an array of the numpy that is installed here."""
    if importlib.util.find_spec("numpy") is None:
        return "None"
    import numpy

    data = base64.b64encode(pickle.dumps(numpy.arange(3.0)))
    return f"__import__('pickle').loads(__import__('base64').b64decode({data!r}))"
