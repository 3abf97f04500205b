from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ...small_worlds import Index
from .platforms import World


@pytest.fixture
def configured(
    model: Callable[..., Path],
    installed_site: Callable[..., None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[str], Path]:
    """Return a function that makes a folder of one pin; pip knows the index of its URL alone."""

    def made(url: str) -> Path:
        for name in [each for each in os.environ if each.startswith("PIP_")]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
        monkeypatch.setenv("PIP_INDEX_URL", url)
        monkeypatch.setenv("MODELENV_CACHE_DIR", str(tmp_path / "cache"))
        installed_site("alpha", "1.0")
        return model({"alpha==1.0": "imported by the model"})

    return made


@pytest.fixture
def world(index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    for name, value in {
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_INDEX_URL": f"{index.url}/simple",
        "PIP_FIND_LINKS": "",
        "MODELENV_CACHE_DIR": str(tmp_path / "cache"),
    }.items():
        monkeypatch.setenv(name, value)
    made = World(index, tmp_path / "served")
    made.add("alpha", "1.0", "beta>=1", 'delta; sys_platform == "win32"')
    made.add("beta", "2.0")
    made.add("delta", "3.0")
    return made
