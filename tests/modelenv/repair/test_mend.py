"""The trials of `fix` where no diagnosis leads on, and the changes it takes back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

import modelenv
from modelenv.base.siblings import envfiles
from modelenv.edit.requirements import update_requirements
from modelenv.folder.model_folder import ModelFolder
from modelenv.repair.fix import fix

GRINDER = """
import os, shutil, subprocess, sys
def run(data):
    tool = shutil.which("grindbin", path=os.path.dirname(sys.executable))
    if tool is None:
        raise RuntimeError("grindbin is required to grind")
    return int(subprocess.run([tool, str(data)], capture_output=True, check=True).stdout)
"""
PLAIN = {"engine.py": "def run(data):\n    return data\n"}
ENGINE = """
try:
    import paint
except ImportError:
    paint = None
try:
    import turbo
except ImportError:
    turbo = None
def run(data):
    if turbo is None:
        raise RuntimeError("not fast enough")
    return data * turbo.BOOST
"""


def pin(folder: Path, *lines: str) -> None:
    """Give a folder these pins and no others, as by hand."""
    spec = ModelFolder.open(folder).environment
    entries = tuple(map(envfiles.Entry, lines))
    for name, text in envfiles.write_files(
        envfiles.EnvSpec(python=spec.python, requirements=entries)
    ).items():
        (folder / name).write_text(text)


def tried(mended: Any) -> list[tuple[str, str]]:
    return [(step.line, step.trial) for step in mended.steps]


@pytest.mark.skipif(sys.platform == "win32", reason="a program there is no script")
def test_the_distribution_that_has_the_program_is_what_is_meant(own: Any, save: Any) -> None:
    own.install("grinder", {"grinder.py": GRINDER})
    own.install("grinder-bin", {"../../../bin/grindbin": "#!/bin/sh\necho $1\n"})
    (own.root / "../../../bin/grindbin").chmod(0o755)
    own.install("engine", PLAIN)
    folder = save("engine")
    (folder / "code" / "own_model.py").write_text(
        "class Model:\n    def predict(self, data):\n        import grinder\n"
        "        return grinder.run(data)\n"
    )
    pin(folder, "grinder==1.0", "engine==1.0")
    mended = fix(folder)
    assert tried(mended)[0] == ("grinder-bin", "")
    assert mended.steps[0].diagnosis is not None
    assert mended.steps[0].diagnosis.rule == "missing-program"
    assert mended.changes == ("added grinder-bin==1.0",)


def test_a_distribution_is_not_installed_for_a_word_of_a_message(
    own: Any, save: Any, wheels: Any
) -> None:
    wheels.add("grindbin", "0.0.1")
    own.install("grinder", {"grinder.py": GRINDER})
    own.install("engine", PLAIN)
    folder = save("engine")
    (folder / "code" / "own_model.py").write_text(
        "class Model:\n    def predict(self, data):\n        import grinder\n"
        "        return grinder.run(data)\n"
    )
    pin(folder, "grinder==1.0", "engine==1.0")
    given_up = fix(folder, index=True)
    assert not given_up.good
    assert tried(given_up) == [("", "")]


def test_what_makes_no_difference_is_taken_back(own: Any, save: Any) -> None:
    own.install("engine", PLAIN)
    own.install("sandpaper", {"sandpaper.py": ""})
    folder = save("engine")
    (folder / "code" / "own_model.py").write_text(
        "class Model:\n    def predict(self, data):\n"
        "        raise RuntimeError('sandpaper is required to smooth')\n"
    )
    pin(folder, "engine==1.0")
    given_up = fix(folder)
    assert not given_up.good
    assert tried(given_up) == [("sandpaper", ""), ("", "")]
    assert given_up.steps[1].taken_back == ("sandpaper made no difference",)
    assert given_up.pins == ("engine==1.0",)
    assert "taken back: sandpaper made no difference" in str(given_up)


@pytest.fixture
def engine(own: Any, save: Any) -> Path:
    """Save a model whose library looks for two others, one of which the prediction needs."""
    own.install("engine", {"engine.py": ENGINE})
    own.install("turbo", {"turbo.py": "BOOST = 2\n"})
    own.install("paint")
    folder: Path = save("engine")
    return folder


def removed(folder: Path) -> Any:
    text = (folder / "MLmodel").read_text()
    return yaml.safe_load(text)["flavors"]["modelenv"].get("removed")


def test_what_an_edit_took_out_is_kept_in_mind_until_a_proof(engine: Path) -> None:
    update_requirements(engine, remove=["turbo", "paint"])
    assert removed(engine) == {"paint": "1.0", "turbo": "1.0"}
    update_requirements(engine, add=["paint"])
    assert removed(engine) == {"turbo": "1.0"}
    mended = fix(engine, write=True)
    assert mended.changes == ("added turbo==1.0",)
    assert tried(mended)[0] == ("turbo==1.0", "which an edit of the folder took out")
    assert removed(engine) is None
    assert modelenv.verify(engine).good


def test_what_was_taken_out_by_hand_is_known_by_the_trace(engine: Path) -> None:
    pin(engine, "engine==1.0")
    mended = fix(engine)
    assert mended.good, str(mended)
    assert tried(mended)[0] == ("paint, turbo", "which libraries looked for")
    assert mended.changes == ("added turbo==1.0",)
    assert mended.steps[-1].taken_back == ("paint made no difference in a replica",)


def test_what_was_left_out_is_tried(engine: Path) -> None:
    pin(engine, "engine==1.0")
    text = (engine / "MLmodel").read_text()
    (engine / "MLmodel").write_text(
        text.replace("left_out: {}", "left_out: {paint: 'engine.py:3', turbo: 'engine.py:7'}")
    )
    shown: list[str] = []
    mended = fix(engine, write=True, report=shown.append)
    assert mended.changes == ("added turbo==1.0",)
    assert tried(mended)[0][1] == "which was left out when the model was saved"
    assert "try: paint, turbo, which was left out when the model was saved" in shown[0]
    assert ModelFolder.open(engine).mlmodel.left_out == {"paint": "engine.py:3"}
    said = {each.name: each.comment for each in ModelFolder.open(engine).environment.requirements}
    assert said["turbo"] == "mended: needed by the prediction"


def test_what_it_tries_is_bounded(engine: Path) -> None:
    (engine / "code" / "own_model.py").write_text(
        "class Model:\n    def predict(self, data):\n        raise KeyError('petal')\n"
    )
    pin(engine, "engine==1.0")
    given_up = fix(engine)
    assert not given_up.good
    assert tried(given_up) == [("paint, turbo", "which libraries looked for"), ("", "")]
    assert len(fix(engine, steps=1).steps) == 2


def test_nothing_is_tried_where_no_requirement_mends_it(engine: Path) -> None:
    (engine / "code" / "own_model.py").write_text(
        "class Model:\n    def predict(self, data):\n        raise MemoryError\n"
    )
    pin(engine, "engine==1.0")
    assert tried(fix(engine)) == [("", "")]


def test_a_success_that_is_due_to_the_kind_of_environment_is_none(
    own: Any, save: Any, wheels: Any
) -> None:
    """What is not installed here takes an environment that is built, and that alone may help."""
    wheels.add("engine", "1.0")
    wheels.add("sprout", "1.0")
    own.install("engine", PLAIN)
    folder = save("engine")
    (folder / "code" / "own_model.py").write_text(
        "import sys\n\nclass Model:\n    def predict(self, data):\n"
        "        if 'modelenv-run-' in sys.prefix:\n"
        "            raise ImportError('please install sprout')\n"
        "        return data\n"
    )
    pin(folder, "engine==1.0")
    text = (folder / "MLmodel").read_text()
    (folder / "MLmodel").write_text(text.replace("left_out: {}", "left_out: {sprout: engine.py:1}"))
    given_up = fix(folder)
    assert not given_up.good
    assert [line for line, _ in tried(given_up)] == ["sprout", ""]
    assert given_up.steps[-1].taken_back[0].startswith("sprout made no difference in an environ")
    assert given_up.pins == ("engine==1.0",)
