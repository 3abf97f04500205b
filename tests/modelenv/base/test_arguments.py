"""Arguments are checked first, and faults name the argument."""

from __future__ import annotations

import math
import shutil
from pathlib import Path
from typing import Any

import pytest

import modelenv
from modelenv.base.arguments import BadArgumentError, lines
from modelenv.folder.errors import NotAModelError, NotPicklableError
from modelenv.worker.errors import RunFailedError

from ..conftest import made_once


class Echo:
    def predict(self, data: object) -> object:
        return data


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved model that returns what it is given."""
    with made_once(tmp_path_factory) as project:
        folder: Path = project.root.parent / "model"
        modelenv.save_model(project.model("return data"), folder, input_example=1)
    return folder


@pytest.fixture
def folder(template: Path, target: Path) -> Path:
    return Path(shutil.copytree(template, target))


def refused(call: Any, *arguments: Any, **options: Any) -> str:
    with pytest.raises(BadArgumentError) as caught:
        call(*arguments, **options)
    return str(caught.value)


WRONG: list[tuple[str, Any, str]] = [
    ("timeout", 0, "timeout must be a number of seconds above 0, not 0"),
    ("timeout", -1, "timeout must be a number of seconds above 0, not -1"),
    ("timeout", math.nan, "timeout must be a number of seconds above 0, not nan"),
    ("timeout", "5", "timeout must be a number of seconds above 0, not '5'"),
    ("timeout", True, "timeout must be a number of seconds above 0, not True"),
    ("optional", "maybe", "optional must be 'prove' or 'keep', not 'maybe'"),
    ("further_examples", 5, "further_examples must be a list of input examples, not 5"),
    ("further_examples", "ab", "further_examples must be a list of input examples, not 'ab'"),
    ("code_paths", 5, "code_paths must be a path, or a list of them, not 5"),
    ("code_paths", "", "code_paths must be a path, not ''"),
    ("code_paths", ["", "src"], "code_paths[0] must be a path, not ''"),
    ("artifacts", {"a": ""}, "artifacts['a'] must be a path, not ''"),
    ("artifacts", {3: "a"}, "a name in artifacts must be a text, not 3"),
    ("metadata", [1], "metadata must be a mapping, not a value of the type list"),
    ("python", 3.12, "python must be an interpreter, or a version, as '3.12', not 3.12"),
    ("conda_env", 5, "conda_env must be a conda file, or what one would hold, not 5"),
]


@pytest.mark.parametrize(("name", "given", "said"), WRONG)
def test_an_option_that_cannot_be_meant_is_refused_by_its_name(
    name: str, given: object, said: str, target: Path
) -> None:
    options: Any = {name: given}
    assert refused(modelenv.save_model, Echo(), target, input_example=1, **options) == said
    assert not target.exists()


@pytest.mark.parametrize("given", [["a.txt"], "a.txt", 5])
def test_artifacts_have_names(given: object, target: Path) -> None:
    said = refused(modelenv.save_model, Echo(), target, input_example=1, artifacts=given)
    assert said.startswith("artifacts must be a mapping of names to the paths of files, not ")


@pytest.mark.parametrize(
    "name", ["pip_requirements", "extra_pip_requirements", "constraints", "overrides", "exclude"]
)
@pytest.mark.parametrize("given", [5, "", [""], {"numpy": "1"}, b"numpy"])
def test_requirements_are_lines_or_a_file(name: str, given: object, target: Path) -> None:
    options: Any = {name: given}
    said = refused(modelenv.save_model, Echo(), target, input_example=1, **options)
    assert said.startswith(f"{name} must be lines in a list, or the path of a file of them, not ")


def test_a_single_text_is_a_line_unless_it_is_or_is_called_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert lines("constraints", "numpy<3") == ("numpy<3",)
    assert lines("constraints", "-r base.txt") == ("-r base.txt",)
    assert lines("constraints", "missing.txt") == Path("missing.txt")
    Path("numpy").write_text("numpy<3\n")
    assert lines("constraints", "numpy") == Path("numpy")
    assert lines("constraints", ["numpy", ""]) == ("numpy", "")
    assert lines("constraints", None) is None


@pytest.mark.parametrize("text", ["numpy<3\nscipy", "numpy<3  # a\n" * 99], ids=["two", "many"])
def test_several_lines_in_one_text_are_refused(text: str, target: Path) -> None:
    said = refused(modelenv.save_model, Echo(), target, input_example=1, constraints=text)
    assert said.startswith("constraints must be lines in a list, or the path of a file of them, ")


def test_a_line_may_be_longer_than_the_name_of_a_file() -> None:
    line = "numpy" + ",".join(f"!=1.{number}" for number in range(999))
    assert lines("constraints", line) == (line,)


def test_a_single_line_of_text_is_added(own_site: Any, project: Any, target: Path) -> None:
    own_site.install("extra")
    model = project.model("return data")
    saved = modelenv.save_model(model, target, input_example=1, extra_pip_requirements="extra")
    assert saved.pins == ("extra==1.0",)


@pytest.mark.parametrize("given", [3, None, ""])
def test_the_new_folder_is_a_path(given: Any) -> None:
    said = refused(modelenv.save_model, Echo(), given, input_example=1)
    assert said == f"path must be the path of the new folder, not {given!r}"


@pytest.mark.parametrize("given", [3, None, ""])
@pytest.mark.parametrize(
    "name", ["verify", "predict", "inspect_model", "load_model", "minimize", "fix", "lock_model"]
)
def test_a_model_folder_is_a_path(name: str, given: Any) -> None:
    said = refused(getattr(modelenv, name), given)
    assert said == f"the model folder must be a path, not {given!r}"


@pytest.mark.parametrize("name", ["verify", "predict", "minimize", "fix", "update_requirements"])
def test_every_run_has_a_manager_and_a_time_that_can_be(name: str, folder: Path) -> None:
    call: Any = getattr(modelenv, name)
    more = {"add": "x"} if name == "update_requirements" else {}
    assert "not 'docker'" in refused(call, folder, env_manager="docker", **more)
    assert "timeout must be" in refused(call, folder, timeout=0, **more)


def test_what_is_counted_is_a_whole_number_above_none(folder: Path) -> None:
    for given in (0, -1, 1.5, "5", True):
        assert refused(modelenv.fix, folder, steps=given).startswith("steps must be a whole number")
        said = refused(modelenv.verify, folder, memory=given)
        assert said.startswith("memory must be a whole number of bytes above 0, not ")


@pytest.mark.parametrize("name", ["add", "remove", "replace_all", "constraints"])
def test_an_edit_takes_texts_that_say_something(name: str, folder: Path) -> None:
    for given in (3, [3], "", ["numpy", " "]):
        options: Any = {name: given}
        assert refused(modelenv.update_requirements, folder, **options).startswith(name)


def test_why_and_diagnose_are_asked_about_something(folder: Path) -> None:
    assert "target must be" in refused(modelenv.why, folder, "")
    assert "failure must be a verdict, or what an error says" in refused(modelenv.diagnose, 3)


def test_an_override_may_come_from_a_generator(folder: Path) -> None:
    given = (line for line in ["packaging"])
    assert modelenv.predict(folder, pip_requirements_override=given) == 1


def test_a_short_time_limit_is_told_as_it_was(project: Any, target: Path) -> None:
    model = project.model("import time; time.sleep(60)")
    with pytest.raises(RunFailedError, match=r"did not end within 0\.2 s"):
        modelenv.save_model(model, target, input_example=1, timeout=0.2)


def test_a_folder_without_mlmodel_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(modelenv.ModelenvError, match="there is no MLmodel file"):
        modelenv.load_model(tmp_path)


# What is no model, and which example it was


def test_a_class_is_told_from_the_models_that_it_makes(target: Path) -> None:
    with pytest.raises(NotAModelError, match=r"the class Echo itself: give a model, as Echo\("):
        modelenv.save_model(Echo, target, input_example=1)


def test_a_script_that_is_not_there_is_told_so(target: Path) -> None:
    with pytest.raises(NotAModelError, match="there is no such file"):
        modelenv.save_model("nowhere.py", target, input_example=1)


def test_a_script_has_to_name_something_that_predicts(tmp_path: Path, target: Path) -> None:
    script = tmp_path / "define.py"
    script.write_text("model = 3\n")
    with pytest.raises(RunFailedError, match="has no method `predict` and is not callable"):
        modelenv.save_model(script, target, input_example=1)
    script.write_text("modle = 3\n")
    with pytest.raises(RunFailedError, match="assign the model to that name"):
        modelenv.save_model(script, target, input_example=1)


@pytest.mark.parametrize("here", [False, True])
def test_the_example_that_fails_is_named_by_its_place(
    here: bool, project: Any, target: Path
) -> None:
    model = project.model("return 1 / data")
    options: Any = {"input_example": 1, "further_examples": [2, 0], "trace_in_process": here}
    with pytest.raises(RunFailedError, match=r"predicting on further_examples\[1\] failed"):
        modelenv.save_model(model, target, **options)
    options = {"input_example": 0, "further_examples": [2], "trace_in_process": here}
    with pytest.raises(RunFailedError, match="predicting on the input example failed"):
        modelenv.save_model(model, target, **options)


def test_the_example_that_cannot_be_pickled_is_named_by_its_place(
    project: Any, target: Path
) -> None:
    lazy = (each for each in [1])
    with pytest.raises(NotPicklableError, match=r"further_examples\[0\] failed"):
        modelenv.save_model(
            project.model("return 1"), target, input_example=1, further_examples=[lazy]
        )
