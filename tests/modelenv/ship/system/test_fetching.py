"""Of pins of which nothing is here, the wheels for the image are fetched and looked into."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelenv.base.indexes import Indexes
from modelenv.base.settings import Settings
from modelenv.base.siblings import envfiles
from modelenv.folder.documents.names import NOTHING
from modelenv.folder.mlmodel import FILE, MLmodel
from modelenv.folder.model_folder import ModelFolder
from modelenv.ship.system.fetching import fetching

from ....small_worlds import write_wheel


@pytest.fixture
def model(tmp_path: Path) -> ModelFolder:
    root = tmp_path / "model"
    root.mkdir()
    pins = ("acmeboost==1.0", "acmetree==2.0")
    spec = envfiles.EnvSpec(python="3.11.7", requirements=tuple(map(envfiles.Entry, pins)))
    for name, text in envfiles.write_files(spec).items():
        (root / name).write_text(text, "utf-8")
    plain = MLmodel(
        python="3.11.7",
        version="0.1.0",
        input=NOTHING,
        prediction=NOTHING,
        deterministic=True,
        metadata={},
        uuid="0" * 32,
        created="2026-01-01 00:00:00.000000",
    )
    (root / FILE).write_text(plain.to_yaml(), "utf-8")
    return ModelFolder.open(root)


def test_wheels_come_from_where_the_image_has_them(model: ModelFolder, tmp_path: Path) -> None:
    links = tmp_path / "links"
    wheel = write_wheel(links, "acmeboost", "1.0")
    write_wheel(links, "acmetree", "2.0")
    indexes = Indexes(find_links=[str(links)], no_index=True)
    told: list[str] = []
    fetch = fetching(model, "linux/arm64", indexes, Settings({}, None), told.append)
    assert [each.name for each in fetch(["acmeboost==1.0"])] == [wheel.name]
    assert "fetching acmeboost to see what it links to" in told


def test_what_cannot_be_had_is_told_and_left_out(model: ModelFolder, tmp_path: Path) -> None:
    indexes = Indexes(find_links=[str(tmp_path)], no_index=True)
    told: list[str] = []
    fetch = fetching(model, "linux/amd64", indexes, Settings({}, None), told.append)
    assert fetch(["acmeboost==1.0"]) == ()
    assert any(each.startswith("not fetched: ") for each in told)
