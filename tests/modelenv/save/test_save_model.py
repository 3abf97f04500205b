"""From a model in this process to a folder that is proven; or an error, and nothing."""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import modelenv
from envfiles.errors import StoreError, TargetExists, TargetUnwritable
from modelenv.folder.documents.trace_file import TraceFile
from modelenv.folder.errors import NotAModelError, NotPicklableError
from modelenv.worker.errors import NotProvenError, RunFailedError

PLAIN = "return [each + 1 for each in data]"
PACKAGING = "from packaging.version import Version; return [str(Version(each)) for each in data]"


def installed(name: str) -> str:
    return f"{name}=={importlib.metadata.version(name)}"


def requirement_lines(folder: Path) -> list[str]:
    lines = (folder / "requirements.txt").read_text().splitlines()
    return [line.partition("  #")[0].strip() for line in lines if not line.startswith("#")]


def declared_closure(name: str) -> set[str]:
    """Follow what a distribution requires here, by importlib.metadata alone."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        each = canonicalize_name(waiting.pop())
        if each in found:
            continue
        found.add(each)
        for line in importlib.metadata.requires(each) or ():
            need = Requirement(line)
            if need.marker is None or need.marker.evaluate({"extra": ""}):
                waiting.append(need.name)
    return found


# A scikit-learn pipeline.


def test_the_folder_holds_all_that_it_should(wine: Any) -> None:
    files = {str(f.relative_to(wine.folder)) for f in wine.folder.rglob("*") if f.is_file()}
    assert files == {
        "MLmodel",
        "code/modelenv_pyfunc_loader.py",
        "conda.yaml",
        "input_example.json",
        "model.pkl",
        "prediction.json",
        "python_env.yaml",
        "requirements.txt",
        "trace.json",
    }


def test_the_pins_are_scikit_learn_and_its_declared_closure(wine: Any) -> None:
    wanted = sorted(installed(name) for name in declared_closure("scikit-learn"))
    assert requirement_lines(wine.folder) == wanted
    assert list(wine.account.pins) == wanted


def test_what_was_only_probed_for_is_left_out_and_named(wine: Any) -> None:
    left_out = {item.name: item for item in wine.account.left_out}
    assert "pandas" in left_out
    assert left_out["pandas"].asked_by.startswith("sklearn/")
    assert not {canonicalize_name(name) for name in left_out} & declared_closure("scikit-learn")


@pytest.mark.slow
def test_a_frame_as_the_example_needs_no_second_proof(tmp_path: Path) -> None:
    """Scikit-learn had imported pandas before the example was read."""
    from sklearn.datasets import load_wine
    from sklearn.linear_model import LinearRegression

    frame, target = load_wine(return_X_y=True, as_frame=True)
    model = LinearRegression().fit(frame, target)
    account = modelenv.save_model(model, tmp_path / "m", input_example=frame[:3], timeout=120)
    assert account.reasons["pandas"].startswith("imported by the input example")
    why = modelenv.why(tmp_path / "m", "pandas")
    assert "its input example holds values of pandas" in str(why)


def test_the_account_tells_it_shortly(wine: Any) -> None:
    text = str(wine.account)
    seal = wine.account.verdict.seal
    head = f"{wine.folder}: proven in a replica, {seal}: the prediction equals the recorded one"
    assert text.splitlines()[0] == head
    assert "left out: " in text
    assert set(wine.account.sizes) == {"model", "folder", "environment"}
    assert {"pickle", "trace", "attribute", "resolve", "prove"} <= set(wine.account.seconds)
    data = json.loads(json.dumps(wine.account.to_json()))
    assert data["proof"]["status"] == "reproduces"


def test_the_three_environment_files_say_the_same(wine: Any) -> None:
    version = ".".join(map(str, sys.version_info[:3]))
    conda = yaml.safe_load((wine.folder / "conda.yaml").read_text())
    python_env = yaml.safe_load((wine.folder / "python_env.yaml").read_text())
    assert conda["dependencies"][0] == f"python={version}"
    assert conda["dependencies"][-1]["pip"] == requirement_lines(wine.folder)
    assert python_env["python"] == version
    assert python_env["dependencies"] == ["-r requirements.txt"]


def test_the_trace_is_json_and_names_no_folder_of_this_environment(wine: Any) -> None:
    text = (wine.folder / "trace.json").read_text()
    assert json.loads(text)["schema"] == 2
    imports = TraceFile.read(wine.folder).imports
    names = {record["name"] for record in imports if record["loaded"]}
    assert {"sklearn.pipeline", "numpy"} <= names
    assert not [name for name in names if name.startswith("_modelenv")]
    sklearn = next(record for record in imports if record["name"] == "sklearn")
    assert sklearn["file"] == "sklearn/__init__.py"


def test_the_folder_works_wherever_it_stands(wine: Any, tmp_path: Path) -> None:
    moved = tmp_path / "a folder" / "möved"
    shutil.copytree(wine.folder, moved)
    verdict = modelenv.verify(moved)
    assert (verdict.status, verdict.where) == ("reproduces", "a replica")


LOAD = """
import json, sys
sys.path.insert(0, sys.argv[1] + "/code")
from modelenv_pyfunc_loader import load_model
import numpy
model = load_model(sys.argv[1])
example = numpy.array(json.load(open(sys.argv[1] + "/input_example.json")))
print(json.dumps([model.predict(example).tolist(), "modelenv" in sys.modules]))
"""


def test_the_loader_alone_loads_the_model(wine: Any, tmp_path: Path) -> None:
    command = [sys.executable, "-I", "-W", "error", "-c", LOAD, str(wine.folder)]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert json.loads(ended.stdout) == [wine.prediction.tolist(), False]


def test_it_predicts_on_other_data(wine: Any) -> None:
    again = modelenv.predict(wine.folder, wine.example[::-1])
    np.testing.assert_array_equal(again, wine.prediction[::-1])


# What a model may be, and what its code needs.


def test_a_model_of_plain_code_needs_nothing(project, target: Path) -> None:
    account = modelenv.save_model(project.model(PLAIN), target, input_example=[1, 2])
    assert (account.pins, account.first_party) == ((), ("own_model",))
    assert requirement_lines(target) == []
    assert modelenv.predict(target) == [2, 3]
    assert modelenv.predict(target, [5]) == [6]


def test_a_function_is_a_model_too(project, target: Path) -> None:
    predict = project.get("own_model", "def predict(data):\n    return sum(data)\n")
    modelenv.save_model(predict, target, input_example=[1, 2])
    assert modelenv.predict(target, [4, 5]) == 9


def test_a_class_of_a_script_travels_in_the_pickle(tmp_path: Path, target: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text(
        "import json, sys, modelenv\n"
        "class Answer:\n"
        "    def __init__(self, value): self.value = value\n"
        "class Model:\n"
        "    def predict(self, data): return Answer(data)\n"
        "account = modelenv.save_model(Model(), sys.argv[1], input_example=[1])\n"
        "print(json.dumps(account.to_json()))\n"
    )
    home = str(Path(modelenv.__file__).parent.parent)
    command = [sys.executable, str(script), str(target)]
    environment = {**os.environ, "PYTHONPATH": home}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    account = json.loads(ended.stdout)
    assert [pin["requirement"] for pin in account["pins"]] == [installed("cloudpickle")]
    assert (account["proof"]["status"], account["deterministic"]) == ("reproduces", True)


def test_what_is_imported_in_the_prediction_alone_is_pinned(project, target: Path) -> None:
    account = modelenv.save_model(project.model(PACKAGING), target, input_example=["1.0"])
    assert account.pins == (installed("packaging"),)


def test_own_packages_travel_whole_and_work_without_their_home(
    project, target: Path, tmp_path: Path
) -> None:
    project.write("words/__init__.py", "")
    project.write(
        "words/lookup.py", "from .tables import TABLE\ndef find(key): return TABLE[key]\n"
    )
    project.write("words/tables.py", "TABLE = {'a': 'first'}\n")
    project.write("words/data/more.txt", "more")
    model = project.model("from words.lookup import find; return [find(each) for each in data]")
    account = modelenv.save_model(model, target, input_example=["a"])
    assert account.first_party == ("own_model", "words")
    shutil.move(project.root, tmp_path / "gone")
    assert (target / "code" / "words" / "data" / "more.txt").read_text() == "more"
    assert modelenv.predict(target) == ["first"]


def test_an_example_that_is_no_plain_value_is_pickled(project, target: Path) -> None:
    model = project.model("return sorted(map(str, data))")
    modelenv.save_model(model, target, input_example=[Path("b"), Path("a")])
    assert (target / "input_example.pkl").exists()
    assert modelenv.predict(target) == ["a", "b"]


# What goes wrong.


class Lock:
    def __reduce__(self) -> str:
        raise TypeError("cannot travel")

    def predict(self, data: object) -> object:
        return data


def test_what_is_no_model_or_cannot_be_pickled_is_refused(project, target: Path) -> None:
    with pytest.raises(NotAModelError):
        modelenv.save_model(3, target, input_example=[1])
    with pytest.raises(NotPicklableError) as caught:
        modelenv.save_model(Lock(), target, input_example=[1])
    assert (caught.value.what, str(caught.value.cause)) == ("model", "cannot travel")
    with pytest.raises(NotPicklableError) as caught:
        modelenv.save_model(project.model(PLAIN), target, input_example=Lock())
    assert (caught.value.what, str(caught.value.cause)) == ("input example", "cannot travel")
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("body", "stage", "reason"),
    [
        ("raise ValueError('not so')", "predict", "ValueError: not so"),
        ("return data.shape", "predict", "'list' object has no attribute 'shape'"),
        ("raise SystemExit(2)", "predict", "SystemExit: 2"),
        ("import os; os._exit(3)", "predict", "exit code 3"),
        ("import os; print('x' * 10**6); os.kill(os.getpid(), 9)", "predict", "SIGKILL"),
        ("return (each for each in data)", "output", "builtins.generator"),
        (
            "self.n = getattr(self, 'n', 0) + 1; return 1 // (2 - self.n)",
            "predict again",
            "ZeroDivisionError",
        ),
        ("import module_that_is_nowhere", "predict", "module_that_is_nowhere"),
    ],
)
def test_a_model_that_does_not_come_through_is_told_with_its_stage(
    body: str, stage: str, reason: str, project, target: Path
) -> None:
    with pytest.raises(RunFailedError) as caught:
        modelenv.save_model(project.model(body), target, input_example=[1])
    assert caught.value.stage == stage
    assert reason in caught.value.reason
    assert caught.value.saving
    assert list(target.parent.iterdir()) == []


def test_a_model_that_hangs_is_told_with_its_limit(project, target: Path) -> None:
    model = project.model("import time; time.sleep(600)")
    with pytest.raises(RunFailedError, match=r"did not end within 1\.5 s"):
        modelenv.save_model(model, target, input_example=[1], timeout=1.5)
    assert list(target.parent.iterdir()) == []


def test_a_model_that_cannot_be_loaded_again_is_told(project, target: Path) -> None:
    project.write("half.py", "def make(): raise RuntimeError('not here')\n")
    source = "import half\nclass Model:\n    def predict(self, data): return 1\n"
    source += "    def __reduce__(self): return (half.make, ())\n"
    model = project.get("own_model", source, "Model")()
    with pytest.raises(RunFailedError) as caught:
        modelenv.save_model(model, target, input_example=[1])
    assert (caught.value.stage, caught.value.reason) == ("load", "RuntimeError: not here")


def test_a_model_that_changes_directory_or_prints_does_no_harm(project, target: Path) -> None:
    body = "import os; os.chdir('/'); print('x' * 3_000_000); return data"
    account = modelenv.save_model(project.model(body), target, input_example=[1])
    assert account.verdict is not None
    assert account.verdict.status == "reproduces"
    assert Path.cwd() != Path("/")


def test_a_model_that_is_not_deterministic_runs_and_that_is_all_that_is_said(
    project, target: Path
) -> None:
    model = project.model("import random; return random.random()")
    account = modelenv.save_model(model, target, input_example=[1])
    assert account.verdict is not None
    assert (account.deterministic, account.verdict.status) == (False, "runs")
    assert modelenv.verify(target).status == "runs"


def test_a_model_that_knows_where_it_is_differs(project, target: Path) -> None:
    model = project.model("import sys; return sys.prefix")
    with pytest.raises(NotProvenError) as caught:
        modelenv.save_model(model, target, input_example=[1])
    assert caught.value.verdict.status == "differs"
    assert list(target.parent.iterdir()) == []


def test_what_stands_there_is_kept_unless_told_otherwise(project, target: Path) -> None:
    first = modelenv.save_model(project.model(PLAIN), target, input_example=[1])
    before = (target / "MLmodel").read_bytes()
    other = project.model("return 'other'", module="other_model")
    with pytest.raises(TargetExists, match="overwrite=True"):
        modelenv.save_model(other, target, input_example=[1])
    assert (target / "MLmodel").read_bytes() == before
    failing = project.model("raise ValueError", module="failing_model")
    with pytest.raises(RunFailedError):
        modelenv.save_model(failing, target, input_example=[1], overwrite=True)
    assert (target / "MLmodel").read_bytes() == before
    second = modelenv.save_model(other, target, input_example=[1], overwrite=True)
    assert (first.path, second.path) == (target, target)
    assert modelenv.predict(target) == "other"
    assert list(target.parent.iterdir()) == [target]


def test_a_file_at_the_target_is_never_replaced(project, target: Path) -> None:
    target.write_text("precious")
    for overwrite in (False, True):
        with pytest.raises(StoreError):
            modelenv.save_model(
                project.model(PLAIN), target, input_example=[1], overwrite=overwrite
            )
    assert target.read_text() == "precious"
    assert list(target.parent.iterdir()) == [target]


def test_a_target_that_cannot_be_written_is_told(project, target: Path) -> None:
    target.write_text("a file, not a folder")
    with pytest.raises((TargetUnwritable, StoreError)) as caught:
        modelenv.save_model(project.model(PLAIN), target / "model", input_example=[1])
    assert str(target) in str(caught.value)
