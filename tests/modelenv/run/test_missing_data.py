"""A model whose data is not there is refused by the name of the file, before anything is built."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from modelenv import predict, verify
from modelenv.folder.errors import BadFolderError
from modelenv.folder.model_folder import ModelFolder
from modelenv.run.missing import check_data


def made(folder: Path, key: str, name: str = "model.bin") -> Path:
    folder.mkdir()
    (folder / "MLmodel").write_text(
        f"flavors:\n  other:\n    data: other.bin\n"
        f"  python_function:\n    loader_module: own\n    {key}: {name}\n"
        "    python_version: 3.11.1\n"
    )
    (folder / "requirements.txt").write_text("gone-from-everywhere==1.0\n")
    return folder


@pytest.mark.parametrize("key", ["data", "model_path", "python_model", "model_code_path"])
@pytest.mark.parametrize("ask", [verify, lambda folder: predict(folder, 1)])
def test_it_is_named_first(key: str, ask: Callable[[Path], object], tmp_path: Path) -> None:
    folder = made(tmp_path / "m", key)
    with pytest.raises(BadFolderError, match=r"model\.bin.*it is not there.*the model's data"):
        ask(folder)


@pytest.mark.parametrize("name", [".", "model.bin", "s3://bucket/model.bin", "/elsewhere/model"])
def test_what_is_there_or_elsewhere_is_not_missing(name: str, tmp_path: Path) -> None:
    folder = made(tmp_path / "m", "data", name)
    (folder / "model.bin").touch()
    check_data(ModelFolder.open(folder))


def test_a_folder_of_data_may_be_gone_too(tmp_path: Path) -> None:
    folder = made(tmp_path / "m", "data", "data")
    (folder / "data").mkdir()
    check_data(ModelFolder.open(folder))
    shutil.rmtree(folder / "data")
    with pytest.raises(BadFolderError, match="data"):
        check_data(ModelFolder.open(folder))
