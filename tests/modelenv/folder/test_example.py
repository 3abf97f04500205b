"""A model and its example are put on disk, or refused before anything runs."""

from __future__ import annotations

import pickle
import threading
from pathlib import Path

import pytest

from modelenv.folder import example
from modelenv.folder.errors import NotAModelError, NotPicklableError
from modelenv.folder.mlmodel import absolute, relative
from modelenv.worker import values


class Predicts:
    def predict(self, data: object) -> object:
        return data


class Torn(Predicts):
    def __getstate__(self) -> object:
        raise RuntimeError("torn apart")


@pytest.mark.parametrize("model", [Predicts(), len, lambda data: data])
def test_what_predicts_or_can_be_called_is_a_model(model: object, tmp_path: Path) -> None:
    example.write_model(model, tmp_path / "model.pkl")
    with (tmp_path / "model.pkl").open("rb") as file:
        assert type(pickle.load(file)) is type(model)


@pytest.mark.parametrize("model", [None, 3, "model", {"predict": 1}])
def test_anything_else_is_none_and_says_what_it_is(model: object, tmp_path: Path) -> None:
    with pytest.raises(NotAModelError, match=f"builtins.{type(model).__name__}"):
        example.write_model(model, tmp_path / "model.pkl")


def test_what_cannot_travel_is_told_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(NotPicklableError, match="pickling the model failed: RuntimeError: torn"):
        example.write_model(Torn(), tmp_path / "model.pkl")
    with pytest.raises(NotPicklableError, match="pickling the input example failed: TypeError"):
        example.write_examples([threading.Lock()], tmp_path)


def test_a_description_is_kept_relative_and_used_absolute(tmp_path: Path) -> None:
    described = example.write_examples([[1, 2]], tmp_path)
    kept = relative(described)
    assert kept == {"type": "json_object", "file": "input_example.json"}
    assert absolute(kept, tmp_path) == described
    assert values.read(described) == [1, 2]


def test_several_examples_are_written_beside_each_other(tmp_path: Path) -> None:
    described = example.write_examples([[1], {"a": 2}], tmp_path)
    kept = relative(described)
    assert [item["file"] for item in kept["items"]] == [
        "input_example.json",
        "input_example_2.json",
    ]
    assert absolute(kept, tmp_path) == described
    assert values.read(described) == [[1], {"a": 2}]


def test_no_example_is_described_as_none(tmp_path: Path) -> None:
    described = example.write_examples([], tmp_path)
    assert absolute(relative(described), tmp_path) == {"type": "none"}
    assert list(tmp_path.glob("input_example*")) == []


def test_a_script_is_copied_and_anything_else_is_refused(tmp_path: Path) -> None:
    script = tmp_path / "define.py"
    script.write_text("model = len")
    example.copy_script(script, tmp_path / "model.py")
    assert (tmp_path / "model.py").read_text() == "model = len"
    with pytest.raises(NotAModelError, match="neither a script"):
        example.copy_script(tmp_path / "absent.py", tmp_path / "model.py")
    with pytest.raises(NotAModelError, match="neither a script"):
        example.copy_script(Path("model.pkl"), tmp_path / "model.py")


def test_the_modules_of_an_example_are_those_of_all_its_values(tmp_path: Path) -> None:
    numpy, pandas = pytest.importorskip("numpy"), pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [1.5]})
    described = example.write_examples([{"x": numpy.zeros(2)}, [frame], [1], frame.a], tmp_path)
    assert example.modules_of(described) == ("numpy", "pandas")
    pickled = example.write_examples([Predicts()], tmp_path)
    assert __name__ in example.modules_of(pickled)
    Path(pickled["file"]).unlink()
    assert example.modules_of(pickled) == ()
