"""A model with three pins, and an index that has them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import modelenv
from modelenv.base.indexes import Indexes

from ...small_worlds import PYTHON
from .worlds import described

PINS = {
    "alpha==1.0": "imported by the model",
    "beta==2.0": "via alpha",
    "delta==4.0": "asked for (delta)",
}


@pytest.fixture
def indexes(index: Any, wheels: Any, monkeypatch: pytest.MonkeyPatch) -> Indexes:
    """An index that has the pins, newer ones, and what another platform needs besides."""
    for name in [each for each in os.environ if each.startswith(("PIP_", "UV_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("UV_NO_CONFIG", "1")
    monkeypatch.setenv("PIP_INDEX_URL", f"{index.url}/simple/")
    wheels.add("alpha", "1.0", "beta>=1", 'gamma; sys_platform == "win32"')
    wheels.add("alpha", "1.1", "beta>=1")
    wheels.add("beta", "2.0")
    wheels.add("beta", "2.5")
    wheels.add("gamma", "3.0")
    wheels.add("delta", "4.0")
    for file in wheels.folder.iterdir():
        index.add(file)
    return Indexes(index_url=f"{index.url}/simple/")


@pytest.fixture
def folder(model: Callable[..., Path], indexes: Indexes) -> Path:
    """Return the folder of a model with these pins; nothing is installed of them."""
    return described(model(PINS), PYTHON)


@pytest.fixture
def locked(folder: Path, indexes: Indexes) -> Path:
    """Return that folder with its lock, and with hashes in its requirements."""
    modelenv.lock_model(folder, hashes=True, indexes=indexes)
    return folder
