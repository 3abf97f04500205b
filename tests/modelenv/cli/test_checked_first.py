"""Arguments are checked before the function that takes hours is called."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import modelenv
from modelenv.cli import main

HOME = Path(modelenv.__file__).parent.parent

TRAIN = """
from pathlib import Path

class Model:
    def predict(self, data):
        return [each + 1 for each in data]

def build():
    Path("called").touch()
    return Model(), [1, 2]

def fit(data, depth, *, seed=0, **others):
    return build()

number = 1
"""


class Case(NamedTuple):
    """Words after ``save``, and what the message has to say."""

    words: str
    said: str
    code: int = 2


THERE = "save train:build -o there"
NEW = "save train:build -o new"
CASES = {
    "a folder that is there": Case(THERE, "exists already"),
    "a folder that is no model's": Case(f"{THERE} --overwrite", "neither MLmodel"),
    "a file in its place": Case("save train:build -o a_file --overwrite", "is a file"),
    "a parent that is a file": Case("save train:build -o a_file/new", "a_file"),
    "the working folder": Case("save train:build -o . --overwrite", "working directory"),
    "no line": Case(f"{NEW} --requirement ?", "?"),
    "a file of lines that is not there": Case(f"{NEW} --requirement -r.absent.txt", "absent.txt"),
    "a list that is not there": Case(f"{NEW} --pip-requirements absent.txt", "absent.txt"),
    "two ways to say it": Case(
        f"{NEW} --requirement yaml --pip-requirements lines.txt", "at most one"
    ),
    "a hash that is none": Case(f"{NEW} --pip-requirements hashed.txt", "hashed.txt"),
    "a contradiction": Case(
        f"{NEW} --requirement packaging<2 --requirement packaging>3", "packaging"
    ),
    "a contradiction for another Python": Case(
        f"{NEW} --pip-requirements later.txt --python 3.12", "packaging"
    ),
    "a constraint with an extra tool": Case(f"{NEW} -c ==", "=="),
    "a name that is none": Case(f"{NEW} --exclude ?", "?"),
    "a conda file that is not there": Case(f"{NEW} --conda-env absent.yaml", "absent.yaml"),
    "a conda file that is none": Case(f"{NEW} --conda-env lines.txt", "lines.txt"),
    "two Pythons": Case(f"{NEW} --conda-env conda.yaml --python 3.12", "conda_env"),
    "a Python that is not there": Case(f"{NEW} --python 3.99", "3.99"),
    "an interpreter that is not there": Case(f"{NEW} --python absent/python", "no interpreter"),
    "an interpreter that is none": Case(f"{NEW} --python a_file", "no interpreter"),
    "an artifact that is not there": Case(f"{NEW} --artifact words=absent", "absent"),
    "an artifact without a name": Case(f"{NEW} --artifact a_file", "NAME=PATH"),
    "an artifact given twice": Case(f"{NEW} --artifact a=a_file --artifact a=a_file", "twice"),
    "code that is not there": Case(f"{NEW} --code-path absent", "absent"),
    "code and none": Case(f"{NEW} --code-path a_file --no-code", "contradict"),
    "metadata that is not there": Case(f"{NEW} --metadata absent.yaml", "absent.yaml"),
    "metadata that is no mapping": Case(f"{NEW} --metadata lines.txt", "metadata"),
    "metadata that is no YAML": Case(f"{NEW} --metadata broken.yaml", "broken.yaml"),
    "no time at all": Case(f"{NEW} --timeout 0", "timeout"),
    "a path that is not there": Case(f"{NEW} --allow-path absent", "absent"),
    "a word that is none": Case(f"{NEW} --optional drop", "drop"),
    "an example that is not there": Case(f"{NEW} --further-example absent.pkl", "absent.pkl"),
    "an example that is none": Case(f"{NEW} --further-example a_file", "is no pickle"),
    "another Python in this process": Case(
        f"{NEW} --trace-in-process --python other/bin/python", "trace_in_process"
    ),
    "no module": Case("save absent:build -o new", "no module"),
    "no function": Case("save train:absent -o new", "no function"),
    "a function that is none": Case("save train:number -o new", "no function"),
    "a function with letters in another order": Case(
        "save train:biuld -o new", "'biuld'. Did you mean build?"
    ),
    "a function that needs arguments": Case(
        "save train:fit -o new", "needs arguments (data, depth)"
    ),
    "a module that raises": Case("save raises:build -o new", "not today", 1),
    "two models": Case(f"{NEW} --model a_file", "one of them"),
    "no model": Case("save -o new", "one of them"),
    "an input of a function": Case(f"{NEW} --input a_file", "--input goes with --model"),
    "a model that is not there": Case("save --model absent.pkl -o new", "absent.pkl"),
    "a model that is none": Case("save --model a_file -o new", "neither a script"),
}


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A project with a function that leaves a mark, and files that are not what they should be."""
    here = tmp_path / "project"
    texts = {
        "train.py": TRAIN,
        "raises.py": "raise ValueError('not today')\n",
        "a_file": "no pickle",
        "there/anything": "",
        "lines.txt": "packaging\n",
        "hashed.txt": "packaging==25.0 --hash=sha256:short\n",
        "later.txt": "packaging<2; python_version>='3.12'\npackaging>3; python_version>='3.12'\n",
        "conda.yaml": "dependencies:\n- python=3.11\n- pip:\n  - packaging\n",
        "broken.yaml": "a: [1\n",
    }
    for name, text in texts.items():
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).write_text(text)
    return here


