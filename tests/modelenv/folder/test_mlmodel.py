"""The MLmodel file says what it said, and a bad one is refused with its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from modelenv.folder.errors import BadFolderError
from modelenv.folder.mlmodel import MLmodel, new_identity
from modelenv.folder.model_folder import ModelFolder
from modelenv.system.use import SystemUse, UsedPackage

WHOLE = MLmodel(
    python="3.11.7",
    version="0.1.0",
    input={"type": "ndarray", "file": "input_example.json", "dtype": "<f8", "shape": [5, 2]},
    prediction={"type": "pickle", "file": "prediction.pkl"},
    deterministic=True,
    proof={"status": "reproduces", "where": "a replica", "reason": "equal"},
    left_out={"pandas": "sklearn/utils/fixes.py:19"},
    sealed={"model.pkl": "00ff"},
    metadata={"team": {"name": "churn"}},
    allow_hosts=("db.example",),
    allow_paths=("/data/words.txt",),
    uuid="0123456789abcdef0123456789abcdef",
    created="2024-01-01 00:00:00.000000",
)
PLACES = [("python", "python_function", "python_version"), ("version", "modelenv", "version")]

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
described = st.fixed_dictionaries(
    {"type": st.sampled_from(["ndarray", "pickle", "series"]), "file": st.just("a.json")},
    optional={"dtype": text, "shape": st.lists(st.integers(0, 9), max_size=3), "name": text},
)
used_packages = st.builds(
    UsedPackage,
    package=st.sampled_from(["", "tzdata", "libgomp1"]),
    what=st.sampled_from(["fonts", "libraries"]),
    files=st.lists(text, max_size=3).map(tuple),
    asked_by=text,
    distribution=text,
    version=text,
)
mlmodels = st.builds(
    MLmodel,
    python=text,
    version=text,
    input=described,
    prediction=described,
    deterministic=st.booleans(),
    proof=st.dictionaries(text, text, max_size=2).map(lambda more: {**more, "status": "runs"}),
    left_out=st.dictionaries(text, text, max_size=3),
    sealed=st.dictionaries(text, text, max_size=3),
    metadata=st.dictionaries(text, st.lists(text, max_size=2), max_size=3),
    allow_hosts=st.lists(text, max_size=2).map(tuple),
    allow_paths=st.lists(text, max_size=2).map(tuple),
    system=st.none() | st.builds(SystemUse, text, st.lists(used_packages, max_size=2).map(tuple)),
    uuid=text,
    created=text,
)


def written(folder: Path, change: Any = None) -> Path:
    document = yaml.safe_load(WHOLE.to_yaml())
    if change:
        change(document)
    (folder / "MLmodel").write_text(yaml.safe_dump(document), "utf-8")
    return folder


@settings(max_examples=25)
@given(mlmodel=mlmodels)
def test_what_is_written_is_read_back(
    mlmodel: MLmodel, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp()
    (folder / "MLmodel").write_text(mlmodel.to_yaml(), "utf-8")
    assert ModelFolder.open(folder).mlmodel == mlmodel


def test_it_has_the_keys_that_mlflow_reads() -> None:
    document = yaml.safe_load(WHOLE.to_yaml())
    assert document["flavors"]["python_function"] == {
        "code": "code",
        "data": "model.pkl",
        "env": {"conda": "conda.yaml", "virtualenv": "python_env.yaml"},
        "loader_module": "modelenv_pyfunc_loader",
        "python_version": "3.11.7",
    }
    assert document["saved_input_example_info"] == {
        "artifact_path": "input_example.json",
        "type": "ndarray",
    }
    assert document["model_uuid"] == WHOLE.uuid


def test_an_example_that_mlflow_does_not_know_is_not_announced() -> None:
    from dataclasses import replace

    pickled = replace(WHOLE, input={"type": "pickle", "file": "input_example.pkl"})
    assert "saved_input_example_info" not in yaml.safe_load(pickled.to_yaml())


def test_an_identity_is_one_of_its_own() -> None:
    assert new_identity()[0] != new_identity()[0]


def flavor(name: str) -> Any:
    return lambda document: document["flavors"][name]


def put(value: object, *keys: str) -> Any:
    def change(document: Any) -> None:
        for key in keys[:-1]:
            document = document[key]
        document[keys[-1]] = value

    return change


def drop(*keys: str) -> Any:
    def change(document: Any) -> None:
        for key in keys[:-1]:
            document = document[key]
        del document[keys[-1]]

    return change


OURS, FUNCTION = ("flavors", "modelenv"), ("flavors", "python_function")
OUT = ["../x", "/etc/passwd", "a/../../x", "..", ".", ""]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (drop("flavors"), "flavors"),
        (put(None, "flavors"), "flavors is no mapping"),
        (put([], *OURS), "flavors.modelenv is no mapping"),
        (drop(*OURS), "flavors.modelenv is missing"),
        (drop(*FUNCTION), "flavors.python_function is missing"),
        (drop(*OURS, "format"), "format None"),
        (put(2, *OURS, "format"), "format 2"),
        (put("1", *OURS, "format"), "format '1'"),
        (drop(*OURS, "deterministic"), "flavors.modelenv.deterministic is missing"),
        (put("no", *OURS, "deterministic"), "deterministic"),
        (drop(*OURS, "proof"), "flavors.modelenv.proof is missing"),
        (put("fine", *OURS, "proof"), "proof"),
        (put({}, *OURS, "proof"), "proof"),
        (put("pandas", *OURS, "left_out"), "left_out"),
        (drop(*OURS, "input"), "flavors.modelenv.input is missing"),
        (put("x", *OURS, "input"), "flavors.modelenv.input"),
        (put({"type": "ndarray"}, *OURS, "input"), "flavors.modelenv.input"),
        (put(3, *OURS, "input", "file"), "flavors.modelenv.input"),
        (drop(*FUNCTION, "data"), "flavors.python_function.data is missing"),
        (put(7, *FUNCTION, "data"), "flavors.python_function.data"),
        (drop("model_uuid"), "key model_uuid is missing"),
        *((put(out, *OURS, "prediction", "file"), "leads out") for out in OUT),
        *((put(out, *FUNCTION, "data"), "leads out") for out in OUT),
        *((put(out, *FUNCTION, "loader_module"), "leads out") for out in OUT),
    ],
)
def test_a_bad_file_is_refused_with_its_key(change: Any, named: str, tmp_path: Path) -> None:
    written(tmp_path, change)
    with pytest.raises(BadFolderError) as caught:
        ModelFolder.open(tmp_path)
    assert named in str(caught.value)
    assert str(tmp_path / "MLmodel") in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"a: [", b"\xff\xfe", b"", b"text", b"- 1", b"!!python/object:x"]
)
def test_what_is_no_yaml_mapping_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "MLmodel").write_bytes(content)
    with pytest.raises(BadFolderError, match="MLmodel"):
        ModelFolder.open(tmp_path)


def test_a_folder_without_the_file_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(BadFolderError, match="there is no MLmodel file"):
        ModelFolder.open(tmp_path)
    (tmp_path / "MLmodel").mkdir()
    with pytest.raises(BadFolderError, match="MLmodel"):
        ModelFolder.open(tmp_path)


def test_what_others_add_is_passed_over(tmp_path: Path) -> None:
    written(tmp_path, put({"x": 1}, "flavors", "sklearn"))
    assert ModelFolder.open(tmp_path).mlmodel == WHOLE
