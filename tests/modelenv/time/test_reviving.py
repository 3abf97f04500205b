"""Old models live again: in small worlds of wheels, in environments that are built for real."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import envfiles
import modelenv
from modelenv.base.settings import ALLOWS_PICKLES, Settings
from modelenv.folder.errors import LoadForbiddenError
from modelenv.folder.model_folder import ModelFolder
from modelenv.time.errors import NoDateError, NoModelError
from tests.small_worlds import PYTHON, Links, write_source

pytestmark = pytest.mark.skipif(
    Settings.from_environment().uv is None, reason="uv builds the environments"
)

DAY = "2021-09-15 10:00:00.000000"
SIGNATURE = '[{"name": "a", "type": "double"}, {"name": "b", "type": "long"}]'
COUNTS = """
class Model:
    n_features_in_ = 2
    def predict(self, data):
        return [len(row) for row in data]
"""
COLUMNS = """
class Model:
    def predict(self, data):
        return [str(type(data).__name__)]
"""
LOADER = """
import pathlib
class Model:
    def __init__(self, number):
        self.number = number
    def predict(self, data):
        return [self.number for _ in data]
def _load_pyfunc(path):
    place = pathlib.Path(path)
    file = place if place.is_file() else next(place.rglob("first.txt"))
    return Model(int(file.read_text()))
"""
NEEDS = """
class Model:
    n_features_in_ = 2
    def predict(self, data):
        import beta
        return [beta.version]
"""


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELENV_CACHE_DIR", str(tmp_path / "cache"))


def pickled(monkeypatch: pytest.MonkeyPatch) -> bytes:
    """Pickle a model of the class `alpha.model.Model`, by its name."""
    package, module = types.ModuleType("alpha"), types.ModuleType("alpha.model")
    module.Model = type("Model", (), {"__module__": "alpha.model"})  # type: ignore[attr-defined]
    package.model = module  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "alpha", package)
    monkeypatch.setitem(sys.modules, "alpha.model", module)
    return pickle.dumps(module.Model(), protocol=4)


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Write a folder as MLflow 1.x did: a pickle, an open list, a day."""

    def write(
        *lines: str, signature: str = "", day: str = DAY, python: str = PYTHON, **files: str
    ) -> Path:
        folder = tmp_path / "old"
        folder.mkdir()
        (folder / "model.pkl").write_bytes(pickled(monkeypatch))
        flavors = {
            "python_function": {
                "env": "conda.yaml",
                "loader_module": "mlflow.sklearn",
                "model_path": "model.pkl",
                "python_version": python,
            },
            "sklearn": {"pickled_model": "model.pkl", "serialization_format": "cloudpickle"},
        }
        document: dict[str, Any] = {"flavors": flavors, "run_id": "abc"}
        if day:
            document["utc_time_created"] = day
        if signature:
            document["signature"] = {"inputs": signature, "outputs": None}
        conda = {"dependencies": [f"python={python}", "pip", {"pip": list(lines)}]}
        (folder / "MLmodel").write_text(envfiles.dump_yaml(document))
        (folder / "conda.yaml").write_text(envfiles.dump_yaml(conda))
        (folder / "requirements.txt").write_text("\n".join(lines))
        for name, text in files.items():
            (folder / name.replace("__", ".")).write_text(text)
        return folder

    return write


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


def rules(revival: modelenv.Revival) -> dict[str, str]:
    return {rule.name: rule.change for rule in revival.rules}


def test_an_old_folder_lives_again_locked_and_without_mlflow(
    old: Callable[..., Path], wheels: Links
) -> None:
    wheels.add("alpha", "1.0", model=COUNTS)
    folder = old("mlflow", "alpha")
    before = contents(folder)
    revival = modelenv.revive(folder, input_example=[[1, 2], [3, 4]])
    assert revival, str(revival)
    assert revival.verdict.status == "runs"  # nobody knows what it predicted then
    assert rules(revival) == {"date": "", "python": "", "loader": "without mlflow"}
    new = folder.with_name("old-revived")
    assert revival.path == new
    assert contents(folder) == before
    assert revival.locked
    assert envfiles.lock_faults(new) == ()
    assert [each.requirement for each in ModelFolder.at(new).environment.requirements] == [
        "alpha==1.0"
    ]
    assert "alpha==1.0" in (new / "conda.yaml").read_text()
    flavors = envfiles.load_yaml((new / "MLmodel").read_text(), file="MLmodel")["flavors"]  # type: ignore[index]
    assert flavors["sklearn"]["pickled_model"] == "model.pkl"
    assert flavors["modelenv"]["revived"] == list(map(str, revival.rules))
    told = str(modelenv.inspect_model(new))
    assert "revived, loader: without mlflow" in told
    assert "made 2021-09-15 10:00:00.000000 UTC, revived by modelenv" in told
    assert modelenv.verify(new).status == "reproduces"
    assert json.loads(json.dumps(revival.to_json()))["rules"][2]["name"] == "loader"


