"""A folder that others wrote tells what it has, and by name what it lacks."""

from __future__ import annotations

import json
import pickle
from collections import Counter, OrderedDict
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml

import modelenv
from modelenv.base.errors import WrongUseError
from modelenv.cli import main
from modelenv.folder.errors import BadFolderError


def folder_of(
    place: Path,
    flavors: Mapping[str, Any],
    files: Mapping[str, bytes | str] | None = None,
    **document: Any,
) -> Path:
    """Write an MLmodel with these flavors, and files beside it."""
    place.mkdir()
    (place / "MLmodel").write_text(yaml.safe_dump({"flavors": flavors, **document}))
    for name, content in (files or {}).items():
        file = place / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return place


def function(loader: str, **further: Any) -> dict[str, Any]:
    return {"loader_module": loader, "python_version": "3.10.1", **further}


OPEN = {"requirements.txt": "mlflow\nscikit-learn==1.1.1\n"}


@pytest.mark.parametrize(
    ("flavors", "missing"),
    [
        (
            {
                "python_function": function("mlflow.sklearn", model_path="model.pkl"),
                "sklearn": {"pickled_model": "model.pkl", "sklearn_version": "1.1.1"},
            },
            ["model.pkl (the model's data)"],
        ),
        (
            {"python_function": function("mlflow.xgboost", data="model.xgb", env="conda.yaml")},
            ["model.xgb (the model's data)", "conda.yaml (an environment file)"],
        ),
        (
            {"python_function": function("mlflow.pytorch", data="data", code="code")},
            ["data (the model's data)", "code (the model's own code)"],
        ),
        (
            {
                "python_function": function(
                    "mlflow.pyfunc.model",
                    python_model="python_model.pkl",
                    artifacts={"words": {"path": "artifacts/words.txt", "uri": "/tmp/words.txt"}},
                    env={"conda": "conda.yaml", "virtualenv": "python_env.yaml"},
                )
            },
            [
                "python_model.pkl (the model's data)",
                "artifacts/words.txt (the artifact words)",
                "conda.yaml (an environment file)",
                "python_env.yaml (an environment file)",
            ],
        ),
    ],
)
def test_what_mlmodel_names_and_is_not_there_is_named(
    flavors: Mapping[str, Any], missing: list[str], tmp_path: Path
) -> None:
    found = modelenv.inspect_model(folder_of(tmp_path / "m", flavors, OPEN))
    assert list(found.missing) == missing
    assert found.to_json()["missing"] == missing
    assert "Python 3.10.1, 2 requirements, 1 floating:\n  mlflow\n" in str(found)
    assert "pin" not in str(found)
    assert found.floating == ("mlflow",)


def test_an_example_that_is_not_there_is_named_and_hinders_nobody(tmp_path: Path) -> None:
    info = {"artifact_path": "input_example.json", "serving_input_path": "serving.json"}
    flavors = {"python_function": function("mlflow.sklearn")}
    folder = folder_of(tmp_path / "m", flavors, OPEN, saved_input_example_info=info)
    found = modelenv.inspect_model(folder)
    assert found.missing == (
        "input_example.json (the input example)",
        "serving.json (the input example)",
    )
    assert "input example: none" in str(found)
    with pytest.raises(WrongUseError, match="has no input example"):
        modelenv.predict(folder)


@pytest.mark.parametrize("name", ["../secret.json", "/etc/hostname"])
def test_an_example_out_of_the_folder_is_refused(name: str, tmp_path: Path) -> None:
    flavors = {"python_function": function("mlflow.sklearn")}
    info = {"artifact_path": name}
    folder = folder_of(tmp_path / "m", flavors, OPEN, saved_input_example_info=info)
    with pytest.raises(BadFolderError, match="leads out of the folder"):
        modelenv.inspect_model(folder)


