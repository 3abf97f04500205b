"""Bytecode is of one minor version: who would run another Python's is told before it does."""

from __future__ import annotations

import bz2
import functools
import pickle
import platform
import re
import shutil
import subprocess
import sys
import types
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cloudpickle
import pytest

from modelenv import inspect_model, load_model, predict, save_model, update_requirements, verify
from modelenv.base.settings import Settings
from modelenv.environments.errors import PythonMissingError
from modelenv.environments.interpreter import Python
from modelenv.environments.pythons.discovery import find
from modelenv.folder.documents.code_by_value import CompiledCodeError, check_beside, check_code
from modelenv.folder.documents.trace_file import FILE as TRACE
from modelenv.folder.model_folder import ModelFolder
from modelenv.run.isolated import RunOptions, checked
from modelenv.worker.errors import RunFailedError

HERE = platform.python_version()
OTHER = "3.11.2" if sys.version_info[:2] == (3, 12) else "3.12.2"


def by_value() -> Any:
    """Return a model whose code no module has."""
    return lambda data: [2 * each for each in data]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("saved") / "model"
    save_model(by_value(), folder, input_example=[1, 2], prove=False)
    return folder


@pytest.fixture
def folder(saved: Path, tmp_path: Path) -> Path:
    """A folder whose pickle another Python wrote, as far as it says."""
    copy = tmp_path / "model"
    shutil.copytree(saved, copy)
    said = (copy / "MLmodel").read_text()
    assert "    code_by_value: true\n" in said
    assert f"    pickled_with: {HERE}\n" in said
    (copy / "MLmodel").write_text(said.replace(f"pickled_with: {HERE}", f"pickled_with: {OTHER}"))
    return copy


ACTS: dict[str, Callable[[Path], object]] = {
    "load": load_model,
    "verify": verify,
    "predict": lambda folder: predict(folder, [1]),
    "serve": lambda folder: checked(ModelFolder.to_run(folder), RunOptions()),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_code_of_another_python_is_refused_with_both_and_the_way_out(
    act: Callable[[Path], object], folder: Path
) -> None:
    with pytest.raises(CompiledCodeError) as caught:
        act(folder)
    said = str(caught.value)
    assert "model.pkl holds code by value" in said
    assert f"compiled by Python {OTHER}" in said
    assert f"and Python {HERE} is to run it" in said
    assert "it then travels as source" in said


def test_the_loader_that_travels_says_so_by_itself(folder: Path) -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(folder / 'code')!r});"
        f"import modelenv_pyfunc_loader as it; it.load_model({str(folder)!r})"
    )
    ended = subprocess.run(
        [sys.executable, "-I", "-c", code], check=False, capture_output=True, text=True
    )
    assert ended.returncode == 1
    last = ended.stderr.strip().splitlines()[-1]
    assert last.startswith("RuntimeError: a pickle of the model holds code by value, compiled by")
    assert OTHER in last


def test_its_own_python_loads_it(saved: Path) -> None:
    assert load_model(saved, suppress_warnings=True).predict([1]) == [2]


def test_an_edit_keeps_what_is_known_of_it(folder: Path) -> None:
    update_requirements(folder, add=["packaging"])
    with pytest.raises(CompiledCodeError):
        load_model(folder)


def test_a_folder_that_does_not_say_it_is_told_by_its_trace(folder: Path) -> None:
    said = (folder / "MLmodel").read_text()
    kept = [line for line in said.splitlines(True) if "pickled_with" not in line]
    (folder / "MLmodel").write_text("".join(kept))
    trace = (folder / TRACE).read_text()
    (folder / TRACE).write_text(trace.replace(f'"python": "{HERE}"', f'"python": "{OTHER}"', 1))
    with pytest.raises(CompiledCodeError):
        load_model(folder)


def test_without_code_by_value_another_python_is_no_obstacle(folder: Path) -> None:
    said = (folder / "MLmodel").read_text()
    (folder / "MLmodel").write_text(said.replace("    code_by_value: true\n", ""))
    (folder / "model.pkl").write_bytes(pickle.dumps(functools.partial(sorted)))
    loaded = load_model(folder, suppress_warnings=True, allow_changed=True)
    assert loaded.predict([2, 1]) == [1, 2]


