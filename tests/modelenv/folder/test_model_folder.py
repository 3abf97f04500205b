"""A folder is read once; who runs its model has its MLmodel checked, who edits it has not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from envfiles import InvalidFile
from modelenv.base.errors import WrongUseError
from modelenv.folder.documents.trace_file import TraceFile
from modelenv.folder.errors import BadFolderError
from modelenv.folder.model_folder import ModelFolder

Model = Callable[..., Path]

PINS = {"alpha==1.0": "imported by the model", "beta==2.0": "via alpha"}


def test_each_file_is_read_once(model: Model) -> None:
    path = model(PINS)
    folder = ModelFolder.at(path)
    first = folder.environment, folder.trace, folder.document
    for name in ("requirements.txt", "trace.json", "MLmodel"):
        (path / name).unlink()
    assert (folder.environment, folder.trace, folder.document) == first
    assert folder.pins.spec is folder.environment


def test_an_edit_takes_a_folder_that_cannot_be_run(model: Model) -> None:
    path = model(PINS)
    with pytest.raises(
        BadFolderError, match=r"key flavors\.python_function\.python_version is missing"
    ):
        ModelFolder.open(path)
    folder = ModelFolder.at(path)
    assert folder.ours
    assert folder.proof == {"status": "reproduces"}
    assert [entry.name for entry in folder.pins.roots] == ["alpha"]


def test_a_folder_of_anothers_has_roots_alone(model: Model) -> None:
    folder = ModelFolder.at(model(PINS, ours=False))
    assert not folder.ours
    assert folder.proof == {}
    assert [entry.name for entry in folder.pins.roots] == ["alpha", "beta"]


@pytest.mark.parametrize("text", ["", "just a text", "- a\n", "flavors: 3\n", "flavors: {x: 1}\n"])
def test_an_odd_mlmodel_names_no_flavor_of_ours(model: Model, text: str) -> None:
    path = model(PINS)
    (path / "MLmodel").write_text(text)
    assert not ModelFolder.at(path).ours
    with pytest.raises(BadFolderError, match="MLmodel"):
        ModelFolder.open(path)


def test_what_is_no_yaml_is_told_with_its_line(model: Model) -> None:
    path = model(PINS)
    (path / "MLmodel").write_text("flavors: {\n")
    with pytest.raises(InvalidFile, match="MLmodel"):
        _ = ModelFolder.at(path).flavors
    with pytest.raises(BadFolderError, match="MLmodel"):
        ModelFolder.open(path)


def test_a_folder_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    for read in (ModelFolder.at, ModelFolder.open):
        with pytest.raises(WrongUseError, match="there is no such folder"):
            read(tmp_path / "gone")


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("modle", r"there is no such folder\. Did you mean model\?"),
        ("model/MLmodel", r"it is a file of one: give the folder, .*model$"),
        ("model.pkl", r"a file, and `modelenv save --model model\.pkl .*` makes a folder of"),
        ("notes.txt", r"it is a file, not a folder"),
        ("empty", r"there is no MLmodel file; the folder is empty"),
        (".", r"there is no MLmodel file; below it, model, runs/1 have one"),
        ("runs", r"there is no MLmodel file; below it, 1 has one"),
    ],
)
def test_what_is_no_model_folder_is_told_with_the_one_that_may_be_meant(
    place: str, told: str, tmp_path: Path
) -> None:
    for file in ("model/MLmodel", "runs/1/MLmodel", "model.pkl", "notes.txt", "empty/gone"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    (tmp_path / "empty" / "gone").unlink()
    with pytest.raises(BadFolderError, match=told):
        ModelFolder.open(tmp_path / place)


def test_a_trace_may_be_missing_and_says_what_it_can(tmp_path: Path) -> None:
    assert TraceFile.read(tmp_path) == TraceFile()
    record = {"name": "a", "loaded": True, "phase": "", "how": "imported"}
    said = {"python": "3.11.7", "imports": [record], "more": 1}
    (tmp_path / "trace.json").write_text(json.dumps(said))
    assert TraceFile.read(tmp_path) == TraceFile(python="3.11.7", imports=(record,))


def test_a_trace_that_is_no_json_is_refused_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "trace.json").write_text("{")
    with pytest.raises(BadFolderError, match=r"trace\.json"):
        TraceFile.read(tmp_path)
