"""The output of an isolated worker runs no code in the caller's process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

MODULE = """
import os
from contextlib import suppress


def touch(path):
    with suppress(OSError), open(path, "a") as file:
        file.write("%d\\n" % os.getpid())
    return Sneaky(path)


class Sneaky:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return touch, (self.path,)


class Model:
    def __init__(self, path):
        self.path = path

    def predict(self, data):
        return Sneaky(self.path) if data == ["alone"] else {"within": [1, Sneaky(self.path)]}
"""

CALLER = """
import contextlib, io, json, os, sys
sys.path.insert(0, sys.argv[1])
folder, mark = sys.argv[2:4]

names = []
sys.addaudithook(lambda event, args: names.append(args) if event == "pickle.find_class" else None)

import modelenv
from modelenv.cli import main as command
from own_model import Model

def tried(call):
    try:
        return str(call())
    except Exception as error:
        return "%s: %s" % (type(error).__name__, error)

def commanded(*words):
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            command(list(words))
        except SystemExit as end:
            return "%s %s" % (end.code, said.getvalue())
    return "0 " + said.getvalue()

example = json.loads(sys.argv[4])
said = {
    "save": tried(lambda: modelenv.save_model(Model(mark), folder, input_example=example)),
    "verify": tried(lambda: modelenv.verify(folder)),
    "predict": tried(lambda: modelenv.predict(folder)),
    "predict on it": tried(lambda: modelenv.predict(folder, example, env_manager="local")),
    "fix": tried(lambda: modelenv.fix(folder)),
    "drift": tried(lambda: modelenv.compare_environment(folder)),
    "command predict": commanded("predict", "-m", folder),
    "command predict csv": commanded("predict", "-m", folder, "-o", folder + ".csv"),
    "command verify": commanded("verify", "-m", folder, "--deep"),
}
who = [int(pid) for pid in open(mark)] if os.path.exists(mark) else []
said["in the caller"] = os.getpid() in who
said["named"] = sorted({"%s.%s" % name for name in names})
said["predict, unpickled"] = tried(lambda: modelenv.predict(folder, unpickle=True))
said["in the caller then"] = os.getpid() in [int(pid) for pid in open(mark)]
print(json.dumps(said))
"""


@pytest.mark.parametrize(
    "example",
    [
        pytest.param(["alone"], id="itself", marks=pytest.mark.slow),
        pytest.param(["other"], id="within others"),
    ],
)
def test_a_prediction_whose_pickle_does_something_does_nothing_here(
    example: list[str], tmp_path: Path, target: Path
) -> None:
    (tmp_path / "own_model.py").write_text(MODULE)
    arguments = [str(tmp_path), str(target), str(tmp_path / "mark"), json.dumps(example)]
    ended = subprocess.run(
        [sys.executable, "-c", CALLER, *arguments],
        check=True, capture_output=True, text=True, cwd=tmp_path,
    )  # fmt: skip
    said: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    assert not said["in the caller"], said
    assert said["named"] == []
    assert "reproduces" in said["verify"]
    assert "own process says so" in said["verify"]
    for way in ("predict", "predict on it"):
        assert said[way].startswith("UntypedPredictionError: the prediction is of the class ")
        assert "unpickle=True" in said[way]
        assert "own_model.Sneaky" in said[way]
    assert said["command predict"].startswith("2 ")
    assert said["command predict csv"].startswith("2 ")
    assert "own_model.Sneaky" in said["command predict"]
    assert said["command verify"].startswith(("0 ", "1 "))  # where there is no pip to ask
    # That it could have: who says so gets it.
    assert said["in the caller then"]
    assert "Error" not in said["predict, unpickled"]


RESIDENT = """
import os, sys
sys.path.insert(0, sys.argv[1])
import modelenv
first = modelenv.load_model(sys.argv[2], suppress_warnings=True)
for unpickle in (False, True):
    second = modelenv.load_model(sys.argv[3], suppress_warnings=True, unpickle=unpickle)
    print(type(second).__name__)
    try:
        second.predict(["alone"])
    except modelenv.ModelenvError as error:
        print(type(error).__name__)
    who = [int(pid) for pid in open(sys.argv[4])] if os.path.exists(sys.argv[4]) else []
    print(os.getpid() in who)
"""
SAVE = """
import sys
sys.path.insert(0, sys.argv[1])
import modelenv
from own_model import Model
modelenv.save_model(Model(sys.argv[3]), sys.argv[2], prove=False)
"""


def test_nor_does_that_of_a_model_in_a_process_of_its_own(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    folders = []
    for name in ("one", "other"):
        project, folder = tmp_path / name, tmp_path / f"{name}_model"
        project.mkdir()
        (project / "own_model.py").write_text(f"{MODULE}\nNAME = {name!r}\n")
        command = [sys.executable, "-c", SAVE, str(project), str(folder), str(mark)]
        subprocess.run(command, check=True, capture_output=True)
        folders.append(str(folder))
    command = [sys.executable, "-c", RESIDENT, str(tmp_path), *folders, str(mark)]
    ended = subprocess.run(command, check=True, capture_output=True, text=True)
    assert ended.stdout.split() == [
        *("ResidentModel", "UntypedPredictionError", "False"),
        *("ResidentModel", "True"),
    ]
