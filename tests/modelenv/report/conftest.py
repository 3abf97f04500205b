"""A saved model with code of its own, with distributions that need others, and one left out."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import modelenv

from ..conftest import Site, made_once

TOOLS = """
import own_base
try:
    import own_extra
except ImportError:
    own_extra = None

def run(data):
    return [each + own_base.VALUE for each in data]
"""
MODEL = """
import own_words

class Model:
    def predict(self, data):
        return own_words.own_tools.run(data)
"""


@pytest.fixture(scope="package")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved model: own_model.py uses own_words.py, which uses own-tools, which needs own-base."""
    with made_once(tmp_path_factory) as project:
        site = Site(project.root.parent / "site-packages")
        sys.path.append(str(site.root))
        site.install("own-base", {"own_base.py": "VALUE = 1\n"}, version="1.2.3")
        site.install("own-extra", {"own_extra.py": ""})
        site.install("own-tools", {"own_tools.py": TOOLS}, requires=["own-base>=1"])
        project.write("own_words.py", "import own_tools\n")
        saved = project.root.parent / "churn"
        modelenv.save_model(project.get("own_model", MODEL, "Model")(), saved, input_example=[1, 2])
    return saved  # what was put on the path is off it again: tests of other folders run meanwhile


@pytest.fixture(scope="module")
def folder(saved: Path) -> Iterator[Path]:
    """The saved model, with what it was saved with on the path."""
    there = [str(saved.parent / "project"), str(saved.parent / "site-packages")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [*sys.path, *there])
        yield saved