def test_what_is_for_other_targets_stays_and_what_would_mislead_an_installer_is_told(
    old: Callable[..., Path], wheels: Links
) -> None:
    wheels.add("alpha", "1.0", model=COUNTS)
    elsewhere, never = "gamma==2; python_version < '3.9'", "gamma==1; python_version < '3'"
    folder = old("alpha", elsewhere, never, pyproject__toml="", uv__lock="")
    (folder / "pylock.win.toml").write_text("")
    (folder / "data").mkdir()
    (folder / "data" / "requirements.txt").write_text("of the model itself")
    revival = modelenv.revive(folder, input_example=[[1, 2], [3, 4]])
    assert revival, str(revival)
    found = envfiles.read_folder(revival.path).requirements
    assert [each.requirement for each in found] == [
        "alpha==1.0",
        'gamma==2; python_version < "3.9"',
    ]
    again = f"modelenv lock -m {revival.path}"
    assert revival.notes[-2:] == (
        "uv.lock and pyproject.toml are left out: installers would follow the old project, and not"
        " the new pins",
        f"pylock.win.toml is left out, as its pins are the old ones: {again}",
    )
    assert any(each.startswith("kept for other targets") for each in revival.notes)
    assert (revival.path / "data" / "requirements.txt").read_text() == "of the model itself"


@pytest.mark.slow
def test_a_model_that_takes_no_rows_that_can_be_made_is_shown_to_load(
    old: Callable[..., Path], wheels: Links
) -> None:
    wheels.add("alpha", "1.0", model=COUNTS)  # of two features, and no numpy for their rows
    revival = modelenv.revive(old("alpha"))
    assert revival.good
    assert "it loads" in revival.verdict.reason
    assert "rows" not in rules(revival)
    assert "the number of features of the fitted model" in revival.notes[0]


def test_a_pin_without_a_wheel_becomes_the_nearest_newer_one(
    old: Callable[..., Path], wheels: Links
) -> None:
    write_source(wheels.folder, "alpha", "1.0")
    wheels.add("alpha", "0.9", model=COUNTS)
    wheels.add("alpha", "1.1", model=COUNTS)
    wheels.add("alpha", "1.2", model=COUNTS)
    revival = modelenv.revive(old("alpha==1.0"), input_example=[[1, 2]])
    assert revival.good
    assert rules(revival)["wheel"] == "alpha 1.0 -> 1.1"
    assert revival.pins == ("alpha==1.1",)


@pytest.mark.slow
def test_what_is_missing_when_it_predicts_is_added(old: Callable[..., Path], wheels: Links) -> None:
    wheels.add("alpha", "1.0", model=NEEDS)
    wheels.add("beta", "2.0")
    revival = modelenv.revive(old("alpha", "beta>=1"), input_example=[[1, 2]])
    assert revival.good
    assert revival.pins == ("alpha==1.0", "beta==2.0")
    assert "rows" not in rules(revival)


@pytest.mark.slow
def test_a_module_that_nobody_knows_is_asked_for(old: Callable[..., Path], wheels: Links) -> None:
    wheels.add("alpha", "1.0", model="import somebodys_own")
    revival = modelenv.revive(old("alpha"))
    assert not revival
    assert any("--add" in note and "somebodys_own" in note for note in revival.notes)


def test_nothing_is_written_that_does_not_load(old: Callable[..., Path], wheels: Links) -> None:
    wheels.add("alpha", "1.0", model="raise RuntimeError('it is broken')")
    folder = old("alpha")
    revival = modelenv.revive(folder)
    assert not revival
    assert "it is broken" in revival.verdict.reason
    assert "nothing was written" in str(revival)
    assert [path.name for path in folder.parent.iterdir() if "revived" in path.name] == []


@pytest.mark.slow
@pytest.mark.parametrize("data", ["numbers", "numbers/first.txt", None])
def test_what_a_loader_reads_beside_the_script_is_held_by_its_hash(
    data: str | None, tmp_path: Path, wheels: Links
) -> None:
    old = tmp_path / "old"
    (old / "code").mkdir(parents=True)
    (old / "numbers").mkdir()
    (old / "numbers" / "first.txt").write_text("7")
    (old / "code" / "own_loader.py").write_text(LOADER)
    function = {"loader_module": "own_loader", "code": "code", "python_version": PYTHON}
    function |= {"env": "conda.yaml"} if data is None else {"env": "conda.yaml", "data": data}
    document = {"flavors": {"python_function": function}, "utc_time_created": DAY}
    (old / "MLmodel").write_text(envfiles.dump_yaml(document))
    conda = {"dependencies": [f"python={PYTHON}", "pip", {"pip": []}]}
    (old / "conda.yaml").write_text(envfiles.dump_yaml(conda))
    revival = modelenv.revive(old, input_example=[1, 2])
    assert revival, str(revival)
    assert modelenv.predict(revival.path, [1, 2]) == [7, 7]
    again = modelenv.revive(revival.path, tmp_path / "again", as_of="2021-09-15")
    assert again.verdict.status == "reproduces"
    for folder in (revival.path, again.path):
        (folder / "numbers" / "first.txt").write_text("8")
        with pytest.raises(modelenv.ModelenvError, match=r"changed: numbers/first\.txt"):
            modelenv.verify(folder)