# Saves


def test_an_account_and_an_inspection_say_which_python_runs_it(tmp_path: Path) -> None:
    account = save_model(by_value(), tmp_path / "model", input_example=[1], prove=False)
    said = f"it holds code by value (of a script, a notebook or a lambda), which only Python {HERE}"
    (note,) = (note for note in account.notes if "code by value" in note)
    assert note.startswith(said.rpartition(".")[0])
    inspected = inspect_model(tmp_path / "model")
    assert note in str(inspected)
    assert inspected.to_json()["code_by_value"] is True
    assert inspected.to_json()["pickled_with"] == HERE


def test_a_model_whose_code_has_a_module_has_no_such_note(tmp_path: Path) -> None:
    account = save_model(
        functools.partial(sorted), tmp_path / "model", input_example=[1], prove=False
    )
    assert "code by value" not in str(account)
    assert "code by value" not in str(inspect_model(tmp_path / "model"))


def test_a_save_for_another_python_that_proves_nothing_warns(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="holds code by value") as caught:
        account = save_model(
            by_value(),
            tmp_path / "model",
            input_example=[1],
            pip_requirements=[],
            python=OTHER.rpartition(".")[0],
            prove=False,
        )
    assert len(caught) == 1
    assert not any("no code by value" in note for note in account.notes)


def test_a_save_of_names_for_another_python_has_a_note(tmp_path: Path) -> None:
    account = save_model(
        functools.partial(sorted),
        tmp_path / "model",
        input_example=[1],
        pip_requirements=[],
        python=OTHER.rpartition(".")[0],
        prove=False,
    )
    assert any("it holds no code by value" in note for note in account.notes)


def other_python() -> Path:
    """Return an interpreter of another minor version."""
    here = Python.current()
    for number in range(15, 9, -1):
        if (3, number) != sys.version_info[:2]:
            try:
                return find(f"3.{number}", here, Settings.from_environment()).executable
            except PythonMissingError:
                continue
    pytest.skip("no other Python is here")


@pytest.mark.parametrize("named", ["version", "interpreter"])
def test_a_save_for_another_python_is_refused_before_it_runs(tmp_path: Path, named: str) -> None:
    other = other_python()
    version = subprocess.check_output([other, "-c", "import sys; print(sys.version_info[1])"])
    python = f"3.{version.decode().strip()}" if named == "version" else str(other)
    steps: list[str] = []
    with pytest.raises(CompiledCodeError, match="bytecode is of one minor version"):
        save_model(
            by_value(), tmp_path / "model", input_example=[1], python=python, report=steps.append
        )
    assert steps == ["writing the model"]
    assert not (tmp_path / "model").exists()


# Beside the model's own pickle


RULES: dict[str, tuple[str, object, bool]] = {
    "function": ("artifacts/rule/rule.bin", by_value(), True),
    "code": ("artifacts/rule/rule.bin", [compile("x * 2", "rule", "eval")], True),
    "data among code": ("code/own/rules.dat", by_value(), True),
    "what it finds where it works": ("working/rule.pkl", by_value(), True),
    "names": ("artifacts/rule/rule.bin", functools.partial(sorted), False),
}


@pytest.mark.parametrize("which", RULES)
def test_what_a_model_may_unpickle_by_itself_is_looked_into(tmp_path: Path, which: str) -> None:
    place, value, holds = RULES[which]
    (tmp_path / place).parent.mkdir(parents=True)
    (tmp_path / place).write_bytes(cloudpickle.dumps(value))
    check_beside(tmp_path, HERE, HERE)
    check_beside(tmp_path, "", OTHER)
    if not holds:
        check_beside(tmp_path, HERE, OTHER)
        return
    with pytest.raises(CompiledCodeError, match=re.escape(place)):
        check_beside(tmp_path, HERE, OTHER)


