"""Small fleets: folders as MLflow writes them, which nothing has to run."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import modelenv

from ..conftest import made_once

if TYPE_CHECKING:
    from collections.abc import Sequence

MLMODEL = """\
flavors:
  python_function:
    env: {{conda: conda.yaml, virtualenv: python_env.yaml}}
    loader_module: mlflow.sklearn
    model_path: model.pkl
    python_version: 3.11.7
mlflow_version: 3.17.2
model_uuid: {uuid}
"""
CONDA = """\
channels:
- {channel}
dependencies:
- python=3.11.7
- pip
- pip:
{pins}name: mlflow-env
"""
PYTHON_ENV = """\
python: 3.11.7
build_dependencies: [pip, setuptools, wheel]
dependencies: [-r requirements.txt]
"""


MODEL = """
class Model:
    def predict(self, data):
        {body}
        return [each + 1 for each in data]
"""


@pytest.fixture(scope="session")
def saved_fleet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that is saved, and two that are made wrong afterwards."""
    with made_once(tmp_path_factory) as project:
        good = project.root / "fleet" / "good"
        model = project.get("own_fleet", MODEL.format(body="pass"), "Model")()
        modelenv.save_model(model, good, input_example=[1, 2], prove=False, hashes=False)
        for name, body in (("differs", "data = [0, 0]"), ("fails", "import absent_module")):
            folder = good.with_name(name)
            shutil.copytree(good, folder)
            (folder / "code" / "own_fleet.py").write_text(MODEL.format(body=body))
        return good.parent


class Fleet:
    """A folder with models below."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def add(
        self,
        name: str,
        pins: Sequence[str] = ("numpy==1.26.4", "scikit-learn==1.5.2"),
        *,
        channel: str = "conda-forge",
    ) -> Path:
        """Write a model that pins some lines."""
        folder = self.root / name
        folder.mkdir(parents=True)
        (folder / "MLmodel").write_text(MLMODEL.format(uuid=name.replace("/", "-")))
        (folder / "requirements.txt").write_text("".join(f"{pin}\n" for pin in pins))
        listed = "".join(f"  - {pin}\n" for pin in pins)
        (folder / "conda.yaml").write_text(CONDA.format(channel=channel, pins=listed))
        (folder / "python_env.yaml").write_text(PYTHON_ENV)
        (folder / "model.pkl").write_bytes(b"\x80\x05N.")
        return folder

    def many(self, count: int) -> list[Path]:
        """Write so many of them."""
        return [self.add(f"m{number:04d}") for number in range(count)]


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fleet:
    """A fleet with nothing in it; what is kept of it is kept for the test alone."""
    monkeypatch.setenv("MODELENV_STATE_DIR", str(tmp_path / "state"))
    root = tmp_path / "models"
    root.mkdir()
    return Fleet(root)
