"""An index of this machine, and what is asked of an image that is made from it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modelenv.base.indexes import Indexes
from modelenv.ship.image import ImageOptions


@pytest.fixture
def asked(
    index: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., ImageOptions]:
    """Return a function that asks for an image whose files the index has, and nobody else."""
    for name in [each for each in os.environ if each.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("MODELENV_CACHE_DIR", str(tmp_path / "cache"))

    def ask(*, find_links: Path | None = None, build: bool = False, **how: Any) -> ImageOptions:
        indexes = Indexes(
            index_url=f"{index.url}/simple/",
            find_links=[] if find_links is None else [str(find_links)],
            build=build,
        )
        return ImageOptions(indexes=indexes, **{"server": False, **how})

    return ask


@pytest.fixture
def model(model: Callable[..., Path]) -> Callable[..., Path]:
    """Write the folder of a model that can be run."""

    def write(pins: dict[str, str], *, provided: str = "", **how: Any) -> Path:
        folder = model(pins, **how)
        (folder / "trace.json").write_text("{}")
        none = "{type: json, file: input.json}"
        (folder / "MLmodel").write_text(
            f"flavors:\n  modelenv: {{format: 1, version: '1', input: {none}, prediction: {none},"
            f" deterministic: true, proof: {{status: reproduces, where: here}},"
            f" provided: [{provided}]}}\n"
            "  python_function: {loader_module: own, data: model.pkl, python_version: '3.11.7'}\n"
            "model_uuid: '0'\nutc_time_created: '2026-01-01'\n"
        )
        return folder

    return write