def test_a_script_with_code_in_an_artifact_is_of_its_python(tmp_path: Path) -> None:
    (tmp_path / "rule.bin").write_bytes(cloudpickle.dumps(lambda data: [2 * x for x in data]))
    script = tmp_path / "script.py"
    script.write_text(
        "import pickle\nfrom pathlib import Path\nclass Model:\n"
        "    def load_context(self, context):\n"
        "        self.rule = pickle.loads(Path(context.artifacts['rule']).read_bytes())\n"
        "    def predict(self, context, data):\n        return self.rule(data)\nmodel = Model()\n"
    )
    folder = tmp_path / "model"
    artifacts = {"rule": tmp_path / "rule.bin"}
    save_model(script, folder, input_example=[1], artifacts=artifacts, prove=False)
    said = (folder / "MLmodel").read_text()
    assert f"    pickled_with: {HERE}\n" in said
    assert "    code_by_value: true\n" in said
    with pytest.raises(CompiledCodeError, match=r"artifacts/rule/rule\.bin holds code by value"):
        ModelFolder.at(folder).check_code(OTHER)
    (folder / "MLmodel").write_text(said.replace(f"pickled_with: {HERE}", f"pickled_with: {OTHER}"))
    code = (
        f"import sys; sys.path.insert(0, {str(folder / 'code')!r});"
        f"import modelenv_pyfunc_loader as it; it.load_model({str(folder)!r})"
    )
    ended = subprocess.run(
        [sys.executable, "-I", "-c", code], check=False, capture_output=True, text=True
    )
    assert "RuntimeError: a pickle of the model holds code by value" in ended.stderr


def test_a_crash_under_another_python_is_said_to_be_perhaps_of_that(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("import os\nmodel = lambda data: [os._exit(139) if data == [2] else 1]\n")
    save_model(script, tmp_path / "model", input_example=[1], prove=False)
    for here, said in ((OTHER, True), (HERE, False)):
        trace = (tmp_path / "model" / TRACE).read_text()
        there = trace.replace(f'"python": "{HERE}"', f'"python": "{here}"', 1)
        (tmp_path / "model" / TRACE).write_text(there)
        with pytest.raises(RunFailedError) as caught:
            predict(tmp_path / "model", [2])
        words = f"it was recorded with Python {OTHER}, and this was {HERE}"
        assert (words in str(caught.value)) is said
        (tmp_path / "model" / TRACE).write_text(trace)


# What is code by value


def _zipped(file: Path, data: bytes) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("archive/data.pkl", data)


PLACES: dict[str, Callable[[Path, bytes], object]] = {
    "plain": lambda file, data: file.write_bytes(data),
    "compressed": lambda file, data: file.write_bytes(bz2.compress(data)),
    "as torch has it": _zipped,
    "in a pickle": lambda file, data: file.write_bytes(pickle.dumps({"inner": data})),
}
VALUES: dict[str, tuple[object, bool]] = {
    "function": (by_value(), True),
    "class": (type("Own", (), {"predict": by_value()}), True),
    "instance": (type("Own", (), {"predict": by_value()})(), True),
    "generator of a function": (functools.partial(by_value(), [1]), True),
    "code": (compile("x * 2", "rule", "eval"), True),
    "code in what is held": ({"rules": [compile("x = 2", "rule", "exec")]}, True),
    "code of a function": ((lambda data: data).__code__, True),
    "function by its name": (sorted, False),
    "the type of functions": (types.FunctionType, False),
    "a type of Python's own": (types.SimpleNamespace(a=1), False),
    "bound method": ([].append, False),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("value", VALUES)
def test_code_is_found_by_what_makes_it(tmp_path: Path, place: str, value: str) -> None:
    held, holds = VALUES[value]
    file = tmp_path / "model.pkl"
    PLACES[place](file, cloudpickle.dumps(held))
    check_code([file], HERE, HERE)
    check_code([file], "", OTHER)
    if not holds:
        check_code([file], HERE, OTHER)
        return
    with pytest.raises(CompiledCodeError):
        check_code([file], HERE, OTHER)