@pytest.mark.parametrize(
    ("files", "python", "said"),
    [
        ({}, "3.10.1", "missing: no file here states requirements"),
        (OPEN, None, "missing: no file here states the Python version"),
        (
            {"requirements.txt": "six\n-r more.txt\n"},
            "3.10.1",
            "cannot be read: requirements.txt:2",
        ),
        ({"conda.yaml": "dependencies: [\n"}, "3.10.1", "cannot be read: conda.yaml:"),
    ],
)
def test_an_environment_that_nobody_can_read_leaves_the_rest(
    files: Mapping[str, str], python: str | None, said: str, tmp_path: Path
) -> None:
    loader = {"loader_module": "mlflow.sklearn", "env": "conda.yaml"}
    flavors = {"python_function": {**loader, **({"python_version": python} if python else {})}}
    found = modelenv.inspect_model(folder_of(tmp_path / "m", flavors, files))
    assert said in str(found)
    assert "loader: mlflow.sklearn" in str(found)
    assert found.environment is None
    assert f"Python {python or 'unknown'}" in str(found)
    assert len(found.requirements) == (2 if files == OPEN else 0)


@pytest.mark.parametrize(
    ("flavors", "told", "missing"),
    [
        (
            {"crate": {"version": "0.1.0", "model": "crate.bin"}},
            "crate 0.1.0",
            ("crate.bin (the model's data)",),
        ),
        ({"mleap": {"model_data": "mleap/model"}}, "mleap", ("mleap/model (the model's data)",)),
        (
            {"keras": {"version": "2.9.0", "data": "keras_model"}},
            "keras 2.9.0",
            ("keras_model (the model's data)",),
        ),
    ],
)
def test_a_model_of_another_language_is_told_and_not_run(
    flavors: Mapping[str, Any], told: str, missing: tuple[str, ...], tmp_path: Path
) -> None:
    folder = folder_of(tmp_path / "m", flavors)
    found = modelenv.inspect_model(folder)
    assert found.mlmodel is None
    assert f"flavors: {told}\nno flavor is one that Python can load" in str(found)
    assert "requirement" not in str(found)
    assert found.missing == missing
    assert "uuid" not in found.to_json()
    with pytest.raises(BadFolderError, match=f"python_function.: {next(iter(flavors))}"):
        modelenv.verify(folder)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("model.statsmodels", pickle.dumps(Fraction(1, 2))),
        ("data/inner.pkl", pickle.dumps(Fraction(1, 2), protocol=0)),
        ("artifacts/deep/state", pickle.dumps(Fraction(1, 2), protocol=2)),
        ("model.lgb.pickle", pickle.dumps(Fraction(1, 2), protocol=5)),
    ],
)
def test_a_pickle_is_listed_whatever_its_name(name: str, content: bytes, tmp_path: Path) -> None:
    flavors = {"python_function": function("mlflow.statsmodels", data="model.statsmodels")}
    files: dict[str, bytes | str] = {
        **OPEN,
        name: content,
        "model.pkl": pickle.dumps(OrderedDict()),
    }
    found = modelenv.inspect_model(folder_of(tmp_path / "m", flavors, files))
    assert found.globals == ("collections.OrderedDict", "fractions.Fraction")


def test_a_pickle_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    flavors = {"python_function": function("mlflow.sklearn", model_path="model.pkl")}
    files: dict[str, bytes | str] = {
        **OPEN,
        "model.pkl": b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n",
    }
    found = modelenv.inspect_model(folder_of(tmp_path / "m", flavors, files))
    assert found.globals == ()
    assert "not scanned: model.pkl (57 B): a pointer of Git LFS" in str(found)
    (tmp_path / "m" / "model.pkl").write_bytes(pickle.dumps(Counter())[:-3])
    cut = modelenv.inspect_model(tmp_path / "m")
    assert cut.globals == ("collections.Counter",)
    assert "model.pkl (41 B): its pickle is broken" in str(cut)


def column(name: str, kind: str, **further: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, **further}


