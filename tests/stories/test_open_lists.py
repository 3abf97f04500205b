"""A list of MLflow's names what a model imports; what that requires comes with it, in every run.

What stands for MLflow here is a distribution of that name, found in a folder of wheels.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

import modelenv
from modelenv.base.errors import WrongUseError
from modelenv.cli.edit import requirements as command
from modelenv.folder.model_folder import ModelFolder
from modelenv.repair.fix import fix
from modelenv.repair.minimize import minimize
from resolver import ConflictError

from ..small_worlds import PYTHON, Links, wheels

__all__ = ["wheels"]

LOADS = """
import gears
class Model:
    def predict(self, data, params=None):
        return [gears.version]
def load_model(path):
    return Model()
"""
MLMODEL = "flavors:\n  python_function:\n    loader_module: mlflow.sklearn\n"
CONDA = """\
name: mlflow-env
channels:
- conda-forge
dependencies:
- python={python}
- pip
- pip:
  - mlflow==2.0
"""
# As pandas 2.0 and its like do where numpy 2 is: they were compiled for numpy 1.
COMPILED = """
import numpy
if numpy.version.startswith("2"):
    raise ValueError(
        "numpy.dtype size changed, may indicate binary incompatibility."
        " Expected 96 from C header, got 88 from PyObject"
    )
