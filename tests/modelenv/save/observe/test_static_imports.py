"""Imports are read from source, by the model's Python where this one cannot."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from modelenv.environments.interpreter import Python
from modelenv.save.observe.static_imports import Named, find_named

HERE = Python.current()


def named(file: Path, python: Python = HERE, model: object = None) -> Named:
    return find_named(model, [file], Python.current().installed(), python)


def names(found: Named) -> list[str]:
    return [each.distribution.name for each in found.found]


@pytest.fixture
def source(tmp_path: Path, own_site: Any) -> Path:
    own_site.install("fruit", {"fruit.py": ""})
    own_site.install("spade", {"spade.py": ""})
    file = tmp_path / "source.py"
    file.write_text("import fruit\ndef f():\n    from spade import dig\n")
    return file


def test_imports_are_read_wherever_they_stand(source: Path) -> None:
    assert names(named(source)) == ["fruit", "spade"]
    assert not named(source).notes


def test_the_code_of_a_function_is_read_too(tmp_path: Path, source: Path) -> None:
    def model(data: object) -> object:
        import spade  # type: ignore[import-not-found]

        return spade

    assert names(named(tmp_path / "none.py", model=model)) == ["spade"]


def test_what_nobody_can_read_is_told(source: Path) -> None:
    source.write_text("import fruit\ndef f(:\n")
    found = named(source)
    assert not found.found
    (note,) = found.notes
    assert "source.py is no source that Python" in note
    assert HERE.version in note
    away = replace(HERE, executable=source.with_name("no-python"))
    assert named(source, away).notes == found.notes


def test_lazy_imports_are_read_by_a_python_that_has_them(source: Path) -> None:
    newer = Path(sys.executable) if sys.version_info >= (3, 15) else Path("/usr/bin/python3.15")
    if not newer.exists():
        pytest.skip("Python 3.15 is not installed")
    source.write_text("lazy import fruit\nlazy from spade import dig\n")
    version = subprocess.run([newer, "-V"], capture_output=True, check=True, text=True).stdout
    python = replace(HERE, executable=newer, version=version.split()[1])
    assert names(named(source, python)) == ["fruit", "spade"]
    assert not named(source, python).notes
