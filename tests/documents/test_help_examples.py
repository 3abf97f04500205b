"""The examples in the help run as they stand, one after another would in a folder of their own."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from modelenv.cli.commands import COMMANDS, help_text
from modelenv.cli.group import modelenv as group

TRAIN = """\
import argparse, pickle, sys
import pandas
from sklearn.linear_model import LogisticRegression
from churn.model import Model

def build():
    rows = pandas.DataFrame({"age": [20, 30, 40, 50], "visits": [9, 7, 3, 1]})
    return Model(LogisticRegression().fit(rows, [0, 0, 1, 1])), rows

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int)
    parser.parse_args()
    build()
"""
MODEL = """\
from pathlib import Path

class Model:
    def __init__(self, inner):
        self.inner = inner

    def predict(self, rows):
        Path(__file__).with_name("stopwords.txt").read_text()
        return self.inner.predict(rows)
"""
TRACEBACK = """\
Traceback (most recent call last):
  File "/srv/serve.py", line 3, in <module>
    import cv2
ModuleNotFoundError: No module named 'cv2'
"""
# What `capture` is given needs no code of its own.
SETUP = """\
import pickle, shutil, zipfile, modelenv, train
model, rows = train.build()
pickle.dump(model.inner, open("model.pkl", "wb"))
pickle.dump(rows, open("input.pkl", "wb"))
modelenv.save_model(model, "churn_model", input_example=rows)
modelenv.save_model(model, "churn_model_2", input_example=rows, prove=False)
for place in ("mlruns/1/models/m-1/artifacts", "models/churn"):
    shutil.copytree("churn_model", place)
with zipfile.ZipFile("all.zip", "w") as archive:
    archive.writestr("a.json", '{"id": "A", "affected": []}')
"""


def examples(text: str) -> Iterator[str]:
    """Yield the command lines of a help text, without what is said of them."""
    for line in text.splitlines():
        found = re.fullmatch(r"  +((?:.* \| )?modelenv ([a-z-]+).*)", line)
        if found is not None and found[2] in COMMANDS:
            yield re.split(r"\s{2,}", found[1])[0]


def helps() -> Iterator[tuple[str, str]]:
    """Yield each command's name with each example of its help, and of the command's own."""
    for name in COMMANDS:
        command = group.get_command(click.Context(group), name)
        assert command is not None
        text = command.get_help(click.Context(command, info_name=name))
        assert list(examples(text)), name
        yield from ((name, example) for example in examples(text))
    yield from (("modelenv", example) for example in examples(help_text()))


ALL = list(helps())


def test_every_example_is_taken_by_the_command() -> None:
    assert len(ALL) > 35
    for _, example in ALL:
        lexer = shlex.shlex(example, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        words = list(lexer)
        words = words[words.index("modelenv") + 1 :]
        words = words[: next((n for n, word in enumerate(words) if word[0] in "<>|;&"), len(words))]
        context, command = click.Context(group), group.get_command(click.Context(group), words[0])
        while isinstance(command, click.Group):
            words = words[1:]
            command = command.get_command(context, words[0])
        assert command is not None, example
        command.make_context(words[0], words[1:], parent=context)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all that the examples name."""
    for needed in ("pandas", "sklearn"):
        pytest.importorskip(needed)
    folder = tmp_path_factory.mktemp("help")
    files = {
        "train.py": TRAIN,
        "churn/__init__.py": "",
        "churn/model.py": MODEL,
        "churn/stopwords.txt": "the\n",
        "src/own.py": "",
        "package/__init__.py": "",
        "package/tool.py": "import json\n",
        "models.txt": "churn_model\nchurn_model_2\n",
        "new.csv": "age,visits\n25,8\n",
        "new.json": '{"instances": [[25, 8]]}',
        "traceback.txt": TRACEBACK,
        "mlruns/1/conda.yaml": "channels: [defaults]\ndependencies: [python=3.11]\n",
        "conda.yaml": "dependencies: [python=3.11, pip: [numpy==2.0.0]]\n",
        "bin/docker": f"#!/bin/sh\ncat <<'END'\n{TRACEBACK}END\n",
        "bin/modelenv": f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m modelenv "$@"\n',
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    for name in ("docker", "modelenv"):
        (folder / "bin" / name).chmod(0o755)
    (folder / "old-env").symlink_to(sys.prefix)
    subprocess.run([sys.executable, "-c", SETUP], cwd=folder, check=True)
    return folder


def codes(name: str, example: str) -> tuple[int, ...]:
    """Return the exit codes that an example may end with, whatever is installed."""
    if name == "diagnose":  # of something that is wrong, where an error is given
        return (0,) if example.endswith("-m churn_model") else (1,)
    if name in ("build-docker", "export"):  # as a builder is here, or the layout of a base
        return (0, 1, 2)
    if name == "audit" and "--advisories" not in example:  # as pip-audit and its service are there
        return (0, 1, 2, 3)
    if "libgomp" in example:  # which wheels may bring under a name of their own
        return (0, 2)
    return (0, 1) if name == "diff" else (0,)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the examples are for a POSIX shell")
@pytest.mark.parametrize(("name", "example"), ALL, ids=[example for _, example in ALL])
def test_an_example_runs(name: str, example: str, world: Path, tmp_path: Path) -> None:
    folder = tmp_path / "here"
    shutil.copytree(world, folder, symlinks=True)
    if name in ("save", "modelenv") and "-o churn_model" in example and "overwrite" not in example:
        shutil.rmtree(folder / "churn_model")
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    ended = subprocess.run(
        ["/bin/sh", "-c", example],
        cwd=folder,
        # A mirror with some releases of a name must not answer for it alone.
        env={**os.environ, "PATH": path, "MODELENV_INDEX_STRATEGY": "first-match"},
        capture_output=True,
        text=True,
        check=False,
    )
    said = textwrap.indent(f"{ended.stdout}\n{ended.stderr}", "  ")
    assert ended.returncode in codes(name, example), said
    assert "Traceback" not in ended.stderr, said