"""
NUMPY = """
version = {!r}
def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return type(name, (), {{}})
"""

Write = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path, wheels: Links) -> Write:
    """Write a folder as MLflow does, and what its lines require where wheels are found."""
    wheels.add("mlflow", "2.0", "gears>=2", pyfunc=LOADS)
    for version in ("1.0", "2.0", "3.0"):
        wheels.add("gears", version)
    wheels.add("tabulate", "0.9")
    wheels.add("setuptools", "80.0")  # MLflow puts it beside every list

    def write(*lines: str, **files: str) -> Path:
        place = tmp_path / "model"
        place.mkdir()
        (place / "MLmodel").write_text(MLMODEL)
        (place / "python_env.yaml").write_text(f"python: {PYTHON}\n")
        (place / "requirements.txt").write_text("".join(f"{line}\n" for line in lines))
        for name, text in files.items():
            (place / f"{name}.txt").write_text(text)
        return place

    return write


def predict(folder: Path, *override: str) -> object:
    return modelenv.predict(folder, [1], pip_requirements_override=list(override) or None)


def lines(folder: Path) -> list[str]:
    return [
        line.partition("  #")[0] for line in (folder / "requirements.txt").read_text().split("\n")
    ]


class TestOverride:
    """One run in which other lines count."""

    def test_what_is_added_leaves_all_the_rest(self, folder: Write) -> None:
        assert predict(folder("mlflow==2.0"), "tabulate") == ["3.0"]

    def test_what_only_follows_is_replaced_whoever_asks_for_it(self, folder: Write) -> None:
        assert predict(folder("mlflow==2.0"), "gears<2") == ["1.0"]

    def test_a_line_is_replaced_and_the_others_are_not(self, folder: Write) -> None:
        place = folder("mlflow==2.0", "gears==3.0", "tabulate==0.9")
        assert predict(place, "gears==2.0") == ["2.0"]

    def test_a_folder_that_has_only_conda_yaml(self, folder: Write) -> None:
        place = folder()
        (place / "requirements.txt").unlink()
        (place / "python_env.yaml").unlink()
        (place / "conda.yaml").write_text(CONDA.format(python=PYTHON))
        assert predict(place, "tabulate", "gears<3") == ["2.0"]

    def test_the_folder_is_left_as_it_is(self, folder: Write) -> None:
        place = folder("mlflow==2.0")
        predict(place, "gears<3")
        assert lines(place) == ["mlflow==2.0", ""]
        assert predict(place) == ["3.0"]


def test_constraints_narrow_what_follows(folder: Write) -> None:
    place = folder("mlflow==2.0", "-c constraints.txt", constraints="gears<3\n")
    assert predict(place) == ["2.0"]
    assert predict(place, "tabulate") == ["2.0"]


class TestEdit:
    """An edit of an open list leaves it one: its lines change, and no other is written."""

    @pytest.fixture
    def edit(self) -> Callable[..., str]:
        def run(verb: str, folder: Path, *names: str) -> str:
            ended = CliRunner().invoke(command, [verb, "-m", str(folder), *names])
            assert ended.exit_code == 0, ended.output
            return ended.output

        return run

    def test_what_is_added_is_one_line(self, folder: Write, edit: Callable[..., str]) -> None:
        place = folder("mlflow==2.0")
        edit("add", place, "tabulate")
        assert lines(place) == ["mlflow==2.0", "tabulate==0.9", ""]
        assert not ModelFolder.open(place).pins.closed
        assert predict(place) == ["3.0"]

    def test_what_followed_becomes_a_line(self, folder: Write, edit: Callable[..., str]) -> None:
        place = folder("mlflow==2.0")
        edit("add", place, "gears<3")
        assert sorted(lines(place)) == ["", "gears==2.0", "mlflow==2.0"]
        assert predict(place) == ["2.0"]

    def test_what_is_removed_may_follow(self, folder: Write, edit: Callable[..., str]) -> None:
        place = folder("mlflow==2.0", "gears==2.0")
        assert "gears is installed all the same: mlflow requires gears" in edit(
            "remove", place, "gears"
        )
        assert lines(place) == ["mlflow==2.0", ""]
        assert predict(place) == ["3.0"]

    def test_what_the_lines_require_does_not_admit_is_refused(self, folder: Write) -> None:
        place = folder("mlflow==2.0")
        with pytest.raises(ConflictError, match=r"mlflow 2\.0 requires gears>=2"):
            modelenv.update_requirements(place, add=["gears<2"])
        assert lines(place) == ["mlflow==2.0", ""]

    def test_a_line_that_pins_nothing_is_left_so(
        self, folder: Write, edit: Callable[..., str]
    ) -> None:
        place = folder("mlflow", "gears")
        edit("add", place, "tabulate")
        assert lines(place) == ["mlflow", "gears", "tabulate==0.9", ""]
        edit("add", place, "gears<3")
        assert sorted(lines(place)) == ["", "gears==2.0", "mlflow", "tabulate==0.9"]
        edit("remove", place, "gears", "tabulate")
        assert lines(place) == ["mlflow", ""]

    def test_no_line_is_no_requirement(self, folder: Write) -> None:
        with pytest.raises(WrongUseError, match="a line of it may require it"):
            modelenv.update_requirements(folder("mlflow==2.0"), remove=["gears"])


class TestMend:
    """What is amiss is found among what follows, and the list gets the line that is needed."""

    @pytest.fixture
    def numpy(self, wheels: Links) -> None:
        """What was compiled for numpy 1 and admits numpy 2."""
        for version in ("1.99.0", "2.2.99"):
            wheels.add("numpy", version, __init__=NUMPY.format(version))
        wheels.add("table", "2.0.3", "numpy>=1.99,!=2.2.6,<2.3", lib=COMPILED)
        wheels.add("mlflow", "2.1", "table", "gears", pyfunc=f"import table.lib\n{LOADS}")

    def test_a_floating_numpy_is_held_back(self, folder: Write, numpy: None) -> None:
        place = folder("mlflow==2.1", "table==2.0.3")
        fixed = fix(place, write=True)
        assert fixed.good
        assert fixed.changes == ("added numpy==1.99.0",)
        assert fixed.pins == ("mlflow==2.1", "numpy==1.99.0", "table==2.0.3")
        assert sorted(filter(None, lines(place))) == list(fixed.pins)
        assert modelenv.verify(place).good

    def test_a_listed_numpy_is_replaced(self, folder: Write, numpy: None) -> None:
        place = folder("mlflow==2.1", "numpy==2.2.99")
        fixed = fix(place)
        assert fixed.good
        assert fixed.changes == ("numpy==2.2.99 -> numpy==1.99.0",)

    def test_a_numpy_that_no_line_pins_is_pinned(self, folder: Write, numpy: None) -> None:
        place = folder("mlflow", "numpy")
        fixed = fix(place, write=True)
        assert fixed.changes == ("numpy -> numpy==1.99.0",)
        assert sorted(filter(None, lines(place))) == ["mlflow", "numpy==1.99.0"]

    def test_each_line_says_what_it_mends(self, folder: Write, numpy: None, wheels: Links) -> None:
        loads = f"import table.lib, tabulate\n{LOADS}"
        wheels.add("mlflow", "2.2", "table", "gears", pyfunc=loads)
        place = folder("mlflow==2.2")
        assert fix(place, write=True).good
        text = (place / "requirements.txt").read_text()
        assert "numpy==1.99.0  # mended: a compiled module was built for another numpy" in text
        assert "tabulate==0.9  # mended: the module tabulate is missing" in text

    def test_what_is_in_order_is_left(self, folder: Write) -> None:
        place = folder("mlflow==2.0")
        fixed = fix(place, write=True)
        assert fixed.good
        assert (fixed.changes, fixed.written) == ((), False)
        assert lines(place) == ["mlflow==2.0", ""]

    def test_a_list_that_cannot_be_met_is_said_to_be_that(self, folder: Write) -> None:
        fixed = fix(folder("mlflow==2.0", "gears==1.0"))
        assert not fixed.good
        assert fixed.steps[0].verdict.stage == "build"


def test_nothing_is_minimized_that_no_trace_tells_of(folder: Write) -> None:
    with pytest.raises(WrongUseError, match=r"no trace says .* modelenv revive -m .* -o NEW"):
        minimize(folder("mlflow==2.0"))


class TestClosed:
    """A list that a lock closed is installed as it is."""

    LOCKED = ("# Original requirements", "# mlflow==2.0", "#", "# Locked requirements")

    def test_nothing_comes_with_it(self, folder: Write) -> None:
        place = folder(*self.LOCKED, "gears==1.0", "mlflow==2.0")
        assert predict(place) == ["1.0"]  # whatever mlflow requires

    def test_an_edit_keeps_it_closed(self, folder: Write, wheels: Links) -> None:
        wheels.add("paint", "1.0", "brush")
        wheels.add("brush", "1.0")
        place = folder(*self.LOCKED, "gears==2.0", "mlflow==2.0")
        edited = modelenv.update_requirements(place, add=["paint"])
        pins = {each.requirement for each in edited.requirements}
        assert pins == {"brush==1.0", "gears==2.0", "mlflow==2.0", "paint==1.0"}
        again = ModelFolder.open(place).pins
        assert again.closed
        assert {root.name for root in again.roots} == {"mlflow", "paint"}
