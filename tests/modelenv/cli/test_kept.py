"""A model that took hours to train survives any later failure, and the save can be resumed."""

from __future__ import annotations

import json
import os
import pickle
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import modelenv

HOME = Path(modelenv.__file__).parent.parent

# What the model does, and what becomes of its pickle, is said by files, which a test changes.
TRAIN = """
import os, time
from pathlib import Path

class Model:
    def predict(self, data):
        exec(Path({place!r}, "predict.py").read_text())
        return [each + 1 for each in data]

    def __reduce__(self):
        exec(Path({place!r}, "pickle.py").read_text())
        return Model, ()

def build():
    with open({place!r} + "/calls", "a") as calls:
        calls.write("called ")
    exec(Path({place!r}, "build.py").read_text())
    return Model(), [1, 2]

def alone():
    build()
    return Model()

def swapped():
    return [1, 2], build()[0]

def no_model():
    return dict(model=build()[0]), [1, 2]

def three():
    return (*build(), 3)

def with_a_lock():
    import threading
    return Model(), [threading.Lock()]
"""
ONCE = """
import signal
if not Path({place!r}, "once").exists():
    Path({place!r}, "once").touch()
    os.kill(os.getpid(), signal.{signal})
    time.sleep(60)
"""

NO_ROOM = """
if not Path({place!r}, "once").exists():
    Path({place!r}, "once").touch()
    raise OSError(28, "No space left on device")
"""


