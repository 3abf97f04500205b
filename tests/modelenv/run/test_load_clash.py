"""Two models whose code bears the same names work in one process."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import modelenv
from modelenv.folder.errors import ChangedContentError
from modelenv.worker.resident.model import ResidentModel

BUILD = """
import sys
sys.path.insert(0, sys.argv[1])
import modelenv
from model import Model
modelenv.save_model(Model(), sys.argv[2], input_example=[1, 2])
"""

MODEL = """
class Model:
    def predict(self, data):
        import utils
        return [utils.factor * each for each in data]
"""


def saved(root: Path, factor: int, model: str = MODEL, module: str = "utils.py") -> Path:
    """Save a model with a ``utils`` of its own, in a process of its own."""
    project = root / f"project{factor}"
    project.mkdir()
    (project / module).parent.mkdir(exist_ok=True)
    (project / module).parent.joinpath("__init__.py").write_text("")
    (project / module).write_text(f"factor = {factor}\n")
    (project / "model.py").write_text(model)
    folder = root / f"model{factor}"
    command = [sys.executable, "-c", BUILD, str(project), str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    return folder


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what loading leaves in this process away from other tests."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "modules", sys.modules)
    for name in ("utils", "model", "modelenv_pyfunc_loader"):
        monkeypatch.delitem(sys.modules, name, raising=False)


@pytest.mark.usefixtures("clean")
def test_the_second_one_is_served_from_a_process_of_its_own(tmp_path: Path) -> None:
    first = modelenv.load_model(saved(tmp_path, 2))
    assert first.predict([1, 2]) == [2, 4]
    second = modelenv.load_model(saved(tmp_path, 3))
    assert isinstance(second, ResidentModel)
    assert second.predict([1, 2]) == [3, 6]
    assert first.predict([5]) == [10]
    second.close()
    for name in ("utils", "model", "modelenv_pyfunc_loader"):
        sys.modules.pop(name, None)


@pytest.mark.usefixtures("clean")
def test_a_changed_model_is_loaded_only_where_that_is_allowed(tmp_path: Path) -> None:
    folder = saved(tmp_path, 4)
    with (folder / "model.pkl").open("ab") as stream:
        stream.write(b"\0")
    with pytest.raises(ChangedContentError):
        modelenv.load_model(folder)
    assert modelenv.load_model(folder, allow_changed=True).predict([1]) == [4]
    for name in ("utils", "model", "modelenv_pyfunc_loader"):
        sys.modules.pop(name, None)


@pytest.mark.usefixtures("clean")
def test_code_that_the_first_one_has_yet_to_import_stays_its_own(tmp_path: Path) -> None:
    first = modelenv.load_model(saved(tmp_path, 5))
    second = modelenv.load_model(saved(tmp_path, 6))
    assert isinstance(second, ResidentModel)
    assert (first.predict([1]), second.predict([1]), first.predict([1])) == ([5], [6], [5])
    second.close()
    for name in ("utils", "model", "modelenv_pyfunc_loader"):
        sys.modules.pop(name, None)


@pytest.mark.usefixtures("clean")
def test_two_packages_of_one_name_with_other_modules_are_kept_apart(tmp_path: Path) -> None:
    model = MODEL.replace("import utils", "from shared import {0} as utils")
    first = modelenv.load_model(saved(tmp_path, 7, model.format("one"), "shared/one.py"))
    second = modelenv.load_model(saved(tmp_path, 8, model.format("two"), "shared/two.py"))
    assert (first.predict([1]), second.predict([1]), first.predict([1])) == ([7], [8], [7])
    assert isinstance(second, ResidentModel)
    second.close()
    for name in ("shared", "shared.one", "model", "modelenv_pyfunc_loader"):
        sys.modules.pop(name, None)


@pytest.mark.usefixtures("clean")
def test_the_same_model_twice_needs_no_process(tmp_path: Path) -> None:
    folder = saved(tmp_path, 9)
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    assert modelenv.load_model(folder).predict([1]) == [9]
    again = modelenv.load_model(copy)
    assert not isinstance(again, ResidentModel)
    assert again.predict([2]) == [18]
    for name in ("utils", "model", "modelenv_pyfunc_loader"):
        sys.modules.pop(name, None)
