"""The new loader of an old model, by its folder and its pickle."""

from __future__ import annotations

import pickle
import sys
import types
from pathlib import Path
from typing import Any

import pytest

import envfiles
from modelenv.folder.errors import BadFolderError
from modelenv.folder.model_folder import ModelFolder
from modelenv.time.revival.reading.hints import built_with, hints_of
from modelenv.time.revival.reading.loading import OldLoading, loading_of
from modelenv.time.revival.reading.old_model import OldModel

SPEC = "python=3.8.1"


def folder(place: Path, function: dict[str, Any], *lines: str, **flavors: Any) -> ModelFolder:
    said = {"python_version": "3.8.1", "env": "conda.yaml", **function}
    document = {"flavors": {"python_function": said, **flavors}, "mlflow_version": "1.26.1"}
    (place / "MLmodel").write_text(envfiles.dump_yaml(document))
    conda = {"dependencies": [SPEC, "pip", {"pip": ["mlflow", *lines]}]}
    (place / "conda.yaml").write_text(envfiles.dump_yaml(conda))
    return ModelFolder.at(place)


def pickled(place: Path, name: str, module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = types.ModuleType(module)
    made.Model = type("Model", (), {"__module__": module})  # type: ignore[attr-defined]
    for end in range(1, module.count(".") + 2):
        part = ".".join(module.split(".")[:end])
        monkeypatch.setitem(sys.modules, part, made)
    (place / name).write_bytes(pickle.dumps(made.Model(), protocol=4))


def sklearn(place: Path, monkeypatch: pytest.MonkeyPatch, **more: Any) -> OldLoading:
    pickled(place, "model.pkl", "alpha", monkeypatch)
    function = {"loader_module": "mlflow.sklearn", "model_path": "model.pkl", **more}
    return loading_of(folder(place, function))


def test_a_pickle_is_unpickled_without_mlflow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = sklearn(tmp_path, monkeypatch)
    assert (found.data, found.pickle, found.needs_mlflow) == ("model.pkl", "model.pkl", False)
    old = OldModel.read(tmp_path, None, {})
    assert old.lines == ()
    assert old.rules[0].change == "without mlflow"


def test_another_method_that_predicts_is_called_by_a_script(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = sklearn(tmp_path, monkeypatch, predict_fn="predict_proba")
    assert found.data == "model.py"
    compile(found.script, "model.py", "exec")
    assert "self.inner.predict_proba(data)" in found.script


def test_mlflow_stays_where_the_pickle_names_its_classes_or_the_code_imports_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pickled(tmp_path, "python_model.pkl", "mlflow.pyfunc.model", monkeypatch)
    function = {"loader_module": "mlflow.pyfunc.model", "python_model": "python_model.pkl"}
    found = loading_of(folder(tmp_path, function))
    assert (found.pickle, found.needs_mlflow) == ("python_model.pkl", True)
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "own.py").write_text("def f():\n    from mlflow import log_metric\n")
    mine = sklearn(tmp_path, monkeypatch, code="code")
    assert mine.needs_mlflow
    assert "code/own.py imports it" in mine.reason


@pytest.mark.parametrize("said", [{"predict_fn": "predict; x"}, {"loader_module": "os; x"}])
def test_what_goes_into_a_script_is_a_name(tmp_path: Path, said: dict[str, Any]) -> None:
    (tmp_path / "model.pkl").write_bytes(pickle.dumps(1))
    function = {"loader_module": "mlflow.sklearn", "model_path": "model.pkl", **said}
    with pytest.raises(BadFolderError, match=r"is no name: '\w+; x'"):
        loading_of(folder(tmp_path, function))


def test_a_name_of_data_does_not_end_the_text_of_a_script(tmp_path: Path) -> None:
    data = '"""\nimport nothing_of_the_kind\n"""\\N{x}'
    found = loading_of(
        folder(tmp_path, {"loader_module": "mlflow.lightgbm", "data": data}, lightgbm={})
    )
    names = compile(found.script, "model.py", "exec").co_names
    assert "nothing_of_the_kind" not in names


def test_a_pickle_that_is_not_there_is_told_by_its_place(tmp_path: Path) -> None:
    function = {"loader_module": "mlflow.sklearn", "model_path": "gone.pkl"}
    with pytest.raises(BadFolderError, match=r"gone\.pkl.*is not in the folder"):
        loading_of(folder(tmp_path, function))


def test_a_configuration_reaches_the_loader_that_mlflow_has_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pickled(tmp_path, "python_model.pkl", "alpha", monkeypatch)
    function = {
        "loader_module": "mlflow.pyfunc.model",
        "python_model": "python_model.pkl",
        "config": {"k": 7},
    }
    found = loading_of(folder(tmp_path, function))
    assert "mlflow.pyfunc.model._load_pyfunc(_DATA, {'k': 7})" in found.script
    assert dict(found.kept) == {"python_model": "python_model.pkl"}
    function["config"] = "/home/somebody/config.yml"
    with pytest.raises(BadFolderError, match="a file of another machine"):
        loading_of(folder(tmp_path, function))


def test_a_model_whose_code_is_a_file_is_made_by_mlflow(tmp_path: Path) -> None:
    function = {
        "loader_module": "mlflow.pyfunc.loaders.code_model",
        "model_code_path": "/home/somebody/own.py",
    }
    found = loading_of(folder(tmp_path, function))
    assert found.needs_mlflow
    assert dict(found.kept) == {"model_code_path": "/home/somebody/own.py"}


def test_artifacts_keep_their_names_and_may_not_lead_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pickled(tmp_path, "python_model.pkl", "alpha", monkeypatch)
    function: dict[str, Any] = {
        "loader_module": "mlflow.pyfunc.model",
        "python_model": "python_model.pkl",
        "artifacts": {"words": {"path": "artifacts/words.txt", "uri": "/home/somebody/words.txt"}},
    }
    assert loading_of(folder(tmp_path, function)).artifacts == {"words": "artifacts/words.txt"}
    function["artifacts"]["words"]["path"] = "../words.txt"
    with pytest.raises(BadFolderError, match="words is not in the folder"):
        loading_of(folder(tmp_path, function))


@pytest.mark.parametrize(
    ("flavor", "said", "part"),
    [
        ("lightgbm", {}, "lightgbm.Booster(model_file=_DATA)"),
        ("xgboost", {}, "xgboost.DMatrix(data)"),
        ("xgboost", {"model_class": "xgboost.sklearn.XGBClassifier"}, "xgboost.XGBClassifier()"),
        ("catboost", {"model_type": "CatBoostClassifier"}, "catboost.CatBoostClassifier()"),
    ],
)
def test_a_booster_is_loaded_by_a_script_without_mlflow(
    tmp_path: Path, flavor: str, said: dict[str, Any], part: str
) -> None:
    (tmp_path / "model.cb").touch()
    function = {"loader_module": f"mlflow.{flavor}", "data": "model.cb"}
    found = loading_of(folder(tmp_path, function, **{flavor: said}))
    compile(found.script, "model.py", "exec")
    assert part in found.script
    assert not found.needs_mlflow


def test_what_another_flavor_does_is_left_to_mlflow(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    function = {"loader_module": "mlflow.pytorch", "data": "data"}
    found = loading_of(folder(tmp_path, function, pytorch={}))
    assert found.needs_mlflow
    assert "mlflow.pytorch._load_pyfunc(_DATA)" in found.script


def test_a_loader_of_the_models_own_needs_no_mlflow(tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "own_loader.py").write_text("def _load_pyfunc(path):\n    return str\n")
    function = {"loader_module": "own_loader", "data": "x.bin", "code": "code"}
    (tmp_path / "x.bin").touch()
    found = loading_of(folder(tmp_path, function))
    assert not found.needs_mlflow
    assert "own_loader._load_pyfunc" in found.script


def test_what_joblib_wrote_is_loaded_by_joblib(tmp_path: Path) -> None:
    joblib = pytest.importorskip("joblib")
    numpy = pytest.importorskip("numpy")
    joblib.dump(numpy.zeros(3), tmp_path / "model.pkl")
    old = OldModel.read(tmp_path / "model.pkl", ["joblib"], {})
    assert (old.loading.data, old.loading.beside) == ("model.py", "artifacts/model.pkl")
    assert "joblib.load(_DATA)" in old.loading.script


def test_the_versions_that_made_it_are_read_where_they_are_said(tmp_path: Path) -> None:
    function = {"loader_module": "mlflow.sklearn", "cloudpickle_version": "2.0.0"}
    found = hints_of(folder(tmp_path, function, sklearn={"sklearn_version": "1.0.2"}))
    assert {name: str(hint.version) for name, hint in found.items()} == {
        "cloudpickle": "2.0.0",
        "mlflow": "1.26.1",
        "scikit-learn": "1.0.2",
    }


def test_a_pickle_of_scikit_learns_says_its_version(tmp_path: Path) -> None:
    state = pickle.dumps({"_sklearn_version": "0.24.2", "x": 1}, protocol=4)
    (tmp_path / "model.pkl").write_bytes(state)
    old = OldModel.read(tmp_path / "model.pkl", ["scikit-learn"], {})
    assert {name: str(hint.version) for name, hint in old.hints.items()} == {
        "scikit-learn": "0.24.2"
    }


def test_a_number_of_anacondas_own_is_that_of_the_release() -> None:
    def spec(*tools: str) -> envfiles.EnvSpec:
        return envfiles.EnvSpec(python="3.9.7", requirements=(), build_dependencies=tools)

    assert str(built_with(spec("pip", "setuptools==58.0.4.post20210920"))) == "58.0.4"
    assert built_with(spec("pip", "setuptools")) is None


SKOPS = {"pickled_model": "model.skops", "serialization_format": "skops"}


@pytest.mark.parametrize(
    ("trusted", "said"),
    [(None, "is loaded by skops"), (["own.Tree"], "trusts own.Tree on the word")],
)
def test_what_skops_wrote_is_no_pickle(trusted: Any, said: str, tmp_path: Path) -> None:
    (tmp_path / "model.skops").write_bytes(b"PK\3\4")
    function = {"loader_module": "mlflow.sklearn", "model_path": "model.skops"}
    flavor = {**SKOPS, "skops_trusted_types": trusted}
    found = loading_of(folder(tmp_path, function, sklearn=flavor))
    assert (found.data, found.pickle, found.needs_mlflow) == ("model.py", "", False)
    assert f"trusted={trusted or []!r}" in found.script
    assert said in found.reason
    compile(found.script, "model.py", "exec")


def test_types_that_are_no_names_are_refused(tmp_path: Path) -> None:
    (tmp_path / "model.skops").write_bytes(b"PK\3\4")
    function = {"loader_module": "mlflow.sklearn", "model_path": "model.skops"}
    flavor = {**SKOPS, "skops_trusted_types": "all"}
    with pytest.raises(BadFolderError, match="skops_trusted_types is no list of names"):
        loading_of(folder(tmp_path, function, sklearn=flavor))
