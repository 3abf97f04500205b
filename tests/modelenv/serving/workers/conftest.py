"""A model that does as it is told, saved once."""

from __future__ import annotations

from pathlib import Path

import pytest

import modelenv

from .obedient_process import MODEL


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file as it may stand in somebody's home folder."""
    file = tmp_path_factory.mktemp("home") / "secret"
    file.write_text("secret")
    return file


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Path:
    """Return a saved model that does as it is told."""
    place = tmp_path_factory.mktemp("served")
    script = place / "script.py"
    script.write_text(MODEL.format(home=str(home)))
    example = [{"word": "hello"}]
    modelenv.save_model(script, place / "model", input_example=example, prove=False)
    return place / "model"