def command(here: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder."""
    program = [sys.executable, "-m", "modelenv", *words]
    given = {**os.environ, "PYTHONPATH": str(HOME), **variables}
    return subprocess.run(program, cwd=here, env=given, capture_output=True, text=True, check=False)


def everything(folder: Path) -> list[str]:
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if "__pycache__" not in path.parts
    )


@pytest.mark.usefixtures("own_path")
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_nothing_is_called_that_cannot_be_saved(
    case: Case, here: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    if "other/bin" in case.words:
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", here / "other"], check=True)
    monkeypatch.chdir(here)
    before = everything(here)
    with pytest.raises(SystemExit) as ended:
        main(case.words.split())
    out, said = capfd.readouterr()
    assert (ended.value.code, out) == (case.code, ""), said
    assert case.said in said
    assert "Traceback" not in said
    assert everything(here) == before


@pytest.mark.parametrize("name", ["a contradiction", "a module that raises"])
def test_nor_by_a_process(name: str, here: Path) -> None:
    case, before = CASES[name], everything(here)
    ended = command(here, *case.words.split())
    assert (ended.returncode, ended.stdout) == (case.code, ""), ended.stderr
    assert case.said in ended.stderr
    assert "Traceback" not in ended.stderr
    assert everything(here) == before


@pytest.mark.skipif(sys.platform != "linux", reason="Linux has all seals")
def test_nor_where_the_seal_is_not_to_be_had(here: Path) -> None:
    """An interpreter without `ctypes`, as some distributions have it, can ask for no seal."""
    (here / "path").mkdir()
    (here / "path" / "ctypes.py").write_text("raise ImportError('no ctypes', name='ctypes')\n")
    path = os.pathsep.join((str(here / "path"), str(HOME)))
    for seal in ("namespaces", "landlock"):
        words = ("save", "train:build", "-o", "new", "--seal", seal)
        ended = command(here, *words, PYTHONPATH=path)
        assert ended.returncode == 2, ended.stderr
        assert "ctypes" in ended.stderr
        assert not (here / "called").exists()


def test_in_python_it_is_the_same(target: Path) -> None:
    """The model is not even pickled."""

    class Unwilling:
        def predict(self, data: object) -> object:
            return data

        def __reduce__(self) -> Any:
            pytest.fail("it was pickled")

    for wrong in (
        {"extra_pip_requirements": ["?"]},
        {"extra_pip_requirements": ["packaging<2", "packaging>3"]},
        {"python": "3.99"},
        {"artifacts": {"a": target / "absent"}},
        {"code_paths": [target / "absent"]},
        {"metadata": {"a": object()}},
        {"conda_env": target / "absent.yaml"},
        {"timeout": -1.0},
        {"allow_paths": [target / "absent"]},
    ):
        with pytest.raises(Exception, match=r".") as error:
            modelenv.save_model(Unwilling(), target, input_example=1, **wrong)
        assert "Failed" not in type(error.value).__name__
    assert not list(target.parent.iterdir())