class Project:
    """A folder with a training script, where the command is run."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.place = root / "told"
        self.place.mkdir(parents=True)
        (root / "train.py").write_text(TRAIN.format(place=str(self.place)))
        for name in ("predict", "pickle", "build"):
            self.tell(name, "")

    def tell(self, name: str, text: str) -> None:
        """Say what is done where the model predicts, is pickled or is built."""
        (self.place / f"{name}.py").write_text(text)

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start the command; what it predicts may read what is told."""
        program = [sys.executable, "-m", "modelenv", *words]
        if words[0] == "save" and "--model" not in words:
            program += ["--allow-path", str(self.place)]
        return subprocess.Popen(
            program,
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": str(HOME)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str) -> tuple[int, str]:
        """Run the command; return its code and what it says on standard error."""
        process = self.start(*words)
        _, said = process.communicate(timeout=300)
        return process.returncode, said

    def go_on(self, said: str) -> tuple[int, str]:
        """Run the command that was told, as whoever copies it from the terminal does."""
        (line,) = [
            each for each in said.splitlines() if each.startswith("  ") and " --model " in each
        ]
        words = shlex.split(line)
        assert words[:3] == [sys.executable, "-m", "modelenv"]
        return self.run(*words[3:])

    @property
    def names(self) -> set[str]:
        """What lies in the folder."""
        return {path.name for path in self.root.iterdir()} - {"__pycache__"}

    @property
    def calls(self) -> int:
        """How often the function was called."""
        return (self.place / "calls").read_text().count("called")


@pytest.fixture
def here(tmp_path: Path) -> Project:
    return Project(tmp_path / "project")


def wait_for(path: Path) -> None:
    limit = time.monotonic() + 120
    while not path.exists():
        assert time.monotonic() < limit, path
        time.sleep(0.05)


LATER = {
    "the model raises": ("predict", "raise ValueError('not so')", "not so"),
    "the model dies": ("predict", "os._exit(3)", "exit code 3"),
    "no proof": ("predict", "Path('train.py').read_text()", "is not reproduced"),
    "somebody makes the folder": ("build", "os.makedirs('new/file')", "exists"),
}


@pytest.mark.parametrize(
    "what", [pytest.param("the model raises", marks=pytest.mark.slow), *list(LATER)[1:]]
)
def test_what_fails_later_costs_no_training(what: str, here: Project) -> None:
    name, told, expected = LATER[what]
    here.tell(name, told)
    code, said = here.run("save", "train:build", "-o", "new", "--requirement", "packaging")
    assert code in (1, 2)
    assert expected in said
    assert "what train:build returned is kept in new.kept; to go on with it:" in said
    assert "--requirement packaging" in said
    here.tell(name, "")
    if what == "somebody makes the folder":
        subprocess.run(["rm", "-r", "new"], cwd=here.root, check=True)
    code, said = here.go_on(said)
    assert code == 0, said
    assert here.calls == 1
    assert modelenv.inspect_model(here.root / "new").environment is not None
    assert (here.root / "new" / "input_example.json").is_file()


def test_lines_that_cannot_be_met_cost_no_training(here: Project) -> None:
    (here.root / "lines.txt").write_text("--no-index\nnobody-has-this-one\n")
    words = ("save", "train:build", "--pip-requirements", "lines.txt", "-o", "new")
    code, said = here.run(*words)
    assert code in (1, 2), said
    assert "nobody-has-this-one" in said
    (here.root / "lines.txt").write_text("packaging\n")
    code, said = here.go_on(said)
    assert code == 0, said
    assert here.calls == 1


def test_a_model_that_is_saved_leaves_nothing_else(here: Project) -> None:
    assert here.run("save", "train:build", "-o", "new")[0] == 0
    assert here.names == {"train.py", "told", "new"}
    assert (here.root / "new" / "model.pkl").stat().st_nlink == 1


def test_what_was_kept_before_stays_until_the_target_is_saved(here: Project) -> None:
    (here.root / "new.kept").mkdir()  # the user's own
    (here.root / "new.kept" / "model.pkl").touch()
    here.tell("predict", "raise ValueError")
    for place in ("new.kept-2", "new.kept-3"):
        _, said = here.run("save", "train:build", "-o", "new")
        assert f"is kept in {place};" in said
        assert (here.root / place / "model.pkl").is_file()
    here.tell("predict", "")
    code, said = here.run("save", "train:build", "-o", "new")
    assert code == 0, said
    assert f"an earlier call returned is kept in {here.root / 'new.kept-3'}, until new is" in said
    assert here.names == {"train.py", "told", "new", "new.kept"}


# `python -m` ends by the signal itself, which a shell shows as 130 too, where it interrupted an
# `exec` of a text: a class that was being made, say.
ENDS = {"SIGINT": {130, -2}, "SIGTERM": {143}, "SIGKILL": {-9}}


@pytest.mark.parametrize(
    "name", [pytest.param("SIGINT", marks=pytest.mark.slow), "SIGTERM", "SIGKILL"]
)
def test_who_ends_it_while_it_predicts_has_the_model(name: str, here: Project) -> None:
    here.tell("predict", "Path('told', 'predicts').touch(); time.sleep(600)")
    process = here.start("save", "train:build", "-o", "new")
    wait_for(here.place / "predicts")
    process.send_signal(getattr(signal, name))
    _, said = process.communicate(timeout=60)
    assert process.returncode in ENDS[name], said
    here.tell("predict", "")
    if name == "SIGKILL":  # who was killed finds the words beside the model
        said = (here.root / "new.kept" / "how_to_go_on.txt").read_text()
    code, said = here.go_on(said)
    assert code == 0, said
    assert here.calls == 1
    assert here.names == {"train.py", "told", "new"}


@pytest.mark.parametrize("name", ["SIGINT", pytest.param("SIGTERM", marks=pytest.mark.slow)])
def test_who_ends_it_while_it_is_kept_has_it_all_the_same(name: str, here: Project) -> None:
    here.tell("pickle", ONCE.format(place=str(here.place), signal=name))
    ended, said = here.run("save", "train:build", "-o", "new")
    assert ended in ENDS[name], said
    assert (here.place / "once").exists()
    ended, said = here.go_on(said)
    assert ended == 0, said
    assert here.calls == 1


def test_what_is_no_pair_is_kept(here: Project) -> None:
    code, said = here.run("save", "train:alone", "-o", "new")
    assert code == 2
    assert "as a pair, not a Model" in said
    assert "--input FILE gives it a pickled example" in said
    (here.root / "FILE").write_bytes(pickle.dumps([5]))
    code, said = here.go_on(said.replace(" save --model ", " save --input FILE --model "))
    assert code == 0, said
    assert json.loads((here.root / "new" / "prediction.json").read_text()) == [6]
    assert here.calls == 1


def test_three_of_a_kind_are_kept_too(here: Project) -> None:
    code, said = here.run("save", "train:three", "-o", "new")
    assert (code, "not a tuple" in said) == (2, True)
    assert (here.root / "new.kept" / "model.pkl").is_file()


def test_a_pair_the_other_way_round_is_told_and_kept_the_right_way(here: Project) -> None:
    code, said = here.run("save", "train:swapped", "-o", "new")
    assert code == 2
    assert "its list before its Model: the model comes first" in said
    code, said = here.go_on(said)
    assert code == 0, said
    assert here.names == {"told", "train.py", "new"}


def test_what_is_no_model_is_told_before_it_runs(here: Project) -> None:
    code, said = here.run("save", "train:no_model", "-o", "new")
    assert (code, "this is a builtins.dict" in said) == (2, True)
    assert "fresh interpreter" not in said


def test_an_example_that_cannot_be_pickled_does_not_cost_the_model(here: Project) -> None:
    code, said = here.run("save", "train:with_a_lock", "-o", "new")
    assert code == 1
    assert "pickling the input example failed" in said
    assert "is kept in new.kept" in said
    assert not (here.root / "new.kept" / "input.pkl").exists()


def test_a_function_that_goes_elsewhere_takes_nothing_along(here: Project) -> None:
    """The folder and the words are those of where the command was given."""
    here.tell("build", "os.chdir('/')")
    here.tell("predict", "raise ValueError('not so')")
    code, said = here.run("save", "train:build", "-o", "new")
    assert (code, "is kept in new.kept;" in said) == (1, True)
    here.tell("predict", "")
    code, said = here.go_on(said)
    assert code == 0, said
    assert (here.root / "new" / "MLmodel").is_file()


def test_what_cannot_be_pickled_leaves_no_folder(here: Project) -> None:
    here.tell("pickle", "raise ValueError('not this one')")
    code, said = here.run("save", "train:build", "-o", "new")
    assert (code, "not this one" in said) == (1, True)
    assert not (here.root / "new.kept").exists()


def test_no_folder_is_left_that_nothing_is_in(here: Project) -> None:
    here.tell("pickle", "raise ValueError")
    assert here.run("save", "train:build", "-o", "out/new")[0] == 1
    assert not (here.root / "out").exists()


ELSEWHERE = {
    "no room": ("new", NO_ROOM),
    "too long a name": ("n" * 253, ""),
}


@pytest.mark.parametrize("why", ELSEWHERE)
def test_where_nothing_can_be_written_there_it_is_kept_elsewhere(
    why: str, here: Project, temporary: Path
) -> None:
    name, told = ELSEWHERE[why]
    here.tell("pickle", told.format(place=str(here.place)))
    here.tell("predict", "raise ValueError('not so')")
    code, said = here.run("save", "train:build", "-o", name)
    assert code == 1, said
    (folder,) = temporary.iterdir()
    assert f"is kept in {folder};" in said
    here.tell("predict", "")
    code, said = here.go_on(said)
    assert code == 0, said
    shutil.rmtree(folder)


def test_a_script_and_a_pickle_are_saved_without_a_function(here: Project) -> None:
    (here.root / "script.py").write_text("from train import Model\nmodel = Model()\n")
    (here.root / "input.pkl").write_bytes(pickle.dumps([7]))
    (here.root / "more.pkl").write_bytes(pickle.dumps([8]))
    words = ("--input", "input.pkl", "--allow-path", str(here.place))
    code, said = here.run("save", "script.py", "-o", "new", *words, "--further-example", "more.pkl")
    assert code == 0, said
    assert json.loads((here.root / "new" / "prediction.json").read_text()) == [[8], [9]]


def test_in_python_a_pickle_is_a_model_too(here: Project, target: Path) -> None:
    pickled = here.root / "own.pkl"
    pickled.write_bytes(pickle.dumps(len))
    modelenv.save_model(pickled, target, input_example=[1, 2])
    assert modelenv.predict(target) == 2
    assert (target / "model.pkl").read_bytes() == pickled.read_bytes()
    modelenv.save_model(pickled, target, input_example=[1], trace_in_process=True, overwrite=True)
    assert modelenv.predict(target) == 1