@pytest.mark.slow
def test_without_a_day_somebody_has_to_say_it(old: Callable[..., Path], wheels: Links) -> None:
    wheels.add("alpha", "1.0", model=COUNTS)
    folder = old("alpha", day="")
    with pytest.raises(NoDateError, match="as_of="):
        modelenv.revive(folder)
    revival = modelenv.revive(folder, as_of="2021-06-30")
    assert revival.as_of == "2021-07-01T00:00:00Z"
    assert "as of 2021-07-01T00:00:00Z (the end of 2021-06-30), as asked for" in str(revival)


@pytest.mark.slow
def test_a_python_that_cannot_be_had_becomes_the_nearest_newer_one_that_is_here(
    old: Callable[..., Path], wheels: Links
) -> None:
    wheels.add("alpha", "1.0", model=COUNTS)
    revival = modelenv.revive(old("alpha", python="3.5.6"))
    assert revival.good
    assert rules(revival)["python"] == f"Python 3.5.6 -> {revival.python}"


def test_what_forbids_the_old_pickle_forbids_the_script_that_reads_it(
    old: Callable[..., Path], wheels: Links, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheels.add("alpha", "1.0", model=COUNTS.replace("predict", "decide"))
    folder = old("alpha")
    said = (folder / "MLmodel").read_text()
    (folder / "MLmodel").write_text(
        said.replace("    pickled_model:", "    predict_fn: decide\n    pickled_model:")
    )
    monkeypatch.setenv(ALLOWS_PICKLES, "false")
    with pytest.raises(LoadForbiddenError, match=r"old.model\.pkl: "):
        modelenv.revive(folder, input_example=[[1, 2]])
    monkeypatch.delenv(ALLOWS_PICKLES)
    revival = modelenv.revive(folder, input_example=[[1, 2]])
    assert revival, str(revival)
    assert ModelFolder(revival.path).data.name == "model.py"
    monkeypatch.setenv(ALLOWS_PICKLES, "false")
    with pytest.raises(LoadForbiddenError, match=r"model\.py: "):
        modelenv.predict(revival.path)
    loading = "import modelenv_pyfunc_loader as it; it.load_model('..')"
    ended = subprocess.run(
        [sys.executable, "-c", loading],
        cwd=revival.path / "code",
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"RuntimeError: {ALLOWS_PICKLES}=false" in ended.stderr


def test_what_stands_at_the_destination_is_left_alone(
    old: Callable[..., Path], wheels: Links, tmp_path: Path
) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "mine").touch()
    with pytest.raises(modelenv.ModelenvError, match="something stands there"):
        modelenv.revive(old("alpha"), tmp_path / "there")
    assert (tmp_path / "there" / "mine").exists()


@pytest.mark.slow
def test_a_pickle_with_requirements_lives_again(
    wheels: Links, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheels.add("alpha", "1.0", model=COUNTS)
    (tmp_path / "m.pkl").write_bytes(pickled(monkeypatch))
    (tmp_path / "r.txt").write_text("alpha\n")
    with pytest.raises(NoModelError, match="requirements"):
        modelenv.revive(tmp_path / "m.pkl", as_of="2021-06-30")
    command = [sys.executable, "-m", "modelenv", "revive", "-m", "m.pkl", "-r", "r.txt"]
    command += ["--as-of", "2021-06-30", "--python", PYTHON, "--json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    told = json.loads(done.stdout)
    assert told["path"] == str(tmp_path / "m-revived")
    assert told["pins"] == ["alpha==1.0"]


@pytest.mark.slow
def test_a_folder_of_ours_reproduces_its_own_prediction(
    wheels: Links, tmp_path: Path, installed_site: Callable[..., None]
) -> None:
    folder = tmp_path / "ours"
    modelenv.save_model(sum, folder, input_example=[1, 2, 3])
    revival = modelenv.revive(folder)
    assert revival.good
    assert revival.verdict.status == "reproduces"
    assert modelenv.verify(revival.path).status == "reproduces"