TENSOR = {"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 28, 28]}}


@pytest.mark.parametrize(
    ("inputs", "outputs", "said"),
    [
        (
            [column("a", "double", required=True), column("b", "string", required=False)],
            [{"type": "long", "required": True}],
            "(a: double, b: string?) -> long",
        ),
        ([TENSOR], None, "(tensor float32 [-1, 28, 28]) -> unknown"),
        (
            [column("words", "array", items={"type": "string"})],
            [{"type": "any"}],
            "(words: list of string) -> any",
        ),
    ],
)
def test_signature_and_code_are_shown(inputs: Any, outputs: Any, said: str, tmp_path: Path) -> None:
    signature = {"inputs": json.dumps(inputs), "outputs": outputs and json.dumps(outputs)}
    flavors = {"python_function": function("mlflow.sklearn", code="code")}
    files = {**OPEN, "code/helper/__init__.py": "", "code/tools.py": ""}
    found = modelenv.inspect_model(folder_of(tmp_path / "m", flavors, files, signature=signature))
    assert f"signature: {said}\n" in str(found)
    assert found.to_json()["signature"]["inputs"] == inputs
    assert found.code == ("helper", "tools.py")


LOCK = """version = 1
[[package]]
name = "own"
version = "0.1"
source = { virtual = "." }
[[package]]
name = "scikit-learn"
version = "VERSION"
"""


@pytest.mark.parametrize(
    ("version", "disagreeing"),
    [
        ("1.1.1", ["mlflow is not in uv.lock"]),
        (
            "1.2.0",
            [
                "mlflow is not in uv.lock",
                "scikit-learn==1.1.1 is scikit-learn 1.2.0 in uv.lock",
            ],
        ),
    ],
)
def test_the_lock_of_a_uv_project_is_shown(
    version: str, disagreeing: list[str], tmp_path: Path
) -> None:
    flavors = {"python_function": function("mlflow.sklearn")}
    files = {**OPEN, "uv.lock": LOCK.replace("VERSION", version), "pyproject.toml": "[project]\n"}
    found = modelenv.inspect_model(folder_of(tmp_path / "m", flavors, files))
    assert "uv.lock and pyproject.toml: 1 distribution, from which MLflow's uv restores" in str(
        found
    )
    assert list(found.disagreeing) == disagreeing
    assert found.to_json()["uv_lock"] == {"scikit-learn": [version]}


def test_a_trace_that_is_gone_is_named(project: Any, target: Path) -> None:
    modelenv.save_model(project.model("return 1"), target, input_example=[1])
    assert modelenv.inspect_model(target).traced
    (target / "trace.json").unlink()
    (target / "prediction.json").unlink()
    found = modelenv.inspect_model(target)
    assert found.missing == ("trace.json (the trace)", "prediction.json (the recorded prediction)")
    assert not found.traced


def test_the_command_gives_the_same_as_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flavors = {"python_function": function("mlflow.sklearn", model_path="model.pkl")}
    folder = folder_of(tmp_path / "m", flavors, OPEN)
    main(["inspect", "-m", str(folder), "--json"])
    told = json.loads(capsys.readouterr().out)
    assert told["floating"] == ["mlflow"]
    assert told["requirements"][1] == {"requirement": "scikit-learn==1.1.1", "because": ""}
    assert told["closed"] is False
    assert "pins" not in told
    assert told["flavors"] == flavors


def test_the_imports_of_a_script_are_read_and_one_that_is_gone_is_missing(tmp_path: Path) -> None:
    loads = function("mlflow.pyfunc.loaders.code_model", model_code_path="C:\\author\\agent.py")
    place = folder_of(
        tmp_path / "m", {"python_function": loads}, {**OPEN, "agent.py": "import b\n"}
    )
    found = modelenv.inspect_model(place)
    assert "imported by its own code: b" in str(found)
    assert found.to_json()["imports"] == [{"module": "b", "place": "agent.py:1"}]
    assert "agent.py" not in str(found.missing)
    (place / "agent.py").unlink()
    assert "agent.py (the model's data)" in modelenv.inspect_model(place).missing


def test_types_that_mlmodel_alone_has_skops_trust_are_told(tmp_path: Path) -> None:
    flavors = {
        "python_function": function("mlflow.sklearn", model_path="model.skops"),
        "sklearn": {"serialization_format": "skops", "skops_trusted_types": ["own.Tree"]},
    }
    found = modelenv.inspect_model(folder_of(tmp_path / "m", flavors, OPEN))
    assert found.trusted == ("own.Tree",)
    assert "skops trusts on the word of MLmodel alone: own.Tree" in str(found)
