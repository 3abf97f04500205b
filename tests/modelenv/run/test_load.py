from __future__ import annotations

import shlex
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from modelenv import EnvironmentWarning, compare_environment, load_model
from modelenv.cli.run.inspect import diff as command
from modelenv.folder.errors import BadFolderError

Model = Callable[..., Path]
Site = Callable[..., None]
LOADER = """\
class Model:
    def __init__(self, path):
        self.path = path
    def predict(self, data):
        return [{factor} * each for each in data]
def _load_pyfunc(path, model_config=None):
    return Model(path)
"""


@pytest.fixture(autouse=True)
def unchanged_imports(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield
    sys.modules.pop("own", None)


@pytest.fixture
def loadable(model: Model) -> Model:
    def write(pins: dict[str, str], *, factor: int = 2, **about: str) -> Path:
        folder = model(pins, **about)
        (folder / "code" / "own.py").write_text(LOADER.replace("{factor}", str(factor)))
        return folder

    return write


def test_a_matching_environment_loads_without_a_word(loadable: Model, installed_site: Site) -> None:
    installed_site("alpha", "1.0")
    folder = loadable({"alpha==1.0": "x", 'nobody==1; python_version < "3"': "x"})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert load_model(folder).predict([1, 2]) == [2, 4]
    assert not compare_environment(folder)


def test_all_that_differs_is_told_in_one_warning_with_the_way_out(
    loadable: Model, installed_site: Site
) -> None:
    installed_site("alpha", "2.0")
    installed_site("beta", "1.0.1")
    pins = {"alpha==1.0": "x", "beta==1.0": "x", "gone==3": "x", "own @ https://host/own": "x"}
    folder = loadable(pins, python="3.1.4")
    with pytest.warns(EnvironmentWarning) as caught:
        load_model(folder)
    (warning,) = caught
    assert warning.filename == __file__
    here = ".".join(map(str, sys.version_info[:3]))
    assert str(warning.message).splitlines() == [
        f"this environment is not the one that {folder} was saved for:",
        f"  Python {here}, saved with 3.1.4 (minor)",
        "  alpha 2.0, saved with 1.0 (major)",
        "  beta 1.0.1, saved with 1.0 (patch)",
        "  gone==3 is not installed",
        "  own @ https://host/own is not installed",
        "predictions may differ or fail. A matching environment:"
        " uv venv --python 3.1.4 model-env &&"
        f" uv pip install --python model-env -r {folder / 'requirements.txt'}",
    ]


def test_the_warning_can_be_left_out(loadable: Model) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load_model(loadable({"gone==3": "x"}), suppress_warnings=True)


def test_two_folders_with_loaders_of_one_name_are_two_models(loadable: Model) -> None:
    first = load_model(loadable({}, factor=2, name="first"))
    second = load_model(loadable({}, factor=3, name="second"))
    assert (first.predict([1]), second.predict([1])) == ([2], [3])


@pytest.mark.parametrize(
    ("mlmodel", "reason"),
    [
        ("flavors: {}", "no flavor python_function"),
        ("flavors: {python_function: {}}", "no flavor python_function with a loader"),
        ("flavors: {python_function: {loader_module: no_such}}", "its loader no_such is not here"),
    ],
)
def test_a_folder_that_cannot_be_loaded_is_told(model: Model, mlmodel: str, reason: str) -> None:
    folder = model({})
    (folder / "MLmodel").write_text(mlmodel)
    with pytest.raises(BadFolderError, match=reason):
        load_model(folder)
    with pytest.raises(BadFolderError, match="no such folder"):
        load_model(folder / "nowhere")


def test_the_command_compares_with_this_interpreter(model: Model, installed_site: Site) -> None:
    installed_site("alpha", "2.0")
    folder = model({"alpha==1.0": "x"})
    done = CliRunner().invoke(command, [str(folder)])
    assert done.exit_code == 1
    assert done.output.splitlines()[-1] == "~ alpha 1.0 -> 2.0 (major)"


def test_the_command_compares_two_models(model: Model) -> None:
    one, other = model({"alpha==1.0": "x"}, name="one"), model({"alpha==1.1": "x"}, name="other")
    run = CliRunner()
    assert run.invoke(command, [str(one), str(other)]).exit_code == 1
    assert run.invoke(command, [str(one), str(one / "requirements.txt")]).exit_code == 0
    assert '"step": "minor"' in run.invoke(command, [str(one), str(other), "--json"]).output


@pytest.mark.parametrize(("file", "text"), [("requirements.txt", "alpha = 1\n"), (None, "")])
def test_a_model_whose_environment_nobody_knows_is_loaded_with_a_warning(
    loadable: Model, file: str | None, text: str
) -> None:
    folder = loadable({})
    for name in ("requirements.txt", "conda.yaml", "python_env.yaml"):
        (folder / name).unlink()
    if file is not None:
        (folder / file).write_text(text)
    with pytest.warns(EnvironmentWarning, match="it is unknown whether") as caught:
        assert load_model(folder).predict([1]) == [2]
    assert len(caught) == 1


def test_the_way_out_is_a_command_that_a_shell_reads(loadable: Model) -> None:
    folder = loadable({"gone==3": "x"}, name="my model")
    command = compare_environment(folder).command
    assert shlex.split(command)[-1] == str(folder / "requirements.txt")
    (folder / "requirements.txt").unlink()
    assert shlex.split(compare_environment(folder).command) == [
        *("conda", "env", "create", "-n", "model-env", "-f", str(folder / "conda.yaml")),
    ]
